// SPDX-License-Identifier: GPL-3.0-or-later
// Chapters, and their WebVTT files (https://www.w3.org/TR/webvtt1/ 1.4). Titles were typed by
// people, the questions' by the audience: they are one line, and cannot turn the direction of what
// stands beside them.
#include "archive/chapters.h"

#include "archive/files.h"
#include "base/clock.h"

#include <string.h>

#define FIRST_STRONG_ISOLATE "\u2068"
#define POP_ISOLATE "\u2069"

/* --- Titles ----------------------------------------------------------------------------------- */

/* Embeddings, overrides and isolates, which reach past the title where they are not closed. */
static bool turns_direction(gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* NULL where nothing can be seen. Full ownership. */
static char *clean_title(const char *title)
{
    if (title == NULL) {
        return NULL;
    }
    g_autofree char *valid = g_utf8_make_valid(title, -1);
    GString *clean = g_string_new(NULL);
    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool space = g_unichar_isspace(c) || g_unichar_iscntrl(c);
        if (!turns_direction(c)) {
            g_string_append_unichar(clean, space ? ' ' : c);
        }
    }
    char *text = g_strstrip(g_string_free(clean, FALSE));
    if (text[0] == '\0') {
        g_clear_pointer(&text, g_free);
    }
    return text;
}

char *archive_title_cut(const char *title, size_t max)
{
    g_autofree char *clean = clean_title(title);
    if (clean == NULL || strlen(clean) <= max) {
        return g_steal_pointer(&clean);
    }
    size_t length = 0;
    const size_t room = max - strlen("…");
    for (const char *at = clean; (size_t)(g_utf8_next_char(at) - clean) <= room;) {
        at = g_utf8_next_char(at);
        length = (size_t)(at - clean);
    }
    clean[length] = '\0';
    return g_strconcat(clean, "…", NULL);
}

/* --- Sections --------------------------------------------------------------------------------- */

static void free_section(void *data)
{
    ArchiveSection *section = data;
    g_free(section->title_ar);
    g_free(section->title_en);
    g_free(section);
}

static ArchiveSection *new_section(const ArchiveChapter *chapter, int64_t start_us)
{
    ArchiveSection *section = g_new0(ArchiveSection, 1);
    section->start_us = start_us;
    section->question = chapter->question;
    section->title_ar = clean_title(chapter->title_ar);
    section->title_en = clean_title(chapter->title_en);
    if (section->title_ar == NULL) {
        section->title_ar = g_strdup(section->title_en);
    }
    if (section->title_en == NULL) {
        section->title_en = g_strdup(section->title_ar);
    }
    return section;
}

/* Each title keeps its own direction. */
static void join_titles(char **title, const char *next)
{
    char *joined = g_strconcat(FIRST_STRONG_ISOLATE, *title, POP_ISOLATE " · " FIRST_STRONG_ISOLATE,
                               next, POP_ISOLATE, NULL);
    g_free(*title);
    *title = joined;
}

static void add_section(GPtrArray *sections, ArchiveSection *section)
{
    ArchiveSection *before =
        sections->len > 0 ? g_ptr_array_index(sections, sections->len - 1) : NULL;
    if (section->title_ar == NULL) {
        free_section(section);
    } else if (before != NULL && before->start_us == section->start_us) {
        join_titles(&before->title_ar, section->title_ar);
        join_titles(&before->title_en, section->title_en);
        free_section(section);
    } else {
        if (before != NULL) {
            before->end_us = section->start_us;
        }
        g_ptr_array_add(sections, section);
    }
}

static int compare_chapter(const void *a, const void *b, void *data)
{
    const ArchiveChapter *chapters = data;
    int64_t x = chapters[*(const unsigned *)a].media_us;
    int64_t y = chapters[*(const unsigned *)b].media_us;
    return x < y ? -1 : x > y;
}

GPtrArray *archive_sections_new(const ArchiveJob *job)
{
    unsigned count = job->what->chapter_count;
    const ArchiveChapter *chapters = job->what->chapters;
    g_autofree int64_t *media_us = g_new(int64_t, count);
    g_autofree int64_t *place_us = g_new(int64_t, count);
    g_autofree unsigned *order = g_new(unsigned, count);
    for (unsigned i = 0; i < count; i++) {
        media_us[i] = chapters[i].media_us;
        order[i] = i;
    }
    archive_place_chapters(job->places, media_us, count, place_us);
    g_qsort_with_data(order, (int)count, sizeof *order, compare_chapter, (void *)chapters);
    GPtrArray *sections = g_ptr_array_new_with_free_func(free_section);
    for (unsigned i = 0; i < count; i++) {
        if (place_us[order[i]] >= 0) {
            add_section(sections, new_section(&chapters[order[i]], place_us[order[i]]));
        }
    }
    if (sections->len > 0) {
        ArchiveSection *last = g_ptr_array_index(sections, sections->len - 1);
        last->end_us = job->places->total_us;
    }
    return sections;
}

/* --- WebVTT ----------------------------------------------------------------------------------- */

void archive_append_time(GString *out, int64_t at_us)
{
    int64_t ms = (at_us + BASE_US_PER_MS - 1) / BASE_US_PER_MS;
    g_string_append_printf(out, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60),
                           (int)(ms / 1000 % 60), (int)(ms % 1000));
}

void archive_append_cue_text(GString *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            g_string_append(out, "&amp;");
            break;
        case '<':
            g_string_append(out, "&lt;");
            break;
        case '>':
            g_string_append(out, "&gt;");
            break;
        case '\n':
        case '\r': // a blank line would end the cue, and what follows would be read as another
            g_string_append_c(out, ' ');
            break;
        default:
            g_string_append_c(out, *at);
        }
    }
}

static GString *chapters_text(const GPtrArray *sections, bool arabic)
{
    GString *out = g_string_new("WEBVTT\n");
    for (guint i = 0; i < sections->len; i++) {
        const ArchiveSection *section = g_ptr_array_index(sections, i);
        g_string_append_printf(out, "\n%s-%u\n", section->question ? "question" : "agenda", i + 1);
        archive_append_time(out, section->start_us);
        g_string_append(out, " --> ");
        archive_append_time(out, section->end_us);
        g_string_append_c(out, '\n');
        archive_append_cue_text(out, arabic ? section->title_ar : section->title_en);
        g_string_append_c(out, '\n');
    }
    return out;
}

bool archive_make_chapters(const ArchiveJob *job, GError **error)
{
    g_autofree char *folder = g_build_filename(job->folder, "chapters", NULL);
    int result = archive_make_folder(folder);
    if (result != 0) {
        return archive_set_errno(error, -result, "make the folder", folder);
    }
    g_autoptr(GPtrArray) sections = archive_sections_new(job);
    g_autoptr(GString) arabic = chapters_text(sections, true);
    g_autoptr(GString) english = chapters_text(sections, false);
    return archive_replace_file(folder, "ar.vtt", arabic, error) &&
           archive_replace_file(folder, "en.vtt", english, error);
}

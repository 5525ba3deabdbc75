// SPDX-License-Identifier: GPL-3.0-or-later
// Chapters and their WebVTT files (https://www.w3.org/TR/webvtt1/ 1.4).
#include "publish/chapters.h"

#include "archive/files.h"
#include "base/clock.h"
#include "base/text.h"

#include <string.h>

#define FIRST_STRONG_ISOLATE "\u2068"
#define POP_ISOLATE "\u2069"

/* --- Titles ----------------------------------------------------------------------------------- */

/* One line, or NULL if invisible. */
static char *clean_title(const char *title)
{
    g_autofree char *valid = g_utf8_make_valid(title != NULL ? title : "", -1);
    char *clean = base_text_clean(valid);
    if (clean[0] == '\0') {
        g_clear_pointer(&clean, g_free);
    }
    return clean;
}

char *publish_title_cut(const char *title, size_t max)
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
    PublishSection *section = data;
    g_free(section->title_ar);
    g_free(section->title_en);
    g_free(section);
}

static PublishSection *new_section(const PublishChapter *chapter, int64_t start_us)
{
    PublishSection *section = g_new0(PublishSection, 1);
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

/* Isolates each title's direction. */
static void join_titles(char **title, const char *next)
{
    char *joined = g_strconcat(FIRST_STRONG_ISOLATE, *title, POP_ISOLATE " · " FIRST_STRONG_ISOLATE,
                               next, POP_ISOLATE, NULL);
    g_free(*title);
    *title = joined;
}

static void add_section(GPtrArray *sections, PublishSection *section)
{
    PublishSection *before =
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
    const PublishChapter *chapters = data;
    int64_t x = chapters[*(const unsigned *)a].media_us;
    int64_t y = chapters[*(const unsigned *)b].media_us;
    return x < y ? -1 : x > y;
}

GPtrArray *publish_sections_new(const PublishJob *job)
{
    unsigned count = job->what->chapter_count;
    const PublishChapter *chapters = job->what->chapters;
    g_autofree int64_t *media_us = g_new(int64_t, count);
    g_autofree int64_t *place_us = g_new(int64_t, count);
    g_autofree unsigned *order = g_new(unsigned, count);
    for (unsigned i = 0; i < count; i++) {
        media_us[i] = chapters[i].media_us;
        order[i] = i;
    }
    archive_timemap_chapters(job->timemap, media_us, count, place_us);
    g_qsort_with_data(order, (int)count, sizeof *order, compare_chapter, (void *)chapters);
    GPtrArray *sections = g_ptr_array_new_with_free_func(free_section);
    for (unsigned i = 0; i < count; i++) {
        if (place_us[order[i]] >= 0) {
            add_section(sections, new_section(&chapters[order[i]], place_us[order[i]]));
        }
    }
    if (sections->len > 0) {
        PublishSection *last = g_ptr_array_index(sections, sections->len - 1);
        last->end_us = job->timemap->total_us;
    }
    return sections;
}

/* --- WebVTT ----------------------------------------------------------------------------------- */

void publish_append_time(GString *out, int64_t at_us)
{
    int64_t ms = (at_us + BASE_US_PER_MS - 1) / BASE_US_PER_MS;
    g_string_append_printf(out, "%02d:%02d:%02d.%03d", (int)(ms / 3600000), (int)(ms / 60000 % 60),
                           (int)(ms / 1000 % 60), (int)(ms % 1000));
}

void publish_append_cue_text(GString *out, const char *text)
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
        case '\r': // blank lines would end the cue
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
        const PublishSection *section = g_ptr_array_index(sections, i);
        g_string_append_printf(out, "\n%s-%u\n", section->question ? "question" : "agenda", i + 1);
        publish_append_time(out, section->start_us);
        g_string_append(out, " --> ");
        publish_append_time(out, section->end_us);
        g_string_append_c(out, '\n');
        publish_append_cue_text(out, arabic ? section->title_ar : section->title_en);
        g_string_append_c(out, '\n');
    }
    return out;
}

bool publish_make_chapters(const PublishJob *job, GError **error)
{
    g_autofree char *folder = g_build_filename(job->folder, "chapters", NULL);
    int result = archive_make_folder(folder);
    if (result != 0) {
        return archive_set_errno(error, -result, "make the folder", folder);
    }
    g_autoptr(GPtrArray) sections = publish_sections_new(job);
    g_autoptr(GString) arabic = chapters_text(sections, true);
    g_autoptr(GString) english = chapters_text(sections, false);
    return archive_replace_file(folder, "ar.vtt", arabic, error) &&
           archive_replace_file(folder, "en.vtt", english, error);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a session's chapters and maps them to the recording.
#include "recording/chapters.h"

#include <string.h>

static void chapter_free(void *data)
{
    RecordingChapter *chapter = data;
    store_chapter_free(chapter->row);
    g_free(chapter);
}

/* Takes `row`. */
static void add_chapter(GPtrArray *chapters, StoreChapter *row, bool question)
{
    RecordingChapter *chapter = g_new(RecordingChapter, 1);
    *chapter = (RecordingChapter){.row = row, .question = question, .at_us = -1};
    g_ptr_array_add(chapters, chapter);
}

/* The question's text serves both languages. */
static StoreChapter *chapter_of_question(const StoreQuestion *question)
{
    StoreChapter *row = g_new(StoreChapter, 1);
    *row = (StoreChapter){.id = g_strdup(question->id),
                          .session = g_strdup(question->session),
                          .title_ar = g_strdup(question->text),
                          .title_en = g_strdup(question->text),
                          .media_us = question->on_air_us,
                          .created_us = question->at_us};
    return row;
}

static gint by_moment(gconstpointer a, gconstpointer b)
{
    const RecordingChapter *one = *(RecordingChapter *const *)a,
                           *two = *(RecordingChapter *const *)b;
    int64_t apart_us = one->row->media_us - two->row->media_us;
    return apart_us < 0 ? -1 : apart_us > 0 ? 1 : strcmp(one->row->id, two->row->id);
}

GPtrArray *recording_chapters_read(StoreDb *db, const char *session, GError **error)
{
    g_autoptr(GPtrArray) rows = store_chapters_list(db, session, error);
    g_autoptr(GPtrArray) questions =
        rows != NULL ? store_questions_answered(db, session, error) : NULL;
    if (questions == NULL) {
        return NULL;
    }
    GPtrArray *chapters = g_ptr_array_new_with_free_func(chapter_free);
    while (rows->len > 0) {
        add_chapter(chapters, g_ptr_array_steal_index(rows, 0), false);
    }
    for (guint i = 0; i < questions->len; i++) {
        add_chapter(chapters, chapter_of_question(questions->pdata[i]), true);
    }
    g_ptr_array_sort(chapters, by_moment);
    return chapters;
}

void recording_chapters_place(GPtrArray *chapters, const ArchiveTimemap *timemap)
{
    g_autofree int64_t *media_us = g_new(int64_t, chapters->len);
    g_autofree int64_t *at_us = g_new(int64_t, chapters->len);
    for (guint i = 0; i < chapters->len; i++) {
        media_us[i] = ((RecordingChapter *)chapters->pdata[i])->row->media_us;
        at_us[i] = -1;
    }
    if (timemap != NULL) {
        archive_timemap_chapters(timemap, media_us, chapters->len, at_us);
    }
    for (guint i = 0; i < chapters->len; i++) {
        ((RecordingChapter *)chapters->pdata[i])->at_us = at_us[i];
    }
}

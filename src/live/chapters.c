// SPDX-License-Identifier: GPL-3.0-or-later
// A session's chapters; the programme and the recording's files follow them.
#include "base/log.h"
#include "live/private.h"

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

void live_tell_markers(LiveSession *session)
{
    if (session->programme == NULL) {
        return;
    }
    g_autoptr(GArray) markers = g_array_new(FALSE, FALSE, sizeof(HlsMarker));
    for (guint i = 0; i < session->chapters->len; i++) {
        const RecordingChapter *chapter = session->chapters->pdata[i];
        HlsMarker marker = {.id = chapter->row->id,
                            .class_ =
                                chapter->question ? "org.majlis.question" : "org.majlis.agenda",
                            .media_us = chapter->row->media_us,
                            .title_ar = text_or_null(chapter->row->title_ar),
                            .title_en = text_or_null(chapter->row->title_en)};
        g_array_append_val(markers, marker);
    }
    live_programme_set_markers(session->programme, (const HlsMarker *)markers->data, markers->len);
}

static void set_chapters(LiveSession *session, GPtrArray *chapters)
{
    g_ptr_array_unref(session->chapters);
    session->chapters = chapters;
    recording_chapters_place(chapters, session->timemap);
    live_tell_markers(session);
    live_rebuild(session);
    live_tell_changed(session);
}

typedef struct {
    Live *live;
    char *session;
    StoreChapter *write; // nullable
    enum { READ, INSERT, UPDATE, REMOVE } what;
    GPtrArray *chapters; // afterwards
    LiveDone done;       // nullable
    void *data;
} Change;

static bool write_chapter(StoreDb *db, const Change *change, GError **error)
{
    switch (change->what) {
    case READ:
        break;
    case INSERT:
        return store_chapter_insert(db, change->write, error);
    case UPDATE:
        return store_chapter_update(db, change->write, error);
    case REMOVE:
        return store_chapter_delete(db, change->write->id, error);
    }
    return true;
}

/* Store thread. */
static bool change_job(StoreDb *db, void *data, GError **error)
{
    Change *change = data;
    g_clear_pointer(&change->chapters, g_ptr_array_unref);
    if (!write_chapter(db, change, error)) {
        return false;
    }
    change->chapters = recording_chapters_read(db, change->session, error);
    return change->chapters != NULL;
}

static void on_changed(void *data, const GError *error)
{
    Change *change = data;
    LiveSession *session = live_find(change->live, change->session);
    if (error == NULL && session != NULL) {
        set_chapters(session, g_steal_pointer(&change->chapters));
    } else if (error != NULL && change->done == NULL) {
        base_log(G_LOG_LEVEL_WARNING, change->session,
                 "session %s: its chapters could not be read: %s", change->session, error->message);
    }
    if (change->done != NULL) {
        change->done(change->data, error);
    }
    g_clear_pointer(&change->chapters, g_ptr_array_unref);
    store_chapter_free(change->write);
    g_free(change->session);
    g_free(change);
}

static void submit(Live *live, const char *session, Change value)
{
    value.live = live;
    value.session = g_strdup(session);
    store_submit(live->store, change_job, on_changed, g_memdup2(&value, sizeof value));
}

void live_answered(Live *live, const char *id)
{
    if (live_find(live, id) != NULL) {
        submit(live, id, (Change){.what = READ});
    }
}

static const RecordingChapter *find(const Live *live, const char *id, const char *chapter)
{
    const LiveSession *session = live_find(live, id);
    for (guint i = 0; session != NULL && i < session->chapters->len; i++) {
        const RecordingChapter *one = session->chapters->pdata[i];
        if (g_strcmp0(one->row->id, chapter) == 0) {
            return one;
        }
    }
    return NULL;
}

const StoreChapter *live_chapter(const Live *live, const char *id, const char *chapter,
                                 bool *out_question)
{
    const RecordingChapter *found = find(live, id, chapter);
    if (found == NULL) {
        return NULL;
    }
    *out_question = found->question;
    return found->row;
}

int64_t live_chapter_at_us(const Live *live, const char *id, const char *chapter)
{
    const RecordingChapter *found = find(live, id, chapter);
    return found != NULL ? found->at_us : -1;
}

json_t *live_chapters(const Live *live, const char *id)
{
    json_t *items = json_array();
    const LiveSession *session = live_find(live, id);
    for (guint i = 0; session != NULL && i < session->chapters->len; i++) {
        const RecordingChapter *chapter = session->chapters->pdata[i];
        json_array_append_new(
            items, session_chapter_json(chapter->row, chapter->question, chapter->at_us));
    }
    return items;
}

static unsigned count_marked(const LiveSession *session)
{
    unsigned count = 0;
    for (guint i = 0; i < session->chapters->len; i++) {
        count += !((const RecordingChapter *)session->chapters->pdata[i])->question;
    }
    return count;
}

void live_save_chapter(Live *live, StoreChapter *chapter, LiveDone done, void *data)
{
    bool question;
    const LiveSession *session = live_find(live, chapter->session);
    bool known = live_chapter(live, chapter->session, chapter->id, &question) != NULL;
    if (session == NULL || live->stopping) {
        live_refuse(done, data, BASE_CODE_NO_SESSION, "There is no such session.");
        store_chapter_free(chapter);
    } else if (!known && count_marked(session) >= SESSION_MAX_CHAPTERS) {
        live_refuse(done, data, BASE_CODE_TOO_MANY_CHAPTERS,
                    "The session has as many chapters as one may have. Remove one first.");
        store_chapter_free(chapter);
    } else {
        submit(live, chapter->session,
               (Change){
                   .what = known ? UPDATE : INSERT, .write = chapter, .done = done, .data = data});
    }
}

void live_delete_chapter(Live *live, const StoreChapter *chapter, LiveDone done, void *data)
{
    submit(
        live, chapter->session,
        (Change){.what = REMOVE, .write = store_chapter_copy(chapter), .done = done, .data = data});
}

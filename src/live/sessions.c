// SPDX-License-Identifier: GPL-3.0-or-later
// Lists sessions and deletes them.
#include "live/private.h"

const char *live_directory(const Live *live)
{
    return live->config.archive_directory;
}

const StoreSession *live_session(const Live *live, const char *id)
{
    LiveSession *session = live_find(live, id);
    return session != NULL ? session->row : NULL;
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
    const StoreSession *one = *(StoreSession *const *)a, *two = *(StoreSession *const *)b;
    return one->starts_us < two->starts_us ? 1 : one->starts_us > two->starts_us ? -1 : 0;
}

GPtrArray *live_sessions(const Live *live)
{
    GPtrArray *rows = g_ptr_array_new();
    GHashTableIter iter;
    LiveSession *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        g_ptr_array_add(rows, session->row);
    }
    g_ptr_array_sort(rows, newest_first);
    return rows;
}

typedef struct {
    Live *live;
    char *id;
    LiveDone done;
    void *data;
} Delete;

static void on_files_removed(void *data, const GError *error)
{
    Delete *value = data;
    LiveSession *session = live_find(value->live, value->id);
    if (error != NULL || session == NULL) {
        value->done(value->data, error);
    } else if (live_busy(session)) {
        live_refuse_busy(value->done, value->data); // its files are gone; delete again
    } else {
        live_remove_row(session, value->done, value->data);
    }
    g_free(value->id);
    g_free(value);
}

/* A recording of a lobby goes first. */
static void remove_files(LiveSession *session, LiveDone done, void *data)
{
    Delete *value = g_new(Delete, 1);
    *value =
        (Delete){.live = session->live, .id = g_strdup(session->id), .done = done, .data = data};
    live_remove_files(session, on_files_removed, value);
}

void live_delete(Live *live, const char *id, LiveDone done, void *data)
{
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        live_refuse(done, data, BASE_CODE_NO_SESSION, "There is no such session.");
        return;
    }
    SessionState state = session->row->state;
    if (state != SESSION_SCHEDULED && state != SESSION_CANCELLED) {
        live_refuse(done, data, BASE_CODE_WAS_LIVE,
                    "Only a session that was never live can be deleted; cancel it first.");
    } else if (session->row->hold) {
        live_refuse(done, data, BASE_CODE_HELD,
                    "The session's recording is held. Take the hold off first.");
    } else if (live->stopping || !live_is_idle(session)) {
        live_refuse_busy(done, data);
    } else if (session->row->epoch_us != 0) {
        remove_files(session, done, data);
    } else {
        live_remove_row(session, done, data);
    }
}

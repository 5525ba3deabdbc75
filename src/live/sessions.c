// SPDX-License-Identifier: GPL-3.0-or-later
// Lists sessions and deletes them.
#include "live/private.h"

#include <string.h>

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
    return session_compare(two, one->starts_us, one->id);
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

/* The session stays busy until it is refused or gone. */
typedef struct {
    Live *live;
    char *id;
    LiveDone done;
    void *data;
} Delete;

static void delete_free(Delete *value)
{
    g_free(value->id);
    g_free(value);
}

static void give_up(LiveSession *session, const Delete *value, const GError *error)
{
    session->change = (LiveChange){0};
    value->done(value->data, error);
}

static void on_files_removed(void *data, const GError *error)
{
    Delete *value = data;
    LiveSession *session = live_find(value->live, value->id);
    if (error != NULL) {
        give_up(session, value, error);
    } else {
        live_remove_row(session, value->done, value->data);
    }
    delete_free(value);
}

static bool check_job(StoreDb *db, void *data, GError **error)
{
    const Delete *value = data;
    return store_session_may_go(db, value->id, error);
}

static void on_checked(void *data, const GError *error)
{
    Delete *value = data;
    LiveSession *session = live_find(value->live, value->id);
    g_autoptr(GError) stopping = NULL;
    if (error == NULL && value->live->stopping) {
        base_refuse(&stopping, BASE_CODE_BUSY, NULL, NULL, "The server is just stopping.");
        error = stopping;
    }
    if (error != NULL) {
        give_up(session, value, error);
        delete_free(value);
    } else {
        live_remove_files(session, on_files_removed, value);
    }
}

/* A recording of a lobby goes before the row, and nothing before the store allows it. */
static void begin_delete(LiveSession *session, LiveDone done, void *data)
{
    Delete *value = g_new(Delete, 1);
    *value =
        (Delete){.live = session->live, .id = g_strdup(session->id), .done = done, .data = data};
    session->change = (LiveChange){.kind = LIVE_CHANGE_ROW};
    store_submit(session->live->store, check_job, on_checked, value);
}

/* A cancelled session's lobby is being closed, which takes a moment. */
static bool is_closing(const LiveSession *session)
{
    return session->row->state == SESSION_CANCELLED && !live_busy(session) &&
           (session->activity == LIVE_SETTLING || session->activity == LIVE_BUILDING);
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
    } else if (!live->stopping && is_closing(session) && session->delete_done == NULL) {
        session->delete_done = done;
        session->delete_data = data;
    } else if (live->stopping || !live_is_idle(session)) {
        live_refuse_busy(done, data);
    } else if (session->row->epoch_us != 0) {
        begin_delete(session, done, data);
    } else {
        live_remove_row(session, done, data);
    }
}

void live_delete_closed(LiveSession *session)
{
    LiveDone done = session->delete_done;
    if (done != NULL) {
        session->delete_done = NULL;
        live_delete(session->live, session->id, done, session->delete_data);
    }
}

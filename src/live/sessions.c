// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/private.h"

LiveSession *live_find(const Live *live, const char *id)
{
    return g_hash_table_lookup(live->sessions, id);
}

SessionState live_state_of(const LiveSession *session)
{
    SessionState state = SESSION_SCHEDULED;
    bool known = session_state_parse(session->row->state, &state);
    g_assert(known); // the table's own check
    return state;
}

void live_set_row(LiveSession *session, StoreSession *row)
{
    Live *live = session->live;
    g_clear_pointer(&session->row, store_session_free);
    session->row = row;
    SessionState state = live_state_of(session);
    pthread_mutex_lock(&live->mutex);
    session->open = g_strcmp0(row->access, "open") == 0;
    session->published = state == SESSION_PUBLISHED;
    session->ended = state == SESSION_ENDED || state == SESSION_PUBLISHED;
    g_free(session->gone);
    session->gone = session_deleted_text(row);
    pthread_mutex_unlock(&live->mutex);
}

void live_session_free(void *data)
{
    LiveSession *session = data;
    g_assert(session->programme == NULL && session->settle_timer == 0);
    g_clear_handle_id(&session->remake_timer, g_source_remove);
    g_free(session->id);
    store_session_free(session->row);
    g_clear_pointer(&session->hls, hls_snapshot_unref);
    live_recording_clear(&session->recording);
    g_ptr_array_unref(session->chapters);
    archive_places_free(session->places);
    g_free(session->made);
    g_free(session->gone);
    g_free(session->trouble);
    g_free(session);
}

/* A source that ends by itself. */
static bool ends_by_itself(const char *source)
{
    return g_str_has_suffix(source, "?loop=0");
}

LiveSession *live_add(Live *live, StoreSession *row, GPtrArray *chapters)
{
    LiveSession *session = g_new0(LiveSession, 1);
    session->live = live;
    session->id = g_strdup(row->id);
    session->recording = (LiveRecording)LIVE_RECORDING_INIT;
    session->made = g_strdup(row->made);
    session->chapters = chapters;
    session->follow = row->demo && ends_by_itself(row->source != NULL ? row->source : live->source);
    pthread_mutex_lock(&live->mutex);
    g_hash_table_insert(live->sessions, session->id, session);
    pthread_mutex_unlock(&live->mutex);
    live_set_row(session, row);
    return session;
}

void live_tell_changed(LiveSession *session)
{
    Live *live = session->live;
    if (!live->stopping) {
        live->events.changed(live->events.data, session->id);
    }
}

bool live_view(Live *live, const char *id, LiveView *out)
{
    pthread_mutex_lock(&live->mutex);
    LiveSession *session = live_find(live, id);
    if (session != NULL) {
        *out = (LiveView){.open = session->open,
                          .published = session->published,
                          .ended = session->ended,
                          .hls = session->hls != NULL ? hls_snapshot_ref(session->hls) : NULL};
    }
    pthread_mutex_unlock(&live->mutex);
    return session != NULL;
}

const char *live_directory(const Live *live)
{
    return live->archive_directory;
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
    StoreSession *row;
    bool insert, remove;
    LiveDone done;
    void *data;
} Save;

static bool save_job(StoreDb *db, void *data, GError **error)
{
    Save *save = data;
    if (save->remove) {
        return store_session_delete(db, save->row->id, error);
    }
    return save->insert ? store_session_insert(db, save->row, error)
                        : store_session_update(db, save->row, error);
}

static void on_saved(void *data, const GError *error)
{
    Save *save = data;
    LiveSession *session = live_find(save->live, save->row->id);
    if (session != NULL) {
        session->saving = false;
    }
    if (error == NULL && save->remove) {
        pthread_mutex_lock(&save->live->mutex);
        g_hash_table_remove(save->live->sessions, save->row->id);
        pthread_mutex_unlock(&save->live->mutex);
        store_session_free(save->row);
    } else if (error == NULL) {
        if (session == NULL) {
            session = live_add(save->live, save->row, g_ptr_array_new());
        } else {
            live_set_row(session, save->row);
            live_remake(session); // perhaps with another title
        }
        live_tell_changed(session);
    } else {
        store_session_free(save->row);
    }
    save->done(save->data, error);
    g_free(save);
}

static void submit(Live *live, Save value)
{
    LiveSession *session = live_find(live, value.row->id);
    if (session != NULL) {
        session->saving = true;
    }
    value.live = live;
    store_submit(live->store, save_job, on_saved, g_memdup2(&value, sizeof value));
}

void live_refuse(LiveDone done, void *data, BaseError code, const char *text)
{
    g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, (int)code, text);
    if (done != NULL) {
        done(data, error);
    }
}

bool live_busy(const LiveSession *session)
{
    return session->change != NULL || session->starting || session->saving;
}

static void refuse_busy(LiveDone done, void *data)
{
    live_refuse(done, data, BASE_ERROR_CONFLICT,
                "The session is just being changed. Try again in a moment.");
}

void live_save(Live *live, StoreSession *row, LiveDone done, void *data)
{
    LiveSession *session = live_find(live, row->id);
    if (live->stopping || (session != NULL && live_busy(session))) {
        store_session_free(row);
        refuse_busy(done, data);
        return;
    }
    submit(live, (Save){.row = row, .insert = session == NULL, .done = done, .data = data});
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
    } else {
        submit(value->live, (Save){.row = store_session_copy(session->row),
                                   .remove = true,
                                   .done = value->done,
                                   .data = value->data});
    }
    g_free(value->id);
    g_free(value);
}

/* What was recorded in a lobby goes first: without its session nobody would find it. */
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
        live_refuse(done, data, BASE_ERROR_NOT_FOUND, "There is no such session.");
        return;
    }
    SessionState state = live_state_of(session);
    bool held = live_busy(session) || session->programme != NULL || session->settle_timer != 0 ||
                session->finishing;
    if (state != SESSION_SCHEDULED && state != SESSION_CANCELLED) {
        live_refuse(done, data, BASE_ERROR_CONFLICT,
                    "Only a session that was never live can be deleted; cancel it first.");
    } else if (session->row->hold) {
        live_refuse(done, data, BASE_ERROR_CONFLICT,
                    "The session's recording is held. Take the hold off first.");
    } else if (live->stopping || held) {
        refuse_busy(done, data);
    } else if (session->row->epoch_us != 0) {
        remove_files(session, done, data);
    } else {
        submit(live, (Save){.row = store_session_copy(session->row),
                            .remove = true,
                            .done = done,
                            .data = data});
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Adds, saves and removes sessions.
#include "live/private.h"

static bool ends_by_itself(const char *source)
{
    return g_str_has_suffix(source, "?loop=0");
}

LiveSession *live_add(Live *live, StoreSession *row, GPtrArray *chapters)
{
    LiveSession *session = g_new0(LiveSession, 1);
    session->live = live;
    session->id = g_strdup(row->id);
    session->place =
        archive_place_new(live->config.archive_directory, live->config.archive_second_directory,
                          row->id, (uint64_t)live->config.archive_minimum_free);
    session->recording = (RecordingStatus)RECORDING_STATUS_INIT;
    session->inputs_hash = g_strdup(row->inputs_hash);
    session->caption = g_strdup(row->caption);
    session->chapters = chapters;
    session->slides = live_slides_new(row->id);
    session->follow =
        row->demo && ends_by_itself(row->source != NULL ? row->source : live->config.source);
    pthread_mutex_lock(&live->mutex);
    g_hash_table_insert(live->sessions, session->id, session);
    pthread_mutex_unlock(&live->mutex);
    live_set_row(session, row);
    return session;
}

typedef struct {
    Live *live;
    char *id;
    StoreSession *row;
    bool insert, remove;
    bool numbers; // it takes the next number of its series
    LiveDone done;
    void *data;
} Save;

static bool save_job(StoreDb *db, void *data, GError **error)
{
    Save *save = data;
    if (save->numbers &&
        !store_session_next_number(db, save->row->series, &save->row->number, error)) {
        return false;
    }
    if (save->remove) {
        return store_session_delete(db, save->row->id, error);
    }
    return save->insert ? store_session_insert(db, save->row, error)
                        : store_session_update(db, save->row, error);
}

static void on_saved(void *data, const GError *error)
{
    Save *save = data;
    LiveSession *session = live_find(save->live, save->id);
    LiveChange change = {0};
    if (session != NULL) {
        change = session->change;
        session->change = (LiveChange){0};
    }
    if (error == NULL && save->remove) {
        pthread_mutex_lock(&save->live->mutex);
        g_hash_table_remove(save->live->sessions, save->row->id);
        pthread_mutex_unlock(&save->live->mutex);
        save->live->events.changed(save->live->events.data, save->id);
        store_session_free(save->row);
    } else if (error == NULL) {
        if (session == NULL) {
            session = live_add(save->live, save->row, g_ptr_array_new());
        } else {
            live_set_row(session, save->row);
            live_rebuild(session);
            live_follow_caption(session);
            if (session->programme != NULL) {
                g_autofree char *source = live_source(session);
                live_programme_set_source(session->programme, source);
            }
        }
        live_tell_changed(session);
    } else {
        store_session_free(save->row);
    }
    save->done(save->data, error);
    if (change.marked && (session = live_find(save->live, save->id)) != NULL) {
        live_on_marked(session, change.mark, change.mark_us);
    }
    g_free(save->id);
    g_free(save);
}

static void submit(Live *live, Save value)
{
    LiveSession *session = live_find(live, value.row->id);
    if (session != NULL) {
        session->change = (LiveChange){.kind = LIVE_CHANGE_ROW};
    }
    value.live = live;
    value.id = g_strdup(value.row->id);
    store_submit(live->store, save_job, on_saved, g_memdup2(&value, sizeof value));
}

void live_save(Live *live, StoreSession *row, LiveDone done, void *data)
{
    LiveSession *session = live_find(live, row->id);
    if (live->stopping || (session != NULL && live_busy(session))) {
        store_session_free(row);
        live_refuse_busy(done, data);
        return;
    }
    submit(live, (Save){.row = row,
                        .insert = session == NULL,
                        .numbers = row->number == STORE_NUMBER_NEXT,
                        .done = done,
                        .data = data});
}

void live_remove_row(LiveSession *session, LiveDone done, void *data)
{
    submit(session->live, (Save){.row = store_session_copy(session->row),
                                 .remove = true,
                                 .done = done,
                                 .data = data});
}

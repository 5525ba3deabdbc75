// SPDX-License-Identifier: GPL-3.0-or-later
// Changes of state: judged, carried out by the media, committed, told.
#include "base/clock.h"
#include "live/private.h"

#define SETTLE_MS 300 // after the end: what the encoders still hold from before it

void live_finish_change(LiveSession *session, const GError *error)
{
    LiveChange *change = g_steal_pointer(&session->change);
    if (change->done != NULL) {
        change->done(change->data, error);
    }
    g_free(change);
}

typedef struct {
    LiveSession *session;
    StoreSession *row;
} Commit;

static bool commit_job(StoreDb *db, void *data, GError **error)
{
    Commit *commit = data;
    return store_session_update(db, commit->row, error);
}

static gboolean on_settled(gpointer data)
{
    LiveSession *session = data;
    session->settle_timer = 0;
    live_start_finish(session);
    return G_SOURCE_REMOVE;
}

static void after_change(LiveSession *session, SessionState state)
{
    if ((state == SESSION_ENDED || state == SESSION_CANCELLED) && !session->live->stopping) {
        session->settle_timer = g_timeout_add(SETTLE_MS, on_settled, session);
    }
}

/* The media has changed already, so memory follows it whatever the store says; what could not be
 * saved is tried again by the tick, and the caller hears of it. */
static void on_committed(void *data, const GError *error)
{
    Commit *commit = data;
    LiveSession *session = commit->session;
    SessionState state = session->change->to;
    live_set_row(session, commit->row);
    g_free(commit);
    g_autoptr(GError) unsaved = NULL;
    if (error != NULL) {
        session->unsaved_us = base_clock_us();
        unsaved = g_error_new(BASE_ERROR, error->code,
                              "The session is now %s, but this could not be saved yet (%s). It is "
                              "tried again by itself.",
                              session->row->state, error->message);
        g_warning("session %s: %s", session->id, unsaved->message);
    }
    g_info("session %s is %s", session->id, session->row->state);
    live_tell_changed(session);
    live_finish_change(session, unsaved);
    after_change(session, state);
    if (session->late) {
        session->late = false;
        live_on_marked(session, session->late_mark, 0);
    }
}

static void on_resaved(void *data, const GError *error)
{
    Commit *value = data;
    if (error == NULL && value->session->unsaved_us != 0) {
        g_message("session %s: its state is saved now", value->row->id);
        value->session->unsaved_us = 0;
    }
    store_session_free(value->row);
    g_free(value);
}

void live_save_again(LiveSession *session)
{
    Commit *value = g_new(Commit, 1);
    *value = (Commit){.session = session, .row = store_session_copy(session->row)};
    store_submit(session->live->store, commit_job, on_resaved, value);
}

void live_commit(LiveSession *session)
{
    if (session->change->committing) {
        return; // the mark was told twice
    }
    session->change->committing = true;
    StoreSession *row = store_session_copy(session->row);
    bool moved = session_move(row, session->change->to, base_wall_us(), NULL);
    g_assert(moved); // judged before the change began, and one change at a time
    Commit *value = g_new(Commit, 1);
    *value = (Commit){.session = session, .row = row};
    store_submit(session->live->store, commit_job, on_committed, value);
}

void live_on_marked(void *data, MediaMark mark, int64_t pts_us)
{
    (void)pts_us;
    LiveSession *session = data;
    static const SessionState reached[] = {[MEDIA_MARK_OPEN] = SESSION_LIVE,
                                           [MEDIA_MARK_CLOSE] = SESSION_PAUSED,
                                           [MEDIA_MARK_END] = SESSION_ENDED};
    LiveChange *change = session->change;
    if (change != NULL && change->to != reached[mark]) {
        if (change->committing || mark != MEDIA_MARK_END) {
            bool over = session->late && session->late_mark == MEDIA_MARK_END;
            session->late_mark = over ? MEDIA_MARK_END : mark; // seen to when this change is done
            session->late = true;
            return;
        }
        // the source ended the session: what was asked for cannot come any more
        g_autoptr(GError) over = g_error_new(BASE_ERROR, BASE_ERROR_CONFLICT,
                                             "The session has just ended with its source.");
        live_finish_change(session, over);
    }
    if (session->change == NULL && session_can(live_state_of(session), reached[mark])) {
        session->change = g_new0(LiveChange, 1); // the source opened or ended the session
        session->change->to = reached[mark];
    }
    if (session->change != NULL && session->change->to == reached[mark]) {
        live_commit(session);
    }
}

static unsigned count_on(const Live *live)
{
    unsigned on = 0;
    GHashTableIter iter;
    LiveSession *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        on += session->programme != NULL || session->starting;
    }
    return on;
}

/* What the media must do before the change may be written down. */
void live_carry_out(LiveSession *session)
{
    SessionState to = session->change->to;
    if (session_is_running(to) && session->programme == NULL) {
        live_start_programme(session);
    } else if (to == SESSION_LIVE) {
        live_programme_mark(session->programme, MEDIA_MARK_OPEN);
    } else if (to == SESSION_PAUSED) {
        live_programme_mark(session->programme, MEDIA_MARK_CLOSE);
    } else if (to == SESSION_ENDED && session->programme != NULL) {
        live_programme_mark(session->programme, MEDIA_MARK_END);
    } else {
        live_commit(session);
    }
}

void live_set_state(Live *live, const char *id, SessionState to, LiveDone done, void *data)
{
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        live_refuse(done, data, BASE_ERROR_NOT_FOUND, "There is no such session.");
        return;
    }
    SessionState from = live_state_of(session);
    bool on = to == SESSION_LOBBY;
    if (!session_can(from, to)) {
        g_autofree char *text = g_strdup_printf("A session that is %s cannot become %s.",
                                                session_state_name(from), session_state_name(to));
        live_refuse(done, data, BASE_ERROR_CONFLICT, text);
    } else if (live->stopping || live_busy(session)) {
        live_refuse(done, data, BASE_ERROR_CONFLICT,
                    "The session is just changing its state. Try again in a moment.");
    } else if (on && session->programme == NULL && count_on(live) >= LIVE_MAX_SESSIONS_ON) {
        live_refuse(done, data, BASE_ERROR_LIMIT,
                    "As many sessions are on as this server runs at once. End one of them first.");
    } else {
        session->change = g_new0(LiveChange, 1);
        *session->change = (LiveChange){.to = to, .done = done, .data = data};
        live_carry_out(session);
    }
}

typedef struct {
    Live *live;
    char *id;
    LiveDone done;
    void *data;
} Demo;

static void on_demo_lobby(void *data, const GError *error)
{
    Demo *demo = data;
    if (error != NULL || live_find(demo->live, demo->id)->follow) {
        demo->done(demo->data, error); // a finite source opens the session itself
    } else {
        live_set_state(demo->live, demo->id, SESSION_LIVE, demo->done, demo->data);
    }
    g_free(demo->id);
    g_free(demo);
}

void live_start_demo(Live *live, const char *id, LiveDone done, void *data)
{
    Demo *demo = g_new(Demo, 1);
    *demo = (Demo){.live = live, .id = g_strdup(id), .done = done, .data = data};
    live_set_state(live, id, SESSION_LOBBY, on_demo_lobby, demo);
}

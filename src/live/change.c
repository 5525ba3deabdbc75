// SPDX-License-Identifier: GPL-3.0-or-later
// Judges and begins changes of state.
#include "live/private.h"

static unsigned count_on(const Live *live)
{
    unsigned on = 0;
    GHashTableIter iter;
    LiveSession *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        on += session->programme != NULL || session->activity == LIVE_STARTING;
    }
    return on;
}

static void carry_out(LiveSession *session)
{
    if (session_is_running(session->change.to) && session->programme == NULL) {
        live_start_programme(session);
    } else {
        live_request_mark(session);
    }
}

static bool media_can_follow(const LiveSession *session, SessionState to)
{
    if (session_is_running(to)) {
        return session->programme != NULL || live_can_step(session, LIVE_EVENT_START);
    }
    bool over = to == SESSION_ENDED || to == SESSION_CANCELLED;
    return !over || session->row->state == SESSION_PUBLISHED ||
           live_can_step(session, LIVE_EVENT_END);
}

void live_set_state(Live *live, const char *id, SessionState to, LiveDone done, void *data)
{
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        live_refuse(done, data, BASE_CODE_NO_SESSION, "There is no such session.");
        return;
    }
    SessionState from = session->row->state;
    bool on = to == SESSION_LOBBY;
    if (!session_can(from, to)) {
        g_autoptr(GError) error = NULL;
        g_autoptr(StoreSession) row = store_session_copy(session->row);
        session_move(row, to, 0, 0, &error);
        if (done != NULL) {
            done(data, error);
        }
    } else if (live->stopping || live_busy(session) || !media_can_follow(session, to)) {
        live_refuse(done, data, BASE_CODE_BUSY,
                    "The session is just changing its state. Try again in a moment.");
    } else if (on && session->programme == NULL && count_on(live) >= LIVE_MAX_SESSIONS_ON) {
        live_refuse(done, data, BASE_CODE_TOO_MANY_SESSIONS,
                    "As many sessions are on as this server runs at once. End one of them first.");
    } else {
        live_begin_change(session, to);
        session->change.done = done;
        session->change.data = data;
        carry_out(session);
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
        demo->done(demo->data, error); // a finite source opens the session
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

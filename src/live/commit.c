// SPDX-License-Identifier: GPL-3.0-or-later
// Carries out a change of state: its mark, its commit, its end.
#include "base/clock.h"
#include "base/log.h"
#include "live/private.h"

#define RETRY_SAVE_US (2 * BASE_US_PER_S)
#define SETTLE_MS 300 // for the encoders

bool live_is_changing_to(const LiveSession *session, SessionState to)
{
    return session->change.kind == LIVE_CHANGE_STATE && session->change.to == to;
}

void live_begin_change(LiveSession *session, SessionState to)
{
    session->change = (LiveChange){.kind = LIVE_CHANGE_STATE, .to = to};
}

void live_finish_change(LiveSession *session, const GError *error)
{
    LiveChange change = session->change;
    session->change = (LiveChange){0};
    if (change.done != NULL) {
        change.done(change.data, error);
    }
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

/* A session that never opened has nothing to close. */
static void after_change(LiveSession *session, SessionState from, SessionState to)
{
    bool over = from != SESSION_PUBLISHED && (to == SESSION_ENDED || to == SESSION_CANCELLED);
    if (over && session->row->epoch_us != 0 && !session->live->stopping &&
        live_step(session, LIVE_EVENT_END)) {
        live_build_in(session, SETTLE_MS);
    }
}

/* Memory follows the media despite a failed store; the tick retries. */
static void on_committed(void *data, const GError *error)
{
    Commit *commit = data;
    LiveSession *session = commit->session;
    LiveChange change = session->change;
    SessionState from = session->row->state;
    live_set_row(session, commit->row);
    live_follow_caption(session);
    g_free(commit);
    g_autoptr(GError) unsaved = NULL;
    if (error != NULL) {
        session->unsaved_us = base_clock_us();
        unsaved = g_error_new(BASE_ERROR, error->code,
                              "The session is now %s, but this could not be saved yet (%s). It is "
                              "tried again by itself.",
                              store_state_name(session->row->state), error->message);
        base_log(G_LOG_LEVEL_WARNING, session->id, "session %s: %s", session->id, unsaved->message);
    }
    base_log(G_LOG_LEVEL_INFO, session->id, "session %s is %s", session->id,
             store_state_name(session->row->state));
    live_tell_changed(session);
    live_finish_change(session, unsaved);
    after_change(session, from, change.to);
    if (change.marked) {
        live_on_marked(session, change.mark, change.mark_us);
    }
}

static void on_resaved(void *data, const GError *error)
{
    Commit *value = data;
    if (error == NULL && value->session->unsaved_us != 0) {
        base_log(G_LOG_LEVEL_MESSAGE, value->row->id, "session %s: its state is saved now",
                 value->row->id);
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

void live_change_tick(LiveSession *session, int64_t clock_us)
{
    // a retry would overwrite the new row with the old one
    if (session->unsaved_us != 0 && clock_us - session->unsaved_us > RETRY_SAVE_US &&
        !live_busy(session)) {
        session->unsaved_us = clock_us;
        live_save_again(session);
    }
}

/* On the timeline: the wall clock may have leapt since the epoch. */
static int64_t media_time(const LiveSession *session)
{
    BaseNow now = base_now();
    int64_t media_us = session->change.media_us;
    return media_us > 0 ? media_us
                        : MAX(session_now_us(session->row, &now) - session->row->epoch_us, 0);
}

void live_commit(LiveSession *session)
{
    if (session->change.committing) {
        return; // a second report of the mark
    }
    session->change.committing = true;
    StoreSession *row = store_session_copy(session->row);
    bool moved = session_move(row, session->change.to, base_wall_us(), media_time(session), NULL);
    g_assert(moved); // checked before the change began
    Commit *value = g_new(Commit, 1);
    *value = (Commit){.session = session, .row = row};
    store_submit(session->live->store, commit_job, on_committed, value);
}

void live_on_marked(void *data, MediaMark mark, int64_t pts_us)
{
    LiveSession *session = data;
    static const SessionState reached[] = {[MEDIA_MARK_OPEN] = SESSION_LIVE,
                                           [MEDIA_MARK_CLOSE] = SESSION_PAUSED,
                                           [MEDIA_MARK_END] = SESSION_ENDED};
    LiveChange *change = &session->change;
    if (change->kind != LIVE_CHANGE_NONE && !live_is_changing_to(session, reached[mark])) {
        if (change->kind == LIVE_CHANGE_ROW || change->committing || mark != MEDIA_MARK_END) {
            bool over = change->marked && change->mark == MEDIA_MARK_END;
            change->mark = over ? MEDIA_MARK_END : mark;
            change->mark_us = over ? change->mark_us : pts_us;
            change->marked = true;
            return;
        }
        // ended by its source: the requested mark cannot come
        g_autoptr(GError) over = NULL;
        base_refuse(&over, BASE_CODE_SOURCE_ENDED, NULL, NULL,
                    "The session has just ended with its source.");
        live_finish_change(session, over);
    }
    SessionState state = session->row->state;
    if (change->kind == LIVE_CHANGE_NONE && session_is_running(state) &&
        session_can(state, reached[mark])) {
        live_begin_change(session, reached[mark]); // by the source
    }
    if (live_is_changing_to(session, reached[mark])) {
        change->media_us = change->committing ? change->media_us : pts_us;
        live_commit(session);
    }
}

void live_request_mark(LiveSession *session)
{
    SessionState to = session->change.to;
    if (to == SESSION_LIVE) {
        live_programme_mark(session->programme, MEDIA_MARK_OPEN);
    } else if (to == SESSION_PAUSED) {
        live_programme_mark(session->programme, MEDIA_MARK_CLOSE);
    } else if (to == SESSION_ENDED && session_is_running(session->row->state) &&
               session->programme != NULL) {
        live_programme_mark(session->programme, MEDIA_MARK_END);
    } else {
        live_commit(session);
    }
}

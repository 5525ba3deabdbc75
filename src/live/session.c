// SPDX-License-Identifier: GPL-3.0-or-later
// One session: finding it, its state machine, refusals.
#include "base/log.h"
#include "live/private.h"

#include <malloc.h>

LiveSession *live_find(const Live *live, const char *id)
{
    return g_hash_table_lookup(live->sessions, id);
}

void live_session_free(void *data)
{
    LiveSession *session = data;
    g_assert(session->programme == NULL);
    g_clear_handle_id(&session->build_timer, g_source_remove);
    g_free(session->id);
    archive_place_unref(session->place);
    store_session_free(session->row);
    g_clear_pointer(&session->hls, hls_snapshot_unref);
    recording_status_clear(&session->recording);
    g_ptr_array_unref(session->chapters);
    archive_timemap_free(session->timemap);
    g_free(session->inputs_hash);
    store_slides_free(session->slides);
    g_free(session->caption);
    g_free(session->gone);
    g_free(session->trouble);
    g_free(session);
}

static void trim_job(void *data)
{
    (void)data;
    malloc_trim(0);
}

void live_trim(Live *live)
{
    if (!live->stopping) {
        recording_workers_run(live->workers, trim_job, NULL);
    }
}

void live_tell_changed(LiveSession *session)
{
    Live *live = session->live;
    if (!live->stopping) {
        live->events.changed(live->events.data, session->id);
    }
}

bool live_can_step(const LiveSession *session, LiveEvent event)
{
    LiveActivity next;
    return live_activity_next(session->activity, event, &next);
}

bool live_step(LiveSession *session, LiveEvent event)
{
    LiveActivity from = session->activity;
    if (!live_activity_next(from, event, &session->activity)) {
        return false;
    }
    base_log(G_LOG_LEVEL_DEBUG, session->id, "session %s: %s, now %s", session->id,
             live_activity_name(from), live_activity_name(session->activity));
    if (session->activity != LIVE_SETTLING && session->activity != LIVE_IDLE) {
        g_clear_handle_id(&session->build_timer, g_source_remove); // no build beside it
    }
    return true;
}

bool live_busy(const LiveSession *session)
{
    return session->change.kind != LIVE_CHANGE_NONE || session->activity == LIVE_STARTING;
}

bool live_is_idle(const LiveSession *session)
{
    return !live_busy(session) && session->activity == LIVE_IDLE;
}

bool live_start_failed(const LiveSession *session)
{
    return session->failed_us != 0 && session_is_running(session->row->state);
}

void live_refuse(LiveDone done, void *data, BaseCode code, const char *text)
{
    g_autoptr(GError) error = NULL;
    base_refuse(&error, code, NULL, NULL, "%s", text);
    if (done != NULL) {
        done(data, error);
    }
}

void live_refuse_busy(LiveDone done, void *data)
{
    live_refuse(done, data, BASE_CODE_BUSY,
                "The session is just being changed. Try again in a moment.");
}

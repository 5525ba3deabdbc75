// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings after their end. A deletion is committed before the first file goes, and repeated
// until all are gone.
#include "base/clock.h"
#include "base/log.h"
#include "live/private.h"
#include "recording/edit.h"

#define SWEEP_US (3600 * BASE_US_PER_S)

/* True: refused. */
static bool refuse_working(const LiveSession *session, LiveDone done, void *data)
{
    if (live_busy(session) || session->live->stopping) {
        live_refuse(done, data, BASE_CODE_BUSY,
                    "The session is just being changed. Try again in a moment.");
    } else if (session->activity != LIVE_IDLE) {
        live_refuse(done, data, BASE_CODE_FILES_BEING_MADE,
                    "The recording's files are being made. Try again when they are ready.");
    } else {
        return false;
    }
    return true;
}

static LiveSession *find_there(Live *live, const char *id, LiveDone done, void *data)
{
    g_autoptr(GError) error = NULL;
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        live_refuse(done, data, BASE_CODE_NO_SESSION, "There is no such session.");
    } else if (!session_recording_is_there(session->row, &error)) {
        done(data, error);
        session = NULL;
    }
    return session;
}

static void forget_files(LiveSession *session, bool any)
{
    recording_status_clear(&session->recording);
    session->recording = (RecordingStatus){.any = any,
                                           .duration_ms = -1,
                                           .in_us = session->recording.in_us,
                                           .out_us = session->recording.out_us};
    g_clear_pointer(&session->timemap, archive_timemap_free);
    recording_chapters_place(session->chapters, NULL);
}

/* Ends and hold */

typedef struct {
    LiveSession *session;
    ArchivePlace *place;
    SessionRecording want;
    char *by, *why; // nullable: of a change of the hold
    GError *error;
    LiveDone done;
    void *data;
} Trim;

static void save_hold(LiveSession *session, bool hold, const char *by, const char *why,
                      LiveDone done, void *data)
{
    if (session->row->hold == hold) {
        done(data, NULL);
        return;
    }
    StoreSession *row = store_session_copy(session->row);
    session_note_hold(row, hold, by, why, base_wall_us());
    live_save(session->live, row, done, data);
}

static void on_trimmed(void *data)
{
    Trim *trim = data;
    LiveSession *session = trim->session;
    live_step(session, LIVE_EVENT_DONE);
    if (trim->error != NULL) {
        trim->done(trim->data, trim->error);
        // it may be unpublished
        if (g_error_matches(trim->error, BASE_ERROR, BASE_ERROR_INVALID)) {
            live_rebuild(session);
        } else {
            live_build(session);
        }
    } else {
        base_log(G_LOG_LEVEL_INFO, session->id,
                 "recording %s has other ends now; its files are made again", session->id);
        live_view_forget(session);
        session->recording.in_us = trim->want.in_us;
        session->recording.out_us = trim->want.out_us;
        forget_files(session, true);
        session->recording.mirror_untrimmed = true;
        live_build(session);
        live_tell_changed(session);
        save_hold(session, trim->want.hold, trim->by, trim->why, trim->done, trim->data);
    }
    g_clear_error(&trim->error);
    archive_place_unref(trim->place);
    g_free(trim->by);
    g_free(trim->why);
    g_free(trim);
}

static void trim_job(void *data)
{
    Trim *trim = data;
    recording_trim(trim->place, trim->want.in_us, trim->want.out_us, &trim->error);
    base_post(NULL, on_trimmed, trim);
}

bool live_recording_ends(const Live *live, const char *id, SessionRecording *out)
{
    const LiveSession *session = live_find(live, id);
    if (session != NULL) {
        *out = (SessionRecording){.in_us = session->recording.in_us,
                                  .out_us = session->recording.out_us,
                                  .hold = session->row->hold};
    }
    return session != NULL;
}

void live_change_recording(Live *live, const char *id, const SessionRecording *want, const char *by,
                           const char *why, LiveDone done, void *data)
{
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        live_refuse(done, data, BASE_CODE_NO_SESSION, "There is no such session.");
        return;
    }
    if (want->in_us == session->recording.in_us && want->out_us == session->recording.out_us) {
        save_hold(session, want->hold, by, why, done, data);
        return;
    }
    if (refuse_working(session, done, data)) {
        return;
    }
    live_step(session, LIVE_EVENT_TRIM);
    Trim *trim = g_new(Trim, 1);
    *trim = (Trim){.session = session,
                   .place = archive_place_ref(session->place),
                   .want = *want,
                   .by = g_strdup(by),
                   .why = g_strdup(why),
                   .done = done,
                   .data = data};
    recording_workers_run_slow(live->workers, trim_job, trim, false);
}

void live_retry_recording(Live *live, const char *id, LiveDone done, void *data)
{
    LiveSession *session = find_there(live, id, done, data);
    if (session != NULL && !refuse_working(session, done, data)) {
        live_build(session);
        done(data, NULL);
    }
}

/* Deletion */

typedef struct {
    LiveSession *session;
    ArchivePlace *place;
    char *why;
    int64_t at_us;
    bool all;
    GError *error;
    LiveDone done; // nullable
    void *data;
} Removal;

static void on_removed(void *data)
{
    Removal *removal = data;
    LiveSession *session = removal->session;
    live_step(session, LIVE_EVENT_DONE);
    session->removed = removal->all && removal->error == NULL;
    if (removal->error != NULL && (removal->done != NULL || !session->told_left)) {
        session->told_left = true;
        base_log(G_LOG_LEVEL_WARNING, session->id,
                 "recording %s is deleted, but not all of it could be removed yet: %s", session->id,
                 removal->error->message);
    } else if (removal->error == NULL && (removal->done != NULL || session->told_left)) {
        session->told_left = false;
        base_log(G_LOG_LEVEL_INFO, session->id, "recording %s was deleted: %s", session->id,
                 removal->why);
    }
    if (removal->done != NULL || session->removed) {
        live_tell_changed(session);
    }
    if (removal->done != NULL) {
        removal->done(removal->data, removal->error);
    }
    g_clear_error(&removal->error);
    archive_place_unref(removal->place);
    g_free(removal->why);
    g_free(removal);
}

static void removal_job(void *data)
{
    Removal *removal = data;
    recording_remove(removal->place, removal->why, removal->at_us, &removal->all, &removal->error);
    base_post(NULL, on_removed, removal);
}

/* In LIVE_DELETING. `done` is nullable. `later`: nobody waits. */
static void start_removal(LiveSession *session, const char *why, int64_t at_us, bool later,
                          LiveDone done, void *data)
{
    const Live *live = session->live;
    if (live->stopping) { // the next start goes on
        live_step(session, LIVE_EVENT_DONE);
        if (done != NULL) {
            done(data, NULL);
        }
        return;
    }
    live_view_forget(session);
    forget_files(session, false);
    Removal *removal = g_new(Removal, 1);
    *removal = (Removal){.session = session,
                         .place = archive_place_ref(session->place),
                         .why = g_strdup(why),
                         .at_us = at_us,
                         .done = done,
                         .data = data};
    recording_workers_run_slow(live->workers, removal_job, removal, later);
}

void live_remove_deleted(LiveSession *session)
{
    live_step(session, LIVE_EVENT_DELETE);
    start_removal(session, session->row->deleted_why, session->row->deleted_us, true, NULL, NULL);
}

void live_remove_files(LiveSession *session, LiveDone done, void *data)
{
    live_step(session, LIVE_EVENT_DELETE);
    start_removal(session, "its session was deleted", base_wall_us(), false, done, data);
}

typedef struct {
    Live *live;
    char *id;
    LiveDone done;
    void *data;
} Deletion;

static void on_noted(void *data, const GError *error)
{
    Deletion *deletion = data;
    LiveSession *session = live_find(deletion->live, deletion->id);
    if (error != NULL || session == NULL) {
        if (session != NULL) {
            live_step(session, LIVE_EVENT_DONE);
            live_rebuild(session);
        }
        deletion->done(deletion->data, error);
    } else {
        start_removal(session, session->row->deleted_why, session->row->deleted_us,
                      session->row->deleted_by == NULL, deletion->done, deletion->data);
    }
    g_free(deletion->id);
    g_free(deletion);
}

void live_delete_recording(Live *live, const char *id, const char *by, const char *why,
                           LiveDone done, void *data)
{
    LiveSession *session = find_there(live, id, done, data);
    if (session == NULL || refuse_working(session, done, data)) {
        return;
    }
    if (session->row->hold) {
        live_refuse(done, data, BASE_CODE_HELD,
                    "The recording is held: it cannot be deleted until the hold is taken off.");
        return;
    }
    live_step(session, LIVE_EVENT_DELETE);
    StoreSession *row = store_session_copy(session->row);
    session_note_deleted(row, by, why, base_wall_us());
    Deletion *deletion = g_new(Deletion, 1);
    *deletion = (Deletion){.live = live, .id = g_strdup(id), .done = done, .data = data};
    live_save(live, row, on_noted, deletion);
}

/* Retention */

static void on_swept(void *data, const GError *error)
{
    g_autofree char *id = data;
    if (error != NULL) {
        base_log(G_LOG_LEVEL_WARNING, id,
                 "recording %s: its time is over, but not all of it could be deleted: %s", id,
                 error->message);
    }
}

bool live_clock_is_good(Live *live)
{
    int64_t now_us = base_wall_us(), seen_us = live->clock.seen_us;
    bool good = session_clock_is_good(&live->clock, now_us);
    if (live->config.keep_days > 0 && now_us - seen_us > SESSION_CLOCK_LEAP_US) {
        g_autofree char *until = base_time_format(live->clock.doubted_until_us);
        g_autofree char *seen = seen_us != 0 ? base_time_format(seen_us) : g_strdup("never");
        g_warning("the clock is more than a day past when it was last looked at (%s). If it is "
                  "wrong, set it right: no recording is deleted for its age until %s",
                  seen, until);
    }
    return good;
}

static bool clock_job(StoreDb *db, void *data, GError **error)
{
    return store_clock_put(db, data, error);
}

static void on_clock_put(void *data, const GError *error)
{
    (void)error;
    g_free(data);
}

static void sweep_session(LiveSession *session, bool good)
{
    int keep_days = session->live->config.keep_days;
    int days = session->row->retention_days > 0 ? session->row->retention_days : keep_days;
    if (!live_is_idle(session)) {
        return;
    }
    if (session->row->deleted_us != 0 && !session->removed) {
        live_remove_deleted(session);
    } else if (good && session_is_expired(session->row, keep_days, base_wall_us())) {
        g_autofree char *why =
            g_strdup_printf("its time was over: recordings are kept for %d days", days);
        live_delete_recording(session->live, session->id, NULL, why, on_swept,
                              g_strdup(session->id));
    } else if (session->recording.mirror_untrimmed && session->row->deleted_us == 0) {
        live_build_later(session);
    }
}

void live_sweep(Live *live, int64_t clock_us)
{
    if (live->swept_us != 0 && clock_us - live->swept_us < SWEEP_US) {
        return;
    }
    live->swept_us = clock_us;
    bool good = live_clock_is_good(live);
    store_submit(live->store, clock_job, on_clock_put, g_memdup2(&live->clock, sizeof live->clock));
    GHashTableIter iter;
    LiveSession *session;
    g_hash_table_iter_init(&iter, live->sessions);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&session)) {
        sweep_session(session, good);
    }
}

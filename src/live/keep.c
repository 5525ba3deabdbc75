// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a recording after its end: shorter or as long again, made again, held, deleted by
// somebody or because its time is over. The deletion is committed before a file goes, so that no
// crash leaves a recording that is half there; what could not be removed is tried again.
#include "base/clock.h"
#include "live/private.h"

#include <inttypes.h>

#define SWEEP_US (3600 * BASE_US_PER_S)

/* Whether something is at the recording; replies why. */
static bool refuse_working(const LiveSession *session, LiveDone done, void *data)
{
    if (live_busy(session) || session->live->stopping) {
        live_refuse(done, data, BASE_ERROR_CONFLICT,
                    "The session is just being changed. Try again in a moment.");
    } else if (session->finishing || session->settle_timer != 0 || session->programme != NULL) {
        live_refuse(done, data, BASE_ERROR_CONFLICT,
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
        live_refuse(done, data, BASE_ERROR_NOT_FOUND, "There is no such session.");
    } else if (!session_recording_is_there(session->row, &error)) {
        live_refuse(done, data, (BaseError)error->code, error->message);
        session = NULL;
    }
    return session;
}

/* What players of the live programme still may ask for. */
static void forget_live(LiveSession *session)
{
    session->stopped_us = 0;
    pthread_mutex_lock(&session->live->mutex);
    HlsSnapshot *old = g_steal_pointer(&session->hls);
    pthread_mutex_unlock(&session->live->mutex);
    g_clear_pointer(&old, hls_snapshot_unref);
}

/* Nothing is published at the moment. */
static void forget_files(LiveSession *session, bool any)
{
    live_recording_clear(&session->recording);
    session->recording = (LiveRecording){.any = any,
                                         .duration_ms = -1,
                                         .in_us = session->recording.in_us,
                                         .out_us = session->recording.out_us};
    g_clear_pointer(&session->places, archive_places_free);
    live_chapters_place(session->chapters, NULL);
}

/* Ends and hold */

typedef struct {
    LiveSession *session;
    char *directory, *second_directory, *id; // the second is nullable
    SessionRecording want;
    GError *error;
    LiveDone done;
    void *data;
} Trim;

static bool check_inside(const Trim *trim, const ArchiveState *state, GError **error)
{
    bool in =
        trim->want.in_us == INT64_MIN ||
        (trim->want.in_us > state->first_us - BASE_US_PER_MS && trim->want.in_us < state->last_us);
    bool out =
        trim->want.out_us == INT64_MAX || (trim->want.out_us > state->first_us &&
                                           trim->want.out_us < state->last_us + BASE_US_PER_MS);
    if (!in || !out) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s lies outside the recording, which is from %" PRId64 " to %" PRId64
                    " ms of the timeline",
                    in ? "out_ms" : "in_ms", state->first_us / BASE_US_PER_MS,
                    state->last_us / BASE_US_PER_MS);
    }
    return in && out;
}

/* Worker thread. A crash may have left the mirror open; what closing it makes, the trim takes
 * back. */
static bool trim_second(const Trim *trim, GError **error)
{
    return live_second_answers(trim->second_directory, error) &&
           archive_finish_step(trim->second_directory, trim->id, ARCHIVE_STEP_PLAYLISTS, NULL, NULL,
                               NULL, error) &&
           archive_trim(trim->second_directory, trim->id, trim->want.in_us, trim->want.out_us,
                        error);
}

/* Worker thread. The mirror is told too: should the recording ever come home from there, what was
 * cut off stays cut off. */
static bool trim_on_disk(const Trim *trim, GError **error)
{
    ArchiveState state;
    if (!archive_read_state(trim->directory, trim->id, &state, error) ||
        !check_inside(trim, &state, error) ||
        !archive_trim(trim->directory, trim->id, trim->want.in_us, trim->want.out_us, error)) {
        return false;
    }
    g_autoptr(GError) failed = NULL;
    if (trim->second_directory != NULL && !trim_second(trim, &failed) &&
        !g_error_matches(failed, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_warning("recording %s: its copy in the second directory keeps its old ends: %s", trim->id,
                  failed->message);
    }
    return true;
}

static void save_hold(LiveSession *session, bool hold, LiveDone done, void *data)
{
    if (session->row->hold == hold) {
        done(data, NULL);
        return;
    }
    StoreSession *row = store_session_copy(session->row);
    row->hold = hold;
    live_save(session->live, row, done, data);
}

static void on_trimmed(void *data)
{
    Trim *trim = data;
    LiveSession *session = trim->session;
    session->finishing = false;
    if (trim->error != NULL) {
        trim->done(trim->data, trim->error);
        // a failure may have left it unpublished: what is missing is made again
        if (!g_error_matches(trim->error, BASE_ERROR, BASE_ERROR_INVALID)) {
            live_start_finish(session);
        }
    } else {
        g_info("recording %s has other ends now; its files are made again", session->id);
        forget_live(session);
        session->recording.in_us = trim->want.in_us;
        session->recording.out_us = trim->want.out_us;
        forget_files(session, true);
        live_start_finish(session);
        live_tell_changed(session);
        save_hold(session, trim->want.hold, trim->done, trim->data);
    }
    g_clear_error(&trim->error);
    g_free(trim->directory);
    g_free(trim->second_directory);
    g_free(trim->id);
    g_free(trim);
}

static void trim_job(void *data)
{
    Trim *trim = data;
    trim_on_disk(trim, &trim->error);
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

void live_change_recording(Live *live, const char *id, const SessionRecording *want, LiveDone done,
                           void *data)
{
    LiveSession *session = live_find(live, id);
    if (session == NULL) {
        live_refuse(done, data, BASE_ERROR_NOT_FOUND, "There is no such session.");
        return;
    }
    if (want->in_us == session->recording.in_us && want->out_us == session->recording.out_us) {
        save_hold(session, want->hold, done, data);
        return;
    }
    if (refuse_working(session, done, data)) {
        return;
    }
    session->finishing = true;
    Trim *trim = g_new(Trim, 1);
    *trim = (Trim){.session = session,
                   .directory = g_strdup(live->archive_directory),
                   .second_directory = g_strdup(live->archive_second_directory),
                   .id = g_strdup(id),
                   .want = *want,
                   .done = done,
                   .data = data};
    live_finish_run(live->finish, trim_job, trim);
}

void live_retry_recording(Live *live, const char *id, LiveDone done, void *data)
{
    LiveSession *session = find_there(live, id, done, data);
    if (session != NULL && !refuse_working(session, done, data)) {
        live_start_finish(session);
        done(data, NULL);
    }
}

/* Deletion */

typedef struct {
    LiveSession *session;
    char *directories[2]; // the second is nullable
    char *id, *why;
    int64_t at_us;
    GError *error;
    LiveDone done; // nullable
    void *data;
} Removal;

/* Worker thread. One that is not there is gone. */
static bool remove_from(const Removal *removal, const char *directory, GError **error)
{
    GError *failed = NULL;
    if (archive_delete(directory, removal->id, removal->why, removal->at_us, &failed)) {
        return true;
    }
    if (g_error_matches(failed, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_error_free(failed);
        return true;
    }
    g_propagate_error(error, failed);
    return false;
}

static void on_removed(void *data)
{
    Removal *removal = data;
    LiveSession *session = removal->session;
    session->finishing = false;
    session->removed = removal->error == NULL;
    if (removal->error != NULL) {
        g_warning("recording %s is deleted, but not all of it could be removed yet: %s",
                  session->id, removal->error->message);
    } else if (removal->done != NULL) {
        g_info("recording %s was deleted: %s", session->id, removal->why);
    }
    live_tell_changed(session);
    if (removal->done != NULL) {
        removal->done(removal->data, removal->error);
    }
    g_clear_error(&removal->error);
    g_free(removal->directories[0]);
    g_free(removal->directories[1]);
    g_free(removal->id);
    g_free(removal->why);
    g_free(removal);
}

static void removal_job(void *data)
{
    Removal *removal = data;
    const char *second = removal->directories[1];
    if (remove_from(removal, removal->directories[0], &removal->error) && second != NULL &&
        live_second_answers(second, &removal->error)) {
        remove_from(removal, second, &removal->error);
    }
    base_post(NULL, on_removed, removal);
}

/* `done` (nullable) comes when the files are gone. */
static void start_removal(LiveSession *session, const char *why, int64_t at_us, LiveDone done,
                          void *data)
{
    const Live *live = session->live;
    if (live->stopping) { // the next start goes on with it
        if (done != NULL) {
            done(data, NULL);
        }
        return;
    }
    session->finishing = true;
    forget_live(session);
    forget_files(session, false);
    g_clear_handle_id(&session->remake_timer, g_source_remove);
    Removal *removal = g_new(Removal, 1);
    *removal = (Removal){.session = session,
                         .directories = {g_strdup(live->archive_directory),
                                         g_strdup(live->archive_second_directory)},
                         .id = g_strdup(session->id),
                         .why = g_strdup(why),
                         .at_us = at_us,
                         .done = done,
                         .data = data};
    (done != NULL ? live_finish_run : live_finish_run_later)(live->finish, removal_job, removal);
}

void live_remove_deleted(LiveSession *session)
{
    start_removal(session, session->row->deleted_why, session->row->deleted_us, NULL, NULL);
}

void live_remove_files(LiveSession *session, LiveDone done, void *data)
{
    start_removal(session, "its session was deleted", base_wall_us(), done, data);
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
            live_remake(session); // what the deletion made needless
        }
        deletion->done(deletion->data, error);
    } else {
        start_removal(session, session->row->deleted_why, session->row->deleted_us, deletion->done,
                      deletion->data);
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
        live_refuse(done, data, BASE_ERROR_CONFLICT,
                    "The recording is held: it cannot be deleted until the hold is taken off.");
        return;
    }
    g_clear_handle_id(&session->remake_timer, g_source_remove); // nothing begins beside it
    StoreSession *row = store_session_copy(session->row);
    session_note_deleted(row, by, why, base_wall_us());
    Deletion *deletion = g_new(Deletion, 1);
    *deletion = (Deletion){.live = live, .id = g_strdup(id), .done = done, .data = data};
    live_save(live, row, on_noted, deletion);
}

char *live_gone(Live *live, const char *id)
{
    pthread_mutex_lock(&live->mutex);
    const LiveSession *session = live_find(live, id);
    char *gone = session != NULL ? g_strdup(session->gone) : NULL;
    pthread_mutex_unlock(&live->mutex);
    return gone;
}

/* Retention */

static void on_swept(void *data, const GError *error)
{
    g_autofree char *id = data;
    if (error != NULL) {
        g_warning("recording %s: its time is over, but it could not be deleted: %s", id,
                  error->message);
    }
}

static bool is_idle(const LiveSession *session)
{
    return !live_busy(session) && !session->finishing && session->settle_timer == 0 &&
           session->programme == NULL;
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

/* Where it cannot be written the next start doubts a little sooner. */
static void on_clock_put(void *data, const GError *error)
{
    (void)error;
    g_free(data);
}

static void sweep_session(LiveSession *session, bool good)
{
    int keep_days = session->live->config.keep_days;
    if (!is_idle(session)) {
        return;
    }
    if (session->row->deleted_us != 0 && !session->removed) {
        live_remove_deleted(session);
    } else if (good && session_is_expired(session->row, keep_days, base_wall_us())) {
        g_autofree char *why =
            g_strdup_printf("its time was over: recordings are kept for %d days", keep_days);
        live_delete_recording(session->live, session->id, NULL, why, on_swept,
                              g_strdup(session->id));
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

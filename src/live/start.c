// SPDX-License-Identifier: GPL-3.0-or-later
// A session's programme: made from where the disk left off, at the end handed to the finisher.
#include "base/clock.h"
#include "live/private.h"

static void on_source(void *data, MediaSourceState state, const char *text)
{
    (void)state;
    (void)text;
    live_tell_changed(data);
}

static void on_published(void *data, HlsSnapshot *snapshot)
{
    LiveSession *session = data;
    Live *live = session->live;
    pthread_mutex_lock(&live->mutex);
    HlsSnapshot *old = session->hls;
    session->hls = snapshot;
    pthread_mutex_unlock(&live->mutex);
    g_clear_pointer(&old, hls_snapshot_unref);
    live->events.media(live->events.data, session->id);
}

typedef struct {
    LiveSession *session;
    char *directory, *second_directory, *id;
    int64_t epoch_wall_us, minimum_free;
    bool opening; // for the first time: it can still be put off
    ArchiveState state;
    GArray *past; // HlsPast
    ArchiveWriter *writer;
    GError *error;
} Start;

typedef struct {
    LiveSession *session;
    char *why;
} Health;

static void on_health_main(void *data)
{
    Health *health = data;
    LiveSession *session = health->session;
    if (health->why != NULL) {
        g_warning("session %s: the archive is failing: %s", session->id, health->why);
    } else if (session->trouble != NULL) {
        g_message("session %s: the archive works again", session->id);
    }
    g_free(session->trouble);
    session->trouble = health->why;
    live_tell_changed(session);
    g_free(health);
}

/* Archive thread. */
static void on_health(void *data, const char *why)
{
    Health *health = g_new(Health, 1);
    *health = (Health){.session = data, .why = g_strdup(why)};
    base_post(NULL, on_health_main, health);
}

/* The media goes on where the session's own time says, never before what was recorded, on the key
 * frame grid. Saved where no change is under way that saves the row itself. */
static MediaTimeline make_timeline(LiveSession *session, const ArchiveState *state)
{
    StoreSession *row = session->row;
    BaseNow now = base_now();
    int64_t clock_us = base_clock_us();
    int64_t now_us = MAX(session_now_us(row, &now) - row->epoch_us, state->end_us);
    if (session_note_boot(row, &now, now_us) && session->change == NULL) {
        live_save_again(session);
    }
    int64_t start_us = media_grid_floor(now_us, session->live->config.segment_ms * BASE_US_PER_MS);
    return (MediaTimeline){.epoch_wall_us = row->epoch_us,
                           .run_clock_us = clock_us - (now_us - start_us),
                           .run_start_us = start_us};
}

static void make_programme(LiveSession *session, const Start *start)
{
    Live *live = session->live;
    SessionState state = live_state_of(session);
    const char *source = session->row->source != NULL ? session->row->source : live->source;
    LiveProgrammeConfig config = {
        .session = session->id,
        .binary = live->binary,
        .pipelines = live->pipelines,
        .encoder = live->encoder,
        .source = source,
        .keyframe_ms = live->config.keyframe_ms,
        .part_ms = live->config.part_ms,
        .segment_ms = live->config.segment_ms,
        .window_s = live->config.window_s,
        .timeline = make_timeline(session, &start->state),
        .archive = start->state,
        .past = (const HlsPast *)start->past->data,
        .past_count = start->past->len,
        .open = state == SESSION_LIVE,
        .follow = session->follow,
    };
    LiveProgrammeEvents events = {
        .marked = live_on_marked, .source = on_source, .published = on_published, .data = session};
    session->programme = live_programme_new(&config, live->rtc, start->writer, &events);
    live_tell_markers(session);
}

/* Where the disk knows better: the timeline that was begun, and an end that was never committed. */
static void follow_disk(LiveSession *session, const ArchiveState *state)
{
    if (state->epoch_wall_us != 0) {
        session->row->epoch_us = state->epoch_wall_us;
    }
    if (state->ended && session->change == NULL &&
        session_can(live_state_of(session), SESSION_ENDED)) {
        session->change = g_new0(LiveChange, 1);
        session->change->to = SESSION_ENDED;
    }
}

static void start_failed(LiveSession *session, const GError *error)
{
    g_warning("session %s cannot record, so it does not start: %s", session->id, error->message);
    session->failed_us = base_clock_us();
    g_free(session->trouble);
    session->trouble = g_strdup(error->message);
    if (session->change != NULL) {
        live_finish_change(session, error);
    }
}

static void on_start_ready(void *data)
{
    Start *start = data;
    LiveSession *session = start->session;
    session->starting = false;
    if (session->live->stopping) {
        g_clear_pointer(&start->writer, archive_writer_free);
    } else if (start->error != NULL) {
        start_failed(session, start->error);
    } else {
        session->failed_us = 0;
        follow_disk(session, &start->state);
        if (session->change != NULL && session->change->to == SESSION_ENDED) {
            g_clear_pointer(&start->writer, archive_writer_free);
            live_commit(session);
        } else {
            make_programme(session, start);
        }
        if (session->change != NULL && session->change->to == SESSION_LOBBY) {
            live_commit(session);
        } else if (session->change != NULL && session->programme != NULL) {
            live_carry_out(session);
        }
    }
    g_clear_error(&start->error);
    g_free(start->directory);
    g_free(start->second_directory);
    g_free(start->id);
    g_array_unref(start->past);
    g_free(start);
}

/* What is running goes on down to the reserve; what has not begun would only run into it. */
static bool check_room(const Start *start, GError **error)
{
    uint64_t free_bytes;
    if (!start->opening || !archive_free_bytes(start->directory, &free_bytes) ||
        free_bytes >= (uint64_t)start->minimum_free) {
        return true;
    }
    g_autofree char *is = g_format_size_full(free_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *must =
        g_format_size_full((uint64_t)start->minimum_free, G_FORMAT_SIZE_IEC_UNITS);
    g_set_error(error, BASE_ERROR, BASE_ERROR_FULL,
                "Only %s are free where the recordings are kept, and a session needs %s to open. "
                "Delete recordings that are not needed any more, or free some space on the disk of "
                "%s, and open it again.",
                is, must, start->directory);
    return false;
}

/* Worker thread. */
static void on_past(void *data, const ArchivePast *past)
{
    HlsPast public = {.run = past->run,
                      .number = past->sequence,
                      .start_us = past->start_us,
                      .end_us = past->end_us,
                      .bytes = past->bytes,
                      .gap = past->gap,
                      .discontinuity = past->discontinuity};
    g_strlcpy(public.key, past->key, sizeof public.key);
    g_array_append_val((GArray *)data, public);
}

/* Worker thread. */
static void start_job(void *data)
{
    Start *start = data;
    ArchiveWriterConfig config = {.directory = start->directory,
                                  .second_directory = start->second_directory,
                                  .id = start->id,
                                  .epoch_wall_us = start->epoch_wall_us,
                                  .reserve_bytes =
                                      (uint64_t)start->minimum_free / LIVE_RESERVE_PART};
    ArchiveWriterEvents events = {.health = on_health, .data = start->session};
    if (check_room(start, &start->error) &&
        archive_read_state(start->directory, start->id, &start->state, &start->error) &&
        archive_read_past(start->directory, start->id, on_past, start->past, &start->error)) {
        start->writer = archive_writer_new(&config, &events, &start->error);
    }
    base_post(NULL, on_start_ready, start);
}

void live_start_programme(LiveSession *session)
{
    if (session->row->epoch_us == 0) {
        session->row->epoch_us = base_wall_us();
    }
    session->starting = true;
    session->stopped_us = 0;
    g_clear_pointer(&session->trouble, g_free); // of an earlier try
    Start *start = g_new0(Start, 1);
    start->session = session;
    start->directory = g_strdup(session->live->archive_directory);
    start->second_directory = g_strdup(session->live->archive_second_directory);
    start->minimum_free = session->live->config.archive_minimum_free;
    start->opening = session->change != NULL && session->change->to == SESSION_LOBBY;
    start->id = g_strdup(session->id);
    start->past = g_array_new(FALSE, FALSE, sizeof(HlsPast));
    start->epoch_wall_us = session->row->epoch_us;
    live_finish_run(session->live->finish, start_job, start);
}

typedef struct {
    char *id, *made;
} Note;

static bool note_job(StoreDb *db, void *data, GError **error)
{
    const Note *note = data;
    return store_session_note_made(db, note->id, note->made, error);
}

static void on_noted(void *data, const GError *error)
{
    Note *note = data;
    if (error != NULL) { // they are made once more at the next start, for nothing
        g_warning("recording %s: what it was made with could not be saved: %s", note->id,
                  error->message);
    }
    g_free(note->id);
    g_free(note->made);
    g_free(note);
}

static void note_made(LiveSession *session, const char *made)
{
    g_free(session->made);
    session->made = g_strdup(made);
    Note *note = g_new(Note, 1);
    *note = (Note){.id = g_strdup(session->id), .made = g_strdup(made)};
    store_submit(session->live->store, note_job, on_noted, note);
}

static void finish_over(LiveSession *session, const char *made)
{
    session->finishing = false;
    if (live_recording_whole(&session->recording) && g_strcmp0(session->made, made) != 0) {
        note_made(session, made);
    }
    if (session->again) {
        live_start_finish(session);
    }
}

static void on_finish(void *data, LiveReport *report)
{
    LiveSession *session = data;
    live_recording_clear(&session->recording);
    session->recording = report->recording; // takes its texts
    if (report->places != NULL) {
        archive_places_free(session->places);
        session->places = report->places;
        live_chapters_place(session->chapters, session->places);
    }
    if (report->last) {
        finish_over(session, report->made);
    }
    live_tell_changed(session);
    bool published = session->recording.steps[ARCHIVE_STEP_PLAYLISTS].state == LIVE_STEP_READY;
    if (published && session->row->demo && session->change == NULL &&
        live_state_of(session) == SESSION_ENDED) {
        live_set_state(session->live, session->id, SESSION_PUBLISHED, NULL, NULL);
    }
}

/* What failed before is tried again, and said so at once. */
static void forget_failures(LiveRecording *recording)
{
    for (int i = 0; i < ARCHIVE_STEPS; i++) {
        LiveStep *step = &recording->steps[i];
        if (step->state == LIVE_STEP_FAILED) {
            step->state = LIVE_STEP_WAITING;
            g_clear_pointer(&step->text, g_free);
        }
    }
}

static LiveMaking *make_making(const LiveSession *session)
{
    const Live *live = session->live;
    LiveMakingConfig config = {.directory = live->archive_directory,
                               .second_directory = live->archive_second_directory,
                               .row = session->row,
                               .chapters = session->chapters,
                               .signer = live->config.signer,
                               .reserve_bytes =
                                   (uint64_t)live->config.archive_minimum_free / LIVE_RESERVE_PART};
    return live_making_new(&config);
}

bool live_is_stale(const LiveSession *session)
{
    LiveMaking *making = make_making(session);
    bool stale = g_strcmp0(session->made, live_making_name(making)) != 0;
    live_making_free(making);
    return stale;
}

static void start_finish(LiveSession *session, bool look)
{
    session->again = session->finishing;
    if (session->finishing || session->row->deleted_us != 0 || session->live->stopping) {
        return;
    }
    session->finishing = true;
    forget_failures(&session->recording);
    LiveProgramme *programme = g_steal_pointer(&session->programme);
    if (programme != NULL) {
        live_programme_stop(programme);
        session->stopped_us = base_clock_us();
    }
    LiveMaking *making = make_making(session);
    LiveFinishJob job = {.programme = programme,
                         .making = making,
                         .stale = g_strcmp0(session->made, live_making_name(making)) != 0,
                         .look = look,
                         .done = on_finish,
                         .data = session};
    live_finish_session(session->live->finish, &job);
}

void live_start_finish(LiveSession *session)
{
    start_finish(session, false);
}

void live_start_look(LiveSession *session)
{
    start_finish(session, true);
}

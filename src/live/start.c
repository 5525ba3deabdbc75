// SPDX-License-Identifier: GPL-3.0-or-later
// Starts a session's programme where the disk left off.
#include "base/clock.h"
#include "base/log.h"
#include "live/programme/opening.h"
#include "live/private.h"

#define RETRY_START_US (3 * BASE_US_PER_S)

static void on_source(void *data, MediaSourceState state, const char *text)
{
    (void)state;
    (void)text;
    live_tell_changed(data);
}

static void on_published(void *data, HlsSnapshot *snapshot)
{
    live_view_publish(data, snapshot);
}

typedef struct {
    LiveSession *session;
    char *why;
} Health;

static void on_health_main(void *data)
{
    Health *health = data;
    LiveSession *session = health->session;
    if (health->why != NULL) {
        base_log(G_LOG_LEVEL_WARNING, session->id, "session %s: the archive is failing: %s",
                 session->id, health->why);
    } else if (session->trouble != NULL) {
        base_log(G_LOG_LEVEL_MESSAGE, session->id, "session %s: the archive works again",
                 session->id);
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

/* At the session's time, after all recorded media, on the key-frame grid. */
static MediaTimeline make_timeline(LiveSession *session, const ArchiveState *state)
{
    StoreSession *row = session->row;
    BaseNow now = base_now();
    int64_t clock_us = base_clock_us();
    int64_t now_us = MAX(session_now_us(row, &now) - row->epoch_us, state->end_us);
    if (session_note_boot(row, &now, now_us) && session->change.kind == LIVE_CHANGE_NONE) {
        live_save_again(session);
    }
    int64_t start_us = media_grid_floor(now_us, session->live->config.segment_ms * BASE_US_PER_MS);
    return (MediaTimeline){.epoch_wall_us = row->epoch_us,
                           .run_clock_us = clock_us - (now_us - start_us),
                           .run_start_us = start_us};
}

static void make_programme(LiveSession *session, const LiveOpened *opened)
{
    Live *live = session->live;
    SessionState state = session->row->state;
    g_autofree char *source = live_source(session);
    LiveProgrammeConfig config = {
        .session = session->id,
        .binary = live->config.binary,
        .pipelines = live->config.pipelines,
        .encoder = live->config.encoder,
        .source = source,
        .slides = live->config.slides != NULL ? slides_folder(live->config.slides) : NULL,
        .titles = {session->row->title_ar, session->row->title_en},
        .loudness = live->config.loudness,
        .keyframe_ms = live->config.keyframe_ms,
        .part_ms = live->config.part_ms,
        .segment_ms = live->config.segment_ms,
        .window_s = live->config.window_s,
        .timeline = make_timeline(session, &opened->state),
        .archive = opened->state,
        .past = (const MediaSegment *)opened->past->data,
        .past_count = opened->past->len,
        .open = state == SESSION_LIVE,
        .follow = session->follow,
    };
    LiveProgrammeEvents events = {
        .marked = live_on_marked, .source = on_source, .published = on_published, .data = session};
    session->programme = live_programme_new(&config, live->rtc, opened->writer, &events);
    live_tell_markers(session);
    live_note_slides(session);
    live_follow_caption(session);
}

/* The disk may have an uncommitted epoch or end. */
static void follow_disk(LiveSession *session, const ArchiveState *state)
{
    if (state->epoch_wall_us != 0) {
        session->row->epoch_us = state->epoch_wall_us;
    }
    if (state->ended && session->change.kind == LIVE_CHANGE_NONE &&
        session_can(session->row->state, SESSION_ENDED)) {
        live_begin_change(session, SESSION_ENDED);
        session->change.media_us = state->last_us;
    }
}

static void start_failed(LiveSession *session, const GError *error)
{
    base_log(G_LOG_LEVEL_WARNING, session->id, "session %s cannot record, so it does not start: %s",
             session->id, error->message);
    live_step(session, LIVE_EVENT_FAILED);
    session->failed_us = base_clock_us();
    g_free(session->trouble);
    session->trouble = g_strdup(error->message);
    if (session->change.kind != LIVE_CHANGE_NONE) {
        live_finish_change(session, error);
    }
}

static void started(LiveSession *session, const LiveOpened *opened)
{
    session->failed_us = 0;
    follow_disk(session, &opened->state);
    if (live_is_changing_to(session, SESSION_ENDED)) {
        archive_writer_free(opened->writer);
        live_step(session, LIVE_EVENT_FAILED);
        live_commit(session);
        return;
    }
    make_programme(session, opened);
    live_step(session, LIVE_EVENT_STARTED);
    if (live_is_changing_to(session, SESSION_LOBBY)) {
        live_commit(session);
    } else if (session->change.kind != LIVE_CHANGE_NONE) {
        live_request_mark(session);
    }
}

static void on_opened(void *data, const LiveOpened *opened)
{
    LiveSession *session = data;
    if (session->live->stopping) {
        archive_writer_free(opened->writer);
        live_step(session, LIVE_EVENT_FAILED);
    } else if (opened->error != NULL) {
        start_failed(session, opened->error);
    } else {
        started(session, opened);
    }
}

void live_start_programme(LiveSession *session)
{
    bool can = live_step(session, LIVE_EVENT_START);
    g_assert(can); // checked by the callers
    if (session->row->epoch_us == 0) {
        session->row->epoch_us = base_wall_us();
    }
    live_view_keep(session);
    g_clear_pointer(&session->trouble, g_free);
    LiveOpening opening = {.place = session->place,
                           .epoch_wall_us = session->row->epoch_us,
                           .first = live_is_changing_to(session, SESSION_LOBBY),
                           .writer_events = {.health = on_health, .data = session},
                           .done = on_opened,
                           .data = session};
    live_open_recording(session->live->workers, &opening);
}

void live_start_tick(LiveSession *session, int64_t clock_us)
{
    if (live_start_failed(session) && clock_us - session->failed_us > RETRY_START_US &&
        live_is_idle(session)) {
        session->failed_us = 0;
        live_start_programme(session);
    }
}

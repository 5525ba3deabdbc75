// SPDX-License-Identifier: GPL-3.0-or-later
// Passes one picture and its sound to the encoders per tick.
#include "capture/programme.h"

#include "capture/scene/stage.h"
#include "capture/sound/sound.h"
#include "capture/thumb.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define BEGIN_FRAMES 3 // frames and 20 ms audio packets meet each 100 ms
#define MAX_LAG_FRAMES 3
#define MAX_LAG_US (10 * BASE_US_PER_S)   // then a new run is better
#define STUCK_FRAMES (5 * CAPTURE_FPS)    // without a picture taken
#define OPENING_FRAMES (20 * CAPTURE_FPS) // without an encoder opened
#define KEY_APART_US (500 * BASE_US_PER_MS)
#define KEY_SOON_US (200 * BASE_US_PER_MS) // a nearer grid key frame serves a request
#define LEVEL_FRAMES 3
#define THUMB_FRAMES (5 * CAPTURE_FPS) // for the seek bar
#define MAX_MARKS 16

#define MAX_WAITING 3 // frames; more only add delay
#define ONE_IN 5      // each HLS part has a picture
#define MAX_QUEUE 12  // 2 s; later pictures are useless

struct CaptureProgramme {
    CaptureProgrammeConfig config;
    pthread_t thread;
    atomic_bool stop;

    pthread_mutex_t mutex;
    char *source;
    MediaMark marks[MAX_MARKS];
    unsigned marks_count;
    uint32_t keys;

    // Programme's thread.
    CaptureStage *stage;
    CaptureThumb *thumb;
    CaptureSound *sound;
    bool heard; // its first frame
    int64_t k;
    int64_t grid_us; // last grid key frame
    int64_t key_us[MEDIA_MAX_TRACKS];
    uint32_t wanted, forced; // key frames due
    int64_t thumb_k;
    unsigned left_out; // frames
    unsigned stuck;    // frames
    uint64_t pushed;
    uint64_t taken;
    unsigned missing; // encoders
    unsigned opening; // frames since `missing` changed
};

static void on_state(MediaSourceState state, int64_t pts_us, const char *text, void *data)
{
    CaptureProgramme *programme = data;
    capture_out_send(programme->config.out, &(MediaWireMessage){.type = MEDIA_WIRE_SOURCE,
                                                                .state = state,
                                                                .pts_us = pts_us,
                                                                .text = (char *)text});
}

static void on_thumb(int64_t pts_us, GBytes *jpeg, void *data)
{
    CaptureProgramme *programme = data;
    capture_out_send(
        programme->config.out,
        &(MediaWireMessage){.type = MEDIA_WIRE_THUMB, .pts_us = pts_us, .bytes = jpeg});
}

/* Takes the latest request. */
static void take_source(CaptureProgramme *programme, int64_t pts_us)
{
    pthread_mutex_lock(&programme->mutex);
    g_autofree char *source = g_steal_pointer(&programme->source);
    pthread_mutex_unlock(&programme->mutex);
    if (source != NULL) {
        capture_stage_set(programme->stage, source, pts_us);
    }
}

/* Before the frame's media. */
static void take_marks(CaptureProgramme *programme, int64_t pts_us)
{
    MediaMark marks[MAX_MARKS];
    pthread_mutex_lock(&programme->mutex);
    unsigned count = programme->marks_count;
    memcpy(marks, programme->marks, sizeof marks);
    programme->marks_count = 0;
    programme->wanted |= programme->keys;
    programme->keys = 0;
    pthread_mutex_unlock(&programme->mutex);
    for (unsigned i = 0; i < count; i++) {
        capture_out_send(
            programme->config.out,
            &(MediaWireMessage){.type = MEDIA_WIRE_MARK, .mark = marks[i], .pts_us = pts_us});
        if (marks[i] != MEDIA_MARK_END) {
            programme->forced = UINT32_MAX;
        }
    }
}

/* A grid key frame soon serves them. */
static uint32_t due_requests(const CaptureProgramme *programme, int64_t pts_us)
{
    int64_t period = programme->config.keyframe_us;
    uint32_t due = 0;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        bool far = pts_us - programme->key_us[i] >= KEY_APART_US;
        bool soon = period - pts_us % period <= KEY_SOON_US;
        due |= far && !soon ? programme->wanted & UINT32_C(1) << i : 0;
    }
    return due;
}

static void force_keys(CaptureProgramme *programme, int64_t pts_us)
{
    int64_t grid_us = pts_us - pts_us % programme->config.keyframe_us;
    bool on_grid = grid_us > programme->grid_us;
    uint32_t tracks = on_grid ? UINT32_MAX : programme->forced | due_requests(programme, pts_us);
    tracks &= capture_encode_video_tracks(programme->config.encode);
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (tracks >> i & 1) {
            capture_encode_key(programme->config.encode, (uint8_t)i, pts_us);
            programme->key_us[i] = pts_us;
        }
    }
    programme->wanted &= ~tracks;
    programme->forced = 0;
    programme->grid_us = grid_us;
}

static void tell_level(CaptureProgramme *programme, int64_t pts_us)
{
    MediaWireMessage message = {.type = MEDIA_WIRE_LEVEL, .pts_us = pts_us};
    capture_sound_tell(programme->sound, &message.sound);
    capture_out_send(programme->config.out, &message);
}

/* Late sound keeps its place: the first frame is shorter. */
static void push_audio(CaptureProgramme *programme)
{
    int16_t mixed[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS], ready[G_N_ELEMENTS(mixed)];
    CaptureSoundState state = {.playing = capture_stage_plays(programme->stage),
                               .marked = capture_stage_marked(programme->stage)};
    int64_t skipped = programme->heard ? 0 : CAPTURE_LIMIT_DELAY;
    capture_stage_audio(programme->stage, programme->k, mixed);
    capture_sound_run(programme->sound, mixed, ready, state);
    capture_encode_audio(programme->config.encode, ready + skipped * CAPTURE_CHANNELS,
                         programme->k * CAPTURE_FRAME_SAMPLES - CAPTURE_LIMIT_DELAY + skipped,
                         CAPTURE_FRAME_SAMPLES - skipped);
    programme->heard = true;
}

static void push_video(CaptureProgramme *programme, int64_t pts_us)
{
    take_marks(programme, pts_us);
    force_keys(programme, pts_us);
    GstBuffer *frame = capture_stage_frame(programme->stage, pts_us);
    frame = capture_caption_draw(programme->config.caption, frame, pts_us,
                                 capture_stage_plays(programme->stage));
    if (programme->k >= programme->thumb_k) {
        capture_thumb_push(programme->thumb, frame, pts_us);
        programme->thumb_k = (programme->k / THUMB_FRAMES + 1) * THUMB_FRAMES;
    }
    capture_encode_video(programme->config.encode, frame, programme->k);
    programme->pushed++;
}

/* Its predecessor lasts longer. HLS parts last six frames or more. */
static bool wants_picture(const CaptureProgramme *programme, bool late)
{
    unsigned waiting = capture_encode_waiting(programme->config.encode);
    bool due = programme->pushed == 0 || programme->left_out + 1 >= ONE_IN;
    return (!late && waiting < MAX_WAITING) || (due && waiting < MAX_QUEUE);
}

/* Frames caught up are not time. */
static void watch_queue(CaptureProgramme *programme, bool late)
{
    unsigned waiting = capture_encode_waiting(programme->config.encode);
    uint64_t taken = programme->pushed - waiting;
    if (waiting == 0 || taken != programme->taken || programme->missing > 0) {
        programme->stuck = 0;
    } else if (!late) {
        programme->stuck++;
    }
    programme->taken = taken;
}

/* A hung encoder reports nothing. */
static void watch_encoders(CaptureProgramme *programme, bool late)
{
    const CaptureProgrammeConfig *config = &programme->config;
    unsigned missing = capture_out_missing(config->out);
    programme->opening = missing == programme->missing ? programme->opening + 1 : 0;
    programme->missing = missing;
    watch_queue(programme, late);
    if (programme->stuck == STUCK_FRAMES) {
        config->failed("The encoders have taken no picture for 5 s: the machine is too slow for "
                       "this encoder, or its device hangs.",
                       config->data);
    } else if (missing > 0 && programme->opening == OPENING_FRAMES) {
        config->failed("An encoder gave no media within 20 s: its device hangs, or the machine is "
                       "too slow for this encoder.",
                       config->data);
    }
}

/* The sound ends before the next frame: marks precede later units. */
static void tick(CaptureProgramme *programme)
{
    int64_t pts_us = capture_frame_pts(programme->k);
    int64_t lag_us = capture_clock_now(&programme->config.clock) - pts_us;
    take_source(programme, pts_us);
    programme->forced |= capture_stage_step(programme->stage, pts_us) ? UINT32_MAX : 0;
    if (capture_stage_denied(programme->stage)) {
        programme->config.failed("The source is another one now (its file was replaced, or its "
                                 "launch file changed): the programme starts again to open it.",
                                 programme->config.data);
    }
    bool late = lag_us > MAX_LAG_FRAMES * CAPTURE_FRAME_US;
    if (wants_picture(programme, late)) {
        push_video(programme, pts_us);
        programme->left_out = 0;
    } else {
        programme->left_out++;
    }
    push_audio(programme);
    watch_encoders(programme, late);
    if (programme->k % LEVEL_FRAMES == 0) {
        tell_level(programme, pts_us);
    }
    programme->k++;
}

/* False: missed by far. */
static bool wait_frame(const CaptureProgramme *programme)
{
    const CaptureClock *clock = &programme->config.clock;
    int64_t pts_us = capture_frame_pts(programme->k);
    int64_t at_us = pts_us + clock->clock_us - clock->start_us;
    struct timespec at = {at_us / BASE_US_PER_S, at_us % BASE_US_PER_S * 1000};
    while (capture_clock_now(clock) < pts_us) {
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL); // may return too early
    }
    return capture_clock_now(clock) - pts_us < MAX_LAG_US;
}

static void *run(void *data)
{
    CaptureProgramme *programme = data;
    while (!atomic_load(&programme->stop)) {
        if (!wait_frame(programme)) {
            programme->config.failed("The machine stood still for more than 10 s.",
                                     programme->config.data);
            break;
        }
        tick(programme);
    }
    return NULL;
}

static int64_t first_frame(const CaptureClock *clock)
{
    int64_t from = MAX(capture_clock_now(clock), clock->start_us);
    int64_t k = capture_frame_ceil(MAX(from, 0));
    return (k + BEGIN_FRAMES - 1) / BEGIN_FRAMES * BEGIN_FRAMES;
}

CaptureProgramme *capture_programme_new(const CaptureProgrammeConfig *config, GError **error)
{
    CaptureProgramme *programme = g_new0(CaptureProgramme, 1);
    programme->config = *config;
    pthread_mutex_init(&programme->mutex, NULL);
    programme->thumb = capture_thumb_new(on_thumb, programme, error);
    if (programme->thumb == NULL) {
        pthread_mutex_destroy(&programme->mutex);
        g_ptr_array_unref(config->scenes);
        g_free(programme);
        return NULL;
    }
    programme->stage = capture_stage_new(config->scenes, config->pipelines_dir, &config->clock,
                                         config->titles, on_state, programme);
    programme->sound = capture_sound_new(config->loudness);
    programme->k = first_frame(&config->clock);
    programme->thumb_k = (programme->k + THUMB_FRAMES - 1) / THUMB_FRAMES * THUMB_FRAMES;
    int64_t begin_us = capture_frame_pts(programme->k);
    programme->grid_us = begin_us - begin_us % config->keyframe_us;
    for (int i = 0; i < MEDIA_MAX_TRACKS; i++) {
        programme->key_us[i] = begin_us; // the first picture is a key frame
    }
    capture_out_begin(config->out, begin_us);
    g_assert(pthread_create(&programme->thread, NULL, run, programme) == 0);
    pthread_setname_np(programme->thread, "programme");
    return programme;
}

void capture_programme_free(CaptureProgramme *programme)
{
    if (programme != NULL) {
        atomic_store(&programme->stop, true);
        pthread_join(programme->thread, NULL);
        capture_thumb_free(programme->thumb);
        capture_stage_free(programme->stage);
        capture_sound_free(programme->sound);
        pthread_mutex_destroy(&programme->mutex);
        g_free(programme->source);
        g_free(programme);
    }
}

void capture_programme_source(CaptureProgramme *programme, const char *text)
{
    pthread_mutex_lock(&programme->mutex);
    g_free(programme->source);
    programme->source = g_strdup(text);
    pthread_mutex_unlock(&programme->mutex);
}

void capture_programme_mark(CaptureProgramme *programme, MediaMark mark)
{
    pthread_mutex_lock(&programme->mutex);
    if (programme->marks_count < MAX_MARKS) {
        programme->marks[programme->marks_count++] = mark;
    }
    pthread_mutex_unlock(&programme->mutex);
}

void capture_programme_key(CaptureProgramme *programme, uint32_t tracks)
{
    pthread_mutex_lock(&programme->mutex);
    programme->keys |= tracks;
    pthread_mutex_unlock(&programme->mutex);
}

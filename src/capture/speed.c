// SPDX-License-Identifier: GPL-3.0-or-later
// Measures how fast an encoder's whole ladder encodes.
#include "capture/capture.h"

#include "base/error.h"
#include "capture/encode.h"
#include "capture/grid.h"
#include "capture/paint.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define PICTURES 16   // distinct, repeated
#define MAX_WAITING 3 // as the programme
#define KEY_FRAMES (2 * CAPTURE_FPS)
#define POLL_US 500
#define RING_AREA 64 // of the zone plate: smaller is finer

typedef struct {
    atomic_uint units[MEDIA_MAX_TRACKS];
    pthread_mutex_t mutex;
    char *failure; // first
    GstBuffer *pictures[PICTURES];
    int16_t sound[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
} Speed;

static void on_track(MediaTrack *track, void *data)
{
    (void)track;
    (void)data;
}

static void on_unit(uint8_t track_id, MediaItem *unit, void *data)
{
    (void)unit;
    Speed *speed = data;
    atomic_fetch_add(&speed->units[track_id], 1);
}

static void on_failed(const char *text, void *data)
{
    Speed *speed = data;
    pthread_mutex_lock(&speed->mutex);
    if (speed->failure == NULL) {
        speed->failure = g_strdup(text);
    }
    pthread_mutex_unlock(&speed->mutex);
}

static bool failed(Speed *speed)
{
    pthread_mutex_lock(&speed->mutex);
    bool yes = speed->failure != NULL;
    pthread_mutex_unlock(&speed->mutex);
    return yes;
}

/* xorshift32 */
static uint32_t noise(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* A zone plate with noise: rings that move everywhere at another pace, hard to predict. Of noise
 * alone the encoder would drop nearly all. */
static uint8_t luma(int x, int y, int picture, uint32_t *state)
{
    int dx = x - CAPTURE_WIDTH / 2, dy = y - CAPTURE_HEIGHT / 2;
    int phase = ((dx * dx + dy * dy) / RING_AREA + picture * 256 / PICTURES) & 255;
    int wave = phase < 128 ? phase : 255 - phase;
    return (uint8_t)(40 + wave + (int)(noise(state) >> 28));
}

static void draw(Speed *speed)
{
    uint32_t state = 1;
    for (int i = 0; i < PICTURES; i++) {
        GstMapInfo map;
        GstBuffer *picture =
            gst_buffer_new_allocate(NULL, CAPTURE_WIDTH * CAPTURE_HEIGHT * 3 / 2, NULL);
        gst_buffer_map(picture, &map, GST_MAP_WRITE);
        memset(map.data, 128, map.size); // grey
        for (int at = 0; at < CAPTURE_WIDTH * CAPTURE_HEIGHT; at++) {
            map.data[at] = luma(at % CAPTURE_WIDTH, at / CAPTURE_WIDTH, i, &state);
        }
        gst_buffer_unmap(picture, &map);
        speed->pictures[i] = picture;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(speed->sound); i++) {
        speed->sound[i] = (int16_t)((int32_t)noise(&state) >> 20);
    }
}

/* Pictures that every rendition has. */
static unsigned encoded(const Speed *speed, uint32_t tracks)
{
    unsigned least = UINT32_MAX;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (tracks >> i & 1) {
            least = MIN(least, atomic_load(&speed->units[i]));
        }
    }
    return least;
}

static void push(Speed *speed, CaptureEncode *encode, int64_t k)
{
    for (unsigned i = 0; k % KEY_FRAMES == 0 && i < MEDIA_MAX_TRACKS; i++) {
        if (capture_encode_video_tracks(encode) >> i & 1) {
            capture_encode_key(encode, (uint8_t)i, capture_frame_pts(k));
        }
    }
    capture_encode_video(encode, gst_buffer_ref(speed->pictures[k % PICTURES]), k);
    capture_encode_audio(encode, speed->sound, k * CAPTURE_FRAME_SAMPLES, CAPTURE_FRAME_SAMPLES);
}

/* From the first picture out, so without the time to open. 0: none came. */
static double measure(Speed *speed, CaptureEncode *encode, unsigned frames, int64_t limit_us)
{
    uint32_t tracks = capture_encode_video_tracks(encode);
    int64_t now_us = base_clock_us(), until_us = now_us + limit_us, first_us = 0;
    unsigned pushed = 0, first = 0, have = 0;
    while (have < frames && now_us < until_us && !failed(speed)) {
        if (pushed < frames && capture_encode_waiting(encode) < MAX_WAITING) {
            push(speed, encode, pushed++);
        } else {
            g_usleep(POLL_US);
        }
        have = encoded(speed, tracks);
        now_us = base_clock_us();
        if (first == 0 && have > 0) {
            first = have;
            first_us = now_us;
        }
    }
    return have > first ? (double)((have - first) * CAPTURE_FRAME_US) / (double)(now_us - first_us)
                        : 0;
}

static double run(Speed *speed, const char *pipelines_dir, const char *encoder, int64_t media_us,
                  int64_t limit_us, GError **error)
{
    CaptureEncodeEvents events = {
        .track = on_track, .unit = on_unit, .failed = on_failed, .data = speed};
    CaptureEncode *encode = capture_encode_new(pipelines_dir, encoder, 0, &events, error);
    if (encode == NULL) {
        return 0;
    }
    double result = measure(speed, encode, (unsigned)(media_us / CAPTURE_FRAME_US), limit_us);
    capture_encode_free(encode);
    if (speed->failure != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "encoder %s: %s", encoder,
                    speed->failure);
    } else if (result == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "encoder %s gave no two pictures within %d s: its device hangs, or the machine "
                    "is far too slow for it. Choose another ([programme] encoder).",
                    encoder, (int)(limit_us / BASE_US_PER_S));
    }
    return result;
}

double capture_encode_speed(const char *pipelines_dir, const char *encoder, int64_t media_us,
                            int64_t limit_us, GError **error)
{
    Speed *speed = g_new0(Speed, 1);
    pthread_mutex_init(&speed->mutex, NULL);
    draw(speed);
    double result = run(speed, pipelines_dir, encoder, media_us, limit_us, error);
    for (int i = 0; i < PICTURES; i++) {
        gst_buffer_unref(speed->pictures[i]);
    }
    pthread_mutex_destroy(&speed->mutex);
    g_free(speed->failure);
    g_free(speed);
    return result;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// An hour of a source whose clocks are wrong, on a clock that is not waited for. What it films is
// time itself: each picture says when it was taken, and the sound is a sine whose phase does.
#include "../long.h"
#include "base/clock.h"
#include "capture/source/clockmap.h"
#include "capture/grid.h"
#include "capture/source/resample.h"
#include "capture/source/samples.h"
#include "capture/source/steady.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS BASE_US_PER_MS
#define SECOND BASE_US_PER_S
#define MINUTE (60 * SECOND)
#define TONE 440
#define AMPLITUDE 20000.0
#define MAX_WRONG                                                                                  \
    8 // of AMPLITUDE: rounding, and a pace that is off by 0.5 %; a click of 1 us shows
#define BUFFER 960
#define FRAMES 64
#define TABLE 4096
#define START_US (2 * SECOND) // when the programme takes the source

typedef enum {
    STAMPED_BY_MACHINE, // when it came, as a sound card's driver does
    STAMPED_BY_SOURCE,  // by the clock that also stamps the pictures
    STAMPED_BY_COUNT,   // by its own samples
} Stamps;

typedef struct {
    double source_ppm; // the clock of the timestamps against the machine's
    double sound_ppm;  // the samples' clock
    Stamps stamps;
    int64_t jitter_us; // of arrivals, and of the machine's stamps
    int64_t stall_us;  // once a minute nothing comes for so long, then all at once
    int64_t pause_us;  // at `at_us` nothing comes for so long, then all at once
    int64_t at_us;     // when it happens, if one of the following does
    int64_t jump_us;   // of the timestamps of both
    int64_t step_us;   // of the pictures' delay
    int64_t hole_us;   // nothing of this time ever comes
    int64_t stuck_us;  // for so long all pictures have one timestamp
    int64_t minutes;
} Case;

typedef struct {
    const Case *how;
    GRand *random;
    CaptureClockmap map;
    CaptureSteady steady;
    CaptureSamples samples;
    CaptureResample reader;
    unsigned anchors;
    int64_t frames[FRAMES], taken[FRAMES]; // running time, true time
    int64_t frame, buffer;                 // those to come
    int64_t last_stamp_ns;
    // What was found.
    double apart_least_us, apart_most_us, delay_least_us, delay_most_us;
    double delay_us; // of what was shown last
    int64_t worst_picture_us, late_pictures, clicks, missing;
    double at_us;   // when the first sample last given out was taken
    double last[2]; // the last two samples
    int64_t heard;
} Sim;

static float sine[TABLE + 1];

/* This test's own instruments, which run for every sample: sanitizers are to look at what is tested. */
#define INSTRUMENT __attribute__((no_sanitize("address", "undefined")))

INSTRUMENT static double wave(double turns)
{
    double at = (turns - floor(turns)) * TABLE;
    int i = (int)at;
    return AMPLITUDE * ((double)sine[i] + (at - i) * (double)(sine[i + 1] - sine[i]));
}

static int64_t jitter(Sim *sim)
{
    int64_t most = sim->how->jitter_us;
    return most > 0 ? g_rand_int_range(sim->random, 0, (gint32)most) : 0;
}

/* When what would come at `at_us` comes. */
static int64_t stalled(const Sim *sim, int64_t at_us)
{
    const Case *how = sim->how;
    if (at_us >= how->at_us && at_us < how->at_us + how->pause_us) {
        return how->at_us + how->pause_us;
    }
    int64_t in_minute = at_us % MINUTE;
    bool in = in_minute > 30 * SECOND && in_minute < 30 * SECOND + how->stall_us;
    return in ? at_us - in_minute + 30 * SECOND + how->stall_us : at_us;
}

/* What the source's clock says at the machine's `true_us`. */
static double stamp(const Sim *sim, double true_us)
{
    const Case *how = sim->how;
    bool after = how->jump_us != 0 && true_us >= (double)how->at_us;
    return true_us * (1 + how->source_ppm / 1e6) + (double)(after ? how->jump_us : 0);
}

/* When sample `i` was taken. */
INSTRUMENT static double sample_taken(const Sim *sim, double i)
{
    return i * SECOND / (CAPTURE_RATE * (1 + sim->how->sound_ppm / 1e6));
}

static int64_t frame_arrival(const Sim *sim, int64_t frame)
{
    int64_t taken_us = frame * SECOND / 25;
    bool stepped = sim->how->step_us != 0 && taken_us >= sim->how->at_us;
    return stalled(sim, taken_us + 60 * MS + (stepped ? sim->how->step_us : 0));
}

static int64_t buffer_arrival(const Sim *sim, int64_t buffer)
{
    return stalled(sim, (int64_t)sample_taken(sim, (double)(buffer + 1) * BUFFER) + 30 * MS);
}

static bool within(const Case *how, int64_t taken_us, int64_t length_us)
{
    return taken_us >= how->at_us && taken_us < how->at_us + length_us;
}

static void bring_frame(Sim *sim)
{
    const Case *how = sim->how;
    int64_t taken_us = sim->frame * SECOND / 25, now_us = frame_arrival(sim, sim->frame);
    if (within(how, taken_us, how->hole_us)) {
        sim->frame++;
        return;
    }
    bool stuck = within(how, taken_us, how->stuck_us);
    int64_t start_us = (int64_t)stamp(sim, (double)(stuck ? how->at_us : taken_us));
    int64_t at_us = capture_clockmap_arrive(&sim->map, CAPTURE_PICTURE, now_us + jitter(sim),
                                            start_us, start_us + SECOND / 25);
    sim->frames[sim->frame % FRAMES] = at_us;
    sim->taken[sim->frame % FRAMES] = taken_us;
    sim->frame++;
}

static int64_t sound_stamp_us(Sim *sim)
{
    double first = (double)sim->buffer * BUFFER;
    switch (sim->how->stamps) {
    case STAMPED_BY_MACHINE:
        return buffer_arrival(sim, sim->buffer) - 50 * MS + jitter(sim);
    case STAMPED_BY_SOURCE:
        return (int64_t)stamp(sim, sample_taken(sim, first));
    default:
        return (int64_t)(first * SECOND / CAPTURE_RATE);
    }
}

INSTRUMENT static void bring_buffer(Sim *sim)
{
    int16_t data[BUFFER * CAPTURE_CHANNELS];
    for (int i = 0; i < BUFFER; i++) {
        double turns = sample_taken(sim, (double)(sim->buffer * BUFFER + i)) * TONE / SECOND;
        data[2 * i] = (int16_t)lrint(wave(turns));
        data[2 * i + 1] = (int16_t)lrint(wave(turns + 0.25));
    }
    int64_t now_us = buffer_arrival(sim, sim->buffer);
    if (within(sim->how, now_us - 50 * MS, sim->how->hole_us)) {
        sim->buffer++;
        return;
    }
    int64_t at_ns =
        capture_steady_time(&sim->steady, CAPTURE_RATE, sound_stamp_us(sim) * 1000, BUFFER, false);
    int64_t skew_us = (int64_t)sim->steady.skew_us, start_us = at_ns / 1000 + skew_us;
    int64_t at_us = capture_clockmap_arrive(&sim->map, CAPTURE_SOUND, now_us + jitter(sim),
                                            start_us, start_us + BUFFER * SECOND / CAPTURE_RATE);
    capture_samples_write(&sim->samples, capture_samples_at(at_us - skew_us), data, BUFFER);
    sim->buffer++;
}

static void bring_until(Sim *sim, int64_t now_us)
{
    for (;;) {
        int64_t frame_us = frame_arrival(sim, sim->frame);
        int64_t buffer_us = buffer_arrival(sim, sim->buffer);
        if (MIN(frame_us, buffer_us) > now_us) {
            return;
        }
        if (frame_us < buffer_us) {
            bring_frame(sim);
        } else {
            bring_buffer(sim);
        }
    }
}

/* When the picture nearest to `at` was taken, less what the grid rounds; and how near it is. */
INSTRUMENT static double picture_taken(const Sim *sim, double at, int64_t *out_far_us)
{
    int best = 0;
    for (int i = 1; i < FRAMES; i++) {
        if (fabs((double)sim->frames[i] - at) < fabs((double)sim->frames[best] - at)) {
            best = i;
        }
    }
    *out_far_us = (int64_t)fabs((double)sim->frames[best] - at);
    return (double)sim->taken[best] + at - (double)sim->frames[best];
}

/* Of a pure tone each sample follows from the two before it, at any pace that is near the right
 * one. Returns when the first sample was taken, which its phase says, nearest to `near_us`. */
INSTRUMENT static double listen(Sim *sim, const int16_t *out, double near_us)
{
    static const double period_us = (double)SECOND / TONE;
    const double follow = 2 * cos(2 * G_PI * TONE / CAPTURE_RATE);
    for (int i = 0; i < CAPTURE_FRAME_SAMPLES; i++) {
        double left = out[2 * i], right = out[2 * i + 1];
        double power = left * left + right * right;
        sim->missing += fabs(power - AMPLITUDE * AMPLITUDE) > AMPLITUDE * AMPLITUDE / 100;
        double wrong = left - follow * sim->last[1] + sim->last[0];
        sim->clicks += sim->heard >= 2 && fabs(wrong) > MAX_WRONG;
        sim->last[0] = sim->last[1];
        sim->last[1] = left;
        sim->heard++;
    }
    double taken_us = atan2(out[0], out[1]) / (2 * G_PI) * period_us;
    return near_us + remainder(taken_us - near_us, period_us);
}

static void show(Sim *sim, int64_t k)
{
    int64_t pts_us = capture_frame_pts(k), far_us = 0;
    double at = capture_clockmap_at(&sim->map, CAPTURE_PICTURE, pts_us);
    double picture_us = picture_taken(sim, at, &far_us);
    int16_t out[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
    double sound = capture_clockmap_at(&sim->map, CAPTURE_SOUND, pts_us) - sim->steady.skew_us;
    bool jump = sim->anchors != sim->map.anchors;
    capture_resample_read(&sim->reader, &sim->samples, sound * CAPTURE_RATE / SECOND, jump, out,
                          CAPTURE_FRAME_SAMPLES);
    if (jump) {
        sim->heard = 0; // it sets in
        sim->at_us = picture_us;
    } else {
        // The phase tells the time but for whole periods of 2.3 ms, which cannot pass within a
        // frame.
        double next_us = sim->at_us + (double)SECOND / CAPTURE_FPS;
        int64_t missing = sim->missing;
        sim->at_us = listen(sim, out, sim->heard > 0 ? next_us : picture_us);
        if (sim->missing > missing) {
            sim->at_us = picture_us;
            return;
        }
        double apart_us = sim->at_us - picture_us, delay_us = (double)pts_us - picture_us;
        sim->apart_least_us = fmin(sim->apart_least_us, apart_us);
        sim->apart_most_us = fmax(sim->apart_most_us, apart_us);
        sim->delay_us = delay_us;
        sim->delay_least_us = fmin(sim->delay_least_us, delay_us);
        sim->delay_most_us = fmax(sim->delay_most_us, delay_us);
        sim->worst_picture_us = MAX(sim->worst_picture_us, far_us);
        sim->late_pictures += far_us > SECOND / 25 / 2 + MS;
    }
    sim->anchors = sim->map.anchors;
}

/* The long form plays whole hours. */
static int64_t minutes(const Case *how)
{
    int64_t most = tests_are_long() ? 60 : 20;
    return MIN(how->minutes, TESTS_SANITIZED ? 10 : most);
}

static Sim *simulate(const Case *how)
{
    Sim *sim = g_new0(Sim, 1);
    sim->how = how;
    sim->random = g_rand_new_with_seed(1);
    sim->apart_least_us = sim->delay_least_us = INFINITY;
    sim->apart_most_us = sim->delay_most_us = -INFINITY;
    memset(sim->frames, 0x80, sizeof sim->frames);
    capture_clockmap_init(&sim->map);
    sim->map.live = true;
    capture_samples_init(&sim->samples, 4 * CAPTURE_RATE);
    int64_t first = capture_frame_nearest(START_US);
    for (int64_t k = first; k < minutes(how) * 60 * CAPTURE_FPS; k++) {
        bring_until(sim, capture_frame_pts(k));
        if (k == first) {
            capture_clockmap_start(&sim->map, START_US);
        }
        show(sim, k);
    }
    g_test_message("sound against picture %.1f to %.1f ms, delay %.1f to %.1f ms, "
                   "picture within %.1f ms, %" G_GINT64_FORMAT " clicks, %" G_GINT64_FORMAT
                   " samples missing, %u anchors",
                   sim->apart_least_us / 1e3, sim->apart_most_us / 1e3, sim->delay_least_us / 1e3,
                   sim->delay_most_us / 1e3, (double)sim->worst_picture_us / 1e3, sim->clicks,
                   sim->missing, sim->map.anchors);
    return sim;
}

static void sim_free(Sim *sim)
{
    capture_samples_finish(&sim->samples);
    g_rand_free(sim->random);
    g_free(sim);
}

/* Lips in step within 20 ms, every picture in its place, every sample there, and not one click. */
static void test_smooth(gconstpointer data)
{
    Sim *sim = simulate(data);
    g_assert_cmpfloat(sim->apart_most_us - sim->apart_least_us, <=, 20.0 * MS);
    g_assert_cmpint(sim->worst_picture_us, <=, SECOND / 25 / 2 + MS);
    g_assert_cmpint(sim->clicks, ==, 0);
    g_assert_cmpint(sim->missing, ==, 0);
    g_assert_cmpuint(sim->map.anchors, ==, 1);
    sim_free(sim);
}

/* Something is lost for a while, but lips are in step before and after. */
static void test_hole(gconstpointer data)
{
    const Case *how = data;
    Sim *sim = simulate(how);
    g_assert_cmpfloat(sim->apart_most_us - sim->apart_least_us, <=, 20.0 * MS);
    int64_t lost = capture_samples_at(how->hole_us);
    g_assert_cmpint(sim->missing, <=, lost + CAPTURE_RATE / 10);
    g_assert_cmpint(sim->clicks, <=, lost); // silence does not follow from a tone
    sim_free(sim);
}

/* Pictures that come too late from now on: one jump, within a second, and lips are in step again.
 */
static void test_late(gconstpointer data)
{
    Sim *sim = simulate(data);
    g_assert_cmpuint(sim->map.anchors, ==, 2);
    g_assert_cmpfloat(sim->apart_most_us - sim->apart_least_us, <=, 20.0 * MS);
    g_assert_cmpint(sim->late_pictures, <, CAPTURE_FPS);
    sim_free(sim);
}

/* The machine stalled once, at the start or later: the delay that this made is not for good, and
 * nothing is left out on the way back. `anchors`: the start's, and the stall's if it was later. */
static void check_given_back(const Case *how, unsigned anchors)
{
    Sim *sim = simulate(how);
    g_assert_cmpuint(sim->map.anchors, ==, anchors);
    g_assert_cmpfloat(sim->delay_most_us, >, 500.0 * MS);
    g_assert_cmpfloat(sim->delay_us, <, 200.0 * MS);
    g_assert_cmpfloat(sim->apart_most_us - sim->apart_least_us, <=, 20.0 * MS);
    sim_free(sim);
}

static void test_busy_start(gconstpointer data)
{
    check_given_back(data, 1);
}

static void test_stall(gconstpointer data)
{
    check_given_back(data, 2);
}

/* And one that left more than a second is taken back at once. */
static void test_long_stall(gconstpointer data)
{
    check_given_back(data, 3);
}

/* Pictures that say nothing of their time: the sound goes on, and the delay comes back. */
static void test_stuck(gconstpointer data)
{
    Sim *sim = simulate(data);
    g_assert_cmpuint(sim->map.anchors, ==, 1);
    g_assert_cmpfloat(sim->delay_most_us, <, 200.0 * MS);
    g_assert_cmpint(sim->clicks, ==, 0);
    sim_free(sim);
}

/* Read at another pace, a high tone is still that tone: what is wrong with it is below -70 dB. */
static void test_pace(void)
{
    CaptureSamples samples;
    CaptureResample reader = {.at = 1000.25, .begun = true, .catching_up = true};
    int16_t in[4000 * CAPTURE_CHANNELS], out[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
    static const double turn = 2 * G_PI * 10000 / CAPTURE_RATE;
    for (int i = 0; i < 4000; i++) {
        in[2 * i] = (int16_t)lrint(AMPLITUDE * sin(turn * i));
        in[2 * i + 1] = (int16_t)lrint(AMPLITUDE * cos(turn * i));
    }
    capture_samples_init(&samples, CAPTURE_RATE);
    capture_samples_write(&samples, 0, in, 4000);
    double at = reader.at, wrong = 0;
    capture_resample_read(&reader, &samples, at + 5000, false, out, CAPTURE_FRAME_SAMPLES);
    g_assert_cmpfloat(reader.at, ==, rint(at + 5000) + CAPTURE_FRAME_SAMPLES); // far: a jump, whole
    reader = (CaptureResample){.at = at, .begun = true, .catching_up = true};
    capture_resample_read(&reader, &samples, at + 1000, false, out, CAPTURE_FRAME_SAMPLES);
    double step = (reader.at - at) / CAPTURE_FRAME_SAMPLES;
    g_assert_cmpfloat(step, ==, 1.005);
    for (int i = 0; i < CAPTURE_FRAME_SAMPLES; i++) {
        wrong += pow(out[2 * i] - AMPLITUDE * sin(turn * (at + i * step)), 2);
        wrong += pow(out[2 * i + 1] - AMPLITUDE * cos(turn * (at + i * step)), 2);
    }
    double below_db = 10 * log10(wrong / CAPTURE_FRAME_SAMPLES / AMPLITUDE / AMPLITUDE);
    g_test_message("wrong by %.1f dB", below_db);
    g_assert_cmpfloat(below_db, <, -70);
    capture_samples_finish(&samples);
}

/* In step, samples pass as they are. */
static void test_untouched(void)
{
    CaptureSamples samples;
    CaptureResample reader = {0};
    int16_t in[CAPTURE_RATE * CAPTURE_CHANNELS], out[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
    for (int i = 0; i < CAPTURE_RATE * CAPTURE_CHANNELS; i++) {
        in[i] = (int16_t)g_test_rand_int();
    }
    capture_samples_init(&samples, 2 * CAPTURE_RATE);
    capture_samples_write(&samples, 0, in, CAPTURE_RATE);
    for (int k = 1; k < 29; k++) {
        double want = k * CAPTURE_FRAME_SAMPLES + g_test_rand_double_range(-0.4, 0.4);
        capture_resample_read(&reader, &samples, want, false, out, CAPTURE_FRAME_SAMPLES);
        const int16_t *from = in + k * CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS;
        g_assert_true(k == 1 || memcmp(out, from, sizeof out) == 0);
    }
    capture_samples_finish(&samples);
}

/* Other rates in mid-stream, one after the other: no time is lost or gained; a hole is kept. */
static void test_rates(void)
{
    int64_t now_s = 3900000000; // since 1900, as a camera's own clock may count
    g_assert_cmpint(capture_samples_at(now_s * SECOND + 20), ==, now_s * CAPTURE_RATE);
    g_assert_cmpint(capture_samples_at(-1500 * MS), ==, -72000);
    static const int rates[] = {8000, 44100, 48000, 16000, 11025};
    CaptureSteady steady = {0};
    int64_t at_ns = 5 * INT64_C(1000000000);
    for (size_t r = 0; r < G_N_ELEMENTS(rates); r++) {
        for (int i = 0; i < 1000; i++) {
            int64_t count = 1024, said = (at_ns + 500000) / 1000000 * 1000000; // in milliseconds
            int64_t got = capture_steady_time(&steady, rates[r], said, count, false);
            g_assert_cmpint(ABS(got - at_ns), <, 2000000);
            at_ns += count * INT64_C(1000000000) / rates[r];
        }
    }
    g_assert_cmpfloat(fabs(steady.skew_us), <, 500);
    at_ns += 50000000; // 50 ms are missing: only believed where the source says so
    CaptureSteady other = steady;
    int64_t joined = capture_steady_time(&steady, 11025, at_ns, 1024, false);
    int64_t torn = capture_steady_time(&other, 11025, at_ns, 1024, true);
    g_assert_cmpint(ABS(torn - joined - 50000000), <, 2000000);
}

/* A file's durations may be wrong and its pictures may stand: neither is a jump. Going back is. */
static void test_file_times(void)
{
    CaptureClockmap map;
    capture_clockmap_init(&map);
    int64_t at = capture_clockmap_arrive(&map, CAPTURE_PICTURE, 0, 0, 5 * SECOND);
    g_assert_cmpint(at, ==, 0);
    at = capture_clockmap_arrive(&map, CAPTURE_PICTURE, 0, 40 * MS, 80 * MS);
    g_assert_cmpint(at, ==, 40 * MS);
    at = capture_clockmap_arrive(&map, CAPTURE_SOUND, 0, 0, 10 * MS);
    g_assert_cmpint(at, ==, 0);
    at = capture_clockmap_arrive(&map, CAPTURE_PICTURE, 0, 20 * SECOND, 20 * SECOND + 40 * MS);
    g_assert_cmpint(at, ==, 20 * SECOND);
    at = capture_clockmap_arrive(&map, CAPTURE_PICTURE, 0, 1 * SECOND, SECOND + 40 * MS);
    g_assert_cmpint(at, ==, 20 * SECOND + 40 * MS);
    capture_clockmap_arrive(&map, CAPTURE_SOUND, 0, 20 * SECOND, 20 * SECOND + 10 * MS);
    at = capture_clockmap_arrive(&map, CAPTURE_SOUND, 0, SECOND, SECOND + 10 * MS);
    g_assert_cmpint(at, ==, 20 * SECOND + 40 * MS); // the same jump, to the microsecond
}

#define HOUR (60 * MINUTE)
static const struct {
    const char *name;
    void (*test)(gconstpointer how);
    Case how;
} cases[] = {
    {"/capture/time/no-drift", test_smooth, {.minutes = 5}},
    {"/capture/time/card+100", test_smooth, {.sound_ppm = 100, .jitter_us = 8 * MS, .minutes = 60}},
    {"/capture/time/card-100",
     test_smooth,
     {.sound_ppm = -100, .jitter_us = 8 * MS, .minutes = 60}},
    {"/capture/time/card+500", test_smooth, {.sound_ppm = 500, .minutes = 5}},
    {"/capture/time/card-500", test_smooth, {.sound_ppm = -500, .minutes = 5}},
    {"/capture/time/source+100",
     test_smooth,
     {.source_ppm = 100,
      .sound_ppm = 100,
      .stamps = STAMPED_BY_SOURCE,
      .jitter_us = 8 * MS,
      .minutes = 60}},
    {"/capture/time/source-100",
     test_smooth,
     {.source_ppm = -100,
      .sound_ppm = -100,
      .stamps = STAMPED_BY_SOURCE,
      .jitter_us = 8 * MS,
      .minutes = 10}},
    {"/capture/time/count+100",
     test_smooth,
     {.sound_ppm = 100, .stamps = STAMPED_BY_COUNT, .jitter_us = 8 * MS, .minutes = 10}},
    {"/capture/time/count-100",
     test_smooth,
     {.sound_ppm = -100, .stamps = STAMPED_BY_COUNT, .jitter_us = 8 * MS, .minutes = 60}},
    {"/capture/time/stalls",
     test_smooth,
     {.stamps = STAMPED_BY_SOURCE, .stall_us = 60 * MS, .minutes = 10}},
    {"/capture/time/slower-decoder",
     test_smooth,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .step_us = 60 * MS, .minutes = 5}},
    {"/capture/time/much-slower-decoder",
     test_late,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .step_us = 400 * MS, .minutes = 2}},
    {"/capture/time/jump+10s",
     test_smooth,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .jump_us = 10 * SECOND, .minutes = 2}},
    {"/capture/time/jump-10s",
     test_smooth,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .jump_us = -10 * SECOND, .minutes = 2}},
    {"/capture/time/jump+1h",
     test_smooth,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .jump_us = HOUR, .minutes = 2}},
    {"/capture/time/back-to-0",
     test_smooth,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .jump_us = -MINUTE, .minutes = 2}},
    {"/capture/time/jump-while-drifting",
     test_smooth,
     {.source_ppm = 100,
      .sound_ppm = 100,
      .stamps = STAMPED_BY_SOURCE,
      .jitter_us = 8 * MS,
      .at_us = 5 * MINUTE + 7 * SECOND,
      .jump_us = 10 * SECOND,
      .minutes = 10}},
    {"/capture/time/hole-2s",
     test_hole,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .hole_us = 2 * SECOND, .minutes = 2}},
    {"/capture/time/busy-start",
     test_busy_start,
     {.stamps = STAMPED_BY_SOURCE,
      .jitter_us = 8 * MS,
      .at_us = 1200 * MS,
      .pause_us = 600 * MS,
      .minutes = 4}},
    {"/capture/time/stall",
     test_stall,
     {.stamps = STAMPED_BY_SOURCE,
      .jitter_us = 8 * MS,
      .at_us = MINUTE,
      .pause_us = 1 * SECOND,
      .minutes = 6}},
    {"/capture/time/long-stall",
     test_long_stall,
     {.stamps = STAMPED_BY_SOURCE,
      .jitter_us = 8 * MS,
      .at_us = MINUTE,
      .pause_us = 2 * SECOND,
      .minutes = 4}},
    {"/capture/time/stuck",
     test_stuck,
     {.stamps = STAMPED_BY_SOURCE, .at_us = MINUTE, .stuck_us = 5 * SECOND, .minutes = 3}},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (int i = 0; i <= TABLE; i++) {
        sine[i] = (float)sin(2 * G_PI * i / TABLE);
    }
    g_test_add_func("/capture/time/pace", test_pace);
    g_test_add_func("/capture/time/untouched", test_untouched);
    g_test_add_func("/capture/time/rates", test_rates);
    g_test_add_func("/capture/time/file-times", test_file_times);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_add_data_func(cases[i].name, &cases[i].how, cases[i].test);
    }
    return g_test_run();
}

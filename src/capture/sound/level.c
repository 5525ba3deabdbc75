// SPDX-License-Identifier: GPL-3.0-or-later
// Measures the loudness of the programme's sound and moves its gain.
#include "capture/sound/level.h"

#include "capture/grid.h"

#include <ebur128.h>
#include <glib.h>
#include <math.h>
#include <string.h>

#define STEP_FRAMES (CAPTURE_FPS / 10)
#define STEPS_PER_S 10
#define WINDOW (30 * STEPS_PER_S)
#define RECENT (6 * STEPS_PER_S)
#define FIRST STEPS_PER_S
#define LIVELY (3 * STEPS_PER_S)

#define GATE_LUFS (-55.0)
#define QUIET_LUFS (-45.0) // below, noise must be told from speech
#define LIVELY_LU 15.0     // up and down in 3 s
#define LIVELY_STEP_LU 3.0 // at most counted
#define RELATIVE_LU (-10.0)
#define CLEAR_LU 2.0
#define OTHER_LU 8.0 // somebody else speaks

#define QUICK_STEPS (10 * STEPS_PER_S)
#define QUICK_DB (4.0 / STEPS_PER_S)
#define QUICK_SHARE 0.25
#define UP_DB (1.0 / STEPS_PER_S)
#define DOWN_DB (2.0 / STEPS_PER_S)
#define SLOW_SHARE 0.02

struct CaptureLevel {
    ebur128_state *meter;
    double target;
    unsigned frames;
    double blocks[WINDOW]; // LUFS
    unsigned count;
    double moments[LIVELY];
    unsigned moment;
    unsigned quick;
    double gain_db;
    float gain;
};

CaptureLevel *capture_level_new(double target_lufs)
{
    CaptureLevel *level = g_new0(CaptureLevel, 1);
    level->meter = ebur128_init(CAPTURE_CHANNELS, CAPTURE_RATE, EBUR128_MODE_M);
    g_assert(level->meter != NULL);
    level->target = target_lufs;
    level->quick = QUICK_STEPS;
    level->gain = 1;
    for (int i = 0; i < LIVELY; i++) {
        level->moments[i] = GATE_LUFS;
    }
    return level;
}

void capture_level_free(CaptureLevel *level)
{
    if (level != NULL) {
        ebur128_destroy(&level->meter);
        g_free(level);
    }
}

static double energy(double lufs)
{
    return pow(10, lufs / 10);
}

static double mean(const double *blocks, unsigned count, double gate)
{
    double sum = 0;
    unsigned used = 0;
    for (unsigned i = 0; i < count; i++) {
        if (blocks[i] >= gate) {
            sum += energy(blocks[i]);
            used++;
        }
    }
    return used > 0 ? 10 * log10(sum / used) : GATE_LUFS;
}

/* EBU Tech 3341. */
static double gated(const double *blocks, unsigned count)
{
    return mean(blocks, count, mean(blocks, count, GATE_LUFS) + RELATIVE_LU);
}

static double window(const CaptureLevel *level)
{
    return gated(level->blocks, level->count);
}

static bool lively(const CaptureLevel *level)
{
    double path = 0, last = level->moments[level->moment % LIVELY];
    for (unsigned i = 1; i < LIVELY; i++) {
        double next = level->moments[(level->moment + i) % LIVELY];
        path += fmin(fabs(next - last), LIVELY_STEP_LU);
        last = next;
    }
    return path >= LIVELY_LU;
}

static bool is_sound(const CaptureLevel *level, double lufs)
{
    double known = level->count > 0 ? window(level) + RELATIVE_LU : QUIET_LUFS;
    return lufs >= GATE_LUFS && (lufs >= fmax(known, QUIET_LUFS) || lively(level));
}

static void add_block(CaptureLevel *level, double lufs)
{
    if (level->count == WINDOW) {
        memmove(level->blocks, level->blocks + 1, (WINDOW - 1) * sizeof *level->blocks);
        level->count--;
    }
    level->blocks[level->count++] = lufs;
}

/* A few loud blocks outweigh all quiet ones. */
static bool all_below(const double *blocks, unsigned count, double limit)
{
    for (unsigned i = 0; i < count; i++) {
        if (blocks[i] >= limit) {
            return false;
        }
    }
    return true;
}

static void begin_anew(CaptureLevel *level)
{
    if (level->count < 2 * RECENT) {
        return;
    }
    const double *recent = level->blocks + level->count - RECENT;
    double known = window(level), off = gated(recent, RECENT) - known;
    if (off > OTHER_LU || (off < -OTHER_LU && all_below(recent, RECENT, known - CLEAR_LU))) {
        memmove(level->blocks, recent, RECENT * sizeof *level->blocks);
        level->count = RECENT;
        level->quick = QUICK_STEPS;
    }
}

static double move_of(const CaptureLevel *level)
{
    double wanted =
        CLAMP(level->target - window(level), -CAPTURE_LEVEL_MAX_DB, CAPTURE_LEVEL_MAX_DB);
    double off = wanted - level->gain_db;
    return level->quick > 0 ? CLAMP(off * QUICK_SHARE, -QUICK_DB, QUICK_DB)
                            : CLAMP(off * SLOW_SHARE, -DOWN_DB, UP_DB);
}

static void step(CaptureLevel *level)
{
    double lufs = -HUGE_VAL;
    ebur128_loudness_momentary(level->meter, &lufs);
    level->moments[level->moment++ % LIVELY] = fmax(lufs, GATE_LUFS);
    if (!is_sound(level, lufs)) {
        return;
    }
    add_block(level, lufs);
    begin_anew(level);
    if (level->count >= FIRST) {
        level->gain_db += move_of(level);
        level->quick -= level->quick > 0;
    }
}

static void reset(CaptureLevel *level)
{
    level->count = 0;
    level->quick = QUICK_STEPS;
    level->gain_db = 0;
}

void capture_level_run(CaptureLevel *level, const int16_t *in, float *out, bool off)
{
    ebur128_add_frames_short(level->meter, in, CAPTURE_FRAME_SAMPLES);
    if (off) {
        reset(level);
    } else if (++level->frames % STEP_FRAMES == 0) {
        step(level);
    }
    float from = level->gain, to = (float)pow(10, level->gain_db / 20);
    for (int i = 0; i < CAPTURE_FRAME_SAMPLES; i++) {
        float gain = from + (to - from) * (float)(i + 1) / CAPTURE_FRAME_SAMPLES;
        for (int c = 0; c < CAPTURE_CHANNELS; c++) {
            *out++ = (float)*in++ / -(float)INT16_MIN * gain;
        }
    }
    level->gain = to;
}

double capture_level_gain_db(const CaptureLevel *level)
{
    return level->gain_db;
}

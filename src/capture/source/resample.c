// SPDX-License-Identifier: GPL-3.0-or-later
// Reads samples at a drifting position.
#include "capture/source/resample.h"

#include "capture/grid.h"

#include <glib.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#define HALF 16 // taps per side
#define TAPS (2 * HALF)
#define PHASES 256
#define KAISER_BETA 9.0
#define MAX_PACE 0.005
#define RESYNC_SAMPLES (CAPTURE_RATE / 10)  // beyond: jump
#define START_SAMPLES (CAPTURE_RATE / 1000) // 1 ms: in step
#define STOP_SAMPLES 2
#define CATCH_UP_SAMPLES (CAPTURE_RATE / 1.) // time constant
#define FADE_SAMPLES (CAPTURE_RATE / 500)
#define MAX_SPAN (CAPTURE_FRAME_SAMPLES + CAPTURE_FRAME_SAMPLES / 200 + TAPS + 8)

static float taps[PHASES + 1][TAPS];
static pthread_once_t taps_once = PTHREAD_ONCE_INIT;

/* Modified Bessel function, first kind, order 0. */
static double bessel(double x)
{
    double sum = 1, term = 1;
    for (int i = 1; i < 40; i++) {
        term *= x / 2 / i;
        sum += term * term;
    }
    return sum;
}

/* A windowed sinc for each fractional position. */
static void make_taps(void)
{
    for (int p = 0; p <= PHASES; p++) {
        double sum = 0, value[TAPS];
        for (int i = 0; i < TAPS; i++) {
            double x = i - (HALF - 1) - (double)p / PHASES;
            double edge = x / HALF;
            double window = edge * edge < 1 ? bessel(KAISER_BETA * sqrt(1 - edge * edge)) : 0;
            value[i] = window * (fabs(x) < 1e-9 ? 1 : sin(G_PI * x) / (G_PI * x));
            sum += value[i];
        }
        for (int i = 0; i < TAPS; i++) {
            taps[p][i] = (float)(value[i] / sum);
        }
    }
}

typedef float Four __attribute__((vector_size(16)));

static Four four_at(const float *from)
{
    Four out;
    memcpy(&out, from, sizeof out);
    return out;
}

/* `from` starts HALF - 1 samples before position 0. Left and right at a time. */
static void sample_at(const float *from, double place, int16_t *out)
{
    int64_t whole = (int64_t)floor(place);
    float phase = (float)((place - (double)whole) * PHASES);
    int p = MIN((int)phase, PHASES - 1);
    float between = phase - (float)p;
    const float *at = from + whole * CAPTURE_CHANNELS;
    Four sum = {0}, more = {0};
    for (int i = 0; i < TAPS; i += 4) {
        Four low = four_at(taps[p] + i), tap = low + between * (four_at(taps[p + 1] + i) - low);
        sum += (Four){tap[0], tap[0], tap[1], tap[1]} * four_at(at + i * 2);
        more += (Four){tap[2], tap[2], tap[3], tap[3]} * four_at(at + i * 2 + 4);
    }
    sum += more;
    out[0] = (int16_t)CLAMP(lrintf(sum[0] + sum[2]), INT16_MIN, INT16_MAX);
    out[1] = (int16_t)CLAMP(lrintf(sum[1] + sum[3]), INT16_MIN, INT16_MAX);
}

static void read_moving(const CaptureSamples *samples, double at, double move, int16_t *out,
                        int64_t count)
{
    int64_t whole = (int64_t)floor(at);
    if (move == 0 && at == (double)whole) {
        capture_samples_read(samples, whole, out, count);
        return;
    }
    int16_t from[MAX_SPAN * CAPTURE_CHANNELS];
    float wide[MAX_SPAN * CAPTURE_CHANNELS];
    int64_t span = count + (int64_t)ceil(fabs(move)) + TAPS + 1;
    g_assert(span <= MAX_SPAN);
    capture_samples_read(samples, whole - (HALF - 1), from, span);
    for (int64_t i = 0; i < span * CAPTURE_CHANNELS; i++) {
        wide[i] = from[i];
    }
    pthread_once(&taps_once, make_taps);
    double step = 1 + move / (double)count;
    for (int64_t i = 0; i < count; i++) {
        sample_at(wide, at - (double)whole + (double)i * step, out + i * CAPTURE_CHANNELS);
    }
}

static void scale(int16_t *sample, int64_t part, int64_t of)
{
    for (int c = 0; c < CAPTURE_CHANNELS; c++) {
        sample[c] = (int16_t)(sample[c] * part / of);
    }
}

static void fade_edges(CaptureResample *reader, const CaptureSamples *samples, double at,
                       int16_t *out, int64_t count)
{
    int64_t from = samples->start - (int64_t)ceil(at), to = samples->end - (int64_t)ceil(at);
    bool sound = from < count && to > 0 && samples->start < samples->end;
    from = MAX(from, 0);
    for (int64_t i = 0; sound && (from > 0 || reader->silent) && i < FADE_SAMPLES; i++) {
        if (from + i < count) {
            scale(out + (from + i) * CAPTURE_CHANNELS, i, FADE_SAMPLES);
        }
    }
    for (int64_t i = 0; sound && to < count && i < MIN(FADE_SAMPLES, to); i++) {
        scale(out + (to - 1 - i) * CAPTURE_CHANNELS, i, FADE_SAMPLES);
    }
    reader->silent = !sound || to < count;
}

static void cross_fade(const CaptureSamples *samples, double old_at, int16_t *out, int64_t count)
{
    int16_t old[FADE_SAMPLES * CAPTURE_CHANNELS];
    int64_t length = MIN(count, FADE_SAMPLES);
    read_moving(samples, old_at, 0, old, length);
    for (int64_t i = 0; i < length * CAPTURE_CHANNELS; i++) {
        int64_t part = i / CAPTURE_CHANNELS;
        out[i] = (int16_t)((out[i] * part + old[i] * (length - part)) / length);
    }
}

static double plan_move(CaptureResample *reader, double want, int64_t count)
{
    double off = want - reader->at;
    if (fabs(off) > START_SAMPLES) {
        reader->catching_up = true;
    }
    if (!reader->catching_up) {
        return 0;
    }
    if (fabs(off) < STOP_SAMPLES) {
        reader->catching_up = false;
        return rint(want) - reader->at; // to a whole sample, then copied
    }
    double most = MAX_PACE * (double)count;
    return CLAMP(off * (double)count / CATCH_UP_SAMPLES, -most, most);
}

void capture_resample_read(CaptureResample *reader, const CaptureSamples *samples, double want,
                           bool jump, int16_t *out, int64_t count)
{
    g_assert(count > 0 && count <= CAPTURE_FRAME_SAMPLES);
    double old_at = reader->at;
    bool resync = !reader->begun || jump || fabs(want - reader->at) > RESYNC_SAMPLES;
    bool cross = resync && reader->begun && !reader->silent;
    if (resync) {
        reader->at = rint(want);
        reader->catching_up = false;
        reader->silent = !cross; // then it fades in
        reader->begun = true;
    }
    double move = plan_move(reader, want, count);
    read_moving(samples, reader->at, move, out, count);
    fade_edges(reader, samples, reader->at, out, count);
    if (cross) {
        cross_fade(samples, old_at, out, count);
    }
    reader->at += (double)count + move;
    if (!reader->catching_up) {
        reader->at = rint(reader->at);
    }
}

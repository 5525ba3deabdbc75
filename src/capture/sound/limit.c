// SPDX-License-Identifier: GPL-3.0-or-later
// Holds the true peaks of the programme's sound below a ceiling.
#include "capture/sound/limit.h"

#include "capture/grid.h"

#include <glib.h>
#include <math.h>

#define PHASES 4
#define TAPS 12
#define FILTER (PHASES * TAPS + 1)
#define RING 128 // a power of two
// A peak is seen TAPS / 2 samples late, its gain averaged over FALL samples and held for HOLD, in
// whose middle the peak leaves.
#define HOLD TAPS
#define FALL (CAPTURE_LIMIT_DELAY + 1 - HOLD / 2 - TAPS / 2)
#define UNITY (UINT32_C(1) << 30)   // integers do not drift
#define RISE (UNITY / CAPTURE_RATE) // in 1 s

struct CaptureLimit {
    float filter[TAPS][PHASES];
    float ceiling;
    float samples[RING][CAPTURE_CHANNELS];
    uint32_t needed[RING];
    uint32_t eased[RING];
    uint64_t sum;    // of FALL
    uint32_t lowest; // of FALL + HOLD
    unsigned lowest_at;
    unsigned at;
};

/* A sinc in a Hann window. */
static float tap(int i)
{
    double x = M_PI * (i - (FILTER - 1) / 2) / PHASES;
    double window = 0.5 * (1 - cos(2 * M_PI * i / (FILTER - 1)));
    return (float)((x == 0 ? 1 : sin(x) / x) * window);
}

CaptureLimit *capture_limit_new(void)
{
    CaptureLimit *limit = g_new0(CaptureLimit, 1);
    for (int i = 0; i < TAPS * PHASES; i++) {
        limit->filter[i / PHASES][i % PHASES] = tap(i);
    }
    limit->ceiling = (float)pow(10, CAPTURE_LIMIT_DBTP / 20);
    for (int i = 0; i < RING; i++) {
        limit->needed[i] = limit->eased[i] = UNITY;
    }
    limit->sum = (uint64_t)FALL * UNITY;
    limit->lowest = UNITY;
    return limit;
}

void capture_limit_free(CaptureLimit *limit)
{
    g_free(limit);
}

static unsigned slot(unsigned at)
{
    return at % RING;
}

static float true_peak(const CaptureLimit *limit, unsigned channel)
{
    float sums[PHASES] = {0};
    for (unsigned i = 0; i < TAPS; i++) {
        float sample = limit->samples[slot(limit->at - i)][channel];
        for (unsigned phase = 0; phase < PHASES; phase++) {
            sums[phase] += limit->filter[i][phase] * sample;
        }
    }
    float peak = 0;
    for (unsigned phase = 0; phase < PHASES; phase++) {
        peak = fmaxf(peak, fabsf(sums[phase]));
    }
    return peak;
}

static uint32_t gain_needed(const CaptureLimit *limit)
{
    float peak = 0;
    for (unsigned c = 0; c < CAPTURE_CHANNELS; c++) {
        peak = fmaxf(peak, true_peak(limit, c));
    }
    return peak > limit->ceiling ? (uint32_t)(UNITY * (double)limit->ceiling / peak) : UNITY;
}

static uint32_t lowest_needed(CaptureLimit *limit, uint32_t needed)
{
    unsigned now = limit->at;
    limit->needed[slot(now)] = needed;
    if (needed <= limit->lowest) {
        limit->lowest = needed;
        limit->lowest_at = now;
    } else if (now - limit->lowest_at >= FALL + HOLD) {
        limit->lowest = UNITY;
        for (unsigned i = FALL + HOLD; i-- > 0;) {
            if (limit->needed[slot(now - i)] <= limit->lowest) {
                limit->lowest = limit->needed[slot(now - i)];
                limit->lowest_at = now - i;
            }
        }
    }
    return limit->lowest;
}

static float next_gain(CaptureLimit *limit, bool off)
{
    uint32_t last = limit->eased[slot(limit->at - 1)];
    uint32_t lowest = lowest_needed(limit, off ? UNITY : gain_needed(limit));
    uint32_t eased = MIN(lowest, MIN(last + RISE, UNITY));
    limit->sum += eased;
    limit->sum -= limit->eased[slot(limit->at - FALL)];
    limit->eased[slot(limit->at)] = eased;
    return (float)((double)limit->sum / ((double)FALL * UNITY));
}

void capture_limit_run(CaptureLimit *limit, const float *in, int16_t *out, size_t count, bool off)
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned c = 0; c < CAPTURE_CHANNELS; c++) {
            limit->samples[slot(limit->at)][c] = in[i * CAPTURE_CHANNELS + c];
        }
        float gain = next_gain(limit, off);
        for (unsigned c = 0; c < CAPTURE_CHANNELS; c++) {
            float sample = limit->samples[slot(limit->at - CAPTURE_LIMIT_DELAY)][c] * gain;
            out[i * CAPTURE_CHANNELS + c] =
                (int16_t)lrintf(fmaxf(INT16_MIN, fminf(INT16_MAX, sample * -(float)INT16_MIN)));
        }
        limit->at++;
    }
}

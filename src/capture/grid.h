// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The grid: each frame has exactly 1600 audio samples. Pure.

#include "base/clock.h"

#include <stdint.h>

#define CAPTURE_WIDTH 1280
#define CAPTURE_HEIGHT 720
#define CAPTURE_FPS 30
#define CAPTURE_RATE 48000
#define CAPTURE_CHANNELS 2
#define CAPTURE_FRAME_SAMPLES (CAPTURE_RATE / CAPTURE_FPS)
#define CAPTURE_FRAME_US (BASE_US_PER_S / CAPTURE_FPS)

typedef struct {
    int64_t clock_us; // at `start_us`
    int64_t start_us; // timeline at the run's start
} CaptureClock;

static inline int64_t capture_clock_now(const CaptureClock *clock)
{
    return base_clock_us() - clock->clock_us + clock->start_us;
}

/* round(k * 1e6 / 30); k >= 0. */
static inline int64_t capture_frame_pts(int64_t k)
{
    return (k * BASE_US_PER_S + CAPTURE_FPS / 2) / CAPTURE_FPS;
}

/* `pts_us` >= 0. */
static inline int64_t capture_frame_nearest(int64_t pts_us)
{
    return (pts_us * CAPTURE_FPS + BASE_US_PER_S / 2) / BASE_US_PER_S;
}

/* `pts_us` >= 0. */
static inline int64_t capture_frame_ceil(int64_t pts_us)
{
    int64_t k = capture_frame_nearest(pts_us);
    return capture_frame_pts(k) < pts_us ? k + 1 : k;
}

static inline int64_t capture_samples_at(int64_t time_us)
{
    // in two steps: a source may count from 1900
    return time_us / BASE_US_PER_S * CAPTURE_RATE +
           time_us % BASE_US_PER_S * CAPTURE_RATE / BASE_US_PER_S;
}

static inline int64_t capture_samples_us(int64_t samples)
{
    return (samples * BASE_US_PER_S + CAPTURE_RATE / 2) / CAPTURE_RATE;
}

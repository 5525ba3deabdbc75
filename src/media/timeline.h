// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Microseconds since the session's epoch; CLOCK_MONOTONIC within a run. Pure.

#include <stdint.h>

typedef struct {
    int64_t epoch_wall_us; // at 0
    int64_t run_clock_us;  // base_clock_us() at run start
    int64_t run_start_us;  // timeline at run start
} MediaTimeline;

static inline int64_t media_timeline_at(const MediaTimeline *timeline, int64_t clock_us)
{
    return clock_us - timeline->run_clock_us + timeline->run_start_us;
}

/* `pts_us` >= 0. */
static inline int64_t media_grid_floor(int64_t pts_us, int64_t period_us)
{
    return pts_us / period_us * period_us;
}

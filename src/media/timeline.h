// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The session's one clock: microseconds since its epoch. The epoch (wall clock) is stored once;
// within a run only CLOCK_MONOTONIC advances it, so a jump of the wall clock changes nothing.
// Pure functions; any thread.

#include <stdint.h>

typedef struct {
    int64_t epoch_wall_us; // wall clock at timeline 0
    int64_t run_clock_us;  // base_clock_us() at the run's start
    int64_t run_start_us;  // timeline at the run's start
} MediaTimeline;

static inline int64_t media_timeline_at(const MediaTimeline *timeline, int64_t clock_us)
{
    return clock_us - timeline->run_clock_us + timeline->run_start_us;
}

static inline int64_t media_timeline_wall(const MediaTimeline *timeline, int64_t pts_us)
{
    return timeline->epoch_wall_us + pts_us;
}

/* The multiple of `period_us` at or before `pts_us` (not negative). */
static inline int64_t media_grid_floor(int64_t pts_us, int64_t period_us)
{
    return pts_us / period_us * period_us;
}

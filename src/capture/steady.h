// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Sound by its own count. A sound card's or a camera's 48,000 samples never last exactly one second
// of the timestamps that they come with. Each buffer gets the time that the count of samples says,
// so that nothing downstream tears the sound to catch up, and how far the timestamps have gone from
// the count is told apart, smoothed. Pure; the caller locks.

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int rate; // samples a second, as they come
    bool begun;
    int64_t base_ns; // the time of the first sample of this stretch, as counted
    int64_t count;   // samples since then
    double skew_us;  // timestamps - count
    int64_t last_ns; // the last timestamp
    int64_t astray;  // samples in a row whose timestamps are far from it, on one side
} CaptureSteady;

/* The time, in nanoseconds, of a buffer of `count` samples whose timestamp says `pts_ns`. A hole or
 * a jump of the timestamps shows in it; drift and jitter do not: they go into `skew_us`.
 * A timestamp that is missing (-1) or the same as the last says nothing: the count goes on.
 * `torn`: the buffer is said not to follow the one before. */
int64_t capture_steady_time(CaptureSteady *steady, int rate, int64_t pts_ns, int64_t count,
                            bool torn);

/* The timestamps begin anew: the next buffer is placed where its own says. */
void capture_steady_restart(CaptureSteady *steady);

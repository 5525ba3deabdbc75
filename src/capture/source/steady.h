// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Times sound by sample count: device clocks never match timestamps. Pure; the caller locks.

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int rate;
    bool begun;
    int64_t base_ns; // of the stretch
    int64_t count;
    double skew_us; // timestamps - count
    int64_t last_ns;
    int64_t astray; // samples far off, on one side
} CaptureSteady;

/* Nanoseconds; `pts_ns` -1: none. Holes and jumps show; drift and jitter go into `skew_us`. */
int64_t capture_steady_time(CaptureSteady *steady, int rate, int64_t pts_ns, int64_t count,
                            bool torn);

/* Trusts the next timestamp. */
void capture_steady_restart(CaptureSteady *steady);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A source's time on the programme's timeline. A finite source is laid there once. A live one has a
// clock of its own: how late its media arrives, at best, tells where that clock has gone, and the
// whole source follows it by small steps, so that it is never too late and never piles up. What a
// stall, or a start at load, left of delay that nothing needs is given back by such steps. Picture
// and sound keep the distance of their timestamps, unless one of the two drifts as only a clock
// drifts. Where the timestamps jump, both take the same jump and go on. Pure; the caller locks.

#include <stdbool.h>
#include <stdint.h>

#define CAPTURE_CLOCK_HIGHS 4

typedef enum { CAPTURE_PICTURE, CAPTURE_SOUND } CaptureClockKind;

typedef struct {
    bool seen;
    int64_t first_us;         // running time of the first, jumps taken out
    int64_t start_us, end_us; // of the last, and the end of all
    int64_t jump_us;          // the source's running time - ours
    int64_t late_us;          // the last arrival against running time
    int late_in_a_row;
    int64_t low_us, floor_us; // the least of that: in this window, in the one before
} CaptureClockStream;

typedef struct {
    bool live, started;
    CaptureClockStream streams[2]; // by CaptureClockKind
    int64_t late_us;               // the latest arrival
    int64_t latency_us;            // what the pipeline says of itself
    double offset_us;              // timeline - running time, once started
    double apart_us;               // the sound's further offset
    unsigned anchors;              // how often `offset_us` was set instead of moved

    int64_t first_now_us, now_us, window_us;
    int64_t highs_us[CAPTURE_CLOCK_HIGHS]; // the latest of both, in this window and those before
    bool measured;                         // the two below are known
    double keep_us, base_apart_us;
    int64_t last_apart_us;
    int early_in_a_row; // of both
} CaptureClockmap;

void capture_clockmap_init(CaptureClockmap *map);

/* Books an arrival at `now_us` (the clock less what it was at timeline 0) with the source's running
 * times. Returns its start in ours. */
int64_t capture_clockmap_arrive(CaptureClockmap *map, CaptureClockKind kind, int64_t now_us,
                                int64_t start_us, int64_t end_us);

/* From now on timeline `pts_us` shows a finite source's first moment; a live one is anchored by how
 * late it comes. */
void capture_clockmap_start(CaptureClockmap *map, int64_t pts_us);

/* A finite source: nothing is to be played until running time `to_us`; goes there. */
void capture_clockmap_skip(CaptureClockmap *map, int64_t pts_us, int64_t to_us);

/* The running time that timeline `pts_us` shows. */
double capture_clockmap_at(const CaptureClockmap *map, CaptureClockKind kind, int64_t pts_us);

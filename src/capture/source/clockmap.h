// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Maps a source's running time to the timeline. Finite: anchored once. Live: its least lateness
// shows clock drift, followed in small steps. Picture and sound keep their distance unless one
// drifts, and jump together. Pure; the caller locks.

#include <stdbool.h>
#include <stdint.h>

#define CAPTURE_CLOCK_HIGHS 4

typedef enum { CAPTURE_PICTURE, CAPTURE_SOUND } CaptureClockKind;

typedef struct {
    bool seen;
    int64_t first_us;         // running time, without jumps
    int64_t start_us, end_us; // of the last; end of all
    int64_t jump_us;          // source's running time - ours
    int64_t late_us;          // last arrival - running time
    int late_in_a_row;
    int64_t low_us, floor_us; // least: this window, the last
} CaptureClockStream;

typedef struct {
    bool live, started;
    CaptureClockStream streams[2];
    int64_t late_us;
    int64_t latency_us; // the pipeline's own
    double offset_us;   // timeline - running time
    double apart_us;    // sound's further offset
    unsigned anchors;   // times that `offset_us` was set

    int64_t first_now_us, now_us, window_us;
    int64_t highs_us[CAPTURE_CLOCK_HIGHS]; // most lateness per window
    bool measured;
    double keep_us, base_apart_us;
    int64_t last_apart_us;
    int early_in_a_row;
} CaptureClockmap;

void capture_clockmap_init(CaptureClockmap *map);

/* `now_us`: clock since timeline 0. Returns the start without jumps. */
int64_t capture_clockmap_arrive(CaptureClockmap *map, CaptureClockKind kind, int64_t now_us,
                                int64_t start_us, int64_t end_us);

/* A live source anchors itself. */
void capture_clockmap_start(CaptureClockmap *map, int64_t pts_us);

/* Skips a finite source's hole, up to running time `to_us`. */
void capture_clockmap_skip(CaptureClockmap *map, int64_t pts_us, int64_t to_us);

/* Running time. */
double capture_clockmap_at(const CaptureClockmap *map, CaptureClockKind kind, int64_t pts_us);

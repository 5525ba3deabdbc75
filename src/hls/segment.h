// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Cuts all tracks alike: parts at multiples of part_ms, segments of segment_ms, both also at marks
// and run starts. A span is a segment's time and numbers in every track. Marks precede later units:
// spans are only appended. Hls thread.

#include "hls/hls.h"

#include <stdbool.h>

typedef struct {
    uint64_t number;        // in names, and in privileged playlists
    uint64_t public_number; // in public playlists, if `open`
    uint32_t run;
    int64_t start_us;
    int64_t end_us;                        // marks may shorten the newest
    bool open;                             // inside the marks
    bool breaks[HLS_AUDIENCES];            // discontinuity for the audience
    uint64_t breaks_before[HLS_AUDIENCES]; // EXT-X-DISCONTINUITY-SEQUENCE
} HlsSegmentSpan;

typedef struct {
    int64_t part_us, segment_us;
    uint32_t run;
    int64_t run_start_us;
    bool run_open;
    bool run_begun;
    bool broken;    // a discontinuity follows
    uint64_t told;  // spans from here on have no part yet
    int64_t end_us; // END mark, or INT64_MAX
    int64_t newest_us;
    GArray *marks; // HlsBoundary, ascending
    GArray *spans; // HlsSegmentSpan, ascending
    GArray *shown; // HlsSegmentSpan: all public ones
    uint64_t next_number, next_public, first_public;
    uint64_t breaks[HLS_AUDIENCES];
} HlsCutter;

void hls_cutter_init(HlsCutter *cutter, const HlsConfig *config);
void hls_cutter_finish(HlsCutter *cutter);

void hls_cutter_run(HlsCutter *cutter, uint32_t run, int64_t start_us, bool open);

/* Only later, before the first span. */
void hls_cutter_start(HlsCutter *cutter, int64_t start_us);

/* A track has a hole from `from_us` to its next segment: the next span, or the newest if
 * unpublished, gets a discontinuity. */
void hls_cutter_break(HlsCutter *cutter, int64_t from_us);

/* Returns when it takes effect: `pts_us`, or after units seen. */
int64_t hls_cutter_mark(HlsCutter *cutter, MediaMark mark, int64_t pts_us);

/* Makes it if needed. NULL: after END, or too old. Borrowed until the next is made. */
const HlsSegmentSpan *hls_cutter_span(HlsCutter *cutter, int64_t pts_us);

/* Nullable, borrowed likewise. */
const HlsSegmentSpan *hls_cutter_find(const HlsCutter *cutter, uint64_t number);

/* Public spans are never dropped. Nullable, borrowed likewise. */
const HlsSegmentSpan *hls_cutter_shown(const HlsCutter *cutter, uint64_t public_number);
const HlsSegmentSpan *hls_cutter_shown_at(const HlsCutter *cutter, int64_t us);

/* The next boundary, by known marks. */
int64_t hls_cutter_part_end(const HlsCutter *cutter, int64_t pts_us);

/* The newest mark or start; the newest segment boundary. */
int64_t hls_cutter_gate_since(const HlsCutter *cutter, int64_t pts_us);
int64_t hls_cutter_boundary(const HlsCutter *cutter, int64_t pts_us);

/* By known marks. */
bool hls_cutter_open_at(const HlsCutter *cutter, int64_t pts_us);

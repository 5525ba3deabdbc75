// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the programme is cut, for all tracks alike. Parts end at each multiple of part_ms of the
// timeline, segments at each multiple of segment_ms; both also at each mark and at the run's start.
// A slot is the time between two segment boundaries and has the numbers that the segment of every
// track there carries, so a sequence number means the same time in all of them. Hls thread.
//
// Why slots are only ever appended: a mark comes before every unit at or after it, so when a slot
// is first asked for, all marks up to its start are known.

#include "hls/hls.h"

#include <stdbool.h>

typedef struct {
    uint64_t number;        // in names; for the privileged also the media sequence number
    uint64_t public_number; // the media sequence number for the public, where `open`
    uint32_t run;
    int64_t start_us;
    int64_t end_us;             // a mark may still bring it nearer while the slot is the newest
    bool open;                  // inside the marks
    bool breaks[HLS_AUDIENCES]; // does not follow on what the audience sees before it
    uint64_t breaks_before[HLS_AUDIENCES]; // EXT-X-DISCONTINUITY-SEQUENCE if it came first
} HlsSlot;

typedef struct {
    int64_t part_us, segment_us;
    uint32_t run;
    int64_t run_start_us;
    bool run_open;
    bool run_begun;    // it has a slot
    bool broken;       // the next slot does not follow on
    uint64_t told;     // slots from this number on have no part that was told
    int64_t end_us;    // the END mark, or INT64_MAX
    int64_t newest_us; // the newest unit's pts
    GArray *marks;     // of the run: HlsBoundary in order of time
    GArray *slots;     // HlsSlot, the newest last
    GArray *shown;     // HlsSlot: all public ones, by number from first_public on
    uint64_t next_number, next_public, first_public;
    uint64_t breaks[HLS_AUDIENCES]; // so far
} HlsCutter;

void hls_cutter_init(HlsCutter *cutter, const HlsConfig *config);
void hls_cutter_finish(HlsCutter *cutter);

/* From here on slots belong to `run`, which starts at `start_us` in the gate state `open`. */
void hls_cutter_run(HlsCutter *cutter, uint32_t run, int64_t start_us, bool open);

/* The run really begins at `start_us`, if that is later. Before its first slot. */
void hls_cutter_start(HlsCutter *cutter, int64_t start_us);

/* A track has nothing from `from_us` to its next segment: EXT-X-DISCONTINUITY stands before the
 * next slot. That is the newest if it begins later and nothing of it was told. */
void hls_cutter_break(HlsCutter *cutter, int64_t from_us);

/* Returns where the mark took effect: at `pts_us`, or later if units from after it were seen. */
int64_t hls_cutter_mark(HlsCutter *cutter, MediaMark mark, int64_t pts_us);

/* The slot that `pts_us` falls into, made if need be. NULL: at or after the END mark, or too old to
 * be told. Borrowed until the next call that makes slots. */
const HlsSlot *hls_cutter_slot(HlsCutter *cutter, int64_t pts_us);

/* Nullable, borrowed likewise. */
const HlsSlot *hls_cutter_find(const HlsCutter *cutter, uint64_t number);

/* Public slots are never forgotten: by public number, and by a time of the timeline. Nullable,
 * borrowed likewise. */
const HlsSlot *hls_cutter_shown(const HlsCutter *cutter, uint64_t public_number);
const HlsSlot *hls_cutter_shown_at(const HlsCutter *cutter, int64_t us);

/* The first boundary after `pts_us`, as far as marks are known. */
int64_t hls_cutter_part_end(const HlsCutter *cutter, int64_t pts_us);

/* The gate's state at a time of this run, as far as marks are known. */
bool hls_cutter_open_at(const HlsCutter *cutter, int64_t pts_us);

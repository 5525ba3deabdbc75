// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Turns a track's units into parts. A part ends before the first unit at or after a boundary,
// published once a unit's end reaches it. Hls thread.

#include "hls/mux.h"
#include "hls/segment.h"

#include <stdatomic.h>

typedef struct HlsTrack HlsTrack;

typedef struct {
    atomic_uint_fast64_t broken_units, skipped_units, losses;
} HlsCounts;

typedef struct {
    void (*part)(void *data, HlsTrack *track, MediaPart *part); // borrowed
    /* Segment `sequence` is complete. */
    void (*complete)(void *data, HlsTrack *track, uint64_t sequence);
    void *data;
} HlsTrackEvents;

/* References `track`, borrows cutter and counts. NULL if it cannot be muxed. Full ownership of
 * both. */
HlsTrack *hls_track_new(MediaTrack *media, uint32_t run, HlsCutter *cutter, HlsCounts *counts,
                        const HlsTrackEvents *events, MediaPart **out_init);
/* After hls_track_end(). */
void hls_track_free(HlsTrack *track);

MediaTrack *hls_track_media(const HlsTrack *track); // borrowed

/* A missing picture lengthens its neighbour. A part-long hole, or with `dropped` (the reader ever
 * lost units) any, is a loss: skips to a segment's key frame, after a discontinuity. */
void hls_track_unit(HlsTrack *track, const MediaItem *unit, bool dropped);

/* See hls_cutter_mark(). */
void hls_track_mark(HlsTrack *track, int64_t pts_us);

/* The last picture lasts until `end_us` or the part's end. */
void hls_track_end(HlsTrack *track, int64_t end_us);

/* Up to the END mark. */
bool hls_track_ended(const HlsTrack *track);

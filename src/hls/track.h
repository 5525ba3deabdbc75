// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One track of one run on its way from units to parts. A part ends before the first unit at or
// after a boundary (segment.h), and is out as soon as a unit's end reaches the boundary. Hls
// thread.

#include "hls/mux.h"
#include "hls/segment.h"

#include <stdatomic.h>

typedef struct HlsTrack HlsTrack;

typedef struct {
    atomic_uint_fast64_t broken_units, skipped_units, losses; // as in HlsStats
} HlsCounts;

typedef struct {
    void (*part)(void *data, HlsTrack *track, MediaPart *part); // borrowed
    /* Segment `sequence` gets no further part. After its last part, if that one is `last`; a part
     * that was out before a mark came to lie at its end cannot be. */
    void (*complete)(void *data, HlsTrack *track, uint64_t sequence);
    void *data;
} HlsTrackEvents;

/* Takes a reference to `track`; the cutter and counts must outlive it. NULL where it cannot be
 * muxed. Full ownership of both. */
HlsTrack *hls_track_new(MediaTrack *track, uint32_t run, HlsCutter *cutter, HlsCounts *counts,
                        const HlsTrackEvents *events, MediaPart **out_init);
/* Drops what is not cut: hls_track_end() first. NULL is allowed. */
void hls_track_free(HlsTrack *track);

MediaTrack *hls_track_media(const HlsTrack *track); // borrowed

/* A picture that was left out lengthens the one before it, or the next where that one is in an
 * earlier part. A hole that has a whole part in it is a loss: pictures are skipped up to the key
 * frame of a segment, which the cutter then marks as not following on. So is any hole with
 * `dropped`: the reader has ever lost units. Not by comparing counts: the count runs ahead of the
 * hole, which still stands in the ring, maybe with others behind it. */
void hls_track_unit(HlsTrack *track, const MediaItem *unit, bool dropped);

/* A mark took effect at `pts_us`, as hls_cutter_mark() says. */
void hls_track_mark(HlsTrack *track, int64_t pts_us);

/* Nothing more comes: closes the open part and segment. The last picture of an open part stands
 * until `end_us` or the part's end. */
void hls_track_end(HlsTrack *track, int64_t end_us);

/* All of the track up to the END mark is out. */
bool hls_track_ended(const HlsTrack *track);

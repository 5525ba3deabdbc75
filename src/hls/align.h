// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Makes all tracks of a run begin together, end together and be told in step. Units wait here until
// every other track has come to the same time: what a track has alone at the run's start or end is
// dropped. Hls thread.

#include "media/item.h"

typedef struct HlsAlign HlsAlign;

typedef struct {
    /* The run begins at `start_us`: no unit before it follows. Once a run, before its first unit.
     */
    void (*start)(void *data, int64_t start_us);
    void (*unit)(void *data, const MediaItem *unit); // borrowed; in order for each track
    void *data;
} HlsAlignEvents;

/* Full ownership. */
HlsAlign *hls_align_new(const HlsAlignEvents *events);
/* What waits is dropped. NULL is allowed. */
void hls_align_free(HlsAlign *align);

/* A new run without tracks; what waits of the old one is dropped. */
void hls_align_run(HlsAlign *align);
void hls_align_track(HlsAlign *align, const MediaTrack *track);

/* Of a track that was named. Takes a reference while it waits. */
void hls_align_unit(HlsAlign *align, MediaItem *unit);

/* The run broke off: passes on what all tracks have, drops the rest. Returns the time at which all
 * end, -1 where nothing began. */
int64_t hls_align_end(HlsAlign *align);

/* Passes on all that waits: the run ends at a mark, which cuts all tracks alike. */
void hls_align_flush(HlsAlign *align);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HlsAlign, hls_align_free)

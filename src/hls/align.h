// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Makes all tracks of a run begin, advance and end together. Waits only HLS_ALIGN_WAIT_US: a crash
// loses waiting units. Hls thread.

#include "base/clock.h"
#include "media/item.h"

#define HLS_ALIGN_WAIT_US (BASE_US_PER_S / 2)

typedef struct HlsAlign HlsAlign;

typedef struct {
    /* Once a run. */
    void (*start)(void *data, int64_t start_us);
    void (*unit)(void *data, const MediaItem *unit); // borrowed
    void *data;
} HlsAlignEvents;

HlsAlign *hls_align_new(const HlsAlignEvents *events);
/* Drops waiting units. */
void hls_align_free(HlsAlign *align);

/* Begins a run without tracks. */
void hls_align_run(HlsAlign *align);
void hls_align_track(HlsAlign *align, const MediaTrack *track);

/* References the unit. */
void hls_align_unit(HlsAlign *align, MediaItem *unit);

/* Passes on what all tracks have, drops the rest. Returns the common end, or -1. */
int64_t hls_align_end(HlsAlign *align);

/* Passes on all units: a mark cuts the tracks. */
void hls_align_flush(HlsAlign *align);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HlsAlign, hls_align_free)

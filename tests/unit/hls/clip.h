// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A programme for the bus: 8 s of real access units, made by ffmpeg once per test run, that repeat
// without a seam (30 pictures per second, 375 AAC frames). Key frames are at each 2 s, and where
// tests put marks or a late joiner.

#include "media/bus.h"

#define CLIP_US INT64_C(8000000)
#define CLIP_FRAME_US(n) ((int64_t)(n)*1000000 / 30) // of picture n, rounded down

/* Beside the grid: */
#define CLIP_KEY_A CLIP_FRAME_US(105)   // 3.5 s, on the grid of parts
#define CLIP_KEY_PLI CLIP_FRAME_US(141) // 4.7 s
#define CLIP_KEY_B CLIP_FRAME_US(151)   // 5.0333 s
#define CLIP_KEY_C CLIP_FRAME_US(59)    // 1.9667 s, one picture before the grid

typedef struct Clip Clip;

Clip *clip_new(void);
void clip_free(Clip *clip);

/* "v180p", "v90p" (the same pictures), "aar", "aen" (the same sound); all borrowed. */
#define CLIP_TRACKS 4
MediaTrack *clip_track(const Clip *clip, unsigned i);

void clip_publish_run(const Clip *clip, MediaBus *bus, uint32_t run, int64_t start_us, bool open);
void clip_publish_mark(MediaBus *bus, MediaMark mark, int64_t pts_us);

typedef bool (*ClipFilter)(void *data, const MediaItem *unit); // false: omit it

/* All units with from_us <= pts < to_us, in order; `filter` is nullable. */
void clip_publish(const Clip *clip, MediaBus *bus, int64_t from_us, int64_t to_us,
                  ClipFilter filter, void *data);

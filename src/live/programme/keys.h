// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Finds renditions without key frames, which nobody can decode, by stream time: slow machines do no
// harm. Pure, one thread.

#include "media/item.h"

#define LIVE_KEYS_LATE_US 500000     // tolerated after a grid time
#define LIVE_KEYS_SILENT_US 10000000 // tolerated without any picture
/* While the encoders open: at most 90 s. */
#define LIVE_KEYS_OPENING_US 100000000

typedef struct {
    int64_t keyframe_us; // 0: no grid
    int64_t newest_us;
    const MediaTrack *tracks[MEDIA_MAX_TRACKS]; // video; borrowed
    int64_t due_us[MEDIA_MAX_TRACKS];           // next key frame
    int64_t seen_us[MEDIA_MAX_TRACKS];          // `newest_us` at the last picture; -1
} LiveKeys;

/* A run begins, with a key frame; then add its tracks. */
void live_keys_begin(LiveKeys *keys, int64_t keyframe_us, int64_t begin_us);
void live_keys_track(LiveKeys *keys, const MediaTrack *track);

/* The run's next unit. NULL, or a text for staff (full ownership). */
char *live_keys_unit(LiveKeys *keys, const MediaItem *unit);

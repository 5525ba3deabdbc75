// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Holds every rendition of a run to the grid of key frames, by the times in the stream, so that a
// machine that is only slow breaks nothing. Whatever the encoder is, a rendition without key frames
// is found: nobody can join it, and its recording cannot be decoded. Pure; one thread.

#include "media/item.h"

#define LIVE_KEYS_LATE_US 500000     // after a grid time, by when a key frame must be there
#define LIVE_KEYS_SILENT_US 10000000 // and if the rendition has no picture at all meanwhile
/* Before its first picture: the capture process sends the sound of all the time that its encoders
 * took to open before it, and is given up after 90 s. */
#define LIVE_KEYS_OPENING_US 100000000

typedef struct {
    int64_t keyframe_us;                        // 0: no grid
    int64_t newest_us;                          // of any track
    const MediaTrack *tracks[MEDIA_MAX_TRACKS]; // video; borrowed
    int64_t due_us[MEDIA_MAX_TRACKS];           // the first grid time without a key frame yet
    int64_t seen_us[MEDIA_MAX_TRACKS];          // `newest_us` at the last picture, -1: none yet
} LiveKeys;

/* A run begins: its first picture must be a key frame. Then its tracks. */
void live_keys_begin(LiveKeys *keys, int64_t keyframe_us, int64_t begin_us);
void live_keys_track(LiveKeys *keys, const MediaTrack *track);

/* Takes the run's next unit. NULL, or what is wrong and what to do, for staff (full ownership). */
char *live_keys_unit(LiveKeys *keys, const MediaItem *unit);

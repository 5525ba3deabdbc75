// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Segmenter output of a track. Immutable; any thread. Names: run/track/sequence.

#include "media/item.h"

typedef enum {
    MEDIA_PART_INIT,
    MEDIA_PART_MEDIA, // whole fragments
    MEDIA_PART_MARK,
    MEDIA_PART_THUMB,
} MediaPartType;

typedef struct {
    BaseRefs refs;
    MediaPartType type;
    uint32_t run;
    MediaTrack *track;
    uint64_t sequence; // same time in all tracks
    uint32_t index;    // in the segment
    bool last;         // of the segment
    bool independent;  // starts at a key frame, or audio
    bool open;         // public
    MediaMark mark;
    int64_t pts_us; // not INIT
    int64_t duration_us;
    GBytes *bytes; // not MARK
} MediaPart;

/* Fill before sharing; owns `track` and `bytes`. */
MediaPart *media_part_new(MediaPartType type);
MediaPart *media_part_ref(MediaPart *part);
void media_part_unref(MediaPart *part);

/* Kind and name: "v720p", "aar". */
#define MEDIA_TRACK_KEY_BYTES (MEDIA_NAME_BYTES + 1)
void media_track_key(const MediaTrack *track, char out[MEDIA_TRACK_KEY_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaPart, media_part_unref)

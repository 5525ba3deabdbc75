// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the segmenter makes of a track: an init segment, then CMAF parts; and, between them, the
// marks. The window serves it and the archive keeps it. Immutable; references on any thread.
// Times are microseconds on the session's timeline. Names on disk and in URLs carry
// run/track/sequence and are never used twice in a session.

#include "media/item.h"

typedef enum {
    MEDIA_PART_INIT,  // bytes are the init segment of a track of this run
    MEDIA_PART_MEDIA, // bytes are whole fragments (moof + mdat)
    MEDIA_PART_MARK,  // no bytes: the gate changed
    MEDIA_PART_THUMB, // bytes are a JPEG of the programme, in no order among the others
} MediaPartType;

typedef struct {
    BaseRefs refs;
    MediaPartType type;
    uint32_t run;
    MediaTrack *track;   // INIT, MEDIA
    uint64_t sequence;   // MEDIA: the segment, equal in all tracks for the same time
    uint32_t index;      // MEDIA: the part within its segment, from 0
    bool last;           // MEDIA: the segment is complete with it
    bool independent;    // MEDIA: starts with a key frame (audio: always)
    bool open;           // MEDIA: inside the marks: for everybody
    MediaMark mark;      // MARK
    int64_t pts_us;      // MEDIA, MARK, THUMB
    int64_t duration_us; // MEDIA
    GBytes *bytes;       // INIT, MEDIA, THUMB
} MediaPart;

/* The caller fills the fields before it shares the part; `track` and `bytes` then belong to it.
 * Full ownership. */
MediaPart *media_part_new(MediaPartType type);
MediaPart *media_part_ref(MediaPart *part);
void media_part_unref(MediaPart *part);

/* The track's folder in names: "v720p", "aar" (kind, then name). Writes at most
 * MEDIA_TRACK_KEY_BYTES. */
#define MEDIA_TRACK_KEY_BYTES (MEDIA_NAME_BYTES + 1)
void media_track_key(const MediaTrack *track, char out[MEDIA_TRACK_KEY_BYTES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaPart, media_part_unref)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Bus items, immutable once published. Any thread.
//
// Order: RUN, TRACKs, then UNITs and MARKs. A mark precedes all units from its pts on; earlier ones
// may follow.

#include "media/track.h"

#include <stdbool.h>

#define MEDIA_MAX_UNIT_BYTES (4 * 1024 * 1024)

typedef enum {
    MEDIA_ITEM_RUN, // new child
    MEDIA_ITEM_TRACK,
    MEDIA_ITEM_UNIT,
    MEDIA_ITEM_MARK,  // gate change, at key frames
    MEDIA_ITEM_THUMB, // unordered
} MediaItemType;

typedef enum {
    MEDIA_MARK_OPEN,  // public from here
    MEDIA_MARK_CLOSE, // staff and speaker only
    MEDIA_MARK_END,
} MediaMark;

typedef struct MediaPackets MediaPackets; // media/rtp.h

typedef struct {
    BaseRefs refs;
    MediaItemType type;
    MediaTrack *track;
    int64_t pts_us; // not TRACK; RUN: lower bound
    int64_t duration_us;
    bool key;        // UNIT: IDR picture
    uint64_t number; // UNIT: in its track, from 0; set by media_bus_publish()
    MediaMark mark;
    uint32_t run;          // from 1
    bool open;             // RUN: gate
    MediaPackets *packets; // UNIT over RTP, nullable
    size_t size;
    uint8_t data[]; // H.264 NAL units with 4-byte lengths (14496-15), Opus packet, AAC frame, JPEG
} MediaItem;

/* Fill before publishing. */
MediaItem *media_item_new(MediaItemType type, size_t size);
MediaItem *media_item_ref(MediaItem *item);
void media_item_unref(MediaItem *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaItem, media_item_unref)

typedef struct {
    int64_t open_us, close_us; // public: open_us <= pts < close_us
} MediaGate;

void media_gate_update(MediaGate *gate, const MediaItem *item);

static inline bool media_gate_public(const MediaGate *gate, int64_t pts_us)
{
    return pts_us >= gate->open_us && pts_us < gate->close_us;
}

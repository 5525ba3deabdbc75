// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What travels on the media bus. Immutable once published; references on any thread. All times are
// microseconds on the session's timeline (see media/timeline.h).
//
// Order on the bus: a RUN item, the run's TRACK items, then UNIT and MARK items. A mark comes
// before every unit whose pts is at or after the mark's; a few earlier units may still follow it.

#include "media/track.h"

#include <stdbool.h>

#define MEDIA_MAX_UNIT_BYTES (4 * 1024 * 1024)

typedef enum {
    MEDIA_ITEM_RUN,   // a new start of the capture child: new tracks, new init segments
    MEDIA_ITEM_TRACK, // a track of this run
    MEDIA_ITEM_UNIT,  // an access unit
    MEDIA_ITEM_MARK,  // the gate changes at pts; every rendition has a key frame there
    MEDIA_ITEM_THUMB, // a small JPEG of the programme, now and then; best effort, in no order
} MediaItemType;

typedef enum {
    MEDIA_MARK_OPEN,  // from here on media is for everybody invited
    MEDIA_MARK_CLOSE, // from here on only for staff and speaker (lobby, paused)
    MEDIA_MARK_END,   // the session ended here; nothing after it counts
} MediaMark;

typedef struct MediaPackets MediaPackets; // media/rtp.h

typedef struct {
    BaseRefs refs;
    MediaItemType type;
    MediaTrack *track;     // TRACK, UNIT
    int64_t pts_us;        // UNIT, MARK, THUMB; RUN: no unit of the run is earlier
    int64_t duration_us;   // UNIT
    bool key;              // UNIT: video, starts with an IDR picture
    MediaMark mark;        // MARK
    uint32_t run;          // RUN: number, counting from 1 within the session
    bool open;             // RUN: the gate's state at its start
    MediaPackets *packets; // UNIT of a track that goes over RTP; else NULL
    size_t size;
    uint8_t data[]; // UNIT: H.264 NAL units with 4-byte lengths (14496-15), an Opus packet, a raw
                    // AAC frame; THUMB: the JPEG
} MediaItem;

/* An item with `size` bytes of data to be filled in before it is published. Takes no reference to
 * anything; set the fields. Full ownership. */
MediaItem *media_item_new(MediaItemType type, size_t size);
MediaItem *media_item_ref(MediaItem *item);
void media_item_unref(MediaItem *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaItem, media_item_unref)

/* The gate as a reader of the bus sees it: which units are for everybody. */
typedef struct {
    int64_t open_us, close_us; // public: open_us <= pts < close_us
} MediaGate;

/* Follows RUN and MARK items; others change nothing. */
void media_gate_update(MediaGate *gate, const MediaItem *item);

static inline bool media_gate_public(const MediaGate *gate, int64_t pts_us)
{
    return pts_us >= gate->open_us && pts_us < gate->close_us;
}

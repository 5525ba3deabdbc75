// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Messages between server and capture child, on a stream socket.
//
//   0               4       5
//   +---------------+-------+------------------------+
//   | length (BE)   | type  | payload, length - 1    |
//   +---------------+-------+------------------------+
//
// Big-endian integers, microseconds on the timeline, UTF-8 with 16-bit length. Violations close the
// socket.
//
// Up: OPENINGs, SANDBOX, BEGIN, TRACKs, then others, FAILED last. A MARK precedes all units from
// its pts on. Down: SOURCE first (the sandbox allows what it needs), then CAPTION, KEY, MARK, SOURCE,
// STOP.

#include "media/caption.h"
#include "media/item.h"

#define MEDIA_WIRE_HEADER_BYTES 5
#define MEDIA_WIRE_MAX_BYTES (MEDIA_MAX_UNIT_BYTES + 64)
#define MEDIA_WIRE_MAX_TEXT 4096
#define MEDIA_WIRE_CHANNELS 2
/* Private environment of the child. */
#define MEDIA_WIRE_TITLE_AR "MAJLIS_TITLE_AR"
#define MEDIA_WIRE_TITLE_EN "MAJLIS_TITLE_EN"

typedef enum {
    MEDIA_WIRE_OPENING = 'O',
    MEDIA_WIRE_SANDBOX = 'N', // `text`: what it lacks
    MEDIA_WIRE_BEGIN = 'B',   // first frame's pts_us
    MEDIA_WIRE_TRACK = 'T',
    MEDIA_WIRE_UNIT = 'U',
    MEDIA_WIRE_MARK = 'M',  // down: request
    MEDIA_WIRE_LEVEL = 'L', // `sound`
    MEDIA_WIRE_THUMB = 'J',
    MEDIA_WIRE_SOURCE = 'S',  // up: state; down: switch to `text`, "" for none
    MEDIA_WIRE_KEY = 'K',     // down: `tracks`
    MEDIA_WIRE_CAPTION = 'C', // down: over the picture
    MEDIA_WIRE_FAILED = 'F',  // `text` for staff
    MEDIA_WIRE_STOP = 'X',    // down
} MediaWireType;

typedef enum {
    MEDIA_SOURCE_WAITING, // slate
    MEDIA_SOURCE_PLAYING, // since pts_us
    MEDIA_SOURCE_FAILED,  // slate; retries
    MEDIA_SOURCE_ENDED,   // at pts_us
} MediaSourceState;

typedef enum {
    MEDIA_SOUND_GOOD,
    MEDIA_SOUND_SILENT,
    MEDIA_SOUND_CLIPPING,
    MEDIA_SOUND_LEFT_ONLY,
    MEDIA_SOUND_RIGHT_ONLY,
} MediaSoundAlarm;

#define MEDIA_SOUND_NONE (-120.0f)

/* MEDIA_SOUND_NONE: silence. */
typedef struct {
    float peak_db[MEDIA_WIRE_CHANNELS]; // before the gain, at most 0
    float loudness, short_term;         // after it, LUFS: of the run, of 3 s
    float gain_db;
    MediaSoundAlarm alarm;
} MediaSound;

typedef struct {
    MediaWireType type;
    int64_t pts_us; // BEGIN, MARK, LEVEL, THUMB, SOURCE
    MediaTrack *track;
    uint8_t track_id;
    MediaItem *unit; // without track when received
    MediaMark mark;
    MediaSound sound; // LEVEL
    uint32_t tracks;  // KEY: bit set of ids
    MediaSourceState state;
    char *text;
    GBytes *bytes;
    MediaCaption *caption;
} MediaWireMessage;

void media_wire_clear(MediaWireMessage *message);

/* Full ownership. */
GByteArray *media_wire_encode(const MediaWireMessage *message);

/* Fills `out`, to be cleared. 0, or -EBADMSG. Pure. */
int media_wire_decode(uint8_t type, const uint8_t *payload, size_t size, MediaWireMessage *out);

typedef struct MediaWireReceiver MediaWireReceiver;
MediaWireReceiver *media_wire_receiver_new(void);
void media_wire_receiver_free(MediaWireReceiver *receiver);

/* 1: call again; 0: incomplete; -EPIPE: closed; -errno. */
int media_wire_receive(MediaWireReceiver *receiver, int fd, MediaWireMessage *out);

/* Waits for room. 0 or -errno. One sender at a time. */
int media_wire_send(int fd, const MediaWireMessage *message);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The form of what passes between the server and its capture child, over one stream socket.
//
//   0               4       5
//   +---------------+-------+------------------------+
//   | length (BE)   | type  | payload, length - 1    |
//   +---------------+-------+------------------------+
//
// Integers are big-endian, times are microseconds on the timeline, texts are UTF-8 with a 16-bit
// length. Either end closes the socket on a message that breaks these rules.
//
// Up (child to server), in this order: OPENINGs, BEGIN, TRACKs, then UNITs, MARKs, LEVELs, THUMBs,
// SOURCEs. FAILED is the last message, wherever it comes.
// A MARK comes before every unit whose pts is at or after its own.
// Down: KEY, MARK (a request), SOURCE (a request), STOP.

#include "media/item.h"

#define MEDIA_WIRE_HEADER_BYTES 5
#define MEDIA_WIRE_MAX_BYTES (MEDIA_MAX_UNIT_BYTES + 64)
#define MEDIA_WIRE_MAX_TEXT 4096
#define MEDIA_WIRE_CHANNELS 2

typedef enum {
    MEDIA_WIRE_OPENING = 'O', // up: one more step of the start is done
    MEDIA_WIRE_BEGIN = 'B',   // up: pts_us = the first frame's
    MEDIA_WIRE_TRACK = 'T',   // up
    MEDIA_WIRE_UNIT = 'U',    // up
    MEDIA_WIRE_MARK = 'M',    // down: put a mark at your next frame; up: it is at pts_us
    MEDIA_WIRE_LEVEL = 'L',   // up: peak of each channel, dBFS
    MEDIA_WIRE_THUMB = 'J',   // up: a small JPEG of the programme
    MEDIA_WIRE_SOURCE = 'S',  // up: the source's state; down: use the source `text`
    MEDIA_WIRE_KEY = 'K',     // down: a key frame soon on the tracks of `tracks`
    MEDIA_WIRE_FAILED = 'F',  // up: the child gives up; `text` says why, for staff
    MEDIA_WIRE_STOP = 'X',    // down: end in good order
} MediaWireType;

typedef enum {
    MEDIA_SOURCE_WAITING, // being opened, or being opened again: slate and silence
    MEDIA_SOURCE_PLAYING, // on the programme since pts_us
    MEDIA_SOURCE_FAILED,  // slate and silence; `text` says why; it is tried again by itself
    MEDIA_SOURCE_ENDED,   // a finite source is over: pts_us is the end of its last frame
} MediaSourceState;

typedef struct {
    MediaWireType type;
    int64_t pts_us;                   // BEGIN, MARK up, LEVEL, THUMB, SOURCE up
    MediaTrack *track;                // TRACK
    uint8_t track_id;                 // UNIT
    MediaItem *unit;                  // UNIT; its `track` is not carried: the receiver sets it
    MediaMark mark;                   // MARK
    float level_db[MEDIA_WIRE_CHANNELS]; // LEVEL, at most 0, never NaN
    uint32_t tracks;                  // KEY: bit set of track ids
    MediaSourceState state;           // SOURCE up
    char *text;                       // SOURCE, FAILED
    GBytes *bytes;                    // THUMB
} MediaWireMessage;

/* Drops what the message owns (track, unit, text, bytes). */
void media_wire_clear(MediaWireMessage *message);

/* The whole message with its header. `message` stays the caller's. Full ownership. */
GByteArray *media_wire_encode(const MediaWireMessage *message);

/* Decodes one message, `type` and `payload` without the header. Returns 0 and fills `*out` (clear it
 * afterwards), or -EBADMSG with `*out` untouched. Pure. */
int media_wire_decode(uint8_t type, const uint8_t *payload, size_t size, MediaWireMessage *out);

/* A receiving end: collects bytes of the stream until messages are whole. One thread. */
typedef struct MediaWireReceiver MediaWireReceiver;
MediaWireReceiver *media_wire_receiver_new(void);
void media_wire_receiver_free(MediaWireReceiver *receiver);

/* Reads what `fd` has without waiting. 1: `*out` is a message, call again; 0: nothing whole is left
 * for now; -EPIPE: the other end closed; another negative errno: give the connection up. */
int media_wire_receive(MediaWireReceiver *receiver, int fd, MediaWireMessage *out);

/* Writes the whole message, waiting for room. 0 or a negative errno. Callers on several threads
 * keep each other out. */
int media_wire_send(int fd, const MediaWireMessage *message);

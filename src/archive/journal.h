// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The form of a recording on disk. Pure functions; any thread.
//
//   DIRECTORY/ID/journal                    this file
//   DIRECTORY/ID/RUN/TRACK/init.mp4         the init segment of a track of a run
//   DIRECTORY/ID/RUN/TRACK/SEQUENCE.m4s     a segment: its parts one after another
//
// The journal is text, only ever appended to, a line for each thing that is durable:
//
//   majlis-recording format=1 id=q7 epoch_us=1795422691000000 5c0ff2f1
//   init run=1 track=v720p bytes=812 kind=video codecs=avc1.42c01f bitrate=2000000 size=1280x720
//   ... part run=1 track=v720p segment=0 part=0 at=0 bytes=65536 pts_us=0 duration_us=500000
//   flags=i-- mark kind=open pts_us=2000000 9d1c20aa
//
// The last word of a line is the CRC-32 (IEEE 802.3) of what stands before it, without the space
// between, in eight hexadecimal digits. Flags: i starts with a key frame, o inside the marks, l the
// last part of its segment.
//
// Validity. A line counts if it ends in a newline and its checksum is right; any other line is
// passed over. So a file cut at any byte means what its whole lines mean, and a torn or rotten line
// costs only itself. A line is written after the bytes it speaks of are durable: what lies in a
// segment file past its last journalled part was never finished and does not exist. Within a
// segment, the parts count that follow one another from index 0 and offset 0 without a hole.
//
// A line of a kind that this version does not know is passed over too, but it stays where it is.
//
// Whether a segment is inside the marks is told by its parts' `o` flags: the segmenter decided it
// when it cut. The marks are kept beside, for what needs their times.
//
// After the end the published time may be made shorter, the last such line counts and "-" stands for
// the marks themselves:
//
//   trim in_us=4500000 out_us=- 1c0a94d2

#include "media/part.h"

#include <stdbool.h>

#define ARCHIVE_JOURNAL_NAME "journal"
#define ARCHIVE_JOURNAL_FORMAT 1
#define ARCHIVE_CODECS_BYTES 32

typedef enum {
    ARCHIVE_RECORD_HEAD,
    ARCHIVE_RECORD_INIT,
    ARCHIVE_RECORD_PART,
    ARCHIVE_RECORD_MARK,
    ARCHIVE_RECORD_TRIM,
} ArchiveRecordType;

typedef struct {
    ArchiveRecordType type;
    uint32_t format;                   // HEAD
    int64_t epoch_wall_us;             // HEAD
    uint32_t run;                      // INIT, PART
    char track[MEDIA_TRACK_KEY_BYTES]; // INIT, PART: the folder's name
    uint64_t bytes;                    // INIT, PART
    MediaTrackInfo info;               // INIT: all but id, codec and name
    char codecs[ARCHIVE_CODECS_BYTES]; // INIT: RFC 6381
    uint64_t sequence;                 // PART
    uint32_t index;                    // PART
    uint64_t offset;                   // PART
    int64_t pts_us;                    // PART, MARK
    int64_t duration_us;               // PART
    bool independent, open, last;      // PART
    MediaMark mark;                    // MARK
    int64_t in_us, out_us;             // TRIM; INT64_MIN, INT64_MAX: the marks
} ArchiveRecord;

/* Appends the record's line; `id` is for HEAD only. */
void archive_journal_append(GString *out, const ArchiveRecord *record, const char *id);

/* Calls `func` for each valid line of a known kind, in order; the record is borrowed. Returns where
 * the last valid line ends: what follows is a torn tail. */
size_t archive_journal_parse(const char *text, size_t size,
                             void (*func)(void *data, const ArchiveRecord *record), void *data);

/* True for a name as media_track_key() makes it. */
bool archive_track_key_valid(const char *key);

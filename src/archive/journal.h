// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The form of a recording on disk. Pure.
//
//   DIRECTORY/ID/journal
//   DIRECTORY/ID/RUN/TRACK/init.mp4         the init segment
//   DIRECTORY/ID/RUN/TRACK/SEQUENCE.m4s     a segment: its parts
//
// The journal is text, only appended to, with a line for each durable thing:
//
//   majlis-recording format=1 id=q7 epoch_us=1795422691000000 5c0ff2f1
//   init run=1 track=v720p bytes=812 kind=video codecs=avc1.42c01f bitrate=2000000 size=1280x720
//   ...
//   part run=1 track=v720p segment=0 part=0 at=0 bytes=65536 pts_us=0 duration_us=500000 flags=i-- 77a0c3de
//   mark kind=open pts_us=2000000 9d1c20aa
//   trim in_us=4500000 out_us=- 1c0a94d2
//
// A line ends in the CRC-32 (IEEE 802.3) of its text without the last space, in hexadecimal. Flags:
// i begins with a key frame, o inside the marks (as decided live), l last of its segment. The last
// trim counts; "-" is the mark itself.
//
// Validity. A line counts if it is whole and its checksum right; others, and unknown kinds, are
// ignored, so damage loses only its lines. A line follows its durable bytes: bytes past a segment's
// last journalled part do not exist. Parts count that are contiguous from index 0 and offset 0.

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
    char track[MEDIA_TRACK_KEY_BYTES]; // INIT, PART
    uint64_t bytes;                    // INIT, PART
    MediaTrackInfo info;               // INIT: without id, codec, name
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

/* `id`: HEAD only. */
void archive_journal_append(GString *out, const ArchiveRecord *record, const char *id);

/* Calls `func` per valid known line (borrowed). Returns the last valid line's end. */
size_t archive_journal_parse(const char *text, size_t size,
                             void (*func)(void *data, const ArchiveRecord *record), void *data);

bool archive_track_key_valid(const char *key);

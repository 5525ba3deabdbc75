// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One track of the current run on its way to the disk: its init segment and the segment that its
// parts are appended to. Knows nothing of the journal: the writer says what has been noted there
// (archive_lane_keep), and on a failure the file is cut back to that. Archive thread. Embedded.

#include "media/part.h"

#include <stdbool.h>

typedef struct {
    uint32_t run;
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaPart *init; // until it is durable and noted
    char *folder;    // of the recording
    char *track_folder;
    int fd;             // of the open segment, or -1
    uint64_t sequence;  // of the open segment, or of the one given up
    uint32_t parts;     // of the open segment, with those that are not kept yet
    uint64_t size;      // likewise
    uint64_t kept_size; // up to the last part in the journal
    bool started;       // `sequence` means something
    bool given_up;      // the rest of `sequence` is lost
    bool new_name;      // the segment's file is new in its folder
    bool dirty;         // there is something to sync and keep
    bool failing;       // nothing was kept since the last failure
} ArchiveLane;

/* `folder` is copied; `init` gets a reference. */
void archive_lane_init(ArchiveLane *lane, const char *folder, MediaPart *init);
void archive_lane_finish(ArchiveLane *lane);

/* Writes the init segment and makes it durable with its folders: 0 or -errno. May be repeated. */
int archive_lane_write_init(const ArchiveLane *lane);

/* True where the part begins a segment: archive_lane_open() comes before it is appended. */
bool archive_lane_begins(const ArchiveLane *lane, const MediaPart *part);

/* The file for a new segment: 0, or -errno with the segment given up. */
int archive_lane_open(ArchiveLane *lane, uint64_t sequence);

/* 1: appended. 0: the part has no place, as one before it was lost. -errno: the segment is given
 * up. */
int archive_lane_append(ArchiveLane *lane, const MediaPart *part);

/* Makes what was appended durable: 0, or -errno with the segment given up. */
int archive_lane_sync(ArchiveLane *lane);

/* What was appended and synced is in the journal now. */
void archive_lane_keep(ArchiveLane *lane);

/* Cuts the open segment back to what is kept, and leaves the rest of it. */
void archive_lane_give_up(ArchiveLane *lane);

/* The segment has its last part. */
void archive_lane_close(ArchiveLane *lane);

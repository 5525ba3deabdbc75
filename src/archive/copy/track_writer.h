// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Writes one track of a run: init segment, then parts. A failure cuts the file back to the
// journalled bytes. Archive thread. Embedded.

#include "media/part.h"

#include <stdbool.h>

typedef struct {
    uint32_t run;
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaPart *init; // until durable and journalled
    char *folder;
    char *track_folder;
    int fd;             // open segment, or -1
    uint64_t sequence;  // open or abandoned
    uint32_t parts;     // journalled or not
    uint64_t size;      // likewise
    uint64_t kept_size; // journalled bytes
    bool started;       // `sequence` is valid
    bool given_up;      // the rest of `sequence` is lost
    bool new_name;      // sync the folder
    bool dirty;         // to sync and journal
    bool failing;       // since the last part kept
} ArchiveTrackWriter;

/* Copies `folder`, references `init`. */
void archive_track_writer_init(ArchiveTrackWriter *writer, const char *folder, MediaPart *init);
void archive_track_writer_finish(ArchiveTrackWriter *writer);

/* Durably: 0 or -errno. Repeatable. */
int archive_track_writer_write_init(const ArchiveTrackWriter *writer);

/* Then archive_track_writer_open() comes first. */
bool archive_track_writer_begins(const ArchiveTrackWriter *writer, const MediaPart *part);

/* 0, or -errno: abandoned. */
int archive_track_writer_open(ArchiveTrackWriter *writer, uint64_t sequence);

/* 1: appended. 0: after a lost part. -errno: abandoned. */
int archive_track_writer_append(ArchiveTrackWriter *writer, const MediaPart *part);

/* 0, or -errno: abandoned. */
int archive_track_writer_sync(ArchiveTrackWriter *writer);

/* The parts are synced and journalled. */
void archive_track_writer_keep(ArchiveTrackWriter *writer);

/* The rest is lost. */
void archive_track_writer_give_up(ArchiveTrackWriter *writer);

void archive_track_writer_close(ArchiveTrackWriter *writer);

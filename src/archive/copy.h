// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One copy of a recording on one disk: its folder, its journal, and the thread that writes both.
// The writer has one of them, and a second where the recording is mirrored; neither knows of the
// other, so that what happens to one disk never reaches the other copy.

#include "archive/archive.h"

typedef struct ArchiveCopy ArchiveCopy;

typedef struct {
    const char *directory; // made if missing
    const char *id;
    int64_t epoch_wall_us;
    uint64_t reserve_bytes;
    /* The second copy: its folder is opened on its own thread, and again until it can be; its
     * troubles are told as those of a mirror. */
    bool mirror;
} ArchiveCopyConfig;

/* On the copy's thread, but `lost` for a full ring: there on the pushing one. */
typedef struct {
    void (*health)(void *data, const char *why); // on a change: fails (why) or works again (NULL)
    void (*lost)(void *data, const MediaPart *part); // nullable; MEDIA only
    void *data;
} ArchiveCopyEvents;

/* NULL with an error; a mirror always comes to be. Full ownership. */
ArchiveCopy *archive_copy_new(const ArchiveCopyConfig *config, const ArchiveCopyEvents *events,
                              GError **error);

/* Writes what is queued, makes it durable, joins. A mirror whose disk does not answer is left to
 * itself after some seconds, with no event any more. */
void archive_copy_free(ArchiveCopy *copy);

/* As archive_writer_push(). */
bool archive_copy_push(ArchiveCopy *copy, MediaPart *part);

void archive_copy_stats(const ArchiveCopy *copy, ArchiveWriterStats *out); // any thread

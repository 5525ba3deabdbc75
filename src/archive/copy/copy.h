// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One copy of a recording, with its thread. A mirror is an independent copy.

#include "archive/archive.h"

typedef struct ArchiveCopy ArchiveCopy;

typedef struct {
    const ArchivePlace *place; // borrowed
    int64_t epoch_wall_us;
    /* Opens its folder on its thread, retrying. */
    bool mirror;
} ArchiveCopyConfig;

/* On the copy's thread; `lost` for a full ring on the pusher's. */
typedef struct {
    void (*health)(void *data, const char *why);     // fails (why), works (NULL)
    void (*lost)(void *data, const MediaPart *part); // nullable; MEDIA only
    void *data;
} ArchiveCopyEvents;

/* A mirror never fails. */
ArchiveCopy *archive_copy_new(const ArchiveCopyConfig *config, const ArchiveCopyEvents *events,
                              GError **error);

/* Writes the queue durably. Abandons a hanging mirror after seconds. */
void archive_copy_free(ArchiveCopy *copy);

/* As archive_writer_push(). */
bool archive_copy_push(ArchiveCopy *copy, MediaPart *part);

void archive_copy_stats(const ArchiveCopy *copy, ArchiveWriterStats *out); // any thread

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The data of a copy.

#include "archive/copy/copy.h"
#include "archive/copy/health.h"
#include "archive/copy/track_writer.h"
#include "archive/journal_file.h"
#include "base/clock.h"
#include "base/ring.h"

#include <pthread.h>
#include <stdatomic.h>

#define ARCHIVE_FREE_PERIOD_US (250 * BASE_US_PER_MS)

struct ArchiveCopy {
    char *directory, *id, *folder;
    char *first; // of a mirror: the other directory; nullable
    int64_t epoch_wall_us;
    uint64_t reserve_bytes;
    bool mirror;
    pthread_t thread;
    BaseRing *ring;
    atomic_bool stopping;
    atomic_bool over; // joining does not block

    // Archive thread.
    ArchiveTrackWriter writers[MEDIA_MAX_TRACKS]; // of this run
    unsigned writer_count;
    ArchiveJournalFile journal; // closed: unopened mirror
    bool journal_failing;
    int64_t tried_us;
    GString *pending; // marks to journal
    GString *lines;   // this batch
    ArchiveHealth health;
    uint64_t said_overflows;
    int64_t free_asked_us;
    bool low; // below the reserve

    // Shared.
    atomic_int_fast64_t first_clock_us, stored_clock_us, stored_pts_us;
    atomic_uint_fast64_t bytes, lost_parts, lost_thumbs, overflows, free_bytes;

    // Fixed; both threads.
    void (*lost)(void *data, const MediaPart *part); // nullable
    void *data;
};

/* Writes at most one batch: a late writer still checks disk and losses. False: ring empty. */
bool archive_batch_write(ArchiveCopy *copy);

/* At most once per ARCHIVE_FREE_PERIOD_US. */
void archive_batch_ask_free_space(ArchiveCopy *copy);

void archive_batch_drop_writers(ArchiveCopy *copy);

/* Any thread. */
void archive_batch_tell_lost(ArchiveCopy *copy, const MediaPart *part);

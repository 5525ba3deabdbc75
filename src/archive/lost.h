// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which segments of a recording are not whole on the disk. Empty but for a disk that failed. Any
// thread.

#include "media/part.h"

typedef struct ArchiveLost ArchiveLost;

ArchiveLost *archive_lost_new(void);
void archive_lost_free(ArchiveLost *lost);

/* The part's segment is not whole. */
void archive_lost_add(ArchiveLost *lost, const MediaPart *part);

bool archive_lost_has(ArchiveLost *lost, uint32_t run, const char *key, uint64_t sequence);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where a recording lives, and its disk's reserve. Immutable; any thread.

#include "base/refs.h"

#include <glib.h>
#include <stdint.h>

typedef struct {
    const char *directory; // created if missing
    const char *mirror;    // nullable
    const char *id;        // the session's; names the folder
    uint64_t minimum_free; // below it no session opens
    /* minimum_free / 10, below which nothing is written: the database shares the disk */
    uint64_t reserve_bytes;
    BaseRefs refs;
} ArchivePlace;

/* Empty `mirror`: none. */
ArchivePlace *archive_place_new(const char *directory, const char *mirror, const char *id,
                                uint64_t minimum_free);
ArchivePlace *archive_place_ref(ArchivePlace *place);
void archive_place_unref(ArchivePlace *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchivePlace, archive_place_unref)

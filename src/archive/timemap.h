// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The published recording as stretches. Immutable.

#include "archive/archive.h"
#include "archive/catalogue.h"

struct ArchiveTimemap {
    GArray *stretches; // ArchiveStretch, ascending
    GArray *edges;     // int64_t: starts of public segments on the timeline
    GArray *gaps;      // ArchiveGap, ascending
    int64_t total_us;
};

/* Full ownership. */
ArchiveTimemap *archive_timemap_of(const ArchiveCatalogue *catalogue);

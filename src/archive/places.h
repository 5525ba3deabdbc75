// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The published recording as a row of stretches: what archive.h calls places, with what the steps
// need of it. Immutable once made.

#include "archive/archive.h"
#include "archive/catalogue.h"

struct ArchivePlaces {
    GArray *stretches; // ArchiveStretch, ascending
    GArray *edges;     // int64_t: where a public segment, so a key frame, begins on the timeline
    GArray *gaps;      // ArchiveGap, ascending
    int64_t total_us;
};

/* Keeps nothing of the catalogue. Full ownership. */
ArchivePlaces *archive_places_of(const ArchiveCatalogue *catalogue);

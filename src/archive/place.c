// SPDX-License-Identifier: GPL-3.0-or-later
// Counts the references to a recording's place.
#include "archive/place.h"

#define RESERVE_PART 10

ArchivePlace *archive_place_new(const char *directory, const char *mirror, const char *id,
                                uint64_t minimum_free)
{
    ArchivePlace *place = g_new(ArchivePlace, 1);
    *place = (ArchivePlace){
        .directory = g_strdup(directory),
        .mirror = mirror != NULL && mirror[0] != '\0' ? g_strdup(mirror) : NULL,
        .id = g_strdup(id),
        .minimum_free = minimum_free,
        .reserve_bytes = minimum_free / RESERVE_PART,
    };
    base_refs_init(&place->refs);
    return place;
}

ArchivePlace *archive_place_ref(ArchivePlace *place)
{
    base_refs_inc(&place->refs);
    return place;
}

void archive_place_unref(ArchivePlace *place)
{
    if (place == NULL || !base_refs_dec(&place->refs)) {
        return;
    }
    g_free((char *)place->directory);
    g_free((char *)place->mirror);
    g_free((char *)place->id);
    g_free(place);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Segments that a backup lacks, by its journal or an earlier backup's.
#include "backup/private.h"

#include "archive/catalogue.h"

#include <string.h>

static const ArchiveRun *find_run(const ArchiveCatalogue *catalogue, uint32_t number)
{
    for (guint i = 0; i < catalogue->runs->len; i++) {
        const ArchiveRun *run = catalogue->runs->pdata[i];
        if (run->number == number) {
            return run;
        }
    }
    return NULL;
}

static void compare_track(const ArchiveRun *run, const ArchiveTrack *wanted,
                          const ArchiveRun *found, GHashTable *lost)
{
    int at = found != NULL ? archive_run_find(found, wanted->key) : -1;
    for (guint i = 0; i < wanted->segments->len; i++) {
        const ArchiveSegment *segment = wanted->segments->pdata[i];
        const ArchiveSegment *there =
            at >= 0 ? archive_track_find(&found->tracks[at], segment->sequence) : NULL;
        if (segment->parts->len > (there != NULL ? there->parts->len : 0)) {
            g_autofree char *path =
                archive_segment_path("", run->number, wanted->key, segment->sequence);
            g_hash_table_add(lost, g_strdup(path + 1));
        }
    }
}

static void compare(const ArchiveCatalogue *wanted, const ArchiveCatalogue *there, GHashTable *lost)
{
    for (guint i = 0; i < wanted->runs->len; i++) {
        const ArchiveRun *run = wanted->runs->pdata[i];
        const ArchiveRun *found = find_run(there, run->number);
        for (unsigned t = 0; t < run->track_count; t++) {
            compare_track(run, &run->tracks[t], found, lost);
        }
    }
}

bool backup_find_lost(const char *folder, GHashTable *lost)
{
    g_autoptr(ArchiveCatalogue) noted = archive_catalogue_load(folder, false, NULL);
    g_autoptr(ArchiveCatalogue) there = archive_catalogue_load(folder, true, NULL);
    if (noted == NULL || there == NULL || !noted->exists) {
        return false;
    }
    compare(noted, there, lost);
    return true;
}

void backup_find_gone(const char *before, const char *folder, GHashTable *lost)
{
    g_autoptr(ArchiveCatalogue) wanted = archive_catalogue_load(before, true, NULL);
    g_autoptr(ArchiveCatalogue) there = archive_catalogue_load(folder, true, NULL);
    if (wanted != NULL && there != NULL) {
        compare(wanted, there, lost);
    }
}

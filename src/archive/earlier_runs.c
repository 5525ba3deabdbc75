// SPDX-License-Identifier: GPL-3.0-or-later
// Lists earlier runs' public segments by live numbers.
#include "archive/archive.h"

#include "archive/catalogue.h"
#include "archive/files.h"

#include <string.h>
#include <sys/stat.h>

typedef struct {
    const char *folder;
    const ArchiveCatalogue *catalogue;
    GArray *out;        // MediaSegment
    int64_t longest_us; // assumed for lost segments
} Telling;

static const ArchivePublicSegment *entry_at(const Telling *telling, guint i)
{
    const GArray *public_segments = telling->catalogue->public_segments;
    return i < public_segments->len ? &g_array_index(public_segments, ArchivePublicSegment, i)
                                    : NULL;
}

static bool init_there(const Telling *telling, const ArchivePublicSegment *entry, unsigned track)
{
    const ArchiveTrack *of = &entry->run->tracks[track];
    g_autofree char *path = archive_init_path(telling->folder, entry->run->number, of->key);
    return archive_file_size(path) == of->init_bytes;
}

/* A file may hold uncounted parts. A shorter one is lost. */
static void look_at_file(const Telling *telling, const ArchivePublicSegment *entry, unsigned track,
                         uint64_t bytes, MediaSegment *past)
{
    g_autofree char *path =
        archive_segment_path(telling->folder, past->run, past->key, past->sequence);
    uint64_t size = archive_file_size(path);
    past->gap = size < bytes || !init_there(telling, entry, track);
    past->bytes = size > bytes && !past->gap ? bytes : 0;
}

static void tell_entry(const Telling *telling, const ArchivePublicSegment *entry, bool first)
{
    for (unsigned t = 0; t < entry->run->track_count; t++) {
        uint64_t bytes = 0;
        MediaSegment past = {.run = entry->run->number,
                             .kind = entry->run->tracks[t].info.kind,
                             .sequence = entry->sequence,
                             .start_us = entry->start_us,
                             .end_us = entry->end_us,
                             .discontinuity = entry->discontinuity && !first};
        g_strlcpy(past.key, entry->run->tracks[t].key, sizeof past.key);
        past.gap = !archive_public_segment_extent(entry, t, &bytes, &past.start_us, &past.end_us);
        if (!past.gap) {
            look_at_file(telling, entry, t, bytes, &past);
        }
        g_array_append_val(telling->out, past);
    }
}

/* `count` lost numbers; `next` is nullable. */
static void tell_holes(const Telling *telling, const ArchivePublicSegment *entry,
                       const ArchivePublicSegment *next, uint64_t count)
{
    int64_t length_us = telling->longest_us;
    if (next != NULL && next->start_us > entry->end_us) {
        length_us = MIN(length_us, (next->start_us - entry->end_us) / (int64_t)count);
    }
    for (uint64_t i = 0; i < count; i++) {
        for (unsigned t = 0; t < entry->run->track_count; t++) {
            MediaSegment past = {.run = entry->run->number,
                                 .kind = entry->run->tracks[t].info.kind,
                                 .sequence = entry->sequence + 1 + i,
                                 .start_us = entry->end_us + (int64_t)i * length_us,
                                 .end_us = entry->end_us + (int64_t)(i + 1) * length_us,
                                 .gap = true};
            g_strlcpy(past.key, entry->run->tracks[t].key, sizeof past.key);
            g_array_append_val(telling->out, past);
        }
    }
}

static void tell_all(Telling *telling)
{
    for (guint i = 0; entry_at(telling, i) != NULL; i++) {
        const ArchivePublicSegment *entry = entry_at(telling, i);
        telling->longest_us = MAX(telling->longest_us, entry->end_us - entry->start_us);
    }
    for (guint i = 0; entry_at(telling, i) != NULL; i++) {
        const ArchivePublicSegment *entry = entry_at(telling, i), *next = entry_at(telling, i + 1);
        uint64_t next_number = next != NULL ? next->public_number : telling->catalogue->next_public;
        tell_entry(telling, entry, i == 0);
        if (next_number > entry->public_number + 1) {
            tell_holes(telling, entry, next, next_number - entry->public_number - 1);
        }
    }
}

bool archive_read_earlier_runs(const char *directory, const char *id, GArray *out, GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    // By the journal: missing files shift no number.
    g_autoptr(ArchiveCatalogue) catalogue =
        folder != NULL ? archive_catalogue_load(folder, false, error) : NULL;
    if (catalogue == NULL) {
        return false;
    }
    Telling telling = {.folder = folder, .catalogue = catalogue, .out = out};
    tell_all(&telling);
    return true;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *archive_live_file(const char *directory, const char *id, uint32_t run, const char *key,
                        const uint64_t *sequence)
{
    g_autofree char *folder = archive_folder(directory, id, NULL);
    if (folder == NULL || !archive_track_key_valid(key)) {
        return NULL;
    }
    g_autofree char *run_folder = g_strdup_printf("%s/%u", folder, run);
    g_autofree char *track_folder = g_strdup_printf("%s/%s", run_folder, key);
    g_autofree char *path = sequence != NULL ? archive_segment_path(folder, run, key, *sequence)
                                             : archive_init_path(folder, run, key);
    bool there = is_folder(folder) && is_folder(run_folder) && is_folder(track_folder) &&
                 archive_file_size(path) > 0;
    return there ? g_steal_pointer(&path) : NULL;
}

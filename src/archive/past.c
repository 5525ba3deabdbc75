// SPDX-License-Identifier: GPL-3.0-or-later
// What a session that goes on has behind it: the public segments of its earlier runs, with the
// numbers that the live playlists gave them then, and the files behind them.
#include "archive/archive.h"

#include "archive/catalogue.h"
#include "archive/files.h"

#include <string.h>
#include <sys/stat.h>

typedef struct {
    const char *folder;
    const ArchiveCatalogue *catalogue;
    void (*each)(void *data, const ArchivePast *past);
    void *data;
    int64_t longest_us; // of any slot: what a segment lasts that nothing is left of
} Telling;

static const ArchiveSlot *slot_at(const Telling *telling, guint i)
{
    const GArray *slots = telling->catalogue->slots;
    return i < slots->len ? &g_array_index(slots, ArchiveSlot, i) : NULL;
}

static bool init_there(const Telling *telling, const ArchiveSlot *slot, unsigned track)
{
    const ArchiveTrack *of = &slot->run->tracks[track];
    g_autofree char *path = archive_init_path(telling->folder, slot->run->number, of->key);
    return archive_file_size(path) == of->init_bytes;
}

/* A file may hold more than counts: parts that the other tracks have nothing beside, or the torn
 * bytes of one that was being written when everything stopped. One that holds less is lost. */
static void look_at_file(const Telling *telling, const ArchiveSlot *slot, unsigned track,
                         uint64_t bytes, ArchivePast *past)
{
    g_autofree char *path =
        archive_segment_path(telling->folder, past->run, past->key, past->sequence);
    uint64_t size = archive_file_size(path);
    past->gap = size < bytes || !init_there(telling, slot, track);
    past->bytes = size > bytes && !past->gap ? bytes : 0;
}

static void tell_slot(const Telling *telling, const ArchiveSlot *slot, bool first)
{
    for (unsigned t = 0; t < slot->run->track_count; t++) {
        uint64_t bytes = 0;
        ArchivePast past = {.run = slot->run->number,
                            .key = slot->run->tracks[t].key,
                            .kind = slot->run->tracks[t].info.kind,
                            .sequence = slot->sequence,
                            .start_us = slot->start_us,
                            .end_us = slot->end_us,
                            .discontinuity = slot->discontinuity && !first};
        past.gap = !archive_slot_extent(slot, t, &bytes, &past.start_us, &past.end_us);
        if (!past.gap) {
            look_at_file(telling, slot, t, bytes, &past);
        }
        telling->each(telling->data, &past);
    }
}

/* `count` public numbers after `slot` that nothing is left of, up to `next` (nullable). */
static void tell_holes(const Telling *telling, const ArchiveSlot *slot, const ArchiveSlot *next,
                       uint64_t count)
{
    int64_t length_us = telling->longest_us;
    if (next != NULL && next->start_us > slot->end_us) {
        length_us = MIN(length_us, (next->start_us - slot->end_us) / (int64_t)count);
    }
    for (uint64_t i = 0; i < count; i++) {
        for (unsigned t = 0; t < slot->run->track_count; t++) {
            ArchivePast past = {.run = slot->run->number,
                                .key = slot->run->tracks[t].key,
                                .kind = slot->run->tracks[t].info.kind,
                                .sequence = slot->sequence + 1 + i,
                                .start_us = slot->end_us + (int64_t)i * length_us,
                                .end_us = slot->end_us + (int64_t)(i + 1) * length_us,
                                .gap = true};
            telling->each(telling->data, &past);
        }
    }
}

static void tell_all(Telling *telling)
{
    for (guint i = 0; slot_at(telling, i) != NULL; i++) {
        const ArchiveSlot *slot = slot_at(telling, i);
        telling->longest_us = MAX(telling->longest_us, slot->end_us - slot->start_us);
    }
    for (guint i = 0; slot_at(telling, i) != NULL; i++) {
        const ArchiveSlot *slot = slot_at(telling, i), *next = slot_at(telling, i + 1);
        uint64_t next_number = next != NULL ? next->public_number : telling->catalogue->next_public;
        tell_slot(telling, slot, i == 0);
        if (next_number > slot->public_number + 1) {
            tell_holes(telling, slot, next, next_number - slot->public_number - 1);
        }
    }
}

bool archive_read_past(const char *directory, const char *id,
                       void (*each)(void *data, const ArchivePast *past), void *data,
                       GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    // Numbers by the journal alone, as archive_read_state() has them: a file that is gone moves
    // none.
    g_autoptr(ArchiveCatalogue) catalogue =
        folder != NULL ? archive_catalogue_load(folder, false, error) : NULL;
    if (catalogue == NULL) {
        return false;
    }
    Telling telling = {.folder = folder, .catalogue = catalogue, .each = each, .data = data};
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

// SPDX-License-Identifier: GPL-3.0-or-later
// Restores from the mirror parts that the first folder lost: writes, syncs, then journals them. If
// interrupted, the next run goes on.
#include "archive/archive.h"

#include "archive/catalogue.h"
#include "archive/files.h"
#include "archive/journal_file.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BYTES (256 * 1024)
#define NOTE_SEGMENTS 64 // journalled together

typedef struct {
    const char *folder, *second;
    uint64_t reserve_bytes;
    ArchiveJournalFile journal;
    GString *lines; // durable, not journalled
    unsigned waiting;
} Repair;

static int note(Repair *repair)
{
    int result =
        repair->lines->len > 0 ? archive_journal_file_append(&repair->journal, repair->lines) : 0;
    if (result == 0) {
        g_string_truncate(repair->lines, 0);
        repair->waiting = 0;
    }
    return result;
}

/* --- Bytes ------------------------------------------------------------------------------------ */

static int copy_range(int to, int from, uint64_t start, uint64_t end)
{
    g_autofree char *block = g_malloc(COPY_BYTES);
    while (start < end) {
        ssize_t got = pread(from, block, MIN((uint64_t)COPY_BYTES, end - start), (off_t)start);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : -EIO;
        }
        int result = archive_write_at(to, block, (size_t)got, start);
        if (result != 0) {
            return result;
        }
        start += (uint64_t)got;
    }
    return 0;
}

/* The range of both files. */
static int copy_open(int to, int from, uint64_t start, uint64_t end)
{
    if (ftruncate(to, (off_t)start) != 0) {
        return -errno;
    }
    int result = copy_range(to, from, start, end);
    return result == 0 && fdatasync(to) != 0 ? -errno : result;
}

static bool has_room(const Repair *repair, uint64_t bytes)
{
    uint64_t left;
    return !archive_free_bytes(repair->folder, &left) ||
           (left >= bytes && left - bytes >= repair->reserve_bytes);
}

static int copy_file(const Repair *repair, const char *to_path, const char *from_path,
                     uint64_t start, uint64_t end)
{
    if (!has_room(repair, end)) {
        return -ENOSPC;
    }
    int from = open(from_path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0) {
        return -errno;
    }
    int result = archive_unshare_file(to_path);
    int to = result == 0 ? open(to_path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640) : -1;
    if (result == 0) {
        result = to < 0 ? -errno : copy_open(to, from, start, end);
    }
    if (to >= 0) {
        close(to);
    }
    close(from);
    return result;
}

static int make_track_folder(const Repair *repair, uint32_t run, const char *key)
{
    g_autofree char *run_folder = g_strdup_printf("%s/%u", repair->folder, run);
    g_autofree char *track_folder = g_strdup_printf("%s/%s", run_folder, key);
    int result = archive_make_folder(run_folder);
    return result != 0 ? result : archive_make_folder(track_folder);
}

static int sync_track_folder(const Repair *repair, uint32_t run, const char *key)
{
    g_autofree char *track_folder = g_strdup_printf("%s/%u/%s", repair->folder, run, key);
    return archive_sync_folder(track_folder);
}

/* --- Init segments ---------------------------------------------------------------------------- */

static const ArchiveTrack *find_track(const ArchiveCatalogue *catalogue, uint32_t run,
                                      const char *key)
{
    for (guint i = 0; i < catalogue->runs->len; i++) {
        const ArchiveRun *one = g_ptr_array_index(catalogue->runs, i);
        int at = one->number == run ? archive_run_find(one, key) : -1;
        if (at >= 0) {
            return &one->tracks[at];
        }
    }
    return NULL;
}

static bool file_has(const char *path, uint64_t bytes)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           (uint64_t)status.st_size == bytes;
}

static int restore_init(Repair *repair, const ArchiveCatalogue *first, uint32_t run,
                        const ArchiveTrack *track)
{
    const ArchiveTrack *mine = find_track(first, run, track->key);
    g_autofree char *to = archive_init_path(repair->folder, run, track->key);
    g_autofree char *from = archive_init_path(repair->second, run, track->key);
    bool other = mine != NULL && mine->init_bytes != track->init_bytes;
    bool there = mine != NULL && file_has(to, mine->init_bytes);
    if (there || other || !file_has(from, track->init_bytes)) {
        return 0;
    }
    int result = make_track_folder(repair, run, track->key);
    if (result == 0) {
        result = copy_file(repair, to, from, 0, track->init_bytes);
    }
    if (result == 0) {
        result = sync_track_folder(repair, run, track->key);
    }
    if (result != 0 || mine != NULL) {
        return result;
    }
    ArchiveRecord record = {
        .type = ARCHIVE_RECORD_INIT, .run = run, .bytes = track->init_bytes, .info = track->info};
    g_strlcpy(record.track, track->key, sizeof record.track);
    g_strlcpy(record.codecs, track->codecs, sizeof record.codecs);
    archive_journal_append(repair->lines, &record, NULL);
    return 0;
}

/* --- Segments --------------------------------------------------------------------------------- */

static const ArchiveSegment *segment_of(const ArchiveCatalogue *catalogue, uint32_t run,
                                        const char *key, uint64_t sequence)
{
    const ArchiveTrack *track = find_track(catalogue, run, key);
    return track != NULL ? archive_track_find(track, sequence) : NULL;
}

static guint part_count(const ArchiveSegment *segment)
{
    return segment != NULL ? segment->parts->len : 0;
}

static uint64_t parts_end(const ArchiveSegment *segment, guint count)
{
    return count > 0 ? g_array_index(segment->parts, ArchivePart, count - 1).end : 0;
}

static void append_parts(Repair *repair, uint32_t run, const char *key,
                         const ArchiveSegment *segment, guint from)
{
    for (guint i = from; i < segment->parts->len; i++) {
        const ArchivePart *part = &g_array_index(segment->parts, ArchivePart, i);
        ArchiveRecord record = {.type = ARCHIVE_RECORD_PART,
                                .run = run,
                                .sequence = segment->sequence,
                                .index = i,
                                .offset = parts_end(segment, i),
                                .bytes = part->end - parts_end(segment, i),
                                .pts_us = part->pts_us,
                                .duration_us = part->end_us - part->pts_us,
                                .independent = part->independent,
                                .open = part->open,
                                .last = part->last};
        g_strlcpy(record.track, key, sizeof record.track);
        archive_journal_append(repair->lines, &record, NULL);
    }
}

typedef struct {
    const ArchiveCatalogue *said;  // by its journal
    const ArchiveCatalogue *there; // by its files
} First;

static int restore_segment(Repair *repair, const First *first, uint32_t run,
                           const ArchiveTrack *track, const ArchiveSegment *segment)
{
    const ArchiveSegment *said = segment_of(first->said, run, track->key, segment->sequence);
    const ArchiveSegment *there = segment_of(first->there, run, track->key, segment->sequence);
    guint held = part_count(there);
    uint64_t start = parts_end(there, held);
    bool alike = held <= segment->parts->len && start == parts_end(segment, held);
    if (held >= segment->parts->len || !alike) {
        return 0;
    }
    g_autofree char *to = archive_segment_path(repair->folder, run, track->key, segment->sequence);
    g_autofree char *from =
        archive_segment_path(repair->second, run, track->key, segment->sequence);
    int result = copy_file(repair, to, from, start, parts_end(segment, segment->parts->len));
    if (result == 0) {
        result = sync_track_folder(repair, run, track->key);
    }
    if (result == 0) {
        append_parts(repair, run, track->key, segment, part_count(said));
        repair->waiting++;
    }
    return result == 0 && repair->waiting >= NOTE_SEGMENTS ? note(repair) : result;
}

static int restore_track(Repair *repair, const First *first, uint32_t run,
                         const ArchiveTrack *track)
{
    if (find_track(first->there, run, track->key) == NULL) {
        return 0;
    }
    int result = 0;
    for (guint i = 0; i < track->segments->len && result == 0; i++) {
        result = restore_segment(repair, first, run, track, g_ptr_array_index(track->segments, i));
    }
    return result;
}

/* --- Marks, trim and thumbnails --------------------------------------------------------------- */

static bool has_mark(const GArray *marks, const ArchiveMark *mark)
{
    for (guint i = 0; i < marks->len; i++) {
        const ArchiveMark *one = &g_array_index(marks, ArchiveMark, i);
        bool end = one->mark == MEDIA_MARK_END; // one END, anywhere
        if (one->mark == mark->mark && (end || one->pts_us == mark->pts_us)) {
            return true;
        }
    }
    return false;
}

static void restore_marks(Repair *repair, const ArchiveCatalogue *first,
                          const ArchiveCatalogue *second)
{
    for (guint i = 0; i < second->marks->len; i++) {
        const ArchiveMark *mark = &g_array_index(second->marks, ArchiveMark, i);
        if (!has_mark(first->marks, mark)) {
            ArchiveRecord record = {
                .type = ARCHIVE_RECORD_MARK, .mark = mark->mark, .pts_us = mark->pts_us};
            archive_journal_append(repair->lines, &record, NULL);
        }
    }
}

/* If the first's journal is lost; its own trim wins. */
static void restore_trim(Repair *repair, const ArchiveCatalogue *first,
                         const ArchiveCatalogue *second)
{
    if (second->trimmed && !first->trimmed) {
        ArchiveRecord record = {
            .type = ARCHIVE_RECORD_TRIM, .in_us = second->in_us, .out_us = second->out_us};
        archive_journal_append(repair->lines, &record, NULL);
    }
}

/* Best effort. */
static void restore_thumbs(const Repair *repair)
{
    g_autofree char *to_folder = g_build_filename(repair->folder, ARCHIVE_THUMB_FOLDER, NULL);
    g_autofree char *from_folder = g_build_filename(repair->second, ARCHIVE_THUMB_FOLDER, NULL);
    g_autoptr(GDir) dir = g_dir_open(from_folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *from = g_build_filename(from_folder, name, NULL);
        g_autofree char *to = g_build_filename(to_folder, name, NULL);
        struct stat status;
        if (!g_str_has_suffix(name, ".jpg") || access(to, F_OK) == 0 || lstat(from, &status) != 0 ||
            !S_ISREG(status.st_mode)) {
            continue;
        }
        archive_make_folder(to_folder);
        if (copy_file(repair, to, from, 0, (uint64_t)status.st_size) != 0) {
            unlink(to);
        }
    }
}

/* --- All of it -------------------------------------------------------------------------------- */

typedef int (*EachTrack)(Repair *repair, const void *first, uint32_t run,
                         const ArchiveTrack *track);

static int each_init(Repair *repair, const void *first, uint32_t run, const ArchiveTrack *track)
{
    return restore_init(repair, first, run, track);
}

static int each_track(Repair *repair, const void *first, uint32_t run, const ArchiveTrack *track)
{
    return restore_track(repair, first, run, track);
}

static bool walk(Repair *repair, const void *first, const ArchiveCatalogue *second, EachTrack each,
                 GError **error)
{
    int result = 0;
    for (guint i = 0; i < second->runs->len && result == 0; i++) {
        const ArchiveRun *run = g_ptr_array_index(second->runs, i);
        for (unsigned t = 0; t < run->track_count && result == 0; t++) {
            result = each(repair, first, run->number, &run->tracks[t]);
        }
    }
    if (result == 0) {
        result = note(repair);
    }
    return result == 0 ||
           archive_set_errno(error, -result, "restore the recording in", repair->folder);
}

/* The first may be new. */
static bool restore_head(Repair *repair, const char *id, const ArchiveCatalogue *first,
                         const ArchiveCatalogue *second, GError **error)
{
    if (first->exists && first->epoch_wall_us != second->epoch_wall_us) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "%s and %s hold different recordings",
                    repair->folder, repair->second);
        return false;
    }
    int result = archive_journal_file_cut(&repair->journal, first->valid_size);
    if (result == 0 && !first->exists) {
        ArchiveRecord head = {.type = ARCHIVE_RECORD_HEAD,
                              .format = ARCHIVE_JOURNAL_FORMAT,
                              .epoch_wall_us = second->epoch_wall_us};
        archive_journal_append(repair->lines, &head, id);
        result = note(repair);
    }
    if (result == 0) {
        result = archive_sync_folder(repair->folder);
    }
    return result == 0 || archive_set_errno(error, -result, "write the journal in", repair->folder);
}

static bool repair_locked(Repair *repair, const char *id, const ArchiveCatalogue *second,
                          GError **error)
{
    g_autoptr(ArchiveCatalogue) said = archive_catalogue_load(repair->folder, false, error);
    if (said == NULL || !restore_head(repair, id, said, second, error) ||
        !walk(repair, said, second, each_init, error)) {
        return false;
    }
    if (repair->journal.size != said->valid_size) {
        archive_catalogue_free(g_steal_pointer(&said));
        said = archive_catalogue_load(repair->folder, false, error);
    }
    g_autoptr(ArchiveCatalogue) there =
        said != NULL ? archive_catalogue_load(repair->folder, true, error) : NULL;
    if (there == NULL) {
        return false;
    }
    First first = {.said = said, .there = there};
    restore_marks(repair, said, second);
    restore_trim(repair, said, second);
    bool repaired = walk(repair, &first, second, each_track, error);
    restore_thumbs(repair);
    return repaired;
}

static bool is_there(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return access(path, F_OK) == 0;
}

static bool open_and_repair(Repair *repair, const char *id, GError **error)
{
    g_autoptr(ArchiveCatalogue) second = archive_catalogue_load(repair->second, true, error);
    if (second == NULL || !second->exists) {
        return second != NULL; // no journal
    }
    int result = archive_make_folder(repair->folder);
    if (result != 0) {
        return archive_set_errno(error, -result, "make the folder", repair->folder);
    }
    if (!archive_journal_file_open(&repair->journal, repair->folder, error)) {
        return false;
    }
    repair->lines = g_string_new(NULL);
    bool repaired = repair_locked(repair, id, second, error);
    g_string_free(repair->lines, TRUE);
    archive_journal_file_close(&repair->journal);
    return repaired;
}

bool archive_repair(const ArchivePlace *place, GError **error)
{
    g_autofree char *folder = archive_folder(place->directory, place->id, error);
    if (folder == NULL) {
        return false;
    }
    g_autofree char *second =
        place->mirror != NULL ? archive_folder(place->mirror, place->id, error) : NULL;
    // Deleted recordings stay deleted.
    if (second == NULL || !is_there(second, ARCHIVE_JOURNAL_NAME) ||
        is_there(folder, ARCHIVE_TRACE_NAME) || is_there(second, ARCHIVE_TRACE_NAME)) {
        return true;
    }
    if (g_mkdir_with_parents(place->directory, 0750) != 0) {
        return archive_set_errno(error, errno, "make the folder", place->directory);
    }
    Repair repair = {.folder = folder, .second = second, .reserve_bytes = place->reserve_bytes};
    return open_and_repair(&repair, place->id, error);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The recording's thread. What waits in the ring is taken as one batch: every part is appended to
// its segment's file, each file touched is synced once, new names are synced, and only then are the
// parts' lines appended to the journal and synced too. So a line in the journal never speaks of
// bytes that a power loss could take.
//
// When the disk refuses, the file is cut back to what the journal knows, the rest of that segment
// is given up for that track (a segment has no holes), and the next segment is tried anew: the
// recording works again by itself one segment after the disk does.
#include "archive/archive.h"

#include "archive/catalogue.h"
#include "archive/files.h"
#include "archive/journal.h"
#include "archive/lane.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

// 16 tracks of two parts a second, 32 s; with the usual three tracks close to three minutes.
#define RING_PARTS 1024
#define RING_RESERVE 64 // kept for init segments and marks
#define BATCH_PARTS 64
#define PENDING_MAX (64 * 1024)
#define FREE_PERIOD_US BASE_US_PER_S

struct ArchiveWriter {
    ArchiveWriterEvents events;
    char *id;
    char *folder;
    pthread_t thread;
    BaseRing *ring;
    atomic_bool stopping;

    // Archive thread.
    ArchiveLane lanes[MEDIA_MAX_TRACKS]; // of the current run
    unsigned lane_count;
    int journal_fd;
    uint64_t journal_size; // valid and durable
    GString *pending;      // lines of marks that are not in the journal yet
    GString *lines;        // of this batch
    bool journal_failing;
    bool said_failing;
    uint64_t said_overflows;
    int64_t free_asked_us;

    // Shared.
    atomic_int_fast64_t stored_clock_us, stored_pts_us;
    atomic_uint_fast64_t bytes, lost_parts, overflows, free_bytes;
    atomic_bool failing;
};

/* --- Health ----------------------------------------------------------------------------------- */

static void say_failing(ArchiveWriter *writer, const char *why)
{
    if (writer->said_failing) {
        return;
    }
    writer->said_failing = true;
    atomic_store(&writer->failing, true);
    if (writer->events.health != NULL) {
        writer->events.health(writer->events.data, why);
    }
}

static void say_error(ArchiveWriter *writer, int code)
{
    g_autofree char *why = NULL;
    if (code == ENOSPC || code == EDQUOT) {
        why = g_strdup_printf("The disk of %s is full: nothing is being recorded. Free some space; "
                              "the recording goes on by itself.",
                              writer->folder);
    } else {
        why = g_strdup_printf("Cannot write to %s (%s): nothing is being recorded. Check the disk "
                              "and its permissions; it is tried again every few seconds.",
                              writer->folder, g_strerror(code));
    }
    say_failing(writer, why);
}

static void say_overflow(ArchiveWriter *writer)
{
    uint64_t overflows = atomic_load(&writer->overflows);
    if (overflows == writer->said_overflows) {
        return;
    }
    writer->said_overflows = overflows;
    for (unsigned i = 0; i < writer->lane_count; i++) {
        writer->lanes[i].failing = true; // until a part is kept again
    }
    g_autofree char *why =
        g_strdup_printf("The disk of %s is too slow: %" G_GUINT64_FORMAT
                        " parts of the recording are lost so far. Use a faster disk, or stop what "
                        "else writes to it.",
                        writer->folder, overflows);
    say_failing(writer, why);
}

static void say_recovered(ArchiveWriter *writer)
{
    if (!writer->said_failing || writer->journal_failing) {
        return;
    }
    for (unsigned i = 0; i < writer->lane_count; i++) {
        if (writer->lanes[i].failing) {
            return;
        }
    }
    writer->said_failing = false;
    atomic_store(&writer->failing, false);
    if (writer->events.health != NULL) {
        writer->events.health(writer->events.data, NULL);
    }
}

static void ask_free_space(ArchiveWriter *writer)
{
    int64_t now_us = base_clock_us();
    struct statvfs status;
    if (now_us - writer->free_asked_us >= FREE_PERIOD_US && statvfs(writer->folder, &status) == 0) {
        writer->free_asked_us = now_us;
        atomic_store(&writer->free_bytes, (uint64_t)status.f_bavail * status.f_frsize);
    }
}

/* --- Journal ---------------------------------------------------------------------------------- */

static void note_init(ArchiveWriter *writer, const ArchiveLane *lane)
{
    g_autofree char *codecs = media_track_codecs(lane->init->track);
    ArchiveRecord record = {.type = ARCHIVE_RECORD_INIT,
                            .run = lane->run,
                            .bytes = g_bytes_get_size(lane->init->bytes),
                            .info = lane->init->track->info};
    g_strlcpy(record.track, lane->key, sizeof record.track);
    g_strlcpy(record.codecs, codecs, sizeof record.codecs);
    archive_journal_append(writer->lines, &record, NULL);
}

static void note_part(ArchiveWriter *writer, const MediaPart *part, const ArchiveLane *lane,
                      uint64_t offset)
{
    ArchiveRecord record = {.type = ARCHIVE_RECORD_PART,
                            .run = part->run,
                            .sequence = part->sequence,
                            .index = part->index,
                            .offset = offset,
                            .bytes = g_bytes_get_size(part->bytes),
                            .pts_us = part->pts_us,
                            .duration_us = part->duration_us,
                            .independent = part->independent,
                            .open = part->open,
                            .last = part->last};
    g_strlcpy(record.track, lane->key, sizeof record.track);
    archive_journal_append(writer->lines, &record, NULL);
}

/* Appends and syncs; on failure what was valid before stays so. 0 or -errno. */
static int journal_write(ArchiveWriter *writer, const GString *text)
{
    int result = archive_write_at(writer->journal_fd, text->str, text->len, writer->journal_size);
    if (result == 0 && fdatasync(writer->journal_fd) != 0) {
        result = -errno;
    }
    if (result != 0) {
        int cut = ftruncate(writer->journal_fd, (off_t)writer->journal_size);
        (void)cut; // a torn line is passed over by its checksum
        return result;
    }
    writer->journal_size += text->len;
    return 0;
}

static void add_mark(ArchiveWriter *writer, const MediaPart *part)
{
    ArchiveRecord record = {
        .type = ARCHIVE_RECORD_MARK, .mark = part->mark, .pts_us = part->pts_us};
    if (writer->pending->len < PENDING_MAX) {
        archive_journal_append(writer->pending, &record, NULL);
    }
}

/* --- Batches ---------------------------------------------------------------------------------- */

static ArchiveLane *find_lane(ArchiveWriter *writer, uint32_t run, const MediaTrack *track)
{
    char key[MEDIA_TRACK_KEY_BYTES];
    media_track_key(track, key);
    for (unsigned i = 0; i < writer->lane_count; i++) {
        if (writer->lanes[i].run == run && strcmp(writer->lanes[i].key, key) == 0) {
            return &writer->lanes[i];
        }
    }
    return NULL;
}

static void drop_lanes(ArchiveWriter *writer)
{
    for (unsigned i = 0; i < writer->lane_count; i++) {
        archive_lane_finish(&writer->lanes[i]);
    }
    writer->lane_count = 0;
}

/* The init segment before anything of its track; it is kept and tried again until it is there. */
static int settle_init(ArchiveWriter *writer, ArchiveLane *lane)
{
    if (lane->init == NULL) {
        return 0;
    }
    int result = archive_lane_write_init(lane);
    if (result != 0) {
        return result;
    }
    g_string_truncate(writer->lines, 0);
    note_init(writer, lane);
    result = journal_write(writer, writer->lines);
    if (result == 0) {
        g_clear_pointer(&lane->init, media_part_unref);
    }
    return result;
}

/* A track of a run; the first of a new run ends the one before. */
static void add_lane(ArchiveWriter *writer, MediaPart *init)
{
    if (writer->lane_count > 0 && writer->lanes[0].run != init->run) {
        drop_lanes(writer);
    }
    if (writer->lane_count == MEDIA_MAX_TRACKS ||
        find_lane(writer, init->run, init->track) != NULL) {
        return;
    }
    ArchiveLane *lane = &writer->lanes[writer->lane_count++];
    archive_lane_init(lane, writer->folder, init);
    lane->failing = writer->said_failing;
    int result = settle_init(writer, lane);
    if (result != 0) {
        lane->failing = true;
        say_error(writer, -result);
    }
}

static bool append_part(ArchiveWriter *writer, ArchiveLane *lane, const MediaPart *part)
{
    int result = 0;
    if (archive_lane_begins(lane, part)) {
        result = settle_init(writer, lane);
        if (result == 0) {
            result = archive_lane_open(lane, part->sequence);
        }
    }
    if (result == 0) {
        result = archive_lane_append(lane, part);
    }
    if (result < 0) {
        lane->failing = true;
        say_error(writer, -result);
    }
    return result > 0;
}

typedef struct {
    MediaPart *parts[BATCH_PARTS];
    ArchiveLane *lanes[BATCH_PARTS]; // NULL: lost
    unsigned count;
} Batch;

/* A track has one file open, so a batch holds parts of one segment of each track; False: this part
 * waits for the next batch. */
static bool take_part(ArchiveWriter *writer, Batch *batch, MediaPart *part)
{
    ArchiveLane *lane = find_lane(writer, part->run, part->track);
    for (unsigned i = 0; i < batch->count; i++) {
        if (batch->lanes[i] == lane && batch->parts[i]->sequence != part->sequence) {
            return false;
        }
    }
    batch->parts[batch->count] = part;
    batch->lanes[batch->count] = lane != NULL && append_part(writer, lane, part) ? lane : NULL;
    batch->count++;
    return true;
}

/* The parts whose bytes are durable now, in their order. */
static void note_batch(ArchiveWriter *writer, const Batch *batch)
{
    uint64_t offsets[MEDIA_MAX_TRACKS];
    for (unsigned i = 0; i < writer->lane_count; i++) {
        offsets[i] = writer->lanes[i].kept_size;
    }
    g_string_assign(writer->lines, writer->pending->str);
    for (unsigned i = 0; i < batch->count; i++) {
        const MediaPart *part = batch->parts[i];
        const ArchiveLane *lane = batch->lanes[i];
        if (lane != NULL && lane->dirty) {
            uint64_t *offset = &offsets[lane - writer->lanes];
            note_part(writer, part, lane, *offset);
            *offset += g_bytes_get_size(part->bytes);
        }
    }
}

static void count_batch(ArchiveWriter *writer, const Batch *batch)
{
    int64_t now_us = base_clock_us();
    uint64_t lost = 0;
    for (unsigned i = 0; i < batch->count; i++) {
        const MediaPart *part = batch->parts[i];
        const ArchiveLane *lane = batch->lanes[i];
        if (lane == NULL || !lane->dirty) {
            lost++;
            continue;
        }
        int64_t end_us = part->pts_us + part->duration_us;
        atomic_fetch_add(&writer->bytes, g_bytes_get_size(part->bytes));
        atomic_store(&writer->stored_clock_us, now_us);
        if (end_us > atomic_load(&writer->stored_pts_us)) {
            atomic_store(&writer->stored_pts_us, end_us);
        }
    }
    atomic_fetch_add(&writer->lost_parts, lost);
}

static void close_complete(const Batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++) {
        const MediaPart *part = batch->parts[i];
        ArchiveLane *lane = batch->lanes[i];
        if (part->last && lane != NULL && lane->sequence == part->sequence) {
            archive_lane_close(lane);
        }
    }
}

/* The batch's lines and the marks before them. */
static bool write_lines(ArchiveWriter *writer)
{
    if (writer->lines->len == 0) {
        return true;
    }
    int result = journal_write(writer, writer->lines);
    writer->journal_failing = result != 0;
    if (result != 0) {
        say_error(writer, -result);
        return false;
    }
    g_string_truncate(writer->pending, 0);
    return true;
}

static void store_batch(ArchiveWriter *writer, Batch *batch)
{
    for (unsigned i = 0; i < writer->lane_count; i++) {
        int result = writer->lanes[i].dirty ? archive_lane_sync(&writer->lanes[i]) : 0;
        if (result != 0) {
            say_error(writer, -result);
        }
    }
    note_batch(writer, batch);
    bool noted = write_lines(writer);
    for (unsigned i = 0; i < writer->lane_count && !noted; i++) {
        if (writer->lanes[i].dirty) {
            archive_lane_give_up(&writer->lanes[i]);
        }
    }
    count_batch(writer, batch);
    for (unsigned i = 0; i < writer->lane_count; i++) {
        if (writer->lanes[i].dirty) {
            archive_lane_keep(&writer->lanes[i]);
        }
    }
    close_complete(batch);
    for (unsigned i = 0; i < batch->count; i++) {
        media_part_unref(batch->parts[i]);
    }
    batch->count = 0;
}

/* Takes what waits. False: nothing did. */
static bool write_batch(ArchiveWriter *writer)
{
    Batch batch = {.count = 0};
    bool any = false;
    MediaPart *part;
    while (batch.count < BATCH_PARTS && (part = base_ring_pop(writer->ring)) != NULL) {
        any = true;
        if (part->type == MEDIA_PART_MEDIA) {
            if (!take_part(writer, &batch, part)) {
                store_batch(writer, &batch);
                take_part(writer, &batch, part);
            }
            continue;
        }
        // Whatever came before is settled first, so the journal keeps the order.
        store_batch(writer, &batch);
        if (part->type == MEDIA_PART_INIT) {
            add_lane(writer, part);
        } else {
            add_mark(writer, part);
        }
        media_part_unref(part);
    }
    if (any || writer->pending->len > 0) {
        store_batch(writer, &batch);
    }
    return any;
}

static void wait_for_parts(ArchiveWriter *writer)
{
    struct pollfd poll_fd = {.fd = base_ring_event_fd(writer->ring), .events = POLLIN};
    poll(&poll_fd, 1, (int)(FREE_PERIOD_US / BASE_US_PER_MS));
    base_ring_clear_event(writer->ring);
}

static void *run_thread(void *data)
{
    ArchiveWriter *writer = data;
    pthread_setname_np(pthread_self(), "archive");
    for (bool stopping = false; !stopping;) {
        wait_for_parts(writer);
        // Read before the ring: what was pushed before the stop is still written.
        stopping = atomic_load(&writer->stopping);
        while (write_batch(writer)) {
        }
        ask_free_space(writer);
        say_overflow(writer);
        say_recovered(writer);
    }
    return NULL;
}

/* --- Start and stop --------------------------------------------------------------------------- */

static bool open_journal(ArchiveWriter *writer, GError **error)
{
    g_autofree char *path = g_build_filename(writer->folder, ARCHIVE_JOURNAL_NAME, NULL);
    writer->journal_fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (writer->journal_fd < 0) {
        return archive_set_errno(error, errno, "open", path);
    }
    if (flock(writer->journal_fd, LOCK_EX | LOCK_NB) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "%s is being written already",
                    writer->folder);
        return false;
    }
    return true;
}

/* Cuts off a torn tail; a new journal gets its head. */
static bool start_journal(ArchiveWriter *writer, int64_t epoch_wall_us, GError **error)
{
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(writer->folder, false, error);
    if (catalogue == NULL) {
        return false;
    }
    writer->journal_size = catalogue->valid_size;
    atomic_store(&writer->stored_pts_us, catalogue->end_us);
    if (ftruncate(writer->journal_fd, (off_t)writer->journal_size) != 0) {
        return archive_set_errno(error, errno, "cut the journal in", writer->folder);
    }
    if (!catalogue->exists) {
        ArchiveRecord head = {.type = ARCHIVE_RECORD_HEAD,
                              .format = ARCHIVE_JOURNAL_FORMAT,
                              .epoch_wall_us = epoch_wall_us};
        archive_journal_append(writer->lines, &head, writer->id);
        int result = journal_write(writer, writer->lines);
        if (result == 0) {
            result = archive_sync_folder(writer->folder);
        }
        if (result != 0) {
            return archive_set_errno(error, -result, "start the journal in", writer->folder);
        }
    }
    return true;
}

static bool open_folder(ArchiveWriter *writer, const ArchiveWriterConfig *config, GError **error)
{
    writer->folder = archive_folder(config->directory, config->id, error);
    if (writer->folder == NULL) {
        return false;
    }
    if (g_mkdir_with_parents(config->directory, 0750) != 0) {
        return archive_set_errno(error, errno, "make the folder", config->directory);
    }
    // May be new as well, and somebody else's: then its owner has seen to it.
    g_autofree char *above = g_path_get_dirname(config->directory);
    archive_sync_folder(above);
    int result = archive_make_folder(writer->folder);
    if (result != 0) {
        return archive_set_errno(error, -result, "make the folder", writer->folder);
    }
    return open_journal(writer, error) && start_journal(writer, config->epoch_wall_us, error);
}

static void free_writer(ArchiveWriter *writer)
{
    drop_lanes(writer);
    if (writer->journal_fd >= 0) {
        close(writer->journal_fd);
    }
    base_ring_free(writer->ring);
    g_string_free(writer->pending, TRUE);
    g_string_free(writer->lines, TRUE);
    g_free(writer->folder);
    g_free(writer->id);
    g_free(writer);
}

ArchiveWriter *archive_writer_new(const ArchiveWriterConfig *config,
                                  const ArchiveWriterEvents *events, GError **error)
{
    ArchiveWriter *writer = g_new0(ArchiveWriter, 1);
    writer->events = events != NULL ? *events : (ArchiveWriterEvents){0};
    writer->id = g_strdup(config->id);
    writer->journal_fd = -1;
    writer->pending = g_string_new(NULL);
    writer->lines = g_string_new(NULL);
    writer->ring = base_ring_new(RING_PARTS, (GDestroyNotify)media_part_unref);
    writer->free_asked_us = base_clock_us() - FREE_PERIOD_US;
    if (!open_folder(writer, config, error)) {
        free_writer(writer);
        return NULL;
    }
    ask_free_space(writer);
    int result = pthread_create(&writer->thread, NULL, run_thread, writer);
    g_assert(result == 0);
    return writer;
}

void archive_writer_free(ArchiveWriter *writer)
{
    if (writer == NULL) {
        return;
    }
    atomic_store(&writer->stopping, true);
    base_ring_wake(writer->ring);
    pthread_join(writer->thread, NULL);
    free_writer(writer);
}

bool archive_writer_push(ArchiveWriter *writer, MediaPart *part)
{
    size_t reserve = part->type == MEDIA_PART_MEDIA ? RING_RESERVE : 0;
    if (base_ring_push(writer->ring, media_part_ref(part), reserve)) {
        return true;
    }
    media_part_unref(part);
    atomic_fetch_add(&writer->lost_parts, 1);
    atomic_fetch_add(&writer->overflows, 1);
    return false;
}

void archive_writer_stats(const ArchiveWriter *writer, ArchiveWriterStats *out)
{
    out->stored_clock_us = atomic_load(&writer->stored_clock_us);
    out->stored_pts_us = atomic_load(&writer->stored_pts_us);
    out->bytes = atomic_load(&writer->bytes);
    out->lost_parts = atomic_load(&writer->lost_parts);
    out->failing = atomic_load(&writer->failing);
    out->free_bytes = atomic_load(&writer->free_bytes);
}

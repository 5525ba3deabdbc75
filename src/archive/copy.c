// SPDX-License-Identifier: GPL-3.0-or-later
// The thread of one copy of the recording. What waits in the ring is taken as one batch: every part
// is appended to its segment's file, each file touched is synced once, new names are synced, and
// only then are the parts' lines appended to the journal and synced too. So a line in the journal
// never speaks of bytes that a power loss could take.
//
// When the disk refuses, the file is cut back to what the journal knows, the rest of that segment
// is given up for that track (a segment has no holes), and the next segment is tried anew: the
// recording works again by itself one segment after the disk does. The same where less than the
// reserve is free, so that a recording never takes the room that the database beside it needs.
#include "archive/copy.h"

#include "archive/catalogue.h"
#include "archive/files.h"
#include "archive/journal.h"
#include "archive/lane.h"
#include "archive/log.h"
#include "archive/trouble.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ring.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// 16 tracks of two parts a second, 32 s; with the usual three tracks close to three minutes.
#define RING_PARTS 1024
#define RING_RESERVE 64 // kept for init segments and marks
#define BATCH_PARTS 64
#define PENDING_MAX (64 * 1024)
#define WAIT_US BASE_US_PER_S
#define FREE_PERIOD_US (250 * BASE_US_PER_MS)
#define REOPEN_US (2 * BASE_US_PER_S)
#define MIRROR_WAIT_S 3 // for the last of a mirror at the end: who ends a session waits for it
#define RATE_AFTER_US (5 * BASE_US_PER_S)

struct ArchiveCopy {
    char *directory, *id, *folder;
    int64_t epoch_wall_us;
    uint64_t reserve_bytes;
    bool mirror;
    pthread_t thread;
    BaseRing *ring;
    atomic_bool stopping;
    atomic_bool over; // its thread has come to its end: joining does not wait

    // Archive thread.
    ArchiveLane lanes[MEDIA_MAX_TRACKS]; // of the current run
    unsigned lane_count;
    ArchiveLog log; // not open: a mirror that could not be opened yet
    bool log_failing;
    int64_t tried_us; // when it was tried to open
    GString *pending; // lines of marks that are not in the journal yet
    GString *lines;   // of this batch
    ArchiveTrouble trouble;
    uint64_t said_overflows;
    int64_t free_asked_us;
    bool low; // less than the reserve is free

    // Shared.
    atomic_int_fast64_t first_clock_us, stored_clock_us, stored_pts_us;
    atomic_uint_fast64_t bytes, lost_parts, lost_thumbs, overflows, free_bytes;

    // Set before the thread starts; called on both.
    void (*lost)(void *data, const MediaPart *part); // nullable
    void *data;
};

/* --- Health ----------------------------------------------------------------------------------- */

static void tell_lost(ArchiveCopy *copy, const MediaPart *part)
{
    atomic_fetch_add(&copy->lost_parts, 1);
    if (copy->lost != NULL) {
        copy->lost(copy->data, part);
    }
}

static void say_overflow(ArchiveCopy *copy)
{
    uint64_t overflows = atomic_load(&copy->overflows);
    if (overflows == copy->said_overflows) {
        return;
    }
    copy->said_overflows = overflows;
    for (unsigned i = 0; i < copy->lane_count; i++) {
        copy->lanes[i].failing = true; // until a part is kept again
    }
    archive_trouble_say_slow(&copy->trouble, overflows);
}

static void say_recovered(ArchiveCopy *copy)
{
    if (copy->log_failing || copy->log.fd < 0 || copy->low) {
        return;
    }
    for (unsigned i = 0; i < copy->lane_count; i++) {
        if (copy->lanes[i].failing) {
            return;
        }
    }
    archive_trouble_say_well(&copy->trouble);
}

/* Once low it stays so until a quarter of the reserve more is free, or each part that is given back
 * would let one more in. */
static void ask_free_space(ArchiveCopy *copy)
{
    int64_t now_us = base_clock_us();
    uint64_t free_bytes;
    if (now_us - copy->free_asked_us < FREE_PERIOD_US ||
        !archive_free_bytes(copy->folder, &free_bytes)) {
        return;
    }
    copy->free_asked_us = now_us;
    atomic_store(&copy->free_bytes, free_bytes);
    copy->low = free_bytes < copy->reserve_bytes + (copy->low ? copy->reserve_bytes / 4 : 0);
}

/* --- Journal ---------------------------------------------------------------------------------- */

static void note_init(ArchiveCopy *copy, const ArchiveLane *lane)
{
    g_autofree char *codecs = media_track_codecs(lane->init->track);
    ArchiveRecord record = {.type = ARCHIVE_RECORD_INIT,
                            .run = lane->run,
                            .bytes = g_bytes_get_size(lane->init->bytes),
                            .info = lane->init->track->info};
    g_strlcpy(record.track, lane->key, sizeof record.track);
    g_strlcpy(record.codecs, codecs, sizeof record.codecs);
    archive_journal_append(copy->lines, &record, NULL);
}

static void note_part(ArchiveCopy *copy, const MediaPart *part, const ArchiveLane *lane,
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
    archive_journal_append(copy->lines, &record, NULL);
}

static void add_mark(ArchiveCopy *copy, const MediaPart *part)
{
    ArchiveRecord record = {
        .type = ARCHIVE_RECORD_MARK, .mark = part->mark, .pts_us = part->pts_us};
    if (copy->pending->len < PENDING_MAX) {
        archive_journal_append(copy->pending, &record, NULL);
    }
}

/* --- Batches ---------------------------------------------------------------------------------- */

static ArchiveLane *find_lane(ArchiveCopy *copy, uint32_t run, const MediaTrack *track)
{
    char key[MEDIA_TRACK_KEY_BYTES];
    media_track_key(track, key);
    for (unsigned i = 0; i < copy->lane_count; i++) {
        if (copy->lanes[i].run == run && strcmp(copy->lanes[i].key, key) == 0) {
            return &copy->lanes[i];
        }
    }
    return NULL;
}

static void drop_lanes(ArchiveCopy *copy)
{
    for (unsigned i = 0; i < copy->lane_count; i++) {
        archive_lane_finish(&copy->lanes[i]);
    }
    copy->lane_count = 0;
}

/* The init segment before anything of its track; it is kept and tried again until it is there. */
static int settle_init(ArchiveCopy *copy, ArchiveLane *lane)
{
    if (lane->init == NULL) {
        return 0;
    }
    int result = archive_lane_write_init(lane);
    if (result != 0) {
        return result;
    }
    g_string_truncate(copy->lines, 0);
    note_init(copy, lane);
    result = archive_log_append(&copy->log, copy->lines);
    if (result == 0) {
        g_clear_pointer(&lane->init, media_part_unref);
    }
    return result;
}

/* A track of a run; the first of a new run ends the one before. */
static void add_lane(ArchiveCopy *copy, MediaPart *init)
{
    if (copy->lane_count > 0 && copy->lanes[0].run != init->run) {
        drop_lanes(copy);
    }
    if (copy->lane_count == MEDIA_MAX_TRACKS || find_lane(copy, init->run, init->track) != NULL) {
        return;
    }
    ArchiveLane *lane = &copy->lanes[copy->lane_count++];
    archive_lane_init(lane, copy->folder, init);
    lane->failing = copy->trouble.said;
    if (copy->log.fd < 0) {
        return; // it is settled before the first segment
    }
    int result = settle_init(copy, lane);
    if (result != 0) {
        lane->failing = true;
        archive_trouble_say_error(&copy->trouble, -result);
    }
}

static bool append_part(ArchiveCopy *copy, ArchiveLane *lane, const MediaPart *part)
{
    if (copy->log.fd < 0 || copy->low) {
        lane->failing = true;
        return false;
    }
    int result = 0;
    if (archive_lane_begins(lane, part)) {
        result = settle_init(copy, lane);
        if (result == 0) {
            result = archive_lane_open(lane, part->sequence);
        }
    }
    if (result == 0) {
        result = archive_lane_append(lane, part);
    }
    if (result < 0) {
        lane->failing = true;
        archive_trouble_say_error(&copy->trouble, -result);
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
static bool take_part(ArchiveCopy *copy, Batch *batch, MediaPart *part)
{
    ArchiveLane *lane = find_lane(copy, part->run, part->track);
    for (unsigned i = 0; i < batch->count; i++) {
        if (batch->lanes[i] == lane && batch->parts[i]->sequence != part->sequence) {
            return false;
        }
    }
    batch->parts[batch->count] = part;
    batch->lanes[batch->count] = lane != NULL && append_part(copy, lane, part) ? lane : NULL;
    batch->count++;
    return true;
}

/* The parts whose bytes are durable now, in their order. */
static void note_batch(ArchiveCopy *copy, const Batch *batch)
{
    uint64_t offsets[MEDIA_MAX_TRACKS];
    for (unsigned i = 0; i < copy->lane_count; i++) {
        offsets[i] = copy->lanes[i].kept_size;
    }
    g_string_assign(copy->lines, copy->pending->str);
    for (unsigned i = 0; i < batch->count; i++) {
        const MediaPart *part = batch->parts[i];
        const ArchiveLane *lane = batch->lanes[i];
        if (lane != NULL && lane->dirty) {
            uint64_t *offset = &offsets[lane - copy->lanes];
            note_part(copy, part, lane, *offset);
            *offset += g_bytes_get_size(part->bytes);
        }
    }
}

static void count_batch(ArchiveCopy *copy, const Batch *batch)
{
    int64_t now_us = base_clock_us();
    for (unsigned i = 0; i < batch->count; i++) {
        const MediaPart *part = batch->parts[i];
        const ArchiveLane *lane = batch->lanes[i];
        if (lane == NULL || !lane->dirty) {
            tell_lost(copy, part);
            continue;
        }
        int64_t end_us = part->pts_us + part->duration_us;
        int64_t never = 0;
        atomic_compare_exchange_strong(&copy->first_clock_us, &never, now_us);
        atomic_fetch_add(&copy->bytes, g_bytes_get_size(part->bytes));
        atomic_store(&copy->stored_clock_us, now_us);
        if (end_us > atomic_load(&copy->stored_pts_us)) {
            atomic_store(&copy->stored_pts_us, end_us);
        }
    }
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
static bool write_lines(ArchiveCopy *copy)
{
    if (copy->lines->len == 0 || copy->log.fd < 0) {
        return true;
    }
    int result = archive_log_append(&copy->log, copy->lines);
    copy->log_failing = result != 0;
    if (result != 0) {
        archive_trouble_say_error(&copy->trouble, -result);
        return false;
    }
    g_string_truncate(copy->pending, 0);
    return true;
}

static void store_batch(ArchiveCopy *copy, Batch *batch)
{
    for (unsigned i = 0; i < copy->lane_count; i++) {
        int result = copy->lanes[i].dirty ? archive_lane_sync(&copy->lanes[i]) : 0;
        if (result != 0) {
            archive_trouble_say_error(&copy->trouble, -result);
        }
    }
    note_batch(copy, batch);
    bool noted = write_lines(copy);
    for (unsigned i = 0; i < copy->lane_count && !noted; i++) {
        if (copy->lanes[i].dirty) {
            archive_lane_give_up(&copy->lanes[i]);
        }
    }
    count_batch(copy, batch);
    for (unsigned i = 0; i < copy->lane_count; i++) {
        if (copy->lanes[i].dirty) {
            archive_lane_keep(&copy->lanes[i]);
        }
    }
    close_complete(batch);
    for (unsigned i = 0; i < batch->count; i++) {
        media_part_unref(batch->parts[i]);
    }
    batch->count = 0;
}

/* --- Thumbnails ------------------------------------------------------------------------------- */

/* Best effort: nothing waits for it to be durable, and a failure fails nothing else. */
static void keep_thumb(ArchiveCopy *copy, const MediaPart *part)
{
    if (copy->log.fd < 0 || copy->low || !archive_write_thumb(copy->folder, part)) {
        atomic_fetch_add(&copy->lost_thumbs, 1);
    }
}

/* --- Thread ----------------------------------------------------------------------------------- */

static void give_up_lanes(ArchiveCopy *copy)
{
    for (unsigned i = 0; i < copy->lane_count; i++) {
        if (copy->lanes[i].started && !copy->lanes[i].given_up) {
            archive_lane_give_up(&copy->lanes[i]);
        }
    }
}

/* Whether parts can be written at all. Between batches: nothing is half done then. */
static void look_at_disk(ArchiveCopy *copy)
{
    ask_free_space(copy);
    if (copy->low) {
        give_up_lanes(copy);
    }
}

/* Takes what waits, and not more than a batch has room for: a writer that is behind looks at the
 * disk and tells what it lost too. False: nothing waited. */
static bool write_batch(ArchiveCopy *copy)
{
    look_at_disk(copy);
    Batch batch = {.count = 0};
    unsigned taken = 0;
    MediaPart *part;
    for (; taken < BATCH_PARTS && (part = base_ring_pop(copy->ring)) != NULL; taken++) {
        if (part->type == MEDIA_PART_THUMB) {
            keep_thumb(copy, part);
            media_part_unref(part);
            continue;
        }
        if (part->type == MEDIA_PART_MEDIA) {
            if (!take_part(copy, &batch, part)) {
                store_batch(copy, &batch);
                take_part(copy, &batch, part);
            }
            continue;
        }
        // Whatever came before is settled first, so the journal keeps the order.
        store_batch(copy, &batch);
        if (part->type == MEDIA_PART_INIT) {
            add_lane(copy, part);
        } else {
            add_mark(copy, part);
        }
        media_part_unref(part);
    }
    if (batch.count > 0 && copy->low) {
        archive_trouble_say_low(&copy->trouble, atomic_load(&copy->free_bytes));
    }
    if (taken > 0 || copy->pending->len > 0) {
        store_batch(copy, &batch);
    }
    return taken > 0;
}

static void wait_for_parts(ArchiveCopy *copy)
{
    struct pollfd poll_fd = {.fd = base_ring_event_fd(copy->ring), .events = POLLIN};
    poll(&poll_fd, 1, (int)(WAIT_US / BASE_US_PER_MS));
    base_ring_clear_event(copy->ring);
}

/* --- Start and stop --------------------------------------------------------------------------- */

/* A recording that was deleted does not begin again under its old names. */
static bool check_not_deleted(const ArchiveCopy *copy, GError **error)
{
    g_autofree char *path = g_build_filename(copy->folder, ARCHIVE_TRACE_NAME, NULL);
    if (access(path, F_OK) != 0) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "the recording in %s was deleted",
                copy->folder);
    return false;
}

/* Cuts off a torn tail; a new journal gets its head. */
static bool start_journal(ArchiveCopy *copy, GError **error)
{
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(copy->folder, false, error);
    if (catalogue == NULL) {
        return false;
    }
    atomic_store(&copy->stored_pts_us, catalogue->end_us);
    int cut = archive_log_cut(&copy->log, catalogue->valid_size);
    if (cut != 0) {
        return archive_set_errno(error, -cut, "cut the journal in", copy->folder);
    }
    if (!catalogue->exists) {
        ArchiveRecord head = {.type = ARCHIVE_RECORD_HEAD,
                              .format = ARCHIVE_JOURNAL_FORMAT,
                              .epoch_wall_us = copy->epoch_wall_us};
        archive_journal_append(copy->lines, &head, copy->id);
        int result = archive_log_append(&copy->log, copy->lines);
        if (result == 0) {
            result = archive_sync_folder(copy->folder);
        }
        if (result != 0) {
            return archive_set_errno(error, -result, "start the journal in", copy->folder);
        }
    }
    return true;
}

static bool open_folder(ArchiveCopy *copy, GError **error)
{
    if (g_mkdir_with_parents(copy->directory, 0750) != 0) {
        return archive_set_errno(error, errno, "make the folder", copy->directory);
    }
    // May be new as well, and somebody else's: then its owner has seen to it.
    g_autofree char *above = g_path_get_dirname(copy->directory);
    archive_sync_folder(above);
    int result = archive_make_folder(copy->folder);
    if (result != 0) {
        return archive_set_errno(error, -result, "make the folder", copy->folder);
    }
    return check_not_deleted(copy, error) && archive_log_open(&copy->log, copy->folder, error) &&
           start_journal(copy, error);
}

static bool open_copy(ArchiveCopy *copy, GError **error)
{
    copy->tried_us = base_clock_us();
    if (open_folder(copy, error)) {
        return true;
    }
    archive_log_close(&copy->log);
    return false;
}

/* A mirror's disk may come later, or never. */
static void try_to_open(ArchiveCopy *copy)
{
    g_autoptr(GError) error = NULL;
    bool due = copy->tried_us == 0 || base_clock_us() - copy->tried_us >= REOPEN_US;
    if (copy->log.fd < 0 && due && !open_copy(copy, &error)) {
        archive_trouble_say(&copy->trouble, error->message);
    }
}

static void *run_thread(void *data)
{
    ArchiveCopy *copy = data;
    pthread_setname_np(pthread_self(), "archive");
    for (bool stopping = false; !stopping;) {
        wait_for_parts(copy);
        // Read before the ring: what was pushed before the stop is still written.
        stopping = atomic_load(&copy->stopping);
        try_to_open(copy);
        while (write_batch(copy)) {
            say_overflow(copy); // a disk that is too slow never has it empty
        }
        say_overflow(copy);
        say_recovered(copy);
    }
    atomic_store_explicit(&copy->over, true, memory_order_release);
    return NULL;
}

static void free_copy(ArchiveCopy *copy)
{
    drop_lanes(copy);
    archive_log_close(&copy->log);
    base_ring_free(copy->ring);
    g_string_free(copy->pending, TRUE);
    g_string_free(copy->lines, TRUE);
    archive_trouble_clear(&copy->trouble);
    g_free(copy->folder);
    g_free(copy->directory);
    g_free(copy->id);
    g_free(copy);
}

ArchiveCopy *archive_copy_new(const ArchiveCopyConfig *config, const ArchiveCopyEvents *events,
                              GError **error)
{
    g_autofree char *folder = archive_folder(config->directory, config->id, error);
    if (folder == NULL) {
        return NULL;
    }
    ArchiveCopy *copy = g_new0(ArchiveCopy, 1);
    copy->lost = events->lost;
    copy->data = events->data;
    copy->directory = g_strdup(config->directory);
    copy->id = g_strdup(config->id);
    copy->folder = g_steal_pointer(&folder);
    copy->epoch_wall_us = config->epoch_wall_us;
    copy->reserve_bytes = config->reserve_bytes;
    copy->mirror = config->mirror;
    copy->log.fd = -1;
    archive_trouble_init(&copy->trouble, copy->folder, copy->mirror);
    copy->trouble.tell = events->health;
    copy->trouble.data = events->data;
    copy->pending = g_string_new(NULL);
    copy->lines = g_string_new(NULL);
    copy->ring = base_ring_new(RING_PARTS, (GDestroyNotify)media_part_unref);
    copy->free_asked_us = base_clock_us() - FREE_PERIOD_US;
    if (!copy->mirror && !open_copy(copy, error)) {
        free_copy(copy);
        return NULL;
    }
    if (!copy->mirror) {
        ask_free_space(copy);
    }
    int result = pthread_create(&copy->thread, NULL, run_thread, copy);
    g_assert(result == 0);
    return copy;
}

/* False: its disk does not answer, so its thread goes on for as long as the process does, and keeps
 * what is its own. */
static bool join_mirror(ArchiveCopy *copy)
{
    // (pthread_clockjoin_np() would do, but ThreadSanitizer takes the thread for a living one)
    int64_t until_us = base_clock_us() + MIRROR_WAIT_S * BASE_US_PER_S;
    while (!atomic_load_explicit(&copy->over, memory_order_acquire) && base_clock_us() < until_us) {
        g_usleep(1000);
    }
    if (atomic_load_explicit(&copy->over, memory_order_acquire)) {
        return pthread_join(copy->thread, NULL) == 0;
    }
    archive_trouble_mute(&copy->trouble);
    pthread_detach(copy->thread);
    return false;
}

void archive_copy_free(ArchiveCopy *copy)
{
    if (copy == NULL) {
        return;
    }
    atomic_store(&copy->stopping, true);
    base_ring_wake(copy->ring);
    bool joined = copy->mirror ? join_mirror(copy) : pthread_join(copy->thread, NULL) == 0;
    if (joined) {
        free_copy(copy);
    }
}

bool archive_copy_push(ArchiveCopy *copy, MediaPart *part)
{
    bool passes = part->type == MEDIA_PART_MEDIA || part->type == MEDIA_PART_THUMB;
    if (base_ring_push(copy->ring, media_part_ref(part), passes ? RING_RESERVE : 0)) {
        return true;
    }
    if (part->type == MEDIA_PART_THUMB) {
        atomic_fetch_add(&copy->lost_thumbs, 1);
    } else if (part->type == MEDIA_PART_MEDIA) {
        tell_lost(copy, part);
        atomic_fetch_add(&copy->overflows, 1);
    }
    media_part_unref(part);
    return false;
}

static uint64_t byte_rate(const ArchiveCopy *copy)
{
    int64_t first_us = atomic_load(&copy->first_clock_us);
    int64_t since_us = base_clock_us() - first_us;
    return first_us == 0 || since_us < RATE_AFTER_US
               ? 0
               : atomic_load(&copy->bytes) * (uint64_t)BASE_US_PER_S / (uint64_t)since_us;
}

void archive_copy_stats(const ArchiveCopy *copy, ArchiveWriterStats *out)
{
    *out = (ArchiveWriterStats){
        .stored_clock_us = atomic_load(&copy->stored_clock_us),
        .stored_pts_us = atomic_load(&copy->stored_pts_us),
        .bytes = atomic_load(&copy->bytes),
        .byte_rate = byte_rate(copy),
        .lost_parts = atomic_load(&copy->lost_parts),
        .lost_thumbs = atomic_load(&copy->lost_thumbs),
        .failing = archive_trouble_now(&copy->trouble),
        .free_bytes = atomic_load(&copy->free_bytes),
    };
}

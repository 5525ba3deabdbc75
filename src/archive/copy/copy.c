// SPDX-License-Identifier: GPL-3.0-or-later
// A copy's thread, start and stop.
#include "archive/copy/private.h"

#include "archive/catalogue.h"
#include "archive/files.h"
#include "archive/journal.h"
#include "base/error.h"
#include "base/loop.h"

#include <poll.h>
#include <unistd.h>

// 32 s of 16 tracks at two parts a second.
#define RING_PARTS 1024
#define RING_RESERVE 64 // for init segments and marks
#define WAIT_US BASE_US_PER_S
#define REOPEN_US (2 * BASE_US_PER_S)
#define MIRROR_WAIT_S 3
#define RATE_AFTER_US (5 * BASE_US_PER_S)

static void say_overflow(ArchiveCopy *copy)
{
    uint64_t overflows = atomic_load(&copy->overflows);
    if (overflows == copy->said_overflows) {
        return;
    }
    copy->said_overflows = overflows;
    for (unsigned i = 0; i < copy->writer_count; i++) {
        copy->writers[i].failing = true; // until it keeps a part
    }
    archive_health_say_slow(&copy->health, overflows);
}

static void say_recovered(ArchiveCopy *copy)
{
    if (copy->journal_failing || copy->journal.fd < 0 || copy->low) {
        return;
    }
    for (unsigned i = 0; i < copy->writer_count; i++) {
        if (copy->writers[i].failing) {
            return;
        }
    }
    archive_health_say_well(&copy->health);
}

static void wait_for_parts(ArchiveCopy *copy)
{
    struct pollfd poll_fd = {.fd = base_ring_event_fd(copy->ring), .events = POLLIN};
    poll(&poll_fd, 1, (int)(WAIT_US / BASE_US_PER_MS));
    base_ring_clear_event(copy->ring);
}

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

/* Cuts a torn tail. */
static bool start_journal(ArchiveCopy *copy, GError **error)
{
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(copy->folder, false, error);
    if (catalogue == NULL) {
        return false;
    }
    atomic_store(&copy->stored_pts_us, catalogue->end_us);
    int cut = archive_journal_file_cut(&copy->journal, catalogue->valid_size);
    if (cut != 0) {
        return archive_set_errno(error, -cut, "cut the journal in", copy->folder);
    }
    if (!catalogue->exists) {
        ArchiveRecord head = {.type = ARCHIVE_RECORD_HEAD,
                              .format = ARCHIVE_JOURNAL_FORMAT,
                              .epoch_wall_us = copy->epoch_wall_us};
        archive_journal_append(copy->lines, &head, copy->id);
        int result = archive_journal_file_append(&copy->journal, copy->lines);
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
    if (copy->first != NULL && !archive_mirror_mounted(copy->first, copy->directory, error)) {
        return false;
    }
    if (g_mkdir_with_parents(copy->directory, 0750) != 0) {
        return archive_set_errno(error, errno, "make the folder", copy->directory);
    }
    // Its parent may be new too; errors may be its owner's.
    g_autofree char *above = g_path_get_dirname(copy->directory);
    archive_sync_folder(above);
    int result = archive_make_folder(copy->folder);
    if (result != 0) {
        return archive_set_errno(error, -result, "make the folder", copy->folder);
    }
    return check_not_deleted(copy, error) &&
           archive_journal_file_open(&copy->journal, copy->folder, error) &&
           start_journal(copy, error);
}

static bool open_copy(ArchiveCopy *copy, GError **error)
{
    copy->tried_us = base_clock_us();
    if (!open_folder(copy, error)) {
        archive_journal_file_close(&copy->journal);
        return false;
    }
    if (copy->first != NULL) {
        archive_mirror_remember(copy->first, copy->directory);
    }
    return true;
}

/* A mirror's disk may come late. */
static void try_to_open(ArchiveCopy *copy)
{
    g_autoptr(GError) error = NULL;
    bool due = copy->tried_us == 0 || base_clock_us() - copy->tried_us >= REOPEN_US;
    if (copy->journal.fd < 0 && due && !open_copy(copy, &error)) {
        archive_health_say(&copy->health, error->message);
    }
}

static void *run_thread(void *data)
{
    ArchiveCopy *copy = data;
    pthread_setname_np(pthread_self(), "archive");
    for (bool stopping = false; !stopping;) {
        wait_for_parts(copy);
        // Read before the ring: earlier pushes are written.
        stopping = atomic_load(&copy->stopping);
        try_to_open(copy);
        while (archive_batch_write(copy)) {
            say_overflow(copy); // a slow disk never empties it
        }
        say_overflow(copy);
        say_recovered(copy);
    }
    atomic_store_explicit(&copy->over, true, memory_order_release);
    return NULL;
}

static void free_copy(ArchiveCopy *copy)
{
    archive_batch_drop_writers(copy);
    archive_journal_file_close(&copy->journal);
    base_ring_free(copy->ring);
    g_string_free(copy->pending, TRUE);
    g_string_free(copy->lines, TRUE);
    archive_health_clear(&copy->health);
    g_free(copy->folder);
    g_free(copy->directory);
    g_free(copy->first);
    g_free(copy->id);
    g_free(copy);
}

ArchiveCopy *archive_copy_new(const ArchiveCopyConfig *config, const ArchiveCopyEvents *events,
                              GError **error)
{
    const ArchivePlace *place = config->place;
    const char *directory = config->mirror ? place->mirror : place->directory;
    g_autofree char *folder = archive_folder(directory, place->id, error);
    if (folder == NULL) {
        return NULL;
    }
    ArchiveCopy *copy = g_new0(ArchiveCopy, 1);
    copy->lost = events->lost;
    copy->data = events->data;
    copy->directory = g_strdup(directory);
    copy->first = config->mirror ? g_strdup(place->directory) : NULL;
    copy->id = g_strdup(place->id);
    copy->folder = g_steal_pointer(&folder);
    copy->epoch_wall_us = config->epoch_wall_us;
    copy->reserve_bytes = place->reserve_bytes;
    copy->mirror = config->mirror;
    copy->journal.fd = -1;
    archive_health_init(&copy->health, copy->folder, copy->mirror);
    copy->health.tell = events->health;
    copy->health.data = events->data;
    copy->pending = g_string_new(NULL);
    copy->lines = g_string_new(NULL);
    copy->ring = base_ring_new(RING_PARTS, (GDestroyNotify)media_part_unref);
    copy->free_asked_us = base_clock_us() - ARCHIVE_FREE_PERIOD_US;
    if (!copy->mirror && !open_copy(copy, error)) {
        free_copy(copy);
        return NULL;
    }
    if (!copy->mirror) {
        archive_batch_ask_free_space(copy);
    }
    base_thread_start(&copy->thread, run_thread, copy);
    return copy;
}

/* False: the disk hangs; its thread keeps the data. */
static bool join_mirror(ArchiveCopy *copy)
{
    // ThreadSanitizer misreports pthread_clockjoin_np().
    int64_t until_us = base_clock_us() + MIRROR_WAIT_S * BASE_US_PER_S;
    while (!atomic_load_explicit(&copy->over, memory_order_acquire) && base_clock_us() < until_us) {
        g_usleep(1000);
    }
    if (atomic_load_explicit(&copy->over, memory_order_acquire)) {
        return pthread_join(copy->thread, NULL) == 0;
    }
    archive_health_mute(&copy->health);
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
        archive_batch_tell_lost(copy, part);
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
        .failing = archive_health_now(&copy->health),
        .free_bytes = atomic_load(&copy->free_bytes),
    };
}

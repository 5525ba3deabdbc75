// SPDX-License-Identifier: GPL-3.0-or-later
// Writes batches: appends parts to files, syncs each once, then new names, then the journal: no
// line names bytes that a power loss could take. On failure, or below the reserve, the track gives
// up its segment (segments have no holes) and tries the next.
#include "archive/copy/private.h"

#include "archive/files.h"
#include "archive/journal.h"

#include <string.h>

#define BATCH_PARTS 64
#define PENDING_MAX (64 * 1024)

void archive_batch_tell_lost(ArchiveCopy *copy, const MediaPart *part)
{
    atomic_fetch_add(&copy->lost_parts, 1);
    if (copy->lost != NULL) {
        copy->lost(copy->data, part);
    }
}

/* Hysteresis of a quarter, or freed space would be refilled part by part. */
void archive_batch_ask_free_space(ArchiveCopy *copy)
{
    int64_t now_us = base_clock_us();
    uint64_t free_bytes;
    if (now_us - copy->free_asked_us < ARCHIVE_FREE_PERIOD_US ||
        !archive_free_bytes(copy->folder, &free_bytes)) {
        return;
    }
    copy->free_asked_us = now_us;
    atomic_store(&copy->free_bytes, free_bytes);
    copy->low = free_bytes < copy->reserve_bytes + (copy->low ? copy->reserve_bytes / 4 : 0);
}

static void note_init(ArchiveCopy *copy, const ArchiveTrackWriter *writer)
{
    g_autofree char *codecs = media_track_codecs(writer->init->track);
    ArchiveRecord record = {.type = ARCHIVE_RECORD_INIT,
                            .run = writer->run,
                            .bytes = g_bytes_get_size(writer->init->bytes),
                            .info = writer->init->track->info};
    g_strlcpy(record.track, writer->key, sizeof record.track);
    g_strlcpy(record.codecs, codecs, sizeof record.codecs);
    archive_journal_append(copy->lines, &record, NULL);
}

static void note_part(ArchiveCopy *copy, const MediaPart *part, const ArchiveTrackWriter *writer,
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
    g_strlcpy(record.track, writer->key, sizeof record.track);
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

static ArchiveTrackWriter *find_writer(ArchiveCopy *copy, uint32_t run, const MediaTrack *track)
{
    char key[MEDIA_TRACK_KEY_BYTES];
    media_track_key(track, key);
    for (unsigned i = 0; i < copy->writer_count; i++) {
        if (copy->writers[i].run == run && strcmp(copy->writers[i].key, key) == 0) {
            return &copy->writers[i];
        }
    }
    return NULL;
}

void archive_batch_drop_writers(ArchiveCopy *copy)
{
    for (unsigned i = 0; i < copy->writer_count; i++) {
        archive_track_writer_finish(&copy->writers[i]);
    }
    copy->writer_count = 0;
}

/* Retried until it succeeds. */
static int settle_init(ArchiveCopy *copy, ArchiveTrackWriter *writer)
{
    if (writer->init == NULL) {
        return 0;
    }
    int result = archive_track_writer_write_init(writer);
    if (result != 0) {
        return result;
    }
    g_string_truncate(copy->lines, 0);
    note_init(copy, writer);
    result = archive_journal_file_append(&copy->journal, copy->lines);
    if (result == 0) {
        g_clear_pointer(&writer->init, media_part_unref);
    }
    return result;
}

/* A new run's first track ends the old run. */
static void add_writer(ArchiveCopy *copy, MediaPart *init)
{
    if (copy->writer_count > 0 && copy->writers[0].run != init->run) {
        archive_batch_drop_writers(copy);
    }
    if (copy->writer_count == MEDIA_MAX_TRACKS ||
        find_writer(copy, init->run, init->track) != NULL) {
        return;
    }
    ArchiveTrackWriter *writer = &copy->writers[copy->writer_count++];
    archive_track_writer_init(writer, copy->folder, init);
    writer->failing = copy->health.said;
    if (copy->journal.fd < 0) {
        return; // before the first segment
    }
    int result = settle_init(copy, writer);
    if (result != 0) {
        writer->failing = true;
        archive_health_say_error(&copy->health, -result);
    }
}

static bool append_part(ArchiveCopy *copy, ArchiveTrackWriter *writer, const MediaPart *part)
{
    if (copy->journal.fd < 0 || copy->low) {
        writer->failing = true;
        return false;
    }
    int result = 0;
    if (archive_track_writer_begins(writer, part)) {
        result = settle_init(copy, writer);
        if (result == 0) {
            result = archive_track_writer_open(writer, part->sequence);
        }
    }
    if (result == 0) {
        result = archive_track_writer_append(writer, part);
    }
    if (result < 0) {
        writer->failing = true;
        archive_health_say_error(&copy->health, -result);
    }
    return result > 0;
}

typedef struct {
    MediaPart *parts[BATCH_PARTS];
    ArchiveTrackWriter *writers[BATCH_PARTS]; // NULL: lost
    unsigned count;
} Batch;

/* A batch holds one segment per track. False: next batch. */
static bool take_part(ArchiveCopy *copy, Batch *batch, MediaPart *part)
{
    ArchiveTrackWriter *writer = find_writer(copy, part->run, part->track);
    for (unsigned i = 0; i < batch->count; i++) {
        if (batch->writers[i] == writer && batch->parts[i]->sequence != part->sequence) {
            return false;
        }
    }
    batch->parts[batch->count] = part;
    batch->writers[batch->count] =
        writer != NULL && append_part(copy, writer, part) ? writer : NULL;
    batch->count++;
    return true;
}

/* Of durable parts, in order. */
static void note_batch(ArchiveCopy *copy, const Batch *batch)
{
    uint64_t offsets[MEDIA_MAX_TRACKS];
    for (unsigned i = 0; i < copy->writer_count; i++) {
        offsets[i] = copy->writers[i].kept_size;
    }
    g_string_assign(copy->lines, copy->pending->str);
    for (unsigned i = 0; i < batch->count; i++) {
        const MediaPart *part = batch->parts[i];
        const ArchiveTrackWriter *writer = batch->writers[i];
        if (writer != NULL && writer->dirty) {
            uint64_t *offset = &offsets[writer - copy->writers];
            note_part(copy, part, writer, *offset);
            *offset += g_bytes_get_size(part->bytes);
        }
    }
}

static void count_batch(ArchiveCopy *copy, const Batch *batch)
{
    int64_t now_us = base_clock_us();
    for (unsigned i = 0; i < batch->count; i++) {
        const MediaPart *part = batch->parts[i];
        const ArchiveTrackWriter *writer = batch->writers[i];
        if (writer == NULL || !writer->dirty) {
            archive_batch_tell_lost(copy, part);
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
        ArchiveTrackWriter *writer = batch->writers[i];
        if (part->last && writer != NULL && writer->sequence == part->sequence) {
            archive_track_writer_close(writer);
        }
    }
}

/* Pending marks first. */
static bool write_lines(ArchiveCopy *copy)
{
    if (copy->lines->len == 0 || copy->journal.fd < 0) {
        return true;
    }
    int result = archive_journal_file_append(&copy->journal, copy->lines);
    copy->journal_failing = result != 0;
    if (result != 0) {
        archive_health_say_error(&copy->health, -result);
        return false;
    }
    g_string_truncate(copy->pending, 0);
    return true;
}

static void store_batch(ArchiveCopy *copy, Batch *batch)
{
    for (unsigned i = 0; i < copy->writer_count; i++) {
        int result = copy->writers[i].dirty ? archive_track_writer_sync(&copy->writers[i]) : 0;
        if (result != 0) {
            archive_health_say_error(&copy->health, -result);
        }
    }
    note_batch(copy, batch);
    bool noted = write_lines(copy);
    for (unsigned i = 0; i < copy->writer_count && !noted; i++) {
        if (copy->writers[i].dirty) {
            archive_track_writer_give_up(&copy->writers[i]);
        }
    }
    count_batch(copy, batch);
    for (unsigned i = 0; i < copy->writer_count; i++) {
        if (copy->writers[i].dirty) {
            archive_track_writer_keep(&copy->writers[i]);
        }
    }
    close_complete(batch);
    for (unsigned i = 0; i < batch->count; i++) {
        media_part_unref(batch->parts[i]);
    }
    batch->count = 0;
}

/* Best effort: not synced. */
static void keep_thumb(ArchiveCopy *copy, const MediaPart *part)
{
    if (copy->journal.fd < 0 || copy->low || !archive_write_thumb(copy->folder, part)) {
        atomic_fetch_add(&copy->lost_thumbs, 1);
    }
}

static void give_up_writers(ArchiveCopy *copy)
{
    for (unsigned i = 0; i < copy->writer_count; i++) {
        if (copy->writers[i].started && !copy->writers[i].given_up) {
            archive_track_writer_give_up(&copy->writers[i]);
        }
    }
}

static void check_disk(ArchiveCopy *copy)
{
    archive_batch_ask_free_space(copy);
    if (copy->low) {
        give_up_writers(copy);
    }
}

bool archive_batch_write(ArchiveCopy *copy)
{
    check_disk(copy);
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
        // Keeps the journal's order.
        store_batch(copy, &batch);
        if (part->type == MEDIA_PART_INIT) {
            add_writer(copy, part);
        } else {
            add_mark(copy, part);
        }
        media_part_unref(part);
    }
    if (batch.count > 0 && copy->low) {
        archive_health_say_low(&copy->health, atomic_load(&copy->free_bytes));
    }
    if (taken > 0 || copy->pending->len > 0) {
        store_batch(copy, &batch);
    }
    return taken > 0;
}

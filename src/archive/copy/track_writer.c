// SPDX-License-Identifier: GPL-3.0-or-later
// Writes one track's init segment and segments.
#include "archive/copy/track_writer.h"

#include "archive/catalogue.h"
#include "archive/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void archive_track_writer_init(ArchiveTrackWriter *writer, const char *folder, MediaPart *init)
{
    *writer = (ArchiveTrackWriter){
        .run = init->run, .fd = -1, .init = media_part_ref(init), .folder = g_strdup(folder)};
    media_track_key(init->track, writer->key);
    writer->track_folder = g_strdup_printf("%s/%u/%s", folder, writer->run, writer->key);
}

void archive_track_writer_finish(ArchiveTrackWriter *writer)
{
    archive_track_writer_close(writer);
    g_clear_pointer(&writer->init, media_part_unref);
    g_clear_pointer(&writer->folder, g_free);
    g_clear_pointer(&writer->track_folder, g_free);
}

static int make_folders(const ArchiveTrackWriter *writer)
{
    g_autofree char *run_folder = g_strdup_printf("%s/%u", writer->folder, writer->run);
    int result = archive_make_folder(run_folder);
    return result != 0 ? result : archive_make_folder(writer->track_folder);
}

int archive_track_writer_write_init(const ArchiveTrackWriter *writer)
{
    g_autofree char *path = archive_init_path(writer->folder, writer->run, writer->key);
    int result = make_folders(writer);
    if (result != 0) {
        return result;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        return -errno;
    }
    gsize size;
    const void *bytes = g_bytes_get_data(writer->init->bytes, &size);
    result = archive_write_at(fd, bytes, size, 0);
    if (result == 0 && fdatasync(fd) != 0) {
        result = -errno;
    }
    close(fd);
    return result != 0 ? result : archive_sync_folder(writer->track_folder);
}

void archive_track_writer_close(ArchiveTrackWriter *writer)
{
    if (writer->fd >= 0) {
        close(writer->fd);
        writer->fd = -1;
    }
}

void archive_track_writer_give_up(ArchiveTrackWriter *writer)
{
    if (writer->fd >= 0) {
        // If this fails, the journal has the valid size.
        int result = ftruncate(writer->fd, (off_t)writer->kept_size);
        (void)result;
        archive_track_writer_close(writer);
    }
    writer->given_up = true;
    writer->failing = true;
    writer->dirty = false;
    writer->new_name = false;
}

bool archive_track_writer_begins(const ArchiveTrackWriter *writer, const MediaPart *part)
{
    return part->index == 0 && !(writer->started && writer->sequence == part->sequence);
}

int archive_track_writer_open(ArchiveTrackWriter *writer, uint64_t sequence)
{
    g_autofree char *path =
        archive_segment_path(writer->folder, writer->run, writer->key, sequence);
    archive_track_writer_close(writer);
    writer->started = true;
    writer->given_up = false;
    writer->sequence = sequence;
    writer->parts = 0;
    writer->size = writer->kept_size = 0;
    // An existing file is foreign.
    writer->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    writer->new_name = writer->fd >= 0;
    if (writer->fd < 0) {
        int result = -errno;
        archive_track_writer_give_up(writer);
        return result;
    }
    return 0;
}

int archive_track_writer_append(ArchiveTrackWriter *writer, const MediaPart *part)
{
    if (!writer->started || writer->given_up || writer->sequence != part->sequence ||
        writer->fd < 0) {
        return 0;
    }
    if (writer->parts != part->index) {
        writer->given_up = true; // no holes
        return 0;
    }
    gsize size;
    const void *bytes = g_bytes_get_data(part->bytes, &size);
    int result = archive_write_at(writer->fd, bytes, size, writer->size);
    if (result != 0) {
        archive_track_writer_give_up(writer);
        return result;
    }
    writer->size += size;
    writer->parts++;
    writer->dirty = true;
    return 1;
}

int archive_track_writer_sync(ArchiveTrackWriter *writer)
{
    int result = fdatasync(writer->fd) == 0 ? 0 : -errno;
    if (result == 0 && writer->new_name) {
        result = archive_sync_folder(writer->track_folder);
    }
    if (result != 0) {
        archive_track_writer_give_up(writer);
        return result;
    }
    writer->new_name = false;
    return 0;
}

void archive_track_writer_keep(ArchiveTrackWriter *writer)
{
    writer->kept_size = writer->size;
    writer->failing = false;
    writer->dirty = false;
}

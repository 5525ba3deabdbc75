// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/lane.h"

#include "archive/catalogue.h"
#include "archive/files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void archive_lane_init(ArchiveLane *lane, const char *folder, MediaPart *init)
{
    *lane = (ArchiveLane){
        .run = init->run, .fd = -1, .init = media_part_ref(init), .folder = g_strdup(folder)};
    media_track_key(init->track, lane->key);
    lane->track_folder = g_strdup_printf("%s/%u/%s", folder, lane->run, lane->key);
}

void archive_lane_finish(ArchiveLane *lane)
{
    archive_lane_close(lane);
    g_clear_pointer(&lane->init, media_part_unref);
    g_clear_pointer(&lane->folder, g_free);
    g_clear_pointer(&lane->track_folder, g_free);
}

static int make_folders(const ArchiveLane *lane)
{
    g_autofree char *run_folder = g_strdup_printf("%s/%u", lane->folder, lane->run);
    int result = archive_make_folder(run_folder);
    return result != 0 ? result : archive_make_folder(lane->track_folder);
}

int archive_lane_write_init(const ArchiveLane *lane)
{
    g_autofree char *path = archive_init_path(lane->folder, lane->run, lane->key);
    int result = make_folders(lane);
    if (result != 0) {
        return result;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        return -errno;
    }
    gsize size;
    const void *bytes = g_bytes_get_data(lane->init->bytes, &size);
    result = archive_write_at(fd, bytes, size, 0);
    if (result == 0 && fdatasync(fd) != 0) {
        result = -errno;
    }
    close(fd);
    return result != 0 ? result : archive_sync_folder(lane->track_folder);
}

void archive_lane_close(ArchiveLane *lane)
{
    if (lane->fd >= 0) {
        close(lane->fd);
        lane->fd = -1;
    }
}

void archive_lane_give_up(ArchiveLane *lane)
{
    if (lane->fd >= 0) {
        // Where even this fails the journal still says how much of the file is valid.
        int result = ftruncate(lane->fd, (off_t)lane->kept_size);
        (void)result;
        archive_lane_close(lane);
    }
    lane->given_up = true;
    lane->failing = true;
    lane->dirty = false;
    lane->new_name = false;
}

bool archive_lane_begins(const ArchiveLane *lane, const MediaPart *part)
{
    return part->index == 0 && !(lane->started && lane->sequence == part->sequence);
}

int archive_lane_open(ArchiveLane *lane, uint64_t sequence)
{
    g_autofree char *path = archive_segment_path(lane->folder, lane->run, lane->key, sequence);
    archive_lane_close(lane);
    lane->started = true;
    lane->given_up = false;
    lane->sequence = sequence;
    lane->parts = 0;
    lane->size = lane->kept_size = 0;
    // A name is used once; whatever is there already is somebody's recording.
    lane->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    lane->new_name = lane->fd >= 0;
    if (lane->fd < 0) {
        int result = -errno;
        archive_lane_give_up(lane);
        return result;
    }
    return 0;
}

int archive_lane_append(ArchiveLane *lane, const MediaPart *part)
{
    if (!lane->started || lane->given_up || lane->sequence != part->sequence || lane->fd < 0) {
        return 0;
    }
    if (lane->parts != part->index) {
        lane->given_up = true; // a segment has no holes; what is there stays
        return 0;
    }
    gsize size;
    const void *bytes = g_bytes_get_data(part->bytes, &size);
    int result = archive_write_at(lane->fd, bytes, size, lane->size);
    if (result != 0) {
        archive_lane_give_up(lane);
        return result;
    }
    lane->size += size;
    lane->parts++;
    lane->dirty = true;
    return 1;
}

int archive_lane_sync(ArchiveLane *lane)
{
    int result = fdatasync(lane->fd) == 0 ? 0 : -errno;
    if (result == 0 && lane->new_name) {
        result = archive_sync_folder(lane->track_folder);
    }
    if (result != 0) {
        archive_lane_give_up(lane);
        return result;
    }
    lane->new_name = false;
    return 0;
}

void archive_lane_keep(ArchiveLane *lane)
{
    lane->kept_size = lane->size;
    lane->failing = false;
    lane->dirty = false;
}

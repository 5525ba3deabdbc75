// SPDX-License-Identifier: GPL-3.0-or-later
// Durable file operations.
#include "archive/files.h"

#include "archive/archive.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define COPY_BYTES (1 << 30)

char *archive_folder(const char *directory, const char *id, GError **error)
{
    if (!base_id_valid(id, ARCHIVE_ID_MAX)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "not the id of a recording");
        return NULL;
    }
    return g_build_filename(directory, id, NULL);
}

int archive_write_at(int fd, const void *data, size_t size, uint64_t offset)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = pwrite(fd, at, size, (off_t)offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return written < 0 ? -errno : -EIO;
        }
        at += written;
        size -= (size_t)written;
        offset += (uint64_t)written;
    }
    return 0;
}

bool archive_free_bytes(const char *directory, uint64_t *out_bytes)
{
    struct statvfs status;
    if (statvfs(directory, &status) != 0) {
        return false;
    }
    *out_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    return true;
}

int archive_read_size(const char *path, uint64_t *out_size)
{
    struct stat status;
    bool there = lstat(path, &status) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR) {
        return -errno;
    }
    *out_size = there && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    return 0;
}

uint64_t archive_file_size(const char *path)
{
    uint64_t size = 0;
    archive_read_size(path, &size);
    return size;
}

int archive_sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int result = fsync(fd) == 0 ? 0 : -errno;
    close(fd);
    return result;
}

int archive_make_folder(const char *path)
{
    if (mkdir(path, 0750) != 0) {
        return errno == EEXIST ? 0 : -errno;
    }
    g_autofree char *parent = g_path_get_dirname(path);
    return archive_sync_folder(parent);
}

bool archive_set_errno(GError **error, int code, const char *what, const char *name)
{
    bool full = code == ENOSPC || code == EDQUOT;
    g_set_error(error, BASE_ERROR, full ? BASE_ERROR_FULL : BASE_ERROR_FAILED, "cannot %s %s: %s%s",
                what, name, g_strerror(code), full ? "; free some space and try again" : "");
    return false;
}

bool archive_publish_file(const char *folder, const char *from, const char *name, GError **error)
{
    g_autofree char *from_path = g_build_filename(folder, from, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (rename(from_path, path) != 0) {
        return archive_set_errno(error, errno, "rename", from_path);
    }
    int result = archive_sync_folder(folder);
    return result == 0 || archive_set_errno(error, -result, "sync", folder);
}

static int write_whole(const char *path, const GString *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0) {
        return -errno;
    }
    int result = archive_write_at(fd, text->str, text->len, 0);
    if (result == 0 && fsync(fd) != 0) {
        result = -errno;
    }
    close(fd);
    return result;
}

bool archive_replace_file(const char *folder, const char *name, const GString *text, GError **error)
{
    g_autofree char *temporary = g_strconcat(name, ".new", NULL);
    g_autofree char *path = g_build_filename(folder, temporary, NULL);
    int result = write_whole(path, text);
    if (result != 0) {
        unlink(path);
        return archive_set_errno(error, -result, "write", path);
    }
    return archive_publish_file(folder, temporary, name, error);
}

/* To a new file, durably. */
static int copy_whole(int from, const char *to_path)
{
    int to = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (to < 0) {
        return -errno;
    }
    ssize_t got;
    do {
        got = copy_file_range(from, NULL, to, NULL, COPY_BYTES, 0);
    } while (got > 0);
    int result = got < 0 || fsync(to) != 0 ? -errno : 0;
    close(to);
    return result;
}

int archive_unshare_file(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink < 2) {
        return 0;
    }
    g_autofree char *temporary = g_strconcat(path, ".new", NULL);
    int from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int result = from >= 0 ? copy_whole(from, temporary) : -errno;
    if (result == 0 && rename(temporary, path) != 0) {
        result = -errno;
    }
    if (result != 0) {
        unlink(temporary);
    }
    if (from >= 0) {
        close(from);
    }
    return result;
}

bool archive_write_thumb(const char *folder, const MediaPart *part)
{
    g_autofree char *thumbs = g_build_filename(folder, ARCHIVE_THUMB_FOLDER, NULL);
    g_autofree char *path =
        g_strdup_printf("%s/%" G_GINT64_FORMAT ".jpg", thumbs, part->pts_us / BASE_US_PER_MS);
    g_autofree char *temporary = g_strconcat(path, ".new", NULL);
    if (mkdir(thumbs, 0750) != 0 && errno != EEXIST) {
        return false;
    }
    gsize size;
    const void *bytes = g_bytes_get_data(part->bytes, &size);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
    bool written = fd >= 0 && archive_write_at(fd, bytes, size, 0) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (written && rename(temporary, path) == 0) {
        return true;
    }
    unlink(temporary);
    return false;
}

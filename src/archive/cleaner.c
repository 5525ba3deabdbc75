// SPDX-License-Identifier: GPL-3.0-or-later
// Deletes recordings: deleted.json first, durably; then the main playlist, to stop serving; last
// the journal, locked against writers and steps.
#include "archive/archive.h"

#include "archive/catalogue.h"
#include "archive/files.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 8 // recordings have 3

/* --- Walking ---------------------------------------------------------------------------------- */

/* Nullable. */
static GPtrArray *list_folder(int fd)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = own >= 0 ? fdopendir(own) : NULL;
    if (dir == NULL) {
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            g_ptr_array_add(names, g_strdup(entry->d_name));
        }
    }
    closedir(dir);
    return names;
}

static int open_folder(int fd, const char *name)
{
    return openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static uint64_t size_of(int fd, unsigned depth)
{
    uint64_t bytes = 0;
    g_autoptr(GPtrArray) names = list_folder(fd);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        struct stat status;
        if (fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        int below = S_ISDIR(status.st_mode) && depth < DEPTH_MAX ? open_folder(fd, name) : -1;
        if (below >= 0) {
            bytes += size_of(below, depth + 1);
            close(below);
        } else if (S_ISREG(status.st_mode)) {
            bytes += (uint64_t)status.st_size;
        }
    }
    return bytes;
}

static int remove_all(int fd, unsigned depth);

/* 0 or -errno; may be missing. */
static int remove_one(int fd, const char *name, unsigned depth)
{
    if (unlinkat(fd, name, 0) == 0 || errno == ENOENT) {
        return 0;
    }
    if (errno != EISDIR && errno != EPERM) {
        return -errno;
    }
    int below = depth < DEPTH_MAX ? open_folder(fd, name) : -1;
    if (below < 0) {
        return -ENOTEMPTY;
    }
    int result = remove_all(below, depth + 1);
    close(below);
    return result == 0 && unlinkat(fd, name, AT_REMOVEDIR) != 0 ? -errno : result;
}

static bool is_kept(const char *name, unsigned depth)
{
    return depth == 0 &&
           (strcmp(name, ARCHIVE_TRACE_NAME) == 0 || strcmp(name, ARCHIVE_JOURNAL_NAME) == 0);
}

static int remove_all(int fd, unsigned depth)
{
    g_autoptr(GPtrArray) names = list_folder(fd);
    if (names == NULL) {
        return -errno;
    }
    int result = 0;
    for (guint i = 0; i < names->len && result == 0; i++) {
        const char *name = g_ptr_array_index(names, i);
        result = is_kept(name, depth) ? 0 : remove_one(fd, name, depth);
    }
    return result;
}

/* --- The trace -------------------------------------------------------------------------------- */

/* Hexadecimal, nullable. */
static char *manifest_digest(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "manifest.json", NULL);
    g_autofree char *text = NULL;
    gsize size;
    return g_file_get_contents(path, &text, &size, NULL)
               ? g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, size)
               : NULL;
}

static bool write_trace(const char *folder, int fd, const char *id, const char *why,
                        int64_t now_wall_us, GError **error)
{
    remove_one(fd, ARCHIVE_TRACE_NAME ".new", 0); // of an interrupted call
    g_autoptr(ArchiveCatalogue) catalogue = archive_catalogue_load(folder, true, NULL);
    int64_t public_us = catalogue != NULL ? catalogue->public_us : 0;
    g_autofree char *at = base_time_format(now_wall_us);
    g_autofree char *digest = manifest_digest(folder);
    g_autoptr(json_t) trace =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:s?}", "id", id, "deleted_at", at, "why", why,
                  "duration_ms", (json_int_t)(public_us / BASE_US_PER_MS), "bytes",
                  (json_int_t)size_of(fd, 0), "manifest_sha256", digest);
    if (trace == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "the reason must be UTF-8 text");
        return false;
    }
    g_autofree char *line = base_json_text(trace);
    g_autoptr(GString) text = g_string_new(line);
    g_string_append_c(text, '\n');
    return archive_replace_file(folder, ARCHIVE_TRACE_NAME, text, error);
}

/* --- Deletion --------------------------------------------------------------------------------- */

/* Excludes writers and steps. `held`: descriptors. */
static bool hold_files(int fd, const char *folder, GArray *held, GError **error)
{
    g_autoptr(GPtrArray) names = list_folder(fd);
    for (guint i = 0; names != NULL && i < names->len; i++) {
        int file =
            openat(fd, g_ptr_array_index(names, i), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file < 0) {
            continue;
        }
        g_array_append_val(held, file);
        if (flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                        "%s is still being recorded, or its files are being made", folder);
            return false;
        }
    }
    return true;
}

static int remove_media(int fd)
{
    int result = remove_one(fd, "main.m3u8", 0);
    if (result == 0) {
        result = remove_all(fd, 0);
    }
    if (result == 0 && fsync(fd) != 0) {
        result = -errno;
    }
    if (result == 0) {
        result = remove_one(fd, ARCHIVE_JOURNAL_NAME, 0);
    }
    return result == 0 && fsync(fd) != 0 ? -errno : result;
}

static bool delete_held(const char *folder, int fd, const char *id, const char *why,
                        int64_t now_wall_us, GError **error)
{
    if (faccessat(fd, ARCHIVE_TRACE_NAME, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
        !write_trace(folder, fd, id, why, now_wall_us, error)) {
        return false;
    }
    int result = remove_media(fd);
    return result == 0 || archive_set_errno(error, -result, "delete", folder);
}

static void release(GArray *held)
{
    for (guint i = 0; i < held->len; i++) {
        close(g_array_index(held, int, i));
    }
    g_array_unref(held);
}

/* -1 with an error. */
static int open_recording(const char *folder, GError **error)
{
    int fd = open_folder(AT_FDCWD, folder);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "%s holds no recording", folder);
    } else if (fd < 0) {
        archive_set_errno(error, errno, "open", folder);
    }
    return fd;
}

bool archive_delete(const char *directory, const char *id, const char *why, int64_t now_wall_us,
                    GError **error)
{
    g_autofree char *folder = archive_folder(directory, id, error);
    int fd = folder != NULL ? open_recording(folder, error) : -1;
    if (fd < 0) {
        return false;
    }
    GArray *held = g_array_new(FALSE, FALSE, sizeof(int));
    bool deleted =
        hold_files(fd, folder, held, error) && delete_held(folder, fd, id, why, now_wall_us, error);
    release(held);
    close(fd);
    return deleted;
}

bool archive_size(const char *directory, const char *id, uint64_t *out_bytes)
{
    g_autofree char *folder = archive_folder(directory, id, NULL);
    int fd = folder != NULL ? open_folder(AT_FDCWD, folder) : -1;
    if (fd < 0) {
        return false;
    }
    *out_bytes = size_of(fd, 0);
    close(fd);
    return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Writes contents under their digest, removes unnamed ones.
#include "files/disk.h"

#include "base/codes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PART ".part"

static bool set_errno(GError **error, int code, const char *path)
{
    if (code == ENOSPC || code == EDQUOT) {
        return base_refuse(error, BASE_CODE_FULL, NULL, NULL,
                           "The disk has no room for the file. Free some, then send it again.");
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot write %s: %s", path,
                g_strerror(code));
    return false;
}

/* 0 or errno. */
static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            return wrote < 0 ? errno : EIO;
        }
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return fsync(fd) == 0 ? 0 : errno;
}

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd >= 0 && fsync(fd) == 0 ? 0 : errno;
    if (fd >= 0) {
        close(fd);
    }
    return result;
}

/* 0 or errno. */
static int write_new(const char *folder, const char *path, const uint8_t *bytes, size_t size)
{
    g_autofree char *part = g_strconcat(path, PART, NULL);
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return errno;
    }
    int result = write_all(fd, bytes, size);
    close(fd);
    if (result == 0 && rename(part, path) != 0) {
        result = errno;
    }
    if (result != 0) {
        unlink(part);
        return result;
    }
    return sync_folder(folder);
}

bool files_disk_put(const char *folder, const uint8_t *bytes, size_t size,
                    char out_digest[BASE_DIGEST_CHARACTERS], GError **error)
{
    g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, size);
    g_autofree char *path = g_build_filename(folder, digest, NULL);
    int result = access(path, F_OK) == 0 ? 0 : write_new(folder, path, bytes, size);
    g_strlcpy(out_digest, digest, BASE_DIGEST_CHARACTERS);
    return result == 0 || set_errno(error, result, path);
}

void files_disk_sweep(const char *folder, GHashTable *kept)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        bool ours = strspn(name, "0123456789abcdef") == BASE_DIGEST_CHARACTERS - 1;
        if (ours && !g_hash_table_contains(kept, name)) {
            g_autofree char *path = g_build_filename(folder, name, NULL);
            unlink(path);
        }
    }
}

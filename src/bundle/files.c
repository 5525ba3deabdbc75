// SPDX-License-Identifier: GPL-3.0-or-later
// Files of a bundle: copying, digests, entries of a list.
#include "bundle/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_MAX_BYTES (64 << 20)
#define WALK_DESCRIPTORS 16

bool bundle_set_errno(GError **error, int code, const char *what, const char *path)
{
    bool full = code == ENOSPC || code == EDQUOT;
    g_set_error(error, BASE_ERROR, full ? BASE_ERROR_FULL : BASE_ERROR_FAILED, "cannot %s %s: %s%s",
                what, path, g_strerror(code), full ? "; free some space and try again" : "");
    return false;
}

bool bundle_set_copy_fault(GError **error, int result, const char *from, const char *to)
{
    return result > 0 ? bundle_set_errno(error, result, "write", to)
                      : bundle_set_errno(error, -result, "read", from);
}

typedef struct {
    int fd;
    int code; // errno
} Target;

static int write_block(void *data, const uint8_t *block, size_t size)
{
    Target *target = data;
    while (size > 0) {
        ssize_t written = write(target->fd, block, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            target->code = written < 0 ? errno : EIO;
            return -target->code;
        }
        block += written;
        size -= (size_t)written;
    }
    return 0;
}

/* Writes back early, to keep recordings' syncs short; spares the page cache. */
static int copy_open(int from, int to, BundleDigest *out)
{
    Target target = {.fd = to};
    out->bytes = base_digest_each(from, out->sha256, write_block, &target);
    if (out->bytes < 0) {
        return target.code != 0 ? target.code : (int)out->bytes;
    }
    sync_file_range(to, 0, 0, SYNC_FILE_RANGE_WRITE);
    posix_fadvise(from, 0, 0, POSIX_FADV_DONTNEED);
    return 0;
}

static int open_source(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    return fd;
}

int bundle_copy_file(const char *from, const char *to, mode_t mode, BundleDigest *out)
{
    int source = open_source(from);
    if (source < 0) {
        return -errno;
    }
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    int result = target >= 0 ? copy_open(source, target, out) : errno;
    if (target >= 0) {
        if (close(target) != 0 && result == 0) {
            result = errno; // NFS writes now
        }
        if (result != 0) {
            unlink(to);
        }
    }
    close(source);
    return result;
}

int bundle_digest_file(const char *path, BundleDigest *out)
{
    int fd = open_source(path);
    if (fd < 0) {
        return -errno;
    }
    out->bytes = base_digest(fd, out->sha256);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
    return out->bytes < 0 ? (int)out->bytes : 0;
}

bool bundle_make_parents(const char *path, mode_t mode, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    return g_mkdir_with_parents(folder, (int)mode) == 0 ||
           bundle_set_errno(error, errno, "make the folder", folder);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

void bundle_remove(const char *folder)
{
    nftw(folder, remove_one, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

json_t *bundle_entry_new(const char *name, const BundleDigest *digest)
{
    return json_pack("{s:s, s:I, s:s}", "name", name, "bytes", (json_int_t)digest->bytes, "sha256",
                     digest->sha256);
}

static bool is_below(const char *name)
{
    g_auto(GStrv) steps = g_strsplit(name, "/", -1);
    for (unsigned i = 0; steps[i] != NULL; i++) {
        if (steps[i][0] == '\0' || strcmp(steps[i], ".") == 0 || strcmp(steps[i], "..") == 0) {
            return false;
        }
    }
    return steps[0] != NULL;
}

bool bundle_entry_read(const json_t *entry, const char **out_name, BundleDigest *out)
{
    const char *name = json_string_value(json_object_get(entry, "name"));
    const char *sha256 = json_string_value(json_object_get(entry, "sha256"));
    const json_t *bytes = json_object_get(entry, "bytes");
    if (name == NULL || sha256 == NULL || strlen(sha256) != BASE_DIGEST_CHARACTERS - 1 ||
        !json_is_integer(bytes) || !is_below(name)) {
        return false;
    }
    *out_name = name;
    out->bytes = json_integer_value(bytes);
    g_strlcpy(out->sha256, sha256, sizeof out->sha256);
    return true;
}

json_t *bundle_list_read(const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    gsize size = 0;
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > LIST_MAX_BYTES ||
        !g_file_get_contents(path, &text, &size, NULL)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "missing");
        return NULL;
    }
    json_t *list = base_json_parse_object(text, size, error);
    if (list != NULL && json_integer_value(json_object_get(list, "format")) != BUNDLE_FORMAT) {
        g_clear_pointer(&list, json_decref);
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "has a format that this version of majlis does not know");
    }
    return list;
}

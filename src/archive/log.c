// SPDX-License-Identifier: GPL-3.0-or-later
#include "archive/log.h"

#include "archive/files.h"
#include "archive/journal.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

bool archive_log_open(ArchiveLog *log, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, ARCHIVE_JOURNAL_NAME, NULL);
    *log = (ArchiveLog){.fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640)};
    if (log->fd < 0) {
        return archive_set_errno(error, errno, "open", path);
    }
    if (flock(log->fd, LOCK_EX | LOCK_NB) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "%s is being written already", folder);
        archive_log_close(log);
        return false;
    }
    return true;
}

void archive_log_close(ArchiveLog *log)
{
    if (log->fd >= 0) {
        close(log->fd);
        log->fd = -1;
    }
}

int archive_log_cut(ArchiveLog *log, uint64_t valid_size)
{
    log->size = valid_size;
    return ftruncate(log->fd, (off_t)valid_size) == 0 ? 0 : -errno;
}

int archive_log_append(ArchiveLog *log, const GString *lines)
{
    // A line that was refused must not come back to life behind a shorter one.
    if (log->torn && ftruncate(log->fd, (off_t)log->size) != 0) {
        return -errno;
    }
    log->torn = false;
    int result = archive_write_at(log->fd, lines->str, lines->len, log->size);
    if (result == 0 && fdatasync(log->fd) != 0) {
        result = -errno;
    }
    if (result != 0) {
        log->torn = ftruncate(log->fd, (off_t)log->size) != 0;
        return result;
    }
    log->size += lines->len;
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The journal file: open, lock, cut, append.
#include "archive/journal_file.h"

#include "archive/files.h"
#include "archive/journal.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

bool archive_journal_file_open(ArchiveJournalFile *file, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, ARCHIVE_JOURNAL_NAME, NULL);
    *file =
        (ArchiveJournalFile){.fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640)};
    if (file->fd < 0) {
        return archive_set_errno(error, errno, "open", path);
    }
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "%s is being written already", folder);
        archive_journal_file_close(file);
        return false;
    }
    return true;
}

void archive_journal_file_close(ArchiveJournalFile *file)
{
    if (file->fd >= 0) {
        close(file->fd);
        file->fd = -1;
    }
}

int archive_journal_file_cut(ArchiveJournalFile *file, uint64_t valid_size)
{
    file->size = valid_size;
    return ftruncate(file->fd, (off_t)valid_size) == 0 ? 0 : -errno;
}

int archive_journal_file_append(ArchiveJournalFile *file, const GString *lines)
{
    // A refused line must not reappear.
    if (file->torn && ftruncate(file->fd, (off_t)file->size) != 0) {
        return -errno;
    }
    file->torn = false;
    int result = archive_write_at(file->fd, lines->str, lines->len, file->size);
    if (result == 0 && fdatasync(file->fd) != 0) {
        result = -errno;
    }
    if (result != 0) {
        file->torn = ftruncate(file->fd, (off_t)file->size) != 0;
        return result;
    }
    file->size += lines->len;
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A backup on a disk that the server writes to must not stop recording: room for it beside the reserve.
#include "backup/private.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

static bool same_disk(const char *folder, const struct stat *status)
{
    struct stat other;
    return stat(folder, &other) == 0 && other.st_dev == status->st_dev;
}

bool backup_has_room(const Backup *backup, uint64_t bytes)
{
    const Conf *conf = backup->config->conf;
    const char *to = bundle_folder(backup->bundle);
    struct stat status;
    struct statvfs disk;
    if (stat(to, &status) != 0 || statvfs(to, &disk) != 0 ||
        (!same_disk(conf->archive_directory, &status) && !same_disk(conf->data_dir, &status))) {
        return true;
    }
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    return left >= bytes && left - bytes >= (uint64_t)conf->archive_minimum_free;
}

bool backup_set_no_room(GError **error)
{
    g_set_error(error, BASE_ERROR, BASE_ERROR_FULL,
                "the backup is on the disk that the server writes to, and would leave it less than "
                "[archive] minimum_free: remove old backups, or name another disk with --to");
    return false;
}

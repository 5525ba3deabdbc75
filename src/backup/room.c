// SPDX-License-Identifier: GPL-3.0-or-later
// A backup must not stop recording: room for it beside the reserve of a disk that the server writes
// to.
#include "backup/private.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static bool same_disk(const char *folder, const struct stat *status)
{
    struct stat other;
    return stat(folder, &other) == 0 && other.st_dev == status->st_dev;
}

uint64_t backup_reserve(const Backup *backup)
{
    const Conf *conf = backup->config->conf;
    const char *const written[] = {conf->archive_directory, conf->data_dir,
                                   conf->store_url + strlen("sqlite:"), backup->second};
    struct stat status;
    bool known = stat(bundle_folder(backup->bundle), &status) == 0;
    for (size_t i = 0; known && i < G_N_ELEMENTS(written); i++) {
        if (written[i] != NULL && same_disk(written[i], &status)) {
            return (uint64_t)conf->archive_minimum_free;
        }
    }
    return 0;
}

bool backup_has_room(const Backup *backup, uint64_t bytes)
{
    uint64_t reserve = backup_reserve(backup);
    struct statvfs disk;
    if (reserve == 0 || statvfs(bundle_folder(backup->bundle), &disk) != 0) {
        return true;
    }
    uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize;
    return left >= bytes && left - bytes >= reserve;
}

bool backup_set_no_room(GError **error)
{
    g_set_error(error, BASE_ERROR, BASE_ERROR_FULL,
                "the backup is on the disk that the server writes to, and would leave it less than "
                "[archive] minimum_free: remove old backups, or name another disk with --to");
    return false;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Takes uploads, each named by its digest.
#include "backup/private.h"
#include "files/files.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A damaged one is left out. */
static bool take_one(Backup *backup, const char *path, const char *digest, GError **error)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return true; // removed meanwhile
    }
    if (!backup_has_room(backup, (uint64_t)status.st_size)) {
        return backup_set_no_room(error);
    }
    g_autoptr(GError) failed = NULL;
    g_autofree char *name = g_strconcat(BACKUP_FILES "/", digest, NULL);
    BundleDigest wanted = {0};
    g_strlcpy(wanted.sha256, digest, sizeof wanted.sha256);
    if (bundle_copy(backup->bundle, path, name, &wanted, &failed)) {
        return true;
    }
    if (g_error_matches(failed, BASE_ERROR, BASE_ERROR_FULL)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    if (stat(path, &status) == 0) {
        backup->report->damaged++;
        backup_warn(backup,
                    "the uploaded file %s is damaged and left out: an earlier backup may have it; "
                    "else upload it again",
                    path);
    }
    g_autofree char *copy = g_build_filename(bundle_folder(backup->bundle), name, NULL);
    unlink(copy);
    return true;
}

bool backup_take_files(Backup *backup, GError **error)
{
    g_autofree char *folder = g_build_filename(backup->config->conf->data_dir, FILES_FOLDER, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *there =
            g_build_filename(bundle_folder(backup->bundle), BACKUP_FILES, name, NULL);
        bool whole = strlen(name) == BASE_DIGEST_CHARACTERS - 1; // not one being written
        if (whole && !g_file_test(there, G_FILE_TEST_EXISTS) &&
            !take_one(backup, path, name, error)) {
            return false;
        }
    }
    return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a backup and puts it into an empty data folder; a mark there refuses half of it to a server.
#include "backup/private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WALK_DESCRIPTORS 16
#define WRONG_SHOWN 20

typedef struct {
    const BackupRestoreConfig *config;
    char *from; // the backup's folder
    const char *database;
    BackupReport *report;
    GHashTable *wrong; // names
    bool essential;    // one of them is no recording's and no configuration
} Restore;

/* The backup */

static void on_wrong(void *data, const char *name, const char *text)
{
    Restore *restore = data;
    restore->report->damaged++;
    restore->essential = restore->essential || !(g_str_has_prefix(name, BACKUP_RECORDINGS "/") ||
                                                 g_str_has_prefix(name, BACKUP_CONFIGURATION "/"));
    g_hash_table_add(restore->wrong, g_strdup(name));
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *line = g_strdup_printf("%s: %s", valid, text);
    if (restore->report->damaged <= WRONG_SHOWN || restore->config->damaged) {
        restore->config->warn(restore->config->data, line);
    }
}

static void on_stray(void *data, const char *name)
{
    const Restore *restore = data;
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *line = g_strdup_printf("%s: not of the backup, and left out", valid);
    restore->config->warn(restore->config->data, line);
}

static bool find_backup(Restore *restore, GError **error)
{
    const char *from = restore->config->from;
    g_autofree char *manifest = g_build_filename(from, BUNDLE_MANIFEST, NULL);
    restore->from =
        g_file_test(manifest, G_FILE_TEST_EXISTS) ? g_strdup(from) : backup_newest(from);
    if (restore->from == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "%s holds no complete backup: name a folder majlis-TIME, or the one that they "
                    "are in. What ends in .partial is an interrupted backup",
                    from);
        return false;
    }
    restore->report->folder = g_canonicalize_filename(restore->from, NULL);
    return true;
}

static bool check_backup(Restore *restore, GError **error)
{
    BundleEvents events = {.wrong = on_wrong, .stray = on_stray, .data = restore};
    BundleChecked checked;
    bool good = bundle_check(restore->from, NULL, &events, &checked);
    g_free(checked.signer);
    if (good || (restore->config->damaged && !restore->essential)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                "the backup %s is damaged: %u file(s), named above. Nothing was restored; %s",
                restore->from, restore->report->damaged,
                restore->essential ? "take another backup: manifest, database and keys must be "
                                     "whole"
                                   : "--damaged allow restores what is whole: files that backups "
                                     "share are damaged in all of them");
    return false;
}

static json_t *read_manifest(Restore *restore, GError **error)
{
    json_t *manifest = bundle_list_read(restore->from, BUNDLE_MANIFEST, error);
    const char *kind = json_string_value(json_object_get(manifest, "kind"));
    if (manifest != NULL && g_strcmp0(kind, "backup") != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "%s is no backup of a server",
                    restore->from);
        g_clear_pointer(&manifest, json_decref);
    }
    return manifest;
}

/* The place */

static bool is_empty(const char *folder, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (strcmp(name, BACKUP_RESTORING_NAME) == 0) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                        "%s holds an interrupted restore: remove the folder and restore again",
                        folder);
            return false;
        }
        if (strcmp(name, "lost+found") != 0) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                        "%s is not empty (it holds %s), and nothing is overwritten: name an empty "
                        "or a new folder",
                        folder, name);
            return false;
        }
    }
    return true;
}

static bool check_place(const Restore *restore, GError **error)
{
    const BackupRestoreConfig *config = restore->config;
    struct stat status;
    if (!is_empty(config->data_dir, error) || !is_empty(config->directory, error)) {
        return false;
    }
    if (lstat(restore->database, &status) == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "there is a database %s, and nothing is overwritten", restore->database);
        return false;
    }
    return true;
}

/* Files */

/* Where a file of the backup goes. */
static char *place_of(const Restore *restore, const char *name)
{
    const BackupRestoreConfig *config = restore->config;
    if (strcmp(name, BACKUP_DATABASE) == 0) {
        return g_strconcat(restore->database, BACKUP_RESTORING_NAME, NULL); // renamed last
    }
    const char *recording =
        g_str_has_prefix(name, BACKUP_RECORDINGS "/") ? strchr(name, '/') + 1 : NULL;
    return recording != NULL ? g_build_filename(config->directory, recording, NULL)
                             : g_build_filename(config->data_dir, name, NULL);
}

/* As the server makes them. */
static mode_t mode_of(const char *name)
{
    return g_str_has_prefix(name, BACKUP_RECORDINGS "/") ? 0640
           : g_str_has_suffix(name, ".pub")              ? 0644
                                                         : 0600;
}

static bool put_file(Restore *restore, const char *name, const BundleDigest *wanted, GError **error)
{
    g_autofree char *from = g_build_filename(restore->from, name, NULL);
    g_autofree char *to = place_of(restore, name);
    BundleDigest found;
    if (!bundle_make_parents(to, 0700, error)) {
        return false;
    }
    int result = bundle_copy_file(from, to, mode_of(name), &found);
    bool damaged = g_hash_table_contains(restore->wrong, name);
    if (result != 0) {
        bool left_out = damaged && result < 0;
        return left_out || bundle_set_copy_fault(error, result, from, to);
    }
    if (!damaged && strcmp(found.sha256, wanted->sha256) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s changed while it was restored: the backup's disk fails", name);
        return false;
    }
    restore->report->bytes += (uint64_t)found.bytes;
    return true;
}

static bool is_list(const char *name)
{
    return g_str_has_prefix(name, BACKUP_RECORDINGS "/") && g_str_has_suffix(name, ".json");
}

/* `prefix`: "" or "recordings/ID/". */
static bool put_list(Restore *restore, const json_t *list, const char *prefix, GError **error)
{
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get(list, "files"), i, entry) {
        const char *own;
        BundleDigest digest;
        bool read = bundle_entry_read(entry, &own, &digest);
        g_autofree char *name = read ? g_strconcat(prefix, own, NULL) : NULL;
        bool skip = !read || (prefix[0] == '\0' && is_list(name));
        if (!skip && !put_file(restore, name, &digest, error)) {
            return false;
        }
    }
    return true;
}

static bool put_recordings(Restore *restore, const json_t *manifest, GError **error)
{
    size_t i;
    json_t *folder;
    json_array_foreach (json_object_get(manifest, "folders"), i, folder) {
        g_autofree char *name = g_strconcat(json_string_value(folder), ".json", NULL);
        g_autofree char *prefix = g_strconcat(json_string_value(folder), "/", NULL);
        if (g_hash_table_contains(restore->wrong, name)) {
            continue;
        }
        g_autoptr(json_t) list = bundle_list_read(restore->from, name, error);
        if (list == NULL || !put_list(restore, list, prefix, error)) {
            return false;
        }
        restore->report->recordings++;
    }
    return true;
}

/* Root restores for the folder's owner. */

static struct stat owner; // nftw() passes no data

static int give_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return lchown(path, owner.st_uid, owner.st_gid);
}

static void give_to_owner(const Restore *restore)
{
    if (geteuid() == 0 && owner.st_uid != 0) {
        // either may be a link
        g_autofree char *data_dir = g_strconcat(restore->config->data_dir, "/.", NULL);
        g_autofree char *directory = g_strconcat(restore->config->directory, "/.", NULL);
        nftw(data_dir, give_one, WALK_DESCRIPTORS, FTW_PHYS);
        nftw(directory, give_one, WALK_DESCRIPTORS, FTW_PHYS);
        lchown(restore->database, owner.st_uid, owner.st_gid);
    }
}

/* Begin and end */

static bool begin(const Restore *restore, GError **error)
{
    const BackupRestoreConfig *config = restore->config;
    const char *const folders[] = {config->data_dir, config->directory};
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (g_mkdir_with_parents(folders[i], 0700) != 0) {
            return bundle_set_errno(error, errno, "make the folder", folders[i]);
        }
    }
    if (stat(config->data_dir, &owner) != 0) {
        return bundle_set_errno(error, errno, "read", config->data_dir);
    }
    g_autofree char *mark = g_build_filename(config->data_dir, BACKUP_RESTORING_NAME, NULL);
    int fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return bundle_set_errno(error, errno, "write", mark);
    }
    close(fd);
    return true;
}

/* 0 or -errno. */
static int sync_at(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd >= 0 && syncfs(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        close(fd);
    }
    return result;
}

static int sync_all(const Restore *restore)
{
    g_autofree char *folder = g_path_get_dirname(restore->database);
    int result = sync_at(restore->config->directory);
    result = result == 0 ? sync_at(folder) : result;
    return result == 0 ? sync_at(restore->config->data_dir) : result;
}

static bool finish(const Restore *restore, GError **error)
{
    g_autofree char *mark =
        g_build_filename(restore->config->data_dir, BACKUP_RESTORING_NAME, NULL);
    g_autofree char *database = place_of(restore, BACKUP_DATABASE);
    int result = sync_all(restore);
    if (result == 0 && rename(database, restore->database) != 0) {
        result = -errno;
    }
    if (result == 0) {
        give_to_owner(restore);
        result = sync_all(restore);
    }
    if (result == 0 && unlink(mark) != 0) {
        result = -errno;
    }
    return result == 0 || bundle_set_errno(error, -result, "finish the restored folder",
                                           restore->config->data_dir);
}

static void remove_inside(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (strcmp(name, "lost+found") != 0) {
            bundle_remove(path);
        }
    }
}

/* Both were empty. */
static void take_back(const Restore *restore)
{
    g_autofree char *database = place_of(restore, BACKUP_DATABASE);
    unlink(database);
    remove_inside(restore->config->directory);
    remove_inside(restore->config->data_dir);
}

static bool put(Restore *restore, const json_t *manifest, GError **error)
{
    if (!begin(restore, error)) {
        return false;
    }
    bool done = put_list(restore, manifest, "", error) &&
                put_recordings(restore, manifest, error) && finish(restore, error);
    if (!done) {
        take_back(restore);
    }
    return done;
}

bool backup_restore(const BackupRestoreConfig *config, BackupReport *out, GError **error)
{
    *out = (BackupReport){0};
    Restore restore = {.config = config,
                       .database = config->store_url + strlen("sqlite:"),
                       .report = out,
                       .wrong = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    g_autoptr(json_t) manifest = NULL;
    bool done = find_backup(&restore, error) && check_place(&restore, error) &&
                (manifest = read_manifest(&restore, error)) != NULL &&
                check_backup(&restore, error) && put(&restore, manifest, error);
    out->made_at = g_strdup(json_string_value(json_object_get(manifest, "made_at")));
    g_free(restore.from);
    g_hash_table_unref(restore.wrong);
    return done;
}

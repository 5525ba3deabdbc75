// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a backup and puts it into an empty data folder; a mark refuses a half restored one to a
// server.
#include "backup/place.h"
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
    BackupPlace place;
    BackupReport *report;
    GHashTable *wrong; // names
    bool essential;    // the server cannot do without one of them
} Restore;

/* The backup */

static void on_wrong(void *data, const char *name, const char *text)
{
    Restore *restore = data;
    restore->report->damaged++;
    restore->essential = restore->essential || !(g_str_has_prefix(name, BACKUP_RECORDINGS "/") ||
                                                 g_str_has_prefix(name, BACKUP_FILES "/") ||
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
    bool named = g_file_test(manifest, G_FILE_TEST_EXISTS);
    if (!named) {
        backup_warn_ahead(from, restore->config->warn, restore->config->data);
    }
    restore->from = named ? g_strdup(from) : backup_newest(from);
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

/* Files */

/* Nullable: below ID/. */
static const char *in_recordings(const char *name)
{
    return g_str_has_prefix(name, BACKUP_RECORDINGS "/") ? strchr(name, '/') + 1 : NULL;
}

static char *place_of(const Restore *restore, const char *name)
{
    const BackupRestoreConfig *config = restore->config;
    if (strcmp(name, BACKUP_DATABASE) == 0) {
        return g_strconcat(restore->place.database, BACKUP_RESTORING_NAME, NULL); // renamed last
    }
    const char *recording = in_recordings(name);
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

static bool claim(Restore *restore, const char *name, GError **error)
{
    BackupPlace *place = &restore->place;
    const char *recording = in_recordings(name);
    return recording != NULL ? backup_place_claim(place, place->directory, recording, error)
                             : backup_place_claim(place, place->data_dir, name, error);
}

static bool put_file(Restore *restore, const char *name, const BundleDigest *wanted, GError **error)
{
    g_autofree char *from = g_build_filename(restore->from, name, NULL);
    g_autofree char *to = place_of(restore, name);
    BundleDigest found;
    if (!claim(restore, name, error) || !bundle_make_parents(to, 0700, error)) {
        return false;
    }
    int result = bundle_copy_file(from, to, mode_of(name), &found);
    if (result == 0 && strchr(name, '/') == NULL) {
        backup_place_note(&restore->place, to);
    }
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
        lchown(restore->place.database, owner.st_uid, owner.st_gid);
    }
}

/* Begin and end */

static bool begin(Restore *restore, GError **error)
{
    BackupPlace *place = &restore->place;
    if (!backup_place_make_folder(place, place->directory, error)) {
        return false;
    }
    return stat(place->data_dir, &owner) == 0 ||
           bundle_set_errno(error, errno, "read", place->data_dir);
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
    g_autofree char *folder = g_path_get_dirname(restore->place.database);
    int result = sync_at(restore->config->directory);
    result = result == 0 ? sync_at(folder) : result;
    return result == 0 ? sync_at(restore->config->data_dir) : result;
}

/* 0 or -errno; overwrites nothing. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -errno;
    }
    return access(to, F_OK) == 0 ? -EEXIST : rename(from, to) == 0 ? 0 : -errno;
}

static bool finish(Restore *restore, GError **error)
{
    BackupPlace *place = &restore->place;
    g_autofree char *database = place_of(restore, BACKUP_DATABASE);
    int result = sync_all(restore);
    if (result == 0 && (result = rename_new(database, place->database)) == 0) {
        backup_place_note(place, place->database);
        give_to_owner(restore);
        result = sync_all(restore);
    }
    return result == 0
               ? backup_place_unmark(place, error)
               : bundle_set_errno(error, -result, "finish the restored folder", place->data_dir);
}

static bool put(Restore *restore, const json_t *manifest, GError **error)
{
    return begin(restore, error) && put_list(restore, manifest, "", error) &&
           put_recordings(restore, manifest, error) && finish(restore, error);
}

static bool restore_into(Restore *restore, json_t **out_manifest, GError **error)
{
    bool done = backup_place_open(&restore->place, error) &&
                (*out_manifest = read_manifest(restore, error)) != NULL &&
                check_backup(restore, error) && put(restore, *out_manifest, error);
    backup_place_close(&restore->place, done);
    return done;
}

bool backup_restore(const BackupRestoreConfig *config, BackupReport *out, GError **error)
{
    *out = (BackupReport){0};
    Restore restore = {.config = config,
                       .place = {.data_dir = config->data_dir,
                                 .directory = config->directory,
                                 .database = config->store_url + strlen("sqlite:"),
                                 .in_use = config->in_use,
                                 .data = config->data},
                       .report = out,
                       .wrong = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    g_autoptr(json_t) manifest = NULL;
    bool done = find_backup(&restore, error) && restore_into(&restore, &manifest, error);
    out->made_at = g_strdup(json_string_value(json_object_get(manifest, "made_at")));
    g_free(restore.from);
    g_hash_table_unref(restore.wrong);
    return done;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a backup: database, keys, configuration, recordings; removes old ones.
#include "backup/private.h"

#include "archive/archive.h"
#include "base/clock.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "majlis-"
#define SECOND_WAIT_MS 5000
#define LOCK_NAME ".lock"

/* The folder of backups */

static bool is_complete(const char *to, const char *name)
{
    g_autofree char *manifest = g_build_filename(to, name, BUNDLE_MANIFEST, NULL);
    return g_str_has_prefix(name, PREFIX) && !g_str_has_suffix(name, BUNDLE_PARTIAL) &&
           g_file_test(manifest, G_FILE_TEST_IS_REGULAR);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Complete ones, oldest first. Full ownership. */
static GPtrArray *list_backups(const char *to)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(to, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (is_complete(to, name)) {
            g_ptr_array_add(names, g_strdup(name));
        }
    }
    g_ptr_array_sort(names, compare_names);
    return names;
}

char *backup_newest(const char *to)
{
    g_autoptr(GPtrArray) names = list_backups(to);
    return names->len > 0 ? g_build_filename(to, names->pdata[names->len - 1], NULL) : NULL;
}

static bool is_whole(const char *folder)
{
    g_autoptr(json_t) manifest = bundle_list_read(folder, BUNDLE_MANIFEST, NULL);
    return manifest != NULL && json_integer_value(json_object_get(manifest, "damaged")) == 0;
}

/* Nullable. */
static char *newest_whole(const char *to)
{
    g_autoptr(GPtrArray) names = list_backups(to);
    for (guint i = names->len; i-- > 0;) {
        g_autofree char *folder = g_build_filename(to, names->pdata[i], NULL);
        if (is_whole(folder)) {
            return g_steal_pointer(&folder);
        }
    }
    return NULL;
}

static void remove_leftovers(const char *to)
{
    g_autoptr(GDir) dir = g_dir_open(to, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_prefix(name, PREFIX) && g_str_has_suffix(name, BUNDLE_PARTIAL)) {
            g_autofree char *path = g_build_filename(to, name, NULL);
            bundle_remove(path);
        }
    }
}

/* Renames first, or half a backup could remain. Removes none while this one lacks files they may
 * have. */
static void remove_old(const Backup *backup, const char *to)
{
    unsigned keep = backup->report->damaged == 0 ? backup->config->keep : 0;
    g_autoptr(GPtrArray) names = list_backups(to);
    for (guint i = 0; keep > 0 && i + keep < names->len; i++) {
        g_autofree char *path = g_build_filename(to, names->pdata[i], NULL);
        g_autofree char *partial = g_strconcat(path, BUNDLE_PARTIAL, NULL);
        if (rename(path, partial) == 0) {
            bundle_remove(partial);
        }
    }
}

/* -1 with an error. Closing unlocks. */
static int open_target(const char *to, GError **error)
{
    if (g_mkdir_with_parents(to, 0700) != 0) {
        bundle_set_errno(error, errno, "make the folder", to);
        return -1;
    }
    g_autofree char *path = g_build_filename(to, LOCK_NAME, NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        bundle_set_errno(error, errno, "write", path);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "another backup into %s is running: wait for its end", to);
        close(fd);
        return -1;
    }
    return fd;
}

static char *new_folder(const char *to, int64_t now_us)
{
    for (;; now_us += BASE_US_PER_S) {
        g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(now_us / BASE_US_PER_S);
        g_autofree char *name = g_date_time_format(at, PREFIX "%Y%m%dT%H%M%SZ");
        char *path = g_build_filename(to, name, NULL);
        if (access(path, F_OK) != 0) {
            return path;
        }
        g_free(path);
    }
}

/* What is in it */

static bool take_database(Backup *backup, GError **error)
{
    g_autofree char *path = g_build_filename(bundle_folder(backup->bundle), BACKUP_DATABASE, NULL);
    const char *url = backup->config->conf->store_url;
    struct stat status;
    uint64_t bytes = stat(url + strlen("sqlite:"), &status) == 0 ? (uint64_t)status.st_size : 0;
    if (!backup_has_room(backup, bytes)) {
        return backup_set_no_room(error);
    }
    return store_backup(url, path, error) && bundle_note(backup->bundle, BACKUP_DATABASE, error);
}

/* Follows links, as the server does. */
static bool take(Backup *backup, const char *path, const char *name, GError **error)
{
    char *real = realpath(path, NULL);
    if (real == NULL) {
        return bundle_set_errno(error, errno, "read", path);
    }
    bool taken = bundle_copy(backup->bundle, real, name, NULL, error);
    free(real);
    return taken;
}

static bool take_keys(Backup *backup, const char *keys, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(keys, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(keys, name, NULL);
        g_autofree char *to = g_strconcat(BACKUP_KEYS "/", name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            backup_warn(backup, "left out: %s is a folder, and no key", path);
        } else if (!take(backup, path, to, error)) {
            return false;
        }
    }
    return true;
}

/* Optional: certificates can be had again. */
static bool take_named(Backup *backup, const char *path, const char *name, GError **error)
{
    if (path[0] == '\0') {
        return true;
    }
    g_autoptr(GError) failed = NULL;
    g_autofree char *to = g_strconcat(BACKUP_CONFIGURATION "/", name, NULL);
    if (take(backup, path, to, &failed)) {
        return true;
    }
    if (g_error_matches(failed, BASE_ERROR, BASE_ERROR_FULL)) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return false;
    }
    backup_warn(backup, "left out: %s", failed->message);
    return true;
}

static bool take_configuration(Backup *backup, GError **error)
{
    const Conf *conf = backup->config->conf;
    const char *path = conf->file;
    if (path == NULL) {
        return true;
    }
    return take(backup, path, BACKUP_CONFIGURATION "/majlis.conf", error) &&
           take_named(backup, conf->server_tls_certificate, "tls_certificate", error) &&
           take_named(backup, conf->server_tls_key, "tls_key", error) &&
           take_named(backup, conf->rtc_ice_secret, "ice_secret", error) &&
           take_named(backup, conf->metrics_token_file, "metrics_token", error);
}

static void find_second(Backup *backup)
{
    const char *second = backup->config->conf->archive_second_directory;
    if (second[0] == '\0') {
        return;
    }
    if (archive_probe(second, SECOND_WAIT_MS)) {
        backup->second = second;
    } else {
        backup_warn(backup,
                    "[archive] second_directory %s does not respond: only the first copy of each "
                    "recording is read",
                    second);
    }
}

static bool finish(Backup *backup, const AuthSigner *signer, GError **error)
{
    BackupReport *report = backup->report;
    report->bytes += bundle_bytes(backup->bundle);
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:i, s:I, s:i}", "kind", "backup", "made_at", report->made_at,
                  "software", "majlis " MAJLIS_VERSION, "recordings", (int)report->recordings,
                  "bytes", (json_int_t)report->bytes, "damaged", (int)report->damaged);
    return bundle_finish(backup->bundle, json, signer, error);
}

static bool fill(Backup *backup, GError **error)
{
    g_autofree char *keys = g_build_filename(backup->config->conf->data_dir, "keys", NULL);
    // first: no recording is older than its rows
    if (!take_database(backup, error)) {
        return false;
    }
    g_autoptr(AuthSigner) signer = auth_signer_new(keys, error);
    return signer != NULL && take_keys(backup, keys, error) && take_configuration(backup, error) &&
           backup_take_recordings(backup, error) && finish(backup, signer, error);
}

/* All of it */

static bool make_locked(Backup *backup, GError **error)
{
    const char *to = backup->config->to;
    int64_t now_us = base_wall_us();
    remove_leftovers(to);
    find_second(backup);
    backup->previous = backup_newest(to);
    backup->whole = newest_whole(to);
    g_autofree char *folder = new_folder(to, now_us);
    backup->report->folder = g_canonicalize_filename(folder, NULL);
    backup->report->made_at = base_time_format(now_us);
    backup->bundle = bundle_new(folder, true, error);
    bool made = backup->bundle != NULL && fill(backup, error);
    bundle_free(backup->bundle);
    if (made) {
        backup_note_last(backup);
        remove_old(backup, to);
    }
    g_free(backup->previous);
    g_free(backup->whole);
    return made;
}

bool backup_make(const BackupConfig *config, BackupReport *out, GError **error)
{
    *out = (BackupReport){0};
    Backup backup = {.config = config, .report = out};
    int fd = open_target(config->to, error);
    if (fd < 0) {
        return false;
    }
    bool made = make_locked(&backup, error);
    close(fd);
    return made;
}

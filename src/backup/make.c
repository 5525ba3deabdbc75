// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a backup: database, keys, configuration, recordings.
#include "backup/private.h"

#include "archive/archive.h"
#include "base/clock.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND_WAIT_MS 5000

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
    // files before and after: the database names none that is removed or added meanwhile.
    // No recording is older than its rows
    if (!backup_take_files(backup, error) || !take_database(backup, error) ||
        !backup_take_files(backup, error)) {
        return false;
    }
    g_autoptr(AuthSigner) signer = auth_signer_open(keys, error);
    return signer != NULL && take_keys(backup, keys, error) && take_configuration(backup, error) &&
           backup_take_recordings(backup, error) && finish(backup, signer, error);
}

/* All of it */

static bool make_locked(Backup *backup, GError **error)
{
    const char *to = backup->config->to;
    int64_t now_us = base_wall_us();
    backup_remove_leftovers(to);
    backup_warn_ahead(to, backup->config->warn, backup->config->data);
    find_second(backup);
    backup->previous = backup_newest(to);
    backup->whole = backup_newest_whole(to);
    g_autofree char *folder = backup_new_folder(to, now_us);
    backup->report->folder = g_canonicalize_filename(folder, NULL);
    backup->report->made_at = base_time_format(now_us);
    backup->bundle = bundle_new(folder, true, error);
    bool made = backup->bundle != NULL && fill(backup, error);
    bundle_free(backup->bundle);
    if (made) {
        backup_note_last(backup);
        backup_remove_old(backup);
    }
    g_free(backup->previous);
    g_free(backup->whole);
    return made;
}

bool backup_make(const BackupConfig *config, BackupReport *out, GError **error)
{
    *out = (BackupReport){0};
    Backup backup = {.config = config, .report = out};
    int fd = backup_open_target(config->to, error);
    if (fd < 0) {
        return false;
    }
    bool made = make_locked(&backup, error);
    close(fd);
    return made;
}

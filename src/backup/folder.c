// SPDX-License-Identifier: GPL-3.0-or-later
// The folder of backups: order, lock, removal.
#include "backup/private.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PREFIX "majlis-"
#define LOCK_NAME ".lock"

static char *name_at(int64_t wall_us)
{
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(wall_us / BASE_US_PER_S);
    return g_date_time_format(at, PREFIX "%Y%m%dT%H%M%SZ");
}

/* A clock was wrong: its place is unknown. */
static bool is_ahead(const char *name)
{
    g_autofree char *latest = name_at(base_wall_us() + BACKUP_AHEAD_US);
    return strcmp(name, latest) > 0;
}

static bool is_complete(const char *to, const char *name)
{
    g_autofree char *manifest = g_build_filename(to, name, BUNDLE_MANIFEST, NULL);
    return g_str_has_prefix(name, PREFIX) && !g_str_has_suffix(name, BUNDLE_PARTIAL) &&
           g_file_test(manifest, G_FILE_TEST_IS_REGULAR);
}

static int compare_names(const void *a, const void *b)
{
    const char *one = *(char *const *)a, *other = *(char *const *)b;
    int ahead = is_ahead(other) - is_ahead(one);
    return ahead != 0 ? ahead : strcmp(one, other);
}

/* Complete ones: ahead of the clock, then oldest first. */
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

char *backup_newest_whole(const char *to)
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

void backup_warn_ahead(const char *to, void (*warn)(void *data, const char *text), void *data)
{
    g_autoptr(GPtrArray) names = list_backups(to);
    for (guint i = 0; i < names->len && is_ahead(names->pdata[i]); i++) {
        g_autofree char *text =
            g_strdup_printf("%s/%s is dated later than now: a clock was ahead, or this one is "
                            "behind. It is not taken for the newest, nor counted or removed by "
                            "--keep: see what it is, and rename or remove it",
                            to, (char *)names->pdata[i]);
        warn(data, text);
    }
}

void backup_remove_leftovers(const char *to)
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

/* Renames first, or half a backup could remain. */
static void remove_backup(const char *to, const char *name)
{
    g_autofree char *path = g_build_filename(to, name, NULL);
    g_autofree char *partial = g_strconcat(path, BUNDLE_PARTIAL, NULL);
    if (rename(path, partial) == 0) {
        bundle_remove(partial);
    }
}

void backup_remove_old(const Backup *backup)
{
    unsigned keep = backup->report->damaged == 0 ? backup->config->keep : 0;
    g_autofree char *own = g_path_get_basename(backup->report->folder);
    g_autoptr(GPtrArray) names = list_backups(backup->config->to);
    unsigned kept = 1; // its own
    for (guint i = names->len; keep > 0 && i-- > 0;) {
        const char *name = names->pdata[i];
        if (strcmp(name, own) != 0 && !is_ahead(name) && kept++ >= keep) {
            remove_backup(backup->config->to, name);
        }
    }
}

int backup_open_target(const char *to, GError **error)
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

char *backup_new_folder(const char *to, int64_t now_us)
{
    for (;; now_us += BASE_US_PER_S) {
        g_autofree char *name = name_at(now_us);
        char *path = g_build_filename(to, name, NULL);
        if (access(path, F_OK) != 0) {
            return path;
        }
        g_free(path);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A restore's place: marked against servers and other restores; emptied after a failure.
#include "backup/place.h"

#include "bundle/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *mark_of(const BackupPlace *place)
{
    return g_build_filename(place->data_dir, BACKUP_RESTORING_NAME, NULL);
}

/* Returns false. */
static bool set_running(const BackupPlace *place, GError **error)
{
    g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                "another restore into %s is running: wait for its end", place->data_dir);
    return false;
}

static bool is_passed(const char *name)
{
    return strcmp(name, "lost+found") == 0 || strcmp(name, BACKUP_RESTORING_NAME) == 0 ||
           strcmp(name, "lock") == 0; // of a server: see `in_use`
}

static const char *next_entry(GDir *dir)
{
    const char *name = g_dir_read_name(dir);
    while (name != NULL && is_passed(name)) {
        name = g_dir_read_name(dir);
    }
    return name;
}

static bool is_empty(const char *folder, bool marked, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &failed);
    const char *name = dir != NULL ? next_entry(dir) : NULL;
    if (dir == NULL && !g_error_matches(failed, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot restore: %s", failed->message);
        return false;
    }
    if (name != NULL && marked) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "%s holds an interrupted restore: remove the folder and restore again", folder);
    } else if (name != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "%s is not empty (it holds %s), and nothing is overwritten: name an empty or a "
                    "new folder",
                    folder, name);
    }
    return name == NULL;
}

/* `marked`: by an earlier run. */
static bool is_free(const BackupPlace *place, bool marked, GError **error)
{
    struct stat status;
    if (!is_empty(place->data_dir, marked, error) || !is_empty(place->directory, marked, error)) {
        return false;
    }
    if (lstat(place->database, &status) == 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "there is a database %s, and nothing is overwritten", place->database);
        return false;
    }
    return true;
}

/* False: a restore runs. */
static bool look_at_mark(const BackupPlace *place, bool *out, GError **error)
{
    g_autofree char *path = mark_of(place);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    *out = fd >= 0;
    bool runs = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
    if (fd >= 0) {
        close(fd);
    }
    return !runs || set_running(place, error);
}

bool backup_place_make_folder(BackupPlace *place, const char *path, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        return true;
    }
    g_autofree char *above = g_path_get_dirname(path);
    if (!backup_place_make_folder(place, above, error)) {
        return false;
    }
    if (mkdir(path, 0700) != 0) {
        return bundle_set_errno(error, errno, "make the folder", path);
    }
    g_ptr_array_add(place->folders, g_strdup(path));
    return true;
}

bool backup_place_claim(BackupPlace *place, const char *base, const char *name, GError **error)
{
    const char *slash = strchr(name, '/');
    if (slash == NULL) {
        return true;
    }
    g_autofree char *step = g_strndup(name, (gsize)(slash - name));
    g_autofree char *path = g_build_filename(base, step, NULL);
    if (g_hash_table_contains(place->made, path)) {
        return true;
    }
    if (mkdir(path, 0700) != 0) {
        return bundle_set_errno(error, errno, "make the folder", path);
    }
    backup_place_note(place, path);
    return true;
}

void backup_place_note(BackupPlace *place, const char *path)
{
    g_hash_table_add(place->made, g_strdup(path));
}

static bool set_mark(BackupPlace *place, GError **error)
{
    g_autofree char *path = mark_of(place);
    struct stat status;
    place->mark = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (place->mark < 0) {
        return bundle_set_errno(error, errno, "write", path);
    }
    bool own = flock(place->mark, LOCK_EX | LOCK_NB) == 0 && fstat(place->mark, &status) == 0 &&
               status.st_nlink > 0; // else another one ended meanwhile
    if (!own) {
        close(place->mark);
        place->mark = -1;
        return set_running(place, error);
    }
    return true;
}

bool backup_place_open(BackupPlace *place, GError **error)
{
    bool marked = false;
    place->mark = -1;
    place->folders = g_ptr_array_new_with_free_func(g_free);
    place->made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!look_at_mark(place, &marked, error) || !is_free(place, marked, error) ||
        !backup_place_make_folder(place, place->data_dir, error) || !set_mark(place, error)) {
        return false;
    }
    // a server with its lock looks at the mark again
    if (place->in_use(place->data)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "the data folder %s is in use by another majlis: stop that one, or name "
                    "another folder",
                    place->data_dir);
        return false;
    }
    return is_free(place, false, error);
}

bool backup_place_unmark(BackupPlace *place, GError **error)
{
    g_autofree char *path = mark_of(place);
    return unlink(path) == 0 || bundle_set_errno(error, errno, "remove", path);
}

static void undo(BackupPlace *place)
{
    GHashTableIter all;
    gpointer path;
    g_hash_table_iter_init(&all, place->made);
    while (g_hash_table_iter_next(&all, &path, NULL)) {
        bundle_remove(path);
    }
    if (place->mark >= 0) {
        backup_place_unmark(place, NULL);
    }
    for (guint i = place->folders->len; i-- > 0;) {
        rmdir(place->folders->pdata[i]);
    }
}

void backup_place_close(BackupPlace *place, bool done)
{
    if (!done) {
        undo(place);
    }
    if (place->mark >= 0) {
        close(place->mark);
    }
    g_ptr_array_unref(place->folders);
    g_hash_table_unref(place->made);
}

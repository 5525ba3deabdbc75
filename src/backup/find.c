// SPDX-License-Identifier: GPL-3.0-or-later
// Finds recordings in the folders and the database. An unmounted disk is no empty folder.
#include "backup/private.h"

#include "archive/archive.h"
#include "archive/files.h"
#include "archive/journal.h"
#include "base/id.h"
#include "store/rows.h"
#include "store/store.h"

/* Also traces of deletions. */
static void add_recording(const char *directory, const char *name, GHashTable *ids)
{
    static const char *const marks[] = {ARCHIVE_JOURNAL_NAME, ARCHIVE_TRACE_NAME};
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        g_autofree char *path = g_build_filename(directory, name, marks[i], NULL);
        if (base_id_valid(name, ARCHIVE_ID_MAX) && g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
            g_hash_table_add(ids, g_strdup(name));
        }
    }
}

static bool find_ids(const char *directory, GHashTable *ids, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, &failed);
    const char *name;
    if (dir == NULL && !g_error_matches(failed, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "the recordings cannot be read: %s. Run the backup as the server's user, and "
                    "see whether the disk works",
                    failed->message);
        return false;
    }
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        add_recording(directory, name, ids);
    }
    return true;
}

/* Ids of sessions that were live and are not deleted. */
static bool load_recorded(StoreDb *db, void *data, GError **error)
{
    g_autoptr(GPtrArray) rows = store_sessions_list(db, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        if (row->live_us != 0 && row->deleted_us == 0) {
            g_ptr_array_add(data, g_strdup(row->id));
        }
    }
    return rows != NULL;
}

/* False: none of them is there. */
static bool compare(Backup *backup, const GPtrArray *recorded, GHashTable *ids, GError **error)
{
    const char *directory = backup->config->conf->archive_directory;
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    for (guint i = 0; i < recorded->len; i++) {
        char *id = recorded->pdata[i];
        g_autofree char *folder = g_build_filename(directory, id, NULL);
        if (g_file_test(folder, G_FILE_TEST_IS_DIR)) {
            g_hash_table_add(ids, g_strdup(id)); // also without its journal
        } else {
            g_ptr_array_add(missing, id);
        }
    }
    if (missing->len > 0 && missing->len == recorded->len) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "%s holds none of the %u recordings that the database knows: mount its disk, "
                    "or name their folder in [archive] directory. Recordings that are lost: delete "
                    "them on their pages",
                    directory, missing->len);
        return false;
    }
    for (guint i = 0; i < missing->len; i++) {
        backup->report->damaged++;
        backup_warn(backup,
                    "recording %s: its folder is not in %s. An earlier backup may have it; if it "
                    "is lost, delete the recording on its page",
                    (char *)missing->pdata[i], directory);
    }
    return true;
}

bool backup_find_recordings(Backup *backup, GHashTable *ids, GError **error)
{
    g_autofree char *url =
        g_strconcat("sqlite:", bundle_folder(backup->bundle), "/" BACKUP_DATABASE, NULL);
    g_autoptr(GPtrArray) recorded = g_ptr_array_new_with_free_func(g_free);
    return find_ids(backup->config->conf->archive_directory, ids, error) &&
           (backup->second == NULL || find_ids(backup->second, ids, error)) &&
           store_read(url, load_recorded, recorded, error) && compare(backup, recorded, ids, error);
}

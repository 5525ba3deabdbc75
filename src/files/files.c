// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of files in memory, uploads, removal of unnamed contents.
#include "files/files.h"

#include "base/loop.h"
#include "files/disk.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct Files {
    Store *store;
    char *folder;
    BaseLoop *disk;
    GHashTable *rows;   // id -> StoreFile
    GHashTable *owners; // id -> GPtrArray of rows, materials in their order
    unsigned uploads;   // whose content may be on the disk without a row
    bool unswept;
};

static void free_row(void *row)
{
    store_file_free(row);
}

static void free_list(void *list)
{
    g_ptr_array_unref(list);
}

/* Takes `row`. */
static void keep(Files *files, StoreFile *row)
{
    const char *owner = store_file_owner(row);
    GPtrArray *list = g_hash_table_lookup(files->owners, owner);
    if (list == NULL) {
        list = g_ptr_array_new();
        g_hash_table_insert(files->owners, g_strdup(owner), list);
    }
    g_ptr_array_add(list, row);
    g_hash_table_insert(files->rows, row->id, row);
}

static void drop(Files *files, const StoreFile *row)
{
    GPtrArray *list = g_hash_table_lookup(files->owners, store_file_owner(row));
    g_ptr_array_remove(list, (void *)row);
    if (list->len == 0) {
        g_hash_table_remove(files->owners, store_file_owner(row));
    }
    g_hash_table_remove(files->rows, row->id);
    files->unswept = true;
}

/* --- Removal of contents ---------------------------------------------------------------------- */

typedef struct {
    char *folder;
    GHashTable *kept; // digests
} Sweep;

static void on_sweep(void *data)
{
    Sweep *sweep = data;
    files_disk_sweep(sweep->folder, sweep->kept);
    g_hash_table_unref(sweep->kept);
    g_free(sweep->folder);
    g_free(sweep);
}

/* Never beside an upload: its content has no row yet. Later ones come behind it on the thread. */
static void sweep(Files *files)
{
    if (!files->unswept || files->uploads > 0) {
        return;
    }
    files->unswept = false;
    Sweep *job = g_new(Sweep, 1);
    *job = (Sweep){.folder = g_strdup(files->folder),
                   .kept = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    GHashTableIter iter;
    const StoreFile *row;
    g_hash_table_iter_init(&iter, files->rows);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&row)) {
        if (row->digest != NULL) {
            g_hash_table_add(job->kept, g_strdup(row->digest));
        }
    }
    base_post(base_loop_context(files->disk), on_sweep, job);
}

/* --- Changes ---------------------------------------------------------------------------------- */

typedef struct {
    Files *files;
    StoreFile *row; // NULL: delete or edit
    char *id;       // to delete or edit
    bool edits, moves;
    char *name, *before; // nullable
    GByteArray *body;    // nullable
    unsigned set;
    FilesDone done;
    void *data;
    GError *error;
} Change;

static void change_free(Change *change)
{
    store_file_free(change->row);
    g_free(change->id);
    g_free(change->name);
    g_free(change->before);
    g_clear_pointer(&change->body, g_byte_array_unref);
    g_clear_error(&change->error);
    g_free(change);
}

static bool change_job(StoreDb *db, void *data, GError **error)
{
    const Change *change = data;
    if (change->edits) {
        return (change->name == NULL || store_file_rename(db, change->id, change->name, error)) &&
               (!change->moves || store_file_move(db, change->id, change->before, error));
    }
    return change->row != NULL ? store_file_put(db, change->row, error)
                               : store_file_delete(db, change->id, error);
}

static void move(Files *files, StoreFile *row, const char *before)
{
    GPtrArray *list = g_hash_table_lookup(files->owners, store_file_owner(row));
    guint at;
    if (g_strcmp0(row->id, before) == 0) {
        return;
    }
    g_ptr_array_remove(list, row);
    StoreFile *other = before != NULL ? g_hash_table_lookup(files->rows, before) : NULL;
    bool found = other != NULL && g_ptr_array_find(list, other, &at);
    g_ptr_array_insert(list, found ? (int)at : -1, row);
}

/* As the store did. NULL: deleted meanwhile. */
static const StoreFile *edit(const Change *change)
{
    StoreFile *row = g_hash_table_lookup(change->files->rows, change->id);
    if (row != NULL && change->name != NULL) {
        g_free(row->name);
        row->name = g_strdup(change->name);
    }
    if (row != NULL && change->moves) {
        move(change->files, row, change->before);
    }
    return row;
}

/* Takes `change`. */
static void finish(Change *change, const GError *error)
{
    Files *files = change->files;
    if (change->set != 0) {
        files->uploads--;
        files->unswept = files->unswept || error != NULL;
    }
    const StoreFile *row = NULL;
    if (error == NULL && change->row != NULL) {
        const StoreFile *former =
            change->row->picture ? files_picture(files, store_file_owner(change->row)) : NULL;
        if (former != NULL) {
            drop(files, former);
        }
        row = change->row;
        keep(files, g_steal_pointer(&change->row));
    } else if (error == NULL && change->edits) {
        row = edit(change);
    } else if (error == NULL && g_hash_table_contains(files->rows, change->id)) {
        drop(files, g_hash_table_lookup(files->rows, change->id));
    }
    change->done(change->data, row, error);
    change_free(change);
    sweep(files);
}

static void on_changed(void *data, const GError *error)
{
    finish(data, error);
}

static void on_written(void *data)
{
    Change *change = data;
    if (change->error != NULL) {
        finish(change, change->error);
    } else {
        store_submit(change->files->store, change_job, on_changed, change);
    }
}

static bool find_type(Change *change, GError **error)
{
    bool whole;
    FilesType type = files_type_of(change->body->data, change->body->len, &whole);
    if (type == FILES_TYPES || (change->set & 1u << type) == 0) {
        g_autofree char *allowed = files_type_names(change->set);
        return base_refuse(error, BASE_CODE_FILE_TYPE, NULL, json_pack("{s:s}", "allowed", allowed),
                           "The content of the file is none of these: %s.", allowed);
    }
    if (!whole) {
        return base_refuse(error, BASE_CODE_FILE_CUT, NULL, NULL,
                           "The file is damaged: its end is missing. Save it anew, then send it.");
    }
    change->row->type = g_strdup(files_types[type].media_type);
    return true;
}

/* The disk's thread. */
static void on_write(void *data)
{
    Change *change = data;
    char digest[BASE_DIGEST_CHARACTERS];
    if (find_type(change, &change->error) &&
        files_disk_put(change->files->folder, change->body->data, change->body->len, digest,
                       &change->error)) {
        change->row->digest = g_strdup(digest);
        change->row->bytes = change->body->len;
    }
    g_clear_pointer(&change->body, g_byte_array_unref); // perhaps many megabytes
    base_post(NULL, on_written, change);
}

static bool has_room(const Files *files, const StoreFile *row, GError **error)
{
    g_autoptr(GPtrArray) list = files_materials(files, store_file_owner(row));
    return row->picture || list->len < FILES_MAX_MATERIALS ||
           base_refuse(error, BASE_CODE_TOO_MANY_FILES, NULL,
                       json_pack("{s:i}", "max", FILES_MAX_MATERIALS),
                       "The session has %d materials already. Remove one first.",
                       FILES_MAX_MATERIALS);
}

static Change *change_new(Files *files, StoreFile *row, FilesDone done, void *data)
{
    Change *change = g_new0(Change, 1);
    *change = (Change){.files = files, .row = row, .done = done, .data = data};
    return change;
}

void files_put(Files *files, StoreFile *row, GByteArray *body, unsigned set, FilesDone done,
               void *data)
{
    Change *change = change_new(files, row, done, data);
    g_autoptr(GError) error = NULL;
    if (!has_room(files, row, &error)) {
        finish(change, error);
        return;
    }
    change->body = g_byte_array_ref(body);
    change->set = set;
    files->uploads++;
    base_post(base_loop_context(files->disk), on_write, change);
}

void files_put_link(Files *files, StoreFile *row, FilesDone done, void *data)
{
    Change *change = change_new(files, row, done, data);
    g_autoptr(GError) error = NULL;
    if (has_room(files, row, &error)) {
        store_submit(files->store, change_job, on_changed, change);
    } else {
        finish(change, error);
    }
}

void files_edit(Files *files, const char *id, const FilesEdit *edit, FilesDone done, void *data)
{
    Change *change = change_new(files, NULL, done, data);
    change->id = g_strdup(id);
    change->edits = true;
    change->name = g_strdup(edit->name);
    change->moves = edit->moves;
    change->before = g_strdup(edit->before);
    store_submit(files->store, change_job, on_changed, change);
}

void files_delete(Files *files, const char *id, FilesDone done, void *data)
{
    Change *change = change_new(files, NULL, done, data);
    change->id = g_strdup(id);
    store_submit(files->store, change_job, on_changed, change);
}

void files_forget(Files *files, const char *owner)
{
    GPtrArray *list = g_hash_table_lookup(files->owners, owner);
    for (guint left = list != NULL ? list->len : 0; left > 0; left--) {
        drop(files, list->pdata[left - 1]);
    }
    sweep(files);
}

/* --- Reading ---------------------------------------------------------------------------------- */

const StoreFile *files_picture(const Files *files, const char *owner)
{
    const GPtrArray *list = owner != NULL ? g_hash_table_lookup(files->owners, owner) : NULL;
    for (guint i = 0; list != NULL && i < list->len; i++) {
        const StoreFile *row = list->pdata[i];
        if (row->picture) {
            return row;
        }
    }
    return NULL;
}

GPtrArray *files_materials(const Files *files, const char *session)
{
    const GPtrArray *list = g_hash_table_lookup(files->owners, session);
    GPtrArray *materials = g_ptr_array_new();
    for (guint i = 0; list != NULL && i < list->len; i++) {
        const StoreFile *row = list->pdata[i];
        if (!row->picture) {
            g_ptr_array_add(materials, list->pdata[i]);
        }
    }
    return materials;
}

const StoreFile *files_material(const Files *files, const char *session, const char *id)
{
    const StoreFile *row = g_hash_table_lookup(files->rows, id);
    bool is = row != NULL && !row->picture && strcmp(store_file_owner(row), session) == 0;
    return is ? row : NULL;
}

char *files_path(const Files *files, const StoreFile *row)
{
    return g_build_filename(files->folder, row->digest, NULL);
}

static bool load_job(StoreDb *db, void *data, GError **error)
{
    Files *files = data;
    g_autoptr(GPtrArray) rows = store_files_list(db, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        keep(files, store_file_copy(rows->pdata[i]));
    }
    return rows != NULL;
}

Files *files_new(Store *store, const char *folder, GError **error)
{
    g_autoptr(Files) files = g_new0(Files, 1);
    files->store = store;
    files->folder = g_strdup(folder);
    files->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_row);
    files->owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list);
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot make the folder %s: %s", folder,
                    g_strerror(errno));
        return NULL;
    }
    if (!store_run(store, load_job, files, error)) {
        return NULL;
    }
    files->disk = base_loop_new("files");
    files->unswept = true;
    sweep(files);
    return g_steal_pointer(&files);
}

void files_free(Files *files)
{
    if (files == NULL) {
        return;
    }
    g_clear_pointer(&files->disk, base_loop_free);
    g_hash_table_unref(files->owners);
    g_hash_table_unref(files->rows);
    g_free(files->folder);
    g_free(files);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// SQL statements for pictures and materials.
#include "store/files/files.h"

#include "store/columns.h"
#include "store/db.h"

#define FILE_ROW(X, AND)                                                                           \
    X(text, id) AND X(text, session)                                                               \
    AND X(text, series)                                                                            \
    AND X(text, speaker)                                                                           \
    AND X(number, picture)                                                                         \
    AND X(text, name)                                                                              \
    AND X(text, link)                                                                              \
    AND X(text, digest)                                                                            \
    AND X(text, type)                                                                              \
    AND X(number, bytes)                                                                           \
    AND X(number, created_us)

void store_file_free(StoreFile *row)
{
    if (row == NULL) {
        return;
    }
    FILE_ROW(STORE_FREE, )
    g_free(row);
}

StoreFile *store_file_copy(const StoreFile *row)
{
    StoreFile *copy = g_memdup2(row, sizeof *row);
    FILE_ROW(STORE_COPY, )
    return copy;
}

const char *store_file_owner(const StoreFile *row)
{
    return row->session != NULL ? row->session : row->series != NULL ? row->series : row->speaker;
}

static void free_file(void *row)
{
    store_file_free(row);
}

static void *read_file(StoreQuery *query)
{
    StoreFile *row = g_new0(StoreFile, 1);
    FILE_ROW(STORE_READ, )
    return row;
}

static bool delete_picture(StoreDb *db, const char *owner, GError **error)
{
    StoreQuery query = store_query(
        db, "DELETE FROM files WHERE picture = 1 AND coalesce(session, series, speaker) = ?");
    store_put_text(&query, owner);
    return store_query_run(&query, NULL, error);
}

bool store_file_put(StoreDb *db, const StoreFile *row, GError **error)
{
    if (row->picture && !delete_picture(db, store_file_owner(row), error)) {
        return false;
    }
    StoreQuery own = store_query(
        db, "INSERT INTO files (" FILE_ROW(STORE_NAME, ", ") ", position) VALUES (" FILE_ROW(
                STORE_MARK, ", ") ", (SELECT coalesce(max(position) + 1, 0) FROM files"
                                  " WHERE session = ?))");
    StoreQuery *query = &own;
    FILE_ROW(STORE_PUT, )
    store_put_text(query, row->session);
    return store_query_run(query, NULL, error);
}

bool store_file_rename(StoreDb *db, const char *id, const char *name, GError **error)
{
    StoreQuery query = store_query(db, "UPDATE files SET name = ? WHERE id = ? AND picture = 0");
    store_put_text(&query, name);
    store_put_text(&query, id);
    return store_query_run_on(&query, "file", error);
}

/* The place that `before` has, or the one behind the last. */
static bool find_position(StoreDb *db, const char *id, const char *before, int64_t *out,
                          GError **error)
{
    StoreQuery query = store_query(db, "SELECT coalesce((SELECT position FROM files WHERE id = ?),"
                                       " (SELECT max(position) + 1 FROM files WHERE session ="
                                       "  (SELECT session FROM files WHERE id = ?)), 0)");
    store_put_text(&query, before);
    store_put_text(&query, id);
    return store_query_number(&query, out, error);
}

bool store_file_move(StoreDb *db, const char *id, const char *before, GError **error)
{
    int64_t position;
    if (!find_position(db, id, before, &position, error)) {
        return false;
    }
    StoreQuery others =
        store_query(db, "UPDATE files SET position = position + 1 WHERE picture = 0 AND session ="
                        " (SELECT session FROM files WHERE id = ?) AND position >= ?");
    store_put_text(&others, id);
    store_put_int(&others, position);
    if (!store_query_run(&others, NULL, error)) {
        return false;
    }
    StoreQuery own = store_query(db, "UPDATE files SET position = ? WHERE id = ? AND picture = 0");
    store_put_int(&own, position);
    store_put_text(&own, id);
    return store_query_run_on(&own, "file", error);
}

bool store_file_delete(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "DELETE FROM files WHERE id = ?");
    store_put_text(&query, id);
    return store_query_run_on(&query, "file", error);
}

GPtrArray *store_files_list(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(
        db,
        "SELECT " FILE_ROW(STORE_NAME, ", ") " FROM files ORDER BY position, created_us, rowid");
    return store_query_list(&query, read_file, free_file, error);
}

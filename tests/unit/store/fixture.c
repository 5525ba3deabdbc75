// SPDX-License-Identifier: GPL-3.0-or-later
// A store in a temporary folder, and a second connection to its file.
#include "fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

void fixture_set_up(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    fixture->folder = g_dir_make_tmp("majlis-store-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->file = g_build_filename(fixture->folder, "majlis.db", NULL);
    fixture->url = g_strconcat("sqlite:", fixture->file, NULL);
    fixture->store = store_new(fixture->url, &error);
    g_assert_no_error(error);
}

void fixture_tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    store_free(fixture->store);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *path = g_strconcat(fixture->file, ends[i], NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(fixture->folder), ==, 0); // no other files
    g_free(fixture->folder);
    g_free(fixture->file);
    g_free(fixture->url);
}

void fixture_reopen(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    store_free(fixture->store);
    fixture->store = store_new(fixture->url, &error);
    g_assert_no_error(error);
}

int64_t fixture_look(const char *file, const char *sql)
{
    sqlite3 *other;
    g_assert_cmpint(sqlite3_open(file, &other), ==, SQLITE_OK);
    sqlite3_stmt *statement;
    g_assert_cmpint(sqlite3_prepare_v2(other, sql, -1, &statement, NULL), ==, SQLITE_OK);
    int result = sqlite3_step(statement);
    g_assert_true(result == SQLITE_ROW || result == SQLITE_DONE);
    int64_t value = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    sqlite3_close(other);
    return value;
}

void fixture_run(Store *store, StoreJob job, void *data)
{
    g_autoptr(GError) error = NULL;
    bool good = store_run(store, job, data, &error);
    g_assert_no_error(error);
    g_assert_true(good);
}

StoreSession *fixture_session(StoreDb *db, const char *id, GError **error)
{
    g_autoptr(GPtrArray) rows = store_sessions_list(db, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        if (strcmp(row->id, id) == 0) {
            return store_session_copy(row);
        }
    }
    return NULL;
}

bool fixture_insert_person(StoreDb *db, void *data, GError **error)
{
    StorePerson row = {.id = data, .name = "مريم", .role = "", .created_us = 1};
    return store_person_insert(db, &row, error);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The SQLite handle and statements with typed parameters and columns. Internal to store: one
// thread at a time, the one that runs the job. A query is ended by the step that finds no more
// rows, by an error, or by store_query_end(); until then it holds its cached statement.

#include "store/store.h"

#include <glib.h>
#include <sqlite3.h>
#include <stdint.h>

struct StoreDb {
    sqlite3 *sqlite;
    GHashTable *statements; // by the address of the SQL literal
    int64_t busy_until_us;  // monotonic: how long a locked database is waited for
    int64_t data_version;   // last seen by store_changed_elsewhere() in a job that was committed
    int64_t seen_version;   // by it in this transaction, or 0
};

/* Opens or makes the file, ready for migrations. NULL with an error. Full ownership. */
StoreDb *store_db_open(const char *path, GError **error);
/* Only to read, of a file that exists. */
StoreDb *store_db_open_read_only(const char *path, GError **error);
/* NULL is allowed. */
void store_db_close(StoreDb *db);

/* `sql` without parameters. */
bool store_db_exec(StoreDb *db, const char *sql, GError **error);
/* After a failed statement SQLite may have rolled back by itself: commit then fails too. */
bool store_db_begin(StoreDb *db, GError **error);
bool store_db_commit(StoreDb *db, GError **error);
void store_db_rollback(StoreDb *db);
/* No transaction is open: SQLite rolled it back by itself. */
bool store_db_lost(const StoreDb *db);

/* Runs the migrations that are missing; refuses a database that is newer or not majlis's. */
bool store_migrate(StoreDb *db, GError **error);
/* Refuses a database that is newer or not majlis's; `*out_version` is its last migration. */
bool store_migrate_check(StoreDb *db, int64_t *out_version, GError **error);
/* The numbered texts, for the test that starts from an older file; NULL past the last (from 1). */
const char *store_migration(int version);

typedef struct {
    StoreDb *db;
    sqlite3_stmt *statement;
    int next;   // parameter, later column
    int result; // SQLITE_OK, or the first failure of preparing and binding
} StoreQuery;

/* `sql` is a literal: the statement is cached by its address. */
StoreQuery store_query(StoreDb *db, const char *sql);
void store_query_end(StoreQuery *query);

/* The next parameter. Borrowed until the query ends. */
void store_put_text(StoreQuery *query, const char *text); // nullable
void store_put_int(StoreQuery *query, int64_t value);
void store_put_hash(StoreQuery *query, const uint8_t *hash); // STORE_HASH_BYTES

/* 1: a row is there; 0: no more; -1: failed. Other than 1, the query has ended. */
int store_query_step(StoreQuery *query, GError **error);
/* A statement without rows; `out_changed` (nullable) counts the rows it changed. */
bool store_query_run(StoreQuery *query, int *out_changed, GError **error);
/* The same where no changed row means that there is no such `what`: BASE_ERROR_NOT_FOUND. */
bool store_query_run_on(StoreQuery *query, const char *what, GError **error);

/* Makes a struct of the current row, full ownership. */
typedef void *(*StoreReadRow)(StoreQuery *query);
/* The only row, or NULL with BASE_ERROR_NOT_FOUND "no such `what`". */
void *store_query_one(StoreQuery *query, StoreReadRow read, const char *what, GError **error);
GPtrArray *store_query_list(StoreQuery *query, StoreReadRow read, GDestroyNotify free_row,
                            GError **error);

/* The next column of the current row. */
char *store_take_text(StoreQuery *query); // nullable; full ownership
int64_t store_take_int(StoreQuery *query);
void store_take_hash(StoreQuery *query, uint8_t *out); // zeros where it is no hash

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreDb, store_db_close)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SQLite handle and typed statements. Internal; the job's thread. A query ends at its last row, an
// error or store_query_end().

#include "store/state.h"
#include "store/store.h"

#include <glib.h>
#include <sqlite3.h>
#include <stdint.h>

struct StoreDb {
    sqlite3 *sqlite;
    GHashTable *statements; // by the literal's address
    int64_t busy_until_us;  // monotonic
    int64_t data_version;   // in a committed job
    int64_t seen_version;   // in this transaction, or 0
};

/* Creates missing files. Full ownership. */
StoreDb *store_db_open(const char *path, GError **error);
StoreDb *store_db_open_read_only(const char *path, GError **error);
void store_db_close(StoreDb *db);

/* No parameters. */
bool store_db_exec(StoreDb *db, const char *sql, GError **error);
/* Commit fails if SQLite rolls back. */
bool store_db_begin(StoreDb *db, GError **error);
bool store_db_commit(StoreDb *db, GError **error);
void store_db_rollback(StoreDb *db);
/* SQLite rolled back. */
bool store_db_lost(const StoreDb *db);

/* Including rolled-back ones. */
int64_t store_db_changes(const StoreDb *db);

/* Refuses newer or foreign databases. */
bool store_migrate(StoreDb *db, GError **error);
/* Refuses newer or foreign databases. */
bool store_migrate_check(StoreDb *db, int64_t *out_version, GError **error);
/* From 1, for tests; NULL past the last. */
const char *store_migration(int version);

/* Indexes changed rows' words. Before the end of each transaction that wrote. */
bool store_search_refresh(StoreDb *db, GError **error);
/* Folds the words of changed people; at the same times. */
bool store_people_refresh(StoreDb *db, GError **error);

/* Nullable, but `name`. `entity_en`, `code`: of the person's entity. */
typedef struct {
    const char *name, *email, *entity, *entity_en, *code;
} StorePersonTexts;

/* By which people are found and sorted. */
char *store_person_words(const StorePersonTexts *texts);

typedef struct {
    StoreDb *db;
    sqlite3_stmt *statement;
    int next;   // parameter, then column
    int result; // or first failure
} StoreQuery;

/* `sql`: a literal. */
StoreQuery store_query(StoreDb *db, const char *sql);
void store_query_end(StoreQuery *query);

/* Borrowed until the query ends. */
void store_put_text(StoreQuery *query, const char *text); // nullable
void store_put_int(StoreQuery *query, int64_t value);
void store_put_hash(StoreQuery *query, const uint8_t *hash); // STORE_HASH_BYTES

/* 1: row; 0, -1: end, failed; ends the query. */
int store_query_step(StoreQuery *query, GError **error);
/* `out_changed`: nullable. */
bool store_query_run(StoreQuery *query, int *out_changed, GError **error);
/* BASE_ERROR_NOT_FOUND, "no such `what`", without changed rows. */
bool store_query_run_on(StoreQuery *query, const char *what, GError **error);

/* Full ownership; NULL: see `result`. */
typedef void *(*StoreReadRow)(StoreQuery *query);
/* NULL: BASE_ERROR_NOT_FOUND "no such `what`". */
void *store_query_one(StoreQuery *query, StoreReadRow read, const char *what, GError **error);
GPtrArray *store_query_list(StoreQuery *query, StoreReadRow read, GDestroyNotify free_row,
                            GError **error);
/* The first row; NULL: there is none, or `*out_done` is false. */
void *store_query_first(StoreQuery *query, StoreReadRow read, bool *out_done, GError **error);
/* The one number of the one row. */
bool store_query_number(StoreQuery *query, int64_t *out, GError **error);

/* Reads the next column. */
char *store_take_text(StoreQuery *query); // nullable
int64_t store_take_int(StoreQuery *query);
/* Unknown names fail the query. */
SessionState store_take_state(StoreQuery *query);
void store_take_hash(StoreQuery *query, uint8_t *out); // zeros if not a hash

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreDb, store_db_close)

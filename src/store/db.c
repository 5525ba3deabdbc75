// SPDX-License-Identifier: GPL-3.0-or-later
// The SQLite connection; cached, typed statements.
#include "store/db.h"

#include "base/clock.h"
#include "store/rows.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BUSY_POLL_US 5000
#define CACHE_KB 256 // the kernel caches the file too

/* One deadline for all statements and jobs, not one each. */
static int on_busy(void *data, int calls)
{
    (void)calls;
    const StoreDb *db = data;
    if (base_clock_us() >= db->busy_until_us) {
        return 0;
    }
    g_usleep(BUSY_POLL_US);
    return 1;
}

/* Kind by remedy; texts end with SQLite's message. */
static void set_error(StoreDb *db, int result, GError **error)
{
    const char *said = db->sqlite != NULL ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(result);
    bool no_room =
        result == SQLITE_FULL || (db->sqlite != NULL && (result & 0xff) == SQLITE_IOERR &&
                                  sqlite3_system_errno(db->sqlite) == ENOSPC);
    if (no_room) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FULL,
                    "no room on the disk of the database: free some space (%s)", said);
        return;
    }
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "the database is locked by another program: nothing was changed, try again");
        break;
    case SQLITE_INTERRUPT:
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "the database took too long: try again, or ask for less");
        break;
    case SQLITE_CONSTRAINT:
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "it conflicts with what is stored (%s)",
                    said);
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        g_set_error(
            error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
            "the database file is damaged, or is not a database (%s). Stop the server, keep "
            "the file, and put the last good copy in its place",
            said);
        break;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "the database cannot be used now (%s)", said);
        break;
    default:
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "the database failed (%s)", said);
    }
}

/* 0600, instead of the umask; -wal and -shm inherit it. */
static bool make_file(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    int code = errno;
    g_autofree char *folder = g_path_get_dirname(path);
    if (code == ENOENT) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "the database's folder %s does not exist: make it", folder);
    } else {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "cannot open the database %s: %s: the server's user must be able to write it",
                    path, g_strerror(code));
    }
    return false;
}

static void finalize_statement(void *statement)
{
    sqlite3_finalize(statement);
}

static bool set_up_reading(StoreDb *db, GError **error)
{
    sqlite3_busy_handler(db->sqlite, on_busy, db);
    sqlite3_extended_result_codes(db->sqlite, 1);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return store_db_exec(db, "PRAGMA cell_size_check = ON", error);
}

static bool set_up(StoreDb *db, GError **error)
{
    // FULL: WAL commits survive power loss
    return set_up_reading(db, error) && store_db_exec(db, "PRAGMA journal_mode = WAL", error) &&
           store_db_exec(db, "PRAGMA synchronous = FULL", error) &&
           store_db_exec(db, "PRAGMA foreign_keys = ON", error) &&
           store_db_exec(db, "PRAGMA secure_delete = ON", error) && // of erased people
           store_db_exec(db, "PRAGMA temp_store = MEMORY", error) &&
           store_db_exec(db, "PRAGMA cache_size = -" G_STRINGIFY(CACHE_KB), error);
}

static StoreDb *open_file(const char *file, int flags, bool (*set)(StoreDb *db, GError **error),
                          GError **error)
{
    g_autoptr(StoreDb) db = g_new0(StoreDb, 1);
    db->statements = g_hash_table_new_full(NULL, NULL, NULL, finalize_statement);
    db->busy_until_us = base_clock_us() + 2 * BASE_US_PER_S;
    int result = sqlite3_open_v2(file, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK) {
        set_error(db, result, error);
        g_prefix_error(error, "%s: ", file);
        return NULL;
    }
    if (!set(db, error)) {
        g_prefix_error(error, "%s: ", file);
        return NULL;
    }
    return g_steal_pointer(&db);
}

StoreDb *store_db_open(const char *path, GError **error)
{
    // excludes ":memory:"
    g_autofree char *file = g_canonicalize_filename(path, NULL);
    return make_file(file, error) ? open_file(file, SQLITE_OPEN_READWRITE, set_up, error) : NULL;
}

StoreDb *store_db_open_read_only(const char *path, GError **error)
{
    g_autofree char *file = g_canonicalize_filename(path, NULL);
    return open_file(file, SQLITE_OPEN_READONLY, set_up_reading, error);
}

void store_db_close(StoreDb *db)
{
    if (db == NULL) {
        return;
    }
    g_hash_table_destroy(db->statements);
    sqlite3_close(db->sqlite);
    g_free(db);
}

bool store_db_exec(StoreDb *db, const char *sql, GError **error)
{
    int result = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
    if (result != SQLITE_OK) {
        set_error(db, result, error);
    }
    return result == SQLITE_OK;
}

bool store_db_begin(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(db, "BEGIN IMMEDIATE");
    return store_query_run(&query, NULL, error);
}

bool store_db_lost(const StoreDb *db)
{
    return sqlite3_get_autocommit(db->sqlite) != 0;
}

int64_t store_db_changes(const StoreDb *db)
{
    return sqlite3_total_changes64(db->sqlite);
}

bool store_db_commit(StoreDb *db, GError **error)
{
    if (store_db_lost(db)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                    "the database gave up the change: nothing was changed, try again");
        return false;
    }
    StoreQuery query = store_query(db, "COMMIT");
    if (!store_query_run(&query, NULL, error)) {
        return false;
    }
    db->data_version = db->seen_version != 0 ? db->seen_version : db->data_version;
    db->seen_version = 0;
    return true;
}

void store_db_rollback(StoreDb *db)
{
    db->seen_version = 0;
    if (!store_db_lost(db)) {
        StoreQuery query = store_query(db, "ROLLBACK");
        store_query_run(&query, NULL, NULL);
    }
}

StoreQuery store_query(StoreDb *db, const char *sql)
{
    StoreQuery query = {.db = db, .statement = g_hash_table_lookup(db->statements, sql)};
    if (query.statement == NULL) {
        query.result = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                          &query.statement, NULL);
        if (query.result == SQLITE_OK) {
            g_hash_table_insert(db->statements, (void *)sql, query.statement);
        }
    }
    return query;
}

void store_query_end(StoreQuery *query)
{
    if (query->statement != NULL) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
        query->statement = NULL;
    }
}

static void note_bind(StoreQuery *query, int result)
{
    if (query->result == SQLITE_OK) {
        query->result = result;
    }
}

void store_put_text(StoreQuery *query, const char *text)
{
    query->next++;
    if (query->statement != NULL) {
        note_bind(query, sqlite3_bind_text(query->statement, query->next, text, -1, SQLITE_STATIC));
    }
}

void store_put_int(StoreQuery *query, int64_t value)
{
    query->next++;
    if (query->statement != NULL) {
        note_bind(query, sqlite3_bind_int64(query->statement, query->next, value));
    }
}

void store_put_hash(StoreQuery *query, const uint8_t *hash)
{
    query->next++;
    if (query->statement != NULL) {
        note_bind(query, sqlite3_bind_blob(query->statement, query->next, hash, STORE_HASH_BYTES,
                                           SQLITE_STATIC));
    }
}

int store_query_step(StoreQuery *query, GError **error)
{
    int result = query->result;
    if (result == SQLITE_OK) {
        result = sqlite3_step(query->statement);
    }
    query->next = 0;
    if (result == SQLITE_ROW) {
        return 1;
    }
    if (result != SQLITE_DONE) {
        set_error(query->db, result, error);
    }
    store_query_end(query);
    return result == SQLITE_DONE ? 0 : -1;
}

bool store_query_run(StoreQuery *query, int *out_changed, GError **error)
{
    int stepped;
    while ((stepped = store_query_step(query, error)) > 0) {
    }
    if (stepped == 0 && out_changed != NULL) {
        *out_changed = sqlite3_changes(query->db->sqlite);
    }
    return stepped == 0;
}

static void set_not_found(const char *what, GError **error)
{
    g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "no such %s", what);
}

bool store_query_run_on(StoreQuery *query, const char *what, GError **error)
{
    int changed = 0;
    if (!store_query_run(query, &changed, error)) {
        return false;
    }
    if (changed == 0) {
        set_not_found(what, error);
    }
    return changed > 0;
}

void *store_query_first(StoreQuery *query, StoreReadRow read, bool *out_done, GError **error)
{
    int stepped = store_query_step(query, error);
    void *row = stepped > 0 ? read(query) : NULL;
    if (stepped > 0 && row == NULL) {
        store_query_step(query, error); // fails
    }
    store_query_end(query);
    *out_done = stepped == 0 || row != NULL;
    return row;
}

void *store_query_one(StoreQuery *query, StoreReadRow read, const char *what, GError **error)
{
    bool done;
    void *row = store_query_first(query, read, &done, error);
    if (done && row == NULL) {
        set_not_found(what, error);
    }
    return row;
}

bool store_query_number(StoreQuery *query, int64_t *out, GError **error)
{
    if (store_query_step(query, error) <= 0) {
        return false;
    }
    *out = store_take_int(query);
    store_query_end(query);
    return true;
}

GPtrArray *store_query_list(StoreQuery *query, StoreReadRow read, GDestroyNotify free_row,
                            GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
    int stepped;
    while ((stepped = store_query_step(query, error)) > 0) {
        void *row = read(query);
        if (row != NULL) { // else the next step fails
            g_ptr_array_add(rows, row);
        }
    }
    return stepped == 0 ? g_steal_pointer(&rows) : NULL;
}

char *store_take_text(StoreQuery *query)
{
    return g_strdup((const char *)sqlite3_column_text(query->statement, query->next++));
}

int64_t store_take_int(StoreQuery *query)
{
    return sqlite3_column_int64(query->statement, query->next++);
}

SessionState store_take_state(StoreQuery *query)
{
    SessionState state = SESSION_SCHEDULED;
    const char *name = (const char *)sqlite3_column_text(query->statement, query->next++);
    if (!store_state_parse(name, &state)) {
        query->result = SQLITE_CORRUPT;
    }
    return state;
}

void store_take_hash(StoreQuery *query, uint8_t *out)
{
    int column = query->next++;
    const void *blob = sqlite3_column_blob(query->statement, column);
    memset(out, 0, STORE_HASH_BYTES);
    if (sqlite3_column_bytes(query->statement, column) == STORE_HASH_BYTES) {
        memcpy(out, blob, STORE_HASH_BYTES);
    }
}

bool store_changed_elsewhere(StoreDb *db, bool *out, GError **error)
{
    StoreQuery query = store_query(db, "PRAGMA data_version");
    if (store_query_step(&query, error) != 1) {
        return false;
    }
    int64_t version = store_take_int(&query);
    store_query_end(&query);
    *out = db->data_version != version;
    db->seen_version = version;
    return true;
}

const char *store_engine_version(void)
{
    return sqlite3_libversion();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the database beside a running server: an online copy, or one read-only job.
#include "base/clock.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHECK_LIMIT_US (3600 * BASE_US_PER_S)

static StoreDb *open_existing(const char *url, int64_t *out_version, GError **error)
{
    const char *path = url + strlen("sqlite:");
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "there is no database %s: name the right data folder with --data DIR", path);
        return NULL;
    }
    g_autoptr(StoreDb) db = store_db_open_read_only(path, error);
    if (db == NULL) {
        return NULL;
    }
    if (!store_migrate_check(db, out_version, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    return g_steal_pointer(&db);
}

static void set_failed(int result, const char *said, GError **error)
{
    bool full = (result & 0xff) == SQLITE_FULL;
    g_set_error(error, BASE_ERROR, full ? BASE_ERROR_FULL : BASE_ERROR_FAILED,
                "the database could not be copied (%s)%s", said,
                full ? ": free some space and try again" : "");
}

/* One step under one read lock: commits meanwhile go to the WAL and are not in the copy. */
static bool copy(StoreDb *from, sqlite3 *to, GError **error)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from->sqlite, "main");
    int result = SQLITE_ERROR;
    do {
        result = backup != NULL ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;
        if (result == SQLITE_BUSY || result == SQLITE_LOCKED) {
            sqlite3_sleep(10);
        }
    } while ((result == SQLITE_BUSY || result == SQLITE_LOCKED) &&
             base_clock_us() < from->busy_until_us);
    int finished = sqlite3_backup_finish(backup);
    if (result != SQLITE_DONE || finished != SQLITE_OK) {
        set_failed(result, sqlite3_errmsg(to), error);
        return false;
    }
    // one file without -wal, readable on read-only media
    result = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    if (result != SQLITE_OK) {
        set_failed(result, sqlite3_errmsg(to), error);
    }
    return result == SQLITE_OK;
}

static bool copy_to(StoreDb *from, const char *path, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot make %s: %s", path,
                    g_strerror(errno));
        return false;
    }
    sqlite3 *to = NULL;
    bool copied = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK;
    if (!copied) {
        set_failed(SQLITE_ERROR, sqlite3_errmsg(to), error);
    }
    copied = copied && copy(from, to, error);
    sqlite3_close(to);
    if (copied && fsync(fd) != 0) {
        set_failed(errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR, g_strerror(errno), error);
        copied = false;
    }
    close(fd);
    if (!copied) {
        unlink(path);
    }
    return copied;
}

bool store_backup(const char *url, const char *path, GError **error)
{
    int64_t version;
    bool whole;
    g_autoptr(StoreDb) from = open_existing(url, &version, error);
    g_autofree char *copy_url = g_strconcat("sqlite:", path, NULL);
    if (from == NULL || !copy_to(from, path, error)) {
        return false;
    }
    if (!store_check(copy_url, CHECK_LIMIT_US, &whole, error)) {
        g_prefix_error(error, "the database is copied and the copy looked at: ");
        unlink(path);
        return false;
    }
    return true;
}

bool store_read(const char *url, StoreJob job, void *data, GError **error)
{
    int64_t version;
    g_autoptr(StoreDb) db = open_existing(url, &version, error);
    if (db == NULL) {
        return false;
    }
    if (store_migration((int)version + 1) != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "the database is of an earlier majlis: start `majlis serve` once, which brings "
                    "it up to date");
        return false;
    }
    StoreQuery begin = store_query(db, "BEGIN");
    bool done = store_query_run(&begin, NULL, error) && job(db, data, error);
    store_db_rollback(db);
    return done;
}

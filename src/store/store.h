// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The database. One thread owns SQLite (WAL, synchronous=FULL) and runs jobs (store/rows.h) in a
// transaction. Results are posted: `done` without error means committed.

#include "base/error.h"
#include "base/histogram.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Store Store;
typedef struct StoreDb StoreDb;

/* "sqlite:PATH", created 0600, migrated. Errors name the remedy. */
Store *store_new(const char *url, GError **error);
/* Checks for at most `limit_us`, read-only, beside a running server. True: no damage, or no file.
 * `*out_whole` false: incomplete. */
bool store_check(const char *url, int64_t limit_us, bool *out_whole, GError **error);

/* Copies the database into new file `path` (0600), by SQLite's online backup: commits do not wait.
 * Checks and syncs the copy; removes it on failure. NOT_FOUND: no database. Blocks. */
bool store_backup(const char *url, const char *path, GError **error);

/* Finishes jobs, joins. */
void store_free(Store *store);

/* Store thread. False rolls back this job only. Owns `data` until `done`. May run again after a
 * full disk: replace results. */
typedef bool (*StoreJob)(StoreDb *db, void *data, GError **error);
/* Main context. BASE_ERROR_UNAVAILABLE: locked or queue full; FULL: disk; CONFLICT: constraint. */
typedef void (*StoreDone)(void *data, const GError *error);

#define STORE_QUEUE_MAX 10000

typedef struct {
    unsigned waiting;           // jobs
    uint64_t failed;            // jobs
    BaseHistogramValues commit; // of changes: from submission until durable
} StoreStats;

const char *store_engine_version(void); // of SQLite; static

/* Any thread, a short lock. */
void store_stats(Store *store, StoreStats *out);

/* Any control thread. */
void store_submit(Store *store, StoreJob job, StoreDone done, void *data);

/* Like store_submit(), for a job that reads, on a connection and thread of its own: commits do not
 * wait for it. UNAVAILABLE: took over STORE_READ_LIMIT_US, or the queue is full. */
#define STORE_READ_LIMIT_US INT64_C(2000000)
#define STORE_READ_QUEUE_MAX 200
void store_submit_read(Store *store, StoreJob job, StoreDone done, void *data);

/* Runs `job` in a read transaction, beside a server too. NOT_FOUND: no database; CONFLICT: earlier
 * version. Blocks. */
bool store_read(const char *url, StoreJob job, void *data, GError **error);

/* Waits. Start-up, command line, and threads that may wait (never main). */
bool store_run(Store *store, StoreJob job, void *data, GError **error);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The database behind plain structs. One thread owns the handle (SQLite, WAL, synchronous=FULL);
// work is handed to it as a job and the answer is posted back, so a `done` call means committed.
// Inside a job the typed statements of store/rows.h may be called, all in one transaction.

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Store Store;
typedef struct StoreDb StoreDb; // the handle, only inside a job

/* Opens `url` ("sqlite:PATH"; the folder must exist, the file is made with mode 0600), runs the
 * numbered migrations that are missing, starts the thread. NULL with an error that says what to do.
 * Full ownership. */
Store *store_new(const char *url, GError **error);
/* Looks for damage, for at most `limit_us`, without changing anything and beside a server that
 * runs. True where nothing is wrong, or there is no file yet; `*out_whole` false where the time did
 * not suffice. False with an error that says what to do. */
bool store_check(const char *url, int64_t limit_us, bool *out_whole, GError **error);

/* Finishes the queued jobs (their `done` calls are still posted), closes, joins. NULL is allowed.
 */
void store_free(Store *store);

/* Store thread, inside a transaction that it may share with other jobs that waited: committed when
 * it returns true, of it alone rolled back on false (with `error` set). Works on `data`, which the
 * caller leaves alone until `done`. */
typedef bool (*StoreJob)(StoreDb *db, void *data, GError **error);
/* On the main context. `error` (borrowed) NULL: committed. BASE_ERROR_UNAVAILABLE: database locked
 * or queue full; BASE_ERROR_FULL: no room on the disk; CONFLICT: a constraint refused it. */
typedef void (*StoreDone)(void *data, const GError *error);

#define STORE_QUEUE_MAX 10000

/* Any thread of the control plane. `done` is called exactly once, always on the main context. */
void store_submit(Store *store, StoreJob job, StoreDone done, void *data);

/* The same, waiting for the answer. Start-up and command line only. */
bool store_run(Store *store, StoreJob job, void *data, GError **error);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Recovers without a server: ends overdue sessions, finishes recordings, also unknown ones.
// Idempotent. Blocks; the caller holds the data folder's lock.

#include "auth/auth.h"
#include "store/store.h"

typedef struct {
    const char *directory, *second_directory; // the second is nullable
    int keep_days;
    int64_t minimum_free;
    const AuthSigner *signer; // nullable
    /* One line per recording. */
    void (*say)(void *data, const char *line);
    void *data;
} RecordingRecoverConfig;

/* False if the store fails. `*out_failed`: recordings left unfinished. */
bool recording_recover(const RecordingRecoverConfig *config, Store *store, unsigned *out_failed,
                       GError **error);

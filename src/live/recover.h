// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a server does at its start with what a crash left, without a server: ends the sessions whose
// time is over and finishes recordings, also those that the database does not know. Idempotent.
// Blocks: for the command line, which holds the data folder's lock.

#include "live/steps.h"
#include "store/store.h"

typedef struct {
    const char *directory, *second_directory; // the second is nullable
    int keep_days;
    int64_t minimum_free;
    const AuthSigner *signer; // of manifests
    /* A line about each recording. */
    void (*say)(void *data, const char *line);
    void *data;
} LiveRecoverConfig;

/* False with the error where the store cannot be used. `*out_failed` counts what could not be
 * finished. */
bool live_recover(const LiveRecoverConfig *config, Store *store, unsigned *out_failed,
                  GError **error);

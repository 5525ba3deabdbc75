// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The thread of store_submit_read(), with a read-only connection. Internal; main thread.

#include "store/store.h"

typedef struct StoreReader StoreReader;

/* Opens the file and starts the thread with the first job. */
StoreReader *store_reader_new(const char *path);
/* Finishes the job at hand, drops the rest. NULL is allowed. */
void store_reader_free(StoreReader *reader);
void store_reader_submit(StoreReader *reader, StoreJob job, StoreDone done, void *data);

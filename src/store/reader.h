// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// store_submit_read()'s thread. Internal; main thread.

#include "store/store.h"

typedef struct StoreReader StoreReader;

/* The first job starts the thread. */
StoreReader *store_reader_new(const char *path);
/* Finishes the current job. */
void store_reader_free(StoreReader *reader);
void store_reader_submit(StoreReader *reader, StoreJob job, StoreDone done, void *data);

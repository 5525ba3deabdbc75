// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Worker threads for a session's start and end. Main thread, except recording_workers_run_long()
// and recording_workers_stopping().

#include "base/loop.h"

#include <stdbool.h>

typedef struct RecordingWorkers RecordingWorkers;

RecordingWorkers *recording_workers_new(void);
/* Waits `wait_ms`. False: work still runs, so keep its data; the next start repeats it. */
bool recording_workers_free(RecordingWorkers *workers, unsigned wait_ms);

void recording_workers_run(RecordingWorkers *workers, BaseFunc func, void *data);
/* As a deletion, which a disk may hold up: beside other work; `later` goes last. */
void recording_workers_run_slow(RecordingWorkers *workers, BaseFunc func, void *data, bool later);
/* On one more thread. */
void recording_workers_run_beside(RecordingWorkers *workers, BaseFunc func, void *data);
/* Any thread: long work, one at a time; `later` goes last. */
void recording_workers_run_long(RecordingWorkers *workers, BaseFunc func, void *data, bool later);

/* Any thread: begin no long work. */
bool recording_workers_stopping(const RecordingWorkers *workers);

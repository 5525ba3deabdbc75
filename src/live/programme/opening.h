// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Opens a session's recording on a worker: reads its state and opens the writer. Main thread.

#include "archive/archive.h"
#include "recording/workers.h"

/* Borrowed during `done`. */
typedef struct {
    ArchiveState state;
    GArray *past;          // MediaSegment, public, of earlier runs
    ArchiveWriter *writer; // full ownership; NULL with `error`
    const GError *error;
} LiveOpened;

typedef struct {
    ArchivePlace *place; // referenced
    int64_t epoch_wall_us;
    bool first; // refused below place->minimum_free
    ArchiveWriterEvents writer_events;
    void (*done)(void *data, const LiveOpened *opened);
    void *data;
} LiveOpening;

/* Copies `opening`. */
void live_open_recording(RecordingWorkers *workers, const LiveOpening *opening);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The build queue: one recording at a time. Main thread.

#include "recording/build.h"
#include "recording/workers.h"

typedef struct {
    RecordingStatus recording; // owned by the receiver
    ArchiveTimemap *timemap;   // full ownership; NULL: unchanged
    const char *inputs_hash;   // borrowed
    bool last;
} RecordingReport;

typedef struct {
    BaseFunc first; // nullable; runs first, on the worker
    void *first_data;
    RecordingInputs *inputs; // full ownership
    bool stale;              // the inputs changed: make all anew
    bool later;              // nobody waits
    /* Main thread, after each step. */
    void (*done)(void *data, RecordingReport *report);
    void *data;
} RecordingJob;

/* Playlists first. Keeps existing files unless `stale`. */
void recording_build(RecordingWorkers *workers, const RecordingJob *job);

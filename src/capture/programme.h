// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The programme: a thread that on each frame of the grid takes picture and sound from the feed and
// hands them to the encoders, forces key frames and places marks. It never waits for a source;
// where the machine is too slow it leaves frames out and stays on the grid.

#include "capture/encode.h"
#include "capture/grid.h"
#include "capture/out.h"

typedef struct CaptureProgramme CaptureProgramme;

typedef struct {
    CaptureClock clock;
    int64_t keyframe_us;
    const char *pipelines_dir;
    CaptureEncode *encode; // borrowed, as is `out`
    CaptureOut *out;
    void (*failed)(const char *text, void *data); // on the programme's thread
    void *data;
} CaptureProgrammeConfig;

/* Starts at once; tells BEGIN. Full ownership, or NULL. */
CaptureProgramme *capture_programme_new(const CaptureProgrammeConfig *config, GError **error);

/* Ends the thread. Before `encode` and `out` are freed. NULL is allowed. */
void capture_programme_free(CaptureProgramme *programme);

/* Requests from the wire, on any thread; answered at the next frame. */
void capture_programme_source(CaptureProgramme *programme, const char *text);
void capture_programme_mark(CaptureProgramme *programme, MediaMark mark);
void capture_programme_key(CaptureProgramme *programme, uint32_t tracks);

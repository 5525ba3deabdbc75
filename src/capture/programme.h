// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A thread that encodes the feed for each frame of the grid, forces key frames, places marks. Never
// waits for a source.

#include "capture/caption/caption.h"
#include "capture/encode.h"
#include "capture/grid.h"
#include "capture/out.h"

typedef struct CaptureProgramme CaptureProgramme;

typedef struct {
    CaptureClock clock;
    int64_t keyframe_us;
    double loudness; // as capture_sound_new()
    const char *pipelines_dir;
    const char *titles[2]; // Arabic, English; nullable
    GPtrArray *scenes;     // taken
    CaptureEncode *encode; // borrowed, like `caption` and `out`
    CaptureCaption *caption;
    CaptureOut *out;
    void (*failed)(const char *text, void *data);
    void *data;
} CaptureProgrammeConfig;

/* Sends BEGIN. */
CaptureProgramme *capture_programme_new(const CaptureProgrammeConfig *config, GError **error);

void capture_programme_free(CaptureProgramme *programme);

/* At the next frame. Any thread. */
void capture_programme_source(CaptureProgramme *programme, const char *text);
void capture_programme_mark(CaptureProgramme *programme, MediaMark mark);
void capture_programme_key(CaptureProgramme *programme, uint32_t tracks);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is wrong with the sound of the sources, before any gain. Pure.

#include "media/wire.h"

typedef struct {
    unsigned silent, left, right; // frames without sound; with sound on this side alone
    unsigned clipped;             // frames at full scale, forgotten slowly
    MediaSoundAlarm alarm;
} CaptureWatch;

/* A frame of the grid, stereo. `playing`: a source is on air, so there should be sound. */
void capture_watch_run(CaptureWatch *watch, const int16_t *samples, bool playing);

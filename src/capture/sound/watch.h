// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Alarms of the sources' sound. Pure.

#include "media/wire.h"

typedef struct {
    unsigned silent, left, right, clipped; // frames
    MediaSoundAlarm alarm;
} CaptureWatch;

/* A frame. `playing`: there should be sound. */
void capture_watch_run(CaptureWatch *watch, const int16_t *samples, bool playing);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reads at a drifting position: up to 0.5 % off, or with a faded jump. Pure; the caller locks.

#include "capture/source/samples.h"

#include <stdbool.h>

typedef struct {
    double at; // next sample
    bool begun;
    bool catching_up;
    bool silent;
} CaptureResample;

/* At most CAPTURE_FRAME_SAMPLES, near `want`; `jump`: exactly there. */
void capture_resample_read(CaptureResample *reader, const CaptureSamples *samples, double want,
                           bool jump, int16_t *out, int64_t count);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reads a window of samples at a place that drifts: whole samples are copied as they are, a small
// difference is made good by reading a little faster or slower (at most 0.5 %, unheard), a large
// one by one faded jump. Pure; the caller locks.

#include "capture/samples.h"

#include <stdbool.h>

typedef struct {
    double at; // the sample that the next read begins with
    bool begun;
    bool catching_up; // `at` moves at another pace than the output, and need not be whole
    bool silent;      // the last sample given out was none of the source's
} CaptureResample;

/* `count` (at most CAPTURE_FRAME_SAMPLES) stereo samples from about `want` on. `jump`: from there
 * at once. Silence where there are none. */
void capture_resample_read(CaptureResample *reader, const CaptureSamples *samples, double want,
                           bool jump, int16_t *out, int64_t count);

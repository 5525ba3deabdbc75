// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Stereo 16-bit samples placed by their own time: a window of the last few seconds, addressed by
// sample number. What was never written reads as silence. The caller locks.

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int16_t *data; // `capacity` stereo samples, sample n at n modulo capacity
    int64_t capacity;
    int64_t start, end; // what is there: start <= n < end
} CaptureSamples;

void capture_samples_init(CaptureSamples *samples, int64_t capacity);
void capture_samples_finish(CaptureSamples *samples);

/* Places `count` samples at number `at`. Within 1 ms of the end they are joined to it, so that
 * rounded timestamps make no clicks; a gap reads as silence, with its edges faded; what is older
 * than the end is dropped. */
void capture_samples_write(CaptureSamples *samples, int64_t at, const int16_t *from, int64_t count);

void capture_samples_read(const CaptureSamples *samples, int64_t at, int16_t *out, int64_t count);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The last seconds of stereo samples, by number. Unwritten ones are silence. The caller locks.

#include <stddef.h>
#include <stdint.h>

typedef struct {
    int16_t *data; // sample n at n modulo capacity
    int64_t capacity;
    int64_t start, end; // start <= n < end
} CaptureSamples;

void capture_samples_init(CaptureSamples *samples, int64_t capacity);
void capture_samples_finish(CaptureSamples *samples);

/* Joins an end within 1 ms (rounding would click); fades gaps; drops old samples. */
void capture_samples_write(CaptureSamples *samples, int64_t at, const int16_t *from, int64_t count);

void capture_samples_read(const CaptureSamples *samples, int64_t at, int16_t *out, int64_t count);

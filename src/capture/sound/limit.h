// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A true-peak limiter (ITU-R BS.1770-4, annex 2). Programme's thread; allocates nothing per frame.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Samples, exact. */
#define CAPTURE_LIMIT_DELAY 96
#define CAPTURE_LIMIT_DBTP (-1.0)

typedef struct CaptureLimit CaptureLimit;

CaptureLimit *capture_limit_new(void);
void capture_limit_free(CaptureLimit *limit);

/* Full scale 1. `off`, or below the ceiling: unchanged. */
void capture_limit_run(CaptureLimit *limit, const float *in, int16_t *out, size_t count, bool off);

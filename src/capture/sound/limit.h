// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A true-peak limiter (ITU-R BS.1770-4, annex 2) that looks ahead. Programme's thread; allocates
// nothing per frame.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In samples, exact: 2 ms. The programme sends its sound so much later, with its own times. */
#define CAPTURE_LIMIT_DELAY 96
#define CAPTURE_LIMIT_DBTP (-1.0)

typedef struct CaptureLimit CaptureLimit;

CaptureLimit *capture_limit_new(void);
void capture_limit_free(CaptureLimit *limit);

/* Stereo, full scale 1. Samples below the ceiling pass unchanged, as do all of them if `off`. */
void capture_limit_run(CaptureLimit *limit, const float *in, int16_t *out, size_t count, bool off);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A slow gain towards a loudness (EBU R 128). Programme's thread; allocates nothing per frame.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPTURE_LEVEL_MAX_DB 20.0

typedef struct CaptureLevel CaptureLevel;

CaptureLevel *capture_level_new(double target_lufs);
void capture_level_free(CaptureLevel *level);

/* A frame; `out`: full scale 1. `off`: no gain. */
void capture_level_run(CaptureLevel *level, const int16_t *in, float *out, bool off);

double capture_level_gain_db(const CaptureLevel *level);

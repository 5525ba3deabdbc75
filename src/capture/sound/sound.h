// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Between mixed sound and encoders: watches, levels, limits, measures.
// Programme's thread; never waits, allocates nothing per frame.

#include "capture/sound/limit.h"
#include "media/wire.h"

typedef struct CaptureSound CaptureSound;

/* 0: sound stays as it is. */
CaptureSound *capture_sound_new(double target_lufs);
void capture_sound_free(CaptureSound *sound);

typedef struct {
    bool playing;
    bool marked; // its beep is for measuring: no gain
} CaptureSoundState;

/* A frame. `out`: CAPTURE_LIMIT_DELAY samples behind `in`. */
void capture_sound_run(CaptureSound *sound, const int16_t *in, int16_t *out,
                       CaptureSoundState state);

/* Peaks since the last call. */
void capture_sound_tell(CaptureSound *sound, MediaSound *out);

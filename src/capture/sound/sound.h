// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Between the mixed sound of the stage and the encoders: watched, levelled, limited, measured.
// Programme's thread; never waits, allocates nothing per frame.

#include "capture/sound/limit.h"
#include "media/wire.h"

typedef struct CaptureSound CaptureSound;

/* Where the sound goes to, LUFS; 0: it is left as it is. */
CaptureSound *capture_sound_new(double target_lufs);
void capture_sound_free(CaptureSound *sound);

typedef struct {
    bool playing; // a source is on air
    bool marked;  // its beep is a measuring signal, which no gain may touch
} CaptureSoundState;

/* A frame of the grid, stereo. `out`: CAPTURE_LIMIT_DELAY samples behind `in`. */
void capture_sound_run(CaptureSound *sound, const int16_t *in, int16_t *out,
                       CaptureSoundState state);

/* Since the last call: peaks of `in`. Since the start: loudness of `out`. */
void capture_sound_tell(CaptureSound *sound, MediaSound *out);

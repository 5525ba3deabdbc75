// SPDX-License-Identifier: GPL-3.0-or-later
// Joins what happens to the programme's sound before the encoders.
#include "capture/sound/sound.h"

#include "capture/grid.h"
#include "capture/sound/level.h"
#include "capture/sound/watch.h"

#include <ebur128.h>
#include <glib.h>
#include <math.h>

/* A histogram does not grow. */
#define METER (EBUR128_MODE_S | EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM)
#define MEASURE_EVERY 10

struct CaptureSound {
    bool levels;
    CaptureWatch watch;
    CaptureLevel *level;
    CaptureLimit *limit;
    ebur128_state *meter;
    int16_t peak[CAPTURE_CHANNELS];
    unsigned told;
    MediaSound last;
};

CaptureSound *capture_sound_new(double target_lufs)
{
    CaptureSound *sound = g_new0(CaptureSound, 1);
    sound->levels = target_lufs < 0;
    sound->level = capture_level_new(target_lufs);
    sound->limit = capture_limit_new();
    sound->meter = ebur128_init(CAPTURE_CHANNELS, CAPTURE_RATE, METER);
    g_assert(sound->meter != NULL);
    return sound;
}

void capture_sound_free(CaptureSound *sound)
{
    if (sound != NULL) {
        capture_level_free(sound->level);
        capture_limit_free(sound->limit);
        ebur128_destroy(&sound->meter);
        g_free(sound);
    }
}

static void note_peaks(CaptureSound *sound, const int16_t *samples)
{
    for (int i = 0; i < CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS; i++) {
        int16_t peak = (int16_t)MIN(ABS((int)samples[i]), INT16_MAX);
        sound->peak[i % CAPTURE_CHANNELS] = MAX(sound->peak[i % CAPTURE_CHANNELS], peak);
    }
}

void capture_sound_run(CaptureSound *sound, const int16_t *in, int16_t *out,
                       CaptureSoundState state)
{
    float levelled[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
    bool off = !sound->levels || state.marked;
    note_peaks(sound, in);
    capture_watch_run(&sound->watch, in, state.playing);
    capture_level_run(sound->level, in, levelled, off);
    capture_limit_run(sound->limit, levelled, out, CAPTURE_FRAME_SAMPLES, off);
    ebur128_add_frames_short(sound->meter, out, CAPTURE_FRAME_SAMPLES);
}

static float decibel(int16_t peak)
{
    return peak > 0 ? fminf(0, 20 * log10f((float)peak / INT16_MAX)) : MEDIA_SOUND_NONE;
}

static float lufs(double measured)
{
    return (float)fmax(measured, MEDIA_SOUND_NONE); // silence is -inf
}

static void measure(CaptureSound *sound)
{
    double whole = -HUGE_VAL, recent = -HUGE_VAL;
    ebur128_loudness_global(sound->meter, &whole);
    ebur128_loudness_shortterm(sound->meter, &recent);
    sound->last.loudness = lufs(whole);
    sound->last.short_term = lufs(recent);
}

void capture_sound_tell(CaptureSound *sound, MediaSound *out)
{
    if (sound->told++ % MEASURE_EVERY == 0) {
        measure(sound);
    }
    for (int c = 0; c < CAPTURE_CHANNELS; c++) {
        sound->last.peak_db[c] = decibel(sound->peak[c]);
        sound->peak[c] = 0;
    }
    sound->last.gain_db = (float)capture_level_gain_db(sound->level);
    sound->last.alarm = sound->watch.alarm;
    *out = sound->last;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Looks for silence, clipping and sound on one side only.
#include "capture/sound/watch.h"

#include "capture/grid.h"

#define ALARM_FRAMES (10 * CAPTURE_FPS)
#define CLEAR_STEP 20 // a click ends no alarm
#define SOUND 58      // -55 dBFS
#define ONE_SIDE 10   // 20 dB
#define FULL_SCALE INT16_MAX
#define FULL_RUN 3 // samples: one may be a normalised peak
#define CLIPPED_STEP 15
#define CLIPPED_ALARM 60
#define CLIPPED_MOST (5 * CAPTURE_FPS)

typedef struct {
    int peak;
    bool clipped;
} Side;

static Side look(const int16_t *samples, int channel)
{
    Side side = {0};
    int run = 0;
    for (int i = 0; i < CAPTURE_FRAME_SAMPLES; i++) {
        int size = ABS((int)samples[i * CAPTURE_CHANNELS + channel]);
        side.peak = MAX(side.peak, size);
        run = size >= FULL_SCALE ? run + 1 : 0;
        side.clipped = side.clipped || run >= FULL_RUN;
    }
    return side;
}

static void count(unsigned *frames, bool holds, bool ends)
{
    if (holds) {
        *frames = MIN(*frames + 1, ALARM_FRAMES);
    } else if (ends) {
        *frames -= MIN(*frames, CLEAR_STEP);
    }
}

static bool alone(Side side, Side other)
{
    return side.peak >= SOUND && other.peak < SOUND && side.peak >= ONE_SIDE * other.peak;
}

static void count_all(CaptureWatch *watch, Side left, Side right)
{
    bool sound = MAX(left.peak, right.peak) >= SOUND;
    count(&watch->silent, !sound, sound);
    count(&watch->left, alone(left, right), right.peak >= SOUND);
    count(&watch->right, alone(right, left), left.peak >= SOUND);
    if (left.clipped || right.clipped) {
        watch->clipped = MIN(watch->clipped + CLIPPED_STEP, CLIPPED_MOST);
    } else {
        watch->clipped -= watch->clipped > 0;
    }
}

/* Until its count is 0. */
static bool rings(const CaptureWatch *watch, MediaSoundAlarm alarm, unsigned frames, unsigned limit)
{
    return frames >= limit || (watch->alarm == alarm && frames > 0);
}

void capture_watch_run(CaptureWatch *watch, const int16_t *samples, bool playing)
{
    if (!playing) {
        *watch = (CaptureWatch){0};
        return;
    }
    count_all(watch, look(samples, 0), look(samples, 1));
    const struct {
        MediaSoundAlarm alarm;
        unsigned frames, limit;
    } alarms[] = {{MEDIA_SOUND_SILENT, watch->silent, ALARM_FRAMES},
                  {MEDIA_SOUND_CLIPPING, watch->clipped, CLIPPED_ALARM},
                  {MEDIA_SOUND_LEFT_ONLY, watch->left, ALARM_FRAMES},
                  {MEDIA_SOUND_RIGHT_ONLY, watch->right, ALARM_FRAMES}};
    MediaSoundAlarm found = MEDIA_SOUND_GOOD;
    for (size_t i = 0; i < G_N_ELEMENTS(alarms) && found == MEDIA_SOUND_GOOD; i++) {
        found = rings(watch, alarms[i].alarm, alarms[i].frames, alarms[i].limit) ? alarms[i].alarm
                                                                                 : found;
    }
    watch->alarm = found;
}

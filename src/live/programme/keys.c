// SPDX-License-Identifier: GPL-3.0-or-later
// Checks key frames against their grid.
#include "live/programme/keys.h"

#include <glib.h>

void live_keys_begin(LiveKeys *keys, int64_t keyframe_us, int64_t begin_us)
{
    *keys = (LiveKeys){.keyframe_us = keyframe_us, .newest_us = begin_us};
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        keys->due_us[i] = begin_us;
        keys->seen_us[i] = -1;
    }
}

void live_keys_track(LiveKeys *keys, const MediaTrack *track)
{
    if (track->info.kind == MEDIA_VIDEO) {
        keys->tracks[track->info.id] = track;
    }
}

static char *explain(const LiveKeys *keys, unsigned id, const char *what)
{
    return g_strdup_printf("The encoder %s for %s in time: nobody could join, and the recording "
                           "would not play. The programme was started again. If this comes back, "
                           "choose another encoder in majlis.conf ([programme] encoder).",
                           what, keys->tracks[id]->info.name);
}

/* Since the last picture: late encoders may still catch up. */
static bool is_silent(const LiveKeys *keys, unsigned id)
{
    int64_t seen_us = keys->seen_us[id], due_us = keys->due_us[id];
    return keys->newest_us >= (seen_us >= 0 ? MAX(due_us, seen_us) + LIVE_KEYS_SILENT_US
                                            : due_us + LIVE_KEYS_OPENING_US);
}

char *live_keys_unit(LiveKeys *keys, const MediaItem *unit)
{
    unsigned id = unit->track->info.id;
    keys->newest_us = MAX(keys->newest_us, unit->pts_us);
    keys->seen_us[id] = keys->newest_us;
    if (keys->keyframe_us == 0) {
        return NULL;
    }
    if (unit->key && keys->tracks[id] != NULL && unit->pts_us >= keys->due_us[id]) {
        keys->due_us[id] = (unit->pts_us / keys->keyframe_us + 1) * keys->keyframe_us;
    } else if (keys->tracks[id] != NULL && unit->pts_us >= keys->due_us[id] + LIVE_KEYS_LATE_US) {
        return explain(keys, id, "made no key frame");
    }
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (keys->tracks[i] != NULL && is_silent(keys, i)) {
            return explain(keys, i, "gave no picture");
        }
    }
    return NULL;
}

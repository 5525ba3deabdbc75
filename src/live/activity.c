// SPDX-License-Identifier: GPL-3.0-or-later
// The table of a session's state machine.
#include "live/activity.h"

#include <stddef.h>

#define TO(activity) (LIVE_##activity + 1) // 0: the event cannot happen

static const unsigned char table[LIVE_ACTIVITIES][LIVE_EVENTS] = {
    [LIVE_IDLE] = {[LIVE_EVENT_START] = TO(STARTING),
                   [LIVE_EVENT_END] = TO(SETTLING),
                   [LIVE_EVENT_BUILD] = TO(BUILDING),
                   [LIVE_EVENT_TRIM] = TO(TRIMMING),
                   [LIVE_EVENT_DELETE] = TO(DELETING)},
    [LIVE_STARTING] = {[LIVE_EVENT_STARTED] = TO(ON), [LIVE_EVENT_FAILED] = TO(IDLE)},
    [LIVE_ON] = {[LIVE_EVENT_END] = TO(SETTLING)},
    [LIVE_SETTLING] = {[LIVE_EVENT_SETTLED] = TO(BUILDING)},
    [LIVE_BUILDING] = {[LIVE_EVENT_DONE] = TO(IDLE)},
    [LIVE_TRIMMING] = {[LIVE_EVENT_DONE] = TO(IDLE)},
    [LIVE_DELETING] = {[LIVE_EVENT_DONE] = TO(IDLE)},
};

const char *live_activity_name(LiveActivity activity)
{
    static const char *const names[LIVE_ACTIVITIES] = {
        [LIVE_IDLE] = "idle",         [LIVE_STARTING] = "starting", [LIVE_ON] = "on",
        [LIVE_SETTLING] = "settling", [LIVE_BUILDING] = "building", [LIVE_TRIMMING] = "trimming",
        [LIVE_DELETING] = "deleting",
    };
    return (unsigned)activity < LIVE_ACTIVITIES ? names[activity] : NULL;
}

bool live_activity_next(LiveActivity from, LiveEvent event, LiveActivity *out)
{
    unsigned next =
        (unsigned)from < LIVE_ACTIVITIES && (unsigned)event < LIVE_EVENTS ? table[from][event] : 0;
    if (next != 0) {
        *out = (LiveActivity)(next - 1);
    }
    return next != 0;
}

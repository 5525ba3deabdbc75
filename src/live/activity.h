// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The state machine of a session's media. Pure.

#include <stdbool.h>

typedef enum {
    LIVE_IDLE,
    LIVE_STARTING, // opens the recording
    LIVE_ON,       // the programme runs
    LIVE_SETTLING, // the encoders' last frames arrive
    LIVE_BUILDING, // closes the programme, makes the files
    LIVE_TRIMMING,
    LIVE_DELETING, // in the store, then on disk
    LIVE_ACTIVITIES,
} LiveActivity;

typedef enum {
    LIVE_EVENT_START,
    LIVE_EVENT_STARTED,
    LIVE_EVENT_FAILED, // or is no longer wanted
    LIVE_EVENT_END,    // or cancellation, committed
    LIVE_EVENT_SETTLED,
    LIVE_EVENT_BUILD,
    LIVE_EVENT_TRIM,
    LIVE_EVENT_DELETE,
    LIVE_EVENT_DONE, // also without success
    LIVE_EVENTS,
} LiveEvent;

const char *live_activity_name(LiveActivity activity); // static

/* False: the event cannot happen; `*out` is untouched. */
bool live_activity_next(LiveActivity from, LiveEvent event, LiveActivity *out);

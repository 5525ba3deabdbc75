// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Stored states; src/session has their rules. Pure.

#include <stdbool.h>

typedef enum {
    SESSION_SCHEDULED,
    SESSION_LOBBY, // recorded; staff and speaker watch
    SESSION_LIVE,
    SESSION_PAUSED,
    SESSION_ENDED,     // recording for staff
    SESSION_PUBLISHED, // for all who may attend
    SESSION_CANCELLED,
    SESSION_STATES,
} SessionState;

const char *store_state_name(SessionState state);            // static
bool store_state_parse(const char *name, SessionState *out); // false: unknown

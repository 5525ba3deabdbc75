// SPDX-License-Identifier: GPL-3.0-or-later
// Names of states.
#include "store/state.h"

#include <glib.h>
#include <string.h>

static const char *const names[SESSION_STATES] = {
    [SESSION_SCHEDULED] = "scheduled", [SESSION_LOBBY] = "lobby", [SESSION_LIVE] = "live",
    [SESSION_PAUSED] = "paused",       [SESSION_ENDED] = "ended", [SESSION_PUBLISHED] = "published",
    [SESSION_CANCELLED] = "cancelled",
};

const char *store_state_name(SessionState state)
{
    g_assert((unsigned)state < SESSION_STATES);
    return names[state];
}

bool store_state_parse(const char *name, SessionState *out)
{
    for (int state = 0; name != NULL && state < SESSION_STATES; state++) {
        if (strcmp(name, names[state]) == 0) {
            *out = (SessionState)state;
            return true;
        }
    }
    return false;
}

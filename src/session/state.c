// SPDX-License-Identifier: GPL-3.0-or-later
// Session states.
#include "session/session.h"

#include <string.h>

#define MINUTE_US INT64_C(60000000)

#define TO(state) (1u << SESSION_##state)

/* Never live: cancelled, not ended. */
static const unsigned moves[SESSION_STATES] = {
    [SESSION_SCHEDULED] = TO(LOBBY) | TO(CANCELLED),
    [SESSION_LOBBY] = TO(LIVE) | TO(CANCELLED),
    [SESSION_LIVE] = TO(PAUSED) | TO(ENDED),
    [SESSION_PAUSED] = TO(LIVE) | TO(ENDED),
    [SESSION_ENDED] = TO(PUBLISHED),
    [SESSION_PUBLISHED] = 0,
    [SESSION_CANCELLED] = 0,
};

bool session_can(SessionState from, SessionState to)
{
    return (unsigned)from < SESSION_STATES && (unsigned)to < SESSION_STATES &&
           (moves[from] >> to & 1) != 0;
}

bool session_is_running(SessionState state)
{
    return state == SESSION_LOBBY || state == SESSION_LIVE || state == SESSION_PAUSED;
}

/* "lobby, cancelled" */
static char *list_moves(SessionState from)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (int to = 0; to < SESSION_STATES; to++) {
        if (session_can(from, to)) {
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", store_state_name(to));
        }
    }
    return list->len > 0 ? g_strdup(list->str) : g_strdup("nothing further");
}

static void note_time(int64_t *mark, int64_t now_us)
{
    if (*mark == 0) {
        *mark = now_us;
    }
}

bool session_move(StoreSession *row, SessionState to, int64_t now_us, GError **error)
{
    SessionState from = row->state;
    if (!session_can(from, to)) {
        g_autofree char *allowed = list_moves(from);
        return base_refuse(error, BASE_CODE_STATE_CHANGE, "to",
                           json_pack("{s:s, s:s, s:s}", "from", store_state_name(from), "to",
                                     store_state_name(to), "allowed", allowed),
                           "the session is %s and cannot become %s: allowed now: %s",
                           store_state_name(from), store_state_name(to), allowed);
    }
    if (to == SESSION_LOBBY) {
        note_time(&row->epoch_us, now_us);
    } else if (to == SESSION_LIVE) {
        note_time(&row->live_us, now_us);
    } else if (to == SESSION_ENDED || (to == SESSION_CANCELLED && from == SESSION_LOBBY)) {
        note_time(&row->ended_us, now_us);
    }
    row->revision += to == SESSION_CANCELLED; // calendars show it
    row->state = to;
    return true;
}

bool session_is_over(const StoreSession *row, int64_t now_us)
{
    int64_t length_us = row->duration_minutes * MINUTE_US;
    int64_t began_us = MAX(row->live_us, row->epoch_us);
    if (row->demo) {
        return now_us >= (row->live_us != 0 ? row->live_us : began_us) + length_us;
    }
    // late opening extends it
    return now_us >= MAX(row->starts_us, began_us) + length_us + SESSION_GRACE_US;
}

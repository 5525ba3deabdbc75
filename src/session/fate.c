// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/session.h"

SessionFate session_fate(const StoreSession *row, int keep_days, int64_t now_us,
                         SessionState *out_to)
{
    SessionState state;
    if (!session_state_parse(row->state, &state)) {
        return SESSION_RESTS;
    }
    if (session_is_running(state)) {
        // what was never live has nothing to publish
        *out_to = state == SESSION_LOBBY ? SESSION_CANCELLED : SESSION_ENDED;
        return session_is_over(row, now_us) ? SESSION_ENDS : SESSION_GOES_ON;
    }
    if (row->deleted_us != 0) {
        return SESSION_IS_DELETED;
    }
    if (session_is_expired(row, keep_days, now_us)) {
        return SESSION_EXPIRES;
    }
    return state == SESSION_ENDED || state == SESSION_PUBLISHED ? SESSION_FINISHES : SESSION_RESTS;
}

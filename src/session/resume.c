// SPDX-License-Identifier: GPL-3.0-or-later
// Decides how to resume sessions after a restart.
#include "session/session.h"

#include <string.h>

int64_t session_now_us(const StoreSession *row, const BaseNow *now)
{
    bool same_boot = row->boot != NULL && row->boot[0] != '\0' && strcmp(row->boot, now->boot) == 0;
    return same_boot ? row->epoch_us + (now->boot_us - row->boot_us) : now->wall_us;
}

bool session_note_boot(StoreSession *row, const BaseNow *now, int64_t media_us)
{
    int64_t zero_us = now->boot_us - media_us;
    if (g_strcmp0(row->boot, now->boot) == 0 && row->boot_us == zero_us) {
        return false;
    }
    g_free(row->boot);
    row->boot = g_strdup(now->boot);
    row->boot_us = zero_us;
    return true;
}

SessionResume session_resume(const StoreSession *row, int keep_days, const BaseNow *now,
                             SessionState *out_to)
{
    SessionState state = row->state;
    if (session_is_running(state)) {
        // never live: nothing to publish
        *out_to = state == SESSION_LOBBY ? SESSION_CANCELLED : SESSION_ENDED;
        return session_is_over(row, session_now_us(row, now)) ? SESSION_ENDS : SESSION_GOES_ON;
    }
    if (row->deleted_us != 0) {
        return SESSION_IS_DELETED;
    }
    if (session_is_expired(row, keep_days, now->wall_us)) {
        return SESSION_EXPIRES;
    }
    return state == SESSION_ENDED || state == SESSION_PUBLISHED ? SESSION_FINISHES : SESSION_RESTS;
}

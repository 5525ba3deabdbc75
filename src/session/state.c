// SPDX-License-Identifier: GPL-3.0-or-later
// Session states, and how a restart resumes each.
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
    [SESSION_PUBLISHED] = TO(ENDED), // unpublished
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

bool session_is_ahead(SessionState state)
{
    return state == SESSION_SCHEDULED || session_is_running(state);
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

static void note_time(int64_t *wall_us, int64_t *media_us, int64_t now_us, int64_t at_us)
{
    if (*wall_us == 0) {
        *wall_us = now_us;
        *media_us = at_us;
    }
}

bool session_move(StoreSession *row, SessionState to, int64_t now_us, int64_t media_us,
                  GError **error)
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
        row->epoch_us = row->epoch_us != 0 ? row->epoch_us : now_us;
    } else if (to == SESSION_LIVE) {
        note_time(&row->live_us, &row->live_media_us, now_us, media_us);
    } else if (to == SESSION_ENDED || (to == SESSION_CANCELLED && from == SESSION_LOBBY)) {
        note_time(&row->ended_us, &row->ended_media_us, now_us, media_us);
    } else if (to == SESSION_PUBLISHED) {
        row->published_us = now_us;
    }
    row->revision += to == SESSION_CANCELLED; // calendars show it
    row->state = to;
    return true;
}

bool session_is_over(const StoreSession *row, int64_t now_us)
{
    int64_t length_us = row->duration_minutes * MINUTE_US;
    int64_t began_us = row->epoch_us + row->live_media_us;
    if (row->demo) {
        return now_us >= began_us + length_us;
    }
    // late opening extends it
    return now_us >= MAX(row->starts_us, began_us) + length_us + SESSION_GRACE_US;
}

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

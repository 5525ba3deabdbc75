// SPDX-License-Identifier: GPL-3.0-or-later
// The addresses that answers name.
#include "rtc/server.h"

#include "base/clock.h"

#define ADDRESSES_US (10 * BASE_US_PER_S)

static char *candidate_address(const char *candidate)
{
    g_auto(GStrv) words = g_strsplit(candidate, " ", 6);
    return g_strdup(words[4]);
}

void rtc_server_set_candidates(RtcServer *server, char **candidates)
{
    g_strfreev(server->candidates);
    g_free(server->address);
    server->candidates = candidates;
    server->address = candidate_address(candidates[0]);
}

void rtc_server_follow_addresses(RtcServer *server, int64_t now_us)
{
    if (!server->own_addresses || now_us - server->addresses_us < ADDRESSES_US) {
        return;
    }
    server->addresses_us = now_us;
    char **now = rtc_transport_candidates(server->transport, NULL, server->public_tcp, NULL);
    if (now != NULL &&
        !g_strv_equal((const char *const *)now, (const char *const *)server->candidates)) {
        rtc_server_set_candidates(server, now);
        g_message("the machine's addresses have changed: viewers now get %s first",
                  server->address);
    } else {
        g_strfreev(now);
    }
}

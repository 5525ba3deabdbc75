// SPDX-License-Identifier: GPL-3.0-or-later
// Trickle fragments: refused with a reason and nothing written, or read; credentials are whole or
// absent, and come back from a fragment that is written with them. Harmless whitespace changes
// none.
#include "fuzz.h"
#include "whitespace.h"

#include "protocol/sdp.h"

#include <string.h>

static const char *const candidates[] = {"1 1 udp 2130706431 192.0.2.7 8189 typ host", NULL};

int target(const uint8_t *data, size_t size)
{
    GError *error = NULL;
    ProtocolIceCredentials ice = {"untouched", "untouched"}, again;
    bool ok = protocol_fragment_parse((const char *)data, size, &ice, &error);
    g_assert_true(ok == (error == NULL));
    if (!ok) {
        g_assert_cmpstr(ice.ufrag, ==, "untouched");
        g_assert_cmpstr(ice.pwd, ==, "untouched");
        g_assert_true(error->message[0] != '\0' && g_utf8_validate(error->message, -1, NULL));
        g_error_free(error);
        return 0;
    }
    g_autofree char *spaced = with_whitespace((const char *)data, size);
    if (strlen(spaced) <= PROTOCOL_SDP_MAX_BYTES) {
        g_assert_true(protocol_fragment_parse(spaced, strlen(spaced), &again, &error));
        g_assert_cmpstr(again.ufrag, ==, ice.ufrag);
        g_assert_cmpstr(again.pwd, ==, ice.pwd);
    }
    if (ice.ufrag[0] == '\0') {
        g_assert_cmpstr(ice.pwd, ==, "");
        return 0;
    }
    g_assert_true(strlen(ice.ufrag) >= 4 && strlen(ice.pwd) >= 22);
    g_autofree char *written = protocol_fragment_write("audio", "0", &ice, candidates);
    g_assert_true(protocol_fragment_parse(written, strlen(written), &again, &error));
    g_assert_cmpstr(again.ufrag, ==, ice.ufrag);
    g_assert_cmpstr(again.pwd, ==, ice.pwd);
    return 0;
}

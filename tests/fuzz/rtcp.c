// SPDX-License-Identifier: GPL-3.0-or-later
// RTCP: what passes the check is walked, in whole packets to the very end, and each reader stays
// inside its packet.
#include "fuzz.h"

#include "base/bytes.h"
#include "protocol/rtcp.h"

#include <glib.h>

static void check_nack(const ProtocolRtcp *packet)
{
    unsigned n = 0;
    uint16_t first, mask;
    while (protocol_rtcp_nack(packet, n, &first, &mask)) {
        n++;
        g_assert_cmpuint(4 + 4 * n, <=, packet->size);
        g_assert_cmphex(base_get_u16(packet->body + 4 * n), ==, first);
        g_assert_cmphex(base_get_u16(packet->body + 4 * n + 2), ==, mask);
    }
    bool nack = packet->type == PROTOCOL_RTCP_RTPFB && packet->count == PROTOCOL_RTCP_NACK;
    g_assert_cmpuint(n, ==, nack && packet->size >= 4 ? (packet->size - 4) / 4 : 0);
}

static void check_packet(const ProtocolRtcp *packet, const uint8_t *begin, const uint8_t *end)
{
    if (packet->body != NULL) {
        g_assert_true(packet->body == begin + 8 && packet->body + packet->size <= end);
    } else {
        g_assert_cmpuint(packet->size, ==, 0);
    }
    uint32_t media = protocol_rtcp_media(packet);
    protocol_rtcp_wants_key(packet, media);
    protocol_rtcp_leaves(packet, packet->sender);
    check_nack(packet);
}

int target(const uint8_t *data, size_t size)
{
    if (protocol_rtcp_check(data, size) < 0) {
        return 0;
    }
    g_assert_cmpuint(size % 4, ==, 0);
    ProtocolRtcp packet;
    size_t at = 0, before = 0;
    for (; protocol_rtcp_next(data, size, &at, &packet); before = at) {
        g_assert_cmpuint(at, >=, before + 4);
        g_assert_cmpuint(at, <=, size);
        check_packet(&packet, data + before, data + at);
    }
    g_assert_cmpuint(at, ==, size);
    return 0;
}

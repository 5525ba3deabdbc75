// SPDX-License-Identifier: GPL-3.0-or-later
// Opens UDP and TCP on one port number.
#include "rtc/transport.h"

#include <sys/socket.h>

struct RtcTransport {
    RtcListen listen; // descriptors belong to `udp` and `tcp`
    RtcUdp *udp;
    RtcTcp *tcp;
};

RtcTransport *rtc_transport_new(const char *listen, GError **error)
{
    g_autoptr(RtcTransport) transport = g_new0(RtcTransport, 1);
    if (!rtc_listen(listen, &transport->listen, error)) {
        return NULL;
    }
    transport->udp = rtc_udp_new(&transport->listen);
    transport->tcp = rtc_tcp_new(transport->listen.tcp, error);
    return transport->tcp != NULL ? g_steal_pointer(&transport) : NULL;
}

void rtc_transport_free(RtcTransport *transport)
{
    if (transport != NULL) {
        rtc_tcp_free(transport->tcp);
        rtc_udp_free(transport->udp);
        g_free(transport);
    }
}

RtcUdp *rtc_transport_udp(const RtcTransport *transport)
{
    return transport->udp;
}

RtcTcp *rtc_transport_tcp(const RtcTransport *transport)
{
    return transport->tcp;
}

uint16_t rtc_transport_port(const RtcTransport *transport)
{
    return transport->listen.port;
}

const uint8_t *rtc_transport_bound(const RtcTransport *transport)
{
    return transport->listen.any ? NULL : transport->listen.bound;
}

bool rtc_transport_takes_v6(const RtcTransport *transport)
{
    return transport->listen.family == AF_INET6;
}

int rtc_transport_send(RtcTransport *transport, const ProtocolAddress *to, const uint8_t *bytes,
                       size_t size)
{
    if (to->tcp != 0) {
        return rtc_tcp_send_first(transport->tcp, to->tcp, bytes, size);
    }
    RtcOutgoing one = {.to = to, .bytes = bytes, .size = size};
    return MIN(rtc_udp_send(transport->udp, &one, 1), 0);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// UDP socket and TCP connections of one port number.

#include "rtc/tcp.h"
#include "rtc/udp.h"

typedef struct RtcTransport RtcTransport;

/* Like rtc_listen(). */
RtcTransport *rtc_transport_new(const char *listen, GError **error);
void rtc_transport_free(RtcTransport *transport);

RtcUdp *rtc_transport_udp(const RtcTransport *transport);
RtcTcp *rtc_transport_tcp(const RtcTransport *transport);

uint16_t rtc_transport_port(const RtcTransport *transport);
/* NULL: all addresses. */
const uint8_t *rtc_transport_bound(const RtcTransport *transport);
/* True if IPv6 is received. */
bool rtc_transport_takes_v6(const RtcTransport *transport);

/* Values of a=candidate (RFC 8839 5.1), best first: UDP, TCP, `public_tcp`; see RtcConfig. Full
 * ownership. */
char **rtc_transport_candidates(const RtcTransport *transport, const char *const *public_addresses,
                                const char *public_tcp, GError **error);

/* A datagram or frame: 0 or -errno. Any thread. */
int rtc_transport_send(RtcTransport *transport, const ProtocolAddress *to, const uint8_t *bytes,
                       size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcTransport, rtc_transport_free)

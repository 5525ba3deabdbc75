// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one UDP socket and the TCP port of the same number; with `tcp` and `candidates` the only files
// of this folder that make network calls. Several threads may send at once; one receives.

#include "rtc/address.h"

#include <glib.h>

#define RTC_DATAGRAM_BYTES 2048
#define RTC_SEND_BATCH 64
#define RTC_MAX_SEGMENTS 64         // the least that a kernel with UDP_SEGMENT takes
#define RTC_MAX_MESSAGE_BYTES 65507 // an IPv4 packet's 65,535 without its headers

typedef struct RtcSocket RtcSocket;
typedef struct RtcTcp RtcTcp;

/* Binds "ADDRESS:PORT" ("[v6]:PORT") or ":PORT" (both families where the machine has them), in UDP
 * and in TCP; port 0 finds a number that is free in both. Full ownership. */
RtcSocket *rtc_socket_new(const char *listen, GError **error);
void rtc_socket_free(RtcSocket *socket);
int rtc_socket_fd(const RtcSocket *socket);
uint16_t rtc_socket_port(const RtcSocket *socket);

/* Its connections. Borrowed. */
RtcTcp *rtc_socket_tcp(const RtcSocket *socket);
/* The address that it is bound to, NULL: every one of the machine. Borrowed. */
const uint8_t *rtc_socket_bound(const RtcSocket *socket);
/* Whether IPv6 comes in (where it is bound to every address, IPv4 does too). */
bool rtc_socket_takes_v6(const RtcSocket *socket);

/* Values of a=candidate (RFC 8839 5.1) for host candidates, best first: UDP, then TCP on the same
 * port, then on `public_tcp`. This and `public_addresses` as in RtcConfig. NULL with an error that
 * names what is wrong. Full ownership. */
char **rtc_socket_candidates(const RtcSocket *socket, const char *const *public_addresses,
                             const char *public_tcp, GError **error);

typedef struct {
    RtcAddress from;
    size_t size;
    uint8_t bytes[RTC_DATAGRAM_BYTES];
} RtcDatagram;

/* Up to `n` (at most RTC_SEND_BATCH) datagrams without waiting; those cut off are left out. How
 * many, 0: none there. */
int rtc_socket_receive(RtcSocket *socket, RtcDatagram *out, unsigned n);

/* 0 or -errno; never waits. Over TCP where `to` is a connection; the others of this file are UDP
 * only. */
int rtc_socket_send(RtcSocket *socket, const RtcAddress *to, const uint8_t *bytes, size_t size);

typedef struct {
    const RtcAddress *to;
    const uint8_t *bytes;
    size_t size;
    uint16_t
        segment; // not 0: datagrams of this size, at most RTC_MAX_SEGMENTS, the last may be smaller
} RtcOutgoing;

/* Sends up to RTC_SEND_BATCH messages in one call: how many were taken whole, or -errno for the
 * first. A path may refuse segments (-EIO, -EINVAL, -EMSGSIZE) and still take datagrams. Never
 * waits. */
int rtc_socket_send_batch(RtcSocket *socket, const RtcOutgoing *out, unsigned n);

/* Whether the kernel takes a message of several segments (UDP_SEGMENT, udp(7)). */
bool rtc_socket_segments(const RtcSocket *socket);
/* As if it did not. Before anything is sent. */
void rtc_socket_forbid_segments(RtcSocket *socket);
/* False: less than a quarter of the socket's buffer is free, which is kept for STUN, DTLS and
 * sound: a full buffer must not cost a viewer its consent. */
bool rtc_socket_has_room(const RtcSocket *socket);

/* setsockopt() for what is an improvement and no need. */
void rtc_set_option(int fd, int level, int name, int value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcSocket, rtc_socket_free)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Binds the UDP socket and the listening TCP socket of one port number. Any thread.

#include "protocol/address.h"

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>

typedef struct {
    int udp, tcp; // non-blocking; caller closes
    int family;
    uint16_t port;
    bool any; // bound to all addresses
    uint8_t bound[PROTOCOL_IP_BYTES];
} RtcListen;

/* "ADDRESS:PORT", "[v6]:PORT" or ":PORT" (both families); port 0: any free in both. */
bool rtc_listen(const char *listen, RtcListen *out, GError **error);

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} RtcSockaddr;

/* Returns the size of the address. */
socklen_t rtc_sockaddr_fill(int family, const uint8_t ip[PROTOCOL_IP_BYTES], uint16_t port,
                            RtcSockaddr *out);

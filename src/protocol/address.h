// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A datagram's peer and local address. A value; any thread.

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define PROTOCOL_IP_BYTES 16 // IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2)

typedef struct {
    uint8_t ip[PROTOCOL_IP_BYTES];
    uint8_t local[PROTOCOL_IP_BYTES]; // all zero: the only one
    uint16_t port;
    uint32_t tcp; // connection number; 0: UDP
} ProtocolAddress;

static inline bool protocol_address_is_v4(const uint8_t ip[PROTOCOL_IP_BYTES])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip, prefix, sizeof prefix) == 0;
}

/* Ignores `local`; over TCP the connections must be equal. */
static inline bool protocol_address_equal(const ProtocolAddress *a, const ProtocolAddress *b)
{
    return a->port == b->port && a->tcp == b->tcp && memcmp(a->ip, b->ip, PROTOCOL_IP_BYTES) == 0;
}

static inline unsigned protocol_address_hash(const void *key)
{
    const ProtocolAddress *address = key;
    unsigned hash = 2166136261u ^ address->port ^ address->tcp;
    for (unsigned i = 0; i < PROTOCOL_IP_BYTES; i++) {
        hash = (hash ^ address->ip[i]) * 16777619u;
    }
    return hash;
}

static inline bool protocol_ip_is_zero(const uint8_t ip[PROTOCOL_IP_BYTES])
{
    static const uint8_t zero[PROTOCOL_IP_BYTES];
    return memcmp(ip, zero, PROTOCOL_IP_BYTES) == 0;
}

/* No brackets. */
bool protocol_ip_parse(const char *text, uint8_t out[PROTOCOL_IP_BYTES]);
char *protocol_ip_format(const uint8_t ip[PROTOCOL_IP_BYTES]);
void protocol_ip_from_sockaddr(const struct sockaddr *address, uint8_t out[PROTOCOL_IP_BYTES],
                               uint16_t *out_port);

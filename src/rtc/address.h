// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where a datagram came from and where it came to: one form for both families. A value; any thread.

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define RTC_IP_BYTES 16 // IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2)

typedef struct {
    uint8_t ip[RTC_IP_BYTES];    // the peer's
    uint8_t local[RTC_IP_BYTES]; // ours, that the peer knows; all zero: the socket's only one
    uint16_t port;               // the peer's
} RtcAddress;

static inline bool rtc_address_is_v4(const uint8_t ip[RTC_IP_BYTES])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip, prefix, sizeof prefix) == 0;
}

/* The same peer address. */
static inline bool rtc_address_equal(const RtcAddress *a, const RtcAddress *b)
{
    return a->port == b->port && memcmp(a->ip, b->ip, RTC_IP_BYTES) == 0;
}

static inline unsigned rtc_address_hash(const void *key)
{
    const RtcAddress *address = key;
    unsigned hash = 2166136261u ^ address->port;
    for (unsigned i = 0; i < RTC_IP_BYTES; i++) {
        hash = (hash ^ address->ip[i]) * 16777619u;
    }
    return hash;
}

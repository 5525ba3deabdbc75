// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where a datagram came from and where it came to: one form for both families, UDP and TCP. A
// value; any thread.

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define RTC_IP_BYTES 16 // IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2)

typedef struct {
    uint8_t ip[RTC_IP_BYTES];    // the peer's
    uint8_t local[RTC_IP_BYTES]; // ours, that the peer knows; all zero: the socket's only one
    uint16_t port;               // the peer's
    uint32_t tcp;                // 0: UDP; else the connection's number, never given twice in a row
} RtcAddress;

static inline bool rtc_address_is_v4(const uint8_t ip[RTC_IP_BYTES])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip, prefix, sizeof prefix) == 0;
}

/* The same peer address; over TCP the same connection. */
static inline bool rtc_address_equal(const RtcAddress *a, const RtcAddress *b)
{
    return a->port == b->port && a->tcp == b->tcp && memcmp(a->ip, b->ip, RTC_IP_BYTES) == 0;
}

static inline unsigned rtc_address_hash(const void *key)
{
    const RtcAddress *address = key;
    unsigned hash = 2166136261u ^ address->port ^ address->tcp;
    for (unsigned i = 0; i < RTC_IP_BYTES; i++) {
        hash = (hash ^ address->ip[i]) * 16777619u;
    }
    return hash;
}

static inline bool rtc_ip_is_zero(const uint8_t ip[RTC_IP_BYTES])
{
    static const uint8_t zero[RTC_IP_BYTES];
    return memcmp(ip, zero, RTC_IP_BYTES) == 0;
}

/* A literal of either family, without brackets. */
bool rtc_ip_parse(const char *text, uint8_t out[RTC_IP_BYTES]);
/* Full ownership. */
char *rtc_ip_format(const uint8_t ip[RTC_IP_BYTES]);
/* From an address of AF_INET or AF_INET6. */
void rtc_ip_take(const struct sockaddr *address, uint8_t out[RTC_IP_BYTES], uint16_t *out_port);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): what a receiver
// says of each packet, and the ring of what was sent that it refers to. Pure; any thread.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |      base sequence number     |      packet status count      |   behind the two SSRCs of a
//  |        reference time, 64 ms, signed          | feedback count|   feedback packet (RFC 4585)
//  |          chunk of statuses    | …             |  deltas of 250 us: 8 bits or 16, signed | …

#include "rtc/rtcp.h"

#define RTC_TWCC_RING 512           // packets that feedback may reach back
#define RTC_TWCC_MAX_STATUSES 8192u // in one feedback: some 30 s of what a viewer gets

/* A feedback packet being read. */
typedef struct {
    uint16_t sequence;     // of the next status
    unsigned left;         // statuses
    int64_t time_us;       // receiver's clock, of the last arrival
    const uint8_t *chunks; // the next one
    const uint8_t *deltas; // the next one
    const uint8_t *end;
    uint16_t chunk;         // the current one
    unsigned taken, length; // statuses of it
} RtcTwcc;

/* 0 and *out before its first status; -EBADMSG where any status, delta or chunk is missing or
 * reserved, or where there are more than RTC_TWCC_MAX_STATUSES. Borrows the packet. */
int rtc_twcc_open(const RtcRtcp *packet, RtcTwcc *out);

typedef struct {
    uint16_t sequence;
    bool received;
    int64_t arrival_us; // receiver's clock, where received
} RtcTwccStatus;

/* Statuses in their order; false at the end. */
bool rtc_twcc_next(RtcTwcc *twcc, RtcTwccStatus *out);

/* What was sent last. All zero: nothing. */
typedef struct {
    uint64_t next;    // number of the next packet; its low 16 bits are its sequence number
    uint64_t covered; // the first that no feedback has told of
    uint32_t bytes;   // sent so far, modulo 2^32
    struct {
        uint32_t sent_us; // low bits
        uint32_t bytes;   // sent before it
    } sent[RTC_TWCC_RING];
} RtcTwccRing;

/* Notes a packet of `bytes`: its sequence number. */
uint16_t rtc_twcc_sent(RtcTwccRing *ring, uint32_t bytes, int64_t now_us);

/* False where `sequence` was not sent, is gone, or was covered before; then, and all before it, it
 * counts as covered. */
bool rtc_twcc_cover(RtcTwccRing *ring, uint16_t sequence, int64_t now_us, int64_t *out_sent_us,
                    uint32_t *out_bytes);

/* Bytes that no feedback has told of. */
uint32_t rtc_twcc_in_flight(const RtcTwccRing *ring);

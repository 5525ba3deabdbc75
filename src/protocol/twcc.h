// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) and the ring of sent
// packets that it covers. Pure.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |      base sequence number     |      packet status count      |   behind the two SSRCs of a
//  |        reference time, 64 ms, signed          | feedback count|   feedback packet (RFC 4585)
//  |          chunk of statuses    | …             |  deltas of 250 us: 8 bits or 16, signed | …

#include "protocol/rtcp.h"

#define PROTOCOL_TWCC_RING 512           // packets
#define PROTOCOL_TWCC_MAX_STATUSES 8192u // about 30 s of media

typedef struct {
    uint16_t sequence;     // next
    unsigned left;         // statuses
    int64_t time_us;       // last arrival, receiver's clock
    const uint8_t *chunks; // next
    const uint8_t *deltas; // next
    const uint8_t *end;
    uint16_t chunk;         // current
    unsigned taken, length; // in `chunk`
} ProtocolTwcc;

/* -EBADMSG: incomplete, reserved or over PROTOCOL_TWCC_MAX_STATUSES. Borrows `packet`. */
int protocol_twcc_open(const ProtocolRtcp *packet, ProtocolTwcc *out);

typedef struct {
    uint16_t sequence;
    bool received;
    int64_t arrival_us; // receiver's clock
} ProtocolTwccStatus;

/* False at the end. */
bool protocol_twcc_next(ProtocolTwcc *twcc, ProtocolTwccStatus *out);

/* Recently sent packets. */
typedef struct {
    uint64_t next;    // low 16 bits: sequence number
    uint64_t covered; // first without feedback
    uint32_t bytes;   // modulo 2^32
    struct {
        uint32_t sent_us; // low bits
        uint32_t bytes;   // before this packet
    } sent[PROTOCOL_TWCC_RING];
} ProtocolTwccRing;

/* Returns the sequence number. */
uint16_t protocol_twcc_sent(ProtocolTwccRing *ring, uint32_t bytes, int64_t now_us);

/* Covers all packets up to `sequence`. False: unknown or covered before. */
bool protocol_twcc_cover(ProtocolTwccRing *ring, uint16_t sequence, int64_t now_us,
                         int64_t *out_sent_us, uint32_t *out_bytes);

/* Bytes without feedback. */
uint32_t protocol_twcc_in_flight(const ProtocolTwccRing *ring);

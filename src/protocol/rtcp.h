// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RTCP: SR, RR, SDES, BYE (RFC 3550 section 6), NACK and PLI (RFC 4585 6.2.1, 6.3.1), FIR (RFC 5104
// 4.3.1), REMB. Pure.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |V=2|P| count   |     type      |   length in words, less one   |
//  |                     SSRC of the sender                        |
//  | body …

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_RTCP_MAX_BYTES 1280

typedef enum {
    PROTOCOL_RTCP_SR = 200,
    PROTOCOL_RTCP_RR = 201,
    PROTOCOL_RTCP_SDES = 202,
    PROTOCOL_RTCP_BYE = 203,
    PROTOCOL_RTCP_RTPFB = 205,
    PROTOCOL_RTCP_PSFB = 206,
} ProtocolRtcpType;

#define PROTOCOL_RTCP_NACK 1  // of RTPFB
#define PROTOCOL_RTCP_TWCC 15 // of RTPFB
#define PROTOCOL_RTCP_PLI 1   // of PSFB
#define PROTOCOL_RTCP_FIR 4   // of PSFB
#define PROTOCOL_RTCP_AFB 15  // of PSFB, REMB

typedef struct {
    uint8_t type;
    uint8_t count; // or feedback format
    uint32_t sender;
    const uint8_t *body; // after `sender`; borrowed
    size_t size;         // without padding
} ProtocolRtcp;

/* Checks versions, lengths, padding only in the last packet, report or feedback (RFC 5506) first. 0
 * or -EBADMSG. */
int protocol_rtcp_check(const uint8_t *data, size_t size);

/* Of a checked compound; false at its end. */
bool protocol_rtcp_next(const uint8_t *data, size_t size, size_t *at, ProtocolRtcp *out);

/* Media SSRC of RTPFB and PSFB; 0: none. */
uint32_t protocol_rtcp_media(const ProtocolRtcp *packet);

/* Entry `n`: a sequence number and a mask of the next 16. */
bool protocol_rtcp_nack(const ProtocolRtcp *packet, unsigned n, uint16_t *out_first,
                        uint16_t *out_mask);

/* bit/s (draft-alvestrand-rmcat-remb-03 2), capped. */
bool protocol_rtcp_remb(const ProtocolRtcp *packet, uint32_t *out_bitrate);

/* RFC 3550 6.4.1 */
typedef struct {
    uint32_t ssrc;
    uint8_t fraction; // lost/256
    uint32_t last;    // middle bits of the last report's `ntp`; 0: none
    uint32_t delay;   // since `last`, 1/65536 s
} ProtocolReportBlock;

/* False past the last. */
bool protocol_rtcp_block(const ProtocolRtcp *packet, unsigned n, ProtocolReportBlock *out);

/* PLI or FIR. */
bool protocol_rtcp_wants_key(const ProtocolRtcp *packet, uint32_t ssrc);

/* BYE. */
bool protocol_rtcp_leaves(const ProtocolRtcp *packet, uint32_t ssrc);

typedef struct {
    uint32_t ssrc;
    uint64_t ntp; // RFC 3550 4
    uint32_t rtp_time;
    uint32_t packets, bytes;
    const char *cname;
    bool bye;
} ProtocolSenderReport;

/* SR, SDES with CNAME, optional BYE. Returns the size. */
size_t protocol_rtcp_write(const ProtocolSenderReport *report,
                           uint8_t out[PROTOCOL_RTCP_MAX_BYTES]);

/* From microseconds since 1970. */
uint64_t protocol_rtcp_ntp(int64_t wall_us);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RTCP: SR, RR, SDES, BYE (RFC 3550 section 6), NACK and PLI (RFC 4585 6.2.1, 6.3.1), FIR (RFC 5104
// 4.3.1), REMB. Pure functions; any thread.
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  |V=2|P| count   |     type      |   length in words, less one   |
//  |                     SSRC of the sender                        |
//  | body …

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTC_RTCP_MAX_BYTES 1280

typedef enum {
    RTC_RTCP_SR = 200,
    RTC_RTCP_RR = 201,
    RTC_RTCP_SDES = 202,
    RTC_RTCP_BYE = 203,
    RTC_RTCP_RTPFB = 205,
    RTC_RTCP_PSFB = 206,
} RtcRtcpType;

#define RTC_RTCP_NACK 1  // of RTPFB
#define RTC_RTCP_TWCC 15 // of RTPFB, see rtc/twcc.h
#define RTC_RTCP_PLI 1   // of PSFB
#define RTC_RTCP_FIR 4   // of PSFB
#define RTC_RTCP_AFB 15  // of PSFB: REMB among others

/* One packet of a compound. */
typedef struct {
    uint8_t type;
    uint8_t count;       // report blocks, sources, or the feedback's format
    uint32_t sender;     // SSRC
    const uint8_t *body; // behind the sender's SSRC, borrowed
    size_t size;         // without padding
} RtcRtcp;

/* The whole compound is well-formed: versions, lengths that add up, padding in the last only, a
 * report or (RFC 5506) feedback first. 0, or -EBADMSG. */
int rtc_rtcp_check(const uint8_t *data, size_t size);

/* The packet at *at of a compound that was checked; false at its end. */
bool rtc_rtcp_next(const uint8_t *data, size_t size, size_t *at, RtcRtcp *out);

/* RTPFB and PSFB: the SSRC that is meant (PLI, NACK). 0 where the packet has none. */
uint32_t rtc_rtcp_media(const RtcRtcp *packet);

/* The n-th entry of a NACK: 16 bits of sequence number and 16 of those after it. */
bool rtc_rtcp_nack(const RtcRtcp *packet, unsigned n, uint16_t *out_first, uint16_t *out_mask);

/* REMB (draft-alvestrand-rmcat-remb-03 section 2): true and bit/s, at most UINT32_MAX. */
bool rtc_rtcp_remb(const RtcRtcp *packet, uint32_t *out_bitrate);

/* A report block (RFC 3550 6.4.1). */
typedef struct {
    uint32_t ssrc;
    uint8_t fraction; // lost of 256
    uint32_t last;    // middle bits of the NTP time of the last sender report; 0: none came
    uint32_t delay;   // since then, in 1/65536 s
} RtcReportBlock;

/* The n-th block of an SR or RR; false past the last. */
bool rtc_rtcp_block(const RtcRtcp *packet, unsigned n, RtcReportBlock *out);

/* A PLI or FIR for this SSRC. */
bool rtc_rtcp_wants_key(const RtcRtcp *packet, uint32_t ssrc);

/* True when a BYE names this SSRC. */
bool rtc_rtcp_leaves(const RtcRtcp *packet, uint32_t ssrc);

typedef struct {
    uint32_t ssrc;
    uint64_t ntp; // RFC 3550 section 4: seconds since 1900 in 32.32
    uint32_t rtp_time;
    uint32_t packets, bytes;
    const char *cname;
    bool bye;
} RtcSenderReport;

/* SR, SDES with CNAME and, with `bye`, a BYE. Their size. */
size_t rtc_rtcp_write(const RtcSenderReport *report, uint8_t out[RTC_RTCP_MAX_BYTES]);

/* Wall clock in microseconds since 1970 to NTP. */
uint64_t rtc_rtcp_ntp(int64_t wall_us);

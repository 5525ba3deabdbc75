// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The seam of the egress: an array of {viewer's path, shared payload} is given headers, encrypted
// and sent; jobs of one path and one size that follow each other leave as one message of segments,
// where the kernel takes it. One out thread each; they share the socket.

#include "rtc/socket.h"
#include "rtc/srtp.h"

#include "media/rtp.h"

#include <stdatomic.h>

/* Of a server; written by the sending threads once a batch. */
typedef struct {
    atomic_uint_fast64_t packets, bytes, drops, resent, bad;
    atomic_uint_fast64_t switched, paused; // viewers' renditions, times
    atomic_uint viewers, connected;
} RtcCounters;

/* Where a viewer is and with which keys it is served. */
typedef struct {
    RtcAddress to;
    RtcSrtpOut *srtp;
    bool plain; // set by sending: this way takes datagrams only one by one
} RtcPath;

/* A job for an SSRC and index that were sent before must equal that job, `transport` too: see
 * rtc_srtp_protect(). */
typedef struct {
    RtcPath *path;
    const MediaPackets *packets; // borrowed until the flush
    uint32_t packet;             // which of them
    uint64_t index;              // roll-over counter and sequence number
    uint32_t ssrc;
    uint32_t rtp_offset; // the viewer's, added to the shared time
    uint8_t format;      // payload type
    uint8_t extension;   // id of the transport-wide sequence number (RFC 8285 4.2), 0: none
    uint16_t transport;  // its value
    bool rtx;            // RFC 4588: `original` stands before the payload
    uint16_t original;   // sequence number of the packet that is sent again
    bool *out_lost;      // nullable; set when the socket did not take it
} RtcSendJob;

typedef struct RtcSend RtcSend;

/* Full ownership. */
RtcSend *rtc_send_new(RtcSocket *socket, RtcCounters *counters);
void rtc_send_free(RtcSend *send);

/* Adds a job; sends when a batch of them is there. */
void rtc_send_add(RtcSend *send, const RtcSendJob *job);
void rtc_send_flush(RtcSend *send);

/* False: what is sent now but for sound would take the room that is kept for others (answers to
 * STUN, sound). */
bool rtc_send_has_room(RtcSend *send);

/* Counts packets that are left out because their frame is lost already. */
void rtc_send_skip(RtcSend *send, uint32_t packets);

/* An RTCP compound of at most 1280 - RTC_SRTCP_MAX_TRAILER_BYTES, encrypted and sent at once. */
void rtc_send_rtcp(RtcSend *send, const RtcPath *path, const uint8_t *bytes, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcSend, rtc_send_free)

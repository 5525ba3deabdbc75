// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Adds headers to shared payloads, encrypts, sends in batches; equal-sized packets of a path as one
// segmented message. One per out thread.

#include "rtc/transport.h"
#include "protocol/srtp.h"

#include "base/histogram.h"
#include "media/rtp.h"

#include <stdatomic.h>

typedef struct {
    atomic_uint_fast64_t packets, bytes, drops, resent, bad;
    atomic_uint_fast64_t switched, paused;
    atomic_uint viewers, connected;
    BaseHistogram join;
} RtcCounters;

typedef struct {
    ProtocolAddress to;
    ProtocolSrtpOut *srtp;
    bool plain; // no segmented messages
} RtcPath;

/* Same SSRC and index: identical job, see protocol_srtp_protect(). */
typedef struct {
    RtcPath *path;               // borrowed until flushed
    const MediaPackets *packets; // borrowed until flushed; NULL: a protected `report`
    const uint8_t *report;
    size_t report_size;
    uint32_t packet;
    uint64_t index; // roll-over counter and sequence number
    uint32_t ssrc;
    uint32_t rtp_offset; // added to RTP time
    uint8_t format;      // payload type
    uint8_t extension;   // id (RFC 8285 4.2); 0: none
    uint16_t transport;  // transport-wide sequence number
    bool rtx;            // prepends `original` (RFC 4588)
    uint16_t original;
    bool *out_lost; // refused by the socket; nullable
} RtcSendJob;

typedef struct RtcSend RtcSend;

RtcSend *rtc_send_new(RtcTransport *transport, RtcCounters *counters);
void rtc_send_free(RtcSend *send);

/* Flushes when a batch is full. */
void rtc_send_add(RtcSend *send, const RtcSendJob *job);
void rtc_send_flush(RtcSend *send);

/* False: hold video; the rest is for STUN, DTLS, audio. */
bool rtc_send_has_room(RtcSend *send);

/* Counts packets dropped after a loss in their frame. */
void rtc_send_skip(RtcSend *send, uint32_t packets);

/* A compound of at most RTC_SEND_RTCP_BYTES; flushes when there are many. */
#define RTC_SEND_RTCP_BYTES 512
void rtc_send_rtcp(RtcSend *send, RtcPath *path, const uint8_t *bytes, size_t size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtcSend, rtc_send_free)

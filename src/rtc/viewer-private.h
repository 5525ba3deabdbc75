// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A viewer's inside, for viewer.c (what goes out) and feedback.c (what comes back).

#include "rtc/adapt.h"
#include "rtc/estimate.h"
#include "rtc/resend.h"
#include "rtc/twcc.h"
#include "rtc/viewer.h"

#define RTC_NO_TRACK UINT8_MAX
#define RTC_PACKET_OVERHEAD_BYTES 56 // IPv4, UDP, RTP and the authentication tag

/* One RTP stream to one viewer. */
typedef struct {
    RtcFlowSetup setup;
    uint8_t track; // what is being sent, or RTC_NO_TRACK
    bool lost;     // the socket refused a packet of the frame being sent
    uint32_t rtp_offset;
    uint32_t packets, bytes; // RFC 3550 6.4.1
    int64_t reported_us;
    uint32_t reported_ntp; // middle bits, as they come back in report blocks
} RtcFlow;

struct RtcViewer {
    RtcPath path;
    RtcViewerSetup setup;
    RtcFlow video, audio;
    uint64_t audio_next,
        rtx_next; // roll-over counter and sequence number; the video's: resend.next
    // where the video is in the shared history of video.track
    uint64_t unit;
    uint32_t packet;    // of the unit, the next to be sent
    int64_t sent_us;    // pts of the newest frame that was begun, INT64_MIN: none
    int64_t patient_us; // until then it asks for no key frame
    // what it is to be
    uint8_t wanted;                     // rendition to go on with at its next key frame
    uint8_t ladder[RTC_MAX_RENDITIONS]; // track ids, largest first
    unsigned n_ladder;
    RtcAdapt adapt;
    // what comes back
    RtcResend resend;
    RtcEstimate estimate;
    RtcTwccRing transport;
    uint32_t window;                       // bytes that may be in flight
    int64_t started_us, told_us, rtt_us;   // 0: not yet
    int64_t moved_us;                      // what was sent before says nothing of this way
    uint32_t report_packets, report_bytes; // video's at the last report block
    int64_t report_us;
    int64_t remb_low_us; // since when REMB is below what is sent, 0: it is not
};

bool rtc_viewer_allowed(const RtcViewer *viewer, const RtcFeed *feed, int64_t pts_us);

/* Fills in what a job has of its stream; packet, index and what is particular are there already. */
void rtc_viewer_fill(RtcViewer *viewer, RtcSendJob *job, const RtcFlowSetup *setup,
                     uint32_t rtp_offset);

/* A new packet for the transport-wide numbers, where the stream carries them. */
void rtc_viewer_number(RtcViewer *viewer, RtcSendJob *job, int64_t now_us);

/* A verdict on the way: takes the rendition down, or pauses, where it does not fit. */
void rtc_viewer_judge(RtcViewer *viewer, const RtcFeed *feed, const RtcVerdict *verdict,
                      int64_t now_us);

/* bit/s of a track, with headers. */
uint32_t rtc_feed_need(const RtcFeed *feed, uint8_t track);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shared by viewer.c and feedback.c.

#include "rtc/bandwidth/adapt.h"
#include "rtc/bandwidth/estimate.h"
#include "rtc/resend.h"
#include "protocol/twcc.h"
#include "rtc/viewer.h"

#define RTC_NO_TRACK UINT8_MAX
#define RTC_PACKET_OVERHEAD_BYTES 56 // IPv4, UDP, RTP, tag

/* An RTP stream. */
typedef struct {
    RtcFlowSetup setup;
    uint8_t track; // or RTC_NO_TRACK
    bool lost;     // lost a packet of this frame
    uint32_t rtp_offset;
    uint32_t packets, bytes; // RFC 3550 6.4.1
    int64_t reported_us;
    uint32_t reported_ntp; // middle bits
} RtcFlow;

struct RtcViewer {
    RtcPath path;
    RtcViewerSetup setup;
    RtcFlow video, audio;
    uint64_t audio_next,
        rtx_next;        // video: resend.next
    uint64_t audio_unit; // next in the history of audio.track
    // in the history of video.track
    uint64_t unit;
    uint32_t packet;                    // next in `unit`
    int64_t sent_us;                    // pts of the newest frame; INT64_MIN: none
    int64_t patient_us;                 // no key-frame requests before
    bool joining;                       // no video yet, although the gate was open
    uint8_t wanted;                     // starts at its next key frame
    uint8_t ladder[RTC_MAX_RENDITIONS]; // tracks, largest first
    unsigned n_ladder;
    RtcAdapt adapt;
    RtcResend resend;
    RtcEstimate estimate;
    ProtocolTwccRing transport;
    uint32_t window;                         // bytes in flight, limit
    uint32_t run;                            // of the tracks
    int64_t look_us;                         // next look for due reports
    int64_t started_us, feedback_us, rtt_us; // 0: none
    int64_t moved_us;                        // ignores earlier packets' feedback
    uint32_t report_packets, report_bytes;   // at the last report block
    int64_t report_us;
    int64_t asked_us;      // last key-frame request; 0: never
    int64_t key_bucket_us; // leaky bucket of key-frame requests
    int64_t remb_low_us;   // REMB too low since; 0: not
};

bool rtc_viewer_allowed(const RtcViewer *viewer, const RtcProgramme *programme, int64_t pts_us);

/* Stream fields only. */
void rtc_viewer_fill(RtcViewer *viewer, RtcSendJob *job, const RtcFlowSetup *setup,
                     uint32_t rtp_offset);

/* Transport-wide sequence number. */
void rtc_viewer_number(RtcViewer *viewer, RtcSendJob *job, int64_t now_us);

void rtc_viewer_judge(RtcViewer *viewer, const RtcProgramme *programme, const RtcVerdict *verdict,
                      int64_t now_us);

/* bit/s, with headers. */
uint32_t rtc_programme_need(const RtcProgramme *programme, uint8_t track);

// SPDX-License-Identifier: GPL-3.0-or-later
// Handles a viewer's RTCP: NACK, key-frame requests, bandwidth feedback, reports.
#include "rtc/viewer-private.h"

#define MAX_WINDOW_BYTES (1024u * 1024)
#define MIN_WINDOW_BYTES (8u * 1024)
#define WINDOW_SHARE 3                 // 1/3 s of a full path
#define GUARD_US (20 * BASE_US_PER_MS) // unknown round trip
#define MIN_GUARD_US (5 * BASE_US_PER_MS)
#define MAX_GUARD_US (400 * BASE_US_PER_MS)
#define REMB_SHARE 0.85 // of the sent rate: lower is congestion
#define REMB_LOW_US (1500 * BASE_US_PER_MS)
#define REMB_START_US (3 * BASE_US_PER_S) // REMB starts low and grows
/* Key frames cost everyone quality: a viewer gets a burst, then the grid's rate. */
#define KEY_EVERY_US (2 * BASE_US_PER_S)
#define KEY_BURST 3
#define KEY_REPEAT_US (500 * BASE_US_PER_MS) // counts as one request

static const MediaItem *sent_unit(const RtcViewer *viewer, const RtcProgramme *programme,
                                  const RtcSent *sent)
{
    uint64_t next = media_history_next(programme->history, sent->track);
    uint64_t number = next - (uint32_t)((uint32_t)next - sent->unit);
    const MediaItem *unit = media_history_get(programme->history, sent->track, number);
    bool ok = unit != NULL && unit->packets != NULL && sent->packet < unit->packets->count &&
              rtc_viewer_allowed(viewer, programme, unit->pts_us);
    return ok ? unit : NULL;
}

/* An earlier resend cannot be missed yet. */
static int64_t guard_us(const RtcViewer *viewer)
{
    int64_t most_of_it_us = viewer->rtt_us * 3 / 4;
    return viewer->rtt_us == 0 ? GUARD_US : CLAMP(most_of_it_us, MIN_GUARD_US, MAX_GUARD_US);
}

static void send_again(RtcViewer *viewer, RtcSend *send, const MediaItem *unit, const RtcSent *sent,
                       uint64_t number, int64_t now_us)
{
    RtcSendJob job = {.packets = unit->packets, .packet = sent->packet, .index = number};
    const RtcViewerSetup *setup = &viewer->setup;
    if (setup->rtx.wanted) {
        job.index = viewer->rtx_next++;
        job.rtx = true;
        job.original = (uint16_t)number;
        rtc_viewer_fill(viewer, &job, &setup->rtx, viewer->video.rtp_offset);
        rtc_viewer_number(viewer, &job, now_us);
    } else { // bit-identical, as an SRTP index must not be reused
        rtc_viewer_fill(viewer, &job, &setup->video, viewer->video.rtp_offset);
        job.transport = sent->transport;
    }
    rtc_send_add(send, &job);
}

/* Returns packets sent: two if lost before, as receivers' NACKs are 100 ms apart. */
static unsigned resend(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                       uint16_t sequence, int64_t now_us)
{
    uint64_t number;
    RtcSent *sent = rtc_resend_find(&viewer->resend, sequence, &number);
    const MediaItem *unit = sent != NULL ? sent_unit(viewer, programme, sent) : NULL;
    if (unit == NULL || !rtc_send_has_room(send)) {
        return 0;
    }
    unsigned copies = sent->again ? 2 : 1;
    // with headers, against floods of tiny packets
    uint32_t bytes = unit->packets->packets[sent->packet].size + RTC_PACKET_OVERHEAD_BYTES;
    if (!rtc_resend_take(&viewer->resend, sent, copies * bytes, guard_us(viewer), now_us)) {
        return 0;
    }
    for (unsigned i = 0; i < copies; i++) {
        send_again(viewer, send, unit, sent, number, now_us);
    }
    return copies;
}

static unsigned answer_nack(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                            const ProtocolRtcp *packet, int64_t now_us)
{
    unsigned resent = 0;
    uint16_t first, mask;
    for (unsigned n = 0; protocol_rtcp_nack(packet, n, &first, &mask); n++) {
        resent += resend(viewer, programme, send, first, now_us);
        for (unsigned bit = 0; bit < 16; bit++) {
            if ((mask >> bit & 1) != 0) {
                resent += resend(viewer, programme, send, (uint16_t)(first + 1 + bit), now_us);
            }
        }
    }
    return resent;
}

static void judge(RtcViewer *viewer, const RtcProgramme *programme, const RtcVerdict *verdict,
                  int64_t now_us)
{
    if (verdict->full) {
        viewer->window =
            CLAMP(verdict->rate / 8 / WINDOW_SHARE, MIN_WINDOW_BYTES, MAX_WINDOW_BYTES);
    }
    rtc_viewer_judge(viewer, programme, verdict, now_us);
}

static void take_transport(RtcViewer *viewer, const RtcProgramme *programme,
                           const ProtocolRtcp *packet, int64_t now_us)
{
    ProtocolTwcc twcc;
    if (viewer->setup.video.extension == 0 || protocol_twcc_open(packet, &twcc) < 0) {
        return; // covers audio only
    }
    ProtocolTwccStatus status;
    int64_t sent_us;
    uint32_t bytes, arrived = 0;
    while (protocol_twcc_next(&twcc, &status)) {
        if (!protocol_twcc_cover(&viewer->transport, status.sequence, now_us, &sent_us, &bytes)) {
            continue;
        }
        if (sent_us < viewer->moved_us) {
            continue;
        }
        if (status.received) {
            arrived += bytes;
            rtc_estimate_received(&viewer->estimate, sent_us, status.arrival_us, bytes, now_us);
        } else {
            rtc_estimate_lost(&viewer->estimate, now_us);
        }
    }
    viewer->feedback_us = now_us;
    RtcVerdict verdict;
    bool closed = rtc_estimate_close(&viewer->estimate, now_us, &verdict);
    if (closed) {
        judge(viewer, programme, &verdict, now_us);
    }
    if (now_us - viewer->adapt.full_us > BASE_US_PER_S) {
        viewer->window = MIN(viewer->window + arrived, MAX_WINDOW_BYTES);
    }
}

static void take_remb(RtcViewer *viewer, const RtcProgramme *programme, uint32_t bitrate,
                      int64_t now_us)
{
    uint32_t need = rtc_programme_need(programme, viewer->video.track);
    bool low = need != 0 && bitrate < need * REMB_SHARE;
    if (!low || viewer->remb_low_us == 0) {
        viewer->remb_low_us = low ? now_us : 0;
    }
    bool lasting = low && now_us - viewer->remb_low_us >= REMB_LOW_US &&
                   now_us - viewer->started_us >= REMB_START_US;
    RtcVerdict verdict = {.full = lasting, .rate = bitrate};
    judge(viewer, programme, &verdict, now_us);
}

static void take_round_trip(RtcViewer *viewer, const RtcFlow *flow,
                            const ProtocolReportBlock *block, int64_t now_us)
{
    if (block->last == 0 || block->last != flow->reported_ntp) {
        return;
    }
    int64_t delay_us = (int64_t)((uint64_t)block->delay * BASE_US_PER_S / 65536);
    int64_t rtt_us = now_us - flow->reported_us - delay_us;
    if (rtt_us > 0 && rtt_us < 10 * BASE_US_PER_S) {
        viewer->rtt_us = viewer->rtt_us == 0 ? rtt_us : (viewer->rtt_us * 7 + rtt_us) / 8;
    }
}

static void take_loss(RtcViewer *viewer, const RtcProgramme *programme,
                      const ProtocolReportBlock *block, int64_t now_us)
{
    const RtcFlow *video = &viewer->video;
    uint32_t packets = video->packets - viewer->report_packets;
    uint64_t bytes = video->bytes - viewer->report_bytes;
    int64_t span_us = now_us - (viewer->report_us != 0 ? viewer->report_us : viewer->started_us);
    RtcVerdict verdict;
    if (rtc_estimate_report(&viewer->estimate, block->fraction, packets,
                            bytes + (uint64_t)packets * RTC_PACKET_OVERHEAD_BYTES, span_us,
                            &verdict)) {
        verdict.rate += rtc_programme_need(programme, viewer->audio.track); // needs include audio
        judge(viewer, programme, &verdict, now_us);
    }
    viewer->report_packets = video->packets;
    viewer->report_bytes = video->bytes;
    viewer->report_us = now_us;
}

static void take_blocks(RtcViewer *viewer, const RtcProgramme *programme,
                        const ProtocolRtcp *packet, int64_t now_us)
{
    ProtocolReportBlock block;
    for (unsigned n = 0; protocol_rtcp_block(packet, n, &block); n++) {
        if (block.ssrc == viewer->audio.setup.ssrc) {
            take_round_trip(viewer, &viewer->audio, &block, now_us);
        } else if (block.ssrc == viewer->video.setup.ssrc) {
            take_round_trip(viewer, &viewer->video, &block, now_us);
            if (viewer->setup.video.extension == 0 && !viewer->setup.remb) {
                take_loss(viewer, programme, &block, now_us);
            }
        }
    }
}

static bool admit_key_request(RtcViewer *viewer, int64_t now_us)
{
    if (viewer->asked_us != 0 && now_us - viewer->asked_us < KEY_REPEAT_US) {
        return true;
    }
    if (viewer->key_bucket_us - now_us > (KEY_BURST - 1) * KEY_EVERY_US) {
        return false;
    }
    viewer->asked_us = now_us;
    viewer->key_bucket_us = MAX(viewer->key_bucket_us, now_us) + KEY_EVERY_US;
    return true;
}

static void want_key(RtcViewer *viewer, const RtcProgramme *programme, int64_t now_us)
{
    // useless behind a closed gate
    if (viewer->wanted != RTC_NO_TRACK &&
        rtc_viewer_allowed(viewer, programme, programme->newest_us) &&
        admit_key_request(viewer, now_us)) {
        programme->want_key(programme->data, viewer->wanted, now_us);
    }
}

unsigned rtc_viewer_feedback(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                             const uint8_t *bytes, size_t size, int64_t now_us)
{
    const RtcFlowSetup *video = &viewer->setup.video;
    unsigned resent = 0;
    uint32_t bitrate;
    ProtocolRtcp packet;
    const MediaTrack *track =
        viewer->video.track != RTC_NO_TRACK ? programme->tracks[viewer->video.track] : NULL;
    if (track != NULL) {
        rtc_resend_fill(&viewer->resend, track->info.bitrate, now_us);
    }
    for (size_t at = 0; protocol_rtcp_next(bytes, size, &at, &packet);) {
        if (protocol_rtcp_wants_key(&packet, video->ssrc)) {
            want_key(viewer, programme, now_us);
        } else if (viewer->setup.remb && protocol_rtcp_remb(&packet, &bitrate)) {
            take_remb(viewer, programme, bitrate, now_us);
        } else if (packet.type == PROTOCOL_RTCP_RTPFB && packet.count == PROTOCOL_RTCP_TWCC) {
            take_transport(viewer, programme, &packet, now_us);
        } else if (packet.type == PROTOCOL_RTCP_RTPFB &&
                   protocol_rtcp_media(&packet) == video->ssrc) {
            resent += track != NULL ? answer_nack(viewer, programme, send, &packet, now_us) : 0;
        } else {
            take_blocks(viewer, programme, &packet, now_us);
        }
    }
    return resent;
}

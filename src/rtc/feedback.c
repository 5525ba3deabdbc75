// SPDX-License-Identifier: GPL-3.0-or-later
// What a viewer says: what it lost, how its way is, that it needs a key frame.
#include "rtc/viewer-private.h"

#define MAX_WINDOW_BYTES (1024u * 1024)
#define MIN_WINDOW_BYTES (8u * 1024)
#define WINDOW_SHARE 3                 // of a second, of what a full way carries
#define GUARD_US (20 * BASE_US_PER_MS) // round trip not known
#define MIN_GUARD_US (5 * BASE_US_PER_MS)
#define MAX_GUARD_US (400 * BASE_US_PER_MS)
#define REMB_SHARE 0.85 // below this of what is sent it is too low
#define REMB_LOW_US (1500 * BASE_US_PER_MS)
#define REMB_START_US (3 * BASE_US_PER_S) // its estimate grows from small at first

static const MediaItem *sent_unit(const RtcViewer *viewer, const RtcFeed *feed, const RtcSent *sent)
{
    uint64_t next = media_history_next(feed->history, sent->track);
    uint64_t number = next - (uint32_t)((uint32_t)next - sent->unit);
    const MediaItem *unit = media_history_get(feed->history, sent->track, number);
    bool ok = unit != NULL && unit->packets != NULL && sent->packet < unit->packets->count &&
              rtc_viewer_allowed(viewer, feed, unit->pts_us);
    return ok ? unit : NULL;
}

/* Before a second resend of a packet makes sense, the first must have been missed again. */
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
    } else { // the same packet to the last bit: one number must not authenticate two headers
        rtc_viewer_fill(viewer, &job, &setup->video, viewer->video.rtp_offset);
        job.transport = sent->transport;
    }
    rtc_send_add(send, &job);
}

/* How many packets went. One that is asked for again was lost twice, and a receiver waits 100 ms
 * before it asks once more: then two go. */
static unsigned resend(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, uint16_t sequence,
                       int64_t now_us)
{
    uint64_t number;
    RtcSent *sent = rtc_resend_find(&viewer->resend, sequence, &number);
    const MediaItem *unit = sent != NULL ? sent_unit(viewer, feed, sent) : NULL;
    if (unit == NULL || !rtc_send_has_room(send)) {
        return 0;
    }
    unsigned copies = sent->again ? 2 : 1;
    // on the wire it weighs its headers too, which a flood of tiny packets would be made of
    uint32_t bytes = unit->packets->packets[sent->packet].size + RTC_PACKET_OVERHEAD_BYTES;
    if (!rtc_resend_take(&viewer->resend, sent, copies * bytes, guard_us(viewer), now_us)) {
        return 0;
    }
    for (unsigned i = 0; i < copies; i++) {
        send_again(viewer, send, unit, sent, number, now_us);
    }
    return copies;
}

static unsigned answer_nack(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send,
                            const RtcRtcp *packet, int64_t now_us)
{
    unsigned resent = 0;
    uint16_t first, mask;
    for (unsigned n = 0; rtc_rtcp_nack(packet, n, &first, &mask); n++) {
        resent += resend(viewer, feed, send, first, now_us);
        for (unsigned bit = 0; bit < 16; bit++) {
            if ((mask >> bit & 1) != 0) {
                resent += resend(viewer, feed, send, (uint16_t)(first + 1 + bit), now_us);
            }
        }
    }
    return resent;
}

static void judge(RtcViewer *viewer, const RtcFeed *feed, const RtcVerdict *verdict, int64_t now_us)
{
    if (verdict->full) {
        viewer->window =
            CLAMP(verdict->rate / 8 / WINDOW_SHARE, MIN_WINDOW_BYTES, MAX_WINDOW_BYTES);
    }
    rtc_viewer_judge(viewer, feed, verdict, now_us);
}

static void take_transport(RtcViewer *viewer, const RtcFeed *feed, const RtcRtcp *packet,
                           int64_t now_us)
{
    RtcTwcc twcc;
    if (viewer->setup.video.extension == 0 || rtc_twcc_open(packet, &twcc) < 0) {
        return; // of sound alone it says nothing of the video
    }
    RtcTwccStatus status;
    int64_t sent_us;
    uint32_t bytes, arrived = 0;
    while (rtc_twcc_next(&twcc, &status)) {
        if (!rtc_twcc_cover(&viewer->transport, status.sequence, now_us, &sent_us, &bytes)) {
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
    viewer->told_us = now_us;
    RtcVerdict verdict;
    bool closed = rtc_estimate_close(&viewer->estimate, now_us, &verdict);
    if (closed) {
        judge(viewer, feed, &verdict, now_us);
    }
    if (now_us - viewer->adapt.full_us > BASE_US_PER_S) {
        viewer->window = MIN(viewer->window + arrived, MAX_WINDOW_BYTES);
    }
}

static void take_remb(RtcViewer *viewer, const RtcFeed *feed, uint32_t bitrate, int64_t now_us)
{
    uint32_t need = rtc_feed_need(feed, viewer->video.track);
    bool low = need != 0 && bitrate < need * REMB_SHARE;
    if (!low || viewer->remb_low_us == 0) {
        viewer->remb_low_us = low ? now_us : 0;
    }
    bool lasting = low && now_us - viewer->remb_low_us >= REMB_LOW_US &&
                   now_us - viewer->started_us >= REMB_START_US;
    RtcVerdict verdict = {.full = lasting, .rate = bitrate};
    judge(viewer, feed, &verdict, now_us);
}

static void take_round_trip(RtcViewer *viewer, const RtcFlow *flow, const RtcReportBlock *block,
                            int64_t now_us)
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

/* Where nothing better is said, the loss of the video in reports tells how its way is. */
static void take_loss(RtcViewer *viewer, const RtcFeed *feed, const RtcReportBlock *block,
                      int64_t now_us)
{
    const RtcFlow *video = &viewer->video;
    uint32_t packets = video->packets - viewer->report_packets;
    uint64_t bytes = video->bytes - viewer->report_bytes;
    int64_t span_us = now_us - (viewer->report_us != 0 ? viewer->report_us : viewer->started_us);
    RtcVerdict verdict;
    if (rtc_estimate_report(&viewer->estimate, block->fraction, packets,
                            bytes + (uint64_t)packets * RTC_PACKET_OVERHEAD_BYTES, span_us,
                            &verdict)) {
        verdict.rate += rtc_feed_need(feed, viewer->audio.track); // what is needed has it too
        judge(viewer, feed, &verdict, now_us);
    }
    viewer->report_packets = video->packets;
    viewer->report_bytes = video->bytes;
    viewer->report_us = now_us;
}

static void take_blocks(RtcViewer *viewer, const RtcFeed *feed, const RtcRtcp *packet,
                        int64_t now_us)
{
    RtcReportBlock block;
    for (unsigned n = 0; rtc_rtcp_block(packet, n, &block); n++) {
        if (block.ssrc == viewer->audio.setup.ssrc) {
            take_round_trip(viewer, &viewer->audio, &block, now_us);
        } else if (block.ssrc == viewer->video.setup.ssrc) {
            take_round_trip(viewer, &viewer->video, &block, now_us);
            if (viewer->setup.video.extension == 0 && !viewer->setup.remb) {
                take_loss(viewer, feed, &block, now_us);
            }
        }
    }
}

static void want_key(const RtcViewer *viewer, const RtcFeed *feed, int64_t now_us)
{
    // one that sees nothing behind the gate is not helped by a key frame
    if (viewer->wanted != RTC_NO_TRACK && rtc_viewer_allowed(viewer, feed, feed->newest_us)) {
        feed->want_key(feed->data, viewer->wanted, now_us);
    }
}

unsigned rtc_viewer_feedback(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send,
                             const uint8_t *bytes, size_t size, int64_t now_us)
{
    const RtcFlowSetup *video = &viewer->setup.video;
    unsigned resent = 0;
    uint32_t bitrate;
    RtcRtcp packet;
    const MediaTrack *track =
        viewer->video.track != RTC_NO_TRACK ? feed->tracks[viewer->video.track] : NULL;
    if (track != NULL) {
        rtc_resend_fill(&viewer->resend, track->info.bitrate, now_us);
    }
    for (size_t at = 0; rtc_rtcp_next(bytes, size, &at, &packet);) {
        if (rtc_rtcp_wants_key(&packet, video->ssrc)) {
            want_key(viewer, feed, now_us);
        } else if (viewer->setup.remb && rtc_rtcp_remb(&packet, &bitrate)) {
            take_remb(viewer, feed, bitrate, now_us);
        } else if (packet.type == RTC_RTCP_RTPFB && packet.count == RTC_RTCP_TWCC) {
            take_transport(viewer, feed, &packet, now_us);
        } else if (packet.type == RTC_RTCP_RTPFB && rtc_rtcp_media(&packet) == video->ssrc) {
            resent += track != NULL ? answer_nack(viewer, feed, send, &packet, now_us) : 0;
        } else {
            take_blocks(viewer, feed, &packet, now_us);
        }
    }
    return resent;
}

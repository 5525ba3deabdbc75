// SPDX-License-Identifier: GPL-3.0-or-later
#include "rtc/viewer.h"

#include "rtc/rtcp.h"

#include "base/clock.h"
#include "base/id.h"

#include <string.h>

#define NO_TRACK UINT8_MAX
#define REPORT_US BASE_US_PER_S
#define RESEND_MASK (RTC_RESEND_WINDOW - 1)

G_STATIC_ASSERT((RTC_RESEND_WINDOW & RESEND_MASK) == 0);

/* One RTP stream to one viewer. */
typedef struct {
    RtcFlowSetup setup;
    uint8_t track;        // its current source, or NO_TRACK
    bool waiting;         // video: for a key frame
    bool lost;            // the socket refused a packet of the frame being sent
    uint64_t first, next; // roll-over counter and sequence number: first sent, next to be sent
    uint32_t rtp_offset;
    uint32_t packets, bytes; // RFC 3550 6.4.1
    int64_t reported_us;
} Flow;

/* Where a sent packet's payload is, to encrypt it again. */
typedef struct {
    uint32_t unit;   // low bits of its number in the track's history
    uint16_t packet; // of the unit
    uint8_t track;
} Sent;

struct RtcViewer {
    RtcPath path;
    RtcViewerSetup setup;
    Flow video, audio;
    int64_t budget_us;            // when the budget was last filled
    uint32_t budget;              // bytes that may be resent now
    Sent sent[RTC_RESEND_WINDOW]; // of the video, by the low bits of `next`
};

static void flow_init(Flow *flow, const RtcFlowSetup *setup)
{
    uint16_t sequence;
    base_random(&sequence, sizeof sequence);
    base_random(&flow->rtp_offset, sizeof flow->rtp_offset);
    flow->setup = *setup;
    flow->track = NO_TRACK;
    flow->waiting = true;
    // in the lower half, so that a receiver which misses the first packets cannot guess the
    // roll-over counter wrong (RFC 3711 3.3.1)
    flow->first = flow->next = sequence & 0x7fff;
}

RtcViewer *rtc_viewer_new(const RtcViewerSetup *setup, const RtcSrtpMaster *keys,
                          const RtcAddress *to)
{
    RtcViewer *viewer = g_new0(RtcViewer, 1);
    viewer->path = (RtcPath){.to = *to, .srtp = rtc_srtp_out_new(keys)};
    viewer->setup = *setup;
    flow_init(&viewer->video, &setup->video);
    flow_init(&viewer->audio, &setup->audio);
    return viewer;
}

void rtc_viewer_free(RtcViewer *viewer)
{
    if (viewer != NULL) {
        rtc_srtp_out_free(viewer->path.srtp);
        g_free(viewer);
    }
}

void rtc_viewer_move(RtcViewer *viewer, const RtcAddress *to)
{
    viewer->path.to = *to;
}

static bool larger(const MediaTrackInfo *a, const MediaTrackInfo *b)
{
    unsigned pixels_a = (unsigned)a->width * a->height, pixels_b = (unsigned)b->width * b->height;
    return pixels_a != pixels_b ? pixels_a > pixels_b : a->bitrate > b->bitrate;
}

const MediaTrack *rtc_choose_video(const MediaTrack *const *tracks, const char *rendition)
{
    const MediaTrack *best = NULL;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (tracks[i] == NULL || tracks[i]->info.codec != MEDIA_H264) {
            continue;
        }
        if (rendition[0] != '\0' && strcmp(tracks[i]->info.name, rendition) == 0) {
            return tracks[i];
        }
        if (best == NULL || larger(&tracks[i]->info, &best->info)) {
            best = tracks[i];
        }
    }
    return best;
}

const MediaTrack *rtc_choose_audio(const MediaTrack *const *tracks, const char *language)
{
    const MediaTrack *first = NULL;
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (tracks[i] == NULL || tracks[i]->info.codec != MEDIA_OPUS) {
            continue;
        }
        if (language[0] != '\0' && (strcmp(tracks[i]->info.language, language) == 0 ||
                                    strcmp(tracks[i]->info.name, language) == 0)) {
            return tracks[i];
        }
        first = first != NULL ? first : tracks[i];
    }
    return first;
}

static void flow_select(Flow *flow, const MediaTrack *track)
{
    uint8_t id = flow->setup.wanted && track != NULL ? track->info.id : NO_TRACK;
    flow->waiting = flow->waiting || id != flow->track;
    flow->track = id;
}

void rtc_viewer_select(RtcViewer *viewer, const RtcFeed *feed)
{
    flow_select(&viewer->video, rtc_choose_video(feed->tracks, viewer->setup.rendition));
    flow_select(&viewer->audio, rtc_choose_audio(feed->tracks, viewer->setup.language));
}

void rtc_viewer_interrupt(RtcViewer *viewer)
{
    viewer->video.waiting = true;
}

static bool allowed(const RtcViewer *viewer, const RtcFeed *feed, int64_t pts_us)
{
    return viewer->setup.privileged || media_gate_public(&feed->gate, pts_us);
}

static void remember(RtcViewer *viewer, uint8_t track, uint64_t number, uint32_t packet)
{
    viewer->sent[viewer->video.next & RESEND_MASK] =
        (Sent){.unit = (uint32_t)number, .packet = (uint16_t)packet, .track = track};
}

/* Every packet takes its sequence number, sent or not: a hole is what a NACK can name. Once one is
 * lost, the rest of the frame would be of no use and only fill the buffer. */
static void send_unit(RtcViewer *viewer, Flow *flow, RtcSend *send, const MediaItem *unit,
                      uint64_t number)
{
    const MediaPackets *packets = unit->packets;
    bool video = flow == &viewer->video;
    flow->lost = false;
    for (uint32_t i = 0; i < packets->count; i++, flow->next++) {
        if (video) {
            remember(viewer, flow->track, number, i);
        }
        if (flow->lost) {
            rtc_send_skip(send, 1);
            continue;
        }
        RtcSendJob job = {.path = &viewer->path,
                          .packets = packets,
                          .packet = i,
                          .index = flow->next,
                          .ssrc = flow->setup.ssrc,
                          .rtp_offset = flow->rtp_offset,
                          .format = flow->setup.format,
                          .out_lost = &flow->lost};
        flow->packets++;
        flow->bytes += packets->packets[i].size;
        rtc_send_add(send, &job);
    }
}

void rtc_viewer_start(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, int64_t now_us)
{
    Flow *video = &viewer->video;
    if (video->track == NO_TRACK || !feed->flowing || !allowed(viewer, feed, feed->newest_us)) {
        return;
    }
    uint64_t number = 0, next = media_history_next(feed->history, video->track);
    const MediaItem *key = media_history_key(feed->history, video->track, &number);
    if (key == NULL || feed->newest_us - key->pts_us > RTC_JOIN_MAX_AGE_US ||
        !allowed(viewer, feed, key->pts_us)) {
        feed->want_key(feed->data, video->track, now_us);
        return;
    }
    video->waiting = false;
    for (; number < next; number++) {
        const MediaItem *unit = media_history_get(feed->history, video->track, number);
        if (unit != NULL && unit->packets != NULL && allowed(viewer, feed, unit->pts_us)) {
            send_unit(viewer, video, send, unit, number);
        }
    }
}

void rtc_viewer_unit(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, const MediaItem *unit,
                     uint64_t number, int64_t now_us)
{
    uint8_t track = unit->track->info.id;
    if (track == viewer->audio.track && allowed(viewer, feed, unit->pts_us)) {
        send_unit(viewer, &viewer->audio, send, unit, number);
        return;
    }
    Flow *video = &viewer->video;
    if (track != video->track) {
        return;
    }
    if (!allowed(viewer, feed, unit->pts_us)) {
        video->waiting = true; // it comes back at the key frame of the next opening
        return;
    }
    if (video->waiting && !unit->key) {
        feed->want_key(feed->data, track, now_us);
        return;
    }
    video->waiting = false;
    send_unit(viewer, video, send, unit, number);
}

/* Fills by a quarter of the track's bit rate, up to a second's worth. */
static void fill_budget(RtcViewer *viewer, const MediaTrack *track, int64_t now_us)
{
    uint32_t a_second = MAX(track->info.bitrate, 64000u) / 8 / RTC_RESEND_SHARE;
    int64_t passed =
        viewer->budget_us != 0 ? MIN(now_us - viewer->budget_us, BASE_US_PER_S) : BASE_US_PER_S;
    viewer->budget_us = now_us;
    viewer->budget = MIN(a_second, viewer->budget + (uint32_t)((uint64_t)a_second *
                                                               (uint64_t)passed / BASE_US_PER_S));
}

/* The sent packet with these 16 bits, or -1. */
static int64_t sent_index(const Flow *flow, uint16_t sequence)
{
    uint64_t back = (uint16_t)((uint16_t)flow->next - sequence);
    if (back == 0 || back > RTC_RESEND_WINDOW || back > flow->next - flow->first) {
        return -1;
    }
    return (int64_t)(flow->next - back);
}

static const MediaItem *sent_unit(const RtcViewer *viewer, const RtcFeed *feed, const Sent *sent,
                                  uint64_t *out_number)
{
    uint64_t next = media_history_next(feed->history, sent->track);
    uint64_t number = next - (uint32_t)((uint32_t)next - sent->unit);
    *out_number = number;
    const MediaItem *unit = media_history_get(feed->history, sent->track, number);
    bool ok = unit != NULL && unit->packets != NULL && sent->packet < unit->packets->count &&
              allowed(viewer, feed, unit->pts_us);
    return ok ? unit : NULL;
}

#define RTC_PACKET_OVERHEAD_BYTES 56 // IPv4, UDP, RTP and the authentication tag

static bool resend(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, uint16_t sequence)
{
    const Flow *flow = &viewer->video;
    int64_t index = sent_index(flow, sequence);
    if (index < 0) {
        return false;
    }
    const Sent *sent = &viewer->sent[index & RESEND_MASK];
    uint64_t number;
    const MediaItem *unit = sent_unit(viewer, feed, sent, &number);
    // on the wire it weighs its headers too, which a flood of tiny packets would be made of
    size_t size =
        unit != NULL ? unit->packets->packets[sent->packet].size + RTC_PACKET_OVERHEAD_BYTES : 0;
    if (unit == NULL || size > viewer->budget) {
        return false;
    }
    viewer->budget -= (uint32_t)size;
    RtcSendJob job = {.path = &viewer->path,
                      .packets = unit->packets,
                      .packet = sent->packet,
                      .index = (uint64_t)index,
                      .ssrc = flow->setup.ssrc,
                      .rtp_offset = flow->rtp_offset,
                      .format = flow->setup.format};
    rtc_send_add(send, &job);
    return true;
}

static unsigned answer_nack(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send,
                            const RtcRtcp *packet)
{
    unsigned resent = 0;
    uint16_t first, mask;
    for (unsigned n = 0; rtc_rtcp_nack(packet, n, &first, &mask); n++) {
        resent += resend(viewer, feed, send, first);
        for (unsigned bit = 0; bit < 16; bit++) {
            if ((mask >> bit & 1) != 0) {
                resent += resend(viewer, feed, send, (uint16_t)(first + 1 + bit));
            }
        }
    }
    return resent;
}

unsigned rtc_viewer_feedback(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send,
                             const uint8_t *bytes, size_t size, int64_t now_us)
{
    const Flow *video = &viewer->video;
    if (video->track == NO_TRACK || feed->tracks[video->track] == NULL) {
        return 0;
    }
    unsigned resent = 0;
    RtcRtcp packet;
    fill_budget(viewer, feed->tracks[video->track], now_us);
    for (size_t at = 0; rtc_rtcp_next(bytes, size, &at, &packet);) {
        if (rtc_rtcp_wants_key(&packet, video->setup.ssrc)) {
            // one that sees nothing behind the gate is not helped by a key frame
            if (allowed(viewer, feed, feed->newest_us)) {
                feed->want_key(feed->data, video->track, now_us);
            }
        } else if (packet.type == RTC_RTCP_RTPFB && rtc_rtcp_media(&packet) == video->setup.ssrc) {
            resent += answer_nack(viewer, feed, send, &packet);
        }
    }
    return resent;
}

static void report(RtcViewer *viewer, Flow *flow, const RtcFeed *feed, RtcSend *send, bool bye)
{
    uint8_t bytes[RTC_RTCP_MAX_BYTES];
    uint32_t rate = flow == &viewer->video ? 90000 : 48000;
    RtcSenderReport sender = {
        .ssrc = flow->setup.ssrc,
        // one instant for both flows: that of the newest unit
        .ntp = rtc_rtcp_ntp(feed->wall_us + feed->newest_us),
        .rtp_time = media_rtp_time(feed->newest_us, rate) + flow->rtp_offset,
        .packets = flow->packets,
        .bytes = flow->bytes,
        .cname = viewer->setup.cname,
        .bye = bye,
    };
    rtc_send_rtcp(send, &viewer->path, bytes, rtc_rtcp_write(&sender, bytes));
}

void rtc_viewer_report(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send, int64_t now_us)
{
    Flow *flows[] = {&viewer->video, &viewer->audio};
    for (unsigned i = 0; i < G_N_ELEMENTS(flows); i++) {
        bool due = flows[i]->reported_us == 0 || now_us - flows[i]->reported_us >= REPORT_US;
        if (due && flows[i]->packets > 0) {
            report(viewer, flows[i], feed, send, false);
            flows[i]->reported_us = now_us;
        }
    }
}

void rtc_viewer_bye(RtcViewer *viewer, const RtcFeed *feed, RtcSend *send)
{
    Flow *flows[] = {&viewer->video, &viewer->audio};
    for (unsigned i = 0; i < G_N_ELEMENTS(flows); i++) {
        if (flows[i]->setup.wanted) {
            report(viewer, flows[i], feed, send, true);
        }
    }
}

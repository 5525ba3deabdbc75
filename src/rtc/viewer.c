// SPDX-License-Identifier: GPL-3.0-or-later
// One viewer: rendition, position, pacing, reports.
#include "rtc/viewer-private.h"

#include "base/id.h"

#include <string.h>

#define REPORT_US BASE_US_PER_S
#define LOOK_US (100 * BASE_US_PER_MS) // for due reports
#define RATE_US (2 * BASE_US_PER_S)    // one group of pictures
#define WINDOW_BYTES (64u * 1024)      // without feedback
#define TRIAL_BYTES (24u * 1024)       // during a trial
#define HEADSTART_US (300 * BASE_US_PER_MS)
#define SILENCE_US BASE_US_PER_S        // outdated feedback
#define PATIENCE_US (2 * BASE_US_PER_S) // the grid brings a key frame
#define HOLD_BACK_US (200 * BASE_US_PER_MS)

static void flow_init(RtcFlow *flow, const RtcFlowSetup *setup)
{
    base_random(&flow->rtp_offset, sizeof flow->rtp_offset);
    flow->setup = *setup;
    flow->track = RTC_NO_TRACK;
}

/* Lower half: a receiver without the first packets must not misjudge the roll-over counter (RFC
 * 3711 3.3.1). */
static uint64_t first_number(void)
{
    uint16_t sequence;
    base_random(&sequence, sizeof sequence);
    return sequence & 0x7fff;
}

RtcViewer *rtc_viewer_new(const RtcViewerSetup *setup, const ProtocolSrtpMaster *keys,
                          const ProtocolAddress *to)
{
    RtcViewer *viewer = g_new0(RtcViewer, 1);
    viewer->path = (RtcPath){.to = *to, .srtp = protocol_srtp_out_new(keys)};
    viewer->setup = *setup;
    flow_init(&viewer->video, &setup->video);
    flow_init(&viewer->audio, &setup->audio);
    viewer->audio_next = first_number();
    viewer->rtx_next = first_number();
    viewer->resend.first = viewer->resend.next = first_number();
    viewer->sent_us = INT64_MIN;
    viewer->wanted = viewer->audio.track = RTC_NO_TRACK;
    viewer->window = WINDOW_BYTES;
    return viewer;
}

void rtc_viewer_free(RtcViewer *viewer)
{
    if (viewer != NULL) {
        protocol_srtp_out_free(viewer->path.srtp);
        g_free(viewer);
    }
}

void rtc_viewer_move(RtcViewer *viewer, const ProtocolAddress *to, int64_t now_us)
{
    viewer->path.to = *to;
    viewer->path.plain = false;
    viewer->estimate = (RtcEstimate){0};
    viewer->window = MIN(viewer->window, WINDOW_BYTES);
    viewer->rtt_us = 0;
    viewer->moved_us = now_us;
}

void rtc_programme_unit(RtcProgramme *programme, const MediaItem *unit)
{
    uint8_t track = unit->track->info.id;
    const MediaPackets *packets = unit->packets;
    const MediaPacket *last = &packets->packets[packets->count - 1];
    programme->newest_us = MAX(programme->newest_us, unit->pts_us);
    programme->newest_of_us[track] = unit->pts_us;
    int64_t passed_us = unit->pts_us - programme->rates[track].since_us;
    if (passed_us >= RATE_US || passed_us < 0) {
        uint32_t rate = (uint32_t)((uint64_t)programme->rates[track].bytes * 8 * BASE_US_PER_S /
                                   (uint64_t)MAX(passed_us, RATE_US));
        // neither first nor spanning a gap
        bool whole = programme->rates[track].since_us != 0 && passed_us < 2 * RATE_US;
        programme->rates[track].rate = whole ? rate : programme->rates[track].rate;
        programme->rates[track].since_us = unit->pts_us;
        programme->rates[track].bytes = 0;
    }
    programme->rates[track].bytes +=
        last->offset + last->size + packets->count * RTC_PACKET_OVERHEAD_BYTES;
}

uint32_t rtc_programme_need(const RtcProgramme *programme, uint8_t track)
{
    if (track == RTC_NO_TRACK || programme->tracks[track] == NULL) {
        return 0;
    }
    uint32_t measured = programme->rates[track].rate;
    return measured != 0 ? measured : programme->tracks[track]->info.bitrate;
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

/* Largest first, up to the selected one. */
static void make_ladder(RtcViewer *viewer, const RtcProgramme *programme)
{
    const MediaTrack *top = rtc_choose_video(programme->tracks, viewer->setup.rendition);
    viewer->n_ladder = 0;
    for (unsigned i = 0; top != NULL && i < MEDIA_MAX_TRACKS; i++) {
        const MediaTrack *track = programme->tracks[i];
        if (track == NULL || track->info.codec != MEDIA_H264 || larger(&track->info, &top->info) ||
            viewer->n_ladder == RTC_MAX_RENDITIONS) {
            continue;
        }
        unsigned at = viewer->n_ladder++;
        for (; at > 0 && larger(&track->info, &programme->tracks[viewer->ladder[at - 1]]->info);
             at--) {
            viewer->ladder[at] = viewer->ladder[at - 1];
        }
        viewer->ladder[at] = (uint8_t)i;
    }
}

static uint8_t wanted(const RtcViewer *viewer)
{
    if (!viewer->setup.video.wanted || viewer->n_ladder == 0 || viewer->adapt.paused) {
        return RTC_NO_TRACK;
    }
    return viewer->ladder[MIN(viewer->adapt.level, viewer->n_ladder - 1)];
}

void rtc_viewer_select(RtcViewer *viewer, const RtcProgramme *programme)
{
    RtcFlow *video = &viewer->video;
    make_ladder(viewer, programme);
    viewer->wanted = wanted(viewer);
    if (video->track != RTC_NO_TRACK && programme->tracks[video->track] == NULL) {
        video->track = RTC_NO_TRACK;
    }
    if (viewer->run != programme->run) {
        rtc_viewer_interrupt(viewer);
        viewer->run = programme->run;
    }
    const MediaTrack *audio = rtc_choose_audio(programme->tracks, viewer->setup.language);
    uint8_t track = viewer->setup.audio.wanted && audio != NULL ? audio->info.id : RTC_NO_TRACK;
    if (track != viewer->audio.track && track != RTC_NO_TRACK) {
        viewer->audio_unit = media_history_next(programme->history, track);
    }
    viewer->audio.track = track;
}

void rtc_viewer_interrupt(RtcViewer *viewer)
{
    viewer->video.track = RTC_NO_TRACK;
}

void rtc_viewer_tracks(const RtcViewer *viewer, uint32_t *video, uint32_t *audio)
{
    *video |= viewer->video.track != RTC_NO_TRACK ? 1u << viewer->video.track : 0;
    *video |= viewer->wanted != RTC_NO_TRACK ? 1u << viewer->wanted : 0;
    *audio |= viewer->audio.track != RTC_NO_TRACK ? 1u << viewer->audio.track : 0;
}

bool rtc_viewer_allowed(const RtcViewer *viewer, const RtcProgramme *programme, int64_t pts_us)
{
    return viewer->setup.privileged || media_gate_public(&programme->gate, pts_us);
}

/* RTP time must not go back. */
static bool begins(const RtcViewer *viewer, const RtcProgramme *programme, const MediaItem *key)
{
    return key->pts_us > viewer->sent_us && rtc_viewer_allowed(viewer, programme, key->pts_us);
}

static void begin(RtcViewer *viewer, uint8_t track, uint64_t number)
{
    viewer->video.track = track;
    viewer->unit = number;
    viewer->packet = 0;
}

/* Not while lagging: the grid brings one soon. */
static void want_key(const RtcViewer *viewer, const RtcProgramme *programme, int64_t now_us)
{
    if (now_us >= viewer->patient_us) {
        programme->want_key(programme->data, viewer->wanted, now_us);
    }
}

static void begin_from_history(RtcViewer *viewer, const RtcProgramme *programme, int64_t now_us)
{
    if (viewer->wanted == RTC_NO_TRACK || !programme->flowing ||
        !rtc_viewer_allowed(viewer, programme, programme->newest_us)) {
        return;
    }
    uint64_t number = 0;
    const MediaItem *key = media_history_key(programme->history, viewer->wanted, &number);
    if (key == NULL ||
        programme->newest_of_us[viewer->wanted] - key->pts_us > RTC_JOIN_MAX_AGE_US ||
        !begins(viewer, programme, key)) {
        want_key(viewer, programme, now_us);
        return;
    }
    begin(viewer, viewer->wanted, number);
}

void rtc_programme_expect(const RtcProgramme *programme, const char *rendition, int64_t ahead_us,
                          int64_t now_us)
{
    const MediaTrack *track = rtc_choose_video(programme->tracks, rendition);
    if (track == NULL || !programme->flowing ||
        !media_gate_public(&programme->gate, programme->newest_us)) {
        return;
    }
    uint64_t number;
    const MediaItem *key = media_history_key(programme->history, track->info.id, &number);
    int64_t newest_us = programme->newest_of_us[track->info.id];
    if (key == NULL || newest_us - key->pts_us > RTC_JOIN_MAX_AGE_US - ahead_us) {
        programme->want_key(programme->data, track->info.id, now_us);
    }
}

void rtc_viewer_start(RtcViewer *viewer, const RtcProgramme *programme, int64_t now_us)
{
    viewer->started_us = now_us;
    viewer->look_us = now_us + LOOK_US;
    viewer->joining = programme->flowing && viewer->setup.video.wanted &&
                      rtc_viewer_allowed(viewer, programme, programme->newest_us);
    begin_from_history(viewer, programme, now_us);
}

bool rtc_viewer_started(const RtcViewer *viewer)
{
    return viewer->started_us != 0;
}

unsigned rtc_viewer_shown(const RtcViewer *viewer, bool *out_tcp)
{
    *out_tcp = viewer->path.to.tcp != 0;
    return viewer->video.track != RTC_NO_TRACK ? viewer->video.track : MEDIA_MAX_TRACKS;
}

void rtc_viewer_prefetch(const RtcViewer *viewer)
{
    const uint8_t *hot[] = {(const uint8_t *)viewer,
                            (const uint8_t *)&viewer->video,
                            (const uint8_t *)&viewer->unit,
                            (const uint8_t *)&viewer->resend,
                            (const uint8_t *)&viewer->estimate,
                            (const uint8_t *)&viewer->window};
    for (unsigned i = 0; i < G_N_ELEMENTS(hot); i++) {
        __builtin_prefetch(hot[i]);
        __builtin_prefetch(hot[i] + 64);
    }
}

void rtc_viewer_fill(RtcViewer *viewer, RtcSendJob *job, const RtcFlowSetup *setup,
                     uint32_t rtp_offset)
{
    job->path = &viewer->path;
    job->ssrc = setup->ssrc;
    job->rtp_offset = rtp_offset;
    job->format = setup->format;
    job->extension = setup->extension;
}

void rtc_viewer_number(RtcViewer *viewer, RtcSendJob *job, int64_t now_us)
{
    if (job->extension != 0) {
        uint32_t bytes = job->packets->packets[job->packet].size + RTC_PACKET_OVERHEAD_BYTES;
        job->transport = protocol_twcc_sent(&viewer->transport, bytes, now_us);
    }
}

/* Losses use up numbers too, for NACK, and drop the frame's rest. */
static void send_packet(RtcFlow *flow, RtcSend *send, RtcSendJob *job)
{
    if (flow->lost) {
        rtc_send_skip(send, 1);
        return;
    }
    const MediaPacket *packet = &job->packets->packets[job->packet];
    job->out_lost = &flow->lost;
    flow->packets++;
    flow->bytes += packet->size - packet->padding; // RFC 3550 6.4.1
    rtc_send_add(send, job);
}

static void send_sound(RtcViewer *viewer, RtcSend *send, const MediaItem *unit, int64_t now_us)
{
    viewer->audio.lost = false;
    for (uint32_t i = 0; i < unit->packets->count; i++) {
        RtcSendJob job = {.packets = unit->packets, .packet = i, .index = viewer->audio_next++};
        rtc_viewer_fill(viewer, &job, &viewer->audio.setup, viewer->audio.rtp_offset);
        rtc_viewer_number(viewer, &job, now_us);
        send_packet(&viewer->audio, send, &job);
    }
}

static void send_audio(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                       int64_t now_us)
{
    uint8_t track = viewer->audio.track;
    uint64_t next = track != RTC_NO_TRACK ? media_history_next(programme->history, track) : 0;
    for (; viewer->audio_unit < next; viewer->audio_unit++) {
        const MediaItem *unit = media_history_get(programme->history, track, viewer->audio_unit);
        if (unit != NULL && rtc_viewer_allowed(viewer, programme, unit->pts_us)) {
            send_sound(viewer, send, unit, now_us);
        }
    }
}

static uint32_t send_frame(RtcViewer *viewer, RtcSend *send, const MediaItem *unit, uint32_t most,
                           int64_t now_us)
{
    RtcFlow *video = &viewer->video;
    uint32_t first = viewer->packet, end = MIN(unit->packets->count, first + most);
    video->lost = video->lost && first > 0;
    viewer->sent_us = unit->pts_us;
    for (; viewer->packet < end; viewer->packet++) {
        RtcSendJob job = {.packets = unit->packets, .packet = viewer->packet};
        RtcSent sent = {.unit = (uint32_t)viewer->unit,
                        .packet = (uint16_t)viewer->packet,
                        .track = video->track};
        rtc_viewer_fill(viewer, &job, &video->setup, video->rtp_offset);
        rtc_viewer_number(viewer, &job, now_us);
        sent.transport = job.transport;
        job.index = rtc_resend_note(&viewer->resend, &sent);
        send_packet(video, send, &job);
    }
    if (end == unit->packets->count) {
        viewer->unit++;
        viewer->packet = 0;
    }
    return end - first;
}

/* NULL: nothing due. Skips ahead if lagging. */
static const MediaItem *next_unit(RtcViewer *viewer, const RtcProgramme *programme, int64_t now_us)
{
    uint8_t track = viewer->video.track;
    if (track == RTC_NO_TRACK || viewer->unit >= media_history_next(programme->history, track)) {
        return NULL;
    }
    const MediaItem *unit = media_history_get(programme->history, track, viewer->unit);
    if (unit == NULL || programme->newest_of_us[track] - unit->pts_us > RTC_MAX_LAG_US) {
        rtc_viewer_interrupt(viewer);
        viewer->patient_us = now_us + PATIENCE_US;
        begin_from_history(viewer, programme, now_us);
        track = viewer->video.track;
        unit = track != RTC_NO_TRACK ? media_history_get(programme->history, track, viewer->unit)
                                     : NULL;
    }
    if (unit != NULL && !rtc_viewer_allowed(viewer, programme, unit->pts_us)) {
        rtc_viewer_interrupt(viewer); // until the gate opens
        return NULL;
    }
    return unit;
}

/* Before a switch, stay behind the new rendition, or its key frame would be too old. */
static bool held_back(const RtcViewer *viewer, const RtcProgramme *programme, const MediaItem *unit)
{
    if (viewer->wanted == RTC_NO_TRACK || viewer->wanted == viewer->video.track) {
        return false;
    }
    int64_t reached_us = programme->newest_of_us[viewer->wanted];
    return unit->pts_us > reached_us && unit->pts_us - reached_us < HOLD_BACK_US;
}

/* In packets: more would queue ahead of audio. */
static uint32_t window_room(const RtcViewer *viewer, int64_t now_us)
{
    int64_t until_us = viewer->feedback_us != 0 ? viewer->feedback_us + SILENCE_US
                                                : viewer->started_us + HEADSTART_US;
    if (viewer->video.setup.extension == 0 || now_us >= until_us) {
        return UINT32_MAX;
    }
    uint32_t flying = protocol_twcc_in_flight(&viewer->transport);
    uint32_t room = viewer->window - MIN(flying, viewer->window);
    return (room + MEDIA_RTP_MAX_PAYLOAD - 1) / MEDIA_RTP_MAX_PAYLOAD;
}

/* An ordinary frame and nothing else. */
static bool is_current(const RtcViewer *viewer, const RtcProgramme *programme,
                       const MediaItem *unit)
{
    return viewer->unit + 1 == media_history_next(programme->history, viewer->video.track) &&
           viewer->packet == 0 && !unit->key;
}

/* A current frame whole, backlog in slices. */
static uint32_t allowance(const RtcViewer *viewer, const RtcProgramme *programme,
                          const MediaItem *unit)
{
    uint8_t track = viewer->video.track;
    uint64_t next = media_history_next(programme->history, track);
    if (is_current(viewer, programme, unit)) {
        return unit->packets->count;
    }
    uint32_t packets = 0;
    for (uint64_t number = viewer->unit; number < next; number++) {
        const MediaItem *one = media_history_get(programme->history, track, number);
        packets += one != NULL ? one->packets->count : 0;
    }
    return MAX(RTC_SLICE, (packets - viewer->packet) / RTC_TURNS);
}

static bool send_video(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                       const MediaItem *unit, int64_t now_us)
{
    uint32_t left = unit != NULL ? allowance(viewer, programme, unit) : 0;
    while (unit != NULL) {
        uint32_t room = window_room(viewer, now_us);
        if (held_back(viewer, programme, unit) || room == 0) {
            return false; // the next unit or feedback continues
        }
        if (left == 0 || !rtc_send_has_room(send)) {
            return true;
        }
        if (viewer->joining) {
            viewer->joining = false;
            base_histogram_observe(&programme->counters->join, now_us - viewer->setup.offered_us);
        }
        left -= send_frame(viewer, send, unit, MIN(left, room), now_us);
        unit = next_unit(viewer, programme, now_us);
    }
    return false;
}

static RtcLadder ladder_of(const RtcViewer *viewer, const RtcProgramme *programme)
{
    RtcLadder ladder = {.n = viewer->n_ladder};
    uint32_t audio = rtc_programme_need(programme, viewer->audio.track);
    for (unsigned i = 0; i < ladder.n; i++) {
        ladder.need[i] = audio + rtc_programme_need(programme, viewer->ladder[i]);
    }
    return ladder;
}

static void count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

void rtc_viewer_judge(RtcViewer *viewer, const RtcProgramme *programme, const RtcVerdict *verdict,
                      int64_t now_us)
{
    RtcLadder ladder = ladder_of(viewer, programme);
    if (!viewer->setup.video.wanted ||
        !rtc_adapt_verdict(&viewer->adapt, &ladder, verdict, now_us)) {
        return;
    }
    // at once: more would delay the smaller rendition
    viewer->wanted = wanted(viewer);
    viewer->patient_us = 0;
    rtc_viewer_interrupt(viewer);
    rtc_resend_forget(&viewer->resend);
    if (viewer->adapt.paused) {
        count(&programme->counters->paused);
    } else {
        count(&programme->counters->switched);
        programme->want_key(programme->data, viewer->wanted, now_us);
    }
}

static void try_more(RtcViewer *viewer, const RtcProgramme *programme, int64_t now_us)
{
    RtcLadder ladder = ladder_of(viewer, programme);
    uint32_t train = rtc_estimate_train(&viewer->estimate, now_us);
    if (viewer->setup.video.wanted && rtc_viewer_allowed(viewer, programme, programme->newest_us) &&
        rtc_adapt_try(&viewer->adapt, &ladder, train, now_us)) {
        viewer->wanted = wanted(viewer);
        viewer->window = MIN(viewer->window, TRIAL_BYTES);
        viewer->estimate.loss = 0;
        count(&programme->counters->switched);
        programme->want_key(programme->data, viewer->wanted, now_us);
    }
}

/* Writes at `out`; returns the size. */
static size_t write_report(const RtcViewer *viewer, RtcFlow *flow, const RtcProgramme *programme,
                           bool bye, uint8_t *out)
{
    uint32_t rate = flow == &viewer->video ? 90000 : 48000;
    ProtocolSenderReport sender = {
        .ssrc = flow->setup.ssrc,
        // same instant for both streams
        .ntp = protocol_rtcp_ntp(programme->wall_us + programme->newest_us),
        .rtp_time = media_rtp_time(programme->newest_us, rate) + flow->rtp_offset,
        .packets = flow->packets,
        .bytes = flow->bytes,
        .cname = viewer->setup.cname,
        .bye = bye,
    };
    flow->reported_ntp = (uint32_t)(sender.ntp >> 16);
    return protocol_rtcp_write(&sender, out);
}

/* The compounds of both streams in one datagram (RFC 8108 5.3.1). */
static void send_reports(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                         int64_t now_us)
{
    RtcFlow *flows[] = {&viewer->video, &viewer->audio};
    uint8_t bytes[2 * PROTOCOL_RTCP_MAX_BYTES];
    size_t size = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(flows); i++) {
        bool due = flows[i]->reported_us == 0 || now_us - flows[i]->reported_us >= REPORT_US;
        if (due && flows[i]->packets > 0) {
            size += write_report(viewer, flows[i], programme, false, bytes + size);
            flows[i]->reported_us = now_us;
        }
    }
    if (size > 0) {
        rtc_send_rtcp(send, &viewer->path, bytes, size);
    }
    try_more(viewer, programme, now_us);
}

void rtc_viewer_bye(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send)
{
    RtcFlow *flows[] = {&viewer->video, &viewer->audio};
    uint8_t bytes[2 * PROTOCOL_RTCP_MAX_BYTES];
    size_t size = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(flows); i++) {
        if (flows[i]->setup.wanted) {
            size += write_report(viewer, flows[i], programme, true, bytes + size);
        }
    }
    if (size > 0) {
        rtc_send_rtcp(send, &viewer->path, bytes, size);
    }
}

bool rtc_viewer_turn(RtcViewer *viewer, const RtcProgramme *programme, RtcSend *send,
                     int64_t now_us)
{
    if (viewer->wanted != viewer->video.track) {
        begin_from_history(viewer, programme, now_us);
    }
    const MediaItem *unit = next_unit(viewer, programme, now_us);
    // sound joins an ordinary frame's message, never waits behind a large one
    bool behind = unit != NULL && is_current(viewer, programme, unit);
    if (!behind) {
        send_audio(viewer, programme, send, now_us);
    }
    bool more = send_video(viewer, programme, send, unit, now_us);
    if (behind) {
        send_audio(viewer, programme, send, now_us);
    }
    if (now_us >= viewer->look_us && programme->flowing) {
        viewer->look_us = now_us + LOOK_US;
        send_reports(viewer, programme, send, now_us);
    }
    return more;
}

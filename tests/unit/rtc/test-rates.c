// SPDX-License-Identifier: GPL-3.0-or-later
// A viewer on a simulated narrow path with a short queue, on a fake clock, and a receiver that
// sends feedback. 720p needs 2 Mbit/s, 360p 0.15, audio 0.1.
#include "../tracks.h"

#include "tests.h"

#include "base/bytes.h"
#include "rtc/viewer-private.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#define SMALL 1
#define LARGE 2
#define SOUND 3
#define VIDEO_SSRC 77
#define AUDIO_SSRC 78
#define EXTENSION 5
#define QUEUE_US (400 * BASE_US_PER_MS)
#define DELAY_US (20 * BASE_US_PER_MS)
#define FEEDBACK_US (100 * BASE_US_PER_MS)
#define MAX_PENDING 4096

typedef struct {
    uint16_t transport;
    int64_t arrival_us; // INT64_MAX: lost
} Reported;

typedef struct {
    RtcTransport *transport;
    RtcCounters counters;
    RtcSend *send;
    RtcProgramme programme;
    RtcViewer *viewer;
    MediaTrack *tracks[4];
    int fd;
    int64_t now_us, frame_us, sound_us, turn_us, feedback_us, asked_us[4];
    bool wanted[4];
    int64_t late_us; // video after audio
    // path
    uint32_t rate;      // bit/s
    unsigned air_loses; // loses one of so many video packets; 0: none
    int64_t free_us, delay_us;
    Reported reported[MAX_PENDING];
    unsigned n_reported;
    int64_t report_each_us;
    bool sound_reported; // transport-wide, for audio only
    uint32_t report_packets, report_lost;
    // received
    unsigned audio_sent, audio_lost, video_sent, video_lost;
    int32_t sequence; // last video packet; -1: none
    uint32_t time;
} Sim;

static void on_want_key(void *data, uint8_t track, int64_t now_us)
{
    Sim *sim = data;
    if (now_us - sim->asked_us[track] >= 500 * BASE_US_PER_MS) {
        sim->asked_us[track] = now_us;
        sim->wanted[track] = true;
    }
}

static MediaTrack *new_track(uint8_t id)
{
    return id == SOUND ? tracks_opus(id)
                       : tracks_h264(id, id == LARGE ? 720 : 360, id == LARGE ? 2000000 : 150000);
}

static void sim_init(Sim *sim, uint32_t rate, uint8_t extension)
{
    *sim = (Sim){.rate = rate,
                 .now_us = 100 * BASE_US_PER_S,
                 .delay_us = DELAY_US,
                 .report_each_us = BASE_US_PER_S,
                 .sequence = -1};
    sim->frame_us = sim->sound_us = sim->turn_us = sim->feedback_us = sim->now_us;
    sim->transport = rtc_transport_new("127.0.0.1:0", NULL);
    sim->send = rtc_send_new(sim->transport, &sim->counters);
    sim->programme = (RtcProgramme){.history = media_history_new(),
                                    .gate = {0, INT64_MAX},
                                    .counters = &sim->counters,
                                    .want_key = on_want_key,
                                    .data = sim};
    for (uint8_t id = SMALL; id <= SOUND; id++) {
        sim->programme.tracks[id] = sim->tracks[id] = new_track(id);
    }
    sim->fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof any;
    int room = 8 << 20;
    setsockopt(sim->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    (void)bind(sim->fd, (void *)&any, sizeof any);
    getsockname(sim->fd, (void *)&any, &size);
    ProtocolAddress to = {.ip = {[10] = 0xff, 0xff, 127, 0, 0, 1}, .port = ntohs(any.sin_port)};
    RtcViewerSetup setup = {
        .video = {.wanted = true, .ssrc = VIDEO_SSRC, .format = 102, .extension = extension},
        .audio = {.wanted = true, .ssrc = AUDIO_SSRC, .format = 111, .extension = extension}};
    ProtocolSrtpMaster keys = {.profile = PROTOCOL_SRTP_GCM};
    sim->viewer = rtc_viewer_new(&setup, &keys, &to);
    rtc_viewer_select(sim->viewer, &sim->programme);
}

static void sim_finish(Sim *sim)
{
    rtc_viewer_free(sim->viewer);
    rtc_send_free(sim->send);
    rtc_transport_free(sim->transport);
    media_history_free(sim->programme.history);
    for (unsigned id = SMALL; id <= SOUND; id++) {
        media_track_unref(sim->tracks[id]);
    }
    close(sim->fd);
}

/* One SSRC, no gaps as sent, and time does not go back. */
static void check_order(Sim *sim, const uint8_t *packet)
{
    uint16_t sequence = base_get_u16(packet + 2);
    uint32_t time = base_get_u32(packet + 4);
    if (sim->sequence >= 0) {
        g_assert_cmpuint(sequence, ==, (uint16_t)(sim->sequence + 1));
        g_assert_cmpint((int32_t)(time - sim->time), >=, 0);
    }
    sim->sequence = sequence;
    sim->time = time;
}

static bool pass(Sim *sim, size_t size, int64_t *out_arrival_us)
{
    int64_t begin_us = MAX(sim->free_us, sim->now_us);
    *out_arrival_us = INT64_MAX;
    if (begin_us - sim->now_us > QUEUE_US) {
        return false;
    }
    sim->free_us = begin_us + (int64_t)((size + 42) * 8 * BASE_US_PER_S / sim->rate);
    *out_arrival_us = sim->free_us + sim->delay_us;
    return true;
}

static void take_sent(Sim *sim)
{
    rtc_send_flush(sim->send);
    uint8_t bytes[2048];
    for (ssize_t size; (size = recv(sim->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;) {
        if (bytes[1] >= 192 && bytes[1] <= 223) { // a report
            continue;
        }
        int64_t arrival_us;
        bool passed = pass(sim, (size_t)size, &arrival_us);
        bool video = base_get_u32(bytes + 8) == VIDEO_SSRC;
        if (video) {
            check_order(sim, bytes);
            sim->video_sent++;
            bool fell = sim->air_loses != 0 && sim->video_sent % sim->air_loses == 0;
            sim->video_lost += !passed || fell;
        } else {
            sim->audio_sent++;
            sim->audio_lost += !passed;
        }
        if ((bytes[0] & 0x10) != 0) {
            g_assert_cmphex(bytes[16] >> 4, ==, EXTENSION);
            g_assert_cmpuint(sim->n_reported, <, MAX_PENDING);
            sim->reported[sim->n_reported++] = (Reported){base_get_u16(bytes + 17), arrival_us};
        }
    }
}

static void add_unit(Sim *sim, uint8_t track, bool key, size_t size)
{
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, track == SOUND ? size : size + 4);
    unit->track = media_track_ref(sim->tracks[track]);
    unit->pts_us = sim->now_us - (track == SOUND ? 0 : sim->late_us);
    unit->key = key;
    memset(unit->data, 0x41, unit->size);
    if (track != SOUND) {
        base_put_u32(unit->data, (uint32_t)size);
    }
    unit->packets = media_packets_new(unit);
    unit->number = media_history_next(sim->programme.history, track);
    media_history_add(sim->programme.history, unit);
    sim->programme.flowing = true;
    rtc_programme_unit(&sim->programme, unit);
}

static void frame(Sim *sim)
{
    bool grid = (sim->now_us / 33333) % 60 == 0;
    for (uint8_t id = SMALL; id <= LARGE; id++) {
        bool key = grid || sim->wanted[id];
        sim->wanted[id] = false;
        add_unit(sim, id, key, id == LARGE ? (key ? 40000 : 7600) : (key ? 6000 : 450));
    }
}

/* Reports arrivals so far and the losses before, with two-bit vectors and large deltas. */
static void tell(Sim *sim)
{
    unsigned n = 0;
    for (unsigned i = 0; i < sim->n_reported; i++) {
        n = sim->reported[i].arrival_us <= sim->now_us ? i + 1 : n;
    }
    if (n == 0) {
        return;
    }
    unsigned chunks = (n + 6) / 7, first = 0;
    while (sim->reported[first].arrival_us == INT64_MAX) {
        first++;
    }
    int64_t time_us = sim->reported[first].arrival_us / 64000 * 64000;
    g_autofree uint8_t *bytes = g_malloc0(24 + 2 * chunks + 2 * n);
    uint8_t *chunk = bytes + 20, *delta = chunk + 2 * chunks;
    base_put_u16(bytes, 0x8f00 | PROTOCOL_RTCP_RTPFB);
    base_put_u16(bytes + 12, sim->reported[0].transport);
    base_put_u16(bytes + 14, (uint16_t)n);
    base_put_u32(bytes + 16, (uint32_t)(time_us / 64000) << 8);
    for (unsigned i = 0; i < chunks; i++) {
        base_put_u16(chunk + 2 * i, 0xc000);
    }
    for (unsigned i = 0; i < n; i++) {
        if (sim->reported[i].arrival_us == INT64_MAX) {
            continue;
        }
        uint8_t *at = chunk + 2 * (i / 7);
        base_put_u16(at, base_get_u16(at) | (uint16_t)(2 << (12 - 2 * (i % 7))));
        int64_t step = (sim->reported[i].arrival_us - time_us) / 250;
        base_put_u16(delta, (uint16_t)(int16_t)step);
        time_us += step * 250;
        delta += 2;
    }
    size_t size = (size_t)(delta - bytes + 3) & ~(size_t)3;
    base_put_u16(bytes + 2, (uint16_t)(size / 4 - 1));
    sim->n_reported -= n;
    memmove(sim->reported, sim->reported + n, sim->n_reported * sizeof sim->reported[0]);
    g_assert_cmpint(protocol_rtcp_check(bytes, size), ==, 0);
    rtc_viewer_feedback(sim->viewer, &sim->programme, sim->send, bytes, size, sim->now_us);
}

/* Receiver reports on video. */
static void report(Sim *sim)
{
    uint32_t sent = sim->video_sent - sim->report_packets;
    uint32_t lost = sim->video_lost - sim->report_lost;
    uint8_t bytes[32] = {0x81, 201, 0, 7, [11] = VIDEO_SSRC};
    bytes[12] = sent > 0 ? (uint8_t)MIN(lost * 256 / sent, 255) : 0;
    sim->report_packets = sim->video_sent;
    sim->report_lost = sim->video_lost;
    rtc_viewer_feedback(sim->viewer, &sim->programme, sim->send, bytes, sizeof bytes, sim->now_us);
}

static void step(Sim *sim)
{
    bool reported = sim->now_us >= sim->feedback_us,
         transport = sim->viewer->setup.video.extension != 0 || sim->sound_reported;
    if (reported) {
        sim->feedback_us += transport ? FEEDBACK_US : sim->report_each_us;
        (transport ? tell : report)(sim);
    }
    bool due = sim->now_us >= sim->sound_us;
    if (due) {
        sim->sound_us += 20000;
        add_unit(sim, SOUND, false, 240);
    }
    if (sim->now_us >= sim->frame_us) {
        due = true;
        sim->frame_us += 33333;
        frame(sim);
    }
    if (due || reported || sim->now_us >= sim->turn_us) {
        bool more = rtc_viewer_turn(sim->viewer, &sim->programme, sim->send, sim->now_us);
        sim->turn_us = more ? sim->now_us + RTC_TURN_US : INT64_MAX;
    }
    take_sent(sim);
    sim->now_us += BASE_US_PER_MS;
}

/* Until video is `track`, or `seconds` passed. Returns milliseconds. */
static int64_t run(Sim *sim, unsigned seconds, uint8_t track)
{
    int64_t begun_us = sim->now_us;
    while (sim->now_us < begun_us + (int64_t)seconds * BASE_US_PER_S &&
           (track == 0 || sim->viewer->video.track != track)) {
        step(sim);
    }
    return (sim->now_us - begun_us) / BASE_US_PER_MS;
}

static void expect_sound(Sim *sim, unsigned seconds)
{
    sim->audio_sent = sim->audio_lost = 0;
    run(sim, seconds, 0);
    g_assert_cmpuint(sim->audio_sent, ==, seconds * 50);
    g_assert_cmpuint(sim->audio_lost, ==, 0);
}

/* A path becomes narrow and wide again. */
static void test_narrow(void)
{
    Sim sim;
    sim_init(&sim, 10000000, EXTENSION);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    run(&sim, 30, 0);
    g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    g_assert_cmpuint(sim.video_lost + sim.audio_lost, ==, 0);
    sim.rate = 300000;
    int64_t down_ms = run(&sim, 5, SMALL);
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    g_test_message("2 Mbit/s into 300 kbit/s: the small rendition after %d ms", (int)down_ms);
    run(&sim, 3, 0); // the queue has drained
    sim.video_lost = 0;
    expect_sound(&sim, 2);
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    run(&sim, 30, 0); // trains show the bottleneck: no trial
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    g_assert_cmpuint(sim.video_lost, ==, 0);
    sim.rate = 10000000;
    int64_t up_ms = run(&sim, 60, LARGE);
    g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    g_test_message("wide again: the large one after %d ms", (int)up_ms);
    expect_sound(&sim, 30);
    g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    sim_finish(&sim);
}

/* A narrow path from the start. */
static void test_narrow_join(void)
{
    Sim sim;
    sim_init(&sim, 300000, EXTENSION);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    int64_t down_ms = run(&sim, 5, SMALL);
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    g_test_message("joined at 300 kbit/s: the small rendition after %d ms", (int)down_ms);
    run(&sim, 3, 0);
    expect_sound(&sim, 10);
    sim_finish(&sim);
}

/* Only audio fits: video pauses and comes back later. */
static void test_pause(void)
{
    Sim sim;
    sim_init(&sim, 10000000, EXTENSION);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    run(&sim, 10, 0);
    sim.rate = 150000;
    run(&sim, 15, RTC_NO_TRACK);
    for (int i = 0; i < 15 && !sim.viewer->adapt.paused; i++) {
        run(&sim, 1, 0);
    }
    g_assert_true(sim.viewer->adapt.paused);
    g_assert_cmpuint(sim.counters.paused, ==, 1);
    run(&sim, 1, 0);
    unsigned before = sim.video_sent;
    expect_sound(&sim, 2);
    g_assert_cmpuint(sim.video_sent, ==, before);
    sim.rate = 10000000;
    run(&sim, 30, SMALL);
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    run(&sim, 60, LARGE);
    g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    sim_finish(&sim);
}

/* Receiver reports only. */
static void test_reports_only(void)
{
    Sim sim;
    sim_init(&sim, 10000000, 0);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    run(&sim, 10, 0);
    sim.rate = 300000;
    run(&sim, 5, SMALL);
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    sim.rate = 10000000;
    run(&sim, 60, LARGE);
    g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    sim_finish(&sim);
}

/* Each NACK brings a report (RFC 4585 3.5.3). */
static void test_reports_often(void)
{
    Sim sim;
    sim_init(&sim, 10000000, 0);
    sim.report_each_us = 50 * BASE_US_PER_MS;
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    run(&sim, 10, 0);
    g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    sim.rate = 300000;
    run(&sim, 5, SMALL);
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    sim_finish(&sim);
}

/* Video two seconds after audio (a slow encoder) is not lag. */
static void test_late_video(void)
{
    Sim sim;
    sim_init(&sim, 10000000, EXTENSION);
    sim.late_us = 2 * BASE_US_PER_S;
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    run(&sim, 5, 0);
    sim.video_sent = 0;
    run(&sim, 5, 0);
    g_assert_cmpuint(sim.video_sent, >, 5 * 100);
    sim_finish(&sim);
}

/* A path longer by 150 ms is not a queue. */
static void test_moved(void)
{
    Sim sim;
    sim_init(&sim, 10000000, EXTENSION);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    run(&sim, 10, 0);
    ProtocolAddress to = sim.viewer->path.to;
    sim.delay_us = 170 * BASE_US_PER_MS;
    rtc_viewer_move(sim.viewer, &to, sim.now_us);
    for (int i = 0; i < 30; i++) {
        run(&sim, 1, 0);
        g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    }
    sim_finish(&sim);
}

/* Transport-wide feedback on audio alone must not stop video. */
static void test_sound_reported(void)
{
    Sim sim;
    sim_init(&sim, 1900000, EXTENSION);
    sim.viewer->setup.video.extension = sim.viewer->video.setup.extension = 0;
    sim.programme.tracks[SMALL] = NULL;
    rtc_viewer_select(sim.viewer, &sim.programme);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    sim.sound_reported = true;
    for (int i = 0; i < 20; i++) {
        run(&sim, 1, 0);
        g_assert_false(sim.viewer->adapt.paused);
    }
    sim_finish(&sim);
}

/* Losses before a pause must not count afterwards. */
static void test_reports_pause(void)
{
    Sim sim;
    sim_init(&sim, 10000000, 0);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    run(&sim, 10, 0);
    sim.rate = 60000;
    for (int i = 0; i < 20 && !sim.viewer->adapt.paused; i++) {
        run(&sim, 1, 0);
    }
    g_assert_true(sim.viewer->adapt.paused);
    sim.rate = 10000000;
    run(&sim, 10, SMALL);
    g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    unsigned paused = (unsigned)sim.counters.paused;
    run(&sim, 40, LARGE);
    g_assert_cmpuint(sim.viewer->video.track, ==, LARGE);
    g_assert_cmpuint(sim.counters.paused, ==, paused);
    sim_finish(&sim);
}

/* A quarter of the small rendition is lost, without congestion: it continues. */
static void test_reports_lossy(void)
{
    Sim sim;
    sim_init(&sim, 10000000, 0);
    g_strlcpy(sim.viewer->setup.rendition, "360p", MEDIA_NAME_BYTES);
    rtc_viewer_select(sim.viewer, &sim.programme);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    sim.air_loses = 4;
    run(&sim, 30, 0);
    g_assert_cmpuint(sim.counters.paused, ==, 0);
    sim_finish(&sim);
}

/* `?max=` is a limit on any path. */
static void test_ceiling(void)
{
    Sim sim;
    sim_init(&sim, 10000000, EXTENSION);
    g_strlcpy(sim.viewer->setup.rendition, "360p", MEDIA_NAME_BYTES);
    rtc_viewer_select(sim.viewer, &sim.programme);
    rtc_viewer_start(sim.viewer, &sim.programme, sim.now_us);
    for (int i = 0; i < 30; i++) {
        run(&sim, 1, 0);
        g_assert_cmpuint(sim.viewer->video.track, ==, SMALL);
    }
    sim_finish(&sim);
}

void add_rates_tests(void)
{
    g_test_add_func("/rtc/rates/narrow", test_narrow);
    g_test_add_func("/rtc/rates/narrow-join", test_narrow_join);
    g_test_add_func("/rtc/rates/pause", test_pause);
    g_test_add_func("/rtc/rates/reports-only", test_reports_only);
    g_test_add_func("/rtc/rates/reports-often", test_reports_often);
    g_test_add_func("/rtc/rates/late-video", test_late_video);
    g_test_add_func("/rtc/rates/moved", test_moved);
    g_test_add_func("/rtc/rates/sound-reported", test_sound_reported);
    g_test_add_func("/rtc/rates/reports-pause", test_reports_pause);
    g_test_add_func("/rtc/rates/reports-lossy", test_reports_lossy);
    g_test_add_func("/rtc/rates/ceiling", test_ceiling);
}

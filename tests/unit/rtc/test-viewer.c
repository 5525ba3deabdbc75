// SPDX-License-Identifier: GPL-3.0-or-later
// A viewer without threads: choice of tracks, resend window and budget.
#include "../tracks.h"

#include "client.h"
#include "tests.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "media/rtp.h"
#include "rtc/viewer-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static MediaTrack *audio(uint8_t id, MediaCodec codec, const char *language)
{
    uint8_t config[] = {0x11, 0x90};
    MediaTrackInfo info = {
        .id = id, .kind = MEDIA_AUDIO, .codec = codec, .sample_rate = 48000, .channels = 2};
    g_snprintf(info.name, sizeof info.name, "%s-%u", language, id);
    g_strlcpy(info.language, language, sizeof info.language);
    return media_track_new(&info, config, codec == MEDIA_AAC ? 2 : 0);
}

static void test_choice(void)
{
    MediaTrack *tracks[MEDIA_MAX_TRACKS] = {[1] = tracks_h264(1, 360, 2000000),
                                            [2] = tracks_h264(2, 720, 2000000),
                                            [4] = audio(4, MEDIA_AAC, "en"),
                                            [5] = audio(5, MEDIA_OPUS, "ar"),
                                            [7] = audio(7, MEDIA_OPUS, "en")};
    const MediaTrack *const *list = (const MediaTrack *const *)tracks;
    g_assert_cmpuint(rtc_choose_video(list, "")->info.id, ==, 2);
    g_assert_cmpuint(rtc_choose_video(list, "360p")->info.id, ==, 1);
    g_assert_cmpuint(rtc_choose_video(list, "4k")->info.id, ==, 2);
    g_assert_cmpuint(rtc_choose_audio(list, "")->info.id, ==, 5);
    g_assert_cmpuint(rtc_choose_audio(list, "en")->info.id, ==, 7);
    g_assert_cmpuint(rtc_choose_audio(list, "fr")->info.id, ==, 5);
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        g_clear_pointer(&tracks[i], media_track_unref);
    }
    g_assert_null(rtc_choose_video(list, "720p"));
    g_assert_null(rtc_choose_audio(list, "ar"));
}

typedef struct {
    RtcTransport *transport;
    RtcCounters counters;
    RtcSend *send;
    RtcProgramme programme;
    RtcViewer *viewer;
    MediaTrack *track;
    int fd; // receives the packets
    unsigned keys;
    int64_t pts_us;
} Bench;

static void on_want_key(void *data, uint8_t track, int64_t now_us)
{
    (void)track;
    (void)now_us;
    ((Bench *)data)->keys++;
}

static void bench_init(Bench *bench, bool privileged)
{
    *bench = (Bench){.track = tracks_h264(1, 720, 2000000)};
    bench->transport = rtc_transport_new("127.0.0.1:0", NULL);
    bench->send = rtc_send_new(bench->transport, &bench->counters);
    bench->programme = (RtcProgramme){.tracks = {[1] = bench->track},
                                      .history = media_history_new(),
                                      .gate = {0, INT64_MAX},
                                      .counters = &bench->counters,
                                      .want_key = on_want_key,
                                      .data = bench};
    bench->fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof any;
    int room = 8 << 20;
    setsockopt(bench->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    (void)bind(bench->fd, (void *)&any, sizeof any);
    getsockname(bench->fd, (void *)&any, &size);
    ProtocolAddress to = {.ip = {[10] = 0xff, 0xff, 127, 0, 0, 1}, .port = ntohs(any.sin_port)};
    RtcViewerSetup setup = {.video = {.wanted = true, .ssrc = 77, .format = 102},
                            .privileged = privileged};
    ProtocolSrtpMaster keys = {.profile = PROTOCOL_SRTP_GCM};
    bench->viewer = rtc_viewer_new(&setup, &keys, &to);
    bench->viewer->look_us = INT64_MAX; // no reports
    rtc_viewer_select(bench->viewer, &bench->programme);
}

static void bench_finish(Bench *bench)
{
    rtc_viewer_free(bench->viewer);
    rtc_send_free(bench->send);
    rtc_transport_free(bench->transport);
    media_history_free(bench->programme.history);
    media_track_unref(bench->track);
    close(bench->fd);
}

/* Sequence numbers since the last call. Returns their number. */
static unsigned received(Bench *bench, uint16_t *out_first)
{
    uint8_t bytes[2048];
    unsigned n = 0;
    *out_first = 0;
    while (recv(bench->fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
        if (n++ == 0) {
            *out_first = base_get_u16(bytes + 2);
        }
    }
    return n;
}

/* Without a turn. */
static void add_frame(Bench *bench, bool key, size_t size)
{
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, size + 4);
    unit->track = media_track_ref(bench->track);
    unit->pts_us = bench->pts_us += 33333;
    unit->key = key;
    memset(unit->data, 0x41, unit->size);
    base_put_u32(unit->data, (uint32_t)size);
    unit->packets = media_packets_new(unit);
    unit->number = media_history_next(bench->programme.history, 1);
    media_history_add(bench->programme.history, unit);
    bench->programme.flowing = true;
    rtc_programme_unit(&bench->programme, unit);
}

static void frame(Bench *bench, bool key, size_t size)
{
    add_frame(bench, key, size);
    while (rtc_viewer_turn(bench->viewer, &bench->programme, bench->send, bench->pts_us)) {
    }
    rtc_send_flush(bench->send);
}

static unsigned nack(Bench *bench, uint16_t first, uint16_t mask, int64_t now_us)
{
    uint8_t bytes[] = {0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 77, 0, 0, 0, 0};
    base_put_u16(bytes + 12, first);
    base_put_u16(bytes + 14, mask);
    unsigned n = rtc_viewer_feedback(bench->viewer, &bench->programme, bench->send, bytes,
                                     sizeof bytes, now_us);
    rtc_send_flush(bench->send);
    return n;
}

/* A quarter of 2 Mbit/s is 62,500 bytes a second: 59 packets of 1000 bytes plus 56 of overhead. */
static void test_budget(void)
{
    Bench bench;
    bench_init(&bench, false);
    uint16_t first, none;
    frame(&bench, true, 1000);
    unsigned n = received(&bench, &first);
    for (int i = 0; i < 100; i++) {
        frame(&bench, false, 1000);
    }
    n += received(&bench, &none);
    g_assert_cmpuint(n, ==, 103);
    int64_t now_us = 100 * BASE_US_PER_S;
    unsigned resent = 0;
    for (int round = 0; round < 5; round++) { // 85 packets
        resent += nack(&bench, (uint16_t)(first + 10 + 17 * round), 0xffff, now_us);
    }
    g_assert_cmpuint(resent, ==, 59);
    g_assert_cmpuint(received(&bench, &none), ==, 59);
    resent = nack(&bench, (uint16_t)(first + 10), 0xffff, now_us + BASE_US_PER_S / 10);
    g_assert_cmpuint(resent, ==, 6);
    bench_finish(&bench);
}

/* Nothing outside the window or behind the gate is resent. */
static void test_window(void)
{
    Bench bench;
    bench_init(&bench, false);
    uint16_t first, none;
    frame(&bench, true, 100);
    received(&bench, &first);
    int64_t now_us = 100 * BASE_US_PER_S;
    g_assert_cmpuint(nack(&bench, first, 0, now_us), ==, 1);
    g_assert_cmpuint(nack(&bench, (uint16_t)(first - 1), 0, now_us), ==, 0);
    g_assert_cmpuint(nack(&bench, (uint16_t)(first + 3), 0, now_us), ==, 0);
    for (int i = 0; i < RTC_RESEND_WINDOW / 4 - 1; i++) {
        frame(&bench, false, 4 * 1100);
    }
    now_us += BASE_US_PER_S;
    g_assert_cmpuint(nack(&bench, first, 0, now_us), ==, 2); // the oldest, requested again
    frame(&bench, false, 4 * 1100);
    g_assert_cmpuint(nack(&bench, first, 0, now_us), ==, 0);
    received(&bench, &none);
    uint16_t last = (uint16_t)(first + 2 + RTC_RESEND_WINDOW);
    g_assert_cmpuint(nack(&bench, last, 0, now_us), ==, 1);
    bench.programme.gate.close_us = bench.pts_us;
    g_assert_cmpuint(nack(&bench, last, 0, now_us), ==, 0);
    bench_finish(&bench);
}

/* No key-frame requests behind a closed gate; after a loss, only key frames start. */
static void test_waiting(void)
{
    Bench bench;
    bench_init(&bench, false);
    uint16_t first;
    bench.programme.gate = (MediaGate){INT64_MAX, INT64_MAX};
    rtc_viewer_start(bench.viewer, &bench.programme, 0);
    bench.viewer->look_us = INT64_MAX;
    frame(&bench, true, 100);
    frame(&bench, false, 100);
    g_assert_cmpuint(bench.keys, ==, 0);
    g_assert_cmpuint(received(&bench, &first), ==, 0);
    bench.programme.gate = (MediaGate){bench.pts_us + 1, INT64_MAX};
    frame(&bench, false, 100);
    g_assert_cmpuint(bench.keys, ==, 1);
    g_assert_cmpuint(received(&bench, &first), ==, 0);
    frame(&bench, true, 100);
    frame(&bench, false, 100);
    g_assert_cmpuint(received(&bench, &first), ==, 4);
    rtc_viewer_interrupt(bench.viewer);
    frame(&bench, false, 100);
    g_assert_cmpuint(received(&bench, &first), ==, 0);
    g_assert_cmpuint(bench.keys, ==, 2);
    bench_finish(&bench);
}

/* A full buffer drops the ends of frames, counts them, and leaves gaps for NACK. */
static void test_full_buffer(void)
{
    Bench bench;
    bench_init(&bench, false);
    int small = 4096;
    setsockopt(rtc_udp_fd(rtc_transport_udp(bench.transport)), SOL_SOCKET, SO_SNDBUF, &small,
               sizeof small);
    // loopback never fills the buffer: use an unreachable destination
    ProtocolAddress nowhere = {.ip = {[10] = 0xff, 0xff, 255, 255, 255, 255}, .port = 9};
    ProtocolAddress to;
    frame(&bench, true, 100);
    uint16_t first, again;
    g_assert_cmpuint(received(&bench, &first), ==, 3);
    struct sockaddr_in any;
    socklen_t size = sizeof any;
    getsockname(bench.fd, (void *)&any, &size);
    to = (ProtocolAddress){.ip = {[10] = 0xff, 0xff, 127, 0, 0, 1}, .port = ntohs(any.sin_port)};
    rtc_viewer_move(bench.viewer, &nowhere, bench.pts_us);
    frame(&bench, false, 5000);
    g_assert_cmpuint(atomic_load(&bench.counters.drops), ==, 5);
    frame(&bench, false, 100 * 1178); // 100 fragments, more than a batch
    g_assert_cmpuint(atomic_load(&bench.counters.drops), ==, 5 + 100);
    rtc_viewer_move(bench.viewer, &to, bench.pts_us);
    frame(&bench, false, 100);
    g_assert_cmpuint(received(&bench, &again), ==, 1);
    g_assert_cmpuint(again, ==, (uint16_t)(first + 3 + 5 + 100));
    g_assert_cmpuint(nack(&bench, (uint16_t)(first + 3), 0xf, BASE_US_PER_S), ==, 5);
    g_assert_cmpuint(received(&bench, &again), ==, 5);
    g_assert_cmpuint(again, ==, (uint16_t)(first + 3));
    bench_finish(&bench);
}

static unsigned turn(Bench *bench, bool *out_more)
{
    uint16_t first;
    *out_more = rtc_viewer_turn(bench->viewer, &bench->programme, bench->send, bench->pts_us);
    rtc_send_flush(bench->send);
    return received(bench, &first);
}

/* Ordinary frames are sent whole, key frames in slices, in few turns. */
static void test_pace(void)
{
    Bench bench;
    bench_init(&bench, false);
    bool more;
    frame(&bench, true, 100);
    turn(&bench, &more);
    add_frame(&bench, false, 50 * 1178);
    g_assert_cmpuint(turn(&bench, &more), ==, 50);
    g_assert_false(more);
    const unsigned sizes[] = {40, 120, 400};
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        add_frame(&bench, true, sizes[i] * 1178);
        unsigned sent = 0, turns = 0, n;
        do {
            n = turn(&bench, &more);
            g_assert_cmpuint(n, <=, MAX(RTC_SLICE, sizes[i] / RTC_TURNS + 1));
            sent += n;
            turns++;
        } while (more);
        g_assert_cmpuint(sent, ==, sizes[i] + 2);
        g_assert_cmpuint(turns * RTC_TURN_US, <=, 2 * 33333 + 4000);
    }
    bench_finish(&bench);
}

/* A backlog of a second at 2 Mbit/s is sent within 100 ms, with what comes meanwhile. */
static void test_join(void)
{
    Bench bench;
    bench_init(&bench, false);
    rtc_viewer_interrupt(bench.viewer);
    bench.viewer->wanted = RTC_NO_TRACK; // not there yet
    frame(&bench, true, 40 * 1178);
    for (int i = 0; i < 28; i++) {
        frame(&bench, false, 6 * 1178);
    }
    rtc_viewer_select(bench.viewer, &bench.programme);
    rtc_viewer_start(bench.viewer, &bench.programme, bench.pts_us);
    bench.viewer->look_us = INT64_MAX;
    unsigned sent = 0, turns = 0, n;
    bool more;
    do {
        n = turn(&bench, &more);
        g_assert_cmpuint(n, <=, MAX(RTC_SLICE, (42 + 30 * 6) / RTC_TURNS));
        sent += n;
        if (++turns == 5) {
            add_frame(&bench, false, 6 * 1178);
        }
    } while (more);
    g_assert_cmpuint(sent, ==, 42 + 29 * 6);
    g_assert_cmpuint(turns * RTC_TURN_US, <=, 100000);
    g_assert_cmpuint(bench.keys, ==, 0);
    bench_finish(&bench);
}

/* A lagging viewer skips to the newest key frame, or waits for the grid. */
static void test_lag(void)
{
    Bench bench;
    bench_init(&bench, false);
    uint16_t first, again;
    bool more;
    frame(&bench, true, 100);
    unsigned n = received(&bench, &first);
    for (int i = 0; i < 60; i++) {
        add_frame(&bench, i == 45, 100);
    }
    unsigned caught_up = 0;
    do {
        caught_up += turn(&bench, &more);
    } while (more);
    g_assert_cmpuint(n, ==, 3);
    g_assert_cmpuint(caught_up, ==, 3 + 14);
    for (int i = 0; i < 60; i++) {
        add_frame(&bench, false, 100);
    }
    g_assert_cmpuint(turn(&bench, &more), ==, 0);
    add_frame(&bench, false, 100);
    g_assert_cmpuint(bench.keys, ==, 0);
    frame(&bench, true, 100);
    g_assert_cmpuint(received(&bench, &again), ==, 3);
    g_assert_cmpuint(again, ==, (uint16_t)(first + 3 + 17)); // no gap
    bench_finish(&bench);
}

static srtp_t foreign_context(void)
{
    protocol_srtp_in_free(protocol_srtp_in_new(&(ProtocolSrtpMaster){0})); // initialises libsrtp2
    static uint8_t key[28];
    srtp_policy_t policy = {.ssrc.type = ssrc_any_inbound, .key = key, .window_size = 1024};
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    srtp_t context;
    g_assert_cmpint(srtp_create(&context, &policy), ==, srtp_err_status_ok);
    return context;
}

static int next_packet(Bench *bench, srtp_t context, uint8_t bytes[2048])
{
    int size = (int)recv(bench->fd, bytes, 2048, MSG_DONTWAIT);
    g_assert_cmpint(size, >, 0);
    g_assert_cmpint(srtp_unprotect(context, bytes, &size), ==, srtp_err_status_ok);
    return size;
}

/* RFC 4588: own SSRC and sequence; the original number precedes the payload. */
static void test_rtx(void)
{
    Bench bench;
    bench_init(&bench, false);
    srtp_t context = foreign_context();
    bench.viewer->setup.rtx = (RtcFlowSetup){.wanted = true, .ssrc = 79, .format = 103};
    add_frame(&bench, true, 5000);
    bool more = rtc_viewer_turn(bench.viewer, &bench.programme, bench.send, bench.pts_us);
    rtc_send_flush(bench.send);
    g_assert_false(more);
    uint8_t packets[7][2048], again[2048];
    int sizes[7];
    for (unsigned i = 0; i < 7; i++) {
        sizes[i] = next_packet(&bench, context, packets[i]);
    }
    uint16_t first = base_get_u16(packets[0] + 2), last = 0;
    for (unsigned round = 0; round < 2; round++) { // requested twice: two copies each, all new
        unsigned copies = round + 1;
        g_assert_cmpuint(
            nack(&bench, (uint16_t)(first + 2), 2, (int64_t)(round + 1) * BASE_US_PER_S), ==,
            2 * copies);
        for (unsigned n = 0; n < 2 * copies; n++) {
            unsigned i = n < copies ? 2 : 4;
            int size = next_packet(&bench, context, again);
            g_assert_cmpint(size, ==, sizes[i] + 2);
            g_assert_cmphex(again[1], ==, (packets[i][1] & 0x80) | 103);
            g_assert_cmpuint(base_get_u32(again + 8), ==, 79);
            g_assert_cmpuint(base_get_u32(again + 4), ==, base_get_u32(packets[i] + 4));
            g_assert_cmpuint(base_get_u16(again + 12), ==, (uint16_t)(first + i));
            g_assert_cmpmem(again + 14, size - 14, packets[i] + 12, sizes[i] - 12);
            uint16_t sequence = base_get_u16(again + 2);
            g_assert_true((round == 0 && n == 0) || sequence == (uint16_t)(last + 1));
            last = sequence;
        }
    }
    // repeated requests within a round trip change nothing
    g_assert_cmpuint(nack(&bench, (uint16_t)(first + 2), 0, 2 * BASE_US_PER_S + 5000), ==, 0);
    srtp_dealloc(context);
    bench_finish(&bench);
}

/* Without RTX: identical bytes with the transport-wide number, or a nonce would be reused. */
static void test_again(void)
{
    Bench bench;
    bench_init(&bench, false);
    bench.viewer->video.setup.extension = bench.viewer->setup.video.extension = 5;
    frame(&bench, true, 5000);
    uint8_t packets[7][2048], again[2048];
    ssize_t sizes[7];
    for (unsigned i = 0; i < 7; i++) {
        sizes[i] = recv(bench.fd, packets[i], sizeof packets[i], MSG_DONTWAIT);
        g_assert_cmpint(sizes[i], >, 20);
    }
    g_assert_cmpuint(nack(&bench, base_get_u16(packets[3] + 2), 0, BASE_US_PER_S), ==, 1);
    ssize_t size = recv(bench.fd, again, sizeof again, MSG_DONTWAIT);
    g_assert_cmpmem(again, size, packets[3], sizes[3]);
    bench_finish(&bench);
}

/* In a network namespace with a slow link: media stops before the reserve, keeps its position and
 * loses nothing; a full socket sends no reply to a check. */
static gpointer fill_buffer(gpointer data)
{
    bool *ran = data;
    if (unshare(CLONE_NEWNET) < 0 ||
        system(
            "ip link set lo up && tc qdisc add dev lo root tbf rate 1mbit burst 8kb limit 64mb") !=
            0) {
        return NULL;
    }
    *ran = true;
    Bench bench;
    bench_init(&bench, false);
    bool more = false;
    unsigned frames = 0;
    for (; frames < 1000 && !more; frames++) {
        add_frame(&bench, frames == 0, 100 * 1178);
        more = rtc_viewer_turn(bench.viewer, &bench.programme, bench.send, bench.pts_us);
        for (int i = 0; more && i < 20 && rtc_send_has_room(bench.send);
             i++) { // slices of the key frame
            more = rtc_viewer_turn(bench.viewer, &bench.programme, bench.send, bench.pts_us);
        }
        rtc_send_flush(bench.send);
    }
    g_assert_true(more);
    g_assert_false(rtc_send_has_room(bench.send));
    g_assert_cmpuint(atomic_load(&bench.counters.drops), ==, 0);
    uint64_t sent = bench.viewer->resend.next;
    rtc_viewer_turn(bench.viewer, &bench.programme, bench.send, bench.pts_us);
    g_assert_cmpuint(bench.viewer->resend.next, ==, sent);
    uint8_t check[100] = {0};
    for (int i = 0; i < 100; i++) {
        g_assert_cmpint(
            rtc_transport_send(bench.transport, &bench.viewer->path.to, check, sizeof check), ==,
            0);
    }
    int result = 0;
    for (int i = 0; i < 1000000 && result == 0; i++) {
        result = rtc_transport_send(bench.transport, &bench.viewer->path.to, check, sizeof check);
    }
    g_assert_cmpint(result, ==, -EAGAIN);
    bench_finish(&bench);
    return NULL;
}

static void test_room(void)
{
    bool ran = false;
    g_thread_join(g_thread_new("room", fill_buffer, &ran));
    if (!ran) {
        g_test_skip("needs a network namespace with a slow loopback: root");
    }
}

static void test_transport(void)
{
    GError *error = NULL;
    g_assert_null(rtc_transport_new("nonsense", &error));
    g_assert_nonnull(strstr(error->message, "nonsense"));
    g_clear_error(&error);
    g_assert_null(rtc_transport_new("192.0.2.1:99999", NULL));
    g_autoptr(RtcTransport) loop = rtc_transport_new("127.0.0.1:0", NULL);
    g_autofree char *taken = g_strdup_printf("127.0.0.1:%u", rtc_transport_port(loop));
    g_assert_null(rtc_transport_new(taken, &error));
    g_assert_nonnull(strstr(error->message, taken));
    g_clear_error(&error);
}

/* Passes on a request per 500 ms, like the stream. */
static void on_key_request(void *data, uint8_t track, int64_t now_us)
{
    (void)track;
    Bench *bench = data;
    bench->keys += now_us - bench->pts_us >= 500000;
    bench->pts_us = now_us - bench->pts_us >= 500000 ? now_us : bench->pts_us;
}

/* Endless key-frame requests yield few; after a pause one passes at once. */
static void test_key_requests(void)
{
    static const uint8_t pli[] = {0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 77};
    Bench bench;
    bench_init(&bench, false);
    bench.programme.want_key = on_key_request;
    int64_t now_us = 1000 * BASE_US_PER_S, end_us = now_us + 60 * BASE_US_PER_S;
    bench.pts_us = 0;
    for (; now_us < end_us; now_us += 50 * BASE_US_PER_MS) {
        rtc_viewer_feedback(bench.viewer, &bench.programme, bench.send, pli, sizeof pli, now_us);
    }
    g_assert_cmpuint(bench.keys, >=, 30);
    g_assert_cmpuint(bench.keys, <=, 30 + 3); // not 120
    for (unsigned i = 0; i < 3; i++) {
        unsigned before = bench.keys;
        now_us += 3 * BASE_US_PER_S;
        rtc_viewer_feedback(bench.viewer, &bench.programme, bench.send, pli, sizeof pli, now_us);
        g_assert_cmpuint(bench.keys, ==, before + 1);
    }
    bench_finish(&bench);
}

void add_viewer_tests(void)
{
    g_test_add_func("/rtc/viewer/choice", test_choice);
    g_test_add_func("/rtc/viewer/budget", test_budget);
    g_test_add_func("/rtc/viewer/window", test_window);
    g_test_add_func("/rtc/viewer/waiting", test_waiting);
    g_test_add_func("/rtc/viewer/full-buffer", test_full_buffer);
    g_test_add_func("/rtc/viewer/pace", test_pace);
    g_test_add_func("/rtc/viewer/join", test_join);
    g_test_add_func("/rtc/viewer/lag", test_lag);
    g_test_add_func("/rtc/viewer/rtx", test_rtx);
    g_test_add_func("/rtc/viewer/again", test_again);
    g_test_add_func("/rtc/viewer/key-requests", test_key_requests);
    g_test_add_func("/rtc/viewer/room", test_room);
    g_test_add_func("/rtc/transport", test_transport);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way of a packet: jobs, flush, loopback, libsrtp2 as the receiver; with segments,
// without them, and where the way refuses them.
#include "tests.h"

#include "base/bytes.h"
#include "media/rtp.h"
#include "rtc/send.h"

#include <arpa/inet.h>
#include <netinet/udp.h>
#include <srtp2/srtp.h>
#include <sys/socket.h>
#include <unistd.h>

#define VIEWERS 3
#define VIDEO 1000u
#define RTX 2000u
#define AUDIO 3000u

typedef enum { SEGMENTS, NO_SEGMENTS, REFUSED_SEGMENTS } Way;

static const uint8_t avcc[] = {1,    0x42, 0xc0, 0x1f, 0xff, 0xe1, 0,    4,    0x67,
                               0x42, 0xc0, 0x1f, 1,    0,    3,    0x68, 0xce, 0x3c};

typedef struct {
    RtcPath path;
    int fd;
    srtp_t check;
    uint64_t video, rtx, audio; // next indices
    uint8_t extension;
    uint16_t transport;
    unsigned n_expected;
    GByteArray *expected; // the plain packets, each behind its size
} Viewer;

typedef struct {
    RtcSocket *socket;
    RtcCounters counters;
    RtcSend *send;
    MediaTrack *track, *sound;
    Viewer viewers[VIEWERS];
} Bench;

static void viewer_init(Viewer *viewer, RtcSrtpProfile profile, unsigned number, bool gro)
{
    RtcSrtpMaster master = {.profile = profile};
    for (unsigned i = 0; i < sizeof master.key; i++) {
        master.key[i] = (uint8_t)(i * 7 + number);
    }
    uint8_t key[30];
    memcpy(key, master.key, 16);
    memcpy(key + 16, master.salt, 14);
    srtp_policy_t policy = {.ssrc.type = ssrc_any_inbound, .key = key, .window_size = 1024};
    if (profile == RTC_SRTP_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    rtc_srtp_in_free(rtc_srtp_in_new(&master)); // sets libsrtp2 up
    g_assert_cmpint(srtp_create(&viewer->check, &policy), ==, srtp_err_status_ok);
    viewer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int room = 8 << 20, one = gro;
    setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(viewer->fd, SOL_UDP, UDP_GRO, &one, sizeof one);
    bind(viewer->fd, (void *)&at, size);
    getsockname(viewer->fd, (void *)&at, &size);
    viewer->path =
        (RtcPath){.to = {.ip = {[10] = 0xff, 0xff, 127, 0, 0, 1}, .port = ntohs(at.sin_port)},
                  .srtp = rtc_srtp_out_new(&master)};
    viewer->video = 65300; // over the wrap
    viewer->rtx = 65500;
    viewer->audio = 65530;
    viewer->extension = (uint8_t)(number % 2 * 5);
    viewer->expected = g_byte_array_new();
}

static void bench_init(Bench *bench, RtcSrtpProfile profile, Way way, bool gro)
{
    MediaTrackInfo video = {.id = 1,
                            .kind = MEDIA_VIDEO,
                            .codec = MEDIA_H264,
                            .name = "720p",
                            .bitrate = 2000000,
                            .width = 1280,
                            .height = 720,
                            .fps_n = 30,
                            .fps_d = 1};
    MediaTrackInfo audio = {.id = 2,
                            .kind = MEDIA_AUDIO,
                            .codec = MEDIA_OPUS,
                            .name = "ar",
                            .language = "ar",
                            .sample_rate = 48000,
                            .channels = 2};
    *bench = (Bench){.track = media_track_new(&video, avcc, sizeof avcc),
                     .sound = media_track_new(&audio, avcc, 0)};
    bench->socket = rtc_socket_new("127.0.0.1:0", NULL);
    g_assert_true(rtc_socket_segments(bench->socket)); // every kernel since 4.18
    if (way == NO_SEGMENTS) {
        rtc_socket_forbid_segments(bench->socket);
    } else if (way == REFUSED_SEGMENTS) { // without checksums the kernel does not cut
        int one = 1;
        setsockopt(rtc_socket_fd(bench->socket), SOL_SOCKET, SO_NO_CHECK, &one, sizeof one);
    }
    bench->send = rtc_send_new(bench->socket, &bench->counters);
    for (unsigned i = 0; i < VIEWERS; i++) {
        viewer_init(&bench->viewers[i], profile, i, gro);
    }
}

static void bench_finish(Bench *bench)
{
    for (unsigned i = 0; i < VIEWERS; i++) {
        Viewer *viewer = &bench->viewers[i];
        rtc_srtp_out_free(viewer->path.srtp);
        srtp_dealloc(viewer->check);
        g_byte_array_unref(viewer->expected);
        close(viewer->fd);
    }
    rtc_send_free(bench->send);
    rtc_socket_free(bench->socket);
    media_track_unref(bench->track);
    media_track_unref(bench->sound);
}

static MediaItem *unit_of(MediaTrack *track, bool key, size_t size, unsigned number)
{
    size_t before = track->info.codec == MEDIA_H264 ? 4 : 0;
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, before + size);
    unit->track = media_track_ref(track);
    unit->pts_us = (int64_t)number * 33333;
    unit->key = key;
    for (size_t i = 0; i < size; i++) {
        unit->data[before + i] = (uint8_t)(i * 31 + number);
    }
    if (before > 0) {
        base_put_u32(unit->data, (uint32_t)size);
        unit->data[before] = key ? 0x65 : 0x41;
    }
    unit->packets = media_packets_new(unit);
    return unit;
}

/* What the receiver must see of a job, written from the RFCs and not by the code under test. */
static void expect(Viewer *viewer, const RtcSendJob *job)
{
    const MediaPacket *packet = &job->packets->packets[job->packet];
    uint8_t plain[1400] = {0}, size[2];
    size_t at = 12;
    plain[0] = job->extension != 0 ? 0x90 : 0x80;
    plain[1] = (uint8_t)(job->format | (packet->marker ? 0x80 : 0));
    base_put_u16(plain + 2, (uint16_t)job->index);
    base_put_u32(plain + 4, job->packets->rtp_time + job->rtp_offset);
    base_put_u32(plain + 8, job->ssrc);
    if (job->extension != 0) {
        uint8_t extension[] = {0xbe, 0xde, 0, 1, 0x51, job->transport >> 8, (uint8_t)job->transport,
                               0};
        memcpy(plain + at, extension, sizeof extension);
        at += sizeof extension;
    }
    if (job->rtx) {
        base_put_u16(plain + at, job->original);
        at += 2;
    }
    memcpy(plain + at, job->packets->payload + packet->offset, packet->size);
    at += packet->size;
    base_put_u16(size, (uint16_t)at);
    g_byte_array_append(viewer->expected, size, 2);
    g_byte_array_append(viewer->expected, plain, (guint)at);
    viewer->n_expected++;
}

static void add(Bench *bench, Viewer *viewer, const MediaItem *unit, uint32_t packet, uint32_t ssrc,
                uint64_t index, bool *out_lost)
{
    RtcSendJob job = {.path = &viewer->path,
                      .packets = unit->packets,
                      .packet = packet,
                      .index = index,
                      .ssrc = ssrc,
                      .rtp_offset = 0xfffff000,
                      .format = ssrc == AUDIO ? 111 : 102,
                      .extension = viewer->extension,
                      .transport = viewer->transport++,
                      .rtx = ssrc == RTX,
                      .original = (uint16_t)(viewer->video - 1),
                      .out_lost = out_lost};
    expect(viewer, &job);
    rtc_send_add(bench->send, &job);
}

static void add_unit(Bench *bench, Viewer *viewer, const MediaItem *unit, bool *out_lost)
{
    bool video = unit->track == bench->track;
    for (uint32_t i = 0; i < unit->packets->count; i++) {
        add(bench, viewer, unit, i, video ? VIDEO : AUDIO,
            video ? viewer->video++ : viewer->audio++, out_lost);
    }
}

/* Everything that was added came, in order, once, and libsrtp2 makes of it what it should be. */
static void check_received(Viewer *viewer)
{
    const uint8_t *want = viewer->expected->data;
    for (unsigned n = 0; n < viewer->n_expected; n++) {
        uint8_t packet[2048];
        ssize_t got = recv(viewer->fd, packet, sizeof packet, 0);
        g_assert_cmpint(got, >, 0);
        g_assert_cmpint(got + 8 + 40, <=, 1280); // what every IPv6 path carries
        int size = (int)got;
        g_assert_cmpint(srtp_unprotect(viewer->check, packet, &size), ==, srtp_err_status_ok);
        g_assert_cmpmem(packet, (size_t)size, want + 2, base_get_u16(want));
        want += 2 + base_get_u16(want);
    }
    uint8_t more;
    g_assert_cmpint(recv(viewer->fd, &more, 1, 0), <, 0);
    g_byte_array_set_size(viewer->expected, 0);
    viewer->n_expected = 0;
}

static void test_referee(RtcSrtpProfile profile, Way way)
{
    Bench bench;
    bench_init(&bench, profile, way, false);
    for (unsigned round = 0; round < 120; round++) {
        size_t size = round % 40 == 0 ? 150000 : 20 + round * 7919 % 20000;
        g_autoptr(MediaItem) unit = unit_of(bench.track, round % 40 == 0, size, round);
        g_autoptr(MediaItem) sound = unit_of(bench.sound, false, 100 + round, round);
        for (unsigned i = 0; i < VIEWERS; i++) {
            Viewer *viewer = &bench.viewers[i];
            add_unit(&bench, viewer, unit, NULL);
            add(&bench, viewer, unit, unit->packets->count - 1, RTX, viewer->rtx++, NULL);
            add_unit(&bench, viewer, sound, NULL);
        }
        rtc_send_flush(bench.send);
        for (unsigned i = 0; i < VIEWERS; i++) {
            check_received(&bench.viewers[i]);
        }
    }
    g_assert_cmpuint(bench.viewers[0].video, >, 65536 + 700);
    g_assert_cmpuint(bench.viewers[0].rtx, >, 65536);
    g_assert_cmpuint(atomic_load(&bench.counters.drops), ==, 0);
    g_assert_true(bench.viewers[0].path.plain == (way == REFUSED_SEGMENTS));
    bench_finish(&bench);
}

static void test_referee_gcm(gconstpointer way)
{
    test_referee(RTC_SRTP_GCM, (Way)GPOINTER_TO_INT(way));
}

static void test_referee_cm(gconstpointer way)
{
    test_referee(RTC_SRTP_CM, (Way)GPOINTER_TO_INT(way));
}

/* How many messages the viewer's socket got, as the kernel took them from us. */
static unsigned messages(Bench *bench, MediaItem *unit)
{
    Viewer *viewer = &bench->viewers[1];
    g_autofree uint8_t *bytes = g_malloc(65536);
    size_t size = 0, sent = atomic_load(&bench->counters.bytes);
    unsigned n = 0;
    add_unit(bench, viewer, unit, NULL);
    rtc_send_flush(bench->send);
    media_item_unref(unit);
    for (ssize_t got; (got = recv(viewer->fd, bytes, 65536, 0)) > 0; n++) {
        size += (size_t)got;
    }
    g_assert_cmpuint(size, ==, atomic_load(&bench->counters.bytes) - sent);
    return n;
}

/* A picture is one message, a key frame another one for its parameter sets. */
static void test_messages(void)
{
    Bench bench;
    bench_init(&bench, RTC_SRTP_GCM, SEGMENTS, true);
    for (unsigned size = 100, number = 1; size < 50000; size += 1717, number++) {
        g_assert_cmpuint(messages(&bench, unit_of(bench.track, false, size, number)), ==, 1);
        g_assert_cmpuint(messages(&bench, unit_of(bench.track, true, size, number)), ==, 2);
    }
    g_assert_cmpuint(messages(&bench, unit_of(bench.sound, false, 160, 9)), ==, 1);
    // 255 fragments: no message is larger than the kernel takes
    g_assert_cmpuint(messages(&bench, unit_of(bench.track, false, 300000, 9)), <=, 8);
    bench_finish(&bench);
    bench_init(&bench, RTC_SRTP_GCM, NO_SEGMENTS, true);
    g_assert_cmpuint(messages(&bench, unit_of(bench.track, false, 10000, 1)), ==, 9);
    bench_finish(&bench);
}

/* A destination out of reach takes nothing from the others in its batch. */
static void test_unreachable(void)
{
    Bench bench;
    bench_init(&bench, RTC_SRTP_GCM, SEGMENTS, false);
    bool lost[VIEWERS] = {false};
    bench.viewers[1].path.to =
        (RtcAddress){.ip = {[10] = 0xff, 0xff, 255, 255, 255, 255}, .port = 9};
    g_autoptr(MediaItem) unit = unit_of(bench.track, true, 9000, 1);
    for (unsigned i = 0; i < VIEWERS; i++) {
        add_unit(&bench, &bench.viewers[i], unit, &lost[i]);
    }
    rtc_send_flush(bench.send);
    check_received(&bench.viewers[0]);
    check_received(&bench.viewers[2]);
    g_assert_true(!lost[0] && lost[1] && !lost[2]);
    g_assert_cmpuint(atomic_load(&bench.counters.drops), ==, unit->packets->count);
    g_assert_false(bench.viewers[1].path.plain);
    bench_finish(&bench);
}

void add_send_tests(void)
{
    static const char *const names[] = {"segments", "no-segments", "refused-segments"};
    for (int way = SEGMENTS; way <= REFUSED_SEGMENTS; way++) {
        g_autofree char *gcm = g_strdup_printf("/rtc/send/gcm-%s", names[way]);
        g_autofree char *cm = g_strdup_printf("/rtc/send/cm-%s", names[way]);
        g_test_add_data_func(gcm, GINT_TO_POINTER(way), test_referee_gcm);
        g_test_add_data_func(cm, GINT_TO_POINTER(way), test_referee_cm);
    }
    g_test_add_func("/rtc/send/messages", test_messages);
    g_test_add_func("/rtc/send/unreachable", test_unreachable);
}

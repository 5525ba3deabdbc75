// SPDX-License-Identifier: GPL-3.0-or-later
// A packet from job to receiver: flush, loopback, libsrtp2 as the receiver; with segments, without,
// and on a path that refuses them.
#include "../tracks.h"

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

typedef enum { SEGMENTS, NO_SEGMENTS, REFUSED_SEGMENTS } SegmentMode;

typedef struct {
    RtcPath path;
    int fd;
    srtp_t check;
    uint64_t video, rtx, audio; // next indices
    uint8_t extension;
    uint16_t transport;
    unsigned n_expected;
    GByteArray *expected; // plain packets, each with its size
} Viewer;

typedef struct {
    RtcTransport *transport;
    RtcCounters counters;
    RtcSend *send;
    MediaTrack *track, *sound;
    Viewer viewers[VIEWERS];
} Bench;

static void viewer_init(Viewer *viewer, ProtocolSrtpProfile profile, unsigned number, bool gro)
{
    ProtocolSrtpMaster master = {.profile = profile};
    for (unsigned i = 0; i < sizeof master.key; i++) {
        master.key[i] = (uint8_t)(i * 7 + number);
    }
    uint8_t key[30];
    memcpy(key, master.key, 16);
    memcpy(key + 16, master.salt, 14);
    srtp_policy_t policy = {.ssrc.type = ssrc_any_inbound, .key = key, .window_size = 1024};
    if (profile == PROTOCOL_SRTP_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    protocol_srtp_in_free(protocol_srtp_in_new(&master)); // initialises libsrtp2
    g_assert_cmpint(srtp_create(&viewer->check, &policy), ==, srtp_err_status_ok);
    viewer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int room = 8 << 20, one = gro;
    setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(viewer->fd, SOL_UDP, UDP_GRO, &one, sizeof one);
    (void)bind(viewer->fd, (void *)&at, size);
    getsockname(viewer->fd, (void *)&at, &size);
    viewer->path =
        (RtcPath){.to = {.ip = {[10] = 0xff, 0xff, 127, 0, 0, 1}, .port = ntohs(at.sin_port)},
                  .srtp = protocol_srtp_out_new(&master)};
    viewer->video = 65300; // across the wrap
    viewer->rtx = 65500;
    viewer->audio = 65530;
    viewer->extension = (uint8_t)(number % 2 * 5);
    viewer->expected = g_byte_array_new();
}

static void bench_init(Bench *bench, ProtocolSrtpProfile profile, SegmentMode mode, bool gro)
{
    *bench = (Bench){.track = tracks_h264(1, 720, 2000000), .sound = tracks_opus(2)};
    bench->transport = rtc_transport_new("127.0.0.1:0", NULL);
    g_assert_true(rtc_udp_segments(rtc_transport_udp(bench->transport))); // every kernel since 4.18
    if (mode == NO_SEGMENTS) {
        rtc_udp_forbid_segments(rtc_transport_udp(bench->transport));
    } else if (mode == REFUSED_SEGMENTS) { // the kernel does not segment without checksums
        int one = 1;
        setsockopt(rtc_udp_fd(rtc_transport_udp(bench->transport)), SOL_SOCKET, SO_NO_CHECK, &one,
                   sizeof one);
    }
    bench->send = rtc_send_new(bench->transport, &bench->counters);
    for (unsigned i = 0; i < VIEWERS; i++) {
        viewer_init(&bench->viewers[i], profile, i, gro);
    }
}

static void bench_finish(Bench *bench)
{
    for (unsigned i = 0; i < VIEWERS; i++) {
        Viewer *viewer = &bench->viewers[i];
        protocol_srtp_out_free(viewer->path.srtp);
        srtp_dealloc(viewer->check);
        g_byte_array_unref(viewer->expected);
        close(viewer->fd);
    }
    rtc_send_free(bench->send);
    rtc_transport_free(bench->transport);
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

/* The expected packet, written from the RFCs, not from the code. */
static void expect(Viewer *viewer, const RtcSendJob *job)
{
    const MediaPacket *packet = &job->packets->packets[job->packet];
    uint8_t plain[1400] = {0}, size[2];
    size_t at = 12;
    plain[0] = (uint8_t)((job->extension != 0 ? 0x90 : 0x80) | (packet->padding > 0 ? 0x20 : 0));
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

/* Every packet arrives in order, once, and decrypts correctly. */
static void check_received(Viewer *viewer)
{
    const uint8_t *want = viewer->expected->data;
    for (unsigned n = 0; n < viewer->n_expected; n++) {
        uint8_t packet[2048];
        ssize_t got = recv(viewer->fd, packet, sizeof packet, 0);
        g_assert_cmpint(got, >, 0);
        g_assert_cmpint(got + 8 + 40, <=, 1280); // fits every IPv6 path
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

static void test_referee(ProtocolSrtpProfile profile, SegmentMode mode)
{
    Bench bench;
    bench_init(&bench, profile, mode, false);
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
    g_assert_true(bench.viewers[0].path.plain == (mode == REFUSED_SEGMENTS));
    bench_finish(&bench);
}

static void test_referee_gcm(gconstpointer mode)
{
    test_referee(PROTOCOL_SRTP_GCM, (SegmentMode)GPOINTER_TO_INT(mode));
}

static void test_referee_cm(gconstpointer mode)
{
    test_referee(PROTOCOL_SRTP_CM, (SegmentMode)GPOINTER_TO_INT(mode));
}

/* Number of messages that the viewer's socket received. */
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

/* A picture is one message; a key frame has another for its parameter sets. */
static void test_messages(void)
{
    Bench bench;
    bench_init(&bench, PROTOCOL_SRTP_GCM, SEGMENTS, true);
    for (unsigned size = 100, number = 1; size < 50000; size += 1717, number++) {
        g_assert_cmpuint(messages(&bench, unit_of(bench.track, false, size, number)), ==, 1);
        g_assert_cmpuint(messages(&bench, unit_of(bench.track, true, size, number)), ==, 2);
    }
    g_assert_cmpuint(messages(&bench, unit_of(bench.sound, false, 160, 9)), ==, 1);
    // 255 fragments: no message exceeds the kernel's limit
    g_assert_cmpuint(messages(&bench, unit_of(bench.track, false, 300000, 9)), <=, 8);
    bench_finish(&bench);
    bench_init(&bench, PROTOCOL_SRTP_GCM, NO_SEGMENTS, true);
    g_assert_cmpuint(messages(&bench, unit_of(bench.track, false, 10000, 1)), ==, 9);
    bench_finish(&bench);
}

/* An unreachable destination does not affect the rest of the batch. */
static void test_unreachable(void)
{
    Bench bench;
    bench_init(&bench, PROTOCOL_SRTP_GCM, SEGMENTS, false);
    bool lost[VIEWERS] = {false};
    bench.viewers[1].path.to =
        (ProtocolAddress){.ip = {[10] = 0xff, 0xff, 255, 255, 255, 255}, .port = 9};
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
    for (int mode = SEGMENTS; mode <= REFUSED_SEGMENTS; mode++) {
        g_autofree char *gcm = g_strdup_printf("/rtc/send/gcm-%s", names[mode]);
        g_autofree char *cm = g_strdup_printf("/rtc/send/cm-%s", names[mode]);
        g_test_add_data_func(gcm, GINT_TO_POINTER(mode), test_referee_gcm);
        g_test_add_data_func(cm, GINT_TO_POINTER(mode), test_referee_cm);
    }
    g_test_add_func("/rtc/send/messages", test_messages);
    g_test_add_func("/rtc/send/unreachable", test_unreachable);
}

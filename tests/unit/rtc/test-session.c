// SPDX-License-Identifier: GPL-3.0-or-later
// Whole sessions over loopback, with a bus that the test fills and a foreign peer.
#include "../tracks.h"

#include "client.h"
#include "tests.h"

#include "base/clock.h"
#include "base/error.h"
#include "media/rtp.h"
#include "rtc/server.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#define GCM "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
#define CM "SRTP_AES128_CM_SHA1_80"
#define VIDEO_BYTES 3000 // three packets, five with parameter sets
#define KEY_PACKETS 5

typedef struct {
    RtcServer *server;
    RtcStream *stream;
    MediaBus *bus;
    MediaTrack *video, *audio;
    uint32_t run;
    int64_t pts_us;
    atomic_uint keys_wanted;
    RtcAnswer *answer;
    GError *error;
    bool answered;
} Stage;

static void on_want_key(void *data, uint32_t tracks)
{
    Stage *stage = data;
    g_assert_cmphex(tracks, ==, 1u << 1);
    atomic_fetch_add(&stage->keys_wanted, 1);
}

static void publish(Stage *stage, MediaItem *item)
{
    media_bus_publish(stage->bus, item);
    media_item_unref(item);
}

static MediaTrack *new_track(MediaKind kind)
{
    return kind == MEDIA_VIDEO ? tracks_h264(1, 720, 2000000) : tracks_opus(2);
}

static void begin_run(Stage *stage, bool open)
{
    g_clear_pointer(&stage->video, media_track_unref);
    g_clear_pointer(&stage->audio, media_track_unref);
    stage->video = new_track(MEDIA_VIDEO);
    stage->audio = new_track(MEDIA_AUDIO);
    MediaItem *run = media_item_new(MEDIA_ITEM_RUN, 0);
    run->run = ++stage->run;
    run->open = open;
    run->pts_us = stage->pts_us;
    publish(stage, run);
    MediaTrack *tracks[] = {stage->video, stage->audio};
    for (unsigned i = 0; i < G_N_ELEMENTS(tracks); i++) {
        MediaItem *item = media_item_new(MEDIA_ITEM_TRACK, 0);
        item->track = media_track_ref(tracks[i]);
        publish(stage, item);
    }
}

static Stage *stage_new_config(bool open, const RtcConfig *config)
{
    Stage *stage = g_new0(Stage, 1);
    GError *error = NULL;
    stage->server = rtc_server_new(config, &error);
    g_assert_no_error(error);
    stage->bus = media_bus_new();
    stage->pts_us = 5000000;
    RtcStreamEvents events = {.want_key = on_want_key, .data = stage};
    stage->stream = rtc_stream_new(stage->server, stage->bus, &events);
    begin_run(stage, open);
    return stage;
}

static Stage *stage_new_with(bool open, unsigned max_viewers)
{
    RtcConfig config = {.listen = "127.0.0.1:0", .out_threads = 2, .max_viewers = max_viewers};
    return stage_new_config(open, &config);
}

static Stage *stage_new(bool open)
{
    return stage_new_with(open, 0);
}

static void clear_answer(Stage *stage)
{
    g_clear_pointer(&stage->answer, rtc_answer_free);
    g_clear_error(&stage->error);
    stage->answered = false;
}

static void stage_free(Stage *stage)
{
    clear_answer(stage);
    rtc_stream_free(stage->stream);
    rtc_server_free(stage->server);
    media_track_unref(stage->video);
    media_track_unref(stage->audio);
    media_bus_free(stage->bus);
    g_free(stage);
}

static void send_video(Stage *stage, bool key)
{
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, VIDEO_BYTES + 4);
    unit->track = media_track_ref(stage->video);
    unit->pts_us = stage->pts_us;
    unit->key = key;
    memset(unit->data, (int)(stage->pts_us / 33333), unit->size);
    memcpy(unit->data, (uint8_t[]){0, 0, VIDEO_BYTES >> 8, VIDEO_BYTES & 0xff}, 4);
    unit->data[4] = key ? 0x65 : 0x41;
    unit->packets = media_packets_new(unit);
    publish(stage, unit);
    stage->pts_us += 33333;
}

static void send_audio(Stage *stage)
{
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, 100);
    unit->track = media_track_ref(stage->audio);
    unit->pts_us = stage->pts_us;
    memset(unit->data, 7, unit->size);
    unit->packets = media_packets_new(unit);
    publish(stage, unit);
}

static void send_mark(Stage *stage, MediaMark mark)
{
    MediaItem *item = media_item_new(MEDIA_ITEM_MARK, 0);
    item->mark = mark;
    item->pts_us = stage->pts_us;
    publish(stage, item);
}

static void on_answer(void *data, RtcAnswer *answer, const GError *error)
{
    Stage *stage = data;
    stage->answer = answer;
    stage->error = error != NULL ? g_error_copy(error) : NULL;
    stage->answered = true;
}

static void wait_for_answer(Stage *stage)
{
    while (!stage->answered) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static void add(Stage *stage, const char *offer, const RtcViewerConfig *config)
{
    clear_answer(stage);
    rtc_viewer_add(stage->stream, offer, strlen(offer), config, NULL, on_answer, stage);
    wait_for_answer(stage);
}

static void patch(Stage *stage, const char *id, const char *etag, const char *fragment)
{
    clear_answer(stage);
    rtc_viewer_patch(stage->server, id, etag, fragment, strlen(fragment), NULL, on_answer, stage);
    wait_for_answer(stage);
}

static void connect_client(Client *client, const char *profiles)
{
    for (int i = 0; i < 50 && !client->checked; i++) {
        client_check(client);
        client_run(client, 100, 0);
    }
    g_assert_true(client->checked);
    client_start_dtls(client, profiles);
    for (int i = 0; i < 50 && !client->keyed; i++) {
        client_run(client, 100, 0);
    }
    g_assert_true(client->keyed);
    g_usleep(50000); // until the out thread has the viewer
}

static Client *join_as(Stage *stage, bool privileged, const char *profiles)
{
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig config = {.owner = "p1", .privileged = privileged};
    add(stage, offer, &config);
    g_assert_no_error(stage->error);
    client_take_answer(client, stage->answer->sdp);
    connect_client(client, profiles);
    return client;
}

static const ClientPacket *packet_of(const Client *client, uint32_t ssrc, unsigned n)
{
    for (guint i = 0; i < client->packets->len; i++) {
        const ClientPacket *packet = &g_array_index(client->packets, ClientPacket, i);
        if (packet->ssrc == ssrc && n-- == 0) {
            return packet;
        }
    }
    return NULL;
}

/* Publishes frames until the client has `n` packets, for some seconds at most. */
static void feed_until(Stage *stage, Client *client, unsigned n)
{
    for (int i = 0; i < 300 && client->packets->len < n; i++) {
        bool key = atomic_exchange(&stage->keys_wanted, 0) > 0;
        send_audio(stage);
        send_video(stage, key);
        client_run(client, 10, n);
    }
    g_assert_cmpuint(client->packets->len, >=, n);
}

static void check_order(const Client *client, uint32_t ssrc)
{
    const ClientPacket *last = packet_of(client, ssrc, 0);
    const ClientPacket *next;
    for (unsigned i = 1; (next = packet_of(client, ssrc, i)) != NULL; i++, last = next) {
        g_assert_cmpuint(next->sequence, ==, (uint16_t)(last->sequence + 1));
        g_assert_cmpint((int32_t)(next->time - last->time), >=, 0);
    }
}

static void check_starts_with_key(const Client *client)
{
    const ClientPacket *first = packet_of(client, client->video_ssrc, 0);
    g_assert_nonnull(first);
    g_assert_cmphex(first->payload[0], ==, 0x67); // SPS, PPS, then the IDR's first fragment
    g_assert_cmphex(packet_of(client, client->video_ssrc, 1)->payload[0], ==, 0x68);
    g_assert_cmphex(packet_of(client, client->video_ssrc, 2)->payload[1] & 0x9f, ==, 0x85);
}

static void check_flow(const char *profiles, unsigned long profile)
{
    Stage *stage = stage_new(true);
    Client *client = join_as(stage, false, profiles);
    g_assert_cmpuint(client->profile, ==, profile);
    feed_until(stage, client, 40);
    check_starts_with_key(client);
    check_order(client, client->video_ssrc);
    check_order(client, client->audio_ssrc);
    g_assert_cmpuint(client_count(client, client->audio_ssrc), >, 3);
    g_assert_cmpuint(client->bad, ==, 0);
    g_assert_cmpuint(rtc_stream_viewers(stage->stream), ==, 1);
    RtcStats stats;
    g_usleep(50000); // counters follow the last batch
    rtc_server_stats(stage->server, &stats);
    g_assert_cmpuint(stats.packets, >=, 40);
    g_assert_cmpuint(stats.connected, ==, 1);
    g_assert_cmpuint(stats.send_drops, ==, 0);
    client_free(client);
    stage_free(stage);
}

/* Set up and played over one TCP connection. After it closes, it is gone at once, the viewer when
 * consent expires. */
static void test_tcp(void)
{
    Stage *stage = stage_new(true);
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig config = {.owner = "p1"};
    RtcStats stats;
    add(stage, offer, &config);
    g_assert_nonnull(strstr(stage->answer->sdp, " typ host tcptype passive\r\n"));
    client_use_tcp(client);
    client_take_answer(client, stage->answer->sdp);
    connect_client(client, GCM);
    feed_until(stage, client, 40);
    check_starts_with_key(client);
    check_order(client, client->video_ssrc);
    check_order(client, client->audio_ssrc);
    g_assert_cmpuint(client->bad, ==, 0);
    rtc_server_stats(stage->server, &stats);
    g_assert_cmpuint(stats.tcp, ==, 1);
    rtc_viewer_remove(stage->server, stage->answer->id);
    client_run(client, 2000, 0);
    g_assert_true(client->closed); // close_notify first
    for (int i = 0; i < 100 && stats.tcp > 0; i++) {
        g_usleep(10000);
        rtc_server_stats(stage->server, &stats);
    }
    g_assert_cmpuint(stats.tcp, ==, 0);
    client_free(client);
    stage_free(stage);
}

/* A page's TCP connection breaks and is replaced. */
static void test_tcp_again(void)
{
    Stage *stage = stage_new(true);
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig config = {.owner = "p1"};
    add(stage, offer, &config);
    client_use_tcp(client);
    client_take_answer(client, stage->answer->sdp);
    connect_client(client, GCM);
    feed_until(stage, client, 20);
    client_use_tcp(client); // closes the first one
    client->stream_size = 0;
    client_take_answer(client, stage->answer->sdp);
    client->checked = false;
    g_usleep(100000);
    client_check(client);
    client_run(client, 1000, 0);
    g_assert_true(client->checked);
    feed_until(stage, client, client->packets->len + 20);
    client_free(client);
    stage_free(stage);
}

/* A connection accepted by another listener works too. */
static void test_tcp_adopt(void)
{
    Stage *stage = stage_new(true);
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig config = {.owner = "p1"};
    add(stage, offer, &config);
    client_take_answer(client, stage->answer->sdp);
    client_use_tcp(client);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(bind(listener, (void *)&address, size), ==, 0);
    g_assert_cmpint(listen(listener, 4), ==, 0);
    g_assert_cmpint(getsockname(listener, (void *)&address, &size), ==, 0);
    g_assert_cmpint(connect(client->fd, (void *)&address, size), ==, 0);
    int fd = accept(listener, NULL, NULL);
    client_check(client);
    rtc_server_adopt_tcp(stage->server, fd);
    connect_client(client, GCM);
    feed_until(stage, client, 20);
    close(listener);
    client_free(client);
    stage_free(stage);
}

static void test_gcm(void)
{
    check_flow(GCM, SRTP_AEAD_AES_128_GCM);
}

static void test_cm(void)
{
    check_flow(CM, SRTP_AES128_CM_SHA1_80);
}

/* A recent key frame comes from history, without a request. */
static void test_join_from_history(void)
{
    Stage *stage = stage_new(true);
    send_video(stage, true);
    for (int i = 0; i < 10; i++) {
        send_video(stage, false);
    }
    Client *client = join_as(stage, false, GCM);
    client_run(client, 2000, KEY_PACKETS + 10 * 3);
    g_assert_cmpuint(client->packets->len, ==, KEY_PACKETS + 10 * 3);
    check_starts_with_key(client);
    check_order(client, client->video_ssrc);
    g_assert_cmpuint(atomic_load(&stage->keys_wanted), ==, 0);
    send_video(stage, false); // no gap follows
    client_run(client, 2000, KEY_PACKETS + 11 * 3);
    g_assert_cmpuint(client->packets->len, ==, KEY_PACKETS + 11 * 3);
    check_order(client, client->video_ssrc);
    client_free(client);
    stage_free(stage);
}

static void test_join_asks_for_key(void)
{
    Stage *stage = stage_new(true);
    send_video(stage, true);
    for (int i = 0; i < 60; i++) { // two seconds
        send_video(stage, false);
    }
    Client *client = join_as(stage, false, GCM);
    client_run(client, 300, 0);
    g_assert_cmpuint(client->packets->len, ==, 0);
    g_assert_cmpuint(atomic_load(&stage->keys_wanted), ==, 1);
    send_video(stage, false);
    send_video(stage, true);
    client_run(client, 2000, KEY_PACKETS);
    check_starts_with_key(client);
    client_free(client);
    stage_free(stage);
}

static void test_gate(void)
{
    Stage *stage = stage_new(false);
    Client *attendee = join_as(stage, false, GCM);
    Client *staff = join_as(stage, true, GCM);
    send_video(stage, true);
    send_audio(stage);
    send_video(stage, false);
    client_run(staff, 2000, KEY_PACKETS + 4);
    g_assert_cmpuint(staff->packets->len, ==, KEY_PACKETS + 4);
    client_run(attendee, 300, 0);
    g_assert_cmpuint(attendee->packets->len, ==, 0);
    g_assert_cmpuint(attendee->reports, ==, 0);
    attendee->checked = false;
    client_check(attendee); // still connected
    client_run(attendee, 1000, 0);
    g_assert_true(attendee->checked);

    Client *late = join_as(stage, false, GCM); // history is before the gate
    send_mark(stage, MEDIA_MARK_OPEN);
    int64_t opened = stage->pts_us;
    send_video(stage, true);
    send_video(stage, false);
    Client *clients[] = {attendee, late};
    for (unsigned i = 0; i < G_N_ELEMENTS(clients); i++) {
        client_run(clients[i], 2000, KEY_PACKETS + 3);
        g_assert_cmpuint(clients[i]->packets->len, ==, KEY_PACKETS + 3);
        check_starts_with_key(clients[i]);
    }
    send_mark(stage, MEDIA_MARK_CLOSE);
    send_video(stage, true);
    send_audio(stage);
    client_run(attendee, 300, 0);
    g_assert_cmpuint(attendee->packets->len, ==, KEY_PACKETS + 3);
    client_run(staff, 2000, 3 * KEY_PACKETS + 3 * 2 + 2);
    g_assert_cmpuint(staff->packets->len, ==, 3 * KEY_PACKETS + 3 * 2 + 2);
    g_assert_cmpint(opened, >, 0);
    client_free(attendee);
    client_free(staff);
    client_free(late);
    stage_free(stage);
}

static void test_nack(void)
{
    Stage *stage = stage_new(true);
    Client *client = join_as(stage, false, GCM);
    feed_until(stage, client, 60);
    client_run(client, 100, 0);
    // libsrtp2 rejects repeats: keep the packets, and use a new receiving context
    const ClientPacket first = *packet_of(client, client->video_ssrc, 2);
    const ClientPacket third = *packet_of(client, client->video_ssrc, 4);
    unsigned before = client->packets->len;
    client_forget_replays(client);
    uint32_t word = (uint32_t)first.sequence << 16 | 1 << 1;
    client_send_feedback(client, 205, 1, client->video_ssrc, &word);
    client_run(client, 2000, before + 2);
    g_assert_cmpuint(client->packets->len, ==, before + 2);
    const ClientPacket expected[] = {first, third};
    for (unsigned i = 0; i < 2; i++) {
        const ClientPacket *got = &g_array_index(client->packets, ClientPacket, before + i);
        g_assert_cmpuint(got->sequence, ==, expected[i].sequence);
        g_assert_cmpuint(got->time, ==, expected[i].time);
        g_assert_cmpint(got->marker, ==, expected[i].marker);
        g_assert_cmpmem(got->payload, got->size, expected[i].payload, expected[i].size);
    }
    word = (uint32_t)(uint16_t)(first.sequence - 100) << 16; // never sent
    client_send_feedback(client, 205, 1, client->video_ssrc, &word);
    word = (uint32_t)first.sequence << 16; // not our stream
    client_send_feedback(client, 205, 1, client->video_ssrc + 1, &word);
    client_run(client, 300, 0);
    g_assert_cmpuint(client->packets->len, ==, before + 2);
    RtcStats stats;
    rtc_server_stats(stage->server, &stats);
    g_assert_cmpuint(stats.resent, ==, 2);
    client_free(client);
    stage_free(stage);
}

/* On any machine: one request at once, then at most one per 500 ms. */
static void check_key_requests(Stage *stage, int64_t since_us)
{
    unsigned most = 1 + (unsigned)((base_clock_us() - since_us) / (500 * BASE_US_PER_MS));
    g_assert_cmpuint(atomic_load(&stage->keys_wanted), >=, 1);
    g_assert_cmpuint(atomic_load(&stage->keys_wanted), <=, most);
}

static void test_pli(void)
{
    Stage *stage = stage_new(true);
    send_video(stage, true);
    Client *client = join_as(stage, false, GCM);
    client_run(client, 2000, KEY_PACKETS);
    int64_t since_us = base_clock_us();
    for (int i = 0; i < 20; i++) {
        client_send_feedback(client, 206, 1, client->video_ssrc, NULL);
    }
    client_run(client, 200, 0);
    check_key_requests(stage, since_us);
    client_run(client, 600, 0);
    atomic_store(&stage->keys_wanted, 0);
    client_send_feedback(client, 206, 1, client->audio_ssrc, NULL); // not video
    client_run(client, 200, 0);
    g_assert_cmpuint(atomic_load(&stage->keys_wanted), ==, 0);
    client_send_feedback(client, 206, 1, client->video_ssrc, NULL);
    client_run(client, 200, 0);
    g_assert_cmpuint(atomic_load(&stage->keys_wanted), ==, 1);
    client_free(client);
    stage_free(stage);
}

static void test_bye(void)
{
    Stage *stage = stage_new(true);
    Client *client = join_as(stage, false, GCM);
    // RR, BYE
    uint8_t bytes[] = {0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 203, 0, 1, 1, 2, 3, 4};
    client_send_rtcp(client, bytes, sizeof bytes);
    for (int i = 0; i < 100 && rtc_stream_viewers(stage->stream) > 0; i++) {
        g_usleep(10000);
    }
    g_assert_cmpuint(rtc_stream_viewers(stage->stream), ==, 0);
    g_autofree char *id = g_strdup(stage->answer->id);
    patch(stage, id, NULL, "a=end-of-candidates\r\n");
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    client_free(client);
    stage_free(stage);
}

/* Injected RTCP, media from a viewer and checks with a wrong password change nothing. */
static void test_injection(void)
{
    Stage *stage = stage_new(true);
    send_video(stage, true);
    Client *client = join_as(stage, false, GCM);
    client_run(client, 2000, KEY_PACKETS);
    uint8_t bye[] = {0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 203, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0,
                     0,    0,   0, 0, 0, 0, 0, 0, 0,    0,   0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
    client_send_raw(client, bye, sizeof bye);
    uint8_t rtp[40] = {0x80, 102};
    client_send_raw(client, rtp, sizeof rtp);
    uint8_t check[512];
    g_autofree char *username = g_strdup_printf("%s:%s", client->their_ufrag, client->ufrag);
    client->checked = false;
    client_send_raw(client, check,
                    client_check_bytes(username, "wrongwrongwrongwrongwrong", true, check));
    client_run(client, 200, 0);
    g_assert_false(client->checked);
    g_assert_cmpuint(client->stun_errors, ==, 0);
    RtcStats stats;
    rtc_server_stats(stage->server, &stats);
    g_assert_cmpuint(stats.bad_packets, ==, 3);
    g_assert_cmpuint(stats.connected, ==, 1);
    send_video(stage, false);
    client_run(client, 2000, KEY_PACKETS + 3);
    g_assert_cmpuint(client->packets->len, ==, KEY_PACKETS + 3);
    client_free(client);
    stage_free(stage);
}

static void test_reports(void)
{
    Stage *stage = stage_new(true);
    Client *client = join_as(stage, false, GCM);
    feed_until(stage, client, 10);
    for (int i = 0; i < 100 && client->reports < 4; i++) {
        send_audio(stage);
        send_video(stage, false);
        client_run(client, 33, 0);
    }
    g_assert_cmpuint(client->reports, >=, 4);
    client->reports = 0;
    client_run(client, 1200, 0); // nothing is published: both reports name the same instant
    g_assert_cmpuint(client->reports, >=, 2);
    g_assert_cmpuint(client->ntp[0], ==, client->ntp[1]);
    // units of one instant are equally far before it
    const ClientPacket *video = packet_of(client, client->video_ssrc, 0);
    bool found = false;
    for (unsigned i = 0; packet_of(client, client->audio_ssrc, i) != NULL; i++) {
        const ClientPacket *audio = packet_of(client, client->audio_ssrc, i);
        int32_t video_90k = (int32_t)(client->rtp_time[1] - video->time);
        int32_t audio_48k = (int32_t)(client->rtp_time[0] - audio->time);
        found = found || ABS(video_90k / 90 - audio_48k / 48) <= 1;
    }
    g_assert_true(found);
    client_free(client);
    stage_free(stage);
}

/* A new run: same SSRC, next sequence number, starts at a key frame. */
static void test_new_run(void)
{
    Stage *stage = stage_new(true);
    Client *client = join_as(stage, false, GCM);
    feed_until(stage, client, 30);
    client_run(client, 100, 0);
    unsigned before = client_count(client, client->video_ssrc);
    stage->pts_us += 3000000;
    begin_run(stage, true);
    send_video(stage, false); // undecodable: must not be sent
    send_video(stage, true);
    send_video(stage, false);
    unsigned total = client->packets->len + KEY_PACKETS + 3;
    client_run(client, 2000, total);
    g_assert_cmpuint(client->packets->len, ==, total);
    g_assert_cmphex(packet_of(client, client->video_ssrc, before)->payload[0], ==, 0x67);
    check_order(client, client->video_ssrc);
    client_free(client);
    stage_free(stage);
}

static void test_resource(void)
{
    Stage *stage = stage_new(true);
    send_video(stage, true);
    Client *client = join_as(stage, false, GCM);
    client_run(client, 2000, KEY_PACKETS);
    g_autofree char *id = g_strdup(stage->answer->id);
    g_autofree char *etag = g_strdup(stage->answer->etag);
    g_assert_cmpuint(strlen(id), >=, 26);
    patch(stage, id, etag, "a=candidate:1 1 udp 1 10.0.0.1 4000 typ host\r\n");
    g_assert_null(stage->answer);
    g_assert_no_error(stage->error);
    patch(stage, id, "other", "a=end-of-candidates\r\n");
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_CONFLICT);
    patch(stage, id, etag, "hello");
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_INVALID);

    g_strlcpy(client->ufrag, "newfrag", sizeof client->ufrag);
    patch(stage, id, NULL, "a=ice-ufrag:newfrag\r\na=ice-pwd:newpasswordnewpassword\r\n");
    g_assert_no_error(stage->error);
    g_assert_cmpstr(stage->answer->id, ==, id);
    g_assert_cmpstr(stage->answer->etag, !=, etag);
    send_video(stage, false); // media continues before the new check
    client_run(client, 2000, KEY_PACKETS + 3);
    g_assert_cmpuint(client->packets->len, ==, KEY_PACKETS + 3);
    client_take_answer(client, stage->answer->sdp);
    client->checked = false;
    client_check(client);
    client_run(client, 1000, 0);
    g_assert_true(client->checked);
    send_video(stage, false);
    client_run(client, 2000, KEY_PACKETS + 6);
    g_assert_cmpuint(client->packets->len, ==, KEY_PACKETS + 6);

    rtc_viewer_remove(stage->server, id);
    for (int i = 0; i < 30 && client->byes < 2; i++) {
        client_run(client, 100, 0);
    }
    g_assert_cmpuint(client->byes, ==, 2);
    g_assert_true(client->closed); // close_notify
    patch(stage, id, NULL, "a=end-of-candidates\r\n");
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    client_free(client);
    stage_free(stage);
}

static void test_limits(void)
{
    Stage *stage = stage_new_with(true, RTC_MAX_VIEWERS_PER_OWNER + 1);
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig one = {.owner = "p1"}, other = {.owner = "p2"};
    for (int i = 0; i < RTC_MAX_VIEWERS_PER_OWNER; i++) {
        add(stage, offer, &one);
        g_assert_no_error(stage->error);
    }
    add(stage, offer, &one);
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_LIMIT);
    add(stage, offer, &other);
    g_assert_no_error(stage->error);
    add(stage, offer, &other);
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_NO_PLACE);
    RtcViewerConfig staff = {.owner = "s", .privileged = true};
    for (int i = 0; i < RTC_MAX_VIEWERS_PER_OWNER; i++) {
        add(stage, offer, &staff);
        g_assert_no_error(stage->error);
    }
    add(stage, offer, &staff);
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_LIMIT);
    rtc_viewer_remove_owner(stage->server, "p1");
    add(stage, offer, &other);
    g_assert_no_error(stage->error);
    RtcStats stats;
    rtc_server_stats(stage->server, &stats);
    g_assert_cmpuint(stats.viewers, ==, 2 + RTC_MAX_VIEWERS_PER_OWNER);
    client_free(client);
    stage_free(stage);
}

typedef struct {
    RtcServer *server;
    unsigned active, second; // threads; viewers of the second
} Spread;

static void on_spread(void *data)
{
    Spread *spread = data;
    spread->server->spread.active = spread->active;
    spread->server->evening = true;
}

static void on_look(void *data)
{
    Spread *spread = data;
    spread->second = spread->server->dealt[1];
}

/* Each unit comes once and in order: RTP times go on by one unit's duration. */
static void check_steps(const Client *client, uint32_t ssrc, int32_t least, int32_t most)
{
    const ClientPacket *last = packet_of(client, ssrc, 0);
    const ClientPacket *next;
    for (unsigned i = 1; (next = packet_of(client, ssrc, i)) != NULL; i++, last = next) {
        int32_t step = (int32_t)(next->time - last->time);
        g_assert_true((step >= least && step <= most) ||
                      (step == 0 && ssrc == client->video_ssrc && !last->marker));
    }
}

/* Viewers move between sending threads while they play: no packet is lost, doubled or out of
 * order. */
static void test_moves(void)
{
    Stage *stage = stage_new(true);
    Client *clients[] = {join_as(stage, false, GCM), join_as(stage, false, CM)};
    Spread spread = {.server = stage->server};
    unsigned moves = 0;
    for (unsigned i = 0; i < 240; i++) {
        if (i % 12 == 0) {
            spread.active = 1 + i / 12 % 2;
            base_loop_call(stage->server->in, on_spread, &spread);
        }
        unsigned before = spread.second;
        base_loop_call(stage->server->in, on_look, &spread);
        moves += spread.second != before;
        bool key = atomic_exchange(&stage->keys_wanted, 0) > 0;
        send_audio(stage);
        send_video(stage, key);
        client_run(clients[i % 2], 8, 0);
    }
    g_assert_cmpuint(moves, >=, 4);
    for (unsigned i = 0; i < 2; i++) {
        client_run(clients[i], 200, 0);
        check_starts_with_key(clients[i]);
        check_order(clients[i], clients[i]->video_ssrc);
        check_order(clients[i], clients[i]->audio_ssrc);
        check_steps(clients[i], clients[i]->video_ssrc, 2999, 3001);
        check_steps(clients[i], clients[i]->audio_ssrc, 1599, 1601);
        g_assert_cmpuint(packet_of(clients[i], clients[i]->video_ssrc, 0)->time, !=, 0);
        g_assert_cmpuint(clients[i]->bad, ==, 0);
    }
    // removed while it moves
    spread.active = 3 - spread.active;
    base_loop_call(stage->server->in, on_spread, &spread);
    rtc_viewer_remove_owner(stage->server, "p1");
    for (int i = 0; i < 200 && rtc_stream_viewers(stage->stream) > 0; i++) {
        g_usleep(10000);
    }
    g_assert_cmpuint(rtc_stream_viewers(stage->stream), ==, 0);
    client_free(clients[0]);
    client_free(clients[1]);
    stage_free(stage);
}

/* One more thread as soon as one is half busy, one fewer after ten quiet seconds. */
static void test_spread(void)
{
    RtcSpread spread = {.active = 1};
    const double idle[] = {0.1, 0.1, 0.1}, half[] = {0.5, 0.3, 0}, less[] = {0.3, 0.3, 0},
                 calm[] = {0.12, 0.12, 0};
    int64_t now_us = BASE_US_PER_S;
    rtc_spread_judge(&spread, idle, 2, now_us);
    g_assert_cmpuint(spread.active, ==, 1);
    rtc_spread_judge(&spread, half, 2, now_us);
    g_assert_cmpuint(spread.active, ==, 2);
    rtc_spread_judge(&spread, half, 2, now_us); // no third core
    g_assert_cmpuint(spread.active, ==, 2);
    for (int i = 0; i < 100; i++) {
        rtc_spread_judge(&spread, less, 2, now_us += BASE_US_PER_S);
        g_assert_cmpuint(spread.active, ==, 2);
    }
    rtc_spread_judge(&spread, calm, 2, now_us);
    rtc_spread_judge(&spread, calm, 2, now_us + 9 * BASE_US_PER_S);
    rtc_spread_judge(&spread, less, 2, now_us + 9 * BASE_US_PER_S);
    rtc_spread_judge(&spread, calm, 2, now_us + 10 * BASE_US_PER_S);
    rtc_spread_judge(&spread, calm, 2, now_us + 19 * BASE_US_PER_S);
    g_assert_cmpuint(spread.active, ==, 2);
    rtc_spread_judge(&spread, calm, 2, now_us + 20 * BASE_US_PER_S);
    g_assert_cmpuint(spread.active, ==, 1);
    rtc_spread_judge(&spread, idle, 2, now_us + 100 * BASE_US_PER_S);
    g_assert_cmpuint(spread.active, ==, 1);
}

static bool may_stay(void *data, const RtcRight *right)
{
    return right->bytes[39] != (uint8_t)atomic_load((atomic_int *)data);
}

/* A viewer without a right is gone within two seconds; others stay. */
static void test_right_over(void)
{
    atomic_int over = 0;
    RtcConfig config = {.listen = "127.0.0.1:0", .may_stay = may_stay, .data = &over};
    Stage *stage = stage_new_config(true, &config);
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    for (int i = 1; i <= 3; i++) {
        RtcViewerConfig viewer = {.owner = "p", .right.bytes[39] = (uint8_t)i};
        add(stage, offer, &viewer);
        g_assert_no_error(stage->error);
    }
    RtcStats stats = {0};
    int64_t begun_us = base_clock_us();
    atomic_store(&over, 2);
    do {
        g_usleep(20000);
        rtc_server_stats(stage->server, &stats);
    } while (stats.viewers > 2 && base_clock_us() - begun_us < 10 * BASE_US_PER_S);
    g_assert_cmpuint(stats.viewers, ==, 2);
    g_assert_cmpint(base_clock_us() - begun_us, <, 6 * BASE_US_PER_S);
    client_free(client);
    stage_free(stage);
}

/* Staff take no viewer's place. */
static void test_staff_before_viewers(void)
{
    Stage *stage = stage_new_with(true, 1);
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig staff = {.owner = "s", .privileged = true}, viewer = {.owner = "p"};
    add(stage, offer, &staff);
    add(stage, offer, &staff);
    g_assert_no_error(stage->error);
    add(stage, offer, &viewer);
    g_assert_no_error(stage->error);
    add(stage, offer, &viewer);
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_NO_PLACE);
    client_free(client);
    stage_free(stage);
}

static void test_before_tracks(void)
{
    Stage *stage = stage_new(true);
    MediaItem *run = media_item_new(MEDIA_ITEM_RUN, 0);
    publish(stage, run);
    Client *client = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig config = {.owner = "p1"};
    add(stage, offer, &config);
    g_assert_error(stage->error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
    client_free(client);
    stage_free(stage);
}

/* The certificate does not match the offer: no keys, no media. */
static void test_wrong_fingerprint(void)
{
    Stage *stage = stage_new(true);
    send_video(stage, true);
    Client *client = client_new(), *other = client_new();
    g_autofree char *offer = client_offer(client);
    RtcViewerConfig config = {.owner = "p1"};
    add(stage, offer, &config);
    client_take_answer(client, stage->answer->sdp);
    X509_free(client->certificate);
    EVP_PKEY_free(client->key);
    client->certificate = X509_dup(other->certificate);
    client->key = other->key;
    EVP_PKEY_up_ref(client->key);
    for (int i = 0; i < 20 && !client->checked; i++) {
        client_check(client);
        client_run(client, 100, 0);
    }
    client_start_dtls(client, GCM);
    client_run(client, 300, 0);
    client_run(client, 300, 0);
    g_assert_cmpuint(client->packets->len, ==, 0);
    RtcStats stats;
    rtc_server_stats(stage->server, &stats);
    g_assert_cmpuint(stats.viewers, ==, 0);
    client_free(client);
    client_free(other);
    stage_free(stage);
}

void add_session_tests(void)
{
    g_test_add_func("/rtc/session/gcm", test_gcm);
    g_test_add_func("/rtc/session/cm", test_cm);
    g_test_add_func("/rtc/session/tcp", test_tcp);
    g_test_add_func("/rtc/session/tcp-again", test_tcp_again);
    g_test_add_func("/rtc/session/tcp-adopt", test_tcp_adopt);
    g_test_add_func("/rtc/session/join-from-history", test_join_from_history);
    g_test_add_func("/rtc/session/join-asks-for-key", test_join_asks_for_key);
    g_test_add_func("/rtc/session/gate", test_gate);
    g_test_add_func("/rtc/session/nack", test_nack);
    g_test_add_func("/rtc/session/pli", test_pli);
    g_test_add_func("/rtc/session/bye", test_bye);
    g_test_add_func("/rtc/session/injection", test_injection);
    g_test_add_func("/rtc/session/reports", test_reports);
    g_test_add_func("/rtc/session/new-run", test_new_run);
    g_test_add_func("/rtc/session/resource", test_resource);
    g_test_add_func("/rtc/session/limits", test_limits);
    g_test_add_func("/rtc/session/moves", test_moves);
    g_test_add_func("/rtc/session/spread", test_spread);
    g_test_add_func("/rtc/session/right-over", test_right_over);
    g_test_add_func("/rtc/session/staff-before-viewers", test_staff_before_viewers);
    g_test_add_func("/rtc/session/before-tracks", test_before_tracks);
    g_test_add_func("/rtc/session/wrong-fingerprint", test_wrong_fingerprint);
}

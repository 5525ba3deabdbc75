// SPDX-License-Identifier: GPL-3.0-or-later
// Parameter sets, RTP payloads, wire, gate and bus.
#include "../tracks.h"

#include "media/bus.h"
#include "media/rtp.h"
#include "media/trouble.h"
#include "media/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static MediaItem *video_unit(MediaTrack *track, size_t nal_size, bool key)
{
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, nal_size + 4);
    unit->track = media_track_ref(track);
    unit->pts_us = 2000000;
    unit->duration_us = 33333;
    unit->key = key;
    unit->data[2] = (uint8_t)(nal_size >> 8);
    unit->data[3] = (uint8_t)nal_size;
    unit->data[0] = unit->data[1] = 0;
    for (size_t i = 0; i < nal_size; i++) {
        unit->data[4 + i] = (uint8_t)i;
    }
    unit->data[4] = key ? 0x65 : 0x41;
    return unit;
}

static void test_parameter_sets(void)
{
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    size_t size = 0;
    g_assert_cmpint(media_track_parameter_set(track, 0, &size)[0], ==, 0x67);
    g_assert_cmpuint(size, ==, 4);
    g_assert_cmpint(media_track_parameter_set(track, 1, &size)[0], ==, 0x68);
    g_assert_null(media_track_parameter_set(track, 2, &size));
    g_autofree char *codecs = media_track_codecs(track);
    g_assert_cmpstr(codecs, ==, "avc1.42c01f");
}

/* Reassembles FU-A fragments (RFC 6184 5.8) and compares with the NAL unit. */
static void check_fragments(const MediaItem *unit, unsigned first)
{
    const MediaPackets *packets = unit->packets;
    g_autoptr(GByteArray) nal = g_byte_array_new();
    for (unsigned i = first; i < packets->count; i++) {
        const uint8_t *at = packets->payload + packets->packets[i].offset;
        g_assert_cmpuint(packets->packets[i].size, <=, MEDIA_RTP_MAX_PAYLOAD);
        g_assert_cmpint(at[0] & 0x1f, ==, 28);
        g_assert_cmpint((at[1] & 0x80) != 0, ==, i == first);
        g_assert_cmpint((at[1] & 0x40) != 0, ==, i == packets->count - 1);
        g_assert_cmpint(packets->packets[i].marker, ==, i == packets->count - 1);
        uint8_t padding = packets->packets[i].padding;
        g_assert_cmpuint(packets->packets[i].size, ==, packets->packets[first].size);
        g_assert_true(padding == 0 || i == packets->count - 1);
        g_assert_true(padding == 0 || at[packets->packets[i].size - 1] == padding);
        if (i == first) {
            uint8_t header = (uint8_t)((at[0] & 0xe0) | (at[1] & 0x1f));
            g_byte_array_append(nal, &header, 1);
        }
        g_byte_array_append(nal, at + 2, packets->packets[i].size - 2u - padding);
    }
    g_assert_cmpmem(nal->data, nal->len, unit->data + 4, unit->size - 4);
}

static void test_packetise(void)
{
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    for (size_t size = MEDIA_RTP_MAX_PAYLOAD + 1; size < 30000; size += 997) {
        g_autoptr(MediaItem) unit = video_unit(track, size, true);
        unit->packets = media_packets_new(unit);
        g_assert_nonnull(unit->packets);
        g_assert_cmpuint(unit->packets->rtp_time, ==, 180000);
        check_fragments(unit, 2);
    }
    g_autoptr(MediaItem) small = video_unit(track, 100, false);
    MediaPackets *packets = media_packets_new(small);
    g_assert_cmpuint(packets->count, ==, 1);
    g_assert_true(packets->packets[0].marker);
    media_packets_free(packets);
    small->data[3] = 200; // a NAL longer than the unit
    g_assert_null(media_packets_new(small));
    g_assert_cmpuint(media_rtp_time(INT64_C(10) * 3600 * 1000000, 90000), ==, 3240000000u);
}

static void test_wire(void)
{
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    MediaItem *unit = video_unit(track, 70000, true);
    g_autoptr(MediaCaption) caption = media_caption_new(MEDIA_CAPTION_QUESTION, "#005f73");
    g_autoptr(MediaCaption) no_caption = media_caption_new(MEDIA_CAPTION_NONE, NULL);
    media_caption_put(caption, MEDIA_CAPTION_ASKED, "متى يبدأ؟");
    MediaWireMessage sent[] = {
        {.type = MEDIA_WIRE_CAPTION, .caption = caption},
        {.type = MEDIA_WIRE_CAPTION, .caption = no_caption},
        {.type = MEDIA_WIRE_OPENING},
        {.type = MEDIA_WIRE_BEGIN, .pts_us = 66666},
        {.type = MEDIA_WIRE_TRACK, .track = track},
        {.type = MEDIA_WIRE_UNIT, .track_id = 1, .unit = unit},
        {.type = MEDIA_WIRE_MARK, .mark = MEDIA_MARK_END, .pts_us = 5},
        {.type = MEDIA_WIRE_LEVEL,
         .sound = {{-12.5f, 3}, -23.04f, MEDIA_SOUND_NONE, -7.5f, MEDIA_SOUND_RIGHT_ONLY}},
        {.type = MEDIA_WIRE_SOURCE, .state = MEDIA_SOURCE_FAILED, .text = "لا صورة"},
        {.type = MEDIA_WIRE_KEY, .tracks = 3},
        {.type = MEDIA_WIRE_FAILED, .text = "no device"},
        {.type = MEDIA_WIRE_STOP},
    };
    int fds[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
    for (size_t i = 0; i < G_N_ELEMENTS(sent); i++) {
        g_assert_cmpint(media_wire_send(fds[0], &sent[i]), ==, 0);
    }
    close(fds[0]);
    MediaWireReceiver *receiver = media_wire_receiver_new();
    for (size_t i = 0; i < G_N_ELEMENTS(sent); i++) {
        MediaWireMessage got;
        g_assert_cmpint(media_wire_receive(receiver, fds[1], &got), ==, 1);
        g_autoptr(GByteArray) before = media_wire_encode(&sent[i]);
        g_autoptr(GByteArray) after = media_wire_encode(&got);
        g_assert_cmpmem(before->data, before->len, after->data, after->len);
        media_wire_clear(&got);
    }
    MediaWireMessage none;
    g_assert_cmpint(media_wire_receive(receiver, fds[1], &none), ==, -EPIPE);
    media_wire_receiver_free(receiver);
    close(fds[1]);
    media_item_unref(unit);
}

static void test_wire_cut(void)
{
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    MediaWireMessage message = {.type = MEDIA_WIRE_TRACK, .track = track};
    g_autoptr(GByteArray) bytes = media_wire_encode(&message);
    for (size_t size = 0; size < bytes->len - MEDIA_WIRE_HEADER_BYTES; size++) {
        MediaWireMessage out;
        g_autofree uint8_t *cut = g_memdup2(bytes->data + MEDIA_WIRE_HEADER_BYTES, size);
        g_assert_cmpint(media_wire_decode('T', cut, size, &out), ==, -EBADMSG);
    }
}

/* Of no kind, with a colour or a text that cannot be, cut anywhere. */
static void test_caption(void)
{
    g_autoptr(MediaCaption) caption = media_caption_new(MEDIA_CAPTION_SPEAKER, "#12abCD");
    media_caption_put(caption, MEDIA_CAPTION_NAME_AR, "مريم");
    g_autoptr(GByteArray) bytes =
        media_wire_encode(&(MediaWireMessage){.type = MEDIA_WIRE_CAPTION, .caption = caption});
    const uint8_t *payload = bytes->data + MEDIA_WIRE_HEADER_BYTES;
    size_t whole = bytes->len - MEDIA_WIRE_HEADER_BYTES;
    MediaWireMessage out;
    g_assert_cmpint(media_wire_decode('C', payload, whole, &out), ==, 0);
    g_assert_true(media_caption_equal(out.caption, caption));
    g_assert_cmpstr(out.caption->accent, ==, "#12abCD");
    media_wire_clear(&out);
    for (size_t size = 0; size < whole; size++) {
        g_autofree uint8_t *cut = g_memdup2(payload, size);
        g_assert_cmpint(media_wire_decode('C', cut, size, &out), ==, -EBADMSG);
    }
    static const struct {
        size_t at;
        uint8_t value;
    } bad[] = {{0, 3}, {0, MEDIA_CAPTION_NONE}, {3, '%'}, {4, 'g'}, {13, 0xff}};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree uint8_t *changed = g_memdup2(payload, whole);
        changed[bad[i].at] = bad[i].value;
        g_assert_cmpint(media_wire_decode('C', changed, whole, &out), ==, -EBADMSG);
    }
    g_autoptr(MediaCaption) odd = media_caption_new(MEDIA_CAPTION_SPEAKER, "red");
    g_assert_cmpstr(odd->accent, ==, "");
    g_assert_false(media_caption_equal(odd, caption));
    g_assert_false(media_caption_equal(NULL, caption));
    odd->kind = MEDIA_CAPTION_NONE;
    g_assert_true(media_caption_equal(NULL, odd));
}

/* The bytes of a LEVEL, one of them changed. */
static int decode_level(size_t at, uint8_t value, MediaWireMessage *out)
{
    MediaWireMessage message = {.type = MEDIA_WIRE_LEVEL,
                                .pts_us = 5,
                                .sound = {{-12.5f, 0}, -23.04f, 3, -7.5f, MEDIA_SOUND_SILENT}};
    g_autoptr(GByteArray) bytes = media_wire_encode(&message);
    uint8_t *payload = bytes->data + MEDIA_WIRE_HEADER_BYTES;
    g_assert_cmpuint(bytes->len - MEDIA_WIRE_HEADER_BYTES, ==, 19);
    if (at < 19) {
        payload[at] = value;
    }
    return media_wire_decode('L', payload, 19, out);
}

static void test_wire_level(void)
{
    MediaWireMessage got;
    g_assert_cmpint(decode_level(SIZE_MAX, 0, &got), ==, 0);
    g_assert_cmpfloat_with_epsilon(got.sound.peak_db[0], -12.5, 0.001);
    g_assert_cmpfloat(got.sound.peak_db[1], ==, 0);
    g_assert_cmpfloat_with_epsilon(got.sound.loudness, -23.04, 0.001);
    g_assert_cmpfloat_with_epsilon(got.sound.short_term, 3, 0.001);
    g_assert_cmpfloat_with_epsilon(got.sound.gain_db, -7.5, 0.001);
    g_assert_cmpint(got.sound.alarm, ==, MEDIA_SOUND_SILENT);
    g_assert_cmpint(decode_level(8, 0xff, &got), ==, -EBADMSG);  // a peak above full scale
    g_assert_cmpint(decode_level(12, 0xff, &got), ==, -EBADMSG); // a loudness of 500 LUFS
    g_assert_cmpint(decode_level(18, MEDIA_SOUND_RIGHT_ONLY + 1, &got), ==, -EBADMSG);
}

static void test_gate(void)
{
    MediaGate gate = {0};
    MediaItem item = {.type = MEDIA_ITEM_RUN, .pts_us = 1000};
    media_gate_update(&gate, &item);
    g_assert_false(media_gate_public(&gate, 1000));
    item = (MediaItem){.type = MEDIA_ITEM_MARK, .mark = MEDIA_MARK_OPEN, .pts_us = 2000};
    media_gate_update(&gate, &item);
    g_assert_false(media_gate_public(&gate, 1999));
    g_assert_true(media_gate_public(&gate, 2000));
    item = (MediaItem){.type = MEDIA_ITEM_MARK, .mark = MEDIA_MARK_CLOSE, .pts_us = 3000};
    media_gate_update(&gate, &item);
    g_assert_true(media_gate_public(&gate, 2999)); // a late unit from before the mark
    g_assert_false(media_gate_public(&gate, 3000));
}

static void test_bus(void)
{
    MediaBus *bus = media_bus_new();
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    g_autoptr(MediaItem) run = media_item_new(MEDIA_ITEM_RUN, 0);
    media_bus_publish(bus, run);
    MediaTrack *tracks[MEDIA_MAX_TRACKS];
    media_bus_tracks(bus, tracks);
    g_assert_null(tracks[track->info.id]);
    g_autoptr(MediaItem) listed = media_item_new(MEDIA_ITEM_TRACK, 0);
    listed->track = media_track_ref(track);
    media_bus_publish(bus, listed);
    media_bus_tracks(bus, tracks);
    g_assert_true(tracks[track->info.id] == track);
    media_track_unref(tracks[track->info.id]);
    g_autoptr(MediaItem) unit = video_unit(track, 10, false);
    media_bus_publish(bus, unit);
    MediaReader *late = media_bus_add_reader(bus, 32);
    for (int i = 0; i < 100; i++) {
        media_bus_publish(bus, unit);
    }
    g_autoptr(MediaItem) thumb = media_item_new(MEDIA_ITEM_THUMB, 4);
    media_bus_publish(bus, thumb); // has no reserved place and does not count as lost
    g_autoptr(MediaItem) mark = media_item_new(MEDIA_ITEM_MARK, 0);
    media_bus_publish(bus, mark);
    int units = 0, marks = 0, runs = 0, thumbs = 0;
    for (MediaItem *item; (item = media_reader_pop(late)) != NULL; media_item_unref(item)) {
        units += item->type == MEDIA_ITEM_UNIT;
        marks += item->type == MEDIA_ITEM_MARK;
        runs += item->type == MEDIA_ITEM_RUN;
        thumbs += item->type == MEDIA_ITEM_THUMB;
    }
    g_assert_cmpint(runs, ==, 1);  // late readers get the state
    g_assert_cmpint(marks, ==, 1); // a full ring accepts a mark
    g_assert_cmpint(thumbs, ==, 0);
    g_assert_cmpint(units + (int)media_reader_dropped(late), ==, 100);
    g_assert_cmpint((int)media_reader_dropped(late), >, 0);
    MediaReader *later = media_bus_add_reader(bus, 32);
    media_bus_publish(bus, thumb);
    for (MediaItem *item; (item = media_reader_pop(later)) != NULL; media_item_unref(item)) {
        thumbs += item->type == MEDIA_ITEM_THUMB;
    }
    g_assert_cmpint(thumbs, ==, 1); // only the current one
    media_bus_remove_reader(bus, later);
    media_bus_remove_reader(bus, late);
    media_bus_free(bus);
}

static bool awake(MediaReader *reader)
{
    struct pollfd one = {.fd = media_reader_event_fd(reader), .events = POLLIN};
    bool yes = poll(&one, 1, 0) == 1;
    media_reader_clear_event(reader);
    return yes;
}

/* A reader that sleeps through a track gets all of it later, before its ring is full. */
static void test_quiet_reader(void)
{
    MediaBus *bus = media_bus_new();
    MediaReader *reader = media_bus_add_reader(bus, 32);
    g_autoptr(MediaTrack) one = tracks_h264(1, 720, 2000000), other = tracks_h264(2, 720, 2000000);
    g_autoptr(MediaItem) mark = media_item_new(MEDIA_ITEM_MARK, 0);
    g_autoptr(MediaItem) thumb = media_item_new(MEDIA_ITEM_THUMB, 4);
    media_reader_wake_for(reader, 1u << 2);
    uint64_t number = 0;
    for (int i = 0; i < 200; i++) {
        g_autoptr(MediaItem) unit = video_unit(one, 100, false);
        media_bus_publish(bus, unit);
        g_assert_cmpuint(unit->number, ==, i);
        if (!awake(reader)) {
            continue;
        }
        for (MediaItem *item; (item = media_reader_pop(reader)) != NULL; media_item_unref(item)) {
            g_assert_cmpuint(item->number, ==, number++);
        }
    }
    g_assert_cmpuint(number, >, 100); // woken, and often enough
    g_assert_cmpuint(media_reader_dropped(reader), ==, 0);
    while (awake(reader)) {
    }
    media_bus_publish(bus, thumb);
    g_assert_false(awake(reader));
    g_autoptr(MediaItem) unit = video_unit(other, 100, false);
    media_bus_publish(bus, unit);
    g_assert_cmpuint(unit->number, ==, 0);
    g_assert_true(awake(reader));
    media_bus_publish(bus, mark);
    g_assert_true(awake(reader));
    media_bus_remove_reader(bus, reader);
    media_bus_free(bus);
}

static void test_trouble(void)
{
    for (MediaTrouble trouble = 0; trouble < MEDIA_TROUBLE_COUNT; trouble++) {
        BaseCode code = media_trouble_code(media_trouble_text(trouble));
        g_assert_cmpint(code, !=, BASE_CODE_SOURCE_FAILED);
        g_assert_true(g_str_has_prefix(base_code_text(code), "source-"));
    }
    g_assert_cmpint(media_trouble_code("rtsp://camera: not reachable"), ==,
                    BASE_CODE_SOURCE_FAILED);
    g_assert_cmpint(media_trouble_code(NULL), ==, BASE_CODE_SOURCE_FAILED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/parameter-sets", test_parameter_sets);
    g_test_add_func("/media/packetise", test_packetise);
    g_test_add_func("/media/wire", test_wire);
    g_test_add_func("/media/wire-cut", test_wire_cut);
    g_test_add_func("/media/caption", test_caption);
    g_test_add_func("/media/wire-level", test_wire_level);
    g_test_add_func("/media/gate", test_gate);
    g_test_add_func("/media/trouble", test_trouble);
    g_test_add_func("/media/bus", test_bus);
    g_test_add_func("/media/quiet-reader", test_quiet_reader);
    return g_test_run();
}

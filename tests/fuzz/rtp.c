// SPDX-License-Identifier: GPL-3.0-or-later
// RTP payloads from access units: nothing incoming is RTP here, but a unit comes over the wire from
// the capture child. A unit is refused, or its packets put together again are the unit.
// Input: a byte of flags, the size of the decoder's configuration, that, the unit.
#include "fuzz.h"

#include "base/bytes.h"
#include "media/rtp.h"

#include "../unit/tracks.h"

#include <glib.h>

enum { FLAG_KEY = 1, FLAG_OPUS = 2 };

static MediaTrack *new_track(bool opus, const uint8_t *config, size_t size)
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
    return opus ? tracks_opus(2) : media_track_new(&video, config, size);
}

/* RFC 6184 5.6 and 5.8 read by their words: NAL units with 4-byte lengths. */
static GByteArray *depacketise(const MediaPackets *packets)
{
    GByteArray *out = g_byte_array_new();
    size_t start = 0; // of the fragmented unit's length
    bool open = false;
    for (uint32_t i = 0; i < packets->count; i++) {
        const uint8_t *payload = packets->payload + packets->packets[i].offset;
        size_t size = packets->packets[i].size - packets->packets[i].padding;
        bool fragment = (payload[0] & 31) == 28 && size > 2 && (open || (payload[1] & 0x80) != 0);
        uint8_t length[4] = {0};
        if (!fragment) {
            g_assert_false(open);
            base_put_u32(length, (uint32_t)size);
            g_byte_array_append(out, length, 4);
            g_byte_array_append(out, payload, (guint)size);
            continue;
        }
        g_assert_true(((payload[1] & 0x80) != 0) == !open);
        if (!open) {
            uint8_t head = (uint8_t)((payload[0] & 0xe0) | (payload[1] & 31));
            start = out->len;
            g_byte_array_append(out, length, 4);
            g_byte_array_append(out, &head, 1);
        }
        g_byte_array_append(out, payload + 2, (guint)size - 2);
        open = (payload[1] & 0x40) == 0;
        base_put_u32(out->data + start, (uint32_t)(out->len - start - 4));
    }
    g_assert_false(open);
    return out;
}

/* A NAL unit whose own type is that of a fragment cannot be told from one: then only the bounds
 * hold. */
static bool has_own_fragments(const uint8_t *data, size_t size)
{
    BaseReader reader = base_reader(data, size);
    while (reader.left > 0) {
        const uint8_t *nal = base_read_bytes(&reader, base_read_u32(&reader));
        if (nal == NULL || (nal[0] & 31) == 28) {
            return true;
        }
    }
    return false;
}

static void check_packets(const MediaItem *unit, const MediaPackets *packets)
{
    uint32_t at = 0;
    g_assert_cmpuint(packets->count, >, 0);
    for (uint32_t i = 0; i < packets->count; i++) {
        g_assert_cmpuint(packets->packets[i].offset, ==, at);
        g_assert_cmpuint(packets->packets[i].size, >, 0);
        g_assert_cmpuint(packets->packets[i].size, <=, MEDIA_RTP_MAX_PAYLOAD);
        bool last = i + 1 == packets->count;
        g_assert_true(packets->packets[i].marker ==
                      (last && unit->track->info.kind == MEDIA_VIDEO));
        at += packets->packets[i].size;
    }
    if (unit->track->info.codec == MEDIA_OPUS) {
        g_assert_cmpmem(packets->payload, at, unit->data, unit->size);
        return;
    }
    const uint8_t *set;
    size_t set_size, sets = 0;
    for (unsigned n = 0;
         unit->key && (set = media_track_parameter_set(unit->track, n, &set_size)) != NULL; n++) {
        sets += 4 + set_size;
        if (has_own_fragments((uint8_t[]){0, 0, 0, 1, set[0]}, 5)) {
            return;
        }
    }
    if (has_own_fragments(unit->data, unit->size)) {
        return;
    }
    GByteArray *whole = depacketise(packets);
    g_assert_cmpuint(whole->len, ==, sets + unit->size);
    g_assert_cmpmem(whole->data + sets, unit->size, unit->data, unit->size);
    g_byte_array_unref(whole);
}

int target(const uint8_t *data, size_t size)
{
    BaseReader reader = base_reader(data, size);
    uint8_t flags = base_read_u8(&reader);
    size_t config_size = base_read_u8(&reader);
    const uint8_t *config = base_read_bytes(&reader, config_size);
    if (reader.failed) {
        return 0;
    }
    g_autofree uint8_t *copy = g_memdup2(config, config_size);
    MediaTrack *track = new_track((flags & FLAG_OPUS) != 0, copy, config_size);
    if (track == NULL) {
        return 0;
    }
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, reader.left);
    if (reader.left > 0) {
        memcpy(unit->data, reader.data, reader.left);
    }
    unit->track = track;
    unit->key = (flags & FLAG_KEY) != 0;
    unit->packets = media_packets_new(unit);
    if (unit->packets != NULL) {
        check_packets(unit, unit->packets);
    }
    media_item_unref(unit);
    return 0;
}

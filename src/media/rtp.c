// SPDX-License-Identifier: GPL-3.0-or-later
// Packs access units into RTP payloads (RFC 6184, RFC 7587).
#include "media/rtp.h"

#include "base/bytes.h"

#define NAL_FU_A 28
#define FU_START 0x80
#define FU_END 0x40

typedef struct {
    MediaPacket *packets; // NULL: only count
    uint8_t *payload;
    uint32_t count;
    uint32_t bytes;
} Sink;

static uint8_t *add_packet(Sink *sink, size_t size)
{
    uint8_t *at = NULL;
    if (sink->packets != NULL) {
        sink->packets[sink->count] = (MediaPacket){.offset = sink->bytes, .size = (uint16_t)size};
        at = sink->payload + sink->bytes;
    }
    sink->count++;
    sink->bytes += (uint32_t)size;
    return at;
}

/* RFC 3550 5.1: the last byte counts them. */
static void put_padding(Sink *sink, uint8_t *at, size_t size)
{
    sink->packets[sink->count - 1].padding = (uint8_t)size;
    for (size_t i = 1; i <= size; i++) {
        at[i - 1] = (uint8_t)(i == size ? size : 0);
    }
}

/* RFC 6184 5.6 (single NAL unit packet), or 5.8:
 *
 *  |0|1|2|3|4|5|6|7|0|1|2|3|4|5|6|7|
 *  |F|NRI|  28     |S|E|R|  type   |  fragment without the NAL unit's first byte
 */
static void add_nal(Sink *sink, const uint8_t *nal, size_t size)
{
    if (size <= MEDIA_RTP_MAX_PAYLOAD) {
        uint8_t *at = add_packet(sink, size);
        if (at != NULL) {
            memcpy(at, nal, size);
        }
        return;
    }
    size_t left = size - 1;
    size_t fragments = (left + MEDIA_RTP_MAX_PAYLOAD - 3) / (MEDIA_RTP_MAX_PAYLOAD - 2);
    size_t each = (left + fragments - 1) / fragments;
    const uint8_t *from = nal + 1;
    for (bool first = true; left > 0; first = false) {
        size_t now = MIN(each, left);
        size_t padding = each - now <= UINT8_MAX ? each - now : 0;
        uint8_t *at = add_packet(sink, now + 2 + padding);
        if (at != NULL) {
            put_padding(sink, at + now + 2, padding);
            at[0] = (uint8_t)((nal[0] & 0xe0) | NAL_FU_A);
            at[1] =
                (uint8_t)((nal[0] & 0x1f) | (first ? FU_START : 0) | (now == left ? FU_END : 0));
            memcpy(at + 2, from, now);
        }
        from += now;
        left -= now;
    }
}

static bool add_h264(Sink *sink, const MediaItem *unit)
{
    const uint8_t *set;
    size_t size;
    for (unsigned n = 0;
         unit->key && (set = media_track_parameter_set(unit->track, n, &size)) != NULL; n++) {
        if (size == 0) { // untrusted
            return false;
        }
        add_nal(sink, set, size);
    }
    BaseReader reader = base_reader(unit->data, unit->size);
    while (reader.left > 0) {
        size = base_read_u32(&reader);
        const uint8_t *nal = base_read_bytes(&reader, size);
        if (nal == NULL || size == 0) {
            return false;
        }
        add_nal(sink, nal, size);
    }
    return sink->count > 0;
}

static bool add_unit(Sink *sink, const MediaItem *unit)
{
    switch (unit->track->info.codec) {
    case MEDIA_H264:
        return add_h264(sink, unit);
    case MEDIA_OPUS:
        if (unit->size == 0 || unit->size > MEDIA_RTP_MAX_PAYLOAD) {
            return false;
        }
        add_nal(sink, unit->data, unit->size);
        return true;
    case MEDIA_AAC:
        return false;
    }
    return false;
}

uint32_t media_rtp_time(int64_t pts_us, uint32_t clock_rate)
{
    // 2^63 us x 90 kHz overflows
    int64_t seconds = pts_us / 1000000;
    int64_t rest = pts_us % 1000000;
    return (uint32_t)((uint64_t)seconds * clock_rate +
                      (uint64_t)((rest * clock_rate + 500000) / 1000000));
}

MediaPackets *media_packets_new(const MediaItem *unit)
{
    Sink count = {0};
    if (!add_unit(&count, unit)) {
        return NULL;
    }
    MediaPackets *packets = g_malloc(sizeof *packets + count.count * sizeof packets->packets[0]);
    packets->count = count.count;
    packets->payload = g_malloc(count.bytes);
    bool video = unit->track->info.kind == MEDIA_VIDEO;
    packets->rtp_time = media_rtp_time(unit->pts_us, video ? 90000 : 48000);
    Sink fill = {.packets = packets->packets, .payload = packets->payload};
    add_unit(&fill, unit);
    packets->packets[packets->count - 1].marker = video;
    return packets;
}

void media_packets_free(MediaPackets *packets)
{
    if (packets != NULL) {
        g_free(packets->payload);
        g_free(packets);
    }
}

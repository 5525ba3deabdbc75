// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RTP payloads, made once per access unit and shared by every viewer: H.264 by RFC 6184
// (packetization-mode 1), Opus by RFC 7587. Headers and encryption are the sender's.
// Pure functions; any thread.

#include "media/item.h"

/* Largest payload. With 12 bytes of RTP header, room for extensions, a 16-byte tag, UDP and IPv6 it
 * stays under 1280, the MTU that every IPv6 path carries (RFC 8200 section 5). */
#define MEDIA_RTP_MAX_PAYLOAD 1180

typedef struct {
    uint32_t offset; // into MediaPackets.payload
    uint16_t size;
    bool marker; // last packet of the access unit (RFC 6184 section 5.1)
} MediaPacket;

struct MediaPackets {
    uint32_t rtp_time; // timeline at the codec's clock: 90 kHz video, 48 kHz Opus
    uint32_t count;
    uint8_t *payload;
    MediaPacket packets[];
};

/* Payloads of a unit; a key unit starts with the track's SPS and PPS, each apart, and fragments of a
 * NAL unit are of one size but for the last, so that they can leave in one GSO send. NULL where the
 * unit cannot be packetised (broken NAL lengths, a codec without RTP payload). Full ownership. */
MediaPackets *media_packets_new(const MediaItem *unit);
void media_packets_free(MediaPackets *packets);

/* Timeline to RTP time at `clock_rate`, wrapping at 2^32. */
uint32_t media_rtp_time(int64_t pts_us, uint32_t clock_rate);

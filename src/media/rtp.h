// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// RTP payloads shared by all viewers: H.264 (RFC 6184, packetization-mode 1), Opus (RFC 7587).
// Pure.

#include "media/item.h"

/* Fits IPv6's minimum MTU of 1280 (RFC 8200 5). */
#define MEDIA_RTP_MAX_PAYLOAD 1180

typedef struct {
    uint32_t offset;
    uint16_t size;
    bool marker;     // last packet (RFC 6184 5.1)
    uint8_t padding; // of `size`, with its count (RFC 3550 5.1)
} MediaPacket;

struct MediaPackets {
    uint32_t rtp_time; // 90 kHz, Opus: 48 kHz
    uint32_t count;
    uint8_t *payload;
    MediaPacket packets[];
};

/* Key units start with SPS and PPS. A NAL unit's fragments have equal sizes (padded), to leave as
 * one segmented message, with a smaller packet behind. NULL: malformed or another codec. */
MediaPackets *media_packets_new(const MediaItem *unit);
void media_packets_free(MediaPackets *packets);

uint32_t media_rtp_time(int64_t pts_us, uint32_t clock_rate);

// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes RTCP packets.
#include "protocol/rtcp.h"

#include "base/bytes.h"

#include <errno.h>

#define HEADER_BYTES 8
#define NTP_EPOCH_S UINT64_C(2208988800) // 1900 to 1970
#define SDES_CNAME 1
#define MAX_CNAME_BYTES 64

/* Only BYE may lack an SSRC. */
static bool packet_valid(const uint8_t *data, size_t size, bool last)
{
    bool padded = (data[0] & 0x20) != 0;
    if (padded && (!last || data[size - 1] == 0 || data[size - 1] > size - 4)) {
        return false;
    }
    switch (data[1]) {
    case PROTOCOL_RTCP_SR:
        return size >= HEADER_BYTES + 20 + 24u * (data[0] & 31);
    case PROTOCOL_RTCP_RR:
        return size >= HEADER_BYTES + 24u * (data[0] & 31);
    case PROTOCOL_RTCP_BYE:
    case PROTOCOL_RTCP_SDES:
        return size >= 4 + 4u * (data[0] & 31);
    case PROTOCOL_RTCP_RTPFB:
    case PROTOCOL_RTCP_PSFB:
        return size >= HEADER_BYTES + 4;
    default:
        return true; // skipped (RFC 3550 6.1)
    }
}

static bool may_be_first(uint8_t type)
{
    return type == PROTOCOL_RTCP_SR || type == PROTOCOL_RTCP_RR || type == PROTOCOL_RTCP_RTPFB ||
           type == PROTOCOL_RTCP_PSFB;
}

int protocol_rtcp_check(const uint8_t *data, size_t size)
{
    if (size < HEADER_BYTES || !may_be_first(data[1])) {
        return -EBADMSG;
    }
    for (size_t at = 0; at < size;) {
        if (size - at < 4 || data[at] >> 6 != 2) {
            return -EBADMSG;
        }
        size_t length = 4 + 4 * (size_t)base_get_u16(data + at + 2);
        if (length > size - at || !packet_valid(data + at, length, at + length == size)) {
            return -EBADMSG;
        }
        at += length;
    }
    return 0;
}

bool protocol_rtcp_next(const uint8_t *data, size_t size, size_t *at, ProtocolRtcp *out)
{
    if (*at >= size) {
        return false;
    }
    const uint8_t *packet = data + *at;
    size_t length = 4 + 4 * (size_t)base_get_u16(packet + 2);
    size_t used = length - ((packet[0] & 0x20) != 0 ? packet[length - 1] : 0);
    *out = (ProtocolRtcp){.type = packet[1], .count = packet[0] & 31};
    if (used >= HEADER_BYTES) {
        out->sender = base_get_u32(packet + 4);
        out->body = packet + HEADER_BYTES;
        out->size = used - HEADER_BYTES;
    }
    *at += length;
    return true;
}

uint32_t protocol_rtcp_media(const ProtocolRtcp *packet)
{
    return packet->size >= 4 ? base_get_u32(packet->body) : 0;
}

bool protocol_rtcp_nack(const ProtocolRtcp *packet, unsigned n, uint16_t *out_first,
                        uint16_t *out_mask)
{
    if (packet->type != PROTOCOL_RTCP_RTPFB || packet->count != PROTOCOL_RTCP_NACK ||
        4 + 4 * ((size_t)n + 1) > packet->size) {
        return false;
    }
    *out_first = base_get_u16(packet->body + 4 + 4 * n);
    *out_mask = base_get_u16(packet->body + 6 + 4 * n);
    return true;
}

bool protocol_rtcp_wants_key(const ProtocolRtcp *packet, uint32_t ssrc)
{
    if (packet->type != PROTOCOL_RTCP_PSFB) {
        return false;
    }
    if (packet->count == PROTOCOL_RTCP_PLI) {
        return protocol_rtcp_media(packet) == ssrc;
    }
    for (size_t at = 4; packet->count == PROTOCOL_RTCP_FIR && at + 8 <= packet->size; at += 8) {
        if (base_get_u32(packet->body + at) == ssrc) {
            return true;
        }
    }
    return false;
}

/* "REMB" | number of SSRCs (8) | exponent (6) and mantissa (18) | SSRCs, behind a media SSRC of 0.
 */
bool protocol_rtcp_remb(const ProtocolRtcp *packet, uint32_t *out_bitrate)
{
    if (packet->type != PROTOCOL_RTCP_PSFB || packet->count != PROTOCOL_RTCP_AFB ||
        packet->size < 12 || memcmp(packet->body + 4, "REMB", 4) != 0) {
        return false;
    }
    uint32_t word = base_get_u32(packet->body + 8);
    if (packet->size < 12 + 4 * (size_t)(word >> 24)) {
        return false;
    }
    unsigned exponent = word >> 18 & 0x3f;
    uint64_t mantissa = word & 0x3ffff;
    bool fits = exponent < 32 && mantissa << exponent <= UINT32_MAX;
    *out_bitrate = fits || mantissa == 0 ? (uint32_t)(mantissa << (exponent & 31)) : UINT32_MAX;
    return true;
}

bool protocol_rtcp_block(const ProtocolRtcp *packet, unsigned n, ProtocolReportBlock *out)
{
    size_t at = (packet->type == PROTOCOL_RTCP_SR ? 20u : 0u) + 24 * (size_t)n;
    if ((packet->type != PROTOCOL_RTCP_SR && packet->type != PROTOCOL_RTCP_RR) ||
        n >= packet->count || at + 24 > packet->size) {
        return false;
    }
    const uint8_t *block = packet->body + at;
    *out = (ProtocolReportBlock){.ssrc = base_get_u32(block),
                                 .fraction = block[4],
                                 .last = base_get_u32(block + 16),
                                 .delay = base_get_u32(block + 20)};
    return true;
}

bool protocol_rtcp_leaves(const ProtocolRtcp *packet, uint32_t ssrc)
{
    if (packet->type != PROTOCOL_RTCP_BYE || packet->count == 0 || packet->body == NULL) {
        return false;
    }
    bool found = packet->sender == ssrc;
    for (size_t i = 0; i + 1 < packet->count && 4 * (i + 1) <= packet->size && !found; i++) {
        found = base_get_u32(packet->body + 4 * i) == ssrc;
    }
    return found;
}

static uint8_t *put_head(uint8_t *at, unsigned count, ProtocolRtcpType type, size_t size)
{
    at[0] = (uint8_t)(0x80 | count);
    at[1] = (uint8_t)type;
    base_put_u16(at + 2, (uint16_t)(size / 4 - 1));
    return at + 4;
}

static uint8_t *put_sr(uint8_t *at, const ProtocolSenderReport *report)
{
    at = put_head(at, 0, PROTOCOL_RTCP_SR, 28);
    base_put_u32(at, report->ssrc);
    base_put_u64(at + 4, report->ntp);
    base_put_u32(at + 12, report->rtp_time);
    base_put_u32(at + 16, report->packets);
    base_put_u32(at + 20, report->bytes);
    return at + 24;
}

static uint8_t *put_sdes(uint8_t *at, const ProtocolSenderReport *report)
{
    size_t length = strnlen(report->cname, MAX_CNAME_BYTES);
    size_t size = (4 + 4 + 2 + length + 1 + 3) & ~(size_t)3; // at least one zero ends the list
    memset(at, 0, size);
    uint8_t *chunk = put_head(at, 1, PROTOCOL_RTCP_SDES, size);
    base_put_u32(chunk, report->ssrc);
    chunk[4] = SDES_CNAME;
    chunk[5] = (uint8_t)length;
    memcpy(chunk + 6, report->cname, length);
    return at + size;
}

size_t protocol_rtcp_write(const ProtocolSenderReport *report, uint8_t out[PROTOCOL_RTCP_MAX_BYTES])
{
    uint8_t *at = put_sdes(put_sr(out, report), report);
    if (report->bye) {
        at = put_head(at, 1, PROTOCOL_RTCP_BYE, 8);
        base_put_u32(at, report->ssrc);
        at += 4;
    }
    return (size_t)(at - out);
}

uint64_t protocol_rtcp_ntp(int64_t wall_us)
{
    uint64_t seconds = (uint64_t)(wall_us / 1000000) + NTP_EPOCH_S;
    uint64_t rest = (uint64_t)(wall_us % 1000000);
    return seconds << 32 | (rest << 32) / 1000000;
}

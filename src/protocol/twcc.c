// SPDX-License-Identifier: GPL-3.0-or-later
// Transport-wide feedback and the ring of sent packets.
#include "protocol/twcc.h"

#include "base/bytes.h"

#include <errno.h>
#include <glib.h>

#define RING_MASK (PROTOCOL_TWCC_RING - 1)
#define FCI_BYTES 8
#define REFERENCE_US 64000
#define DELTA_US 250

G_STATIC_ASSERT((PROTOCOL_TWCC_RING & RING_MASK) == 0);

typedef enum {
    NOT_RECEIVED = 0,
    SMALL_DELTA = 1,
    LARGE_DELTA = 2,
    RESERVED = 3,
} Symbol;

/*  |0|sym|      run length         |   or, a vector,
 *  |1|0| 14 symbols of one bit     |   or
 *  |1|1| 7 symbols of two bits     | */
static unsigned chunk_length(uint16_t chunk)
{
    if ((chunk & 0x8000) == 0) {
        return chunk & 0x1fff;
    }
    return (chunk & 0x4000) == 0 ? 14 : 7;
}

static Symbol chunk_symbol(uint16_t chunk, unsigned n)
{
    if ((chunk & 0x8000) == 0) {
        return (Symbol)(chunk >> 13 & 3);
    }
    if ((chunk & 0x4000) == 0) {
        return (Symbol)(chunk >> (13 - n) & 1);
    }
    return (Symbol)(chunk >> (12 - 2 * n) & 3);
}

/* Returns the first delta. */
static const uint8_t *skip_chunks(const uint8_t *at, const uint8_t *end, unsigned statuses)
{
    for (unsigned n = 0; n < statuses; at += 2) {
        unsigned length = end - at >= 2 ? chunk_length(base_get_u16(at)) : 0;
        if (length == 0) { // too short, or an empty run
            return NULL;
        }
        n += length;
    }
    return at;
}

/* Returns 1, 0 at the end, or -EBADMSG. */
static int read_status(ProtocolTwcc *twcc, ProtocolTwccStatus *out)
{
    if (twcc->left == 0) {
        return 0;
    }
    if (twcc->taken == twcc->length) {
        twcc->chunk = base_get_u16(twcc->chunks);
        twcc->chunks += 2;
        twcc->length = chunk_length(twcc->chunk);
        twcc->taken = 0;
    }
    Symbol symbol = chunk_symbol(twcc->chunk, twcc->taken++);
    ptrdiff_t needed = symbol == SMALL_DELTA ? 1 : symbol == LARGE_DELTA ? 2 : 0;
    if (symbol == RESERVED || twcc->end - twcc->deltas < needed) {
        return -EBADMSG;
    }
    if (needed > 0) {
        int delta = needed == 1 ? *twcc->deltas : (int16_t)base_get_u16(twcc->deltas);
        twcc->time_us += delta * DELTA_US;
        twcc->deltas += needed;
    }
    *out = (ProtocolTwccStatus){
        .sequence = twcc->sequence++, .received = needed > 0, .arrival_us = twcc->time_us};
    twcc->left--;
    return 1;
}

int protocol_twcc_open(const ProtocolRtcp *packet, ProtocolTwcc *out)
{
    if (packet->type != PROTOCOL_RTCP_RTPFB || packet->count != PROTOCOL_RTCP_TWCC ||
        packet->size < 4 + FCI_BYTES) {
        return -EBADMSG;
    }
    const uint8_t *fci = packet->body + 4, *end = packet->body + packet->size;
    int32_t reference = (int32_t)(base_get_u32(fci + 4) & 0xffffff00) >> 8;
    ProtocolTwcc twcc = {.sequence = base_get_u16(fci),
                         .left = base_get_u16(fci + 2),
                         .time_us = (int64_t)reference * REFERENCE_US,
                         .chunks = fci + FCI_BYTES,
                         .end = end};
    twcc.deltas = skip_chunks(twcc.chunks, end, twcc.left);
    if (twcc.left == 0 || twcc.left > PROTOCOL_TWCC_MAX_STATUSES || twcc.deltas == NULL) {
        return -EBADMSG;
    }
    ProtocolTwcc trial = twcc;
    ProtocolTwccStatus status;
    int result;
    while ((result = read_status(&trial, &status)) > 0) {
    }
    if (result == 0) {
        *out = twcc;
    }
    return result;
}

bool protocol_twcc_next(ProtocolTwcc *twcc, ProtocolTwccStatus *out)
{
    return read_status(twcc, out) > 0;
}

uint16_t protocol_twcc_sent(ProtocolTwccRing *ring, uint32_t bytes, int64_t now_us)
{
    ring->sent[ring->next & RING_MASK].sent_us = (uint32_t)now_us;
    ring->sent[ring->next & RING_MASK].bytes = ring->bytes;
    ring->bytes += bytes;
    return (uint16_t)ring->next++;
}

/* Bytes sent before packet `number`. */
static uint32_t sent_before(const ProtocolTwccRing *ring, uint64_t number)
{
    return number < ring->next ? ring->sent[number & RING_MASK].bytes : ring->bytes;
}

bool protocol_twcc_cover(ProtocolTwccRing *ring, uint16_t sequence, int64_t now_us,
                         int64_t *out_sent_us, uint32_t *out_bytes)
{
    uint64_t back = (uint16_t)((uint16_t)ring->next - sequence);
    if (back == 0 || back > PROTOCOL_TWCC_RING || back > ring->next - ring->covered) {
        return false;
    }
    uint64_t number = ring->next - back;
    uint32_t sent_us = ring->sent[number & RING_MASK].sent_us;
    *out_sent_us = now_us - (uint32_t)((uint32_t)now_us - sent_us);
    *out_bytes = sent_before(ring, number + 1) - sent_before(ring, number);
    ring->covered = number + 1;
    return true;
}

uint32_t protocol_twcc_in_flight(const ProtocolTwccRing *ring)
{
    uint64_t oldest = ring->next > PROTOCOL_TWCC_RING ? ring->next - PROTOCOL_TWCC_RING : 0;
    uint64_t from = ring->covered > oldest ? ring->covered : oldest;
    return ring->bytes - sent_before(ring, from);
}

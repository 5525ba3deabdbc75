// SPDX-License-Identifier: GPL-3.0-or-later
#include "rtc/send.h"

#include "base/bytes.h"
#include "base/clock.h"

#include <errno.h>

#define RTX_BYTES 2
#define PACKET_BYTES                                                                               \
    (RTC_RTP_MAX_HEADER_BYTES + RTX_BYTES + MEDIA_RTP_MAX_PAYLOAD + RTC_SRTP_MAX_TRAILER_BYTES)
#define RTCP_BYTES 1280

struct RtcSend {
    RtcSocket *socket;
    RtcCounters *counters;
    int64_t patience_us;
    unsigned n;
    RtcSendJob jobs[RTC_SEND_BATCH];
    RtcOutgoing out[RTC_SEND_BATCH];
    uint8_t bytes[RTC_SEND_BATCH][PACKET_BYTES];
};

RtcSend *rtc_send_new(RtcSocket *socket, RtcCounters *counters)
{
    RtcSend *send = g_new0(RtcSend, 1);
    send->socket = socket;
    send->counters = counters;
    return send;
}

void rtc_send_free(RtcSend *send)
{
    g_free(send);
}

void rtc_send_set_patience(RtcSend *send, int64_t patience_us)
{
    send->patience_us = patience_us;
}

/* RFC 3550 5.1, version 2, without CSRC; with the one-byte form of RFC 8285 4.2:
 *
 *  |    0xbe       |    0xde       |           length=1            |
 *  |  id   |  L=1  |  transport-wide sequence number |    0 (pad)  |
 */
static size_t put_header(uint8_t *at, const RtcSendJob *job, bool marker)
{
    at[0] = 0x80;
    at[1] = (uint8_t)((marker ? 0x80 : 0) | job->format);
    base_put_u16(at + 2, (uint16_t)job->index);
    base_put_u32(at + 4, job->packets->rtp_time + job->rtp_offset);
    base_put_u32(at + 8, job->ssrc);
    if (job->extension == 0) {
        return RTC_RTP_HEADER_BYTES;
    }
    at[0] |= 0x10;
    base_put_u32(at + 12, 0xbede0001);
    at[16] = (uint8_t)(job->extension << 4 | 1);
    base_put_u16(at + 17, job->transport);
    at[19] = 0;
    return RTC_RTP_MAX_HEADER_BYTES;
}

static void protect(RtcSend *send, unsigned i)
{
    const RtcSendJob *job = &send->jobs[i];
    const MediaPacket *packet = &job->packets->packets[job->packet];
    uint8_t *bytes = send->bytes[i], prefix[RTX_BYTES];
    base_put_u16(prefix, job->original);
    size_t header = put_header(bytes, job, packet->marker);
    size_t size =
        rtc_srtp_protect(job->path->srtp, job->index, header, prefix, job->rtx ? RTX_BYTES : 0,
                         job->packets->payload + packet->offset, packet->size, bytes);
    send->out[i] = (RtcOutgoing){.to = &job->path->to, .bytes = bytes, .size = size};
}

/* True: there may be room now. */
static bool wait_for_room(RtcSend *send)
{
    if (send->patience_us <= 0) {
        return false;
    }
    int64_t before = base_clock_us();
    rtc_socket_wait(send->socket, send->patience_us);
    send->patience_us -= base_clock_us() - before + 1;
    return true;
}

void rtc_send_skip(RtcSend *send, uint32_t packets)
{
    atomic_fetch_add_explicit(&send->counters->drops, packets, memory_order_relaxed);
}

static void lose(RtcSend *send, unsigned first, unsigned end)
{
    for (unsigned i = first; i < end; i++) {
        if (send->jobs[i].out_lost != NULL) {
            *send->jobs[i].out_lost = true;
        }
    }
    rtc_send_skip(send, end - first);
}

static void count(RtcSend *send, unsigned first, unsigned end)
{
    uint64_t bytes = 0;
    for (unsigned i = first; i < end; i++) {
        bytes += send->out[i].size;
    }
    atomic_fetch_add_explicit(&send->counters->packets, end - first, memory_order_relaxed);
    atomic_fetch_add_explicit(&send->counters->bytes, bytes, memory_order_relaxed);
}

void rtc_send_flush(RtcSend *send)
{
    for (unsigned i = 0; i < send->n; i++) {
        protect(send, i);
    }
    unsigned at = 0;
    while (at < send->n) {
        int sent = rtc_socket_send_batch(send->socket, send->out + at, send->n - at);
        if (sent > 0) {
            count(send, at, at + (unsigned)sent);
            at += (unsigned)sent;
        } else if (sent != -EAGAIN && sent != -ENOBUFS) {
            lose(send, at, at + 1); // this destination is out of reach, others need not be
            at++;
        } else if (!wait_for_room(send)) {
            lose(send, at, send->n);
            break;
        }
    }
    send->n = 0;
}

void rtc_send_add(RtcSend *send, const RtcSendJob *job)
{
    send->jobs[send->n++] = *job;
    if (send->n == RTC_SEND_BATCH) {
        rtc_send_flush(send);
    }
}

void rtc_send_rtcp(RtcSend *send, const RtcPath *path, const uint8_t *bytes, size_t size)
{
    uint8_t packet[RTCP_BYTES];
    g_assert(size + RTC_SRTCP_MAX_TRAILER_BYTES <= sizeof packet);
    memcpy(packet, bytes, size);
    size = rtc_srtp_protect_rtcp(path->srtp, packet, size);
    rtc_socket_send(send->socket, &path->to, packet, size);
}

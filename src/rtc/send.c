// SPDX-License-Identifier: GPL-3.0-or-later
// Adds headers, encrypts and sends packets in batches.
#include "rtc/send.h"

#include "rtc/tcp.h"

#include "base/bytes.h"

#include <errno.h>

#define RTX_BYTES 2
#define PACKET_BYTES                                                                               \
    (PROTOCOL_RTP_MAX_HEADER_BYTES + RTX_BYTES + MEDIA_RTP_MAX_PAYLOAD +                           \
     PROTOCOL_SRTP_MAX_TRAILER_BYTES)
#define RTCP_BYTES (RTC_SEND_RTCP_BYTES + PROTOCOL_SRTCP_MAX_TRAILER_BYTES)
#define REPORTS 16
#define SEND_JOBS 64 // 32 to 512 performed alike

struct RtcSend {
    RtcTransport *transport;
    RtcCounters *counters;
    bool room, room_known; // cached until flushed
    unsigned n;
    RtcSendJob jobs[SEND_JOBS];
    size_t ends[SEND_JOBS + 1];              // packet i is [ends[i], ends[i + 1])
    uint8_t bytes[SEND_JOBS * PACKET_BYTES]; // contiguous, for segments
    unsigned n_reports;
    uint8_t reports[REPORTS][RTCP_BYTES];
};

RtcSend *rtc_send_new(RtcTransport *transport, RtcCounters *counters)
{
    RtcSend *send = g_new0(RtcSend, 1);
    send->transport = transport;
    send->counters = counters;
    return send;
}

void rtc_send_free(RtcSend *send)
{
    g_free(send);
}

/* RFC 3550 5.1, version 2, without CSRC; a resend keeps the padding (RFC 4588 4); with the one-byte form of RFC 8285 4.2:
 *
 *  |    0xbe       |    0xde       |           length=1            |
 *  |  id   |  L=1  |  transport-wide sequence number |    0 (pad)  |
 */
static size_t put_header(uint8_t *at, const RtcSendJob *job, const MediaPacket *packet)
{
    at[0] = packet->padding > 0 ? 0xa0 : 0x80;
    at[1] = (uint8_t)((packet->marker ? 0x80 : 0) | job->format);
    base_put_u16(at + 2, (uint16_t)job->index);
    base_put_u32(at + 4, job->packets->rtp_time + job->rtp_offset);
    base_put_u32(at + 8, job->ssrc);
    if (job->extension == 0) {
        return PROTOCOL_RTP_HEADER_BYTES;
    }
    at[0] |= 0x10;
    base_put_u32(at + 12, 0xbede0001);
    at[16] = (uint8_t)(job->extension << 4 | 1);
    base_put_u16(at + 17, job->transport);
    at[19] = 0;
    return PROTOCOL_RTP_MAX_HEADER_BYTES;
}

static void protect(RtcSend *send, unsigned i)
{
    const RtcSendJob *job = &send->jobs[i];
    if (job->packets == NULL) {
        memcpy(send->bytes + send->ends[i], job->report, job->report_size);
        send->ends[i + 1] = send->ends[i] + job->report_size;
        return;
    }
    const MediaPacket *packet = &job->packets->packets[job->packet];
    uint8_t *bytes = send->bytes + send->ends[i], prefix[RTX_BYTES];
    base_put_u16(prefix, job->original);
    size_t header = put_header(bytes, job, packet);
    send->ends[i + 1] =
        send->ends[i] +
        protocol_srtp_protect(job->path->srtp, job->index, header, prefix, job->rtx ? RTX_BYTES : 0,
                              job->packets->payload + packet->offset, packet->size, bytes);
}

static size_t size_of(const RtcSend *send, unsigned i)
{
    return send->ends[i + 1] - send->ends[i];
}

/* Jobs of one message. */
static unsigned message_end(const RtcSend *send, unsigned first)
{
    const RtcPath *path = send->jobs[first].path;
    size_t segment = size_of(send, first);
    unsigned end = first + 1;
    if (path->plain || !rtc_udp_segments(rtc_transport_udp(send->transport))) {
        return end;
    }
    while (end < send->n && end - first < RTC_MAX_SEGMENTS && send->jobs[end].path == path &&
           size_of(send, end - 1) == segment && size_of(send, end) <= segment &&
           send->ends[end + 1] - send->ends[first] <= RTC_MAX_MESSAGE_BYTES) {
        end++;
    }
    return end;
}

bool rtc_send_has_room(RtcSend *send)
{
    if (!send->room_known) {
        send->room = rtc_udp_has_room(rtc_transport_udp(send->transport));
        send->room_known = true;
    }
    return send->room;
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
    atomic_fetch_add_explicit(&send->counters->packets, end - first, memory_order_relaxed);
    atomic_fetch_add_explicit(&send->counters->bytes, send->ends[end] - send->ends[first],
                              memory_order_relaxed);
}

/* Jobs of one TCP connection, or of UDP. */
static unsigned transport_end(const RtcSend *send, unsigned first)
{
    uint32_t tcp = send->jobs[first].path->to.tcp;
    unsigned end = first + 1;
    while (end < send->n && send->jobs[end].path->to.tcp == tcp) {
        end++;
    }
    return end;
}

/* Never waits: drops. */
static unsigned transmit_tcp(RtcSend *send, unsigned first)
{
    RtcOutgoing out[RTC_SEND_BATCH];
    unsigned end = MIN(transport_end(send, first), first + RTC_SEND_BATCH);
    for (unsigned i = first; i < end; i++) {
        out[i - first] =
            (RtcOutgoing){.bytes = send->bytes + send->ends[i], .size = size_of(send, i)};
    }
    int sent = rtc_tcp_send(rtc_transport_tcp(send->transport), send->jobs[first].path->to.tcp, out,
                            end - first);
    unsigned taken = first + (unsigned)MAX(sent, 0);
    count(send, first, taken);
    lose(send, taken, end);
    return end;
}

/* Returns the next job. */
static unsigned refused(RtcSend *send, unsigned first, unsigned end, int error)
{
    if (error == -EAGAIN) {
        end = transport_end(send, first);
        lose(send, first, end);
        return end;
    }
    if (end - first > 1 && (error == -EIO || error == -EINVAL || error == -EMSGSIZE)) {
        // no segmentation on the path, or a small MTU
        send->jobs[first].path->plain = true;
        return first;
    }
    lose(send, first, end); // unreachable
    return end;
}

/* One system call. Returns the next job. */
static unsigned transmit(RtcSend *send, unsigned first)
{
    RtcOutgoing out[RTC_SEND_BATCH];
    unsigned ends[RTC_SEND_BATCH], n = 0;
    if (send->jobs[first].path->to.tcp != 0) {
        return transmit_tcp(send, first);
    }
    unsigned stop = transport_end(send, first);
    for (unsigned at = first; at < stop && n < RTC_SEND_BATCH; at = ends[n++]) {
        ends[n] = message_end(send, at);
        out[n] = (RtcOutgoing){.to = &send->jobs[at].path->to,
                               .bytes = send->bytes + send->ends[at],
                               .size = send->ends[ends[n]] - send->ends[at],
                               .segment = ends[n] - at > 1 ? (uint16_t)size_of(send, at) : 0};
    }
    int sent = rtc_udp_send(rtc_transport_udp(send->transport), out, n);
    if (sent <= 0) {
        return refused(send, first, ends[0], sent);
    }
    count(send, first, ends[sent - 1]);
    return ends[sent - 1];
}

void rtc_send_flush(RtcSend *send)
{
    for (unsigned i = 0; i < send->n; i++) {
        if (i + 4 < send->n) {
            protocol_srtp_prefetch(send->jobs[i + 4].path->srtp);
        }
        if (i + 2 < send->n) {
            protocol_srtp_prefetch_keys(send->jobs[i + 2].path->srtp);
        }
        protect(send, i);
    }
    for (unsigned at = 0; at < send->n;) {
        at = transmit(send, at);
    }
    send->n = send->n_reports = 0;
    send->room_known = false;
}

void rtc_send_add(RtcSend *send, const RtcSendJob *job)
{
    send->jobs[send->n++] = *job;
    if (send->n == SEND_JOBS) {
        rtc_send_flush(send);
    }
}

void rtc_send_rtcp(RtcSend *send, RtcPath *path, const uint8_t *bytes, size_t size)
{
    g_assert(size <= RTC_SEND_RTCP_BYTES);
    uint8_t *report = send->reports[send->n_reports++];
    memcpy(report, bytes, size);
    size = protocol_srtp_protect_rtcp(path->srtp, report, size);
    if (path->to.tcp != 0) { // has room of its own there
        rtc_transport_send(send->transport, &path->to, report, size);
        send->n_reports--;
        return;
    }
    rtc_send_add(send, &(RtcSendJob){.path = path, .report = report, .report_size = size});
    if (send->n_reports == REPORTS) {
        rtc_send_flush(send);
    }
}

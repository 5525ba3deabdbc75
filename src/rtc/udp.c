// SPDX-License-Identifier: GPL-3.0-or-later
// Receives and sends UDP datagrams in batches.
#include "rtc/udp.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BUFFER_BYTES (8 * 1024 * 1024)
#define CONTROL_BYTES 64 // pktinfo and segment size

struct RtcUdp {
    int fd;
    int family;
    bool any;       // receives local addresses too
    bool segments;  // UDP_SEGMENT exists
    int send_bytes; // SO_SNDBUF
};

typedef union {
    struct cmsghdr align;
    uint8_t bytes[CONTROL_BYTES];
} Control;

G_STATIC_ASSERT(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)) <=
                CONTROL_BYTES);

static void set_options(RtcUdp *udp)
{
    // forced beyond the system's maximum, if allowed
    rtc_set_option(udp->fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    rtc_set_option(udp->fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
    rtc_set_option(udp->fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
    rtc_set_option(udp->fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
    socklen_t size = sizeof udp->send_bytes;
    if (getsockopt(udp->fd, SOL_SOCKET, SO_SNDBUF, &udp->send_bytes, &size) < 0) {
        udp->send_bytes = BUFFER_BYTES;
    }
    if (udp->any) {
        rtc_set_option(udp->fd, IPPROTO_IP, IP_PKTINFO, 1);
        if (udp->family == AF_INET6) {
            rtc_set_option(udp->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        }
    }
    int none = 0; // tests support
    udp->segments = setsockopt(udp->fd, SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

RtcUdp *rtc_udp_new(const RtcListen *listen)
{
    RtcUdp *udp = g_new0(RtcUdp, 1);
    udp->fd = listen->udp;
    udp->family = listen->family;
    udp->any = listen->any;
    set_options(udp);
    return udp;
}

void rtc_udp_free(RtcUdp *udp)
{
    if (udp != NULL) {
        close(udp->fd);
        g_free(udp);
    }
}

int rtc_udp_fd(const RtcUdp *udp)
{
    return udp->fd;
}

bool rtc_udp_segments(const RtcUdp *udp)
{
    return udp->segments;
}

void rtc_udp_forbid_segments(RtcUdp *udp)
{
    udp->segments = false;
}

static void take_local(struct msghdr *message, ProtocolAddress *out)
{
    memset(out->local, 0, sizeof out->local);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memset(out->local, 0, 10);
            out->local[10] = out->local[11] = 0xff;
            memcpy(out->local + 12, &info.ipi_spec_dst, 4);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(out->local, &info.ipi6_addr, PROTOCOL_IP_BYTES);
        }
    }
}

int rtc_udp_receive(RtcUdp *udp, RtcDatagram *out, unsigned n)
{
    struct mmsghdr messages[RTC_SEND_BATCH];
    struct iovec vectors[RTC_SEND_BATCH];
    RtcSockaddr from[RTC_SEND_BATCH];
    Control control[RTC_SEND_BATCH];
    n = MIN(n, RTC_SEND_BATCH);
    for (unsigned i = 0; i < n; i++) {
        vectors[i] = (struct iovec){out[i].bytes, RTC_DATAGRAM_BYTES};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
                                              .msg_namelen = sizeof from[i],
                                              .msg_iov = &vectors[i],
                                              .msg_iovlen = 1,
                                              .msg_control = &control[i],
                                              .msg_controllen = sizeof control[i]};
    }
    int got = recvmmsg(udp->fd, messages, n, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
        bool cut = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        out[i].size = cut ? 0 : messages[i].msg_len;
        protocol_ip_from_sockaddr(&from[i].any, out[i].from.ip, &out[i].from.port);
        out[i].from.tcp = 0;
        take_local(&messages[i].msg_hdr, &out[i].from);
    }
    return MAX(got, 0);
}

static size_t put_control(uint8_t *at, int level, int type, const void *value, size_t size)
{
    struct cmsghdr *head = (void *)at;
    *head = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(size)};
    memcpy(CMSG_DATA(head), value, size);
    return CMSG_SPACE(size);
}

/* Reply from the checked address (RFC 8445 7.2.5.2.1). */
static size_t put_local(const RtcUdp *udp, const ProtocolAddress *to, uint8_t *at)
{
    if (!udp->any || protocol_ip_is_zero(to->local)) {
        return 0;
    }
    if (udp->family == AF_INET) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, to->local + 12, 4);
        return put_control(at, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
    struct in6_pktinfo info = {0};
    memcpy(&info.ipi6_addr, to->local, PROTOCOL_IP_BYTES);
    return put_control(at, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

static void put_controls(const RtcUdp *udp, const RtcOutgoing *out, Control *control,
                         struct msghdr *message)
{
    size_t size = put_local(udp, out->to, control->bytes);
    if (out->segment != 0) {
        size += put_control(control->bytes + size, SOL_UDP, UDP_SEGMENT, &out->segment,
                            sizeof out->segment);
    }
    message->msg_control = size > 0 ? control : NULL;
    message->msg_controllen = size;
}

int rtc_udp_send(RtcUdp *udp, const RtcOutgoing *out, unsigned n)
{
    struct mmsghdr messages[RTC_SEND_BATCH];
    struct iovec vectors[RTC_SEND_BATCH];
    RtcSockaddr to[RTC_SEND_BATCH];
    Control control[RTC_SEND_BATCH];
    n = MIN(n, RTC_SEND_BATCH);
    for (unsigned i = 0; i < n; i++) {
        vectors[i] = (struct iovec){(void *)out[i].bytes, out[i].size};
        socklen_t size = rtc_sockaddr_fill(udp->family, out[i].to->ip, out[i].to->port, &to[i]);
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &to[i], .msg_namelen = size, .msg_iov = &vectors[i], .msg_iovlen = 1};
        put_controls(udp, &out[i], &control[i], &messages[i].msg_hdr);
    }
    int sent;
    do {
        sent = sendmmsg(udp->fd, messages, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

bool rtc_udp_has_room(const RtcUdp *udp)
{
    int queued;
    return ioctl(udp->fd, SIOCOUTQ, &queued) < 0 || queued < udp->send_bytes / 4 * 3;
}

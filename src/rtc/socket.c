// SPDX-License-Identifier: GPL-3.0-or-later
#include "rtc/socket.h"

#include "rtc/tcp.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (8 * 1024 * 1024)
#define CONTROL_BYTES 64 // holds either family's pktinfo and the segment's size
#define LISTEN_BACKLOG 1024
#define PORT_TRIES 32 // for a number that is free in UDP and TCP

struct RtcSocket {
    int fd;
    int family;
    uint16_t port;
    bool any;       // bound to every address: then each datagram carries the one it used
    bool segments;  // the kernel has UDP_SEGMENT
    int send_bytes; // the kernel's bound on what waits to be sent
    uint8_t bound[RTC_IP_BYTES];
    RtcTcp *tcp; // nullable while it is made
};

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

typedef union {
    struct cmsghdr align;
    uint8_t bytes[CONTROL_BYTES];
} Control;

G_STATIC_ASSERT(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)) <=
                CONTROL_BYTES);

static socklen_t fill_address(const RtcSocket *sock, const uint8_t ip[RTC_IP_BYTES], uint16_t port,
                              Address *out)
{
    if (sock->family == AF_INET) {
        out->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&out->v4.sin_addr, ip + 12, 4);
        return sizeof out->v4;
    }
    out->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&out->v6.sin6_addr, ip, RTC_IP_BYTES);
    return sizeof out->v6;
}

static bool parse_listen(const char *listen, uint8_t ip[RTC_IP_BYTES], bool *out_any,
                         uint16_t *out_port)
{
    const char *colon = strrchr(listen, ':');
    char *end;
    if (colon == NULL) {
        return false;
    }
    guint64 port = g_ascii_strtoull(colon + 1, &end, 10);
    if (end == colon + 1 || *end != '\0' || port > UINT16_MAX) {
        return false;
    }
    *out_port = (uint16_t)port;
    g_autofree char *host = g_strndup(listen, (gsize)(colon - listen));
    size_t length = strlen(host);
    *out_any = length == 0 || strcmp(host, "*") == 0 || strcmp(host, "0.0.0.0") == 0 ||
               strcmp(host, "[::]") == 0;
    if (*out_any) {
        memset(ip, 0, RTC_IP_BYTES);
        return true;
    }
    if (strcmp(host, "localhost") == 0) {
        return rtc_ip_parse("127.0.0.1", ip);
    }
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        return rtc_ip_parse(host + 1, ip);
    }
    return rtc_ip_parse(host, ip);
}

void rtc_set_option(int fd, int level, int name, int value)
{
    int result = setsockopt(fd, level, name, &value, sizeof value);
    (void)result; // each is an improvement, none a need
}

static void set_options(RtcSocket *sock)
{
    // beyond the system's maximum where we may; else up to it
    rtc_set_option(sock->fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    rtc_set_option(sock->fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
    rtc_set_option(sock->fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
    rtc_set_option(sock->fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
    socklen_t size = sizeof sock->send_bytes;
    if (getsockopt(sock->fd, SOL_SOCKET, SO_SNDBUF, &sock->send_bytes, &size) < 0) {
        sock->send_bytes = BUFFER_BYTES;
    }
    if (sock->any) {
        rtc_set_option(sock->fd, IPPROTO_IP, IP_PKTINFO, 1);
        if (sock->family == AF_INET6) {
            rtc_set_option(sock->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        }
    }
    int none = 0; // the socket's own size: each message brings its own
    sock->segments = setsockopt(sock->fd, SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

/* The descriptor of a bound socket, -1 with errno. */
static int bound_socket(const RtcSocket *sock, int type, uint16_t port, Address *out)
{
    int fd = socket(sock->family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    if (sock->family == AF_INET6) {
        rtc_set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !sock->any);
    }
    if (type == SOCK_STREAM) {
        rtc_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1); // past connections do not hinder a restart
    }
    socklen_t size = fill_address(sock, sock->bound, port, out);
    if (bind(fd, &out->any, size) < 0 || getsockname(fd, &out->any, &size) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static bool bind_udp(RtcSocket *sock, int family, uint16_t port)
{
    Address address;
    sock->family = family;
    sock->fd = bound_socket(sock, SOCK_DGRAM, port, &address);
    if (sock->fd < 0) {
        return false;
    }
    sock->port = ntohs(family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return true;
}

/* The same number as UDP's. */
static int listen_tcp(const RtcSocket *sock)
{
    Address address;
    int fd = bound_socket(sock, SOCK_STREAM, sock->port, &address);
    if (fd >= 0 && listen(fd, LISTEN_BACKLOG) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

/* What to do about an errno of bind() or listen(). */
static const char *advice(int code)
{
    switch (code) {
    case EADDRINUSE:
        return "Stop what uses it (\"ss -lntup\" lists programs and ports) or set another in the "
               "configuration: [rtc] listen";
    case EADDRNOTAVAIL:
        return "It is none of this machine's (\"ip address\" lists those): correct it in the "
               "configuration, [rtc] listen, or write :PORT for all of them";
    case EACCES:
        return "Ports below 1024 need CAP_NET_BIND_SERVICE: grant that or set a higher one in the "
               "configuration: [rtc] listen";
    default:
        return "Set another address in the configuration: [rtc] listen";
    }
}

static void set_refused(const char *protocol, const char *listen, GError **error)
{
    int code = errno;
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "rtc cannot listen on %s %s: %s. %s",
                protocol, listen, g_strerror(code), advice(code));
}

/* The listening TCP socket, or -1 with an error. */
static int bind_both(RtcSocket *sock, const char *listen, uint16_t port, GError **error)
{
    bool v4 = !sock->any && rtc_address_is_v4(sock->bound);
    for (int i = 0; i < PORT_TRIES; i++) {
        // a kernel without IPv6 refuses the first
        if (!(v4 ? bind_udp(sock, AF_INET, port)
                 : bind_udp(sock, AF_INET6, port) ||
                       (sock->any && errno == EAFNOSUPPORT && bind_udp(sock, AF_INET, port)))) {
            set_refused("UDP", listen, error);
            return -1;
        }
        int fd = listen_tcp(sock);
        if (fd >= 0) {
            return fd;
        }
        if (port != 0 || errno != EADDRINUSE) {
            break;
        }
        close(sock->fd);
        sock->fd = -1;
        errno = EADDRINUSE;
    }
    set_refused("TCP", listen, error);
    return -1;
}

RtcSocket *rtc_socket_new(const char *listen, GError **error)
{
    g_autoptr(RtcSocket) sock = g_new0(RtcSocket, 1);
    sock->fd = -1;
    uint16_t port;
    if (!parse_listen(listen, sock->bound, &sock->any, &port)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "rtc cannot listen on \"%s\": write ADDRESS:PORT, [IPV6]:PORT or :PORT.",
                    listen);
        return NULL;
    }
    int listener = bind_both(sock, listen, port, error);
    if (listener < 0) {
        return NULL;
    }
    sock->tcp = rtc_tcp_new(listener, error);
    if (sock->tcp == NULL) {
        return NULL;
    }
    set_options(sock);
    return g_steal_pointer(&sock);
}

void rtc_socket_free(RtcSocket *sock)
{
    if (sock != NULL) {
        rtc_tcp_free(sock->tcp);
        if (sock->fd >= 0) {
            close(sock->fd);
        }
        g_free(sock);
    }
}

int rtc_socket_fd(const RtcSocket *sock)
{
    return sock->fd;
}

bool rtc_socket_segments(const RtcSocket *sock)
{
    return sock->segments;
}

void rtc_socket_forbid_segments(RtcSocket *sock)
{
    sock->segments = false;
}

uint16_t rtc_socket_port(const RtcSocket *sock)
{
    return sock->port;
}

RtcTcp *rtc_socket_tcp(const RtcSocket *sock)
{
    return sock->tcp;
}

const uint8_t *rtc_socket_bound(const RtcSocket *sock)
{
    return sock->any ? NULL : sock->bound;
}

bool rtc_socket_takes_v6(const RtcSocket *sock)
{
    return sock->family == AF_INET6;
}

static void take_local(struct msghdr *message, RtcAddress *out)
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
            memcpy(out->local, &info.ipi6_addr, RTC_IP_BYTES);
        }
    }
}

int rtc_socket_receive(RtcSocket *sock, RtcDatagram *out, unsigned n)
{
    struct mmsghdr messages[RTC_SEND_BATCH];
    struct iovec vectors[RTC_SEND_BATCH];
    Address from[RTC_SEND_BATCH];
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
    int got = recvmmsg(sock->fd, messages, n, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
        bool cut = (messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        out[i].size = cut ? 0 : messages[i].msg_len;
        rtc_ip_take(&from[i].any, out[i].from.ip, &out[i].from.port);
        out[i].from.tcp = 0;
        take_local(&messages[i].msg_hdr, &out[i].from);
    }
    return MAX(got, 0);
}

/* Appends one control message; how large it is. */
static size_t put_control(uint8_t *at, int level, int type, const void *value, size_t size)
{
    struct cmsghdr *head = (void *)at;
    *head = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(size)};
    memcpy(CMSG_DATA(head), value, size);
    return CMSG_SPACE(size);
}

/* The reply must leave from the address that the peer asked, or its check fails (RFC
 * 8445 7.2.5.2.1). */
static size_t put_local(const RtcSocket *sock, const RtcAddress *to, uint8_t *at)
{
    if (!sock->any || rtc_ip_is_zero(to->local)) {
        return 0;
    }
    if (sock->family == AF_INET) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, to->local + 12, 4);
        return put_control(at, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
    struct in6_pktinfo info = {0};
    memcpy(&info.ipi6_addr, to->local, RTC_IP_BYTES);
    return put_control(at, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
}

static void put_controls(const RtcSocket *sock, const RtcOutgoing *out, Control *control,
                         struct msghdr *message)
{
    size_t size = put_local(sock, out->to, control->bytes);
    if (out->segment != 0) {
        size += put_control(control->bytes + size, SOL_UDP, UDP_SEGMENT, &out->segment,
                            sizeof out->segment);
    }
    message->msg_control = size > 0 ? control : NULL;
    message->msg_controllen = size;
}

int rtc_socket_send_batch(RtcSocket *sock, const RtcOutgoing *out, unsigned n)
{
    struct mmsghdr messages[RTC_SEND_BATCH];
    struct iovec vectors[RTC_SEND_BATCH];
    Address to[RTC_SEND_BATCH];
    Control control[RTC_SEND_BATCH];
    n = MIN(n, RTC_SEND_BATCH);
    for (unsigned i = 0; i < n; i++) {
        vectors[i] = (struct iovec){(void *)out[i].bytes, out[i].size};
        socklen_t size = fill_address(sock, out[i].to->ip, out[i].to->port, &to[i]);
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &to[i], .msg_namelen = size, .msg_iov = &vectors[i], .msg_iovlen = 1};
        put_controls(sock, &out[i], &control[i], &messages[i].msg_hdr);
    }
    int sent;
    do {
        sent = sendmmsg(sock->fd, messages, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

int rtc_socket_send(RtcSocket *sock, const RtcAddress *to, const uint8_t *bytes, size_t size)
{
    if (to->tcp != 0) {
        return rtc_tcp_send_first(sock->tcp, to->tcp, bytes, size);
    }
    RtcOutgoing one = {.to = to, .bytes = bytes, .size = size};
    int result = rtc_socket_send_batch(sock, &one, 1);
    return MIN(result, 0);
}

bool rtc_socket_has_room(const RtcSocket *sock)
{
    int queued;
    return ioctl(sock->fd, SIOCOUTQ, &queued) < 0 || queued < sock->send_bytes / 4 * 3;
}

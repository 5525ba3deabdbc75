// SPDX-License-Identifier: GPL-3.0-or-later
#include "rtc/socket.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (8 * 1024 * 1024)
#define CONTROL_BYTES 64 // holds either family's pktinfo and the segment's size
#define MAX_CANDIDATES 16

struct RtcSocket {
    int fd;
    int family;
    uint16_t port;
    bool any;       // bound to every address: then each datagram carries the one it used
    bool segments;  // the kernel has UDP_SEGMENT
    int send_bytes; // the kernel's bound on what waits to be sent
    uint8_t bound[RTC_IP_BYTES];
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

static void map_v4(uint8_t out[RTC_IP_BYTES], const struct in_addr *in)
{
    memset(out, 0, 10);
    out[10] = out[11] = 0xff;
    memcpy(out + 12, in, 4);
}

static bool is_zero(const uint8_t ip[RTC_IP_BYTES])
{
    static const uint8_t zero[RTC_IP_BYTES];
    return memcmp(ip, zero, RTC_IP_BYTES) == 0;
}

static bool parse_ip(const char *text, uint8_t out[RTC_IP_BYTES])
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        map_v4(out, &v4);
        return true;
    }
    return inet_pton(AF_INET6, text, out) == 1;
}

static char *format_ip(const uint8_t ip[RTC_IP_BYTES])
{
    char text[INET6_ADDRSTRLEN];
    if (rtc_address_is_v4(ip)) {
        inet_ntop(AF_INET, ip + 12, text, sizeof text);
    } else {
        inet_ntop(AF_INET6, ip, text, sizeof text);
    }
    return g_strdup(text);
}

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
        return parse_ip("127.0.0.1", ip);
    }
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        return parse_ip(host + 1, ip);
    }
    return parse_ip(host, ip);
}

static void set_option(int fd, int level, int name, int value)
{
    int result = setsockopt(fd, level, name, &value, sizeof value);
    (void)result; // each is an improvement, none a need
}

static void set_options(RtcSocket *sock)
{
    // beyond the system's maximum where we may; else up to it
    set_option(sock->fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    set_option(sock->fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
    set_option(sock->fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES);
    set_option(sock->fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES);
    socklen_t size = sizeof sock->send_bytes;
    if (getsockopt(sock->fd, SOL_SOCKET, SO_SNDBUF, &sock->send_bytes, &size) < 0) {
        sock->send_bytes = BUFFER_BYTES;
    }
    if (sock->any) {
        set_option(sock->fd, IPPROTO_IP, IP_PKTINFO, 1);
        if (sock->family == AF_INET6) {
            set_option(sock->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        }
    }
    int none = 0; // the socket's own size: each message brings its own
    sock->segments = setsockopt(sock->fd, SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

static bool bind_to(RtcSocket *sock, int family, uint16_t port)
{
    sock->family = family;
    sock->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sock->fd < 0) {
        return false;
    }
    if (family == AF_INET6) {
        set_option(sock->fd, IPPROTO_IPV6, IPV6_V6ONLY, !sock->any);
    }
    Address address;
    socklen_t size = fill_address(sock, sock->bound, port, &address);
    if (bind(sock->fd, &address.any, size) < 0 || getsockname(sock->fd, &address.any, &size) < 0) {
        int saved = errno;
        close(sock->fd);
        sock->fd = -1;
        errno = saved;
        return false;
    }
    sock->port = ntohs(family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return true;
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
    bool v4 = !sock->any && rtc_address_is_v4(sock->bound);
    // a kernel without IPv6 refuses the first
    if (!(v4 ? bind_to(sock, AF_INET, port)
             : bind_to(sock, AF_INET6, port) ||
                   (sock->any && errno == EAFNOSUPPORT && bind_to(sock, AF_INET, port)))) {
        g_set_error(
            error, BASE_ERROR, BASE_ERROR_FAILED,
            "rtc cannot listen on UDP %s: %s. Stop what uses it (\"ss -lunp\" lists programs "
            "and ports) or set another in the configuration: [rtc] listen",
            listen, g_strerror(errno));
        return NULL;
    }
    set_options(sock);
    return g_steal_pointer(&sock);
}

void rtc_socket_free(RtcSocket *sock)
{
    if (sock != NULL) {
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

static bool usable(const uint8_t ip[RTC_IP_BYTES], bool loopback)
{
    const struct in6_addr *v6 = (const void *)ip;
    bool local = rtc_address_is_v4(ip) ? ip[12] == 127 : IN6_IS_ADDR_LOOPBACK(v6);
    bool link = rtc_address_is_v4(ip) ? ip[12] == 169 && ip[13] == 254 : IN6_IS_ADDR_LINKLOCAL(v6);
    return !link && !is_zero(ip) && local == loopback;
}

/* IPv4 first: a check that gets through at once saves the peer a time-out. */
static unsigned interface_addresses(const RtcSocket *sock, bool loopback,
                                    uint8_t out[MAX_CANDIDATES][RTC_IP_BYTES])
{
    struct ifaddrs *all;
    unsigned n = 0;
    if (getifaddrs(&all) < 0) {
        return 0;
    }
    int families[] = {AF_INET, AF_INET6};
    for (unsigned f = 0; f < G_N_ELEMENTS(families); f++) {
        for (struct ifaddrs *one = all; one != NULL && n < MAX_CANDIDATES; one = one->ifa_next) {
            if (one->ifa_addr == NULL || one->ifa_addr->sa_family != families[f] ||
                (one->ifa_flags & IFF_UP) == 0 ||
                (families[f] == AF_INET6 && sock->family == AF_INET)) {
                continue;
            }
            const Address *address = (const void *)one->ifa_addr;
            if (families[f] == AF_INET) {
                map_v4(out[n], &address->v4.sin_addr);
            } else {
                memcpy(out[n], &address->v6.sin6_addr, RTC_IP_BYTES);
            }
            n += usable(out[n], loopback);
        }
    }
    freeifaddrs(all);
    return n;
}

/* Type preference 126 (host), component 1 (RFC 8445 5.1.2). */
static void add_candidate(GPtrArray *list, const RtcSocket *sock, const char *ip)
{
    unsigned priority = 126u << 24 | (65535u - list->len) << 8 | 255u;
    g_ptr_array_add(list, g_strdup_printf("%u 1 udp %u %s %u typ host", list->len + 1, priority, ip,
                                          sock->port));
}

/* "public" or "local=public"; the latter only where we are bound to, or have, the local one. */
static bool add_public(GPtrArray *list, const RtcSocket *sock, const char *entry, GError **error)
{
    g_auto(GStrv) sides = g_strsplit(entry, "=", 2);
    const char *outside = sides[1] != NULL ? sides[1] : sides[0];
    uint8_t ip[RTC_IP_BYTES];
    if (!parse_ip(outside, ip) || (sides[1] != NULL && !parse_ip(sides[0], ip))) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "rtc: \"%s\" is not an address: write PUBLIC or LOCAL=PUBLIC in numbers.",
                    entry);
        return false;
    }
    add_candidate(list, sock, outside);
    return true;
}

static void add_interfaces(GPtrArray *list, const RtcSocket *sock)
{
    uint8_t ips[MAX_CANDIDATES][RTC_IP_BYTES];
    unsigned n = interface_addresses(sock, false, ips);
    if (n == 0) { // a machine on its own
        n = interface_addresses(sock, true, ips);
    }
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *text = format_ip(ips[i]);
        add_candidate(list, sock, text);
    }
}

char **rtc_socket_candidates(const RtcSocket *sock, const char *const *public_addresses,
                             GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    if (public_addresses != NULL && public_addresses[0] != NULL) {
        for (; *public_addresses != NULL; public_addresses++) {
            if (!add_public(list, sock, *public_addresses, error)) {
                return NULL;
            }
        }
    } else if (!sock->any) {
        g_autofree char *text = format_ip(sock->bound);
        add_candidate(list, sock, text);
    } else {
        add_interfaces(list, sock);
    }
    if (list->len == 0) {
        g_set_error_literal(error, BASE_ERROR, BASE_ERROR_FAILED,
                            "rtc found no address to offer: set [rtc] public_addresses.");
        return NULL;
    }
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

static void take_source(const Address *address, RtcAddress *out)
{
    if (address->any.sa_family == AF_INET) {
        map_v4(out->ip, &address->v4.sin_addr);
        out->port = ntohs(address->v4.sin_port);
    } else {
        memcpy(out->ip, &address->v6.sin6_addr, RTC_IP_BYTES);
        out->port = ntohs(address->v6.sin6_port);
    }
}

static void take_local(struct msghdr *message, RtcAddress *out)
{
    memset(out->local, 0, sizeof out->local);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            map_v4(out->local, &info.ipi_spec_dst);
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
        take_source(&from[i], &out[i].from);
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
    if (!sock->any || is_zero(to->local)) {
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
    RtcOutgoing one = {.to = to, .bytes = bytes, .size = size};
    int result = rtc_socket_send_batch(sock, &one, 1);
    return MIN(result, 0);
}

bool rtc_socket_has_room(const RtcSocket *sock)
{
    int queued;
    return ioctl(sock->fd, SIOCOUTQ, &queued) < 0 || queued < sock->send_bytes / 4 * 3;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Binds the UDP and TCP sockets of one port number.
#include "rtc/listen.h"

#include "base/error.h"
#include "base/supervisor/sockets.h"
#include "rtc/datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define LISTEN_BACKLOG 1024
#define PORT_TRIES 32

socklen_t rtc_sockaddr_fill(int family, const uint8_t ip[PROTOCOL_IP_BYTES], uint16_t port,
                            RtcSockaddr *out)
{
    if (family == AF_INET) {
        out->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&out->v4.sin_addr, ip + 12, 4);
        return sizeof out->v4;
    }
    out->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&out->v6.sin6_addr, ip, PROTOCOL_IP_BYTES);
    return sizeof out->v6;
}

static bool parse_listen(const char *listen, uint8_t ip[PROTOCOL_IP_BYTES], bool *out_any,
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
        memset(ip, 0, PROTOCOL_IP_BYTES);
        return true;
    }
    if (strcmp(host, "localhost") == 0) {
        return protocol_ip_parse("127.0.0.1", ip);
    }
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        return protocol_ip_parse(host + 1, ip);
    }
    return protocol_ip_parse(host, ip);
}

/* The supervisor's socket, or a new one. -1: see errno. */
static int bound_socket(const RtcListen *pair, int type, uint16_t port, RtcSockaddr *out)
{
    socklen_t size = rtc_sockaddr_fill(pair->family, pair->bound, port, out);
    int fd = base_sockets_take(type, &out->any);
    if (fd >= 0) {
        size = sizeof *out;
        getsockname(fd, &out->any, &size);
        return fd;
    }
    fd = socket(pair->family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    if (pair->family == AF_INET6) {
        rtc_set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !pair->any);
    }
    if (type == SOCK_STREAM) {
        rtc_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1); // despite old connections
    }
    if (bind(fd, &out->any, size) < 0 || getsockname(fd, &out->any, &size) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static bool bind_udp(RtcListen *pair, int family, uint16_t port)
{
    RtcSockaddr address;
    pair->family = family;
    pair->udp = bound_socket(pair, SOCK_DGRAM, port, &address);
    if (pair->udp < 0) {
        return false;
    }
    pair->family = address.any.sa_family;
    pair->port = ntohs(pair->family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return true;
}

static int listen_tcp(const RtcListen *pair)
{
    RtcSockaddr address;
    int fd = bound_socket(pair, SOCK_STREAM, pair->port, &address);
    if (fd >= 0 && listen(fd, LISTEN_BACKLOG) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

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

static bool bind_both(RtcListen *pair, const char *listen, uint16_t port, GError **error)
{
    bool v4 = !pair->any && protocol_address_is_v4(pair->bound);
    for (int i = 0; i < PORT_TRIES; i++) {
        // kernel without IPv6
        if (!(v4 ? bind_udp(pair, AF_INET, port)
                 : bind_udp(pair, AF_INET6, port) ||
                       (pair->any && errno == EAFNOSUPPORT && bind_udp(pair, AF_INET, port)))) {
            set_refused("UDP", listen, error);
            return false;
        }
        pair->tcp = listen_tcp(pair);
        if (pair->tcp >= 0) {
            return true;
        }
        if (port != 0 || errno != EADDRINUSE) {
            break;
        }
        close(pair->udp);
        pair->udp = -1;
        errno = EADDRINUSE;
    }
    set_refused("TCP", listen, error);
    if (pair->udp >= 0) {
        close(pair->udp);
    }
    return false;
}

bool rtc_listen(const char *listen, RtcListen *out, GError **error)
{
    *out = (RtcListen){.udp = -1, .tcp = -1};
    uint16_t port;
    if (!parse_listen(listen, out->bound, &out->any, &port)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "rtc cannot listen on \"%s\": write ADDRESS:PORT, [IPV6]:PORT or :PORT.",
                    listen);
        return false;
    }
    return bind_both(out, listen, port, error);
}

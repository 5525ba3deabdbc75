// SPDX-License-Identifier: GPL-3.0-or-later
// TCP frames and connections on a fake clock, candidates, and the address of replies.
#include "tests.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "rtc/transport.h"
#include "protocol/stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#define S BASE_US_PER_S
#define STUN_BYTES 20

typedef struct {
    RtcTransport *transport;
    RtcTcp *tcp;
    RtcTcpEvents events;
    int64_t now_us;
    unsigned frames, closed;
    size_t sizes[16];
    uint32_t number;
    int result; // of the next frame
} Port;

static int on_frame(void *data, RtcDatagram *frame, int64_t now_us)
{
    Port *port = data;
    g_assert_cmpint(now_us, ==, port->now_us);
    port->sizes[port->frames++ % G_N_ELEMENTS(port->sizes)] = frame->size;
    port->number = frame->from.tcp;
    return port->result;
}

static void on_closed(void *data, const ProtocolAddress *from)
{
    Port *port = data;
    g_assert_cmpuint(from->tcp, !=, 0);
    port->closed++;
}

static void port_init(Port *port)
{
    *port = (Port){.now_us = 100 * S, .result = 1};
    port->transport = rtc_transport_new("127.0.0.1:0", NULL);
    port->tcp = rtc_transport_tcp(port->transport);
    port->events = (RtcTcpEvents){.frame = on_frame, .closed = on_closed, .data = port};
}

static void run(Port *port)
{
    struct pollfd one = {.fd = rtc_tcp_fd(port->tcp), .events = POLLIN};
    while (poll(&one, 1, 20) > 0) {
        rtc_tcp_receive(port->tcp, &port->events, port->now_us);
    }
}

static int dial(Port *port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons(rtc_transport_port(port->transport))};
    g_assert_cmpint(connect(fd, (void *)&to, sizeof to), ==, 0);
    run(port);
    return fd;
}

/* Starts like a check. */
static size_t stun_frame(uint8_t *out)
{
    memset(out, 0, 2 + STUN_BYTES);
    base_put_u16(out, STUN_BYTES);
    out[3] = 1;
    base_put_u32(out + 6, 0x2112a442);
    return 2 + STUN_BYTES;
}

static void say(int fd, const uint8_t *bytes, size_t size)
{
    g_assert_cmpint(send(fd, bytes, size, MSG_NOSIGNAL), ==, (ssize_t)size);
}

/* True: closed silently. */
static bool is_closed(int fd)
{
    uint8_t byte;
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, 50) > 0 && recv(fd, &byte, 1, 0) <= 0;
}

static void test_split(void)
{
    Port port;
    uint8_t bytes[64];
    port_init(&port);
    size_t size = stun_frame(bytes);
    for (size_t at = 1; at < size; at++) {
        int fd = dial(&port);
        unsigned before = port.frames;
        say(fd, bytes, at);
        run(&port);
        g_assert_cmpuint(port.frames, ==, before);
        say(fd, bytes + at, size - at);
        run(&port);
        g_assert_cmpuint(port.frames, ==, before + 1);
        g_assert_cmpuint(port.sizes[before % 16], ==, STUN_BYTES);
        close(fd);
        run(&port);
    }
    g_assert_cmpuint(port.closed, ==, size - 1);
    rtc_transport_free(port.transport);
}

static void test_together(void)
{
    Port port;
    uint8_t bytes[4 + 2 * (2 + STUN_BYTES)];
    port_init(&port);
    int fd = dial(&port);
    size_t size = stun_frame(bytes);
    base_put_u16(bytes + size, 0); // empty frames are ignored (RFC 4571 section 2)
    size += 2;
    size += stun_frame(bytes + size);
    bytes[size++] = 0; // first byte of a third
    say(fd, bytes, size);
    run(&port);
    g_assert_cmpuint(port.frames, ==, 2);
    say(fd, (uint8_t[]){1, 9}, 2);
    run(&port);
    g_assert_cmpuint(port.frames, ==, 3);
    g_assert_cmpuint(port.sizes[2], ==, 1);
    say(fd, (uint8_t[]){0x08, 0x01, 0}, 3); // 2049 bytes
    run(&port);
    g_assert_true(is_closed(fd));
    g_assert_cmpuint(port.closed, ==, 1);
    close(fd);
    rtc_transport_free(port.transport);
}

static void test_strangers(void)
{
    static const char *const junk[] = {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00",
                                       "\x00\x14\x16\xfe\xfd"};
    static const size_t sizes[] = {18, 7, 5};
    Port port;
    uint8_t bytes[64];
    port_init(&port);
    for (unsigned i = 0; i < G_N_ELEMENTS(junk); i++) {
        int fd = dial(&port);
        say(fd, (const uint8_t *)junk[i], sizes[i]);
        run(&port);
        g_assert_true(is_closed(fd));
        close(fd);
    }
    port.result = -EBADMSG; // a check of nobody
    int fd = dial(&port);
    say(fd, bytes, stun_frame(bytes));
    run(&port);
    g_assert_true(is_closed(fd));
    close(fd);
    fd = dial(&port); // silent
    port.now_us += RTC_TCP_PROVE_US - 1;
    rtc_tcp_update(port.tcp, port.now_us);
    g_assert_false(is_closed(fd));
    port.now_us += 1;
    rtc_tcp_update(port.tcp, port.now_us);
    g_assert_true(is_closed(fd));
    close(fd);
    g_assert_cmpuint(rtc_tcp_count(port.tcp), ==, 0);
    g_assert_cmpuint(port.closed, ==, 0);
    rtc_transport_free(port.transport);
}

static void test_limit(void)
{
    Port port;
    int fds[RTC_TCP_MAX_UNPROVEN + 1];
    port_init(&port);
    for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = dial(&port);
    }
    g_assert_cmpuint(rtc_tcp_count(port.tcp), ==, RTC_TCP_MAX_UNPROVEN);
    g_assert_true(is_closed(fds[RTC_TCP_MAX_UNPROVEN]));
    uint8_t bytes[64];
    say(fds[0], bytes, stun_frame(bytes)); // proven connections free a place
    run(&port);
    int more = dial(&port);
    g_assert_cmpuint(rtc_tcp_count(port.tcp), ==, RTC_TCP_MAX_UNPROVEN + 1);
    close(more);
    for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++) {
        close(fds[i]);
    }
    run(&port);
    g_assert_cmpuint(rtc_tcp_count(port.tcp), ==, 0);
    rtc_transport_free(port.transport);
}

/* Without descriptors the listener does not spin, and accepts once one is free. */
static void test_no_descriptors(void)
{
    Port port;
    struct rlimit before, few;
    port_init(&port);
    struct pollfd one = {.fd = rtc_tcp_fd(port.tcp), .events = POLLIN};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons(rtc_transport_port(port.transport))};
    g_assert_cmpint(connect(fd, (void *)&to, sizeof to), ==, 0);
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    int next = dup(fd); // lowest free one
    close(next);
    few.rlim_cur = (rlim_t)next;
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
    g_assert_cmpint(poll(&one, 1, 1000), ==, 1);
    rtc_tcp_receive(port.tcp, &port.events, port.now_us);
    g_assert_cmpint(poll(&one, 1, 20), ==, 0);
    rtc_tcp_update(port.tcp, port.now_us);
    g_assert_cmpint(poll(&one, 1, 20), ==, 1);
    rtc_tcp_receive(port.tcp, &port.events, port.now_us); // still none
    g_assert_cmpuint(rtc_tcp_count(port.tcp), ==, 0);
    setrlimit(RLIMIT_NOFILE, &before);
    rtc_tcp_update(port.tcp, port.now_us);
    run(&port);
    g_assert_cmpuint(rtc_tcp_count(port.tcp), ==, 1);
    close(fd);
    rtc_transport_free(port.transport);
}

/* Reads all frames while kept ones are sent. Returns their number; the first four bytes count up.
 * `last` gets the last one. */
static unsigned read_frames(Port *port, int fd, uint32_t *last)
{
    static uint8_t stream[8 << 20];
    size_t size = 0, at = 0;
    struct pollfd one = {.fd = fd, .events = POLLIN};
    while (poll(&one, 1, 100) > 0) {
        ssize_t got = recv(fd, stream + size, sizeof stream - size, 0);
        g_assert_cmpint(got, >, 0);
        size += (size_t)got;
        rtc_tcp_update(port->tcp, port->now_us);
    }
    unsigned n = 0;
    while (at + 2 <= size && at + 2 + base_get_u16(stream + at) <= size) {
        uint32_t value = base_get_u32(stream + at + 2);
        g_assert_true(n == 0 || value > *last);
        *last = value;
        at += 2u + base_get_u16(stream + at);
        n++;
    }
    g_assert_cmpuint(at, ==, size); // whole frames only
    return n;
}

static void test_slow(void)
{
    Port port;
    uint8_t bytes[64], payload[1200] = {0};
    port_init(&port);
    int fd = dial(&port);
    say(fd, bytes, stun_frame(bytes));
    run(&port);
    RtcOutgoing out[3] = {{.bytes = payload, .size = sizeof payload},
                          {.bytes = payload, .size = sizeof payload},
                          {.bytes = payload, .size = sizeof payload}};
    uint32_t begun = 0;
    int result = 1;
    while (result > 0) { // one by one, to number them
        base_put_u32(payload, begun);
        result = rtc_tcp_send(port.tcp, port.number, out, 1);
        begun += result > 0;
        g_assert_cmpuint(begun, <, 100000);
    }
    g_assert_cmpint(result, ==, -EAGAIN);
    g_assert_cmpint(rtc_tcp_send(port.tcp, port.number, out, 3), ==, -EAGAIN);
    // replies to checks are kept, up to a limit
    uint32_t all = begun;
    for (result = 0; result == 0; all += result == 0) {
        base_put_u32(payload, all);
        result = rtc_tcp_send_first(port.tcp, port.number, payload, 100);
        g_assert_cmpuint(all, <, begun + 100);
    }
    g_assert_cmpint(result, ==, -EAGAIN);
    g_assert_cmpuint(all, >=, begun + 10);
    uint32_t last = 0; // the peer reads again
    g_assert_cmpuint(read_frames(&port, fd, &last), ==, all);
    g_assert_cmpuint(last, ==, all - 1);
    base_put_u32(payload, all);
    g_assert_cmpint(rtc_tcp_send(port.tcp, port.number, out, 1), ==, 1);
    g_assert_cmpuint(read_frames(&port, fd, &last), ==, 1); // continues
    rtc_tcp_close(port.tcp, port.number);
    g_assert_cmpint(rtc_tcp_send(port.tcp, port.number, out, 1), ==, -ENOTCONN);
    g_assert_true(is_closed(fd));
    close(fd);
    rtc_transport_free(port.transport);
}

static void test_first_bytes(void)
{
    uint8_t bytes[64];
    size_t size = stun_frame(bytes);
    g_assert_false(protocol_is_framed_stun(bytes, 2));
    for (size_t n = 3; n <= size; n++) {
        g_assert_true(protocol_is_framed_stun(bytes, n));
    }
    bytes[6] ^= 1; // the magic cookie
    g_assert_true(protocol_is_framed_stun(bytes, 6));
    g_assert_false(protocol_is_framed_stun(bytes, 7));
    for (unsigned a = 0; a < 256; a++) { // neither a letter nor a TLS record
        bool letter = protocol_is_framed_stun((uint8_t[]){(uint8_t)a, 'E', 'T'}, 3);
        g_assert_false(letter);
        g_assert_true(a <= 8 || !protocol_is_framed_stun((uint8_t[]){(uint8_t)a, 0, 0}, 3));
    }
}

static void check_candidates(const char *listen, const char *const *public_addresses,
                             const char *public_tcp, const char *const *ends)
{
    g_autoptr(RtcTransport) sock = rtc_transport_new(listen, NULL);
    GError *error = NULL;
    g_auto(GStrv) list = rtc_transport_candidates(sock, public_addresses, public_tcp, &error);
    g_assert_no_error(error);
    guint64 before = G_MAXUINT64;
    for (unsigned i = 0; i < g_strv_length(list); i++) {
        g_assert_nonnull(ends[i]);
        g_auto(GStrv) words = g_strsplit(list[i], " ", 5);
        g_autofree char *port = g_strdup_printf("%u", rtc_transport_port(sock));
        g_autofree char *end = g_strdup(ends[i]);
        g_auto(GStrv) parts = g_strsplit(end, "PORT", 2);
        g_autofree char *expected = g_strjoinv(port, parts);
        g_autofree char *got = g_strdup_printf("%s %s", words[2], words[4]);
        g_assert_cmpstr(got, ==, expected);
        guint64 priority = g_ascii_strtoull(words[3], NULL, 10);
        g_assert_cmpuint(priority, <, before);
        before = priority;
    }
    g_assert_null(ends[g_strv_length(list)]);
}

static void check_refused(const char *listen, const char *entry, const char *word)
{
    g_autoptr(RtcTransport) sock = rtc_transport_new(listen, NULL);
    const char *entries[] = {entry, NULL};
    GError *error = NULL;
    g_assert_null(rtc_transport_candidates(sock, entries, NULL, &error));
    g_assert_nonnull(strstr(error->message, entry));
    g_assert_nonnull(strstr(error->message, word));
    g_clear_error(&error);
}

static void test_candidates(void)
{
#define UDP(ip) "udp " ip " PORT typ host"
#define TCP(ip, port) "tcp " ip " " port " typ host tcptype passive"
    const char *one[] = {UDP("127.0.0.1"), TCP("127.0.0.1", "PORT"), NULL};
    check_candidates("127.0.0.1:0", NULL, NULL, one);
    const char *own[] = {UDP("127.0.0.1"), TCP("127.0.0.1", "PORT"), TCP("127.0.0.1", "443"), NULL};
    const char *six[] = {UDP("::1"), TCP("::1", "PORT"), TCP("::1", "443"), NULL};
    check_candidates("[::1]:0", NULL, "[::1]:443", six);
    const char *nat[] = {"127.0.0.1=198.51.100.9", "2001:db8::9", "198.51.100.9", NULL};
    const char *both[] = {UDP("198.51.100.9"),
                          UDP("2001:db8::9"),
                          TCP("198.51.100.9", "PORT"),
                          TCP("2001:db8::9", "PORT"),
                          TCP("198.51.100.9", "443"),
                          TCP("2001:db8::9", "443"),
                          NULL};
    check_candidates(":0", nat, ":443", both);
    const char *four[] = {UDP("198.51.100.9"),         UDP("2001:db8::9"),
                          TCP("198.51.100.9", "PORT"), TCP("2001:db8::9", "PORT"),
                          TCP("198.51.100.9", "443"),  NULL};
    check_candidates(":0", nat, "127.0.0.1:443", four);
    // bound to all: rtc's own addresses, and nobody's are refused
    check_candidates(":0", nat, "0.0.0.0:443", four);
    check_candidates(":0", nat, "[::]:443", both);
    check_candidates("127.0.0.1:0", NULL, "0.0.0.0:443", own);
    check_refused("127.0.0.1:0", "example.org", "not an address");
    check_refused("127.0.0.1:0", "2001:db8::9", "family");
    check_refused("127.0.0.1:0", "10.0.0.5=198.51.100.9", "local address");
    check_refused(":0", "192.0.2.77=198.51.100.9", "local address");
    g_autoptr(RtcTransport) any = rtc_transport_new(":0", NULL);
    g_auto(GStrv) all = rtc_transport_candidates(any, NULL, NULL, NULL);
    g_assert_cmpuint(g_strv_length(all), >=, 2);
}

static void test_not_ours(void)
{
    GError *error = NULL;
    g_assert_null(rtc_transport_new("192.0.2.1:0", &error)); // TEST-NET-1 (RFC 5737)
    g_assert_nonnull(strstr(error->message, "192.0.2.1:0"));
    g_assert_nonnull(strstr(error->message, "none of this machine's"));
    g_assert_null(strstr(error->message, "Stop what uses it"));
    g_clear_error(&error);
}

/* A reply comes from the requested `ip`, though rtc is bound to all. */
static void check_asked(const char *ip)
{
    g_autoptr(RtcTransport) sock = rtc_transport_new(":0", NULL);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons(rtc_transport_port(sock))};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(rtc_transport_port(sock))};
    bool v4 = strchr(ip, ':') == NULL;
    g_assert_cmpint(inet_pton(v4 ? AF_INET : AF_INET6, ip,
                              v4 ? (void *)&four.sin_addr : (void *)&six.sin6_addr),
                    ==, 1);
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
    if (connect(fd, v4 ? (void *)&four : (void *)&six, v4 ? sizeof four : sizeof six) < 0) {
        g_assert_false(v4); // no IPv6
        close(fd);
        return;
    }
    RtcDatagram *datagram = g_new(RtcDatagram, 1);
    struct pollfd one = {.fd = rtc_udp_fd(rtc_transport_udp(sock)), .events = POLLIN};
    char answer[8];
    g_assert_cmpint(send(fd, "ask", 3, 0), ==, 3);
    g_assert_cmpint(poll(&one, 1, 1000), ==, 1);
    g_assert_cmpint(rtc_udp_receive(rtc_transport_udp(sock), datagram, 1), ==, 1);
    g_autofree char *local = protocol_ip_format(datagram->from.local);
    g_assert_cmpstr(local, ==, ip);
    g_assert_cmpint(rtc_transport_send(sock, &datagram->from, (const uint8_t *)"yes", 3), ==, 0);
    one.fd = fd; // a connected socket only accepts the address it sent to
    g_assert_cmpint(poll(&one, 1, 1000), ==, 1);
    g_assert_cmpint(recv(fd, answer, sizeof answer, 0), ==, 3);
    g_free(datagram);
    close(fd);
}

static void test_asked(void)
{
    check_asked("127.0.0.1");
    check_asked("127.0.0.2");
    check_asked("::1");
}

void add_tcp_tests(void)
{
    g_test_add_func("/rtc/tcp/split", test_split);
    g_test_add_func("/rtc/tcp/together", test_together);
    g_test_add_func("/rtc/tcp/strangers", test_strangers);
    g_test_add_func("/rtc/tcp/limit", test_limit);
    g_test_add_func("/rtc/tcp/no-descriptors", test_no_descriptors);
    g_test_add_func("/rtc/tcp/slow", test_slow);
    g_test_add_func("/rtc/tcp/first-bytes", test_first_bytes);
    g_test_add_func("/rtc/candidates", test_candidates);
    g_test_add_func("/rtc/asked-address", test_asked);
    g_test_add_func("/rtc/not-ours", test_not_ours);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The public port with a libsoup server: first bytes, time-outs, limits.
#include "base/clock.h"
#include "base/descriptors.h"
#include "base/loop.h"
#include "port/port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGE_BYTES (32 * 1024 * 1024)
#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

typedef struct Fixture Fixture;

/* On a thread of its own, but for the first. */
typedef struct {
    Fixture *fixture;
    BaseLoop *loop;
    PortConnections *connections;
    SoupServer *server;
    int silent;
} Second;

struct Fixture {
    Port *port;
    PortTotals *totals;
    PortConnections *connections;
    PortProxies *proxies;
    SoupServer *server;
    int silent;
    struct sockaddr_in at;
    int stun; // the last one, or -1
    atomic_uint requests;
    Second second;
    PortConnection *later; // its request was taken
    unsigned gone;         // such, before the answer
};

typedef struct {
    unsigned most;
    bool two; // serving threads
} Setup;

static void on_started(SoupServer *server, SoupServerMessage *message, gpointer data)
{
    (void)server, (void)data;
    port_connection_next(message);
}

static void on_over(SoupServer *server, SoupServerMessage *message, gpointer data)
{
    (void)server, (void)data;
    port_connection_over(message);
}

static void on_head(SoupServer *server, SoupServerMessage *message, const char *path,
                    GHashTable *query, gpointer data)
{
    (void)server, (void)path, (void)query, (void)data;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    port_connection_arrived(message, (size_t)soup_message_headers_get_content_length(headers));
}

static void on_request(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer data)
{
    (void)server, (void)query;
    Fixture *fixture = data;
    fixture->requests++;
    port_connection_arrived(message, 0);
    gsize size = strcmp(path, "/large") == 0 ? LARGE_BYTES : 2;
    soup_server_message_set_response(message, "text/plain", SOUP_MEMORY_TAKE, g_malloc0(size),
                                     size);
    soup_server_message_set_status(message, 200, NULL);
}

static void on_stun(void *data, int fd)
{
    ((Fixture *)data)->stun = fd;
}

#define DIRECT_HEAD "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n"

static void answer(PortConnection *connection, size_t size)
{
    g_autofree char *head = g_strdup_printf(DIRECT_HEAD, size);
    char *bytes = g_malloc(size);
    memset(bytes, 'd', size);
    g_autoptr(GBytes) body = g_bytes_new_take(bytes, size);
    port_connection_answer(connection, head, strlen(head), NULL, body);
}

/* Answers /direct and /direct-large itself, and /later when the test says so. */
static void on_take(void *data, PortConnection *connection, const char *head, size_t size)
{
    Fixture *fixture = data;
    g_assert_cmpint(memcmp(head + size - 4, "\r\n\r\n", 4), ==, 0);
    if (strncmp(head, "GET /direct-large ", 18) == 0) {
        answer(connection, LARGE_BYTES);
    } else if (strncmp(head, "GET /direct ", 12) == 0) {
        answer(connection, 6);
    } else if (strncmp(head, "GET /later ", 11) == 0) {
        fixture->later = connection;
        port_connection_set_request(connection, fixture);
    } else {
        port_connection_pass(connection);
    }
}

static void on_gone(void *request)
{
    Fixture *fixture = request;
    fixture->later = NULL;
    fixture->gone++;
}

static int give_listener(SoupServer *server)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    g_autoptr(GSocket) socket = g_socket_new_from_fd(pair[0], NULL);
    g_assert_true(soup_server_listen_socket(server, socket, 0, NULL));
    return pair[1];
}

static SoupServer *server_new(Fixture *fixture)
{
    SoupServer *server = soup_server_new(NULL, NULL);
    g_signal_connect(server, "request-started", G_CALLBACK(on_started), fixture);
    g_signal_connect(server, "request-finished", G_CALLBACK(on_over), fixture);
    g_signal_connect(server, "request-aborted", G_CALLBACK(on_over), fixture);
    soup_server_add_early_handler(server, NULL, on_head, fixture, NULL);
    soup_server_add_handler(server, NULL, on_request, fixture, NULL);
    return server;
}

static void on_second_start(void *data)
{
    Second *second = data;
    second->server = server_new(second->fixture);
    second->silent = give_listener(second->server);
    second->connections =
        port_connections_new(&(PortConnectionsConfig){.totals = second->fixture->totals,
                                                      .proxies = second->fixture->proxies,
                                                      .context = base_loop_context(second->loop)});
}

static void on_second_end(void *data)
{
    Second *second = data;
    port_connections_spare(second->connections, G_MAXUINT);
    g_object_unref(second->server);
    port_connections_free(second->connections);
    close(second->silent);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
    const Setup *setup = data;
    g_autoptr(GError) error = NULL;
    fixture->stun = -1;
    fixture->server = server_new(fixture);
    fixture->proxies = port_proxies_new(NULL);
    fixture->totals = port_totals_new(setup != NULL ? setup->most : 0, 0);
    fixture->connections = port_connections_new(
        &(PortConnectionsConfig){.totals = fixture->totals,
                                 .proxies = fixture->proxies,
                                 .direct = {.take = on_take, .gone = on_gone, .data = fixture}});
    fixture->silent = give_listener(fixture->server);
    fixture->port = port_new("127.0.0.1:0", &error);
    g_assert_no_error(error);
    const char *address = port_address(fixture->port);
    fixture->at = (struct sockaddr_in){.sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                       .sin_port = htons((uint16_t)atoi(strchr(address, ':') + 1))};
    PortThread threads[2] = {{.connections = fixture->connections, .server = fixture->server}};
    Second *second = &fixture->second;
    if (setup != NULL && setup->two) {
        second->fixture = fixture;
        second->loop = base_loop_new("second");
        base_loop_call(second->loop, on_second_start, second);
        threads[1] = (PortThread){.context = base_loop_context(second->loop),
                                  .connections = second->connections,
                                  .server = second->server};
    }
    port_start(fixture->port, &(PortConfig){.threads = threads,
                                            .thread_count = second->loop != NULL ? 2 : 1,
                                            .totals = fixture->totals,
                                            .public_url = "https://a",
                                            .stun = on_stun,
                                            .data = fixture});
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    port_stop(fixture->port);
    if (fixture->second.loop != NULL) {
        base_loop_call(fixture->second.loop, on_second_end, &fixture->second);
        base_loop_free(fixture->second.loop);
    }
    port_free(fixture->port);
    port_connections_spare(fixture->connections, G_MAXUINT);
    g_object_unref(fixture->server);
    port_connections_free(fixture->connections);
    port_totals_free(fixture->totals);
    port_proxies_free(fixture->proxies);
    close(fixture->silent);
    if (fixture->stun >= 0) {
        close(fixture->stun);
    }
}

static void turn(int ms)
{
    int64_t end_us = base_clock_us() + ms * 1000;
    do {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(500);
    } while (base_clock_us() < end_us);
}

/* Within ten seconds. */
static void assert_all_closed(const Fixture *fixture)
{
    for (int i = 0; i < 1000 && port_connections_count(fixture->connections) > 0; i++) {
        turn(10);
    }
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 0);
}

static int dial(const Fixture *fixture)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int done = connect(fd, (const struct sockaddr *)&fixture->at, sizeof fixture->at);
    g_assert_true(done == 0 || errno == EINPROGRESS);
    turn(20);
    return fd;
}

static void say(int fd, const void *bytes, size_t size)
{
    g_assert_cmpint(send(fd, bytes, size, MSG_NOSIGNAL), ==, (gssize)size);
    turn(20);
}

/* What comes within `ms`; *out_closed: and then the end. */
static char *hear(int fd, int ms, bool *out_closed)
{
    GString *heard = g_string_new(NULL);
    *out_closed = false;
    for (int i = 0; i < ms / 10 && !*out_closed; i++) {
        char bytes[4096];
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);
        if (got > 0) {
            g_string_append_len(heard, bytes, got);
        }
        *out_closed = got == 0 || (got < 0 && errno != EAGAIN);
        turn(10);
    }
    return g_string_free(heard, FALSE);
}

static void assert_closed_without_a_word(int fd)
{
    bool closed;
    g_autofree char *heard = hear(fd, 300, &closed);
    g_assert_true(closed);
    g_assert_cmpstr(heard, ==, "");
    close(fd);
}

static void assert_open(int fd)
{
    char byte;
    g_assert_cmpint(recv(fd, &byte, 1, MSG_PEEK), ==, -1);
    g_assert_cmpint(errno, ==, EAGAIN);
}

static void test_first_bytes(void)
{
    static const uint8_t stun[] = {0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    static const uint8_t hello[] = {0x16, 3, 1, 2, 0};
    g_assert_cmpint(port_first_bytes(stun, 2), ==, PORT_FIRST_MORE);
    g_assert_cmpint(port_first_bytes(stun, sizeof stun), ==, PORT_FIRST_STUN);
    g_assert_cmpint(port_first_bytes(hello, sizeof hello), ==, PORT_FIRST_TLS);
    g_assert_cmpint(port_first_bytes((const uint8_t *)"PUT /", 5), ==, PORT_FIRST_HTTP);
    g_assert_cmpint(port_first_bytes((const uint8_t *)"get /", 5), ==, PORT_FIRST_JUNK);
    g_assert_cmpint(port_first_bytes((const uint8_t *)"\r\n\r\n", 4), ==, PORT_FIRST_JUNK);
    g_assert_cmpint(port_first_bytes((const uint8_t *)"\r\nGET", 5), ==, PORT_FIRST_HTTP);
    g_assert_cmpint(port_first_bytes((const uint8_t *)"SSH-2.0", 7), ==, PORT_FIRST_HTTP);
    g_assert_cmpint(port_first_bytes((const uint8_t *)"\0\1\0\1", 4), ==, PORT_FIRST_JUNK);
}

static void test_plain_answer(void)
{
    const char *url = "https://majlis.example:8443";
    g_autofree char *get =
        port_plain_answer("GET /ar/i/abc?x=1 HTTP/1.1\r\nHost: evil\r\n\r\n", url);
    g_assert_true(g_str_has_prefix(get, "HTTP/1.1 308 "));
    g_assert_nonnull(strstr(get, "\r\nLocation: https://majlis.example:8443/ar/i/abc?x=1\r\n"));
    g_autofree char *absolute = port_plain_answer("GET http://evil/ HTTP/1.1\r\n\r\n", url);
    g_assert_true(g_str_has_prefix(absolute, "HTTP/1.1 403 "));
    g_autofree char *post = port_plain_answer("POST /api/v1/sign-in HTTP/1.1\r\n\r\n", url);
    g_assert_true(g_str_has_prefix(post, "HTTP/1.1 403 "));
    g_autofree char *bare = port_plain_answer("GET /a\rSet-Cookie: b HTTP/1.1\r\n\r\n", url);
    g_assert_null(strstr(bare, "Set-Cookie"));
    g_autofree char *named =
        port_plain_answer("HEAD /x HTTP/1.1\r\na: b\r\nhost: [::1]:8443\r\n\r\n", NULL);
    g_assert_nonnull(strstr(named, "\r\nLocation: https://[::1]:8443/x\r\n"));
    g_autofree char *odd = port_plain_answer("GET /x HTTP/1.1\r\nHost: a@evil\r\n\r\n", NULL);
    g_assert_true(g_str_has_prefix(odd, "HTTP/1.1 403 "));
    g_autofree char *nameless = port_plain_answer("GET /x HTTP/1.1\r\n\r\n", NULL);
    g_assert_true(g_str_has_prefix(nameless, "HTTP/1.1 403 "));
    g_autofree char *nothing = port_plain_answer("GET", url);
    g_assert_true(g_str_has_prefix(nothing, "HTTP/1.1 403 "));
}

static void test_kinds(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const uint8_t stun[] = {0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    static const uint8_t hello[] = {0x16, 3, 1, 2, 0};
    int junk = dial(fixture);
    say(junk, "\x80\x81\x82\x83", 4);
    assert_closed_without_a_word(junk);
    int tls = dial(fixture); // no certificate, no TLS
    say(tls, hello, sizeof hello);
    assert_closed_without_a_word(tls);
    int half = dial(fixture); // half a frame, then the peer closes
    say(half, stun, 2);
    assert_open(half);
    shutdown(half, SHUT_WR);
    assert_closed_without_a_word(half);
    int framed = dial(fixture);
    say(framed, stun, 1);
    say(framed, stun + 1, sizeof stun - 1);
    g_assert_cmpint(fixture->stun, >=, 0);
    uint8_t bytes[32];
    g_assert_cmpint(recv(fixture->stun, bytes, sizeof bytes, 0), ==, sizeof stun); // all unread
    close(framed);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 0);
}

static void test_kept_alive(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int fd = dial(fixture);
    for (unsigned i = 1; i <= 3; i++) {
        bool closed;
        say(fd, GET, strlen(GET));
        g_autofree char *heard = hear(fd, 100, &closed);
        g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 200 "));
        g_assert_false(closed);
        g_assert_cmpuint(fixture->requests, ==, i);
    }
    int64_t now_us = base_clock_us();
    port_connections_sweep(fixture->connections, now_us + (PORT_IDLE_S - 5) * BASE_US_PER_S);
    turn(50);
    assert_open(fd);
    port_connections_sweep(fixture->connections, now_us + (PORT_IDLE_S + 1) * BASE_US_PER_S);
    turn(50);
    assert_closed_without_a_word(fd);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 0);
}

/* A peer closes between two requests, or within one: the connection goes too. */
static void test_peer_goes(Fixture *fixture, gconstpointer data)
{
    (void)data;
    for (int i = 0; i < 20; i++) {
        bool closed;
        int fd = dial(fixture);
        say(fd, GET, strlen(GET));
        g_autofree char *heard = hear(fd, 50, &closed);
        g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 200 "));
        if (i % 2 == 1) {
            say(fd, "GET / HT", 8);
        }
        struct linger reset = {.l_onoff = i % 4 >= 2};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    assert_all_closed(fixture);
}

static void test_slow_head_and_body(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int none = dial(fixture), byte = dial(fixture), head = dial(fixture), body = dial(fixture);
    say(byte, "G", 1);
    say(head, "GET / HTTP/1.1\r\nHost:", 21);
    static const char post[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20480\r\n\r\nhalf";
    say(body, post, sizeof post - 1);
    int64_t now_us = base_clock_us();
    port_connections_sweep(fixture->connections, now_us + (PORT_HEADER_S - 2) * BASE_US_PER_S);
    turn(20);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 4);
    port_connections_sweep(fixture->connections, now_us + (PORT_HEADER_S + 1) * BASE_US_PER_S);
    turn(20);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 1);
    assert_closed_without_a_word(none);
    assert_closed_without_a_word(byte);
    assert_closed_without_a_word(head);
    assert_open(body); // 20 KB may take 20 s more
    port_connections_sweep(fixture->connections, now_us + (PORT_BODY_S + 21) * BASE_US_PER_S);
    assert_closed_without_a_word(body);
    g_assert_cmpuint(fixture->requests, ==, 0);
}

/* A reader that takes little is cut after a minute. Its buffer is so small that the server sees
 * each read. */
static void test_trickling_reader(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char get[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), size = 4096, mss = 536;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
    int done = connect(fd, (const struct sockaddr *)&fixture->at, sizeof fixture->at);
    g_assert_true(done == 0 || errno == EINPROGRESS);
    turn(20);
    say(fd, get, sizeof get - 1);
    turn(100);
    char bytes[2048];
    int64_t begin_us = base_clock_us(), now_us = begin_us;
    while (port_connections_count(fixture->connections) > 0 &&
           now_us - begin_us < 3 * PORT_READ_WINDOW_S * BASE_US_PER_S) {
        port_connections_sweep(fixture->connections, now_us);
        now_us += 8 * BASE_US_PER_S;
        while (recv(fd, bytes, sizeof bytes, 0) == sizeof bytes) {
        }
        turn(20);
        for (int i = 0; i < 100 && recv(fd, bytes, 1, MSG_PEEK) < 0; i++) {
            turn(20); // opens its window
        }
    }
    g_assert_cmpint(now_us - begin_us, >=, PORT_READ_WINDOW_S * BASE_US_PER_S);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 0);
    close(fd);
}

/* Bytes in the kernel at the other end of `fd`. */
static unsigned long kernel_bytes(int fd)
{
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&own, &size), ==, 0);
    g_autofree char *table = NULL;
    g_assert_true(g_file_get_contents("/proc/net/tcp", &table, NULL, NULL));
    g_autofree char *peer = g_strdup_printf("0100007F:%04X ", ntohs(own.sin_port));
    g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        const char *at = strstr(*line, peer);
        if (at != NULL && at - *line > 16) { // as the remote address
            return strtoul(at + strlen(peer) + 3, NULL, 16);
        }
    }
    return 0;
}

/* The kernel holds little of a file that nobody reads. */
static void test_kernel_buffer(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char get[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    g_autofree char *bytes = g_malloc(1 << 20);
    int fd = dial(fixture);
    say(fd, get, sizeof get - 1);
    for (int i = 0; i < 12; i++) { // fast first, to grow the kernel's buffers
        turn(20);
        recv(fd, bytes, 1 << 20, 0);
    }
    turn(300);
    unsigned long held = kernel_bytes(fd);
    g_test_message("the kernel holds %lu KB of an answer that nobody reads", held / 1024);
    g_assert_cmpuint(held, >, 0);
    g_assert_cmpuint(held, <, 4 * PORT_UNSENT_BYTES);
    close(fd);
}

/* A slow reader stays; a stalled one is cut after ten seconds. */
static void test_slow_reader(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char get[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    int fd = dial(fixture);
    say(fd, get, sizeof get - 1);
    turn(100);
    g_autofree char *bytes = g_malloc(1 << 20);
    int64_t now_us = base_clock_us();
    for (int i = 0; i < 5; i++) {
        port_connections_sweep(fixture->connections, now_us);
        now_us += (PORT_WRITE_S - 1) * BASE_US_PER_S;
        g_assert_cmpint(recv(fd, bytes, 1 << 20, MSG_WAITALL), >, 0);
        turn(100);
        port_connections_sweep(fixture->connections, now_us);
        g_assert_cmpuint(port_connections_count(fixture->connections), ==, 1);
    }
    turn(100);
    port_connections_sweep(fixture->connections, now_us);
    port_connections_sweep(fixture->connections, now_us + (PORT_WRITE_S + 1) * BASE_US_PER_S);
    assert_all_closed(fixture);
    close(fd);
}

/* Limits */

static struct sockaddr_storage address(const char *text)
{
    struct sockaddr_storage name = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&name;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&name;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
    } else {
        g_assert_cmpint(inet_pton(AF_INET6, text, &six->sin6_addr), ==, 1);
        six->sin6_family = AF_INET6;
    }
    return name;
}

static PortConnection *add(PortConnections *connections, const char *peer)
{
    PortAccepted accepted = {.peer = address(peer)};
    accepted.size = accepted.peer.ss_family == AF_INET ? sizeof(struct sockaddr_in)
                                                       : (socklen_t)sizeof accepted.peer;
    accepted.fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    PortConnection *connection = port_connection_new(connections, &accepted);
    if (connection == NULL) {
        g_assert_cmpint(fcntl(accepted.fd, F_GETFD), ==, -1); // closed
    }
    return connection;
}

static void test_per_address(void)
{
    const char *const networks[] = {"192.0.2.0/24", NULL};
    PortProxies *proxies = port_proxies_new(networks);
    PortTotals *totals = port_totals_new(100, 2);
    PortConnections *connections =
        port_connections_new(&(PortConnectionsConfig){.totals = totals, .proxies = proxies});
    PortConnection *first = add(connections, "203.0.113.5");
    g_assert_nonnull(first);
    g_assert_nonnull(add(connections, "::ffff:203.0.113.5"));
    g_assert_null(add(connections, "203.0.113.5"));
    g_assert_nonnull(add(connections, "203.0.113.6"));
    port_wire_close(port_connection_wire(first));
    g_assert_nonnull(add(connections, "203.0.113.5")); // its place is free
    g_assert_null(add(connections, "203.0.113.5"));
    g_assert_nonnull(add(connections, "2001:db8:1:2::1"));
    g_assert_nonnull(add(connections, "2001:db8:1:2:ffff::2"));
    g_assert_null(add(connections, "2001:db8:1:2:8::3"));
    g_assert_nonnull(add(connections, "2001:db8:1:3::1"));
    for (int i = 0; i < 5; i++) {
        g_assert_nonnull(add(connections, "192.0.2.7"));
        g_assert_nonnull(add(connections, "::ffff:192.0.2.8"));
        g_assert_nonnull(add(connections, "127.0.0.1"));
        g_assert_nonnull(add(connections, "::1"));
    }
    port_connections_free(connections);
    port_totals_free(totals);
    port_proxies_free(proxies);
}

/* File buffers per address are bounded, for any number of answers. */
static void test_file_shares(Fixture *fixture, gconstpointer data)
{
    (void)data;
    PortConnections *connections = fixture->connections;
    PortFileShare shares[200];
    size_t held = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
        shares[i] = port_file_share_begin(7, false, connections);
        g_assert_cmpuint(port_file_share_bytes(shares[i], connections), <=, PORT_MAX_CHUNK_BYTES);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
        held += port_file_share_bytes(shares[i], connections);
    }
    g_assert_cmpuint(held, <=, PORT_FILE_BYTES);
    PortFileShare proxy = {.key = shares[0].key, .exempt = true};
    g_assert_cmpuint(port_file_share_bytes(proxy, connections), >,
                     port_file_share_bytes(shares[0], connections));
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
        port_file_share_end(shares[i], connections);
    }
    g_assert_cmpuint(port_file_share_bytes(shares[0], connections), ==, PORT_MAX_CHUNK_BYTES);
}

static const Setup three = {.most = 3};

/* Idle connections make room for new ones; others stay. */
static void test_in_all(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int idle = dial(fixture);
    say(idle, GET, strlen(GET));
    bool closed;
    g_autofree char *heard = hear(idle, 50, &closed);
    int second = dial(fixture), third = dial(fixture);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 3);
    int fourth = dial(fixture);
    assert_closed_without_a_word(idle);
    assert_open(fourth);
    int fifth = dial(fixture);
    assert_closed_without_a_word(fifth);
    assert_open(second);
    close(second);
    close(third);
    close(fourth);
    turn(50);
}

static void assert_answered(int fd)
{
    bool closed = false;
    GString *heard = g_string_new(NULL);
    const char *end = NULL;
    for (int i = 0; i < 100 && end == NULL && !closed; i++) {
        g_autofree char *more = hear(fd, 20, &closed);
        g_string_append(heard, more);
        end = strstr(heard->str, "\r\n\r\n");
    }
    g_assert_true(g_str_has_prefix(heard->str, "HTTP/1.1 200 OK"));
    g_assert_nonnull(end);
    g_string_free(heard, TRUE);
}

static bool is_closed(int fd)
{
    char byte;
    ssize_t got;
    while ((got = recv(fd, &byte, 1, 0)) > 0) {
        // the rest of an answer
    }
    return got == 0 || errno != EAGAIN;
}

#define REQUEST(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* The bodies of `count` answers, in order: "d" without libsoup, "s" by it. */
static char *answers(int fd, unsigned count)
{
    GString *heard = g_string_new(NULL), *kinds = g_string_new(NULL);
    bool closed = false;
    unsigned ends = 0;
    for (int i = 0; i < 200 && ends < count && !closed; i++) {
        char bytes[4096];
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);
        closed = got == 0 || (got < 0 && errno != EAGAIN);
        for (ssize_t j = 0; j < got; j++) {
            g_string_append_c(heard, bytes[j] != '\0' ? bytes[j] : '.');
        }
        ends = 0;
        for (const char *at = heard->str; (at = strstr(at, "Content-Length: ")) != NULL; at++) {
            ends++;
        }
        turn(10);
    }
    for (const char *at = heard->str; (at = strstr(at, "Content-Length: ")) != NULL; at++) {
        g_string_append_c(kinds, at[16] == '6' ? 'd' : 's');
    }
    g_string_free(heard, TRUE);
    return g_string_free(kinds, FALSE);
}

/* Requests without libsoup before, between and after its own, alone and in one packet. */
static void test_direct(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int fd = dial(fixture);
    const char *const paths[] = {REQUEST("/direct"), REQUEST("/"), REQUEST("/direct"),
                                 REQUEST("/direct"), REQUEST("/")};
    const char *const kinds[] = {"d", "s", "d", "d", "s"};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        say(fd, paths[i], strlen(paths[i]));
        g_autofree char *heard = answers(fd, 1);
        g_assert_cmpstr(heard, ==, kinds[i]);
    }
    const char *many = REQUEST("/direct") REQUEST("/direct") REQUEST("/") REQUEST("/direct")
        REQUEST("/") REQUEST("/direct");
    for (int i = 0; i < 2; i++) {
        int again = i == 0 ? fd : dial(fixture);
        say(again, many, strlen(many));
        g_autofree char *heard = answers(again, 6);
        g_assert_cmpstr(heard, ==, "ddsdsd");
        close(again);
    }
    assert_all_closed(fixture);
}

/* An answer that comes later, or goes to libsoup after all, holds back the requests behind it. */
static void test_direct_later(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int fd = dial(fixture);
    for (int i = 0; i < 4; i++) { // before libsoup has the connection, and after
        const char *text = REQUEST("/later") REQUEST("/direct");
        say(fd, text, strlen(text));
        turn(50);
        assert_open(fd);
        g_assert_nonnull(fixture->later);
        PortConnection *later = g_steal_pointer(&fixture->later);
        if (i % 2 == 0) {
            answer(later, 6);
        } else {
            port_connection_pass(later);
        }
        g_autofree char *heard = answers(fd, 2);
        g_assert_cmpstr(heard, ==, i % 2 == 0 ? "dd" : "sd");
    }
    close(fd);
    assert_all_closed(fixture);
}

/* A connection that closes first says so, once; after the answer it does not. */
static void test_direct_gone(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int fds[2] = {dial(fixture), dial(fixture)};
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) { // libsoup closes only what it has had
        say(fds[i], REQUEST("/"), strlen(REQUEST("/")));
        g_autofree char *first = answers(fds[i], 1);
        say(fds[i], REQUEST("/later"), strlen(REQUEST("/later")));
        turn(50);
        g_assert_nonnull(fixture->later);
        if (i == 0) {
            answer(g_steal_pointer(&fixture->later), 6);
        }
    }
    soup_server_disconnect(fixture->server);
    turn(50);
    g_assert_cmpuint(fixture->gone, ==, 1);
    g_assert_null(fixture->later);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 0);
    close(fds[0]);
    close(fds[1]);
}

/* A large answer goes on when the peer reads; what follows waits. */
static void test_direct_large(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int fd = dial(fixture);
    const char *text = REQUEST("/direct-large") REQUEST("/direct-large");
    say(fd, text, strlen(text));
    size_t all = 2 * (LARGE_BYTES + strlen("HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n"));
    size_t got = 0;
    char *bytes = g_malloc(1024 * 1024);
    for (int64_t end_us = base_clock_us() + 20 * BASE_US_PER_S;
         got < all && base_clock_us() < end_us;) {
        ssize_t more = recv(fd, bytes, 1024 * 1024, 0);
        got += (size_t)MAX(more, 0);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(got, ==, all);
    g_free(bytes);
    close(fd);
    assert_all_closed(fixture);
}

static const Setup two_of_four = {.most = 4, .two = true};

/* Threads share connections evenly, and the limit; idle ones make room. */
static void test_threads(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int fds[8];
    for (size_t i = 0; i < 4; i++) {
        fds[i] = dial(fixture);
        say(fds[i], GET, strlen(GET));
        assert_answered(fds[i]);
    }
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 2);
    g_assert_cmpuint(port_connections_count(fixture->second.connections), ==, 2);
    for (size_t i = 4; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = dial(fixture);
        say(fds[i], GET, strlen(GET));
        assert_answered(fds[i]);
    }
    g_assert_cmpuint(fixture->requests, ==, G_N_ELEMENTS(fds));
    g_assert_cmpuint(port_connections_count(fixture->connections) +
                         port_connections_count(fixture->second.connections),
                     ==, 4);
    unsigned closed = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        closed += is_closed(fds[i]);
        close(fds[i]);
    }
    g_assert_cmpuint(closed, ==, 4);
}

/* Leaves `count` of the budget; returns what to give back. */
static unsigned leave_descriptors(unsigned count)
{
    unsigned taken = 0;
    for (unsigned step = 1u << 30; step > 0; step /= 2) {
        taken += base_descriptors_take(step) ? step : 0;
    }
    base_descriptors_give(count);
    return taken - count;
}

static const Setup two_threads = {.two = true};

/* Without descriptors the thread that has idle connections makes room, whichever has fewest. */
static void test_threads_budget(Fixture *fixture, gconstpointer data)
{
    (void)data;
    unsigned taken = leave_descriptors(4);
    int fds[5];
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) { // in turn; only the second thread's are idle
        fds[i] = dial(fixture);
        if (i % 2 == 1 || i == 4) {
            say(fds[i], GET, strlen(GET));
            assert_answered(fds[i]);
        }
    }
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 2);
    g_assert_cmpuint(port_connections_count(fixture->second.connections), ==, 2);
    unsigned closed = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        closed += is_closed(fds[i]);
        close(fds[i]);
    }
    g_assert_cmpuint(closed, ==, 1);
    base_descriptors_give(taken);
}

static void on_block(void *data)
{
    g_mutex_lock(data);
    g_mutex_unlock(data);
}

/* A connection on its way to a thread is in the budget. */
static void test_coming_budget(Fixture *fixture, gconstpointer data)
{
    (void)data;
    unsigned taken = leave_descriptors(2);
    GMutex blocked;
    g_mutex_init(&blocked);
    g_mutex_lock(&blocked);
    base_post(base_loop_context(fixture->second.loop), on_block, &blocked);
    int fds[2] = {dial(fixture), dial(fixture)};
    g_assert_false(base_descriptors_take(1));
    g_mutex_unlock(&blocked);
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        say(fds[i], GET, strlen(GET));
        assert_answered(fds[i]);
        close(fds[i]);
    }
    bool free = false;
    for (int i = 0; i < 200 && !free; i++) { // both are given back
        turn(10);
        free = base_descriptors_take(2);
    }
    g_assert_true(free);
    base_descriptors_give(taken + 2);
    g_mutex_clear(&blocked);
}

/* Without descriptors the port waits, then continues. */
static void test_no_descriptors(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct rlimit limit, none;
    getrlimit(RLIMIT_NOFILE, &limit);
    none = (struct rlimit){.rlim_cur = (rlim_t)fd + 1, .rlim_max = limit.rlim_max};
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*LimitNOFILE*"); // once
    setrlimit(RLIMIT_NOFILE, &none);
    (void)connect(fd, (const struct sockaddr *)&fixture->at, sizeof fixture->at);
    unsigned turns = 0;
    for (int64_t end_us = base_clock_us() + 450000; base_clock_us() < end_us; turns++) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_test_assert_expected_messages();
    g_assert_cmpuint(turns, <, 50);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 0);
    setrlimit(RLIMIT_NOFILE, &limit);
    turn(250);
    g_assert_cmpuint(port_connections_count(fixture->connections), ==, 1);
    close(fd);
    assert_all_closed(fixture);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/port/port/first-bytes", test_first_bytes);
    g_test_add_func("/port/port/plain-answer", test_plain_answer);
    g_test_add("/port/port/kinds", Fixture, NULL, set_up, test_kinds, tear_down);
    g_test_add("/port/port/kept-alive", Fixture, NULL, set_up, test_kept_alive, tear_down);
    g_test_add("/port/port/peer-goes", Fixture, NULL, set_up, test_peer_goes, tear_down);
    g_test_add("/port/port/slow-head-and-body", Fixture, NULL, set_up, test_slow_head_and_body,
               tear_down);
    g_test_add("/port/port/trickling-reader", Fixture, NULL, set_up, test_trickling_reader,
               tear_down);
    g_test_add("/port/port/kernel-buffer", Fixture, NULL, set_up, test_kernel_buffer, tear_down);
    g_test_add("/port/port/slow-reader", Fixture, NULL, set_up, test_slow_reader, tear_down);
    g_test_add_func("/port/port/per-address", test_per_address);
    g_test_add("/port/port/file-shares", Fixture, NULL, set_up, test_file_shares, tear_down);
    g_test_add("/port/port/in-all", Fixture, &three, set_up, test_in_all, tear_down);
    g_test_add("/port/port/direct", Fixture, NULL, set_up, test_direct, tear_down);
    g_test_add("/port/port/direct-later", Fixture, NULL, set_up, test_direct_later, tear_down);
    g_test_add("/port/port/direct-gone", Fixture, NULL, set_up, test_direct_gone, tear_down);
    g_test_add("/port/port/direct-large", Fixture, NULL, set_up, test_direct_large, tear_down);
    g_test_add("/port/port/threads", Fixture, &two_of_four, set_up, test_threads, tear_down);
    g_test_add("/port/port/threads-budget", Fixture, &two_threads, set_up, test_threads_budget,
               tear_down);
    g_test_add("/port/port/coming-budget", Fixture, &two_threads, set_up, test_coming_budget,
               tear_down);
    g_test_add("/port/port/no-descriptors", Fixture, NULL, set_up, test_no_descriptors, tear_down);
    return g_test_run();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The reader over a socket pair: what it passes on for any cut of the input, and refusals.
#include "base/clock.h"
#include "port/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    PortWire *wire;
    PortReader *reader;
    int peer;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int pair[2];
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    g_assert_cmpint(socketpair(AF_UNIX, type, 0, pair), ==, 0);
    fixture->wire = port_wire_new(pair[0], &(PortWireEvents){0});
    fixture->reader = port_reader_new(fixture->wire, NULL, NULL);
    fixture->peer = pair[1];
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    port_reader_unref(fixture->reader);
    port_wire_unref(fixture->wire);
    close(fixture->peer);
}

static void say(const Fixture *fixture, const char *text, size_t size)
{
    g_assert_cmpint(send(fixture->peer, text, size, MSG_NOSIGNAL), ==, (gssize)size);
}

/* One read of at most `size` bytes gives `expected`. */
static void assert_read(const Fixture *fixture, size_t size, const char *expected)
{
    char bytes[1024];
    ssize_t got = port_reader_read(fixture->reader, bytes, MIN(size, sizeof bytes));
    g_assert_cmpmem(bytes, got, expected, strlen(expected));
}

static void assert_nothing(const Fixture *fixture)
{
    char byte;
    g_assert_false(port_reader_pending(fixture->reader));
    g_assert_cmpint(port_reader_read(fixture->reader, &byte, 1), ==, -EAGAIN);
}

static void test_pipelined(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char text[] = "\r\nGET /a HTTP/1.1\r\nHost: \ta \r\nRange: bytes=1-2\r\n\r\n"
                               "POST http://A/b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
                               "GET /c HTTP/1.0\r\nKeep-Alive: 5\r\nConnection: Host\r\n\r\n";
    say(fixture, text, sizeof text - 1);
    assert_read(fixture, 1024, "GET /a HTTP/1.1\r\nHost:a\r\n\r\n");
    g_assert_cmpstr(port_reader_range(fixture->reader), ==, "bytes=1-2");
    g_assert_true(port_reader_pending(fixture->reader));
    assert_read(fixture, 4, "POST");
    assert_read(fixture, 1024, " /b HTTP/1.1\r\nHost:a\r\nContent-Length:3\r\n\r\n");
    g_assert_null(port_reader_range(fixture->reader));
    assert_read(fixture, 2, "xy");
    assert_read(fixture, 1024, "z");
    assert_read(fixture, 1024, "GET /c HTTP/1.0\r\nHost:127.0.0.1\r\n\r\n");
    assert_nothing(fixture);
}

/* Appends all available data to `heard`. */
static void read_all(const Fixture *fixture, GString *heard)
{
    char bytes[64];
    ssize_t got;
    while ((got = port_reader_read(fixture->reader, bytes,
                                   (size_t)g_test_rand_int_range(1, sizeof bytes))) > 0) {
        g_string_append_len(heard, bytes, got);
    }
    g_assert_cmpint(got, ==, -EAGAIN);
    g_assert_false(port_reader_pending(fixture->reader)); // or poll() would spin
}

static void test_cut_anywhere(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char text[] =
        "POST /a HTTP/1.1\r\nHost:a\r\nTransfer-Encoding: chunked\r\nTE: x\r\n\r\n"
        "001\r\nx\r\nA\r\n0123456789\r\n000\r\n\r\n"
        "PUT /b HTTP/1.1\r\nhost: a\r\nContent-Length: 2\r\n\r\n{}";
    static const char expected[] = "POST /a HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n"
                                   "1\r\nx\r\na\r\n0123456789\r\n0\r\n\r\n"
                                   "PUT /b HTTP/1.1\r\nhost:a\r\nContent-Length:2\r\n\r\n{}";
    for (int i = 0; i < 500; i++) {
        g_autoptr(GString) heard = g_string_new(NULL);
        for (size_t at = 0, size; at < sizeof text - 1; at += size) {
            size = (size_t)g_test_rand_int_range(1, 2 + i % 100);
            size = MIN(size, sizeof text - 1 - at);
            say(fixture, text + at, size);
            read_all(fixture, heard);
        }
        g_assert_cmpstr(heard->str, ==, expected);
    }
}

static void assert_refused(const Fixture *fixture, const char *status_line)
{
    char bytes[4096];
    assert_nothing(fixture);
    ssize_t got = recv(fixture->peer, bytes, sizeof bytes - 1, 0);
    g_assert_cmpint(got, >, 0);
    bytes[got] = '\0';
    g_assert_true(g_str_has_prefix(bytes, status_line));
    g_assert_nonnull(strstr(bytes, "\r\nConnection: close\r\n"));
    g_assert_nonnull(strstr(bytes, "urn:majlis:problem:"));
    g_assert_cmpint(recv(fixture->peer, bytes, sizeof bytes, 0), ==, 0);
}

/* The peer may send more before it reads the answer; none is passed on. */
static void test_refused(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char bad[] = "GET / HTTP/1.1\r\nHost : a\r\n\r\n";
    static const char good[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    say(fixture, bad, sizeof bad - 1);
    assert_refused(fixture, "HTTP/1.1 400 ");
    say(fixture, good, sizeof good - 1);
    assert_nothing(fixture);
    int64_t now_us = base_clock_us();
    g_assert_false(port_reader_late(fixture->reader, now_us, BASE_US_PER_S));
    g_assert_true(port_reader_late(fixture->reader, now_us + PORT_LINGER_S * BASE_US_PER_S,
                                   100 * BASE_US_PER_S));
    g_assert_cmpint(port_wire_write(fixture->wire, "x", 1), ==, -ECONNRESET);
    shutdown(fixture->peer, SHUT_WR);
    assert_read(fixture, 1, "");
}

static void test_endless_head(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char begin[] = "GET / HTTP/1.1\r\nX: ", more[] = "0123456789abcdef";
    char bytes[16];
    say(fixture, begin, sizeof begin - 1);
    assert_nothing(fixture);
    g_assert_true(
        port_reader_late(fixture->reader, base_clock_us() + BASE_US_PER_S, BASE_US_PER_S));
    for (int i = 0; i < 3000; i++) {
        if (send(fixture->peer, more, sizeof more - 1, MSG_NOSIGNAL) < 0) {
            break;
        }
        g_assert_cmpint(port_reader_read(fixture->reader, bytes, sizeof bytes), ==, -EAGAIN);
    }
    assert_refused(fixture, "HTTP/1.1 431 ");
}

/* Yields now and then while there is data. */
static void test_turns(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char head[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    static const char chunk[] = "1\r\nx\r\n";
    const unsigned chunks = 400;
    unsigned reads = 0, in_turn = 0, turns = 0;
    char bytes[64];
    g_autoptr(GString) text = g_string_new(head);
    for (unsigned i = 0; i < chunks; i++) {
        g_string_append(text, chunk);
    }
    say(fixture, text->str, text->len);
    do {
        in_turn = 0;
        while (port_reader_read(fixture->reader, bytes, sizeof bytes) > 0) {
            g_assert_cmpuint(++in_turn, <, 200);
        }
        reads += in_turn;
        turns++;
    } while (port_reader_pending(fixture->reader));
    g_assert_cmpuint(reads, >=, 3 * chunks); // size, byte, end
    g_assert_cmpuint(turns, >, 3);
    assert_nothing(fixture);
}

static bool on_ended(void *data)
{
    *(bool *)data = true;
    return true;
}

/* A peer that sends endlessly after a refusal is cut, and the owner of an idle connection learns of
 * that end first. */
static void test_endless_rest(void)
{
    static const char bad[] = "GET / HTTP/1.1\r\nHost : a\r\n\r\n", more[16 * 1024];
    int pair[2], type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    bool ended = false, broken = false;
    g_assert_cmpint(socketpair(AF_UNIX, type, 0, pair), ==, 0);
    PortWire *wire = port_wire_new(pair[0], &(PortWireEvents){.ended = on_ended, .data = &ended});
    PortReader *reader = port_reader_new(wire, NULL, NULL);
    char byte;
    g_assert_cmpint(send(pair[1], bad, sizeof bad - 1, MSG_NOSIGNAL), ==, sizeof bad - 1);
    for (int i = 0; i < 1000 && !broken; i++) {
        g_assert_cmpint(port_reader_read(reader, &byte, 1), ==, -EAGAIN);
        broken = send(pair[1], more, sizeof more, MSG_NOSIGNAL) < 0;
    }
    g_assert_true(broken);
    g_assert_true(ended);
    port_reader_unref(reader);
    port_wire_unref(wire);
    close(pair[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/port/reader/pipelined", Fixture, NULL, set_up, test_pipelined, tear_down);
    g_test_add("/port/reader/cut-anywhere", Fixture, NULL, set_up, test_cut_anywhere, tear_down);
    g_test_add("/port/reader/refused", Fixture, NULL, set_up, test_refused, tear_down);
    g_test_add("/port/reader/endless-head", Fixture, NULL, set_up, test_endless_head, tear_down);
    g_test_add("/port/reader/turns", Fixture, NULL, set_up, test_turns, tear_down);
    g_test_add_func("/port/reader/endless-rest", test_endless_rest);
    return g_test_run();
}

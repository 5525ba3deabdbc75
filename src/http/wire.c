// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/wire.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct HttpWire {
    unsigned refs;
    int fd;
    HttpTlsPeer *tls; // nullable
    HttpWireEvents events;
    GIOCondition read_waits, write_waits; // what TLS asks for may be the other direction
    bool blocked;                         // the last write found no room
    bool finished;
    int unsent;       // of it in the kernel, when it last grew less; -1: unknown
    int64_t moved_us; // when that was seen
};

HttpWire *http_wire_new(int fd, const HttpWireEvents *events)
{
    HttpWire *wire = g_new0(HttpWire, 1);
    wire->refs = 1;
    wire->fd = fd;
    wire->events = *events;
    wire->read_waits = G_IO_IN;
    wire->write_waits = G_IO_OUT;
    return wire;
}

HttpWire *http_wire_ref(HttpWire *wire)
{
    wire->refs++;
    return wire;
}

void http_wire_unref(HttpWire *wire)
{
    if (wire != NULL && --wire->refs == 0) {
        http_wire_close(wire);
        g_free(wire);
    }
}

void http_wire_start_tls(HttpWire *wire, HttpTls *tls)
{
    wire->tls = http_tls_peer_new(tls, wire->fd);
}

int http_wire_fd(const HttpWire *wire)
{
    return wire->fd;
}

static ssize_t of_call(ssize_t result)
{
    if (result >= 0) {
        return result;
    }
    return errno == EAGAIN || errno == EINTR ? -EAGAIN : -ECONNRESET;
}

ssize_t http_wire_read(HttpWire *wire, void *to, size_t size)
{
    if (wire->fd < 0) {
        return -ECONNRESET;
    }
    ssize_t got = wire->tls != NULL ? http_tls_read(wire->tls, to, size, &wire->read_waits)
                                    : of_call(recv(wire->fd, to, size, 0));
    // a reset is the end as well
    bool over = size > 0 && (got == 0 || got == -ECONNRESET);
    if (over && wire->events.ended != NULL && wire->events.ended(wire->events.data)) {
        return -EAGAIN;
    }
    return got;
}

ssize_t http_wire_write(HttpWire *wire, const void *from, size_t size)
{
    if (wire->fd < 0 || wire->finished) {
        return -ECONNRESET;
    }
    ssize_t put = wire->tls != NULL ? http_tls_write(wire->tls, from, size, &wire->write_waits)
                                    : of_call(send(wire->fd, from, size, MSG_NOSIGNAL));
    if (put == -EAGAIN && !wire->blocked) {
        wire->unsent = -1;
    }
    wire->blocked = put == -EAGAIN;
    return put;
}

GIOCondition http_wire_waits(const HttpWire *wire, GIOCondition to)
{
    bool reads = to == G_IO_IN;
    if (wire->fd < 0 || (reads && wire->tls != NULL && http_tls_pending(wire->tls))) {
        return 0;
    }
    return reads ? wire->read_waits : wire->write_waits;
}

GSource *http_wire_idle_source(void)
{
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    return source;
}

GSource *http_wire_source(HttpWire *wire, GIOCondition to)
{
    GIOCondition wait = http_wire_waits(wire, to);
    return wait != 0 ? g_unix_fd_source_new(wire->fd, wait) : http_wire_idle_source();
}

/* TLS or not, what counts is what the peer's kernel has taken: a slow reader of a large file has
 * room for the next write only once in a while. */
bool http_wire_stuck(HttpWire *wire, int64_t now_us, int64_t most_us)
{
    int unsent = 0;
    if (!wire->blocked || wire->fd < 0 || ioctl(wire->fd, SIOCOUTQ, &unsent) != 0) {
        return false;
    }
    if (wire->unsent < 0 || unsent < wire->unsent) {
        wire->moved_us = now_us;
    }
    wire->unsent = unsent;
    return now_us - wire->moved_us >= most_us;
}

static void leave(HttpWire *wire)
{
    HttpWireEvents events = wire->events;
    wire->events = (HttpWireEvents){0};
    wire->fd = -1;
    g_clear_pointer(&wire->tls, http_tls_peer_free);
    if (events.closed != NULL) {
        events.closed(events.data);
    }
}

void http_wire_finish(HttpWire *wire)
{
    if (wire->fd < 0) {
        return;
    }
    if (wire->tls != NULL) {
        http_tls_end(wire->tls);
        g_clear_pointer(&wire->tls, http_tls_peer_free);
    }
    shutdown(wire->fd, SHUT_WR);
    wire->finished = true;
    wire->blocked = false;
    wire->read_waits = G_IO_IN;
}

void http_wire_close(HttpWire *wire)
{
    if (wire->fd < 0) {
        return;
    }
    if (wire->tls != NULL) {
        http_tls_end(wire->tls);
    }
    close(wire->fd);
    leave(wire);
}

void http_wire_cut(HttpWire *wire)
{
    if (wire->fd >= 0) {
        shutdown(wire->fd, SHUT_RDWR);
    }
}

int http_wire_take(HttpWire *wire)
{
    g_assert(wire->tls == NULL);
    int fd = wire->fd;
    leave(wire);
    return fd;
}

HttpWire *http_wire_move(HttpWire *wire, const HttpWireEvents *events)
{
    HttpWire *moved = http_wire_new(wire->fd, events);
    moved->tls = g_steal_pointer(&wire->tls);
    moved->read_waits = wire->read_waits;
    moved->write_waits = wire->write_waits;
    leave(wire);
    return moved;
}

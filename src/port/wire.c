// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes one connection, plain or TLS.
#include "port/wire.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct PortWire {
    unsigned refs;
    int fd;
    PortTlsPeer *tls; // nullable
    PortWireEvents events;
    PortPollerEntry watch;
    GIOCondition read_waits, write_waits; // TLS may want the other one
    bool blocked;                         // last write
    bool finished;
    int unsent;       // in the kernel, at progress; -1: unknown
    int64_t moved_us; // last progress
    int64_t written;
    int64_t seen_us;                 // last seen blocked
    int64_t window_us, window_taken; // start, bytes taken
};

PortWire *port_wire_new(int fd, const PortWireEvents *events)
{
    PortWire *wire = g_new0(PortWire, 1);
    wire->refs = 1;
    wire->fd = fd;
    wire->events = *events;
    wire->read_waits = G_IO_IN;
    wire->write_waits = G_IO_OUT;
    return wire;
}

PortWire *port_wire_ref(PortWire *wire)
{
    wire->refs++;
    return wire;
}

void port_wire_unref(PortWire *wire)
{
    if (wire != NULL && --wire->refs == 0) {
        port_wire_close(wire);
        g_free(wire);
    }
}

void port_wire_start_tls(PortWire *wire, PortTls *tls)
{
    wire->tls = port_tls_peer_new(tls, wire->fd);
}

int port_wire_fd(const PortWire *wire)
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

ssize_t port_wire_read(PortWire *wire, void *to, size_t size)
{
    if (wire->fd < 0) {
        return -ECONNRESET;
    }
    ssize_t got = wire->tls != NULL ? port_tls_read(wire->tls, to, size, &wire->read_waits)
                                    : of_call(recv(wire->fd, to, size, 0));
    // a reset is an end
    bool over = size > 0 && (got == 0 || got == -ECONNRESET);
    if (over && wire->events.ended != NULL && wire->events.ended(wire->events.data)) {
        return -EAGAIN;
    }
    return got;
}

static ssize_t tls_writev(PortWire *wire, const struct iovec *pieces, int count)
{
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        size_t size = pieces[i].iov_len, at = 0;
        while (at < size) {
            const char *from = (const char *)pieces[i].iov_base + at;
            ssize_t put = port_tls_write(wire->tls, from, size - at, &wire->write_waits);
            if (put < 0) {
                return all > 0 ? all : put;
            }
            at += (size_t)put;
            all += put;
        }
    }
    return all;
}

ssize_t port_wire_writev(PortWire *wire, const struct iovec *pieces, int count)
{
    if (wire->fd < 0 || wire->finished) {
        return -ECONNRESET;
    }
    struct msghdr message = {.msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)count};
    ssize_t put = wire->tls != NULL ? tls_writev(wire, pieces, count)
                                    : of_call(sendmsg(wire->fd, &message, MSG_NOSIGNAL));
    if (put == -EAGAIN && !wire->blocked) {
        wire->unsent = -1;
    }
    wire->blocked = put == -EAGAIN;
    wire->written += MAX(put, 0);
    return put;
}

ssize_t port_wire_write(PortWire *wire, const void *from, size_t size)
{
    return port_wire_writev(wire, &(struct iovec){.iov_base = (void *)from, .iov_len = size}, 1);
}

void port_wire_watch(PortWire *wire, PortPoller *poll, void (*ready)(void *data), void *data)
{
    wire->watch.ready = ready;
    wire->watch.data = data;
    port_poller_add(poll, &wire->watch, wire->fd);
}

void port_wire_again(PortWire *wire)
{
    port_poller_again(&wire->watch);
}

GIOCondition port_wire_waits(const PortWire *wire, GIOCondition to)
{
    bool reads = to == G_IO_IN;
    if (wire->fd < 0 || (reads && wire->tls != NULL && port_tls_pending(wire->tls))) {
        return 0;
    }
    return reads ? wire->read_waits : wire->write_waits;
}

GSource *port_wire_idle_source(void)
{
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    return source;
}

GSource *port_wire_source(PortWire *wire, GIOCondition to)
{
    GIOCondition wait = port_wire_waits(wire, to);
    return wait != 0 ? g_unix_fd_source_new(wire->fd, wait) : port_wire_idle_source();
}

/* `taken`: in total. Idle time starts a new window. */
static bool is_slow(PortWire *wire, int64_t now_us, int64_t taken, const PortWirePatience *patience)
{
    bool goes_on = wire->seen_us != 0 && now_us - wire->seen_us <= patience->window_us / 2;
    wire->seen_us = MAX(wire->seen_us, now_us);
    if (goes_on && now_us - wire->window_us < patience->window_us) {
        return false;
    }
    bool slow = goes_on && taken - wire->window_taken < patience->window_bytes;
    wire->window_us = now_us;
    wire->window_taken = taken;
    return slow;
}

/* Counts bytes the peer's kernel took: slow readers rarely have room. */
bool port_wire_stuck(PortWire *wire, int64_t now_us, const PortWirePatience *patience)
{
    int unsent = 0;
    if (!wire->blocked || wire->fd < 0 || ioctl(wire->fd, SIOCOUTQ, &unsent) != 0) {
        return false;
    }
    if (wire->unsent < 0 || unsent < wire->unsent) {
        wire->moved_us = now_us;
    }
    wire->unsent = unsent;
    return now_us - wire->moved_us >= patience->most_us ||
           is_slow(wire, now_us, wire->written - unsent, patience);
}

static void leave(PortWire *wire)
{
    port_poller_remove(&wire->watch);
    PortWireEvents events = wire->events;
    wire->events = (PortWireEvents){0};
    wire->fd = -1;
    g_clear_pointer(&wire->tls, port_tls_peer_free);
    if (events.closed != NULL) {
        events.closed(events.data);
    }
}

void port_wire_finish(PortWire *wire)
{
    if (wire->fd < 0) {
        return;
    }
    if (wire->tls != NULL) {
        port_tls_end(wire->tls);
        g_clear_pointer(&wire->tls, port_tls_peer_free);
    }
    shutdown(wire->fd, SHUT_WR);
    wire->finished = true;
    wire->blocked = false;
    wire->read_waits = G_IO_IN;
}

void port_wire_close(PortWire *wire)
{
    if (wire->fd < 0) {
        return;
    }
    if (wire->tls != NULL) {
        port_tls_end(wire->tls);
    }
    port_poller_remove(&wire->watch); // before another thread has the number
    close(wire->fd);
    leave(wire);
}

void port_wire_cut(PortWire *wire)
{
    if (wire->fd >= 0) {
        shutdown(wire->fd, SHUT_RDWR);
    }
}

int port_wire_take(PortWire *wire)
{
    g_assert(wire->tls == NULL);
    int fd = wire->fd;
    leave(wire);
    return fd;
}

PortWire *port_wire_move(PortWire *wire, const PortWireEvents *events)
{
    PortWire *moved = port_wire_new(wire->fd, events);
    moved->tls = g_steal_pointer(&wire->tls);
    moved->read_waits = wire->read_waits;
    moved->write_waits = wire->write_waits;
    leave(wire);
    return moved;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Relays a websocket to the hub.
#include "port/relay.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "port/frames.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESCRIPTORS 2 // wire, our end
#define TURNS 16      // then other sources run

typedef struct {
    uint8_t bytes[PORT_RELAY_BUFFER_BYTES + PORT_FRAME_HEAD_BYTES];
    size_t start, end;
} Buffer;

typedef struct {
    GList link, ending; // in PortRelays
    PortRelays *relays;
    PortWire *wire;
    int local;
    PortPollerEntry watch; // of `local`
    bool local_ended;      // all read; `out` has the rest
    int64_t end_us;        // after the hub closed; 0: open
    Buffer out, in;        // to peer, to hub
    PortFrames frames;
} Relay;

struct PortRelays {
    PortPoller *poller;
    GSource *timer; // of the first in `ending`
    GQueue all;
    GQueue ending; // by end_us
};

static bool is_empty(const Buffer *buffer)
{
    return buffer->start == buffer->end;
}

static void relay_end(Relay *relay)
{
    g_queue_unlink(&relay->relays->all, &relay->link);
    if (relay->end_us != 0) {
        g_queue_unlink(&relay->relays->ending, &relay->ending);
    }
    port_wire_close(relay->wire);
    port_wire_unref(relay->wire);
    port_poller_remove(&relay->watch);
    close(relay->local);
    base_descriptors_give(DESCRIPTORS);
    g_free(relay);
}

static ssize_t local_read(Relay *relay, Buffer *buffer)
{
    ssize_t got = recv(relay->local, buffer->bytes, PORT_RELAY_BUFFER_BYTES, 0);
    return got < 0 ? -errno : got;
}

static ssize_t local_write(Relay *relay, const Buffer *buffer)
{
    ssize_t put = send(relay->local, buffer->bytes + buffer->start, buffer->end - buffer->start,
                       MSG_NOSIGNAL);
    return put < 0 ? -errno : put;
}

static void filled(Buffer *buffer, ssize_t got)
{
    buffer->start = 0;
    buffer->end = (size_t)got;
}

/* One buffer. 1: moved, 0: blocked, -1: over. */
static int carry_out(Relay *relay)
{
    if (is_empty(&relay->out) && !relay->local_ended) {
        ssize_t got = local_read(relay, &relay->out);
        relay->local_ended = got == 0 || (got < 0 && got != -EAGAIN);
        filled(&relay->out, MAX(got, 0));
    }
    if (is_empty(&relay->out)) {
        return relay->local_ended ? -1 : 0;
    }
    ssize_t put = port_wire_write(relay->wire, relay->out.bytes + relay->out.start,
                                  relay->out.end - relay->out.start);
    relay->out.start += (size_t)MAX(put, 0);
    return put > 0 ? 1 : put == -EAGAIN ? 0 : -1;
}

static void take(Relay *relay, const uint8_t *bytes, size_t size)
{
    filled(&relay->in, (ssize_t)port_frames_pass(&relay->frames, bytes, size, relay->in.bytes));
}

static int carry_in(Relay *relay)
{
    if (is_empty(&relay->in)) {
        uint8_t bytes[PORT_RELAY_BUFFER_BYTES];
        ssize_t got = port_wire_read(relay->wire, bytes, sizeof bytes);
        if (got <= 0) {
            return got == -EAGAIN ? 0 : -1;
        }
        take(relay, bytes, (size_t)got);
        if (is_empty(&relay->in)) {
            return 1; // incomplete or bad
        }
    }
    ssize_t put = local_write(relay, &relay->in);
    if (put == -EAGAIN) {
        return 0;
    }
    // hub closed: discard
    relay->in.start = put > 0 ? relay->in.start + (size_t)put : relay->in.end;
    return 1;
}

static bool hung_up(int fd)
{
    struct pollfd poll_fd = {.fd = fd};
    return poll(&poll_fd, 1, 0) > 0 && (poll_fd.revents & (POLLERR | POLLHUP)) != 0;
}

static void set_timer(PortRelays *relays)
{
    const Relay *first = g_queue_peek_head(&relays->ending);
    g_source_set_ready_time(relays->timer, first != NULL ? first->end_us : -1);
}

/* The hub closed: the peer has PORT_RELAY_LAST_S to read the rest. */
static void note_local_end(Relay *relay)
{
    bool ended = relay->local_ended || (!is_empty(&relay->out) && hung_up(relay->local));
    if (ended && relay->end_us == 0) {
        relay->end_us = base_clock_us() + PORT_RELAY_LAST_S * BASE_US_PER_S;
        g_queue_push_tail_link(&relay->relays->ending, &relay->ending);
        set_timer(relay->relays);
    }
}

/* Nothing is read while `in` is full. */
static bool is_broken(const Relay *relay)
{
    return !is_empty(&relay->in) && hung_up(port_wire_fd(relay->wire));
}

static void on_ready(void *data)
{
    Relay *relay = data;
    int out = 1, in = 1;
    for (int i = 0; i < TURNS && (out > 0 || in > 0) && out >= 0 && in >= 0; i++) {
        out = carry_out(relay);
        in = carry_in(relay);
    }
    if (out < 0 || in < 0 || is_broken(relay)) {
        relay_end(relay);
        return;
    }
    note_local_end(relay);
    if (out > 0 || in > 0) {
        port_wire_again(relay->wire);
    }
}

static gboolean timer_dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    (void)source, (void)func;
    PortRelays *relays = data;
    int64_t now_us = base_clock_us();
    for (Relay *first; (first = g_queue_peek_head(&relays->ending)) != NULL;) {
        if (first->end_us > now_us) {
            break;
        }
        relay_end(first);
    }
    set_timer(relays);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs timer_funcs = {.dispatch = timer_dispatch};

int port_relay_start(PortRelays *relays, PortWire *wire, const char *early, size_t early_size)
{
    int pair[2], size = PORT_RELAY_SEND_BYTES;
    if (!base_descriptors_take(DESCRIPTORS)) {
        return -1;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        base_descriptors_give(DESCRIPTORS);
        return -1;
    }
    PortWire *moved = port_wire_move(wire, &(PortWireEvents){0});
    setsockopt(port_wire_fd(moved), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    Relay *relay = g_new0(Relay, 1);
    relay->link.data = relay->ending.data = relay;
    relay->relays = relays;
    relay->wire = moved;
    relay->local = pair[0];
    if (early_size > 0) {
        take(relay, (const uint8_t *)early, early_size);
    }
    relay->watch = (PortPollerEntry){.ready = on_ready, .data = relay};
    port_poller_add(relays->poller, &relay->watch, pair[0]);
    port_wire_watch(moved, relays->poller, on_ready, relay); // once soon: TLS may have bytes
    g_queue_push_tail_link(&relays->all, &relay->link);
    return pair[1];
}

PortRelays *port_relays_new(GMainContext *context)
{
    PortRelays *relays = g_new0(PortRelays, 1);
    relays->poller = port_poller_new(context);
    relays->timer = g_source_new(&timer_funcs, sizeof(GSource));
    g_source_set_callback(relays->timer, NULL, relays, NULL);
    g_source_attach(relays->timer, context);
    return relays;
}

void port_relays_free(PortRelays *relays)
{
    while (relays->all.head != NULL) {
        relay_end(relays->all.head->data);
    }
    g_source_destroy(relays->timer);
    g_source_unref(relays->timer);
    port_poller_free(relays->poller);
    g_free(relays);
}

unsigned port_relays_count(const PortRelays *relays)
{
    return relays->all.length;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Relays a websocket to the hub.
#include "port/relay.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "port/frames.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESCRIPTORS 2 // wire, our end
#define TURNS 16      // then other sources run

typedef struct {
    uint8_t bytes[PORT_RELAY_BUFFER_BYTES + PORT_FRAME_HEAD_BYTES];
    size_t start, end;
} Buffer;

typedef struct {
    GSource source;
    GList link;
    PortRelays *relays;
    PortWire *wire;
    int local;
    bool local_ended;             // all read; `out` has the rest
    int64_t end_us;               // after the hub closed; 0: open
    gpointer wire_tag, local_tag; // NULL: not polled
    Buffer out, in;               // to peer, to hub
    PortFrames frames;
} Relay;

struct PortRelays {
    GMainContext *context;
    GQueue all;
};

static bool is_empty(const Buffer *buffer)
{
    return buffer->start == buffer->end;
}

static void relay_end(Relay *relay)
{
    g_queue_unlink(&relay->relays->all, &relay->link);
    port_wire_close(relay->wire);
    port_wire_unref(relay->wire);
    close(relay->local);
    base_descriptors_give(DESCRIPTORS);
    g_source_destroy(&relay->source);
    g_source_unref(&relay->source);
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

/* A closed socket is always ready: stop polling. */
static void note_local_end(Relay *relay)
{
    if (relay->local_tag == NULL) {
        return;
    }
    GIOCondition local = g_source_query_unix_fd(&relay->source, relay->local_tag);
    if (relay->local_ended || (local & (G_IO_ERR | G_IO_HUP)) != 0) {
        g_source_remove_unix_fd(&relay->source, g_steal_pointer(&relay->local_tag));
        relay->end_us = base_clock_us() + PORT_RELAY_LAST_S * BASE_US_PER_S;
    }
}

static void arm(Relay *relay, bool more)
{
    GIOCondition wire = 0, local = 0;
    if (is_empty(&relay->in)) {
        wire |= port_wire_waits(relay->wire, G_IO_IN);
    } else {
        local |= G_IO_OUT;
    }
    if (!is_empty(&relay->out)) {
        wire |= port_wire_waits(relay->wire, G_IO_OUT);
    } else {
        local |= G_IO_IN;
    }
    g_source_modify_unix_fd(&relay->source, relay->wire_tag, wire);
    if (relay->local_tag != NULL) {
        g_source_modify_unix_fd(&relay->source, relay->local_tag, local);
    }
    int64_t next_us = relay->end_us != 0 ? relay->end_us : -1;
    g_source_set_ready_time(&relay->source, more ? 0 : next_us);
}

static bool is_late(const Relay *relay)
{
    return relay->end_us != 0 && base_clock_us() >= relay->end_us;
}

/* Would be ready forever while `in` is full. */
static bool is_broken(Relay *relay)
{
    GIOCondition wire = g_source_query_unix_fd(&relay->source, relay->wire_tag);
    return (wire & (G_IO_ERR | G_IO_HUP)) != 0 && !is_empty(&relay->in);
}

static gboolean relay_dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    (void)func;
    (void)data;
    Relay *relay = (Relay *)source;
    int out = 1, in = 1;
    for (int i = 0; i < TURNS && (out > 0 || in > 0) && out >= 0 && in >= 0; i++) {
        out = carry_out(relay);
        in = carry_in(relay);
    }
    if (out < 0 || in < 0 || is_late(relay) || is_broken(relay)) {
        relay_end(relay);
        return G_SOURCE_REMOVE;
    }
    note_local_end(relay);
    arm(relay, out > 0 || in > 0);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs relay_funcs = {.dispatch = relay_dispatch};

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
    Relay *relay = (Relay *)g_source_new(&relay_funcs, sizeof(Relay));
    relay->link.data = relay;
    relay->relays = relays;
    relay->wire = moved;
    relay->local = pair[0];
    if (early_size > 0) {
        take(relay, (const uint8_t *)early, early_size);
    }
    relay->wire_tag = g_source_add_unix_fd(&relay->source, port_wire_fd(moved), G_IO_IN);
    relay->local_tag = g_source_add_unix_fd(&relay->source, pair[0], G_IO_IN);
    g_source_set_ready_time(&relay->source, 0); // TLS may have decrypted bytes
    g_queue_push_tail_link(&relays->all, &relay->link);
    g_source_attach(&relay->source, relays->context);
    return pair[1];
}

PortRelays *port_relays_new(GMainContext *context)
{
    PortRelays *relays = g_new0(PortRelays, 1);
    relays->context = context;
    return relays;
}

void port_relays_free(PortRelays *relays)
{
    while (relays->all.head != NULL) {
        relay_end(relays->all.head->data);
    }
    g_free(relays);
}

unsigned port_relays_count(const PortRelays *relays)
{
    return relays->all.length;
}

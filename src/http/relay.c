// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/relay.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "http/frames.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESCRIPTORS 2 // the connection's and our end of the pair; the hub counts the other end
#define TURNS 16 // of both buffers, then others have theirs

typedef struct {
    uint8_t bytes[HTTP_RELAY_BUFFER_BYTES + HTTP_FRAME_HEAD_BYTES];
    size_t start, end; // what is in it
} Buffer;

typedef struct {
    GSource source;
    GList link;
    HttpRelays *relays;
    HttpWire *wire;
    int local;                    // our end of the pair
    bool local_ended;             // all that the hub said was read: what is in `out` goes out
    int64_t end_us;               // the hub has closed: all ends by then; 0: it has not
    gpointer wire_tag, local_tag; // the latter NULL: no longer polled
    Buffer out, in;               // to the peer, to the hub
    HttpFrames frames;            // of the peer
} Relay;

struct HttpRelays {
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
    http_wire_close(relay->wire);
    http_wire_unref(relay->wire);
    close(relay->local);
    base_descriptors_give(DESCRIPTORS);
    g_source_destroy(&relay->source);
    g_source_unref(&relay->source);
}

static ssize_t local_read(Relay *relay, Buffer *buffer)
{
    ssize_t got = recv(relay->local, buffer->bytes, HTTP_RELAY_BUFFER_BYTES, 0);
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

/* Each carries one bufferful at most: 1 it moved, 0 it waits, -1 it is over. */
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
    ssize_t put = http_wire_write(relay->wire, relay->out.bytes + relay->out.start,
                                  relay->out.end - relay->out.start);
    relay->out.start += (size_t)MAX(put, 0);
    return put > 0 ? 1 : put == -EAGAIN ? 0 : -1;
}

static int carry_in(Relay *relay)
{
    if (is_empty(&relay->in)) {
        uint8_t bytes[HTTP_RELAY_BUFFER_BYTES];
        ssize_t got = http_wire_read(relay->wire, bytes, sizeof bytes);
        if (got <= 0) {
            return got == -EAGAIN ? 0 : -1;
        }
        filled(&relay->in,
               (ssize_t)http_frames_pass(&relay->frames, bytes, (size_t)got, relay->in.bytes));
        if (is_empty(&relay->in)) {
            return 1; // a header that is not whole, or what came after a wrong one
        }
    }
    ssize_t put = local_write(relay, &relay->in);
    if (put == -EAGAIN) {
        return 0;
    }
    // where nobody listens any more, what the hub said last still goes out
    relay->in.start = put > 0 ? relay->in.start + (size_t)put : relay->in.end;
    return 1;
}

/* The pair's end that the hub has closed would be ready for ever, also while what it said last
 * waits for the peer. */
static void note_local_end(Relay *relay)
{
    if (relay->local_tag == NULL) {
        return;
    }
    GIOCondition local = g_source_query_unix_fd(&relay->source, relay->local_tag);
    if (relay->local_ended || (local & (G_IO_ERR | G_IO_HUP)) != 0) {
        g_source_remove_unix_fd(&relay->source, g_steal_pointer(&relay->local_tag));
        relay->end_us = base_clock_us() + HTTP_RELAY_LAST_S * BASE_US_PER_S;
    }
}

/* What to wait for now, unless there is more to do at once. */
static void arm(Relay *relay, bool more)
{
    GIOCondition wire = 0, local = 0;
    if (is_empty(&relay->in)) {
        wire |= http_wire_waits(relay->wire, G_IO_IN);
    } else {
        local |= G_IO_OUT;
    }
    if (!is_empty(&relay->out)) {
        wire |= http_wire_waits(relay->wire, G_IO_OUT);
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

/* The peer's connection is broken, and what it sent finds no room: poll would tell so for ever. */
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

int http_relay_start(HttpRelays *relays, HttpWire *wire)
{
    int pair[2], size = HTTP_RELAY_SEND_BYTES;
    if (!base_descriptors_take(DESCRIPTORS)) {
        return -1;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        base_descriptors_give(DESCRIPTORS);
        return -1;
    }
    HttpWire *moved = http_wire_move(wire, &(HttpWireEvents){0});
    setsockopt(http_wire_fd(moved), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    Relay *relay = (Relay *)g_source_new(&relay_funcs, sizeof(Relay));
    relay->link.data = relay;
    relay->relays = relays;
    relay->wire = moved;
    relay->local = pair[0];
    relay->wire_tag = g_source_add_unix_fd(&relay->source, http_wire_fd(moved), G_IO_IN);
    relay->local_tag = g_source_add_unix_fd(&relay->source, pair[0], G_IO_IN);
    g_source_set_ready_time(&relay->source, 0); // TLS may hold bytes that were read already
    g_queue_push_tail_link(&relays->all, &relay->link);
    g_source_attach(&relay->source, relays->context);
    return pair[1];
}

HttpRelays *http_relays_new(GMainContext *context)
{
    HttpRelays *relays = g_new0(HttpRelays, 1);
    relays->context = context;
    return relays;
}

void http_relays_free(HttpRelays *relays)
{
    while (relays->all.head != NULL) {
        relay_end(relays->all.head->data);
    }
    g_free(relays);
}

unsigned http_relays_count(const HttpRelays *relays)
{
    return relays->all.length;
}

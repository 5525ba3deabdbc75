// SPDX-License-Identifier: GPL-3.0-or-later
// One buffer per active request, input behind output; rewrites in place.
#include "port/reader.h"

#include "base/clock.h"
#include "port/head.h"
#include "base/problem.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>

#define FIRST_BYTES 4096
#define DRAIN_BYTES (64 * 1024)
#define MAX_DRAINED_BYTES (1024 * 1024) // after a refusal
#define READS_AT_ONCE 64                // then other sources run

typedef enum {
    HEAD,
    BODY, // `left` bytes
    CHUNK_SIZE,
    CHUNK, // `left` bytes
    CHUNK_END,
    LAST_CHUNK, // trailers are refused
    REFUSED,
} State;

struct PortReader {
    PortWire *wire;
    char *bytes;
    size_t capacity;
    size_t out, out_end; // output
    size_t in, in_end;   // behind it
    State state;
    uint64_t left; // of BODY, CHUNK; drained bytes
    PortHeadSearch search;
    PortHead head;
    int64_t since_us; // start of a head or refusal
    unsigned reads;   // in a row
    bool yielded;     // for fairness

    void (*waits)(void *data); // NULL: reads heads itself
    void *data;
    bool held;
    ssize_t end; // of port_reader_pull(): 0 or an error, once `ended`
    bool ended;
    GSource *waiter; // libsoup's, not woken; borrowed
};

PortReader *port_reader_new(PortWire *wire, void (*waits)(void *data), void *data)
{
    PortReader *reader = g_rc_box_new0(PortReader);
    reader->wire = port_wire_ref(wire);
    reader->waits = waits;
    reader->data = data;
    return reader;
}

void port_reader_detach(PortReader *reader)
{
    reader->ended = reader->waits != NULL;
    reader->end = -ECONNRESET;
    reader->waits = NULL;
}

PortReader *port_reader_ref(PortReader *reader)
{
    return g_rc_box_acquire(reader);
}

static void clear(gpointer data)
{
    PortReader *reader = data;
    port_wire_unref(reader->wire);
    g_free(reader->bytes);
}

void port_reader_unref(PortReader *reader)
{
    if (reader != NULL) {
        g_rc_box_release_full(reader, clear);
    }
}

void port_reader_refuse(PortReader *reader, unsigned status, const char *detail, bool own_right)
{
    if (reader->state == REFUSED) {
        return;
    }
    g_autofree char *answer = base_problem_answer(status, detail, own_right);
    port_wire_write(reader->wire, answer, strlen(answer));
    port_wire_finish(reader->wire);
    reader->state = REFUSED;
    reader->left = 0;
    reader->since_us = base_clock_us();
    g_clear_pointer(&reader->bytes, g_free);
    reader->capacity = reader->out = reader->out_end = reader->in = reader->in_end = 0;
}

/* Closing with unread bytes loses the answer. Too many: cuts, hiding idle ends from libsoup
 * (connections.c). */
static ssize_t drain(PortReader *reader)
{
    char bytes[DRAIN_BYTES];
    ssize_t got;
    while ((got = port_wire_read(reader->wire, bytes, sizeof bytes)) > 0) {
        reader->left += (uint64_t)got;
        if (reader->left > MAX_DRAINED_BYTES) {
            port_wire_cut(reader->wire);
        }
    }
    return got == -EAGAIN ? -EAGAIN : 0;
}

static void make_room(PortReader *reader)
{
    const size_t first = PORT_HEAD_MARGIN_BYTES;
    if (reader->in == reader->in_end) {
        reader->in = reader->in_end = first;
    }
    if (reader->bytes == NULL || (reader->in == first && reader->in_end == reader->capacity)) {
        reader->capacity = MIN(MAX(reader->capacity * 2, FIRST_BYTES), first + PORT_MAX_HEAD_BYTES);
        reader->bytes = g_realloc(reader->bytes, reader->capacity);
    } else if (reader->in_end == reader->capacity) {
        memmove(reader->bytes + first, reader->bytes + reader->in, reader->in_end - reader->in);
        reader->in_end -= reader->in - first;
        reader->in = first;
    }
}

/* Needs no output, input below PORT_MAX_HEAD_BYTES. */
static ssize_t fill(PortReader *reader)
{
    reader->out = reader->out_end = 0;
    make_room(reader);
    ssize_t got = port_wire_read(reader->wire, reader->bytes + reader->in_end,
                                 reader->capacity - reader->in_end);
    if (got > 0) {
        reader->in_end += (size_t)got;
    }
    return got;
}

static void let_go_of_buffer(PortReader *reader)
{
    if (reader->in == reader->in_end) {
        g_clear_pointer(&reader->bytes, g_free);
        reader->capacity = reader->in = reader->in_end = 0;
    }
}

/* 1: pass on; else like port_wire_read(). */
static ssize_t take_head(PortReader *reader, size_t size)
{
    char *start = reader->bytes + reader->in;
    PortRefusal refusal = port_head_rewrite(start, size, &reader->head);
    if (refusal.status != 0) {
        port_reader_refuse(reader, refusal.status, refusal.why, false);
        return drain(reader);
    }
    reader->out = reader->in - reader->head.before;
    reader->out_end = reader->out + reader->head.size;
    reader->in += size;
    reader->search = (PortHeadSearch){0};
    reader->since_us = 0;
    reader->left = reader->head.length;
    reader->state = reader->head.chunked ? CHUNK_SIZE : reader->left > 0 ? BODY : HEAD;
    return 1;
}

static ssize_t read_head(PortReader *reader)
{
    for (;;) {
        PortRefusal refusal = {0};
        size_t have = reader->in_end - reader->in;
        size_t size =
            have == 0 ? 0
                      : port_head_find(reader->bytes + reader->in, have, &reader->search, &refusal);
        if (size > 0) {
            return take_head(reader, size);
        }
        if (refusal.status != 0) {
            port_reader_refuse(reader, refusal.status, refusal.why, false);
            return drain(reader);
        }
        ssize_t got = fill(reader);
        if (got <= 0) {
            let_go_of_buffer(reader);
            return got;
        }
        if (reader->since_us == 0) {
            reader->since_us = base_clock_us();
        }
    }
}

static ssize_t pass_on(PortReader *reader, void *to, size_t size)
{
    size_t most = (size_t)MIN(reader->left, size), have = reader->in_end - reader->in;
    ssize_t got = (ssize_t)MIN(most, have);
    if (got > 0) {
        memcpy(to, reader->bytes + reader->in, (size_t)got);
        reader->in += (size_t)got;
    } else {
        got = port_wire_read(reader->wire, to, most);
    }
    if (got > 0) {
        reader->left -= (uint64_t)got;
        if (reader->left == 0) {
            reader->state = reader->state == BODY ? HEAD : CHUNK_END;
        }
    }
    return got;
}

/* False: malformed. */
static bool take_chunk_line(PortReader *reader, const char *line, size_t size)
{
    int64_t chunk = reader->state == CHUNK_SIZE    ? port_chunk_size(line, size)
                    : size == 2 && line[0] == '\r' ? 0
                                                   : -1;
    if (chunk < 0) {
        return false;
    }
    reader->out = reader->out_end = reader->in;
    reader->in += size;
    if (reader->state != CHUNK_SIZE) {
        reader->out_end += size;
        reader->state = reader->state == CHUNK_END ? CHUNK_SIZE : HEAD;
        return true;
    }
    char again[PORT_MAX_CHUNK_DIGITS + 3];
    int length = g_snprintf(again, sizeof again, "%x\r\n", (unsigned)chunk);
    memcpy(reader->bytes + reader->out, again, (size_t)length);
    reader->out_end += (size_t)length;
    reader->left = (uint64_t)chunk;
    reader->state = chunk > 0 ? CHUNK : LAST_CHUNK;
    return true;
}

static ssize_t read_chunk_line(PortReader *reader)
{
    for (;;) {
        size_t have = reader->in_end - reader->in;
        const char *line = reader->bytes + reader->in;
        const char *lf = have > 0 ? memchr(line, '\n', have) : NULL;
        bool whole = lf != NULL && take_chunk_line(reader, line, (size_t)(lf - line) + 1);
        if (whole) {
            return 1;
        }
        if (lf != NULL || have > PORT_MAX_CHUNK_DIGITS + 2) {
            port_reader_refuse(reader, 400,
                               "The body's chunks are malformed, or have extensions or trailers.",
                               false);
            return drain(reader);
        }
        ssize_t got = fill(reader);
        if (got <= 0) {
            return got;
        }
    }
}

static ssize_t read_some(PortReader *reader, void *to, size_t size)
{
    while (reader->out == reader->out_end) {
        ssize_t got;
        if (reader->state == REFUSED) {
            return drain(reader);
        }
        if (reader->state == BODY || reader->state == CHUNK) {
            return pass_on(reader, to, size);
        }
        if (reader->state == HEAD && (reader->waits != NULL || reader->ended)) {
            return reader->ended ? reader->end : -EAGAIN;
        }
        got = reader->state == HEAD ? read_head(reader) : read_chunk_line(reader);
        if (got <= 0) {
            return got;
        }
    }
    size_t count = MIN(size, reader->out_end - reader->out);
    memcpy(to, reader->bytes + reader->out, count);
    reader->out += count;
    return (ssize_t)count;
}

/* Yields: peers may send a byte per chunk. */
ssize_t port_reader_read(PortReader *reader, void *to, size_t size)
{
    reader->yielded = reader->reads >= READS_AT_ONCE;
    ssize_t got = reader->yielded || reader->held ? -EAGAIN : read_some(reader, to, size);
    reader->reads = got > 0 ? reader->reads + 1 : 0;
    return got;
}

bool port_reader_pending(const PortReader *reader)
{
    if (reader->yielded) {
        return true;
    }
    size_t have = reader->in_end - reader->in;
    if (reader->held) {
        return false;
    }
    if (reader->out < reader->out_end || have == 0) {
        return reader->out < reader->out_end;
    }
    if (reader->state == HEAD && (reader->waits != NULL || reader->ended)) {
        return false;
    }
    switch (reader->state) {
    case HEAD:
        return have > reader->search.seen;
    case BODY:
    case CHUNK:
        return true;
    default:
        return memchr(reader->bytes + reader->in, '\n', have) != NULL;
    }
}

ssize_t port_reader_pull(PortReader *reader)
{
    if (reader->out < reader->out_end) {
        return 1;
    }
    ssize_t got = reader->state == HEAD      ? read_head(reader)
                  : reader->state == REFUSED ? drain(reader)
                                             : 1;
    if (got <= 0 && got != -EAGAIN) {
        reader->ended = true;
        reader->end = got;
    }
    return got;
}

bool port_reader_between(const PortReader *reader)
{
    return reader->state == HEAD && reader->out == reader->out_end;
}

const char *port_reader_head(const PortReader *reader, size_t *out_size)
{
    *out_size = reader->out_end - reader->out;
    return reader->state == HEAD ? reader->bytes + reader->out : NULL;
}

void port_reader_drop_head(PortReader *reader)
{
    reader->out = reader->out_end;
}

void port_reader_hold(PortReader *reader, bool held)
{
    reader->held = held;
}

/* Not GLib's: connections are polled together (poller.h). */
typedef struct {
    GSource source;
    PortReader *reader;
} Waiter;

static gboolean waiter_dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    (void)func, (void)data;
    g_source_set_ready_time(source, -1);
    return G_SOURCE_CONTINUE;
}

static void waiter_finalize(GSource *source)
{
    Waiter *waiter = (Waiter *)source;
    if (waiter->reader->waiter == source) {
        waiter->reader->waiter = NULL;
    }
    port_reader_unref(waiter->reader);
}

/* GPollableSource sets a closure, which is never called. */
static gboolean waiter_closure(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs waiter_funcs = {
    .dispatch = waiter_dispatch,
    .finalize = waiter_finalize,
    .closure_callback = waiter_closure,
    .closure_marshal = (GSourceDummyMarshal)g_cclosure_marshal_generic,
};

GSource *port_reader_source(PortReader *reader)
{
    GSource *source = g_source_new(&waiter_funcs, sizeof(Waiter));
    ((Waiter *)source)->reader = port_reader_ref(reader);
    reader->waiter = source;
    if (reader->ended) {
        port_reader_wake(reader);
    } else if (reader->state == HEAD && reader->waits != NULL) {
        reader->waits(reader->data);
    }
    return source;
}

bool port_reader_awaited(const PortReader *reader)
{
    return reader->waiter != NULL;
}

void port_reader_wake(PortReader *reader)
{
    if (reader->waiter != NULL) {
        g_source_set_ready_time(reader->waiter, 0);
        reader->waiter = NULL;
    }
}

size_t port_reader_early(const PortReader *reader, const char **out_bytes)
{
    *out_bytes = reader->bytes + reader->in;
    return reader->in_end - reader->in;
}

const char *port_reader_range(const PortReader *reader)
{
    return reader->head.range[0] != '\0' ? reader->head.range : NULL;
}

bool port_reader_late(const PortReader *reader, int64_t now_us, int64_t longest_head_us)
{
    int64_t longest_us = reader->state == REFUSED ? PORT_LINGER_S * BASE_US_PER_S : longest_head_us;
    return reader->since_us != 0 && now_us - reader->since_us >= longest_us;
}

void port_reader_close(PortReader *reader)
{
    if (reader->state != HEAD && reader->state != REFUSED) {
        port_wire_finish(reader->wire);
        reader->left = 0;
        drain(reader);
    }
    port_wire_close(reader->wire);
}

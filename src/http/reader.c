// SPDX-License-Identifier: GPL-3.0-or-later
// One buffer for each connection, there while a request is: what comes in stands behind what is to
// be handed on, and a head or a chunk's size is written again in its own place.
#include "http/reader.h"

#include "base/clock.h"
#include "http/head.h"
#include "http/problem.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#define FIRST_BYTES 4096 // most heads fit
#define DRAIN_BYTES (64 * 1024)
#define MAX_DRAINED_BYTES (1024 * 1024) // after a refusal
#define READS_AT_ONCE 64                // then others have their turn

typedef enum {
    HEAD,
    BODY,       // `left` bytes of it
    CHUNK_SIZE, // its line
    CHUNK,      // `left` bytes of it
    CHUNK_END,  // CRLF
    LAST_CHUNK, // CRLF; trailers are refused
    REFUSED,
} State;

struct HttpReader {
    HttpWire *wire;
    char *bytes; // nullable
    size_t capacity;
    size_t out, out_end; // to be handed on
    size_t in, in_end;   // as it came, behind that
    State state;
    uint64_t left; // of BODY, CHUNK; drained bytes of REFUSED
    HttpHeadSearch search;
    HttpHead head;    // the last one
    int64_t since_us; // of a head's first byte, or of a refusal
    unsigned reads;   // that gave something, since one did not
    bool yielded;     // the last one gave nothing for the others' sake
};

HttpReader *http_reader_new(HttpWire *wire)
{
    HttpReader *reader = g_rc_box_new0(HttpReader);
    reader->wire = http_wire_ref(wire);
    return reader;
}

HttpReader *http_reader_ref(HttpReader *reader)
{
    return g_rc_box_acquire(reader);
}

static void clear(gpointer data)
{
    HttpReader *reader = data;
    http_wire_unref(reader->wire);
    g_free(reader->bytes);
}

void http_reader_unref(HttpReader *reader)
{
    if (reader != NULL) {
        g_rc_box_release_full(reader, clear);
    }
}

void http_reader_refuse(HttpReader *reader, unsigned status, const char *detail)
{
    if (reader->state == REFUSED) {
        return;
    }
    g_autofree char *answer = http_problem_answer(status, detail);
    http_wire_write(reader->wire, answer, strlen(answer));
    http_wire_finish(reader->wire);
    reader->state = REFUSED;
    reader->left = 0;
    reader->since_us = base_clock_us();
    g_clear_pointer(&reader->bytes, g_free);
    reader->capacity = reader->out = reader->out_end = reader->in = reader->in_end = 0;
}

/* A socket that is closed with bytes unread takes the answer back from its peer. Where too many
 * come the wire is cut: its end then is read as the peer's, which libsoup must not see on an idle
 * connection (connections.c). */
static ssize_t drain(HttpReader *reader)
{
    static char bytes[DRAIN_BYTES]; // http thread
    ssize_t got;
    while ((got = http_wire_read(reader->wire, bytes, sizeof bytes)) > 0) {
        reader->left += (uint64_t)got;
        if (reader->left > MAX_DRAINED_BYTES) {
            http_wire_cut(reader->wire);
        }
    }
    return got == -EAGAIN ? -EAGAIN : 0;
}

/* Room for more behind what is in. */
static void make_room(HttpReader *reader)
{
    if (reader->in == reader->in_end) {
        reader->in = reader->in_end = 0;
    }
    if (reader->bytes == NULL || (reader->in == 0 && reader->in_end == reader->capacity)) {
        reader->capacity = MIN(MAX(reader->capacity * 2, FIRST_BYTES), HTTP_MAX_HEAD_BYTES);
        reader->bytes = g_realloc(reader->bytes, reader->capacity);
    } else if (reader->in_end == reader->capacity) {
        memmove(reader->bytes, reader->bytes + reader->in, reader->in_end - reader->in);
        reader->in_end -= reader->in;
        reader->in = 0;
    }
}

/* More bytes. There is nothing to hand on, and `in_end - in` is below HTTP_MAX_HEAD_BYTES. */
static ssize_t fill(HttpReader *reader)
{
    reader->out = reader->out_end = 0;
    make_room(reader);
    ssize_t got = http_wire_read(reader->wire, reader->bytes + reader->in_end,
                                 reader->capacity - reader->in_end);
    if (got > 0) {
        reader->in_end += (size_t)got;
    }
    return got;
}

static void let_go_of_buffer(HttpReader *reader)
{
    if (reader->in == reader->in_end) {
        g_clear_pointer(&reader->bytes, g_free);
        reader->capacity = reader->in = reader->in_end = 0;
    }
}

/* 1: it is to be handed on. Otherwise as of http_wire_read(). */
static ssize_t take_head(HttpReader *reader, size_t size)
{
    char *start = reader->bytes + reader->in;
    HttpRefusal refusal = http_head_rewrite(start, size, &reader->head);
    if (refusal.status != 0) {
        http_reader_refuse(reader, refusal.status, refusal.why);
        return drain(reader);
    }
    reader->out = reader->in;
    reader->out_end = reader->in + reader->head.size;
    reader->in += size;
    reader->search = (HttpHeadSearch){0};
    reader->since_us = 0;
    reader->left = reader->head.length;
    reader->state = reader->head.chunked ? CHUNK_SIZE : reader->left > 0 ? BODY : HEAD;
    return 1;
}

static ssize_t read_head(HttpReader *reader)
{
    for (;;) {
        HttpRefusal refusal = {0};
        size_t have = reader->in_end - reader->in;
        size_t size =
            have == 0 ? 0
                      : http_head_find(reader->bytes + reader->in, have, &reader->search, &refusal);
        if (size > 0) {
            return take_head(reader, size);
        }
        if (refusal.status != 0) {
            http_reader_refuse(reader, refusal.status, refusal.why);
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

/* Of BODY and CHUNK. */
static ssize_t pass_on(HttpReader *reader, void *to, size_t size)
{
    size_t most = (size_t)MIN(reader->left, size), have = reader->in_end - reader->in;
    ssize_t got = (ssize_t)MIN(most, have);
    if (got > 0) {
        memcpy(to, reader->bytes + reader->in, (size_t)got);
        reader->in += (size_t)got;
    } else {
        got = http_wire_read(reader->wire, to, most);
    }
    if (got > 0) {
        reader->left -= (uint64_t)got;
        if (reader->left == 0) {
            reader->state = reader->state == BODY ? HEAD : CHUNK_END;
        }
    }
    return got;
}

/* The line that was read: false, it is malformed. Writes it again. */
static bool take_chunk_line(HttpReader *reader, const char *line, size_t size)
{
    int64_t chunk = reader->state == CHUNK_SIZE    ? http_chunk_size(line, size)
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
    char again[HTTP_MAX_CHUNK_DIGITS + 3];
    int length = g_snprintf(again, sizeof again, "%x\r\n", (unsigned)chunk);
    memcpy(reader->bytes + reader->out, again, (size_t)length);
    reader->out_end += (size_t)length;
    reader->left = (uint64_t)chunk;
    reader->state = chunk > 0 ? CHUNK : LAST_CHUNK;
    return true;
}

static ssize_t read_chunk_line(HttpReader *reader)
{
    for (;;) {
        size_t have = reader->in_end - reader->in;
        const char *line = reader->bytes + reader->in;
        const char *lf = have > 0 ? memchr(line, '\n', have) : NULL;
        bool whole = lf != NULL && take_chunk_line(reader, line, (size_t)(lf - line) + 1);
        if (whole) {
            return 1;
        }
        if (lf != NULL || have > HTTP_MAX_CHUNK_DIGITS + 2) {
            http_reader_refuse(reader, 400,
                               "The body's chunks are malformed, or carry extensions or trailers.");
            return drain(reader);
        }
        ssize_t got = fill(reader);
        if (got <= 0) {
            return got;
        }
    }
}

static ssize_t read_some(HttpReader *reader, void *to, size_t size)
{
    while (reader->out == reader->out_end) {
        ssize_t got;
        if (reader->state == REFUSED) {
            return drain(reader);
        }
        if (reader->state == BODY || reader->state == CHUNK) {
            return pass_on(reader, to, size);
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

/* libsoup reads a body for as long as there is any, and a peer who sends one byte a chunk is as
 * quick as that. */
ssize_t http_reader_read(HttpReader *reader, void *to, size_t size)
{
    reader->yielded = reader->reads >= READS_AT_ONCE;
    ssize_t got = reader->yielded ? -EAGAIN : read_some(reader, to, size);
    reader->reads = got > 0 ? reader->reads + 1 : 0;
    return got;
}

bool http_reader_pending(const HttpReader *reader)
{
    if (reader->yielded) {
        return true;
    }
    size_t have = reader->in_end - reader->in;
    if (reader->out < reader->out_end || have == 0) {
        return reader->out < reader->out_end;
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

const char *http_reader_range(const HttpReader *reader)
{
    return reader->head.range[0] != '\0' ? reader->head.range : NULL;
}

bool http_reader_late(const HttpReader *reader, int64_t now_us, int64_t longest_head_us)
{
    int64_t longest_us = reader->state == REFUSED ? HTTP_LINGER_S * BASE_US_PER_S : longest_head_us;
    return reader->since_us != 0 && now_us - reader->since_us >= longest_us;
}

void http_reader_close(HttpReader *reader)
{
    if (reader->state != HEAD && reader->state != REFUSED) {
        http_wire_finish(reader->wire);
        reader->left = 0;
        drain(reader);
    }
    http_wire_close(reader->wire);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One accepted connection as bytes, in the clear or through TLS: it owns the descriptor and never
// blocks. Http thread (or any one thread).

#include "http/tls.h"

typedef struct HttpWire HttpWire;

typedef struct {
    /* The peer's end was read. True: the reader need not know, it gets -EAGAIN. Nullable. */
    bool (*ended)(void *data);
    /* The descriptor is closed, or another's. Nullable; the last call. */
    void (*closed)(void *data);
    void *data;
} HttpWireEvents;

/* Takes `fd`, which has O_NONBLOCK; `events` is copied. Full ownership. */
HttpWire *http_wire_new(int fd, const HttpWireEvents *events);
HttpWire *http_wire_ref(HttpWire *wire);
void http_wire_unref(HttpWire *wire); // the last one closes it
/* From here on it is TLS. */
void http_wire_start_tls(HttpWire *wire, HttpTls *tls);

int http_wire_fd(const HttpWire *wire); // -1: closed
/* Bytes, 0 at the peer's end (reading), or -EAGAIN, -ECONNRESET. */
ssize_t http_wire_read(HttpWire *wire, void *to, size_t size);
ssize_t http_wire_write(HttpWire *wire, const void *from, size_t size);

/* What to wait for before reading (G_IO_IN) or writing (G_IO_OUT) is tried again; 0: nothing. */
GIOCondition http_wire_waits(const HttpWire *wire, GIOCondition to);
/* A source that is ready at once. Full ownership. */
GSource *http_wire_idle_source(void);
/* A source that is ready when that may go on. Full ownership. */
GSource *http_wire_source(HttpWire *wire, GIOCondition to);

/* Whether what was written waits for room, and none of it has gone to the peer for `most_us`: to be
 * asked again and again. */
bool http_wire_stuck(HttpWire *wire, int64_t now_us, int64_t most_us);

/* Nothing more is written, which the peer is told; from here on reading only discards. */
void http_wire_finish(HttpWire *wire);
void http_wire_close(HttpWire *wire);
/* Ends it both ways at once: whoever reads or writes next gets an error. */
void http_wire_cut(HttpWire *wire);
/* The descriptor of one in the clear, which is the caller's then. */
int http_wire_take(HttpWire *wire);
/* The same connection as another wire, for another owner; this one is closed. Full ownership. */
HttpWire *http_wire_move(HttpWire *wire, const HttpWireEvents *events);

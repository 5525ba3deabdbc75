// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A connection's bytes, plain or TLS. Never blocks. One thread.

#include "port/poller.h"
#include "port/tls.h"

#include <sys/uio.h>

typedef struct PortWire PortWire;

typedef struct {
    /* The peer closed. True: hide it with -EAGAIN. Nullable. */
    bool (*ended)(void *data);
    /* Last call. Nullable. */
    void (*closed)(void *data);
    void *data;
} PortWireEvents;

/* Takes `fd`, non-blocking. */
PortWire *port_wire_new(int fd, const PortWireEvents *events);
PortWire *port_wire_ref(PortWire *wire);
void port_wire_unref(PortWire *wire); // closes the last
void port_wire_start_tls(PortWire *wire, PortTls *tls);

int port_wire_fd(const PortWire *wire); // -1: closed
/* Bytes; 0: end; -EAGAIN; -ECONNRESET. */
ssize_t port_wire_read(PortWire *wire, void *to, size_t size);
ssize_t port_wire_write(PortWire *wire, const void *from, size_t size);
/* Several pieces, in order. */
ssize_t port_wire_writev(PortWire *wire, const struct iovec *pieces, int count);

/* `ready`: perhaps readable or writable again. Until closed, taken or moved. */
void port_wire_watch(PortWire *wire, PortPoller *poll, void (*ready)(void *data), void *data);
/* Calls the watcher in the next turn. */
void port_wire_again(PortWire *wire);

/* To poll for before reading or writing; 0: nothing. */
GIOCondition port_wire_waits(const PortWire *wire, GIOCondition to);
GSource *port_wire_idle_source(void);
GSource *port_wire_source(PortWire *wire, GIOCondition to);

typedef struct {
    int64_t most_us;                 // without progress
    int64_t window_us, window_bytes; // minimum bytes per window
} PortWirePatience;

/* True: pending output makes too little progress. Call periodically. */
bool port_wire_stuck(PortWire *wire, int64_t now_us, const PortWirePatience *patience);

/* Ends writing; reading only discards. */
void port_wire_finish(PortWire *wire);
void port_wire_close(PortWire *wire);
/* Shuts down both directions. */
void port_wire_cut(PortWire *wire);
/* Takes the descriptor of a plain connection. */
int port_wire_take(PortWire *wire);
/* Moves the connection to a new wire; this one is closed. Full ownership. */
PortWire *port_wire_move(PortWire *wire, const PortWireEvents *events);

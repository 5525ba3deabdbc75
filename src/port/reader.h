// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Passes rewritten heads (port/head.h) and exactly framed bodies from wire to libsoup, never bytes
// of the next request. Refuses others with a problem document, then discards until the peer closes.
// Connections pull heads (port_reader_pull()): not all are libsoup's. Http thread.

#include "port/wire.h"

#define PORT_LINGER_S 2 // after a refusal

typedef struct PortReader PortReader;

/* `waits` (nullable): libsoup waits for a head; until port_reader_detach(). */
PortReader *port_reader_new(PortWire *wire, void (*waits)(void *data), void *data);
void port_reader_detach(PortReader *reader);
PortReader *port_reader_ref(PortReader *reader);
void port_reader_unref(PortReader *reader);

/* Like port_wire_read(), but yields with -EAGAIN after many successes. */
ssize_t port_reader_read(PortReader *reader, void *to, size_t size);
/* Buffered data. */
bool port_reader_pending(const PortReader *reader);

/* Reads a head, with `waits`. 1: there; else like port_wire_read(). */
ssize_t port_reader_pull(PortReader *reader);
/* Nothing is left of a request's head and body. */
bool port_reader_between(const PortReader *reader);
/* The pulled head of a request without body; NULL: has a body. Borrowed until dropped. */
const char *port_reader_head(const PortReader *reader, size_t *out_size);
void port_reader_drop_head(PortReader *reader);
/* Hides the head from libsoup meanwhile. */
void port_reader_hold(PortReader *reader, bool held);

/* For libsoup to wait. */
GSource *port_reader_source(PortReader *reader);
/* Libsoup has such a source, and was not woken. */
bool port_reader_awaited(const PortReader *reader);
void port_reader_wake(PortReader *reader);

/* Bytes after the last request, borrowed until the next read. */
size_t port_reader_early(const PortReader *reader, const char **out_bytes);
/* Nullable, borrowed until the next request. */
const char *port_reader_range(const PortReader *reader);
/* A head, or a refused peer (PORT_LINGER_S), is late. */
bool port_reader_late(const PortReader *reader, int64_t now_us, int64_t longest_head_us);
/* Discards an unread body first, or the peer may lose the answer. */
void port_reader_close(PortReader *reader);
/* A problem document within a request. `own_right`: readable by other sites. */
void port_reader_refuse(PortReader *reader, unsigned status, const char *detail, bool own_right);

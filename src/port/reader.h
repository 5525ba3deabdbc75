// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Passes rewritten heads (port/head.h) and exactly framed bodies from wire to libsoup, never bytes
// of the next request. Refuses others with a problem document, then discards until the peer closes.
// Http thread.

#include "port/wire.h"

#define PORT_LINGER_S 2 // after a refusal

typedef struct PortReader PortReader;

PortReader *port_reader_new(PortWire *wire);
PortReader *port_reader_ref(PortReader *reader);
void port_reader_unref(PortReader *reader);

/* Like port_wire_read(), but yields with -EAGAIN after many successes. */
ssize_t port_reader_read(PortReader *reader, void *to, size_t size);
/* Buffered data. */
bool port_reader_pending(const PortReader *reader);

/* Bytes after the last request, borrowed until the next read. */
size_t port_reader_early(const PortReader *reader, const char **out_bytes);
/* Nullable, borrowed until the next request. */
const char *port_reader_range(const PortReader *reader);
/* A head, or a refused peer (PORT_LINGER_S), takes too long. */
bool port_reader_late(const PortReader *reader, int64_t now_us, int64_t longest_head_us);
/* Discards an unread body first, which could cost the peer the answer. */
void port_reader_close(PortReader *reader);
/* Sends a problem document within a request. `own_right`: readable by other sites. */
void port_reader_refuse(PortReader *reader, unsigned status, const char *detail, bool own_right);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Relays a websocket to the hub by a socket pair, checking frames (frames.h). Buffers little: the
// hub sees slow readers. Http thread.

#include "port/wire.h"

#define PORT_RELAY_BUFFER_BYTES 16384     // TLS record
#define PORT_RELAY_LAST_S 5               // after the hub closed
#define PORT_RELAY_SEND_BYTES (64 * 1024) // kernel

typedef struct PortRelays PortRelays;

PortRelays *port_relays_new(GMainContext *context);
void port_relays_free(PortRelays *relays);
unsigned port_relays_count(const PortRelays *relays);

/* Closes `wire`. `early`: read before, at most PORT_RELAY_BUFFER_BYTES. Returns the hub's
 * descriptor; -1: none free, `wire` unchanged. */
int port_relay_start(PortRelays *relays, PortWire *wire, const char *early, size_t early_size);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A websocket: the hub reads and writes one end of a socket pair, this carries it to and from the
// wire, through TLS where there is any, and checks the peer's frames (frames.h). It holds at most a
// buffer each way, so a slow reader is the hub's to see. Http thread.

#include "http/wire.h"

#define HTTP_RELAY_BUFFER_BYTES 16384     // a TLS record
#define HTTP_RELAY_LAST_S 5               // for what the hub said last, once it has closed
#define HTTP_RELAY_SEND_BYTES (64 * 1024) // of the kernel's, as the hub's own

typedef struct HttpRelays HttpRelays;

/* Full ownership. */
HttpRelays *http_relays_new(GMainContext *context);
/* Ends all of them. */
void http_relays_free(HttpRelays *relays);
unsigned http_relays_count(const HttpRelays *relays);

/* Moves the connection of `wire` (which is closed) here. The hub's descriptor, or -1 where too few
 * are left: then `wire` is as it was. */
int http_relay_start(HttpRelays *relays, HttpWire *wire);

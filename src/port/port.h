// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The public port. First bytes decide: TLS and HTTP go to libsoup, framed STUN (RFC 4571) to rtc,
// others are closed silently. Made on main, then the http thread's.

#include "port/connections.h"

typedef struct Port Port;

typedef enum {
    PORT_FIRST_MORE, // incomplete
    PORT_FIRST_HTTP,
    PORT_FIRST_TLS,
    PORT_FIRST_STUN,
    PORT_FIRST_JUNK,
} PortFirst;

/* Any thread. */
PortFirst port_first_bytes(const uint8_t *bytes, size_t size);

/* "ADDRESS:PORT"; port 0: any free one. */
Port *port_new(const char *listen, GError **error);
/* For local clients. */
char *port_address(const Port *port);

typedef struct {
    GMainContext *context;
    PortConnections *connections;
    SoupServer *server;
    const char *public_url; // TLS: redirects plain requests; NULL: to their Host. Outlives the port
    /* With unread STUN. */
    void (*stun)(void *data, int fd);
    void *data;
} PortConfig;

/* Http thread. */
void port_start(Port *port, const PortConfig *config);
/* For new connections; never back to NULL. Takes a reference. */
void port_set_tls(Port *port, PortTls *tls);
void port_stop(Port *port);
void port_free(Port *port);

/* For a plain request with `head` (NUL-terminated). `public_url` is nullable. */
char *port_plain_answer(const char *head, const char *public_url);

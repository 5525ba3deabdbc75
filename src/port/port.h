// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The public port. The first serving thread accepts; connections go to the least used thread. First
// bytes decide: TLS and HTTP to libsoup, framed STUN (RFC 4571) to rtc, others closed silently.
// Made on main.

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

/* "ADDRESS:PORT"; port 0: any free one. Takes the supervisor's socket if it has one. */
Port *port_new(const char *listen, GError **error);
/* "ADDRESS:PORT", for local clients. Borrowed. */
const char *port_address(const Port *port);

#define PORT_MAX_THREADS 64

/* A serving thread. */
typedef struct {
    GMainContext *context;
    PortConnections *connections;
    SoupServer *server;
} PortThread;

typedef struct {
    const PortThread *threads; // copied; the first accepts
    unsigned thread_count;     // at most PORT_MAX_THREADS
    PortTotals *totals;        // of all threads
    const char *public_url; // TLS: redirects plain requests; NULL: to their Host. Outlives the port
    /* With unread STUN. Any serving thread. */
    void (*stun)(void *data, int fd);
    void *data;
} PortConfig;

/* First thread. */
void port_start(Port *port, const PortConfig *config);
/* For new connections; never back to NULL. Takes a reference. Any thread. */
void port_set_tls(Port *port, PortTls *tls);
/* First thread. Connections may still be under way as posts. */
void port_stop(Port *port);
/* After the threads have run their posts. */
void port_free(Port *port);

/* For a plain request with `head` (NUL-terminated). `public_url` is nullable. */
char *port_plain_answer(const char *head, const char *public_url);

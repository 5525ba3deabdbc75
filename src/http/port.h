// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The public port: one listening socket whose connections' first bytes decide whose they are: TLS
// and HTTP go to libsoup, STUN framed by RFC 4571 to rtc, all else is closed without a word. Made
// on main, then the http thread's.

#include "http/connections.h"
#include "rtc/rtc.h"

typedef struct HttpPort HttpPort;

typedef enum {
    HTTP_FIRST_MORE, // too few to tell
    HTTP_FIRST_HTTP,
    HTTP_FIRST_TLS,
    HTTP_FIRST_STUN,
    HTTP_FIRST_JUNK,
} HttpFirst;

/* What a connection begins with. Any thread. */
HttpFirst http_first_bytes(const uint8_t *bytes, size_t size);

/* Binds `listen` ("ADDRESS:PORT", port 0 picks a free one). NULL with an error that names it. Full
 * ownership. */
HttpPort *http_port_new(const char *listen, GError **error);
/* "ADDRESS:PORT", as one on this machine reaches it. Full ownership. */
char *http_port_address(const HttpPort *port);

typedef struct {
    GMainContext *context;
    HttpConnections *connections;
    SoupServer *server;
    const char *public_url; // where a plain request is sent where there is TLS, NULL: to the host
                            // that it names; outlives the port
    /* Takes the descriptor of a STUN connection, whose first bytes are unread. */
    void (*stun)(void *data, int fd);
    void *data;
} HttpPortConfig;

/* Http thread. */
void http_port_start(HttpPort *port, const HttpPortConfig *config);
/* New connections are TLS by it (a reference is taken); never back to NULL. */
void http_port_set_tls(HttpPort *port, HttpTls *tls);
void http_port_stop(HttpPort *port);
void http_port_free(HttpPort *port);

/* What is answered to a plain request on a port of TLS: `head` is its head, NUL-terminated;
 * `public_url` is nullable. Full ownership. */
char *http_plain_answer(const char *head, const char *public_url);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Every connection of the public port from accept to close: how many there are, in all and of one
// address, and how long each may take for what it does. Http thread.

#include "http/proxies.h"
#include "http/wire.h"

#include <libsoup/soup.h>

#define HTTP_HEADER_S 10 // from accept, or a further request's first byte, until its head is in
#define HTTP_BODY_S 10   // for a body, and a second more for each
#define HTTP_BODY_BYTES_PER_S 1024
#define HTTP_WRITE_S 10 // without the peer taking anything of what waits for it
#define HTTP_IDLE_S                                                                                \
    75 // between two requests; more than the proxies' usual 60, who then close first

#define HTTP_MAX_CONNECTIONS 20000
#define HTTP_MAX_PER_ADDRESS 1000 // an office behind one address; IPv6: behind one /64

struct sockaddr_storage;
typedef struct HttpConnections HttpConnections;
typedef struct HttpConnection HttpConnection;

typedef struct {
    const HttpProxies *proxies; // they, and this machine, are not held to the limit of an address
    unsigned most;              // in all; 0: HTTP_MAX_CONNECTIONS
    unsigned most_per_address;  // 0: HTTP_MAX_PER_ADDRESS
    GMainContext *context;
} HttpConnectionsConfig;

/* Full ownership. */
HttpConnections *http_connections_new(const HttpConnectionsConfig *config);
/* Those that libsoup has are ended, and it has to be gone for them to be closed. */
void http_connections_free(HttpConnections *connections);
unsigned http_connections_count(const HttpConnections *connections);
/* Ends those whose time is over, as a timer does each second. */
void http_connections_sweep(HttpConnections *connections, int64_t now_us);
/* Closes idle ones, the oldest first. */
void http_connections_spare(HttpConnections *connections, unsigned count);

/* Takes `fd`. NULL, and it is closed, where the limits are reached. The connection lasts until its
 * wire is closed; what becomes of it has to be known in HTTP_HEADER_S. */
HttpConnection *http_connection_new(HttpConnections *connections, int fd,
                                    const struct sockaddr_storage *peer, unsigned size);
HttpWire *http_connection_wire(HttpConnection *connection);
/* Watches it until its kind is known (takes `source`, which is attached). */
void http_connection_watch(HttpConnection *connection, GSource *source);
/* libsoup's from here on. */
void http_connection_serve(HttpConnection *connection, SoupServer *server);

/* NULL: already closed. */
HttpConnection *http_connection_of(SoupServerMessage *message);
/* A message's first bytes are in, or will be: of a connection's first message. */
void http_connection_next(SoupServerMessage *message);
/* The head is in, of the body are `bytes` to come; 0: nothing is. */
void http_connection_arrived(SoupServerMessage *message, size_t bytes);
/* It is over, another may come. */
void http_connection_over(SoupServerMessage *message);
/* Ends it both ways, at once. */
void http_connection_cut(SoupServerMessage *message);

/* Any thread. By what a limit counts: an IPv4 address, the first half of an IPv6 one. */
uint64_t http_address_key(const struct sockaddr_storage *peer);

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

#define HTTP_FILE_BYTES (4 * 1024 * 1024)        // held of one address's files, about
#define HTTP_PROXY_FILE_BYTES (32 * 1024 * 1024) // the same of a proxy
#define HTTP_MAX_CHUNK_BYTES (256 * 1024)        // of one file at once
#define HTTP_MIN_CHUNK_BYTES (16 * 1024)

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
/* The request's Range field, which libsoup never sees, or NULL. Borrowed, until the next request.
 */
const char *http_connection_range(SoupServerMessage *message);
/* Answers in the midst of a request with a problem document, and ends the connection. */
void http_connection_refuse(SoupServerMessage *message, unsigned status, const char *detail);
/* One answer from a file, among those of the same address. */
typedef struct {
    uint64_t key;
    bool exempt; // a proxy's, or this machine's
} HttpFileShare;
/* An answer begins; until http_file_share_end(). */
HttpFileShare http_file_share_begin(uint64_t key, bool exempt, HttpConnections *connections);
HttpFileShare http_file_share_of(SoupServerMessage *message, HttpConnections *connections);
void http_file_share_end(HttpFileShare share, HttpConnections *connections);
/* How much of the file to hold at once: the less, the more answers the address gets now. */
size_t http_file_share_bytes(HttpFileShare share, const HttpConnections *connections);
/* Ends it both ways, at once. */
void http_connection_cut(SoupServerMessage *message);

/* Any thread. By what a limit counts: an IPv4 address, the first half of an IPv6 one. */
uint64_t http_address_key(const struct sockaddr_storage *peer);

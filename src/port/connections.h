// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The connections of one serving thread: limits, time-outs. Http thread.

#include "port/totals.h"
#include "port/proxies.h"
#include "port/wire.h"

#include <libsoup/soup.h>
#include <sys/socket.h>

#define PORT_HEADER_S 10 // head, from accept or its first byte
#define PORT_BODY_S 10   // body, plus a second each
#define PORT_BODY_BYTES_PER_S 1024
#define PORT_BODY_SLOW_BYTES (64 * 1024) // the rest must come faster
#define PORT_BODY_FAST_BYTES_PER_S (32 * 1024)
#define PORT_WRITE_S 10 // without progress
/* Minimum average over the window: a third of poor phone reception. */
#define PORT_READ_BYTES_PER_S 1024
#define PORT_READ_WINDOW_S 60
#define PORT_UNSENT_BYTES (128 * 1024) // in the kernel
#define PORT_IDLE_S 75                 // more than proxies' usual 60 s: they close first

#define PORT_FILE_BYTES (4 * 1024 * 1024)        // buffers per address
#define PORT_PROXY_FILE_BYTES (32 * 1024 * 1024) // per proxy
#define PORT_MAX_CHUNK_BYTES (256 * 1024)
#define PORT_MIN_CHUNK_BYTES (16 * 1024)

typedef struct PortConnections PortConnections;
typedef struct PortConnection PortConnection;

/* Answers without libsoup: GETs with the whole answer in memory. */
typedef struct {
    /* A checked head without body, "METHOD /TARGET HTTP/1.1\r\nNAME:VALUE\r\n…\r\n", without Range;
     * borrowed for the call. Ends with one port_connection_answer() or port_connection_pass(),
     * perhaps later, or the connection's close. Nullable. */
    void (*take)(void *data, PortConnection *connection, const char *head, size_t size);
    /* The connection closes before; do not use it any more. For a port_connection_set_request()
     * only. */
    void (*gone)(void *request);
    void *data;
} PortDirect;

typedef struct {
    PortTotals *totals;         // of all threads
    const PortProxies *proxies; // exempt from the limit per address
    GMainContext *context;
    PortDirect direct;
} PortConnectionsConfig;

PortConnections *port_connections_new(const PortConnectionsConfig *config);
/* Free the SoupServer first: its connections close only then. */
void port_connections_free(PortConnections *connections);
/* Any thread. */
unsigned port_connections_count(const PortConnections *connections);
/* Idle between two requests: can make room. Any thread. */
unsigned port_connections_idle(const PortConnections *connections);
/* Closes connections past their time. Call every second. */
void port_connections_sweep(PortConnections *connections, int64_t now_us);
/* Closes the oldest idle ones. */
void port_connections_spare(PortConnections *connections, unsigned number);

/* An accepted connection. */
typedef struct {
    int fd;
    bool budgeted; // base_descriptors_take() was called for `fd`
    socklen_t size;
    struct sockaddr_storage peer;
} PortAccepted;

/* Takes an accepted connection; NULL: at a limit. Lasts until its wire closes; decide within
 * PORT_HEADER_S. */
PortConnection *port_connection_new(PortConnections *connections, const PortAccepted *accepted);
PortWire *port_connection_wire(PortConnection *connection);
size_t port_connection_early(const PortConnection *connection, const char **out_bytes);
/* Takes `source`, until served. */
void port_connection_watch(PortConnection *connection, GSource *source);
/* Reads requests: for PortConnectionsConfig.direct, and for libsoup. */
void port_connection_serve(PortConnection *connection, SoupServer *server);

/* For PortDirect.gone, until the answer or pass. Within PortDirect.take. */
void port_connection_set_request(PortConnection *connection, void *request);
/* The whole answer to a taken request: a head and its body (nullable), all borrowed. */
void port_connection_answer(PortConnection *connection, const char *head, size_t size, GBytes *lead,
                            GBytes *body);
/* Gives the taken request to libsoup. */
void port_connection_pass(PortConnection *connection);

/* NULL: closed. */
PortConnection *port_connection_of(SoupServerMessage *message);
/* A message begins; for the first one, before its bytes. */
void port_connection_next(SoupServerMessage *message);
/* The head is complete; `bytes` of the body remain. */
void port_connection_arrived(SoupServerMessage *message, size_t bytes);
void port_connection_over(SoupServerMessage *message);
/* Hidden from libsoup. Nullable, borrowed until the next request. */
const char *port_connection_range(SoupServerMessage *message);
/* A problem document within a request; closes. `own_right`: readable by other sites. */
void port_connection_refuse(SoupServerMessage *message, unsigned status, const char *detail,
                            bool own_right);
/* A file answer's share of its address's buffers. */
typedef struct {
    uint64_t key;
    bool exempt; // proxies, this machine
} PortFileShare;
/* End it with port_file_share_end(). */
PortFileShare port_file_share_begin(uint64_t key, bool exempt, PortConnections *connections);
PortFileShare port_file_share_of(SoupServerMessage *message, PortConnections *connections);
void port_file_share_end(PortFileShare share, PortConnections *connections);
/* Bytes to buffer: fewer with more answers. */
size_t port_file_share_bytes(PortFileShare share, PortConnections *connections);
/* Shuts down both directions. */
void port_connection_cut(SoupServerMessage *message);

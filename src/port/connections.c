// SPDX-License-Identifier: GPL-3.0-or-later
// Time-outs and limits of HTTP connections.
//
// libsoup 3.2 has none, and never closes an idle connection whose peer closed (fixed in 3.3);
// having read that end, stealing would crash. So hides the end from libsoup, and takes the
// connection away.
//
// Per request nothing is allocated or armed, as GLib then walks all descriptors: one timer checks
// deadlines.
//
// Messages find their connection by the address object given to libsoup.
#include "port/connections.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "port/answer.h"
#include "port/stream.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SWEEP_S 1
#define REQUESTS_AT_ONCE 8 // of a connection; then others

struct PortConnection {
    GList link; // in `all`
    PortConnections *connections;
    PortWire *wire;
    PortReader *reader; // NULL before serving
    GSocketAddress *remote;
    uint64_t key;
    bool counted, served; // served: libsoup has it
    GSource *watch;       // NULL once served
    SoupServer *server;
    SoupServerMessage *last; // to take an idle one away
    bool idle;
    int64_t deadline_us; // 0: none
    bool over;           // in `connections->over`

    /* A request without libsoup. */
    bool held;           // not answered or passed yet
    void *request;       // for PortDirect.gone, nullable
    bool asking, passed; // in take(); to libsoup
    bool broken;
    PortAnswer answer; // the rest of it
};

struct PortConnections {
    PortConnectionsConfig config;
    GQueue all;
    PortPoller *poll;
    GQueue over; // idle, peer closed
    GSource *timer, *taker;
    atomic_uint count, idle; // for port's choice of a thread
};

static GQuark connection_quark(void)
{
    static _Atomic GQuark quark;
    GQuark known = atomic_load_explicit(&quark, memory_order_relaxed);
    if (known == 0) {
        known = g_quark_from_static_string("majlis-connection");
        atomic_store_explicit(&quark, known, memory_order_relaxed);
    }
    return known;
}

static bool is_exempt(const PortConnections *connections, GSocketAddress *remote)
{
    GInetAddress *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote));
    return port_proxies_know(connections->config.proxies, address);
}

/* One connection */

static void set_idle(PortConnection *connection, bool idle)
{
    int change = idle - connection->idle;
    connection->idle = idle;
    atomic_fetch_add_explicit(&connection->connections->idle, (unsigned)change,
                              memory_order_relaxed);
}

/* Takes `message`, nullable. */
static void set_last(PortConnection *connection, SoupServerMessage *message)
{
    set_idle(connection, message != NULL);
    g_clear_object(&connection->last);
    connection->last = message;
}

static void stop_watch(PortConnection *connection)
{
    if (connection->watch != NULL) {
        g_source_destroy(connection->watch);
        g_clear_pointer(&connection->watch, g_source_unref);
    }
}

static void on_wire_closed(void *data)
{
    PortConnection *connection = data;
    PortConnections *connections = connection->connections;
    stop_watch(connection);
    if (connection->request != NULL) {
        connections->config.direct.gone(connection->request);
    }
    set_last(connection, NULL);
    port_totals_give(connections->config.totals, connection->key, connection->counted);
    atomic_fetch_sub_explicit(&connections->count, 1, memory_order_relaxed);
    if (connection->over) {
        g_queue_remove(&connections->over, connection);
    }
    g_queue_unlink(&connections->all, &connection->link);
    g_object_set_qdata(G_OBJECT(connection->remote), connection_quark(), NULL);
    g_object_unref(connection->remote);
    port_answer_clear(&connection->answer);
    port_wire_unref(connection->wire);
    if (connection->reader != NULL) {
        port_reader_detach(connection->reader);
        port_reader_unref(connection->reader);
    }
    g_free(connection);
    base_descriptors_give(1);
}

/* Takes it from libsoup and closes it. */
static void take_away(PortConnection *connection)
{
    g_autoptr(SoupServerMessage) last = g_object_ref(connection->last);
    set_last(connection, NULL);
    g_autoptr(GIOStream) stream = soup_server_message_steal_connection(last);
    if (stream != NULL) {
        g_io_stream_close(stream, NULL, NULL);
    }
}

static void end(PortConnection *connection)
{
    if (connection->last != NULL) {
        take_away(connection);
    } else if (connection->served) {
        port_wire_cut(connection->wire); // as if by the peer
    } else {
        port_wire_close(connection->wire);
    }
}

static gboolean on_take(gpointer data)
{
    PortConnections *connections = data;
    g_clear_pointer(&connections->taker, g_source_unref);
    for (PortConnection *connection; (connection = g_queue_pop_head(&connections->over)) != NULL;) {
        connection->over = false;
        end(connection);
    }
    return G_SOURCE_REMOVE;
}

/* Defer: libsoup is reading. */
static bool on_wire_ended(void *data)
{
    PortConnection *connection = data;
    PortConnections *connections = connection->connections;
    if (connection->last == NULL) {
        return false;
    }
    if (!connection->over) {
        connection->over = true;
        g_queue_push_tail(&connections->over, connection);
    }
    if (connections->taker == NULL) {
        connections->taker = g_idle_source_new();
        g_source_set_priority(connections->taker, G_PRIORITY_HIGH);
        g_source_set_callback(connections->taker, on_take, connections, NULL);
        g_source_attach(connections->taker, connections->config.context);
    }
    return true;
}

static int64_t in_s(int64_t seconds)
{
    return base_clock_us() + seconds * BASE_US_PER_S;
}

/* True: taken from the budget. */
static bool take_descriptor(PortConnections *connections)
{
    if (!base_descriptors_take(1)) {
        port_connections_spare(connections, 1);
        if (!base_descriptors_take(1)) {
            port_totals_warn(connections->config.totals,
                             "connections are refused: they hold all file descriptors that are not "
                             "reserved for recordings; raise the limit (LimitNOFILE)");
            return false;
        }
    }
    return true;
}

/* True: counted, with a descriptor of the budget. */
static bool take_room(PortConnections *connections, uint64_t key, bool counted, bool budgeted)
{
    PortTotals *totals = connections->config.totals;
    PortTake take = port_totals_take(totals, key, counted);
    if (take == PORT_FULL) {
        port_connections_spare(connections, 1);
        take = port_totals_take(totals, key, counted);
    }
    if (take == PORT_TAKEN && (budgeted || take_descriptor(connections))) {
        return true;
    }
    if (take == PORT_TAKEN) {
        port_totals_give(totals, key, counted);
    }
    if (budgeted) {
        base_descriptors_give(1);
    }
    return false;
}

PortConnection *port_connection_new(PortConnections *connections, const PortAccepted *accepted)
{
    const struct sockaddr_storage *peer = &accepted->peer;
    g_autoptr(GSocketAddress) remote =
        g_socket_address_new_from_native((gpointer)peer, accepted->size);
    uint64_t key = port_totals_key(peer);
    bool counted = !is_exempt(connections, remote);
    if (!take_room(connections, key, counted, accepted->budgeted)) {
        close(accepted->fd);
        return NULL;
    }
    PortConnection *connection = g_new0(PortConnection, 1);
    connection->link.data = connection;
    connection->connections = connections;
    connection->remote = g_steal_pointer(&remote);
    connection->key = key;
    connection->counted = counted;
    connection->deadline_us = in_s(PORT_HEADER_S);
    PortWireEvents events = {.ended = on_wire_ended, .closed = on_wire_closed, .data = connection};
    connection->wire = port_wire_new(accepted->fd, &events);
    g_object_set_qdata(G_OBJECT(connection->remote), connection_quark(), connection);
    g_queue_push_tail_link(&connections->all, &connection->link);
    atomic_fetch_add_explicit(&connections->count, 1, memory_order_relaxed);
    return connection;
}

PortWire *port_connection_wire(PortConnection *connection)
{
    return connection->wire;
}

size_t port_connection_early(const PortConnection *connection, const char **out_bytes)
{
    return port_reader_early(connection->reader, out_bytes);
}

void port_connection_watch(PortConnection *connection, GSource *source)
{
    stop_watch(connection);
    connection->watch = source;
    g_source_attach(source, connection->connections->config.context);
}

static GSocketAddress *local_address(int fd)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    return getsockname(fd, (struct sockaddr *)&name, &size) == 0
               ? g_socket_address_new_from_native(&name, size)
               : NULL;
}

/* To libsoup, which may answer and close within. */
static void lend(PortConnection *connection)
{
    connection->deadline_us = in_s(PORT_HEADER_S);
    if (connection->served) {
        port_reader_wake(connection->reader);
        return;
    }
    g_autoptr(GSocketAddress) local = local_address(port_wire_fd(connection->wire));
    if (local == NULL) {
        port_wire_close(connection->wire);
        return;
    }
    connection->served = true;
    set_idle(connection, false);
    g_autoptr(GIOStream) stream = port_stream_new(connection->wire, connection->reader);
    soup_server_accept_iostream(connection->server, stream, local, connection->remote, NULL);
}

static void hold(PortConnection *connection, bool held)
{
    connection->held = held;
    port_reader_hold(connection->reader, held);
}

/* False: it is libsoup's. */
static bool ask_direct(PortConnection *connection)
{
    const PortDirect *direct = &connection->connections->config.direct;
    size_t size;
    const char *head = port_reader_head(connection->reader, &size);
    if (head == NULL || direct->take == NULL) {
        return false;
    }
    hold(connection, true);
    set_idle(connection, false);
    connection->deadline_us = 0;
    connection->asking = true;
    direct->take(direct->data, connection, head, size);
    connection->asking = false;
    bool passed = connection->passed;
    connection->passed = false;
    return !passed;
}

/* `state`: of port_answer_start(). */
static void note_answer(PortConnection *connection, int state)
{
    connection->broken = state < 0;
    if (state > 0) {
        hold(connection, false);
        set_idle(connection, true);
        connection->deadline_us = in_s(PORT_IDLE_S);
    }
}

void port_connection_set_request(PortConnection *connection, void *request)
{
    connection->request = request;
}

void port_connection_answer(PortConnection *connection, const char *head, size_t size, GBytes *lead,
                            GBytes *body)
{
    connection->request = NULL;
    port_reader_drop_head(connection->reader);
    note_answer(connection,
                port_answer_start(&connection->answer, connection->wire, head, size, lead, body));
    if (!connection->asking) {
        port_wire_again(connection->wire); // bytes may have come meanwhile
    }
}

void port_connection_pass(PortConnection *connection)
{
    connection->request = NULL;
    hold(connection, false);
    connection->passed = true;
    if (!connection->asking) {
        port_wire_again(connection->wire);
    }
}

/* False: blocked, or the connection is gone. */
static bool send_rest(PortConnection *connection)
{
    if (connection->answer.count > 0 && !connection->broken) {
        note_answer(connection, port_answer_go_on(&connection->answer, connection->wire));
    }
    if (connection->broken) {
        end(connection);
        return false;
    }
    return connection->answer.count == 0;
}

/* True: go on with the next request. Else perhaps gone. */
static bool read_request(PortConnection *connection)
{
    PortReader *reader = connection->reader;
    if (connection->served && !port_reader_awaited(reader)) {
        return false; // libsoup is at work
    }
    if (connection->served && !port_reader_between(reader)) {
        port_reader_wake(reader); // for a body
        return false;
    }
    ssize_t got = port_reader_pull(reader);
    if (got > 0 && ask_direct(connection)) {
        return true;
    }
    if (got > 0) {
        lend(connection);
    } else if (got != -EAGAIN && connection->served) {
        port_reader_wake(reader); // libsoup closes it
    } else if (got != -EAGAIN) {
        port_wire_close(connection->wire);
    }
    return false;
}

static void on_ready(void *data)
{
    PortConnection *connection = data;
    for (unsigned i = 0; i < REQUESTS_AT_ONCE; i++) {
        if (!send_rest(connection) || connection->held) {
            return;
        }
        if (connection->passed) {
            connection->passed = false;
            lend(connection);
            return;
        }
        if (!read_request(connection)) {
            return;
        }
    }
    port_wire_again(connection->wire);
}

static void on_libsoup_waits(void *data)
{
    port_wire_again(((PortConnection *)data)->wire);
}

void port_connection_serve(PortConnection *connection, SoupServer *server)
{
    stop_watch(connection);
    connection->server = server;
    connection->reader = port_reader_new(connection->wire, on_libsoup_waits, connection);
    port_wire_watch(connection->wire, connection->connections->poll, on_ready, connection);
}

/* Messages */

PortConnection *port_connection_of(SoupServerMessage *message)
{
    GSocketAddress *remote = soup_server_message_get_remote_address(message);
    return remote != NULL ? g_object_get_qdata(G_OBJECT(remote), connection_quark()) : NULL;
}

void port_connection_next(SoupServerMessage *message)
{
    PortConnection *connection = port_connection_of(message);
    if (connection == NULL) {
        return;
    }
    if (connection->last != NULL) { // the first one's time runs from accept
        connection->deadline_us = in_s(PORT_HEADER_S);
        set_last(connection, NULL);
    }
}

void port_connection_arrived(SoupServerMessage *message, size_t bytes)
{
    PortConnection *connection = port_connection_of(message);
    if (connection != NULL) {
        size_t slow = MIN(bytes, PORT_BODY_SLOW_BYTES);
        int64_t longest_s = PORT_BODY_S + (int64_t)(slow / PORT_BODY_BYTES_PER_S +
                                                    (bytes - slow) / PORT_BODY_FAST_BYTES_PER_S);
        connection->deadline_us = bytes > 0 ? in_s(longest_s) : 0;
    }
}

void port_connection_over(SoupServerMessage *message)
{
    PortConnection *connection = port_connection_of(message);
    if (connection == NULL) {
        return;
    }
    // kept for long: free the body
    soup_message_body_truncate(soup_server_message_get_response_body(message));
    set_last(connection, g_object_ref(message));
    connection->deadline_us = in_s(PORT_IDLE_S);
}

PortFileShare port_file_share_begin(uint64_t key, bool exempt, PortConnections *connections)
{
    port_totals_files(connections->config.totals, key, 1);
    return (PortFileShare){.key = key, .exempt = exempt};
}

PortFileShare port_file_share_of(SoupServerMessage *message, PortConnections *connections)
{
    const PortConnection *connection = port_connection_of(message);
    return connection != NULL
               ? port_file_share_begin(connection->key, !connection->counted, connections)
               : port_file_share_begin(0, false, connections);
}

void port_file_share_end(PortFileShare share, PortConnections *connections)
{
    port_totals_files(connections->config.totals, share.key, -1);
}

size_t port_file_share_bytes(PortFileShare share, PortConnections *connections)
{
    unsigned files = port_totals_files(connections->config.totals, share.key, 0);
    size_t in_all = share.exempt ? PORT_PROXY_FILE_BYTES : PORT_FILE_BYTES;
    return CLAMP(in_all / MAX(files, 1), PORT_MIN_CHUNK_BYTES, PORT_MAX_CHUNK_BYTES);
}

const char *port_connection_range(SoupServerMessage *message)
{
    PortConnection *connection = port_connection_of(message);
    return connection != NULL ? port_reader_range(connection->reader) : NULL;
}

void port_connection_refuse(SoupServerMessage *message, unsigned status, const char *detail,
                            bool own_right)
{
    PortConnection *connection = port_connection_of(message);
    if (connection != NULL) {
        port_reader_refuse(connection->reader, status, detail, own_right);
    }
}

void port_connection_cut(SoupServerMessage *message)
{
    PortConnection *connection = port_connection_of(message);
    if (connection != NULL) {
        port_wire_cut(connection->wire);
    }
}

/* All connections */

static const PortWirePatience patience = {
    .most_us = PORT_WRITE_S * BASE_US_PER_S,
    .window_us = PORT_READ_WINDOW_S * BASE_US_PER_S,
    .window_bytes = PORT_READ_WINDOW_S * PORT_READ_BYTES_PER_S,
};

static void sweep(PortConnection *connection, int64_t now_us)
{
    bool late = connection->deadline_us != 0 && now_us >= connection->deadline_us;
    late = late || (connection->reader != NULL &&
                    port_reader_late(connection->reader, now_us, PORT_HEADER_S * BASE_US_PER_S));
    if (late || port_wire_stuck(connection->wire, now_us, &patience)) {
        connection->deadline_us = 0;
        end(connection);
    }
}

void port_connections_sweep(PortConnections *connections, int64_t now_us)
{
    for (GList *at = connections->all.head; at != NULL;) {
        PortConnection *connection = at->data;
        at = at->next;
        sweep(connection, now_us);
    }
}

static gboolean on_sweep(gpointer data)
{
    port_connections_sweep(data, base_clock_us());
    return G_SOURCE_CONTINUE;
}

unsigned port_connections_count(const PortConnections *connections)
{
    return atomic_load_explicit(&connections->count, memory_order_relaxed);
}

unsigned port_connections_idle(const PortConnections *connections)
{
    return atomic_load_explicit(&connections->idle, memory_order_relaxed);
}

void port_connections_spare(PortConnections *connections, unsigned number)
{
    for (GList *at = connections->all.head; at != NULL && number > 0;) {
        PortConnection *connection = at->data;
        at = at->next;
        if (connection->idle) {
            end(connection);
            number--;
        }
    }
}

PortConnections *port_connections_new(const PortConnectionsConfig *config)
{
    PortConnections *connections = g_new0(PortConnections, 1);
    connections->config = *config;
    connections->poll = port_poller_new(config->context);
    connections->timer = g_timeout_source_new_seconds(SWEEP_S);
    g_source_set_callback(connections->timer, on_sweep, connections, NULL);
    g_source_attach(connections->timer, config->context);
    return connections;
}

void port_connections_free(PortConnections *connections)
{
    g_source_destroy(connections->timer);
    g_source_unref(connections->timer);
    if (connections->taker != NULL) {
        g_source_destroy(connections->taker);
        g_source_unref(connections->taker);
    }
    for (GList *at = connections->all.head; at != NULL;) {
        PortConnection *connection = at->data;
        at = at->next;
        end(connection);
    }
    port_poller_free(connections->poll);
    g_free(connections);
}

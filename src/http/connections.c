// SPDX-License-Identifier: GPL-3.0-or-later
// Connections, seen from outside libsoup: a limit to how long a request may take to arrive, and
// peers that go between two requests.
//
// libsoup 3.2 has no time-outs. And it forgets to close a connection that its peer closes while it
// is idle: it stays, descriptor and all, for as long as the server runs (mended in 3.3); once
// libsoup has read that end, the connection cannot even be stolen any more (it would crash). So the
// loop's poll is ours: whoever has gone is left out of what it tells libsoup, and cut here. (An
// epoll beside it is not enough: it may know of a reset some microseconds later than poll does.)
//
// A thousand players ask four times a second each, so nothing here is made or armed per request:
// GLib walks all its descriptors for each that is added or removed. One timer looks at all
// deadlines once a second. Http thread.
#include "http/private.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define SWEEP_S 1

typedef struct {
    GList link; // in `all`
    HttpConnections *connections;
    GSocket *socket; // weak: this goes with it
    int fd;
    SoupServerMessage *reading; // weak: libsoup may drop it without a signal
    SoupServerMessage *last; // what was answered while nothing follows: the way to the connection
    int64_t deadline_us;     // on which `reading` is cut; 0: none
} Connection;

struct HttpConnections {
    GQueue all;
    GHashTable *by_fd;
    GPtrArray *over; // SoupServerMessage: `last` of those whose peer has gone
    GSource *cutter, *timer;
};

static _Thread_local HttpConnections *polled; // a poll function is given no data

static GQuark connection_quark(void)
{
    static GQuark quark;
    if (quark == 0) {
        quark = g_quark_from_static_string("majlis-connection");
    }
    return quark;
}

/* Nullable: libsoup may have closed it. */
static GSocket *socket_of(SoupServerMessage *message)
{
    GSocket *socket = soup_server_message_get_socket(message);
    return socket != NULL && !g_socket_is_closed(socket) ? socket : NULL;
}

static Connection *find(SoupServerMessage *message)
{
    GSocket *socket = soup_server_message_get_socket(message);
    return socket != NULL ? g_object_get_qdata(G_OBJECT(socket), connection_quark()) : NULL;
}

static void set_messages(Connection *connection, SoupServerMessage *reading,
                         SoupServerMessage *last)
{
    g_set_weak_pointer(&connection->reading, reading);
    g_set_object(&connection->last, last);
}

/* The number may be another's by now. */
static void forget_fd(Connection *connection)
{
    gpointer key = GINT_TO_POINTER(connection->fd);
    if (g_hash_table_lookup(connection->connections->by_fd, key) == connection) {
        g_hash_table_remove(connection->connections->by_fd, key);
    }
}

static void on_socket_gone(gpointer data, GObject *socket)
{
    (void)socket;
    Connection *connection = data;
    set_messages(connection, NULL, NULL);
    forget_fd(connection);
    g_queue_unlink(&connection->connections->all, &connection->link);
    g_free(connection);
}

static Connection *connection_new(HttpConnections *connections, GSocket *socket)
{
    Connection *connection = g_new0(Connection, 1);
    connection->link.data = connection;
    connection->connections = connections;
    connection->socket = socket;
    connection->fd = g_socket_get_fd(socket);
    g_object_set_qdata(G_OBJECT(socket), connection_quark(), connection);
    g_object_weak_ref(G_OBJECT(socket), on_socket_gone, connection);
    g_queue_push_tail_link(&connections->all, &connection->link);
    g_hash_table_insert(connections->by_fd, GINT_TO_POINTER(connection->fd), connection);
    return connection;
}

/* Takes the connection from libsoup, which then forgets it, and closes it. This may free ours. */
static void cut(Connection *connection, SoupServerMessage *message)
{
    g_autoptr(SoupServerMessage) held = g_object_ref(message);
    set_messages(connection, NULL, NULL);
    connection->deadline_us = 0;
    g_autoptr(GIOStream) stream = soup_server_message_steal_connection(held);
    if (stream != NULL) {
        g_io_stream_close(stream, NULL, NULL);
    }
}

/* The peer has gone and all that it sent is read. */
static bool is_over(const Connection *connection)
{
    char byte;
    if (connection->last == NULL || g_socket_is_closed(connection->socket)) {
        return false;
    }
    ssize_t got = recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN);
}

G_STATIC_ASSERT(sizeof(GPollFD) == sizeof(struct pollfd));
G_STATIC_ASSERT(G_STRUCT_OFFSET(GPollFD, events) == G_STRUCT_OFFSET(struct pollfd, events));
G_STATIC_ASSERT(G_STRUCT_OFFSET(GPollFD, revents) == G_STRUCT_OFFSET(struct pollfd, revents));

/* POLLRDHUP would not do: a FIN can make a socket readable before it is told so. */
static gint poll_all(GPollFD *fds, guint count, gint timeout_ms)
{
    int ready = poll((struct pollfd *)fds, count, timeout_ms);
    for (guint i = 0; i < count && ready > 0; i++) {
        if (fds[i].revents == 0) {
            continue;
        }
        Connection *connection = g_hash_table_lookup(polled->by_fd, GINT_TO_POINTER(fds[i].fd));
        if (connection != NULL && is_over(connection)) {
            g_ptr_array_add(polled->over, g_object_ref(connection->last));
            fds[i].revents = 0;
        }
    }
    return ready;
}

static gboolean cutter_prepare(GSource *source, gint *timeout_ms)
{
    (void)source;
    *timeout_ms = -1;
    return polled->over->len > 0;
}

static gboolean cutter_check(GSource *source)
{
    (void)source;
    return polled->over->len > 0;
}

static gboolean cutter_dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    (void)source;
    (void)func;
    (void)data;
    g_autoptr(GPtrArray) over = polled->over;
    polled->over = g_ptr_array_new_with_free_func(g_object_unref);
    for (guint i = 0; i < over->len; i++) {
        Connection *connection = find(over->pdata[i]);
        if (connection != NULL && connection->last == over->pdata[i]) { // may be in it twice
            cut(connection, over->pdata[i]);
        }
    }
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs cutter_funcs = {
    .prepare = cutter_prepare, .check = cutter_check, .dispatch = cutter_dispatch};

static void sweep(Connection *connection, int64_t now_us)
{
    if (g_socket_is_closed(connection->socket)) {
        set_messages(connection, NULL, NULL); // libsoup closed it, and lets go of it now
        return;
    }
    if (connection->deadline_us != 0 && now_us >= connection->deadline_us) {
        connection->deadline_us = 0;
        if (connection->reading != NULL) {
            cut(connection, connection->reading);
        }
    }
}

static gboolean on_sweep(gpointer data)
{
    HttpConnections *connections = data;
    int64_t now_us = base_clock_us();
    for (GList *at = connections->all.head; at != NULL;) {
        Connection *connection = at->data;
        at = at->next;
        sweep(connection, now_us);
    }
    return G_SOURCE_CONTINUE;
}

/* libsoup keeps them once asked; later they may be gone. Of a peer that is gone already it would
 * warn, which anybody could fill the log with. */
static void keep_addresses(SoupServerMessage *message, GSocket *socket)
{
    g_autoptr(GSocketAddress) peer = g_socket_get_remote_address(socket, NULL);
    if (peer != NULL) {
        soup_server_message_get_remote_address(message);
        soup_server_message_get_local_address(message);
    }
}

void http_connection_next(HttpConnections *connections, SoupServerMessage *message, unsigned wait_s)
{
    GSocket *socket = socket_of(message);
    if (socket == NULL) {
        return;
    }
    Connection *connection = find(message);
    if (connection == NULL) {
        connection = connection_new(connections, socket);
        keep_addresses(message, socket);
    }
    set_messages(connection, message, NULL);
    connection->deadline_us = base_clock_us() + wait_s * BASE_US_PER_S;
}

void http_connection_arrived(SoupServerMessage *message, unsigned wait_s)
{
    Connection *connection = find(message);
    if (connection != NULL) {
        connection->deadline_us = wait_s > 0 ? base_clock_us() + wait_s * BASE_US_PER_S : 0;
    }
}

void http_connection_over(SoupServerMessage *message)
{
    Connection *connection = find(message);
    if (connection == NULL) {
        return;
    }
    // kept until the next request comes, which may be never: not what it was answered with, too
    soup_message_body_truncate(soup_server_message_get_response_body(message));
    set_messages(connection, NULL, message);
    connection->deadline_us = 0;
}

void http_connection_leave(SoupServerMessage *message)
{
    Connection *connection = find(message);
    if (connection == NULL) {
        return;
    }
    forget_fd(connection);
    set_messages(connection, NULL, NULL);
    connection->deadline_us = 0;
}

HttpConnections *http_connections_new(GMainContext *context)
{
    HttpConnections *connections = g_new0(HttpConnections, 1);
    connections->by_fd = g_hash_table_new(NULL, NULL);
    connections->over = g_ptr_array_new_with_free_func(g_object_unref);
    polled = connections;
    g_main_context_set_poll_func(context, poll_all);
    connections->cutter = g_source_new(&cutter_funcs, sizeof(GSource));
    g_source_set_priority(connections->cutter, G_PRIORITY_HIGH); // before libsoup's
    g_source_attach(connections->cutter, context);
    connections->timer = g_timeout_source_new_seconds(SWEEP_S);
    g_source_set_callback(connections->timer, on_sweep, connections, NULL);
    g_source_attach(connections->timer, context);
    return connections;
}

void http_connections_free(HttpConnections *connections)
{
    g_main_context_set_poll_func(g_source_get_context(connections->cutter), NULL);
    g_source_destroy(connections->cutter);
    g_source_unref(connections->cutter);
    g_source_destroy(connections->timer);
    g_source_unref(connections->timer);
    for (GList *at = connections->all.head; at != NULL;) { // replies that never went out hold them
        Connection *connection = at->data;
        at = at->next;
        g_object_weak_unref(G_OBJECT(connection->socket), on_socket_gone, connection);
        g_object_set_qdata(G_OBJECT(connection->socket), connection_quark(), NULL);
        on_socket_gone(connection, NULL);
    }
    g_ptr_array_unref(connections->over);
    g_hash_table_unref(connections->by_fd);
    g_free(connections);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// libsoup 3.2 has no time-outs and no limits. And it forgets to close a connection that its peer
// closes while it is idle: it stays for as long as the server runs (mended in 3.3); once libsoup
// has read that end, the connection cannot even be stolen any more (it would crash). So the end of
// an idle one is kept from it, and the connection taken away.
//
// A thousand players ask four times a second each, so nothing here is made or armed per request:
// GLib walks all its descriptors for each that is added or removed. One timer looks at all
// deadlines once a second.
//
// The way from a message to its connection is the address object that libsoup was given with it.
#include "http/connections.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "http/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SWEEP_S 1
#define WARN_EACH_US (60 * BASE_US_PER_S)

struct HttpConnection {
    GList link; // in `all`
    HttpConnections *connections;
    HttpWire *wire;
    HttpReader *reader; // nullable: until it is served
    GSocketAddress *remote;
    uint64_t key;
    bool counted, served;
    GSource *watch;          // nullable; until it is served
    SoupServerMessage *last; // what was answered while nothing follows: the way to take it away
    int64_t deadline_us;     // 0: none
    bool over;               // in `connections->over`
};

struct HttpConnections {
    HttpConnectionsConfig config;
    GQueue all;
    GHashTable *by_address; // key -> number of connections
    GHashTable *files;      // key -> number of answers from files
    GQueue over;            // HttpConnection: idle, and its peer has gone
    GSource *timer, *taker;
    int64_t warned_us; // of descriptors
};

static GQuark connection_quark(void)
{
    static GQuark quark;
    if (quark == 0) {
        quark = g_quark_from_static_string("majlis-connection");
    }
    return quark;
}

/* How many of one address */

uint64_t http_address_key(const struct sockaddr_storage *peer)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
    uint32_t four = 0;
    uint64_t prefix = 0;
    if (peer->ss_family == AF_INET) {
        four = ((const struct sockaddr_in *)peer)->sin_addr.s_addr;
    } else if (peer->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        memcpy(&four, six->sin6_addr.s6_addr + 12, sizeof four);
    } else if (peer->ss_family == AF_INET6) {
        memcpy(&prefix, six->sin6_addr.s6_addr, sizeof prefix);
        return prefix;
    }
    return UINT64_C(0xffff) << 32 | four; // no prefix of an address in use looks so
}

static unsigned count_of(GHashTable *table, uint64_t key)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(table, &key));
}

static void count(GHashTable *table, uint64_t key, int change)
{
    unsigned now = count_of(table, key) + (unsigned)change;
    if (now == 0) {
        g_hash_table_remove(table, &key);
    } else {
        g_hash_table_replace(table, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(now));
    }
}

static bool is_exempt(const HttpConnections *connections, GSocketAddress *remote)
{
    GInetAddress *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote));
    return http_proxies_know(connections->config.proxies, address);
}

/* One connection */

static void stop_watch(HttpConnection *connection)
{
    if (connection->watch != NULL) {
        g_source_destroy(connection->watch);
        g_clear_pointer(&connection->watch, g_source_unref);
    }
}

static void on_wire_closed(void *data)
{
    HttpConnection *connection = data;
    HttpConnections *connections = connection->connections;
    stop_watch(connection);
    g_clear_object(&connection->last);
    if (connection->counted) {
        count(connections->by_address, connection->key, -1);
    }
    if (connection->over) {
        g_queue_remove(&connections->over, connection);
    }
    g_queue_unlink(&connections->all, &connection->link);
    g_object_set_qdata(G_OBJECT(connection->remote), connection_quark(), NULL);
    g_object_unref(connection->remote);
    http_wire_unref(connection->wire);
    http_reader_unref(connection->reader);
    g_free(connection);
    base_descriptors_give(1);
}

/* Takes an idle one from libsoup, which then forgets it, and closes it. */
static void take_away(HttpConnection *connection)
{
    g_autoptr(SoupServerMessage) last = g_steal_pointer(&connection->last);
    g_autoptr(GIOStream) stream = soup_server_message_steal_connection(last);
    if (stream != NULL) {
        g_io_stream_close(stream, NULL, NULL);
    }
}

static void end(HttpConnection *connection)
{
    if (connection->last != NULL) {
        take_away(connection);
    } else if (connection->served) {
        http_wire_cut(connection->wire); // libsoup sees to the rest, as if the peer had gone
    } else {
        http_wire_close(connection->wire);
    }
}

static gboolean on_take(gpointer data)
{
    HttpConnections *connections = data;
    g_clear_pointer(&connections->taker, g_source_unref);
    for (HttpConnection *connection; (connection = g_queue_pop_head(&connections->over)) != NULL;) {
        connection->over = false;
        end(connection);
    }
    return G_SOURCE_REMOVE;
}

/* In the midst of libsoup's reading: not at once, but before it reads again. */
static bool on_wire_ended(void *data)
{
    HttpConnection *connection = data;
    HttpConnections *connections = connection->connections;
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

static void warn_full(HttpConnections *connections)
{
    int64_t now_us = base_clock_us();
    if (connections->warned_us == 0 || now_us - connections->warned_us >= WARN_EACH_US) {
        g_warning("connections are refused: they hold all file descriptors that are not reserved "
                  "for recordings; raise the limit (LimitNOFILE)");
        connections->warned_us = now_us;
    }
}

/* True: one more may come, and its descriptor is taken. */
static bool take_room(HttpConnections *connections, uint64_t key, bool counted)
{
    if (counted && count_of(connections->by_address, key) >= connections->config.most_per_address) {
        return false;
    }
    if (connections->all.length >= connections->config.most) {
        http_connections_spare(connections, 1);
    }
    if (connections->all.length >= connections->config.most) {
        return false;
    }
    if (!base_descriptors_take(1)) {
        http_connections_spare(connections, 1);
        if (!base_descriptors_take(1)) {
            warn_full(connections);
            return false;
        }
    }
    return true;
}

HttpConnection *http_connection_new(HttpConnections *connections, int fd,
                                    const struct sockaddr_storage *peer, unsigned size)
{
    g_autoptr(GSocketAddress) remote = g_socket_address_new_from_native((gpointer)peer, size);
    uint64_t key = http_address_key(peer);
    bool counted = !is_exempt(connections, remote);
    if (!take_room(connections, key, counted)) {
        close(fd);
        return NULL;
    }
    HttpConnection *connection = g_new0(HttpConnection, 1);
    connection->link.data = connection;
    connection->connections = connections;
    connection->remote = g_steal_pointer(&remote);
    connection->key = key;
    connection->counted = counted;
    connection->deadline_us = in_s(HTTP_HEADER_S);
    HttpWireEvents events = {.ended = on_wire_ended, .closed = on_wire_closed, .data = connection};
    connection->wire = http_wire_new(fd, &events);
    g_object_set_qdata(G_OBJECT(connection->remote), connection_quark(), connection);
    g_queue_push_tail_link(&connections->all, &connection->link);
    if (counted) {
        count(connections->by_address, key, 1);
    }
    return connection;
}

HttpWire *http_connection_wire(HttpConnection *connection)
{
    return connection->wire;
}

void http_connection_watch(HttpConnection *connection, GSource *source)
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

void http_connection_serve(HttpConnection *connection, SoupServer *server)
{
    g_autoptr(GSocketAddress) local = local_address(http_wire_fd(connection->wire));
    stop_watch(connection);
    if (local == NULL) {
        http_wire_close(connection->wire);
        return;
    }
    connection->served = true;
    connection->reader = http_reader_new(connection->wire);
    g_autoptr(GIOStream) stream = http_stream_new(connection->wire, connection->reader);
    soup_server_accept_iostream(server, stream, local, connection->remote, NULL);
}

/* Its messages */

HttpConnection *http_connection_of(SoupServerMessage *message)
{
    GSocketAddress *remote = soup_server_message_get_remote_address(message);
    return remote != NULL ? g_object_get_qdata(G_OBJECT(remote), connection_quark()) : NULL;
}

void http_connection_next(SoupServerMessage *message)
{
    HttpConnection *connection = http_connection_of(message);
    if (connection == NULL) {
        return;
    }
    if (connection->last != NULL) { // the first one's time runs from the accept
        connection->deadline_us = in_s(HTTP_HEADER_S);
        g_clear_object(&connection->last);
    }
}

void http_connection_arrived(SoupServerMessage *message, size_t bytes)
{
    HttpConnection *connection = http_connection_of(message);
    if (connection != NULL) {
        int64_t longest_s = HTTP_BODY_S + (int64_t)(bytes / HTTP_BODY_BYTES_PER_S);
        connection->deadline_us = bytes > 0 ? in_s(longest_s) : 0;
    }
}

void http_connection_over(SoupServerMessage *message)
{
    HttpConnection *connection = http_connection_of(message);
    if (connection == NULL) {
        return;
    }
    // kept until the next request comes, which may be never: not what it was answered with, too
    soup_message_body_truncate(soup_server_message_get_response_body(message));
    g_set_object(&connection->last, message);
    connection->deadline_us = in_s(HTTP_IDLE_S);
}

HttpFileShare http_file_share_begin(uint64_t key, bool exempt, HttpConnections *connections)
{
    count(connections->files, key, 1);
    return (HttpFileShare){.key = key, .exempt = exempt};
}

HttpFileShare http_file_share_of(SoupServerMessage *message, HttpConnections *connections)
{
    const HttpConnection *connection = http_connection_of(message);
    return connection != NULL
               ? http_file_share_begin(connection->key, !connection->counted, connections)
               : http_file_share_begin(0, false, connections);
}

void http_file_share_end(HttpFileShare share, HttpConnections *connections)
{
    count(connections->files, share.key, -1);
}

size_t http_file_share_bytes(HttpFileShare share, const HttpConnections *connections)
{
    size_t in_all = share.exempt ? HTTP_PROXY_FILE_BYTES : HTTP_FILE_BYTES;
    return CLAMP(in_all / MAX(count_of(connections->files, share.key), 1), HTTP_MIN_CHUNK_BYTES,
                 HTTP_MAX_CHUNK_BYTES);
}

const char *http_connection_range(SoupServerMessage *message)
{
    HttpConnection *connection = http_connection_of(message);
    return connection != NULL ? http_reader_range(connection->reader) : NULL;
}

void http_connection_refuse(SoupServerMessage *message, unsigned status, const char *detail)
{
    HttpConnection *connection = http_connection_of(message);
    if (connection != NULL) {
        http_reader_refuse(connection->reader, status, detail);
    }
}

void http_connection_cut(SoupServerMessage *message)
{
    HttpConnection *connection = http_connection_of(message);
    if (connection != NULL) {
        http_wire_cut(connection->wire);
    }
}

/* All of them */

static void sweep(HttpConnection *connection, int64_t now_us)
{
    bool late = connection->deadline_us != 0 && now_us >= connection->deadline_us;
    late = late || (connection->reader != NULL &&
                    http_reader_late(connection->reader, now_us, HTTP_HEADER_S * BASE_US_PER_S));
    if (late || http_wire_stuck(connection->wire, now_us, HTTP_WRITE_S * BASE_US_PER_S)) {
        connection->deadline_us = 0;
        end(connection);
    }
}

void http_connections_sweep(HttpConnections *connections, int64_t now_us)
{
    for (GList *at = connections->all.head; at != NULL;) {
        HttpConnection *connection = at->data;
        at = at->next;
        sweep(connection, now_us);
    }
}

static gboolean on_sweep(gpointer data)
{
    http_connections_sweep(data, base_clock_us());
    return G_SOURCE_CONTINUE;
}

unsigned http_connections_count(const HttpConnections *connections)
{
    return connections->all.length;
}

void http_connections_spare(HttpConnections *connections, unsigned number)
{
    for (GList *at = connections->all.head; at != NULL && number > 0;) {
        HttpConnection *connection = at->data;
        at = at->next;
        if (connection->last != NULL) {
            take_away(connection);
            number--;
        }
    }
}

HttpConnections *http_connections_new(const HttpConnectionsConfig *config)
{
    HttpConnections *connections = g_new0(HttpConnections, 1);
    connections->config = *config;
    if (config->most == 0) {
        connections->config.most = HTTP_MAX_CONNECTIONS;
    }
    if (config->most_per_address == 0) {
        connections->config.most_per_address = HTTP_MAX_PER_ADDRESS;
    }
    connections->by_address = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    connections->files = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    connections->timer = g_timeout_source_new_seconds(SWEEP_S);
    g_source_set_callback(connections->timer, on_sweep, connections, NULL);
    g_source_attach(connections->timer, config->context);
    return connections;
}

void http_connections_free(HttpConnections *connections)
{
    g_source_destroy(connections->timer);
    g_source_unref(connections->timer);
    if (connections->taker != NULL) {
        g_source_destroy(connections->taker);
        g_source_unref(connections->taker);
    }
    for (GList *at = connections->all.head; at != NULL;) {
        HttpConnection *connection = at->data;
        at = at->next;
        end(connection);
    }
    g_hash_table_unref(connections->by_address);
    g_hash_table_unref(connections->files);
    g_free(connections);
}

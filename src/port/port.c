// SPDX-License-Identifier: GPL-3.0-or-later
// Accepts connections and hands them to the serving threads; first bytes decide.
#include "port/port.h"

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/supervisor/sockets.h"
#include "protocol/stun.h"

#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
#define ACCEPTS_AT_ONCE 64 // then other sources run
#define BACK_OFF_MS 100    // out of descriptors
#define SPARED_AT_ONCE 16  // idle ones, when out of descriptors
#define FIRST_BYTES 3      // tell all kinds apart
#define PEEKED_BYTES 32
#define MAX_COMING 1024                            // on their way to other threads
#define MAX_BEYOND (BASE_DESCRIPTORS_RESERVED / 2) // such, beyond the budget of descriptors
#define PLAIN_HEAD_BYTES 8192
#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]"

typedef struct {
    Port *port;
    PortThread thread;
    atomic_uint coming; // connections posted to it
    atomic_uint beyond; // of these, without a descriptor of the budget
} Target;

struct Port {
    int fd;
    char *address;
    PortConfig config; // from port_start() on immutable, as `targets`
    Target targets[PORT_MAX_THREADS];
    GSource *listener, *back_off; // first thread

    pthread_mutex_t mutex;
    PortTls *tls; // nullable
};

PortFirst port_first_bytes(const uint8_t *bytes, size_t size)
{
    if (size < FIRST_BYTES) {
        return PORT_FIRST_MORE;
    }
    if (bytes[0] == 0x16 && bytes[1] == 3) { // handshake (RFC 8446 5.1)
        return PORT_FIRST_TLS;
    }
    bool blank = bytes[0] == '\r' && bytes[1] == '\n'; // RFC 9112 2.2
    if (blank && g_ascii_isupper(bytes[2])) {
        return PORT_FIRST_HTTP;
    }
    if (g_ascii_isupper(bytes[0]) && g_ascii_isupper(bytes[1]) && g_ascii_isupper(bytes[2])) {
        return PORT_FIRST_HTTP;
    }
    return protocol_is_framed_stun(bytes, size) ? PORT_FIRST_STUN : PORT_FIRST_JUNK;
}

/* Listening */

static GSocketAddress *parse_listen(const char *listen, GError **error)
{
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    guint64 port = colon != NULL ? g_ascii_strtoull(colon + 1, &end, 10) : 0;
    if (colon == NULL || end == colon + 1 || *end != '\0' || port > 65535) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "\"%s\" is not ADDRESS:PORT, like 127.0.0.1:8080 or [::]:8080", listen);
        return NULL;
    }
    g_autofree char *host = g_strndup(listen, (size_t)(colon - listen));
    size_t length = strlen(host);
    if (length > 1 && host[0] == '[' && host[length - 1] == ']') {
        memmove(host, host + 1, length);
        host[length - 2] = '\0';
    }
    const char *numeric = host[0] == '\0'                  ? "0.0.0.0"
                          : strcmp(host, "localhost") == 0 ? "127.0.0.1"
                                                           : host;
    GSocketAddress *address = g_inet_socket_address_new_from_string(numeric, (guint)port);
    if (address == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "\"%s\" is not a numeric address of this machine", host);
    }
    return address;
}

static int listen_on(GSocketAddress *address)
{
    struct sockaddr_storage name;
    gssize size = g_socket_address_get_native_size(address);
    int on = 1, off = 0, code;
    g_socket_address_to_native(address, &name, sizeof name, NULL);
    int fd = base_sockets_take(SOCK_STREAM, (struct sockaddr *)&name);
    if (fd >= 0) {
        return fd;
    }
    fd = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (name.ss_family == AF_INET6) { // both families
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (bind(fd, (struct sockaddr *)&name, (socklen_t)size) == 0 && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    code = errno;
    close(fd);
    return -code;
}

/* "ADDRESS:PORT", for local clients. NULL: see errno. */
static char *address_of(int fd)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    if (getsockname(fd, (struct sockaddr *)&name, &size) != 0) {
        return NULL;
    }
    g_autoptr(GSocketAddress) address = g_socket_address_new_from_native(&name, size);
    GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(address);
    GInetAddress *ip = g_inet_socket_address_get_address(inet);
    bool v6 = g_inet_address_get_family(ip) == G_SOCKET_FAMILY_IPV6;
    g_autofree char *text = g_inet_address_get_is_any(ip) ? g_strdup(v6 ? "::1" : "127.0.0.1")
                                                          : g_inet_address_to_string(ip);
    return g_strdup_printf(v6 ? "[%s]:%u" : "%s:%u", text, g_inet_socket_address_get_port(inet));
}

Port *port_new(const char *listen, GError **error)
{
    g_autoptr(GSocketAddress) address = parse_listen(listen, error);
    if (address == NULL) {
        return NULL;
    }
    int fd = listen_on(address);
    if (fd == -EADDRINUSE) {
        g_set_error(
            error, BASE_ERROR, BASE_ERROR_CONFLICT,
            "%s is in use by another program. Stop that one (\"ss -ltnp\" lists programs and "
            "ports) or choose another with --listen ADDRESS:PORT",
            listen);
        return NULL;
    }
    char *own = fd >= 0 ? address_of(fd) : NULL;
    if (own == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "cannot listen on %s: %s", listen,
                    g_strerror(fd >= 0 ? errno : -fd));
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    Port *port = g_new0(Port, 1);
    port->fd = fd;
    port->address = own;
    pthread_mutex_init(&port->mutex, NULL);
    return port;
}

const char *port_address(const Port *port)
{
    return port->address;
}

/* First bytes */

typedef struct {
    const Target *target;
    PortConnection *connection;
    GString *head; // of a plain request to a TLS port; else NULL
} Begin;

static void begin_free(gpointer data)
{
    Begin *begin = data;
    if (begin->head != NULL) {
        g_string_free(begin->head, TRUE);
    }
    g_free(begin);
}

static void watch(const Target *target, PortConnection *connection, GUnixFDSourceFunc func,
                  GString *head)
{
    Begin *begin = g_new(Begin, 1);
    *begin = (Begin){.target = target, .connection = connection, .head = head};
    int fd = port_wire_fd(port_connection_wire(connection));
    GSource *source = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_callback(source, G_SOURCE_FUNC(func), begin, begin_free);
    port_connection_watch(connection, source);
}

/* From Host, nullable. Redirects only its sender. */
static char *named_url(const char *head)
{
    const char *host = strcasestr(head, "\r\nHost:");
    if (host == NULL) {
        return NULL;
    }
    host += strlen("\r\nHost:");
    host += strspn(host, " \t");
    size_t length = strspn(host, HOST_CHARACTERS);
    bool whole = length > 0 && strchr(" \t\r", host[length]) != NULL;
    return whole ? g_strdup_printf("https://%.*s", (int)length, host) : NULL;
}

/* Only reads: requests in plain text have leaked their body. */
char *port_plain_answer(const char *head, const char *public_url)
{
    head += g_str_has_prefix(head, "\r\n") ? 2 : 0;
    size_t method = strcspn(head, " ");
    const char *target = head + method + (head[method] == ' ' ? 1 : 0);
    size_t length = 0;
    while (g_ascii_isgraph(target[length])) {
        length++;
    }
    bool reads = (method == 3 && strncmp(head, "GET", 3) == 0) ||
                 (method == 4 && strncmp(head, "HEAD", 4) == 0);
    g_autofree char *url = public_url != NULL ? g_strdup(public_url) : named_url(head);
    if (!reads || target[0] != '/' || url == NULL) {
        return g_strdup("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n"
                        "Content-Type: text/plain\r\nContent-Length: 28\r\n\r\n"
                        "This port speaks https only.");
    }
    return g_strdup_printf("HTTP/1.1 308 Permanent Redirect\r\nLocation: %s%.*s\r\n"
                           "Connection: close\r\nContent-Length: 0\r\n\r\n",
                           url, (int)length, target);
}

static gboolean on_plain(int fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    Begin *begin = data;
    PortWire *wire = port_connection_wire(begin->connection);
    char bytes[1024];
    ssize_t got = port_wire_read(wire, bytes, sizeof bytes);
    if (got == -EAGAIN) {
        return G_SOURCE_CONTINUE;
    }
    if (got > 0) {
        g_string_append_len(begin->head, bytes, got);
        bool whole = strstr(begin->head->str, "\r\n\r\n") != NULL;
        if (!whole && begin->head->len < PLAIN_HEAD_BYTES) {
            return G_SOURCE_CONTINUE;
        }
        g_autofree char *answer =
            port_plain_answer(begin->head->str, begin->target->port->config.public_url);
        port_wire_write(wire, answer, strlen(answer));
    }
    port_wire_close(wire); // and this source
    return G_SOURCE_REMOVE;
}

static void hand_over_stun(Port *port, PortConnection *connection)
{
    port->config.stun(port->config.data, port_wire_take(port_connection_wire(connection)));
}

/* Full ownership; NULL: no TLS. */
static PortTls *tls_of(Port *port)
{
    pthread_mutex_lock(&port->mutex);
    PortTls *tls = port->tls != NULL ? port_tls_ref(port->tls) : NULL;
    pthread_mutex_unlock(&port->mutex);
    return tls;
}

/* True: nothing to wait for; the connection may be gone. */
static bool decide(const Target *target, PortConnection *connection)
{
    Port *port = target->port;
    SoupServer *server = target->thread.server;
    g_autoptr(PortTls) tls = tls_of(port);
    PortWire *wire = port_connection_wire(connection);
    uint8_t bytes[PEEKED_BYTES];
    ssize_t got = recv(port_wire_fd(wire), bytes, sizeof bytes, MSG_PEEK);
    if (got < 0 && errno == EAGAIN) {
        return false;
    }
    PortFirst first = got > 0 ? port_first_bytes(bytes, (size_t)got) : PORT_FIRST_JUNK;
    if (first == PORT_FIRST_HTTP && tls != NULL) {
        watch(target, connection, on_plain, g_string_new(NULL));
    } else if (first == PORT_FIRST_HTTP) {
        port_connection_serve(connection, server);
    } else if (first == PORT_FIRST_TLS && tls != NULL) {
        port_wire_start_tls(wire, tls);
        port_connection_serve(connection, server);
    } else if (first == PORT_FIRST_STUN) {
        hand_over_stun(port, connection);
    } else if (first == PORT_FIRST_MORE) {
        return false;
    } else {
        port_wire_close(wire);
    }
    return true;
}

static void set_least(int fd, int bytes)
{
    setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

static gboolean on_first_bytes(int fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    Begin *begin = data;
    PortConnection *connection = begin->connection;
    set_least(fd, 1);
    if (!decide(begin->target, connection)) {
        port_wire_close(port_connection_wire(connection));
    }
    return G_SOURCE_REMOVE; // destroyed
}

static void begin(const Target *target, const PortAccepted *accepted)
{
    int fd = accepted->fd, on = 1, unsent = PORT_UNSENT_BYTES;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    PortConnection *connection = port_connection_new(target->thread.connections, accepted);
    if (connection != NULL && !decide(target, connection)) {
        set_least(fd, FIRST_BYTES); // or poll() returns for each byte
        watch(target, connection, on_first_bytes, NULL);
    }
}

/* To the serving threads */

typedef struct {
    Target *target;
    PortAccepted accepted;
} Hand;

static void on_handed(void *data)
{
    Hand *hand = data;
    begin(hand->target, &hand->accepted);
    atomic_fetch_sub(&hand->target->coming, 1);
    atomic_fetch_sub(&hand->target->beyond, !hand->accepted.budgeted);
    g_free(hand);
}

/* Fewest connections; if places or descriptors run out, most idle ones, and closes one. */
static Target *pick(Port *port, bool budgeted)
{
    bool full = !budgeted || port_totals_full(port->config.totals);
    Target *best = NULL;
    int64_t best_score = 0;
    for (unsigned i = 0; i < port->config.thread_count; i++) {
        Target *target = &port->targets[i];
        const PortConnections *connections = target->thread.connections;
        int64_t coming = atomic_load(&target->coming);
        int64_t score = full ? (int64_t)port_connections_idle(connections) - coming
                             : -(int64_t)port_connections_count(connections) - coming;
        if (best == NULL || score > best_score) {
            best = target;
            best_score = score;
        }
    }
    return best;
}

static void hand_over(Target *target, const PortAccepted *accepted)
{
    if (g_main_context_is_owner(target->thread.context)) {
        begin(target, accepted);
        return;
    }
    Hand *hand = g_new(Hand, 1);
    *hand = (Hand){.target = target, .accepted = *accepted};
    atomic_fetch_add(&target->coming, 1);
    atomic_fetch_add(&target->beyond, !accepted->budgeted);
    base_post(target->thread.context, on_handed, hand);
}

static bool is_behind(Port *port)
{
    unsigned coming = 0, beyond = 0;
    for (unsigned i = 0; i < port->config.thread_count; i++) {
        coming += atomic_load(&port->targets[i].coming);
        beyond += atomic_load(&port->targets[i].beyond);
    }
    return coming >= MAX_COMING || beyond >= MAX_BEYOND;
}

/* Accepting */

static void listen_now(Port *port);

static void stop_listening(Port *port)
{
    if (port->listener != NULL) {
        g_source_destroy(port->listener);
        g_clear_pointer(&port->listener, g_source_unref);
    }
}

static gboolean on_backed_off(gpointer data)
{
    Port *port = data;
    g_clear_pointer(&port->back_off, g_source_unref);
    listen_now(port);
    return G_SOURCE_REMOVE;
}

/* The socket stays readable meanwhile. */
static void pause_listening(Port *port)
{
    stop_listening(port);
    port->back_off = g_timeout_source_new(BACK_OFF_MS);
    g_source_set_callback(port->back_off, on_backed_off, port, NULL);
    g_source_attach(port->back_off, port->targets[0].thread.context);
}

static void on_spare(void *data)
{
    port_connections_spare(data, SPARED_AT_ONCE);
}

/* Closes idle connections of each thread. */
static void free_descriptors(Port *port)
{
    port_totals_warn(port->config.totals, "no descriptors are left for new connections: raise the "
                                          "limit (LimitNOFILE)");
    on_spare(port->targets[0].thread.connections);
    for (unsigned i = 1; i < port->config.thread_count; i++) {
        const PortThread *thread = &port->targets[i].thread;
        base_post(thread->context, on_spare, thread->connections);
    }
}

/* False: none came, with errno. */
static bool accept_one(Port *port)
{
    PortAccepted accepted = {.size = sizeof accepted.peer};
    accepted.fd = accept4(port->fd, (struct sockaddr *)&accepted.peer, &accepted.size,
                          SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted.fd < 0) {
        return false;
    }
    accepted.budgeted = base_descriptors_take(1);
    hand_over(pick(port, accepted.budgeted), &accepted);
    return true;
}

static gboolean on_connection(int fd, GIOCondition condition, gpointer data)
{
    (void)fd, (void)condition;
    Port *port = data;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        if (is_behind(port)) {
            pause_listening(port);
            return G_SOURCE_REMOVE;
        }
        if (accept_one(port)) {
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            free_descriptors(port);
            pause_listening(port);
            return G_SOURCE_REMOVE;
        }
        if (errno == EAGAIN) {
            break;
        } // else it has closed
    }
    return G_SOURCE_CONTINUE;
}

static void listen_now(Port *port)
{
    port->listener = g_unix_fd_source_new(port->fd, G_IO_IN);
    g_source_set_callback(port->listener, G_SOURCE_FUNC(on_connection), port, NULL);
    g_source_attach(port->listener, port->targets[0].thread.context);
}

void port_start(Port *port, const PortConfig *config)
{
    g_assert(config->thread_count > 0 && config->thread_count <= PORT_MAX_THREADS);
    port->config = *config;
    port->config.threads = NULL; // copied
    for (unsigned i = 0; i < config->thread_count; i++) {
        port->targets[i].port = port;
        port->targets[i].thread = config->threads[i];
    }
    listen_now(port);
}

void port_set_tls(Port *port, PortTls *tls)
{
    pthread_mutex_lock(&port->mutex);
    PortTls *before = port->tls;
    port->tls = port_tls_ref(tls);
    pthread_mutex_unlock(&port->mutex);
    port_tls_unref(before);
}

void port_stop(Port *port)
{
    stop_listening(port);
    if (port->back_off != NULL) {
        g_source_destroy(port->back_off);
        g_clear_pointer(&port->back_off, g_source_unref);
    }
    if (port->fd >= 0) {
        close(port->fd); // no waiting in the backlog
        port->fd = -1;
    }
}

void port_free(Port *port)
{
    if (port != NULL) {
        port_stop(port);
        port_tls_unref(port->tls);
        pthread_mutex_destroy(&port->mutex);
        g_free(port->address);
        g_free(port);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The listener for scrapes.
#include "metrics/listener.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/supervisor/sockets.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SWEEP_S 1
#define SEND_BUFFER_BYTES (1024 * 1024) // an answer fits: one write
#define BACKLOG 16

struct MetricsListener {
    Metrics *metrics;
    BaseLoop *loop;
    int fd;
    atomic_uint asked; // posts to main

    // loop's thread
    GSource *acceptor, *sweeper;
    GPtrArray *connections; // Connection
};

typedef struct {
    MetricsListener *listener;
    int fd;
    GSource *readable; // NULL: main works on the answer
    int64_t since_us;
    bool answered; // waits for the peer's close
    size_t size;
    char head[METRICS_HEAD_BYTES];
} Connection;

typedef struct {
    Connection *connection;
    bool open;
    GBytes *text;
} Ask;

/* A field's value, in lower case; NULL: none. */
static char *find_field(const char *head, const char *name)
{
    g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
    size_t length = strlen(name);
    for (char **line = lines; *line != NULL; line++) {
        if (g_ascii_strncasecmp(*line, name, length) == 0 && (*line)[length] == ':') {
            return g_ascii_strdown(*line + length + 1, -1);
        }
    }
    return NULL;
}

MetricsAsk metrics_read_head(const char *head, size_t size, bool *out_open)
{
    const char *end = memmem(head, size, "\r\n\r\n", 4);
    if (end == NULL) {
        return size < METRICS_HEAD_BYTES ? METRICS_ASK_MORE : METRICS_ASK_BAD;
    }
    if (memchr(head, '\0', (size_t)(end - head)) != NULL) {
        return METRICS_ASK_BAD;
    }
    g_autofree char *text = g_strndup(head, (size_t)(end - head));
    g_autofree char *line = g_strndup(text, strcspn(text, "\r"));
    g_auto(GStrv) words = g_strsplit(line, " ", 4);
    if (g_strv_length(words) != 3 || !g_str_has_prefix(words[2], "HTTP/1.")) {
        return METRICS_ASK_BAD;
    }
    words[1][strcspn(words[1], "?")] = '\0';
    if (strcmp(words[1], "/metrics") != 0) {
        return METRICS_ASK_NOT_FOUND;
    }
    g_autofree char *accept = find_field(text, "Accept");
    *out_open = metrics_wants_open(accept);
    return strcmp(words[0], "GET") == 0 ? METRICS_ASK_TEXT : METRICS_ASK_METHOD;
}

static void stop_watching(Connection *connection)
{
    if (connection->readable != NULL) {
        g_source_destroy(connection->readable);
        g_clear_pointer(&connection->readable, g_source_unref);
    }
}

static void connection_free(Connection *connection)
{
    stop_watching(connection);
    g_ptr_array_remove_fast(connection->listener->connections, connection);
    close(connection->fd);
    g_free(connection);
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data);

static void watch(Connection *connection)
{
    connection->readable = g_unix_fd_source_new(connection->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(connection->readable, G_SOURCE_FUNC(on_readable), connection, NULL);
    g_source_attach(connection->readable, base_loop_context(connection->listener->loop));
}

/* Takes `body`. Waits for the peer's close, so that it reads all. */
static void answer(Connection *connection, const char *status, const char *type, GBytes *body)
{
    gsize size;
    const void *bytes = g_bytes_get_data(body, &size);
    g_autofree char *head = g_strdup_printf(
        "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n%sConnection: close\r\n\r\n",
        status, type, size, g_str_has_prefix(status, "405") ? "Allow: GET\r\n" : "");
    struct iovec pieces[] = {{.iov_base = head, .iov_len = strlen(head)},
                             {.iov_base = (void *)bytes, .iov_len = size}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = G_N_ELEMENTS(pieces)};
    ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    g_bytes_unref(body);
    if (sent != (ssize_t)(strlen(head) + size)) {
        connection_free(connection);
        return;
    }
    shutdown(connection->fd, SHUT_WR);
    connection->answered = true;
    if (connection->readable == NULL) {
        watch(connection);
    }
}

static void refuse(Connection *connection, const char *status, const char *text)
{
    answer(connection, status, "text/plain", g_bytes_new_static(text, strlen(text)));
}

static void on_text(void *data)
{
    g_autofree Ask *ask = data;
    answer(ask->connection, "200 OK", metrics_content_type(ask->open), ask->text);
}

/* Main thread. */
static void on_ask(void *data)
{
    Ask *ask = data;
    MetricsListener *listener = ask->connection->listener;
    ask->text = metrics_text(listener->metrics, ask->open);
    base_post(base_loop_context(listener->loop), on_text, ask);
    atomic_fetch_sub(&listener->asked, 1);
}

static void take_head(Connection *connection)
{
    bool open = false;
    switch (metrics_read_head(connection->head, connection->size, &open)) {
    case METRICS_ASK_MORE:
        break;
    case METRICS_ASK_TEXT: {
        stop_watching(connection);
        Ask *ask = g_new(Ask, 1);
        *ask = (Ask){.connection = connection, .open = open};
        atomic_fetch_add(&connection->listener->asked, 1);
        base_post(NULL, on_ask, ask);
        break;
    }
    case METRICS_ASK_NOT_FOUND:
        refuse(connection, "404 Not Found", "Only /metrics is served here.\n");
        break;
    case METRICS_ASK_METHOD:
        refuse(connection, "405 Method Not Allowed", "Only GET is served here.\n");
        break;
    case METRICS_ASK_BAD:
        refuse(connection, "400 Bad Request", "This is not an HTTP request.\n");
        break;
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    Connection *connection = data;
    char rest[METRICS_HEAD_BYTES];
    char *to = connection->answered ? rest : connection->head + connection->size;
    size_t room = connection->answered ? sizeof rest : sizeof rest - connection->size;
    ssize_t size = recv(fd, to, room, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (size <= 0) {
        connection_free(connection);
    } else if (!connection->answered) {
        connection->size += (size_t)size;
        take_head(connection);
    }
    return G_SOURCE_CONTINUE; // or its source is destroyed
}

/* False: main works for all. */
static bool spare_one(MetricsListener *listener)
{
    Connection *oldest = NULL;
    for (guint i = 0; i < listener->connections->len; i++) {
        Connection *one = listener->connections->pdata[i];
        if (one->readable != NULL && (oldest == NULL || one->since_us < oldest->since_us)) {
            oldest = one;
        }
    }
    if (oldest != NULL) {
        connection_free(oldest);
    }
    return oldest != NULL;
}

static gboolean on_accept(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    MetricsListener *listener = data;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (peer < 0) {
        return G_SOURCE_CONTINUE;
    }
    if (listener->connections->len >= METRICS_MAX_CONNECTIONS && !spare_one(listener)) {
        close(peer);
        return G_SOURCE_CONTINUE;
    }
    int size = SEND_BUFFER_BYTES;
    setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    Connection *connection = g_new0(Connection, 1);
    connection->listener = listener;
    connection->fd = peer;
    connection->since_us = base_clock_us();
    g_ptr_array_add(listener->connections, connection);
    watch(connection);
    return G_SOURCE_CONTINUE;
}

static gboolean on_sweep(gpointer data)
{
    MetricsListener *listener = data;
    int64_t before_us = base_clock_us() - METRICS_CONNECTION_S * BASE_US_PER_S;
    for (guint i = listener->connections->len; i > 0; i--) {
        Connection *connection = listener->connections->pdata[i - 1];
        if (connection->readable != NULL && connection->since_us < before_us) {
            connection_free(connection);
        }
    }
    return G_SOURCE_CONTINUE;
}

static int listen_on(const char *host, uint16_t port)
{
    const char *name = host[0] == '\0'                  ? "0.0.0.0"
                       : strcmp(host, "localhost") == 0 ? "127.0.0.1"
                                                        : host;
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(name, port);
    struct sockaddr_storage native;
    gssize size = address != NULL ? g_socket_address_get_native_size(address) : 0;
    if (size == 0 || !g_socket_address_to_native(address, &native, sizeof native, NULL)) {
        return -EINVAL;
    }
    int fd = base_sockets_take(SOCK_STREAM, (struct sockaddr *)&native);
    if (fd >= 0) {
        return fd;
    }
    fd = socket(native.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    if (fd < 0) {
        return -errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&native, (socklen_t)size) < 0 || listen(fd, BACKLOG) < 0) {
        int fault = -errno;
        close(fd);
        return fault;
    }
    return fd;
}

static void on_start(void *data)
{
    MetricsListener *listener = data;
    GMainContext *context = base_loop_context(listener->loop);
    listener->acceptor = g_unix_fd_source_new(listener->fd, G_IO_IN);
    g_source_set_callback(listener->acceptor, G_SOURCE_FUNC(on_accept), listener, NULL);
    g_source_attach(listener->acceptor, context);
    listener->sweeper = g_timeout_source_new_seconds(SWEEP_S);
    g_source_set_callback(listener->sweeper, on_sweep, listener, NULL);
    g_source_attach(listener->sweeper, context);
}

MetricsListener *metrics_listener_new(Metrics *metrics, const char *host, uint16_t port,
                                      GError **error)
{
    int fd = listen_on(host, port);
    if (fd < 0) {
        g_set_error(error, BASE_ERROR, fd == -EADDRINUSE ? BASE_ERROR_CONFLICT : BASE_ERROR_FAILED,
                    "[metrics] listen: cannot listen on %s port %u: %s. Choose another address, or "
                    "stop the program that has it (\"ss -ltnp\" lists programs and ports)",
                    host[0] != '\0' ? host : "all interfaces", port, g_strerror(-fd));
        return NULL;
    }
    MetricsListener *listener = g_new0(MetricsListener, 1);
    listener->metrics = metrics;
    listener->fd = fd;
    listener->connections = g_ptr_array_new();
    listener->loop = base_loop_new("metrics");
    base_loop_call(listener->loop, on_start, listener);
    return listener;
}

char *metrics_listener_address(const MetricsListener *listener)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    if (getsockname(listener->fd, (struct sockaddr *)&name, &size) != 0) {
        return g_strdup("");
    }
    g_autoptr(GSocketAddress) address = g_socket_address_new_from_native(&name, size);
    return g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(address));
}

static void on_stop(void *data)
{
    MetricsListener *listener = data;
    g_source_destroy(listener->acceptor);
    g_source_unref(listener->acceptor);
    g_source_destroy(listener->sweeper);
    g_source_unref(listener->sweeper);
    for (guint i = 0; i < listener->connections->len; i++) {
        stop_watching(listener->connections->pdata[i]);
    }
}

static void on_end(void *data)
{
    MetricsListener *listener = data;
    while (listener->connections->len > 0) {
        connection_free(listener->connections->pdata[0]);
    }
}

void metrics_listener_free(MetricsListener *listener)
{
    if (listener == NULL) {
        return;
    }
    base_loop_call(listener->loop, on_stop, listener);
    while (atomic_load(&listener->asked) > 0) {
        g_main_context_iteration(NULL, TRUE); // on_ask(): it has a connection
    }
    base_loop_call(listener->loop, on_end, listener); // after on_text()
    base_loop_free(listener->loop);
    close(listener->fd);
    g_ptr_array_unref(listener->connections);
    g_free(listener);
}

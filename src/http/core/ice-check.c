// SPDX-License-Identifier: GPL-3.0-or-later
// Asks a STUN or TURN server (RFC 8489; RFC 8656 7.1); any reply counts.
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "http/core/ice.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

#define LIMIT_MS 2000
#define RESEND_MS 500 // RFC 8489 6.2.1, not doubled
#define HEAD_BYTES 20
#define COOKIE_AT 4
#define TRANSACTION_AT 8

typedef struct {
    const char *host_port;
    bool turn, tls, udp;
} IceServer;

typedef struct {
    bool done;
    GSocketConnection *connection;
    GError *error;
} Connecting;

static void on_connected(GObject *client, GAsyncResult *result, gpointer data)
{
    Connecting *connecting = data;
    connecting->connection =
        g_socket_client_connect_finish(G_SOCKET_CLIENT(client), result, &connecting->error);
    connecting->done = true;
}

static gboolean on_limit(gpointer cancellable)
{
    g_cancellable_cancel(cancellable);
    return G_SOURCE_REMOVE;
}

static GSocketConnection *connect_to(const IceServer *server, GError **error)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GSource) limit = g_timeout_source_new(LIMIT_MS);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    Connecting connecting = {0};
    g_main_context_push_thread_default(context);
    g_source_set_callback(limit, on_limit, cancellable, NULL);
    g_source_attach(limit, context);
    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_socket_type(client,
                                    server->udp ? G_SOCKET_TYPE_DATAGRAM : G_SOCKET_TYPE_STREAM);
    g_socket_client_connect_to_host_async(client, server->host_port, server->tls ? 5349 : 3478,
                                          cancellable, on_connected, &connecting);
    while (!connecting.done) {
        g_main_context_iteration(context, TRUE);
    }
    g_source_destroy(limit);
    g_main_context_pop_thread_default(context);
    if (g_error_matches(connecting.error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_clear_error(&connecting.error);
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE, "no answer within 2 s");
    } else if (connecting.error != NULL) {
        g_propagate_error(error, connecting.error);
    }
    return connecting.connection;
}

static void set_blocking(int fd, int wait_ms)
{
    struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
}

/* Binding, or Allocate for UDP. Returns the size. */
static size_t write_request(bool turn, uint8_t out[HEAD_BYTES + 8])
{
    static const uint8_t transport[8] = {0x00, 0x19, 0x00, 0x04, 17}; // REQUESTED-TRANSPORT: UDP
    static const uint8_t cookie[4] = {0x21, 0x12, 0xA4, 0x42};
    size_t size = turn ? sizeof transport : 0;
    memcpy(out, (const uint8_t[]){0, turn ? 3 : 1, 0, (uint8_t)size}, 4);
    memcpy(out + COOKIE_AT, cookie, sizeof cookie);
    base_random(out + TRANSACTION_AT, HEAD_BYTES - TRANSACTION_AT);
    memcpy(out + HEAD_BYTES, transport, size);
    return HEAD_BYTES + size;
}

static bool answers(const uint8_t *request, const uint8_t *reply)
{
    return (reply[0] & 0x01) != 0 &&
           memcmp(request + COOKIE_AT, reply + COOKIE_AT, HEAD_BYTES - COOKIE_AT) == 0;
}

static bool ask_udp(int fd, const uint8_t *request, size_t size)
{
    uint8_t reply[1500];
    set_blocking(fd, RESEND_MS);
    for (int i = 0; i < LIMIT_MS / RESEND_MS; i++) {
        int64_t sent_us = base_clock_us();
        ssize_t got = send(fd, request, size, 0) < 0 ? -1 : recv(fd, reply, sizeof reply, 0);
        if (got >= HEAD_BYTES && answers(request, reply)) {
            return true;
        }
        int64_t left_us = RESEND_MS * BASE_US_PER_MS - (base_clock_us() - sent_us);
        if (got < 0 && errno != EAGAIN && left_us > 0) {
            g_usleep((gulong)left_us); // perhaps starting
        }
    }
    return false;
}

static ssize_t take(SSL *ssl, int fd, uint8_t *to, size_t size)
{
    return ssl != NULL ? SSL_read(ssl, to, (int)size) : recv(fd, to, size, 0);
}

static bool ask_stream(SSL *ssl, int fd, const uint8_t *request, size_t size)
{
    uint8_t reply[HEAD_BYTES];
    ssize_t put = ssl != NULL ? SSL_write(ssl, request, (int)size) : send(fd, request, size, 0);
    size_t got = 0;
    for (ssize_t more = put; more > 0 && got < sizeof reply; got += (size_t)MAX(more, 0)) {
        more = take(ssl, fd, reply + got, sizeof reply - got);
    }
    return got == sizeof reply && answers(request, reply);
}

static bool ask_tls(const IceServer *server, int fd, const uint8_t *request, size_t size,
                    GError **error)
{
    g_autoptr(GSocketConnectable) name = g_network_address_parse(server->host_port, 0, NULL);
    const char *host = g_network_address_get_hostname(G_NETWORK_ADDRESS(name));
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_default_verify_paths(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (g_hostname_is_ip_address(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
    } else {
        SSL_set_tlsext_host_name(ssl, host);
        SSL_set1_host(ssl, host);
    }
    bool shaken = SSL_connect(ssl) == 1;
    long refused = SSL_get_verify_result(ssl);
    bool good = shaken && ask_stream(ssl, fd, request, size);
    if (!shaken && refused != X509_V_OK) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID, "its certificate is refused: %s",
                    X509_verify_cert_error_string(refused));
    } else if (!shaken) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE, "it does not speak TLS there");
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
    return good;
}

static bool ask(const IceServer *server, GError **error)
{
    g_autoptr(GSocketConnection) connection = connect_to(server, error);
    if (connection == NULL) {
        return false;
    }
    int fd = g_socket_get_fd(g_socket_connection_get_socket(connection));
    uint8_t request[HEAD_BYTES + 8];
    size_t size = write_request(server->turn, request);
    bool good;
    if (server->udp) {
        good = ask_udp(fd, request, size);
    } else {
        set_blocking(fd, LIMIT_MS);
        good = server->tls ? ask_tls(server, fd, request, size, error)
                           : ask_stream(NULL, fd, request, size);
    }
    if (!good && error != NULL && *error == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE, "no %s answer within 2 s",
                    server->turn ? "TURN" : "STUN");
    }
    return good;
}

bool http_ice_check(const char *text, GError **error)
{
    const char *host = strchr(text, ':') + 1;
    g_autofree char *host_port = g_strndup(host, strcspn(host, "?"));
    IceServer server = {.host_port = host_port,
                        .turn = text[0] == 't',
                        .tls = host[-2] == 's',
                        .udp = host[-2] != 's' && !g_str_has_suffix(text, "?transport=tcp")};
    g_autoptr(GError) why = NULL;
    if (ask(&server, &why)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                "[rtc] ice_servers %s cannot be reached over %s: %s. Viewers behind a firewall may "
                "get no picture by WebRTC. Start that server, let its port through the firewall, "
                "or correct its address.",
                text,
                server.udp   ? "UDP"
                : server.tls ? "TLS"
                             : "TCP",
                why->message);
    return false;
}

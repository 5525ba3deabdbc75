// SPDX-License-Identifier: GPL-3.0-or-later
// The route /ws: checks the handshake and passes the connection to the hub (first thread). The
// relay stays on the connection's thread.
#include "http/fields/handshake.h"
#include "http/resources.h"

#include <string.h>

static void add_header(const char *name, const char *value, gpointer data)
{
    http_handshake_add(data, name, value);
}

static char *make_head(HttpRequest *request, GError **error)
{
    HttpHandshake handshake = {0};
    SoupServerMessage *message = request->message;
    soup_message_headers_foreach(soup_server_message_get_request_headers(message), add_header,
                                 &handshake);
    bool can_upgrade = soup_server_message_get_method(message) == SOUP_METHOD_GET &&
                       soup_server_message_get_http_version(message) == SOUP_HTTP_1_1;
    char *head = NULL;
    if (!can_upgrade) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "A websocket begins with GET, by HTTP/1.1.");
    } else if (http_handshake_check(&handshake, error)) {
        head = http_handshake_head(&handshake);
    }
    http_handshake_clear(&handshake);
    return head;
}

/* The hub's descriptor; -1: none left. */
static int take_socket(HttpRequest *request, PortConnection *connection)
{
    PortWire *wire = port_connection_wire(connection);
    const char *early;
    size_t size = port_connection_early(connection, &early);
    int fd = port_relay_start(request->thread->relays, wire, early, size);
    if (fd >= 0) {
        soup_server_message_pause(request->message);
        http_request_let_go(request);
        g_autoptr(GIOStream) stream = soup_server_message_steal_connection(request->message);
        g_io_stream_close(stream, NULL, NULL); // its wire is closed already
    }
    return fd;
}

/* More early bytes than the relay holds. */
static bool is_hasty(const PortConnection *connection)
{
    const char *early;
    return port_connection_early(connection, &early) > PORT_RELAY_BUFFER_BYTES;
}

typedef struct {
    Qa *qa;
    int fd;
    char *head;
    AuthIdentity *who;
    uint8_t sign_in[AUTH_HASH_BYTES];
} Adoption;

static void on_adopt(void *data)
{
    Adoption *adoption = data;
    qa_adopt(adoption->qa, adoption->fd, adoption->head, strlen(adoption->head), adoption->who,
             adoption->sign_in);
    auth_identity_unref(adoption->who);
    g_free(adoption->head);
    g_free(adoption);
}

/* Cross-site requests are anonymous: take_secret() ignored their cookie. */
void http_on_socket(Http *http, HttpRequest *request)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *head = make_head(request, &error);
    if (head == NULL) {
        http_header(request, "Upgrade", "websocket");
        http_header(request, "Sec-WebSocket-Version", HTTP_SOCKET_VERSION);
        http_reply_error(request, error);
        return;
    }
    if (!qa_has_room(http->services.qa, request->who)) { // the relay takes two descriptors
        http_header(request, "Connection", "close");
        http_reply_problem(request, BASE_CODE_LIMIT,
                           "Too many pages are open, of yours or in all. Close one of yours, or "
                           "try again in a moment.");
        return;
    }
    PortConnection *connection = port_connection_of(request->message);
    if (connection != NULL && is_hasty(connection)) {
        http_header(request, "Connection", "close");
        http_reply_problem(request, BASE_CODE_INVALID,
                           "Too much was sent before the answer: wait for 101 (RFC 6455 4.1).");
        return;
    }
    int fd = connection != NULL ? take_socket(request, connection) : -1;
    if (fd < 0) {
        http_reply_problem(request, BASE_CODE_UNAVAILABLE,
                           "The server has too many connections. Try again in a moment.");
        return;
    }
    Adoption *adoption = g_new(Adoption, 1);
    *adoption = (Adoption){.qa = http->services.qa,
                           .fd = fd,
                           .head = g_steal_pointer(&head),
                           .who = auth_identity_ref(request->who)};
    auth_secret_hash(request->token, adoption->sign_in);
    request->status = SOUP_STATUS_SWITCHING_PROTOCOLS; // by the hub
    base_post(base_loop_context(http->threads[0].loop), on_adopt, adoption);
    http_request_free(request);
}

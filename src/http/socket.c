// SPDX-License-Identifier: GPL-3.0-or-later
// The websocket's way in: checks the handshake, takes the socket from libsoup and hands it to the
// hub with a head of our own writing. Http thread.
#include "http/handshake.h"
#include "http/private.h"

#include <string.h>

static void add_header(const char *name, const char *value, gpointer data)
{
    http_handshake_add(data, name, value);
}

/* The head for the hub, or NULL with an error. Full ownership. */
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

/* The hub's descriptor, or -1 where too few are left: then nothing has changed. */
static int take_socket(Http *http, HttpRequest *request, HttpConnection *connection)
{
    HttpWire *wire = http_connection_wire(connection);
    int fd = http_relay_start(http->relays, wire);
    if (fd >= 0) {
        soup_server_message_pause(request->message);
        http_request_let_go(request);
        g_autoptr(GIOStream) stream = soup_server_message_steal_connection(request->message);
        g_io_stream_close(stream, NULL, NULL); // libsoup's, around a wire that is closed already
    }
    return fd;
}

/* A browser always sends Origin; a page of another site must not ride on the cookie. take_secret()
 * has left such a request without one; with a bearer token there is no cookie to ride on. */
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
    if (!qa_has_room(http->rooms.qa, request->who)) { // before the relay takes two descriptors
        http_header(request, "Connection", "close");
        http_reply_problem(request, BASE_ERROR_LIMIT,
                           "Too many pages are open, of yours or in all. Close one of yours, or "
                           "try again in a moment.");
        return;
    }
    HttpConnection *connection = http_connection_of(request->message);
    int fd = connection != NULL ? take_socket(http, request, connection) : -1;
    if (fd < 0) {
        http_reply_problem(request, BASE_ERROR_UNAVAILABLE,
                           "The server has too many connections. Try again in a moment.");
        return;
    }
    uint8_t sign_in[AUTH_HASH_BYTES];
    auth_secret_hash(request->token, sign_in);
    qa_adopt(http->rooms.qa, fd, head, strlen(head), request->who, sign_in);
    http_request_free(request);
}

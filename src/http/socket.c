// SPDX-License-Identifier: GPL-3.0-or-later
// The websocket's way in: checks the upgrade, takes the socket from libsoup and hands it to the hub
// with the request head written again (RFC 6455 4.2). Http thread.
#include "http/private.h"

#include <string.h>

static void append_header(const char *name, const char *value, gpointer data)
{
    g_string_append_printf(data, "%s: %s\r\n", name, value);
}

static char *rebuild_head(HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    GString *head = g_string_new("GET /ws HTTP/1.1\r\n");
    soup_message_headers_remove(headers, "Cookie"); // the hub gets the identity, not the secret
    soup_message_headers_remove(headers, "Authorization");
    soup_message_headers_foreach(headers, append_header, head);
    g_string_append(head, "\r\n");
    return g_string_free(head, FALSE);
}

static bool wants_upgrade(HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *upgrade = soup_message_headers_get_one(headers, "Upgrade");
    return upgrade != NULL && g_ascii_strcasecmp(upgrade, "websocket") == 0 &&
           soup_message_headers_get_one(headers, "Sec-WebSocket-Key") != NULL;
}

/* A browser always sends Origin; a page of another site must not ride on the cookie. identify() has
 * left such a request without an identity; with a bearer token there is no cookie to ride on. */
void http_on_socket(Http *http, HttpRequest *request)
{
    if (!wants_upgrade(request)) {
        http_header(request, "Upgrade", "websocket");
        http_reply_problem(request, BASE_ERROR_INVALID,
                           "This address speaks websocket (subprotocol majlis.v1) only.");
        return;
    }
    HttpConnection *connection = http_connection_of(request->message);
    if (connection == NULL) {
        http_reply_problem(request, BASE_ERROR_UNAVAILABLE, "The connection is closed.");
        return;
    }
    g_autofree char *head = rebuild_head(request);
    soup_server_message_pause(request->message);
    http_request_let_go(request);
    HttpWire *wire = http_connection_wire(connection);
    int fd = http_wire_is_tls(wire) ? http_relay_start(http->relays, wire) : http_wire_take(wire);
    g_autoptr(GIOStream) stream = soup_server_message_steal_connection(request->message);
    g_io_stream_close(stream, NULL, NULL); // libsoup's, around a wire that is closed already
    if (fd < 0) {
        http_request_free(request);
        return;
    }
    qa_adopt(http->rooms.qa, fd, head, strlen(head), request->who);
    http_request_free(request);
}

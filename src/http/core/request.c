// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of a request.
#include "base/clock.h"
#include "base/id.h"
#include "http/core/core.h"

#include <string.h>

#define REQUEST_KEY "majlis-request"

static HttpRequest *request_new(HttpThread *thread)
{
    HttpRequest *request = g_new0(HttpRequest, 1);
    request->http = thread->http;
    request->thread = thread;
    request->id = base_id_new(BASE_ID_LENGTH);
    request->begun_us = base_clock_us();
    return request;
}

HttpRequest *http_request_new_direct(HttpThread *thread, PortConnection *connection)
{
    HttpRequest *request = request_new(thread);
    request->connection = connection;
    port_connection_set_request(connection, request);
    return request;
}

HttpRequest *http_request_new(HttpThread *thread, SoupServerMessage *message)
{
    HttpRequest *request = request_new(thread);
    request->message = g_object_ref(message);
    request->body = g_byte_array_new();
    const char *query = g_uri_get_query(soup_server_message_get_uri(message));
    request->query = g_strdup(query);
    request->range = g_strdup(port_connection_range(message));
    g_object_set_data(G_OBJECT(message), REQUEST_KEY, request);
    return request;
}

HttpRequest *http_request_take(SoupServerMessage *message)
{
    return g_object_steal_data(G_OBJECT(message), REQUEST_KEY);
}

const char *http_accept_encoding(const HttpRequest *request)
{
    if (request->message == NULL) {
        return request->accept_encoding;
    }
    return soup_message_headers_get_list(soup_server_message_get_request_headers(request->message),
                                         "Accept-Encoding");
}

void http_header(HttpRequest *request, const char *name, const char *value)
{
    unsigned i = 0;
    while (i < request->header_count && g_ascii_strcasecmp(request->headers[i].name, name) != 0) {
        i++;
    }
    g_assert(i < HTTP_MAX_HEADERS);
    request->header_count = MAX(request->header_count, i + 1);
    request->headers[i].name = name;
    g_free(request->headers[i].value);
    request->headers[i].value = g_strdup(value);
}

void http_request_let_go(HttpRequest *request)
{
    g_clear_signal_handler(&request->on_chunk, request->message);
    g_clear_signal_handler(&request->on_gone, request->message);
}

void http_request_free(HttpRequest *request)
{
    HttpSyncReply *sync = request->thread->sync;
    if (sync != NULL && sync->request == request) {
        sync->request = NULL;
    }
    if (request->message != NULL) {
        http_request_let_go(request);
    }
    if (request->uploads) {
        atomic_fetch_sub(&request->http->uploads, 1);
    }
    http_count_request(request);
    if (request->http->log_requests) {
        http_log_request(request);
    }
    for (int i = 0; i < HTTP_MAX_PARAMS; i++) {
        g_free(request->params[i]);
    }
    g_free(request->session);
    g_free(request->id);
    g_free(request->query);
    g_free(request->range);
    g_clear_pointer(&request->who, auth_identity_unref);
    g_free(request->token);
    g_free(request->address);
    g_free(request->accept_encoding);
    g_clear_pointer(&request->body, g_byte_array_unref);
    g_clear_pointer(&request->lead, g_bytes_unref);
    g_clear_pointer(&request->content, g_bytes_unref);
    for (unsigned i = 0; i < request->header_count; i++) {
        g_free(request->headers[i].value);
    }
    g_clear_object(&request->message);
    g_free(request);
}

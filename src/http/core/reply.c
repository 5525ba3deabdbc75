// SPDX-License-Identifier: GPL-3.0-or-later
// Sends the one reply of a request.
#include "http/core/core.h"

#include <string.h>

void http_cors(const HttpRequest *request, SoupMessageHeaders *headers)
{
    if (request->own_right) {
        soup_message_headers_replace(headers, "Access-Control-Allow-Origin", "*");
        soup_message_headers_replace(headers, "Access-Control-Expose-Headers", BASE_CORS_EXPOSED);
    }
}

void http_put_headers(const HttpRequest *request, SoupMessageHeaders *headers)
{
    for (unsigned i = 0; i < request->header_count; i++) {
        soup_message_headers_replace(headers, request->headers[i].name, request->headers[i].value);
    }
}

void http_send_reply(HttpRequest *request)
{
    bool stopping = request->paused && !atomic_load(&request->http->serving);
    if (request->gone || stopping) { // nobody gets it
        request->status = 0;
        http_request_free(request);
        return;
    }
    if (request->message == NULL) {
        http_direct_send(request);
        return;
    }
    SoupServerMessage *message = request->message;
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    http_put_headers(request, headers);
    http_cors(request, headers);
    soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
    soup_message_headers_replace(headers, "X-Request-Id", request->id);
    if (soup_message_headers_get_one(headers, "Cache-Control") == NULL) {
        soup_message_headers_replace(headers, "Cache-Control", "no-store");
    }
    if (request->type != NULL) {
        soup_message_headers_set_content_type(headers, request->type, NULL);
    }
    if (request->content != NULL && soup_server_message_get_method(message) != SOUP_METHOD_HEAD) {
        SoupMessageBody *body = soup_server_message_get_response_body(message);
        if (request->lead != NULL) {
            soup_message_body_append_bytes(body, request->lead);
        }
        soup_message_body_append_bytes(body, request->content);
    } else if (request->content != NULL) {
        gsize lead = request->lead != NULL ? g_bytes_get_size(request->lead) : 0;
        soup_message_headers_set_content_length(
            headers, (goffset)(lead + g_bytes_get_size(request->content)));
    }
    if (request->status == SOUP_STATUS_NO_CONTENT) {
        // libsoup 3.2 closes after it; tell the client
        soup_message_headers_replace(headers, "Connection", "close");
    } else if (request->content == NULL && request->status != SOUP_STATUS_NOT_MODIFIED) {
        soup_message_headers_set_content_length(headers, 0);
    }
    soup_server_message_set_status(message, request->status, NULL);
    if (request->paused) {
        soup_server_message_unpause(message);
    }
    http_request_free(request);
}

static void on_reply(void *data)
{
    http_send_reply(data);
}

static void on_replies(void *data)
{
    HttpThread *thread = data;
    g_autoptr(GPtrArray) replies = g_steal_pointer(&thread->replies);
    thread->replies = g_ptr_array_new();
    for (guint i = 0; i < replies->len; i++) {
        http_send_reply(replies->pdata[i]);
    }
}

/* Later: the caller's list may hold the request. Replies share a post. */
static void reply_on_own_thread(HttpThread *thread, HttpRequest *request)
{
    if (thread->sync != NULL && thread->sync->request == request) {
        thread->sync->replied = true;
        return;
    }
    g_ptr_array_add(thread->replies, request);
    if (thread->replies->len == 1) {
        base_post(base_loop_context(thread->loop), on_replies, thread);
    }
}

void http_reply(HttpRequest *request, unsigned status, const char *type, GBytes *body)
{
    request->status = status;
    request->type = type;
    request->content = body;
    GMainContext *context = base_loop_context(request->thread->loop);
    if (g_main_context_is_owner(context)) {
        reply_on_own_thread(request->thread, request);
    } else {
        base_post(context, on_reply, request);
    }
}

void http_pass(HttpRequest *request)
{
    request->passed = true;
    reply_on_own_thread(request->thread, request);
}

void http_reply_json_text(HttpRequest *request, unsigned status, char *text)
{
    http_reply(request, status, "application/json", g_bytes_new_take(text, strlen(text)));
}

void http_reply_json(HttpRequest *request, unsigned status, json_t *json)
{
    char *text = base_json_text(json);
    json_decref(json);
    http_reply_json_text(request, status, text);
}

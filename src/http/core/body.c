// SPDX-License-Identifier: GPL-3.0-or-later
// A request's JSON body.
#include "http/core/core.h"

static bool is_json(HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *type = soup_message_headers_get_content_type(headers, NULL);
    return type == NULL || g_ascii_strcasecmp(type, "application/json") == 0;
}

json_t *http_request_json(HttpRequest *request)
{
    g_autoptr(GError) error = NULL;
    if (request->body->len > 0 && !is_json(request)) { // and no form of another site
        http_reply_status(request, 415, "Content-Type must be application/json.");
        return NULL;
    }
    const char *text = request->body->len > 0 ? (const char *)request->body->data : "{}";
    size_t size = request->body->len > 0 ? request->body->len : 2;
    json_t *json = base_json_parse_object(text, size, &error);
    if (json == NULL) {
        g_prefix_error(&error, "The body cannot be read: ");
        http_reply_error(request, error);
    }
    return json;
}

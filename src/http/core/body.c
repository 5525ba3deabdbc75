// SPDX-License-Identifier: GPL-3.0-or-later
// A request's JSON body, and the version that it changes.
#include "http/core/core.h"

#include <string.h>

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

char *http_if_match(const HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    return g_strdup(soup_message_headers_get_list(headers, "If-Match"));
}

bool http_matches(const char *seen, const char *version)
{
    g_autofree char *etag = g_strdup_printf("\"%s\"", version);
    g_auto(GStrv) tags = g_strsplit(seen != NULL ? seen : "*", ",", -1);
    for (char **tag = tags; *tag != NULL; tag++) {
        const char *one = g_strstrip(*tag);
        if (strcmp(one, "*") == 0 || strcmp(one, etag) == 0) {
            return true;
        }
    }
    return false;
}

static void reply_changed(HttpRequest *request)
{
    http_reply_status(request, 412,
                      "It was changed after you read it. Read it again, then decide.");
}

bool http_change_failed(HttpRequest *request, bool stale, const GError *error)
{
    if (stale) {
        reply_changed(request);
    } else if (error != NULL) {
        http_reply_error(request, error);
    }
    return stale || error != NULL;
}

bool http_is_current(HttpRequest *request, const char *version)
{
    g_autofree char *seen = http_if_match(request);
    bool current = http_matches(seen, version);
    if (!current) {
        reply_changed(request);
    }
    return current;
}

void http_set_version(HttpRequest *request, const char *version)
{
    g_autofree char *etag = g_strdup_printf("\"%s\"", version);
    http_header(request, "ETag", etag);
}

void http_reply_version(HttpRequest *request, unsigned status, json_t *json)
{
    http_set_version(request, json_string_value(json_object_get(json, "version")));
    http_reply_json(request, status, json);
}

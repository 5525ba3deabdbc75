// SPDX-License-Identifier: GPL-3.0-or-later
// Counts and logs finished requests, without secrets.
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "http/core/core.h"

#include <string.h>

#define MASK "…"
#define SEGMENT_MAX 40 // names of media files are shorter

/* A signed path, a viewer's resource, or a feed. */
static bool is_secret(const HttpRoute *route, int param)
{
    bool second = route->object == HTTP_OF_PATH || route->object == HTTP_OF_VIEWER;
    return second ? param == 1
                  : (route->object == HTTP_OF_FEED && param == 0) ||
                        (route->object == HTTP_OF_PUBLISHER && param == 2);
}

/* Of pages the first segment: /ar/i/CODE signs in. */
static void add_rest(GString *out, const char *rest, bool page)
{
    g_auto(GStrv) segments = g_strsplit(rest, "/", -1);
    for (char **segment = segments; *segment != NULL; segment++) {
        bool plain = strlen(*segment) <= SEGMENT_MAX && g_str_is_ascii(*segment) &&
                     !g_str_has_prefix(*segment, AUTH_PATH_PREFIX) &&
                     strspn(*segment, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789-_.") == strlen(*segment);
        bool shown = plain && (!page || segment == segments);
        g_string_append(out, segment > segments ? "/" : "");
        g_string_append(out, shown ? *segment : MASK);
        if (!shown && page) {
            return;
        }
    }
}

char *http_shown_path(const HttpRoute *route, char *const params[HTTP_MAX_PARAMS])
{
    if (route == NULL || route->pattern[0] != '/') {
        return g_strdup("/" MASK); // no route, or OPTIONS of any path
    }
    bool page =
        g_str_has_prefix(route->pattern, "/ar/") || g_str_has_prefix(route->pattern, "/en/");
    GString *out = g_string_new(NULL);
    int param = 0;
    for (const char *at = route->pattern; *at != '\0';) {
        if (g_str_has_prefix(at, "{*}")) {
            add_rest(out, params[param++], page);
            at += strlen("{*}");
        } else if (g_str_has_prefix(at, "{}")) {
            bool shown = !is_secret(route, param) && base_id_valid(params[param], BASE_ID_LENGTH);
            g_string_append(out, shown ? params[param] : MASK);
            param++;
            at += strlen("{}");
        } else {
            g_string_append_c(out, *at++);
        }
    }
    return g_string_free(out, FALSE);
}

static const char *session_of(const HttpRequest *request)
{
    HttpObject object = request->route != NULL ? request->route->object : HTTP_ANY;
    bool has = object == HTTP_OF_SESSION || object == HTTP_OF_INPUT || object == HTTP_OF_PATH ||
               object == HTTP_OF_VIEWER || object == HTTP_OF_PUBLISHER;
    return has && base_id_valid(request->params[0], BASE_ID_LENGTH) ? request->params[0] : "";
}

/* libsoup has not counted it yet. */
static goffset size_of(const HttpRequest *request)
{
    return (request->lead != NULL ? (goffset)g_bytes_get_size(request->lead) : 0) +
           (request->content != NULL ? (goffset)g_bytes_get_size(request->content) : 0);
}

static goffset bytes_of(const HttpRequest *request)
{
    SoupServerMessage *message = request->message;
    bool head = message != NULL && soup_server_message_get_method(message) == SOUP_METHOD_HEAD;
    if (request->status == 0 || head) {
        return 0;
    }
    return message == NULL || request->content != NULL
               ? size_of(request)
               : soup_message_headers_get_content_length(
                     soup_server_message_get_response_headers(message));
}

void http_count_request(const HttpRequest *request)
{
    unsigned class = request->status / 100;
    if (!request->passed) {
        class = class < HTTP_STATUS_CLASSES ? class : 0;
        atomic_fetch_add(&request->http->counts.answers[class], 1);
    }
}

void http_log_request(const HttpRequest *request)
{
    if (request->passed) {
        return; // libsoup's is logged
    }
    const AuthIdentity *who = request->who;
    int64_t took_us = base_clock_us() - request->begun_us;
    g_autofree char *path = http_shown_path(request->route, request->params);
    g_autofree char *code = g_strdup_printf("%u", request->status);
    const char *shown = request->status != 0 ? code : "cut";
    // others have no route, and are not shown
    const char *method = request->message == NULL ? "GET"
                         : request->route != NULL ? soup_server_message_get_method(request->message)
                                                  : MASK;
    g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_INFO, BASE_LOG_HERE, BASE_LOG_REQUEST, request->id,
                     BASE_LOG_SESSION, session_of(request), BASE_LOG_VIEWER,
                     who != NULL ? who->person : "", BASE_LOG_STATUS, code, "MESSAGE",
                     "%s %s %s, %" G_GOFFSET_FORMAT " bytes, %.1f ms, %s", method, path, shown,
                     bytes_of(request), (double)took_us / BASE_US_PER_MS,
                     who != NULL ? auth_role_name(who->role) : "nobody");
}

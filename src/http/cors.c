// SPDX-License-Identifier: GPL-3.0-or-later
// Requests from pages of other sites (CORS, the Fetch standard). A signed path, a WHEP resource or
// a bearer carries its own right, so any site may read the answer; it never comes with credentials,
// so a cookie opens nothing to another site. Any thread.
#include "http/private.h"

#include <string.h>

#define EXPOSED                                                                                    \
    "Location, ETag, Link, Allow, Accept-Patch, Accept-Post, Accept-Ranges, Content-Range, "       \
    "Retry-After, WWW-Authenticate, X-Request-Id"
// Older browsers do not know "*", and it never stands for Authorization
#define REQUEST_HEADERS "Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range, *"
#define PREFLIGHT_AGE_S "600"

void http_cors(const HttpRequest *request, SoupMessageHeaders *answer)
{
    if (request->own_right) {
        soup_message_headers_replace(answer, "Access-Control-Allow-Origin", "*");
        soup_message_headers_replace(answer, "Access-Control-Expose-Headers", EXPOSED);
    }
}

/* Whether a bearer or the address itself can open it. */
static bool opens_by_own_right(const HttpRoute *route)
{
    return route->object == HTTP_OF_PATH || route->object == HTTP_OF_VIEWER ||
           (route->action != AUTH_READ_PUBLIC && route->action != AUTH_SIGN_IN);
}

static bool is_preflight(const HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    return soup_message_headers_get_one(headers, "Access-Control-Request-Method") != NULL;
}

static void allow(HttpRequest *request, const char *methods)
{
    http_header(request, "Access-Control-Allow-Origin", "*");
    if (is_preflight(request)) {
        http_header(request, "Access-Control-Allow-Methods", methods);
        http_header(request, "Access-Control-Allow-Headers", REQUEST_HEADERS);
        http_header(request, "Access-Control-Max-Age", PREFLIGHT_AGE_S);
    } else {
        http_header(request, "Access-Control-Expose-Headers", EXPOSED);
    }
}

static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

char *http_methods_at(const char *path)
{
    GString *list = g_string_new("OPTIONS");
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        if (http_find_route(methods[i], path) != NULL) {
            g_string_append_printf(list, ", %s%s", methods[i],
                                   strcmp(methods[i], "GET") == 0 ? ", HEAD" : "");
        }
    }
    return g_string_free(list, FALSE);
}

/* The types that WHEP takes (RFC 9725 4.2), and for a viewer, as some players ask here and not with
 * the POST, the ICE servers (4.6). */
static void tell_whep(HttpRequest *request, const HttpRoute *route, const char *path)
{
    if (route->handle == http_on_whep_patch) {
        http_header(request, "Accept-Patch", "application/trickle-ice-sdpfrag");
    } else if (route->handle == http_on_whep_post) {
        http_header(request, "Accept-Post", "application/sdp");
        if (!is_preflight(request) && http_may_at(request, route, path)) {
            http_set_ice_servers(request);
        }
    }
}

/* RFC 9110 9.3.7. */
void http_on_options(Http *http, HttpRequest *request)
{
    (void)http;
    g_autofree char *list = http_methods_at(request->params[0]);
    bool open = false;
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        const HttpRoute *route = http_find_route(methods[i], request->params[0]);
        if (route == NULL) {
            continue;
        }
        open = open || opens_by_own_right(route);
        tell_whep(request, route, request->params[0]);
    }
    if (strcmp(list, "OPTIONS") == 0) {
        http_reply_problem(request, BASE_ERROR_NOT_FOUND, "There is nothing under this address.");
        return;
    }
    http_header(request, "Allow", list);
    if (open) {
        allow(request, list);
    }
    http_reply(request, 200, NULL, NULL);
}

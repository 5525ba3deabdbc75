// SPDX-License-Identifier: GPL-3.0-or-later
// OPTIONS, for CORS (Fetch standard). Any site may read by signed path, WHEP resource or bearer;
// never by cookie.
#include "http/resources.h"

#include <string.h>

// "*" does not include Authorization, and older browsers do not know it
#define REQUEST_HEADERS "Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range, *"
#define PREFLIGHT_AGE_S "600"

static bool opens_by_own_right(const HttpRoute *route)
{
    return http_own_right(route) ||
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
        http_header(request, "Access-Control-Expose-Headers", BASE_CORS_EXPOSED);
    }
}

/* RFC 9725 4.2. Some players take ICE servers only from here. */
static void tell_whep(HttpRequest *request, const HttpRoute *route, const char *path)
{
    if (route->handle == http_on_whep_patch) {
        http_header(request, "Accept-Patch", "application/trickle-ice-sdpfrag");
    } else if (route->handle == http_on_whep_post || route->handle == http_on_whip_post) {
        http_header(request, "Accept-Post", "application/sdp");
        if (!is_preflight(request) && http_may_at(request, route, path)) {
            http_set_ice_servers(request);
        }
    }
}

/* RFC 9110 9.3.7. */
void http_on_options(Http *http, HttpRequest *request)
{
    g_autofree char *list = http_methods_at(http->router, request->params[0]);
    bool open = false;
    for (size_t i = 0; i < HTTP_METHODS; i++) {
        const HttpRoute *route =
            http_router_find(http->router, http_methods[i], request->params[0]);
        if (route == NULL) {
            continue;
        }
        open = open || opens_by_own_right(route);
        tell_whep(request, route, request->params[0]);
    }
    if (strcmp(list, "OPTIONS") == 0) {
        http_reply_problem(request, BASE_CODE_NOT_FOUND, "There is nothing under this address.");
        return;
    }
    http_header(request, "Allow", list);
    if (open) {
        allow(request, list);
    }
    http_reply(request, 200, NULL, NULL);
}

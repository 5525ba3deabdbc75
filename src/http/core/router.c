// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the route of a method and a path.
#include "http/core/router.h"

#include <string.h>

typedef struct {
    const char *start;
    size_t length;
} Piece;

static bool match(const char *pattern, const char *path, Piece pieces[HTTP_MAX_PARAMS])
{
    while (*pattern != '\0') {
        if (strcmp(pattern, "{*}") == 0) {
            *pieces = (Piece){.start = path, .length = strlen(path)};
            return true;
        }
        if (strncmp(pattern, "{}", 2) == 0) {
            size_t length = strcspn(path, "/");
            if (length == 0) {
                return false;
            }
            *pieces++ = (Piece){.start = path, .length = length};
            path += length;
            pattern += 2;
        } else if (*pattern != *path) {
            return false;
        } else {
            pattern++;
            path++;
        }
    }
    return *path == '\0';
}

static void copy_params(const Piece pieces[HTTP_MAX_PARAMS], char *params[HTTP_MAX_PARAMS])
{
    for (int n = 0; n < HTTP_MAX_PARAMS && pieces[n].start != NULL; n++) {
        params[n] = g_strndup(pieces[n].start, pieces[n].length);
    }
}

bool http_route_params(const HttpRoute *route, const char *path, char *params[HTTP_MAX_PARAMS])
{
    Piece pieces[HTTP_MAX_PARAMS] = {0};
    if (!match(route->pattern, path, pieces)) {
        return false;
    }
    copy_params(pieces, params);
    return true;
}

const HttpRoute *http_router_find(const HttpRouter *router, const char *method, const char *path)
{
    for (size_t i = 0; i < router->count; i++) {
        Piece pieces[HTTP_MAX_PARAMS];
        if (strcmp(router->routes[i].method, method) == 0 &&
            match(router->routes[i].pattern, path, pieces)) {
            return &router->routes[i];
        }
    }
    return NULL;
}

const HttpRoute *http_router_match(const HttpRouter *router, const char *method, const char *path,
                                   char *params[HTTP_MAX_PARAMS], unsigned *status)
{
    *status = 404;
    if (strcmp(method, "OPTIONS") == 0) {
        params[0] = g_strdup(path);
        return router->options;
    }
    method = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < router->count; i++) {
        Piece pieces[HTTP_MAX_PARAMS] = {0};
        if (!match(router->routes[i].pattern, path, pieces)) {
            continue;
        }
        if (strcmp(router->routes[i].method, method) != 0) {
            *status = 405;
            continue;
        }
        copy_params(pieces, params);
        return &router->routes[i];
    }
    return NULL;
}

bool http_own_right(const HttpRoute *route)
{
    return route->object == HTTP_OF_PATH || route->object == HTTP_OF_VIEWER ||
           route->object == HTTP_OF_PUBLISHER || route->object == HTTP_OF_FEED;
}

const char *const http_methods[HTTP_METHODS] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

char *http_methods_at(const HttpRouter *router, const char *path)
{
    GString *list = g_string_new("OPTIONS");
    for (size_t i = 0; i < HTTP_METHODS; i++) {
        if (http_router_find(router, http_methods[i], path) != NULL) {
            g_string_append_printf(list, ", %s%s", http_methods[i],
                                   strcmp(http_methods[i], "GET") == 0 ? ", HEAD" : "");
        }
    }
    return g_string_free(list, FALSE);
}

bool http_own_right_at(const HttpRouter *router, const char *path)
{
    for (size_t i = 0; i < HTTP_METHODS; i++) {
        const HttpRoute *route = http_router_find(router, http_methods[i], path);
        if (route != NULL && http_own_right(route)) {
            return true;
        }
    }
    return false;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Routes, and finding one. Pure.

#include "http/core/services.h"

#define HTTP_MAX_PARAMS 3
#define HTTP_METHODS 5

typedef struct HttpRequest HttpRequest;

typedef enum {
    HTTP_ON_HTTP_THREAD, // the handler must not wait
    HTTP_ON_MAIN_THREAD,
    HTTP_DIRECT, // HTTP thread; plain GETs without libsoup (direct.c)
} HttpWhere;

typedef enum {
    HTTP_ANY,          // no object
    HTTP_OF_SESSION,   // parameter 0 is a session
    HTTP_OF_INPUT,     // likewise; 1 is an input, whose key counts
    HTTP_OF_PATH,      // 0 is a session, 1 a signed path
    HTTP_OF_VIEWER,    // 1 is a WHEP resource
    HTTP_OF_PUBLISHER, // 2 is a WHIP resource
    HTTP_OF_QUESTION,  // 0 is a question
    HTTP_OF_FEED,      // 0 is a feed's token, whose handler asks the store
    HTTP_OF_METRICS,   // the bearer is [metrics] token_file's
} HttpObject;

typedef struct {
    const char *method;
    const char *pattern; // "{}" is one segment, a trailing "{*}" the rest
    AuthAction action;
    HttpObject object;
    HttpWhere where;
    void (*handle)(Http *http, HttpRequest *request);
    size_t max_body_bytes;
} HttpRoute;

typedef struct {
    const HttpRoute *routes;
    size_t count;
    const HttpRoute *options; // of every path, parameter 0
} HttpRouter;

/* Without HEAD and OPTIONS. */
extern const char *const http_methods[HTTP_METHODS];

/* Nullable. */
const HttpRoute *http_router_find(const HttpRouter *router, const char *method, const char *path);
/* Also HEAD and OPTIONS. Sets `params` (full ownership), or `status`: 404 or 405. */
const HttpRoute *http_router_match(const HttpRouter *router, const char *method, const char *path,
                                   char *params[HTTP_MAX_PARAMS], unsigned *status);
/* Fills in `params` (full ownership). */
bool http_route_params(const HttpRoute *route, const char *path, char *params[HTTP_MAX_PARAMS]);

/* For Allow; "OPTIONS": no route. */
char *http_methods_at(const HttpRouter *router, const char *path);
bool http_own_right(const HttpRoute *route);
bool http_own_right_at(const HttpRouter *router, const char *path);

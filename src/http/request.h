// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A request on its way through the rooms, and the routes. A handler owns the request until it
// replies; it replies exactly once, from any thread.

#include "http/http.h"

#include <libsoup/soup.h>
#include <stdatomic.h>

#define HTTP_MAX_PARAMS 3
#define HTTP_MAX_JSON_BYTES (32 * 1024)
#define HTTP_MAX_HEADERS 12

typedef struct HttpRequest HttpRequest;

typedef enum {
    HTTP_HERE, // handler runs on the http thread and must not wait
    HTTP_MAIN, // handler runs on the main thread
} HttpWhere;

typedef enum {
    HTTP_ANY,         // the action concerns no object
    HTTP_OF_SESSION,  // parameter 0 is a session
    HTTP_OF_PATH,     // the same, and parameter 1, of a signed path, alone says who asks
    HTTP_OF_VIEWER,   // parameter 1 is a WHEP resource: to know its address is the right to it
    HTTP_OF_QUESTION, // parameter 0 is a question
} HttpObject;

typedef struct {
    const char *method;
    const char *pattern; // "{}" is one segment, a trailing "{*}" the rest
    AuthAction action;
    HttpObject object;
    HttpWhere where;
    void (*handle)(Http *http, HttpRequest *request);
    size_t max_body_bytes;
    const char *summary; // for the OpenAPI document; NULL: not part of the API
} HttpRoute;

extern const HttpRoute http_routes[];
extern const size_t http_routes_count;
extern const HttpRoute http_options_route; // OPTIONS, whose parameter 0 is the path

/* The methods that `path` takes, for Allow: "OPTIONS" alone where there is nothing. Full ownership.
 */
char *http_methods_at(const char *path);
/* The route that answers `method` at `path`, or NULL. */
const HttpRoute *http_find_route(const char *method, const char *path);

struct HttpRequest {
    Http *http;
    const HttpRoute *route; // NULL while unmatched
    char *id;               // tells this request to people and in the log
    char *params[HTTP_MAX_PARAMS];
    char *query;       // nullable
    char *range;       // the Range field, nullable; libsoup never sees it
    AuthIdentity *who; // nullable
    char *token;       // the secret it came with, nullable; not that of a signed path
    int64_t until_us;  // of a signed path: when it expires (wall clock)
    bool own_right;    // by its address or a bearer: no browser sends these by itself
    char *address;     // of the client, behind our proxies; NULL where nothing changes
    GByteArray *body;

    // http thread
    SoupServerMessage *message;
    bool gone;                // the connection ended
    bool paused;              // libsoup waits for the reply
    gulong on_chunk, on_gone; // signal handlers
    void *waiting;            // where it stands in a list of waiting requests

    // set before http_reply()
    unsigned status;
    const char *type;
    GBytes *lead; // nullable: comes before `answer`, and nobody joins the two
    GBytes *answer;
    struct {
        const char *name;
        char *value;
    } headers[HTTP_MAX_HEADERS];
    unsigned header_count;
};

/* Text header of the answer, the last one of a name counts; before the reply. `name` is static. */
void http_header(HttpRequest *request, const char *name, const char *value);

/* The three ways to end a request; each takes it. `json` full ownership. */
void http_reply(HttpRequest *request, unsigned status, const char *type, GBytes *body);
void http_reply_json(HttpRequest *request, unsigned status, json_t *json);
/* Problem details (RFC 9457); `error` is borrowed. */
void http_reply_error(HttpRequest *request, const GError *error);
void http_reply_problem(HttpRequest *request, BaseError code, const char *detail);
/* The same by a status that http_problem() knows. */
void http_reply_status(HttpRequest *request, unsigned status, const char *detail);
unsigned http_status_of(const GError *error);

/* The body as an object, or NULL after it replied with the problem. Full ownership. */
json_t *http_request_json(HttpRequest *request);

/* Main thread. Counts what one person changes (more is allowed to staff). */
bool http_too_often(HttpRequest *request);
/* Http thread. The same for what one person reads of the main thread, which then never hears of it.
 */
bool http_reads_too_often(HttpRequest *request);
/* The same bucket for another name than a person's. Counts one. */
bool http_changes_too_often(Http *http, const char *whose, unsigned factor);
/* Any thread: true, with `error` set, if the route needs a sign-in and the request has none. */
bool http_is_refused(HttpRequest *request, GError **error);

/* Whether the route's action is allowed; NULL error domain otherwise says why not. */
bool http_allowed(HttpRequest *request, GError **error);
/* Whether the request's secret, or `path` itself where it is signed, opens `route` at `path`. */
bool http_may_at(const HttpRequest *request, const HttpRoute *route, const char *path);
/* The same for another action on the route's session. */
bool http_may(const HttpRequest *request, AuthAction action);

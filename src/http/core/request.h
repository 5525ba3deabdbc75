// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A request. Its handler owns it and replies exactly once, from any thread.

#include "http/core/router.h"
#include "http/limits/admission.h"

#include "base/problem.h"

#include <libsoup/soup.h>
#include <stdatomic.h>

#define HTTP_MAX_JSON_BYTES (32 * 1024)
#define HTTP_MAX_HEADERS 12
#define HTTP_MAX_UPLOADS 2 // bodies above HTTP_MAX_JSON_BYTES at a time

struct HttpRequest {
    Http *http;
    HttpThread *thread;     // of its connection
    const HttpRoute *route; // NULL while unmatched
    char *id;               // X-Request-Id
    int64_t begun_us;       // its head was read
    char *params[HTTP_MAX_PARAMS];
    char *session;                    // nullable; of HTTP_OF_QUESTION, from the store
    char *query;                      // nullable
    char *range;                      // nullable; libsoup never sees it
    AuthIdentity *who;                // nullable
    char *token;                      // nullable; not of a signed path
    uint8_t sign_in[AUTH_HASH_BYTES]; // of a signed path
    int64_t until_us;                 // of a signed path (base_steady_us())
    bool own_right;                   // by address or bearer, never by cookie
    bool openmetrics;                 // Accept asks for it
    char *address;                    // port_subscriber(); NULL for most reads of the http thread
    GByteArray *body;
    bool uploads; // its body is counted in Http.uploads

    // http thread
    SoupServerMessage *message; // NULL: `connection` has it, without libsoup
    struct PortConnection *connection;
    char *accept_encoding; // of `connection`, nullable
    bool gone;             // and `connection` with it
    bool paused;
    bool passed; // http_pass()
    gulong on_chunk, on_gone;
    void *waiting;                                // nullable: media.c
    void (*on_waiter_gone)(HttpRequest *request); // nullable

    // set before http_reply()
    unsigned status; // 0: cut before an answer
    const char *type;
    GBytes *lead; // nullable: sent before `content`
    GBytes *content;
    struct {
        const char *name;
        char *value;
    } headers[HTTP_MAX_HEADERS];
    unsigned header_count;
};

/* Nullable, borrowed. Http thread. */
const char *http_accept_encoding(const HttpRequest *request);

/* `name` is static. */
void http_header(HttpRequest *request, const char *name, const char *value);

/* Take the request, and what is sent. */
void http_reply(HttpRequest *request, unsigned status, const char *type, GBytes *body);
void http_reply_json(HttpRequest *request, unsigned status, json_t *json);
void http_reply_json_text(HttpRequest *request, unsigned status, char *text); // `text` is JSON
void http_reply_error(HttpRequest *request, const GError *error);
void http_reply_problem(HttpRequest *request, BaseCode code, const char *detail);
/* A status of base_problem(). */
void http_reply_status(HttpRequest *request, unsigned status, const char *detail);

/* The request's If-Match (RFC 9110 13.1.1); NULL: none. Http thread or main. */
char *http_if_match(const HttpRequest *request);
/* `seen`, an If-Match (nullable), allows to change or delete `version`. Any thread. */
bool http_matches(const char *seen, const char *version);
/* After a job. True: replied, with 412 if the version was `stale`, or with `error` (nullable). */
bool http_change_failed(HttpRequest *request, bool stale, const GError *error);
/* False: replied with 412. */
bool http_is_current(HttpRequest *request, const char *version);
/* Sets ETag. */
void http_set_version(HttpRequest *request, const char *version);
/* With the "version" of `json` as its ETag. Takes both. */
void http_reply_version(HttpRequest *request, unsigned status, json_t *json);

/* NULL: replied with a problem. */
json_t *http_request_json(HttpRequest *request);

/* Counts one change. Main thread. */
bool http_too_often(HttpRequest *request);
/* Http thread; a short lock. */
bool http_reads_too_often(HttpRequest *request);
/* Http thread; a short lock. Counts one change. */
bool http_viewer_changes_too_often(Http *http, const char *id);
/* True: needs a sign-in. Any thread. */
bool http_is_refused(HttpRequest *request, GError **error);

bool http_allowed(HttpRequest *request, GError **error);
/* Main thread, after a job that may have `failed` (nullable). False: replied, also if the sign-in
 * has ended meanwhile. */
bool http_still_allowed(HttpRequest *request, const GError *failed);
/* By secret, or signed `path`. */
bool http_may_at(const HttpRequest *request, const HttpRoute *route, const char *path);
/* Any thread; a short lock. Borrows `session`. False: no such session. */
bool http_media_object(Http *http, const char *session, AuthObject *out);
/* Who is counted: the person, else the address. Borrowed. */
const char *http_counted(const HttpRequest *request);
/* False: the server is full. */
bool http_takes_place(const HttpRequest *request, HttpUse use);
/* False: replied with NO_PLACE. */
bool http_has_place(HttpRequest *request, HttpUse use);
/* Another action, same object. */
bool http_may(const HttpRequest *request, AuthAction action);

// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"
#include "base/id.h"
#include "http/private.h"

#include <string.h>

void http_header(HttpRequest *request, const char *name, const char *value)
{
    unsigned i = 0;
    while (i < request->header_count && g_ascii_strcasecmp(request->headers[i].name, name) != 0) {
        i++;
    }
    g_assert(i < HTTP_MAX_HEADERS);
    request->header_count = MAX(request->header_count, i + 1);
    request->headers[i].name = name;
    g_free(request->headers[i].value);
    request->headers[i].value = g_strdup(value);
}

void http_request_let_go(HttpRequest *request)
{
    g_clear_signal_handler(&request->on_chunk, request->message);
    g_clear_signal_handler(&request->on_gone, request->message);
}

void http_request_free(HttpRequest *request)
{
    HttpHere *here = request->http->here;
    if (here != NULL && here->request == request) {
        here->request = NULL;
    }
    http_request_let_go(request);
    for (int i = 0; i < HTTP_MAX_PARAMS; i++) {
        g_free(request->params[i]);
    }
    g_free(request->id);
    g_free(request->query);
    g_free(request->range);
    g_clear_pointer(&request->who, auth_identity_unref);
    g_free(request->token);
    g_free(request->address);
    g_byte_array_unref(request->body);
    g_clear_pointer(&request->lead, g_bytes_unref);
    g_clear_pointer(&request->answer, g_bytes_unref);
    for (unsigned i = 0; i < request->header_count; i++) {
        g_free(request->headers[i].value);
    }
    g_object_unref(request->message);
    g_free(request);
}

void http_send_reply(HttpRequest *request)
{
    SoupServerMessage *message = request->message;
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    for (unsigned i = 0; i < request->header_count; i++) {
        soup_message_headers_replace(headers, request->headers[i].name, request->headers[i].value);
    }
    http_cors(request, headers);
    soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
    soup_message_headers_replace(headers, "X-Request-Id", request->id);
    if (soup_message_headers_get_one(headers, "Cache-Control") == NULL) {
        soup_message_headers_replace(headers, "Cache-Control", "no-store");
    }
    if (request->type != NULL) {
        soup_message_headers_set_content_type(headers, request->type, NULL);
    }
    if (request->answer != NULL && soup_server_message_get_method(message) != SOUP_METHOD_HEAD) {
        SoupMessageBody *body = soup_server_message_get_response_body(message);
        if (request->lead != NULL) {
            soup_message_body_append_bytes(body, request->lead);
        }
        soup_message_body_append_bytes(body, request->answer);
    } else if (request->answer != NULL) {
        gsize lead = request->lead != NULL ? g_bytes_get_size(request->lead) : 0;
        soup_message_headers_set_content_length(
            headers, (goffset)(lead + g_bytes_get_size(request->answer)));
    }
    if (request->status == SOUP_STATUS_NO_CONTENT) {
        // libsoup 3.2 closes after it anyway; said, so that nobody sends the next request into that
        soup_message_headers_replace(headers, "Connection", "close");
    } else if (request->answer == NULL && request->status != SOUP_STATUS_NOT_MODIFIED) {
        soup_message_headers_set_content_length(headers, 0);
    }
    soup_server_message_set_status(message, request->status, NULL);
    if (request->paused && !request->gone && atomic_load(&request->http->serving)) {
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
    Http *http = data;
    g_autoptr(GPtrArray) replies = g_steal_pointer(&http->replies);
    http->replies = g_ptr_array_new();
    for (guint i = 0; i < replies->len; i++) {
        http_send_reply(replies->pdata[i]);
    }
}

/* On the http thread. Not at once: whoever replies may still hold the request in a list. A thousand
 * that waited for one part go out with one post. */
static void reply_here(Http *http, HttpRequest *request)
{
    if (http->here != NULL && http->here->request == request) {
        http->here->replied = true;
        return;
    }
    g_ptr_array_add(http->replies, request);
    if (http->replies->len == 1) {
        base_post(http_context(http), on_replies, http);
    }
}

void http_reply(HttpRequest *request, unsigned status, const char *type, GBytes *body)
{
    request->status = status;
    request->type = type;
    request->answer = body;
    if (g_main_context_is_owner(http_context(request->http))) {
        reply_here(request->http, request);
    } else {
        base_post(http_context(request->http), on_reply, request);
    }
}

void http_reply_json(HttpRequest *request, unsigned status, json_t *json)
{
    char *text = base_json_text(json);
    json_decref(json);
    http_reply(request, status, "application/json", g_bytes_new_take(text, strlen(text)));
}

static const HttpProblem problems[] = {
    [BASE_ERROR_FAILED] = {500, "failed", "It could not be done"},
    [BASE_ERROR_INVALID] = {400, "invalid", "The request is not acceptable"},
    [BASE_ERROR_NOT_FOUND] = {404, "not-found", "There is no such thing"},
    [BASE_ERROR_DENIED] = {403, "denied", "Not allowed"},
    [BASE_ERROR_SIGNED_OUT] = {401, "signed-out", "Nobody is signed in"},
    [BASE_ERROR_CONFLICT] = {409, "conflict", "Not possible now"},
    [BASE_ERROR_LIMIT] = {429, "limit", "Too many or too often", "2"},
    [BASE_ERROR_UNAVAILABLE] = {503, "unavailable", "Not available at the moment", "2"},
    [BASE_ERROR_NO_PLACE] = {503, "no-place", "All places are taken", "30"},
    [BASE_ERROR_FULL] = {507, "full", "No room on the disk"},
    [BASE_ERROR_GONE] = {410, "gone", "It is no longer there"},
    [BASE_ERROR_UPGRADE] = {426, "upgrade", "Another protocol is needed"},
};

static const HttpProblem *problem_of(const GError *error)
{
    bool ours = error->domain == BASE_ERROR && (size_t)error->code < G_N_ELEMENTS(problems);
    return &problems[ours ? error->code : BASE_ERROR_FAILED];
}

unsigned http_status_of(const GError *error)
{
    return problem_of(error)->status;
}

static void reply_with(HttpRequest *request, const HttpProblem *problem, const char *detail)
{
    if (problem->retry_after != NULL) {
        http_header(request, "Retry-After", problem->retry_after);
    }
    if (problem->status == 401) {
        http_header(request, "WWW-Authenticate", "Bearer realm=\"majlis\""); // RFC 9110 15.5.2
    }
    if (problem->status == 500) {
        g_warning("request %s failed: %s", request->id, detail);
    }
    char *text = http_problem_text(problem, detail, request->id);
    http_reply(request, problem->status, "application/problem+json",
               g_bytes_new_take(text, strlen(text)));
}

void http_reply_error(HttpRequest *request, const GError *error)
{
    reply_with(request, problem_of(error), error->message);
}

void http_reply_status(HttpRequest *request, unsigned status, const char *detail)
{
    reply_with(request, http_problem(status), detail);
}

void http_reply_problem(HttpRequest *request, BaseError code, const char *detail)
{
    g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, (int)code, detail);
    http_reply_error(request, error);
}

static bool is_json(HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *type = soup_message_headers_get_content_type(headers, NULL);
    return type == NULL || g_ascii_strcasecmp(type, "application/json") == 0;
}

json_t *http_request_json(HttpRequest *request)
{
    g_autoptr(GError) error = NULL;
    if (request->body->len > 0 && !is_json(request)) { // nor a form of another site
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

/* One person's requests on the main thread. Of staff ten times as many. */
static const BaseRate change_rate = {.every_us = BASE_US_PER_S / 5, .burst = 30};
static const BaseRate read_rate = {.every_us = BASE_US_PER_S / 20, .burst = 60};
#define STAFF_FACTOR 10

static BaseRate rate_of(BaseRate rate, unsigned factor)
{
    return (BaseRate){.every_us = rate.every_us / factor, .burst = rate.burst * factor};
}

bool http_changes_too_often(Http *http, const char *whose, unsigned factor)
{
    BaseRate rate = rate_of(change_rate, factor);
    return base_rates_wait(http->changes, whose, rate, base_clock_us()) > 0;
}

static unsigned factor_of(const AuthIdentity *who)
{
    return who->role >= AUTH_MODERATOR ? STAFF_FACTOR : 1;
}

bool http_too_often(HttpRequest *request)
{
    const HttpRoute *route = request->route;
    bool changes = route->where == HTTP_MAIN && strcmp(route->method, "GET") != 0;
    return request->who != NULL && changes &&
           http_changes_too_often(request->http, request->who->person, factor_of(request->who));
}

bool http_reads_too_often(HttpRequest *request)
{
    const HttpRoute *route = request->route;
    if (request->who == NULL || route->where != HTTP_MAIN || strcmp(route->method, "GET") != 0) {
        return false;
    }
    BaseRate rate = rate_of(read_rate, factor_of(request->who));
    return base_rates_wait(request->http->reads, request->who->person, rate, base_clock_us()) > 0;
}

bool http_is_refused(HttpRequest *request, GError **error)
{
    bool refused = request->who == NULL && !auth_may(NULL, request->route->action, NULL);
    return refused && !http_allowed(request, error);
}

/* The object of the route's action. False: there is none of that name. */
static bool find_object(const HttpRequest *request, AuthObject *out)
{
    const HttpRooms *rooms = &request->http->rooms;
    *out = (AuthObject){0};
    if (request->route->object == HTTP_ANY || request->route->object == HTTP_OF_VIEWER) {
        return true;
    }
    const char *session = request->params[0];
    if (request->route->object == HTTP_OF_QUESTION) {
        session = qa_question_session(rooms->qa, request->params[0]);
    }
    LiveView view;
    if (session == NULL || !live_view(rooms->live, session, &view)) {
        return false;
    }
    g_clear_pointer(&view.hls, hls_snapshot_unref);
    *out = (AuthObject){.session = session, .open = view.open, .published = view.published};
    return true;
}

bool http_may(const HttpRequest *request, AuthAction action)
{
    AuthObject object;
    return find_object(request, &object) && auth_may(request->who, action, &object);
}

bool http_allowed(HttpRequest *request, GError **error)
{
    AuthObject object;
    bool refused = request->who == NULL && !auth_may(NULL, request->route->action, NULL);
    bool found = !refused && find_object(request, &object);
    if (found && auth_may(request->who, request->route->action, &object)) {
        return true;
    }
    if (request->who == NULL && request->route->object == HTTP_OF_PATH) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED,
                    "This link has expired or was revoked. Get a new one from the session's page.");
    } else if (request->who == NULL) {
        g_set_error(
            error, BASE_ERROR, BASE_ERROR_SIGNED_OUT,
            "Nobody is signed in, or the sign-in has ended. Open your personal link again.");
    } else if (!found) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "There is nothing under this address. Check the link, or ask the organisers.");
    } else {
        g_set_error(error, BASE_ERROR, BASE_ERROR_DENIED,
                    "Your invitation does not allow this. Ask the organisers for one that does.");
    }
    return false;
}

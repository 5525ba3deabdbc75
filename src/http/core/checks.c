// SPDX-License-Identifier: GPL-3.0-or-later
// Judges a request's head before its body is read.
#include "http/core/core.h"
#include "http/fields/cookie.h"

#include <string.h>

static HttpFields fields_of(SoupMessageHeaders *headers)
{
    return (HttpFields){.host = soup_message_headers_get_one(headers, "Host"),
                        .origin = soup_message_headers_get_one(headers, "Origin"),
                        .authorization = soup_message_headers_get_one(headers, "Authorization"),
                        .cookies = soup_message_headers_get_list(headers, "Cookie")};
}

/* Cookies do not count in cross-site requests. */
static bool origin_ours(const Http *http, const HttpFields *fields)
{
    const char *origin = fields->origin;
    if (origin == NULL) {
        return true;
    }
    const char *separator = strstr(origin, "://");
    if (http->tls_files[0] != NULL && !g_str_has_prefix(origin, "https://")) {
        return false; // that page may be forged
    }
    return g_strcmp0(origin, http->public_url) == 0 ||
           (separator != NULL && g_strcmp0(separator + 3, fields->host) == 0);
}

static bool is_change(SoupServerMessage *message)
{
    const char *method = soup_server_message_get_method(message);
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
           strcmp(method, "OPTIONS") != 0;
}

/* Nullable. */
static const char *bearer_of(const HttpFields *fields)
{
    const char *value = fields->authorization;
    return value != NULL && g_ascii_strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : NULL;
}

static bool has_own_right(const HttpRoute *route, const HttpFields *fields)
{
    return http_own_right(route) || bearer_of(fields) != NULL;
}

/* Not the cookie beside a signed path: perhaps another person's. */
void http_take_secret(HttpRequest *request, const HttpFields *fields)
{
    const Http *http = request->http;
    const char *bearer = bearer_of(fields);
    request->own_right = has_own_right(request->route, fields);
    if (http_own_right(request->route)) {
        request->token = NULL;
    } else if (bearer != NULL) {
        request->token = g_strdup(bearer);
    } else if (fields->cookies != NULL && origin_ours(http, fields)) {
        request->token = http_cookie_find(fields->cookies, http->cookie);
    }
}

/* Closes: the body is unread. */
static void refuse_early(HttpRequest *request, SoupServerMessage *message, unsigned status,
                         const char *detail)
{
    const BaseProblem *problem = base_problem(status);
    char *body = base_problem_text(problem, detail, request->id, NULL);
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    http_cors(request, headers);
    soup_message_headers_replace(headers, "Connection", "close");
    soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
    soup_message_headers_replace(headers, "X-Request-Id", request->id);
    soup_message_headers_replace(headers, "Cache-Control", "no-store");
    if (problem->retry_after != NULL) {
        soup_message_headers_replace(headers, "Retry-After", problem->retry_after);
    }
    soup_server_message_set_response(message, "application/problem+json", SOUP_MEMORY_TAKE, body,
                                     strlen(body));
    soup_server_message_set_status(message, status, NULL);
    request->status = status;
}

/* By the port: libsoup would read the body first. */
static void refuse_body(HttpRequest *request, SoupServerMessage *message, unsigned status,
                        const char *detail)
{
    port_connection_refuse(message, status, detail, request->own_right);
    soup_server_message_set_status(message, status, NULL);
    request->status = status;
}

static void refuse_route(HttpRequest *request, SoupServerMessage *message, const char *path,
                         unsigned status)
{
    HttpFields fields = fields_of(soup_server_message_get_request_headers(message));
    request->own_right =
        bearer_of(&fields) != NULL || http_own_right_at(request->http->router, path);
    if (status == 405) {
        g_autofree char *methods = http_methods_at(request->http->router, path);
        soup_message_headers_replace(soup_server_message_get_response_headers(message), "Allow",
                                     methods);
    }
    refuse_early(request, message, status,
                 status == 404 ? "There is nothing under this address."
                               : "This address does not take that method.");
}

static void refuse_too_large(HttpRequest *request, SoupServerMessage *message)
{
    g_autofree char *detail =
        g_strdup_printf("The body is larger than the %zu bytes that this address takes.",
                        request->route->max_body_bytes);
    refuse_body(request, message, 413, detail);
}

static void on_chunk(SoupServerMessage *message, GBytes *chunk, gpointer data)
{
    HttpRequest *request = data;
    if (request->body->len + g_bytes_get_size(chunk) > request->route->max_body_bytes) {
        refuse_too_large(request, message);
        return;
    }
    g_byte_array_append(request->body, g_bytes_get_data(chunk, NULL),
                        (guint)g_bytes_get_size(chunk));
}

static void note_address(Http *http, HttpRequest *request, SoupMessageHeaders *headers)
{
    const char *peer = soup_server_message_get_remote_host(request->message);
    const char *forwarded = soup_message_headers_get_list(headers, "X-Forwarded-For");
    g_autofree char *client =
        peer != NULL ? port_proxies_client(http->proxies, peer, forwarded) : NULL;
    request->address = client != NULL ? port_subscriber(client) : NULL;
}

/* At most. */
static size_t body_bytes(SoupMessageHeaders *headers, size_t most)
{
    if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CHUNKED) {
        return most;
    }
    return (size_t)CLAMP(soup_message_headers_get_content_length(headers), 0, (goffset)most);
}

/* A large body is kept in memory: only of those who may send it, HTTP_MAX_UPLOADS at a time. False:
 * refused. */
static bool takes_large(HttpRequest *request, SoupServerMessage *message)
{
    g_autoptr(GError) error = NULL;
    http_identify(request);
    if (!http_allowed(request, &error)) {
        refuse_body(request, message, base_problem_of(error)->status, error->message);
        return false;
    }
    request->uploads = atomic_fetch_add(&request->http->uploads, 1) < HTTP_MAX_UPLOADS;
    if (!request->uploads) {
        atomic_fetch_sub(&request->http->uploads, 1);
        refuse_body(request, message, 503,
                    "Other files are being received. Try again in a moment.");
    }
    return request->uploads;
}

static void receive(HttpRequest *request, SoupServerMessage *message, const HttpFields *fields)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    size_t bytes = body_bytes(headers, request->route->max_body_bytes);
    http_take_secret(request, fields);
    if (bytes > HTTP_MAX_JSON_BYTES && !takes_large(request, message)) {
        return;
    }
    port_connection_arrived(message, bytes);
    request->openmetrics = request->route->object == HTTP_OF_METRICS &&
                           metrics_wants_open(soup_message_headers_get_list(headers, "Accept"));
    bool nameless = request->route->object == HTTP_OF_SESSION && request->token == NULL;
    if (is_change(message) || request->route->where == HTTP_ON_MAIN_THREAD || nameless) {
        note_address(request->http, request, headers);
    }
    if (bytes > 0) {
        request->on_chunk = g_signal_connect(message, "got-chunk", G_CALLBACK(on_chunk), request);
    }
}

void http_check_head(HttpThread *thread, SoupServerMessage *message, const char *path)
{
    Http *http = thread->http;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    bool has_body = body_bytes(headers, 1) > 0;
    port_connection_arrived(message, has_body ? 1 : 0);
    HttpRequest *request = http_request_new(thread, message);
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    HttpFields fields = fields_of(headers);
    unsigned status;
    if (!http_hosts_know(thread->hosts, fields.host)) {
        refuse_early(
            request, message, 400,
            "This server is not known under that host name. Use its own address, or add the "
            "name to [server] hosts.");
    } else if (!atomic_load(&http->serving)) {
        refuse_early(request, message, 503,
                     "The server is starting or stopping. Try again in a moment.");
    } else if ((request->route =
                    http_router_match(http->router, soup_server_message_get_method(message), path,
                                      request->params, &status)) == NULL) {
        refuse_route(request, message, path, status);
    } else if (!(request->own_right = has_own_right(request->route, &fields)) &&
               is_change(message) && !origin_ours(http, &fields)) {
        refuse_early(request, message, 403, "This request comes from a page of another site.");
    } else if (request->route->max_body_bytes == 0 && has_body) {
        refuse_body(request, message, 400, "This address takes no body.");
    } else if (soup_message_headers_get_content_length(headers) >
               (goffset)request->route->max_body_bytes) {
        refuse_too_large(request, message);
    } else {
        receive(request, message, &fields);
    }
}

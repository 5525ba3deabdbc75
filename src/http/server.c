// SPDX-License-Identifier: GPL-3.0-or-later
// The port, libsoup, and the way from a message to a route's handler.
#include "http/http.h"

#include "base/error.h"
#include "base/clock.h"
#include "base/id.h"
#include "http/cookie.h"
#include "http/private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOO_OFTEN_HELD_MS 1000
#define REQUEST_KEY "majlis-request"

/* From a path to a route */

typedef struct {
    const char *start;
    size_t length;
} Piece;

/* Whether `path` has the pattern's form; fills `pieces` in order, the rest stays as it is. */
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

const HttpRoute *http_find_route(const char *method, const char *path)
{
    for (size_t i = 0; i < http_routes_count; i++) {
        Piece pieces[HTTP_MAX_PARAMS];
        if (strcmp(http_routes[i].method, method) == 0 &&
            match(http_routes[i].pattern, path, pieces)) {
            return &http_routes[i];
        }
    }
    return NULL;
}

/* The route, or NULL with 404 or 405 in `*status`. */
static const HttpRoute *find_route(const char *method, const char *path,
                                   char *params[HTTP_MAX_PARAMS], unsigned *status)
{
    *status = 404;
    if (strcmp(method, "OPTIONS") == 0) {
        params[0] = g_strdup(path);
        return &http_options_route;
    }
    method = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < http_routes_count; i++) {
        Piece pieces[HTTP_MAX_PARAMS] = {0};
        if (!match(http_routes[i].pattern, path, pieces)) {
            continue;
        }
        if (strcmp(http_routes[i].method, method) != 0) {
            *status = 405;
            continue;
        }
        copy_params(pieces, params);
        return &http_routes[i];
    }
    return NULL;
}

/* Checks on every request */

/* Cross-site requests carry the cookie of nobody: Origin, where sent, must be the page's own. */
static bool origin_ours(const Http *http, SoupMessageHeaders *headers)
{
    const char *origin = soup_message_headers_get_one(headers, "Origin");
    const char *host = soup_message_headers_get_one(headers, "Host");
    if (origin == NULL) {
        return true;
    }
    const char *separator = strstr(origin, "://");
    if (http->certificate != NULL && !g_str_has_prefix(origin, "https://")) {
        return false; // anybody on the way may have written that page
    }
    return g_strcmp0(origin, http->public_url) == 0 ||
           (separator != NULL && g_strcmp0(separator + 3, host) == 0);
}

static bool is_change(SoupServerMessage *message)
{
    const char *method = soup_server_message_get_method(message);
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
           strcmp(method, "OPTIONS") != 0;
}

/* The secret after "Bearer ", or NULL. */
static const char *bearer_of(SoupMessageHeaders *headers)
{
    const char *value = soup_message_headers_get_one(headers, "Authorization");
    return value != NULL && g_ascii_strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : NULL;
}

static bool has_own_right(const HttpRoute *route, SoupMessageHeaders *headers)
{
    return route->object == HTTP_OF_PATH || route->object == HTTP_OF_VIEWER ||
           bearer_of(headers) != NULL;
}

/* Who asks, as of now. A signed path has to be good when the request begins: a long download goes on
 * past its end, unless the sign-in behind it is revoked. */
static AuthIdentity *find_who(HttpRequest *request)
{
    const HttpRooms *rooms = &request->http->rooms;
    int64_t now_us = base_wall_us();
    if (request->route->object == HTTP_OF_PATH) {
        g_autofree char *token = g_strconcat(AUTH_PATH_PREFIX, request->params[1], NULL);
        bool begun = request->until_us > 0;
        return auth_path_check(rooms->paths, rooms->tokens, request->params[0], token,
                               begun ? MIN(now_us, request->until_us - 1) : now_us,
                               &request->until_us);
    }
    return request->token != NULL ? auth_tokens_find(rooms->tokens, request->token, now_us) : NULL;
}

/* A signed path stands for itself: a player may send the cookie of somebody else along. */
static void take_secret(Http *http, HttpRequest *request, SoupMessageHeaders *headers)
{
    const char *bearer = bearer_of(headers);
    const char *cookies = soup_message_headers_get_list(headers, "Cookie");
    if (request->route->object == HTTP_OF_PATH || request->route->object == HTTP_OF_VIEWER) {
        request->token = NULL;
    } else if (bearer != NULL) {
        request->token = g_strdup(bearer);
    } else if (cookies != NULL && origin_ours(http, headers)) {
        request->token = http_cookie_find(cookies, http->cookie);
    }
}

/* A request's head, its body and its handler's thread may lie a long time apart, and some wait or
 * send for longer: each looks here when it acts, not when its head came. */
void http_identify(HttpRequest *request)
{
    g_clear_pointer(&request->who, auth_identity_unref);
    request->who = find_who(request);
}

bool http_may_at(const HttpRequest *request, const HttpRoute *route, const char *path)
{
    Piece pieces[HTTP_MAX_PARAMS] = {0};
    HttpRequest other = {.http = request->http, .route = route, .token = request->token};
    if (!match(route->pattern, path, pieces)) {
        return false;
    }
    copy_params(pieces, other.params);
    other.who = find_who(&other);
    g_autoptr(GError) error = NULL;
    bool may = http_allowed(&other, &error);
    for (int n = 0; n < HTTP_MAX_PARAMS; n++) {
        g_free(other.params[n]);
    }
    auth_identity_unref(other.who);
    return may;
}

/* Life of a request */

/* Before the body is read: the connection ends with the answer. */
static void refuse_early(HttpRequest *request, SoupServerMessage *message, unsigned status,
                         const char *detail)
{
    const HttpProblem *problem = http_problem(status);
    char *body = http_problem_text(problem, detail, request->id);
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
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
}

/* At once: libsoup would read the body first, which may never end. */
static void refuse_body(SoupServerMessage *message, unsigned status, const char *detail)
{
    http_connection_refuse(message, status, detail);
    soup_server_message_set_status(message, status, NULL);
}

/* No route takes the method there. */
static void refuse_route(HttpRequest *request, SoupServerMessage *message, const char *path,
                         unsigned status)
{
    if (status == 405) {
        g_autofree char *methods = http_methods_at(path);
        soup_message_headers_replace(soup_server_message_get_response_headers(message), "Allow",
                                     methods);
    }
    refuse_early(request, message, status,
                 status == 404 ? "There is nothing under this address."
                               : "This address does not take that method.");
}

static void on_chunk(SoupServerMessage *message, GBytes *chunk, gpointer data)
{
    HttpRequest *request = data;
    if (request->body->len + g_bytes_get_size(chunk) > request->route->max_body_bytes) {
        http_connection_refuse(message, 413, "The body is larger than this address takes.");
        return;
    }
    g_byte_array_append(request->body, g_bytes_get_data(chunk, NULL),
                        (guint)g_bytes_get_size(chunk));
}

static void on_started(SoupServer *server, SoupServerMessage *message, gpointer data)
{
    (void)server;
    (void)data;
    http_connection_next(message);
}

static void on_gone(SoupServerMessage *message, gpointer data)
{
    (void)message;
    HttpRequest *request = data;
    request->gone = true;
    http_media_gone(request->http->media, request);
}

static void on_over(SoupServer *server, SoupServerMessage *message, gpointer data)
{
    (void)server;
    (void)data;
    http_connection_over(message);
    // a request that was refused early, or cut, never reached a handler that would free it
    HttpRequest *request = g_object_steal_data(G_OBJECT(message), REQUEST_KEY);
    if (request != NULL) {
        http_request_free(request);
    }
}

static HttpRequest *request_new(Http *http, SoupServerMessage *message)
{
    HttpRequest *request = g_new0(HttpRequest, 1);
    request->http = http;
    request->message = g_object_ref(message);
    request->id = base_id_new(BASE_ID_LENGTH);
    request->body = g_byte_array_new();
    const char *query = g_uri_get_query(soup_server_message_get_uri(message));
    request->query = g_strdup(query);
    request->range = g_strdup(http_connection_range(message));
    return request;
}

/* For limits by address, which only changes have. */
static void note_address(Http *http, HttpRequest *request, SoupMessageHeaders *headers)
{
    const char *peer = soup_server_message_get_remote_host(request->message);
    const char *forwarded = soup_message_headers_get_list(headers, "X-Forwarded-For");
    request->address = peer != NULL ? http_proxies_client(http->proxies, peer, forwarded) : NULL;
}

/* How much body is to come, at most; what claims to be larger than any is refused. */
static size_t body_bytes(SoupMessageHeaders *headers)
{
    if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CHUNKED) {
        return RTC_MAX_SDP_BYTES;
    }
    return (size_t)CLAMP(soup_message_headers_get_content_length(headers), 0, RTC_MAX_SDP_BYTES);
}

/* Headers are in: everything that can be judged before the body is. */
static void on_headers(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer data)
{
    (void)server;
    (void)query;
    Http *http = data;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    http_connection_arrived(message, body_bytes(headers));
    HttpRequest *request = request_new(http, message);
    g_object_set_data(G_OBJECT(message), REQUEST_KEY, request);
    soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
    const char *host = soup_message_headers_get_one(headers, "Host");
    unsigned status;
    if (!http_hosts_know(http->hosts, host)) {
        refuse_early(
            request, message, 400,
            "This server is not known under that host name. Use its own address, or add the "
            "name to [server] hosts.");
    } else if (!atomic_load(&http->serving)) {
        refuse_early(request, message, 503, "The server is just starting. Try again in a moment.");
    } else if ((request->route = find_route(soup_server_message_get_method(message), path,
                                            request->params, &status)) == NULL) {
        refuse_route(request, message, path, status);
    } else if (!(request->own_right = has_own_right(request->route, headers)) &&
               is_change(message) && !origin_ours(http, headers)) {
        refuse_early(request, message, 403, "This request comes from a page of another site.");
    } else if (request->route->max_body_bytes == 0 && body_bytes(headers) > 0) {
        refuse_body(message, 400, "This address takes no body.");
    } else if (soup_message_headers_get_content_length(headers) >
               (goffset)request->route->max_body_bytes) {
        refuse_body(message, 413, "The body is larger than this address takes.");
    } else {
        take_secret(http, request, headers);
        if (is_change(message)) {
            note_address(http, request, headers);
        }
        if (body_bytes(headers) > 0) {
            request->on_chunk =
                g_signal_connect(message, "got-chunk", G_CALLBACK(on_chunk), request);
        }
    }
}

static void reply_too_often(HttpRequest *request)
{
    http_reply_problem(request, BASE_ERROR_LIMIT,
                       "That was too often. Wait a few seconds and try again.");
}

static void dispatch(HttpRequest *request)
{
    g_autoptr(GError) error = NULL;
    http_identify(request);
    if (http_too_often(request)) {
        reply_too_often(request);
    } else if (http_allowed(request, &error)) {
        request->route->handle(request->http, request);
    } else {
        http_reply_error(request, error);
    }
}

static void on_dispatch_main(void *data)
{
    dispatch(data);
}

/* The answer comes later. */
static void wait_for_reply(HttpRequest *request)
{
    request->on_gone = g_signal_connect(request->message, "finished", G_CALLBACK(on_gone), request);
    request->paused = true;
    soup_server_message_pause(request->message);
}

static gboolean on_held(gpointer request)
{
    (void)request;
    return G_SOURCE_REMOVE;
}

static void on_hold_over(gpointer data)
{
    HttpRequest *request = data;
    if (atomic_load(&request->http->serving)) {
        reply_too_often(request);
    } else {
        http_request_free(request);
    }
}

/* A client that asks again at each answer then asks once a second. */
static void reply_too_often_later(HttpRequest *request)
{
    g_autoptr(GSource) source = g_timeout_source_new(TOO_OFTEN_HELD_MS);
    g_source_set_callback(source, on_held, request, on_hold_over);
    g_source_attach(source, http_context(request->http));
}

/* Most handlers on this thread reply before they return: nothing has to be paused or posted then.
 */
static void dispatch_here(Http *http, HttpRequest *request)
{
    HttpHere here = {.request = request};
    http->here = &here;
    dispatch(request);
    http->here = NULL;
    if (here.replied) {
        http_send_reply(request);
    } else if (here.request != NULL) {
        wait_for_reply(request);
    }
}

/* The body is in too. */
static void on_request(SoupServer *server, SoupServerMessage *message, const char *path,
                       GHashTable *query, gpointer data)
{
    (void)server;
    (void)path;
    (void)query;
    http_connection_arrived(message, 0);
    HttpRequest *request = g_object_steal_data(G_OBJECT(message), REQUEST_KEY);
    g_assert(request != NULL && request->route != NULL);
    http_request_let_go(request);
    g_autoptr(GError) error = NULL;
    if (request->route->where == HTTP_HERE) {
        dispatch_here(data, request);
        return;
    }
    wait_for_reply(request);
    http_identify(request);
    if (http_is_refused(request, &error)) {
        http_reply_error(request, error);
    } else if (http_reads_too_often(request)) {
        reply_too_often_later(request);
    } else {
        base_post(NULL, on_dispatch_main, request);
    }
}

/* Beginning and end */

/* libsoup keeps connections alive only while it has a listener of its own. This one is the end of a
 * pair that nobody writes to. */
static void give_listener(Http *http)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        g_error("no socket pair: %s", g_strerror(errno));
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) socket = g_socket_new_from_fd(pair[0], &error);
    http->silent = pair[1];
    if (socket == NULL || !soup_server_listen_socket(http->server, socket, 0, &error)) {
        g_error("libsoup does not take a socket: %s", error->message);
    }
}

static void on_stun(void *data, int fd)
{
    Http *http = data;
    if (atomic_load(&http->serving)) {
        rtc_server_adopt_tcp(http->rooms.rtc, fd);
    } else {
        close(fd);
    }
}

static void on_certificate(void *data, HttpTls *tls)
{
    http_port_set_tls(((Http *)data)->port, tls);
}

static void on_start(void *data)
{
    Http *http = data;
    GMainContext *context = base_loop_context(http->loop);
    http->server = soup_server_new("server-header", "majlis", NULL);
    http->media = http_media_new(http);
    http->relays = http_relays_new(context);
    http->connections = http_connections_new(
        &(HttpConnectionsConfig){.proxies = http->proxies, .context = context});
    g_signal_connect(http->server, "request-started", G_CALLBACK(on_started), http);
    g_signal_connect(http->server, "request-finished", G_CALLBACK(on_over), http);
    g_signal_connect(http->server, "request-aborted", G_CALLBACK(on_over), http);
    soup_server_add_early_handler(http->server, NULL, on_headers, http, NULL);
    soup_server_add_handler(http->server, NULL, on_request, http, NULL);
    give_listener(http);
    if (http->tls_files[0] != NULL) {
        http->certificate = http_certificate_new(http->tls_files[0], http->tls_files[1], context,
                                                 on_certificate, http);
    }
    http_port_start(http->port, &(HttpPortConfig){.context = context,
                                                  .connections = http->connections,
                                                  .server = http->server,
                                                  .public_url = http->given_url,
                                                  .stun = on_stun,
                                                  .data = http});
}

/* The port with its certificate, or NULL. */
static HttpPort *new_port(const HttpConfig *config, GError **error)
{
    HttpPort *port = http_port_new(config->listen, error);
    if (port == NULL || config->tls_certificate[0] == '\0') {
        return port;
    }
    g_autoptr(HttpTls) tls = http_tls_new(config->tls_certificate, config->tls_key, error);
    if (tls == NULL) {
        http_port_free(port);
        return NULL;
    }
    http_certificate_warn(tls);
    http_port_set_tls(port, tls);
    return port;
}

static void set_urls(Http *http, const HttpConfig *config)
{
    bool tls = config->tls_certificate[0] != '\0';
    g_autofree char *address = http_port_address(http->port);
    http->bound_url = g_strconcat(tls ? "https://" : "http://", address, NULL);
    bool given = config->public_url != NULL && config->public_url[0] != '\0';
    http->public_url = g_strdup(given ? config->public_url : http->bound_url);
    http->given_url = given ? http->public_url : NULL;
    http->secure = g_str_has_prefix(http->public_url, "https://");
    http->cookie = http->secure ? "__Host-majlis" : "majlis";
    g_autoptr(GUri) uri = g_uri_parse(http->public_url, G_URI_FLAGS_NONE, NULL);
    http->host = uri != NULL ? g_strdup(g_uri_get_host(uri)) : NULL;
    if (tls) {
        http->tls_files[0] = g_strdup(config->tls_certificate);
        http->tls_files[1] = g_strdup(config->tls_key);
    }
}

Http *http_new(const HttpConfig *config, GError **error)
{
    HttpPort *port = new_port(config, error);
    HttpAssets *assets = port != NULL ? http_assets_new(config->web, error) : NULL;
    if (assets == NULL) {
        http_port_free(port);
        return NULL;
    }
    Http *http = g_new0(Http, 1);
    http->assets = assets;
    http->port = port;
    set_urls(http, config);
    http->hosts = http_hosts_new(http->host, config->hosts);
    http->embed_policy = http_embed_policy(config->embed);
    http->ice_servers = g_strdupv((char **)config->ice_servers);
    http->ice_secret = g_strdup(config->ice_secret);
    http->proxies = http_proxies_new(config->trusted_proxies);
    http->replies = g_ptr_array_new();
    http->secret = base_id_new(BASE_ID_SECRET_LENGTH);
    http->tries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    http->sign_ins = base_rates_new();
    http->changes = base_rates_new();
    http->reads = base_rates_new();
    http->loop = base_loop_new("http");
    base_loop_call(http->loop, on_start, http);
    return http;
}

static void on_reload(void *data)
{
    http_certificate_reload(((Http *)data)->certificate);
}

bool http_reload_certificate(Http *http)
{
    if (http->tls_files[0] != NULL) {
        base_post(http_context(http), on_reload, http);
    }
    return http->tls_files[0] != NULL;
}

void http_serve(Http *http, const HttpRooms *rooms)
{
    http->rooms = *rooms;
    atomic_store(&http->serving, true);
}

GMainContext *http_context(const Http *http)
{
    return base_loop_context(http->loop);
}

const char *http_bound_url(const Http *http)
{
    return http->bound_url;
}

const char *http_public_url(const Http *http)
{
    return http->public_url;
}

typedef struct {
    Http *http;
    Qa *qa;
} Close;

static void on_close(void *data)
{
    const Close *close = data;
    atomic_store(&close->http->serving, false);
    http_port_stop(close->http->port);
    if (close->qa != NULL) {
        qa_close_sockets(close->qa);
    }
    soup_server_disconnect(close->http->server);
}

void http_stop(Http *http, Qa *qa)
{
    base_loop_call(http->loop, on_close, &(Close){.http = http, .qa = qa});
}

static void on_end(void *data)
{
    Http *http = data;
    http_media_free(http->media);
    http_certificate_free(http->certificate);
    http_relays_free(http->relays);
    http_connections_spare(http->connections, G_MAXUINT); // while libsoup is there to let them go
    g_clear_object(&http->server);
    http_files_end(http);
    http_connections_free(http->connections);
    close(http->silent);
}

void http_free(Http *http)
{
    if (http == NULL) {
        return;
    }
    base_loop_call(http->loop, on_end, http);
    base_loop_free(http->loop);
    http_assets_free(http->assets);
    g_hash_table_unref(http->tries);
    base_rates_free(http->sign_ins);
    base_rates_free(http->changes);
    base_rates_free(http->reads);
    http_port_free(http->port);
    g_free(http->tls_files[0]);
    g_free(http->tls_files[1]);
    http_hosts_free(http->hosts);
    g_strfreev(http->ice_servers);
    g_free(http->ice_secret);
    http_proxies_free(http->proxies);
    g_ptr_array_unref(http->replies);
    g_free(http->secret);
    g_free(http->embed_policy);
    g_free(http->host);
    g_free(http->bound_url);
    g_free(http->public_url);
    g_free(http);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Who sends a request; asks auth_may().
#include "base/clock.h"
#include "http/core/core.h"

#include <string.h>

static AuthIdentity *find_scraper(const HttpRequest *request)
{
    Http *http = request->http;
    uint8_t hash[AUTH_HASH_BYTES]; // comparing hashes tells no byte of the token
    if (request->token == NULL) {
        return NULL;
    }
    auth_secret_hash(request->token, hash);
    pthread_mutex_lock(&http->mutex);
    bool same = http->has_metrics_token && memcmp(hash, http->metrics_token, sizeof hash) == 0;
    pthread_mutex_unlock(&http->mutex);
    return same ? auth_identity_new("metrics", NULL, NULL, AUTH_SCRAPER, NULL) : NULL;
}

/* By the key of this very input. */
static AuthIdentity *find_encoder(const HttpRequest *request)
{
    const HttpServices *services = &request->http->services;
    const char *session = request->params[0], *name = request->params[1];
    int input = media_input_find(name);
    LiveView view;
    if (input < 0 || !live_view(services->live, session, &view)) {
        return NULL;
    }
    g_clear_pointer(&view.hls, hls_snapshot_unref);
    int64_t issued_us = view.keys_us[input];
    bool good = issued_us != 0 &&
                auth_input_check(services->paths, request->token, session, name, issued_us);
    g_autofree char *owner = http_encoder(session, name);
    return good ? auth_identity_new(owner, NULL, NULL, AUTH_ENCODER, session) : NULL;
}

/* A signed path's end is checked at the start only, its sign-in always. */
static AuthIdentity *find_who(HttpRequest *request)
{
    const HttpServices *services = &request->http->services;
    int64_t wall_us = base_wall_us();
    if (request->route->object == HTTP_OF_PATH) {
        g_autofree char *token = g_strconcat(AUTH_PATH_PREFIX, request->params[1], NULL);
        int64_t now_us = base_steady_us();
        bool begun = request->until_us > 0;
        return auth_path_check(services->paths, services->tokens, request->params[0], token,
                               begun ? MIN(now_us, request->until_us - 1) : now_us, wall_us,
                               &request->until_us, request->sign_in);
    }
    if (request->route->object == HTTP_OF_METRICS) {
        return find_scraper(request);
    }
    if (request->token != NULL && g_str_has_prefix(request->token, AUTH_INPUT_PREFIX)) {
        return request->route->object == HTTP_OF_INPUT ? find_encoder(request) : NULL;
    }
    return request->token != NULL ? auth_tokens_find(services->tokens, request->token, wall_us)
                                  : NULL;
}

char *http_encoder(const char *session, const char *input)
{
    return g_strconcat("encoder ", session, " ", input, NULL);
}

void http_identify(HttpRequest *request)
{
    g_clear_pointer(&request->who, auth_identity_unref);
    request->who = find_who(request);
}

bool http_media_object(Http *http, const char *session, AuthObject *out)
{
    LiveView view;
    if (!live_view(http->services.live, session, &view)) {
        return false;
    }
    g_clear_pointer(&view.hls, hls_snapshot_unref);
    *out = (AuthObject){.session = session, .open = view.open, .published = view.published};
    return true;
}

static bool find_object(const HttpRequest *request, AuthObject *out)
{
    *out = (AuthObject){0};
    if (request->route->object == HTTP_ANY || request->route->object == HTTP_OF_VIEWER ||
        request->route->object == HTTP_OF_PUBLISHER || request->route->object == HTTP_OF_FEED ||
        request->route->object == HTTP_OF_METRICS) {
        return true;
    }
    const char *session =
        request->route->object == HTTP_OF_QUESTION ? request->session : request->params[0];
    return session != NULL && http_media_object(request->http, session, out);
}

bool http_may(const HttpRequest *request, AuthAction action)
{
    AuthObject object;
    return find_object(request, &object) && auth_may(request->who, action, &object);
}

const char *http_counted(const HttpRequest *request)
{
    const char *address = request->address != NULL ? request->address : "";
    return request->who != NULL ? request->who->person : address;
}

bool http_takes_place(const HttpRequest *request, HttpUse use)
{
    return http_admission_take(request->http->admission, use, request->params[0],
                               http_counted(request), http_may(request, AUTH_WATCH_CLOSED),
                               base_clock_us());
}

bool http_has_place(HttpRequest *request, HttpUse use)
{
    bool taken = http_takes_place(request, use);
    if (!taken) {
        http_reply_problem(request, BASE_CODE_NO_PLACE,
                           "All places are taken at the moment. Try again after the time that "
                           "Retry-After tells; the page does so by itself.");
    }
    return taken;
}

/* Without [server] public_feeds the recordings of open sessions are for those who signed in. */
static bool is_signed_out(const HttpRequest *request)
{
    AuthAction action = request->route->action;
    bool closed = action == AUTH_FEED_RECORDING && !request->http->public_feeds;
    return request->who == NULL && (closed || auth_needs_sign_in(action));
}

bool http_is_refused(HttpRequest *request, GError **error)
{
    bool refused = is_signed_out(request);
    return refused && !http_allowed(request, error);
}

bool http_allowed(HttpRequest *request, GError **error)
{
    AuthObject object;
    bool refused = is_signed_out(request);
    bool found = !refused && find_object(request, &object);
    if (found && auth_may(request->who, request->route->action, &object)) {
        return true;
    }
    if (request->who == NULL && request->route->object == HTTP_OF_PATH) {
        base_refuse(error, BASE_CODE_PATH_EXPIRED, NULL, NULL,
                    "This link has expired or was revoked. Get a new one from the session's page.");
    } else if (request->who == NULL && request->route->object == HTTP_OF_METRICS) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_SIGNED_OUT,
                    "Metrics are for the bearer of the token in [metrics] token_file.");
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

bool http_still_allowed(HttpRequest *request, const GError *failed)
{
    g_autoptr(GError) error = NULL;
    http_identify(request);
    if (failed == NULL && http_allowed(request, &error)) {
        return true;
    }
    http_reply_error(request, failed != NULL ? failed : error);
    return false;
}

bool http_may_at(const HttpRequest *request, const HttpRoute *route, const char *path)
{
    HttpRequest other = {.http = request->http, .route = route, .token = request->token};
    if (!http_route_params(route, path, other.params)) {
        return false;
    }
    other.who = find_who(&other);
    g_autoptr(GError) error = NULL;
    bool may = http_allowed(&other, &error);
    for (int n = 0; n < HTTP_MAX_PARAMS; n++) {
        g_free(other.params[n]);
    }
    auth_identity_unref(other.who);
    return may;
}

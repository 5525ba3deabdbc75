// SPDX-License-Identifier: GPL-3.0-or-later
// Signed media paths: handing them out, and answering a cache in front that asks whether one still
// counts. Http thread. The token is in the path, so no path of a request is ever logged here.
#include "http/private.h"

#include "base/clock.h"

#include <string.h>

#define DEFAULT_MINUTES 5
#define MAX_MINUTES 480 // a television cannot renew
#define CHECK_AGE_S 4   // nginx lets in who was just revoked for up to a second more

/* 0: not acceptable. */
static unsigned minutes_wanted(const HttpRequest *request)
{
    g_autoptr(GHashTable) query = request->query != NULL ? soup_form_decode(request->query) : NULL;
    const char *text = query != NULL ? g_hash_table_lookup(query, "minutes") : NULL;
    guint64 minutes = DEFAULT_MINUTES;
    if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 1, MAX_MINUTES, &minutes, NULL)) {
        return 0;
    }
    return (unsigned)minutes;
}

const char *http_media_name(const HttpRequest *request)
{
    return request->params[request->route->object == HTTP_OF_PATH ? 2 : 1];
}

void http_on_media_path(Http *http, HttpRequest *request)
{
    unsigned minutes = minutes_wanted(request);
    if (minutes == 0) {
        http_reply_problem(request, BASE_ERROR_INVALID,
                           "\"minutes\" is a number from 1 to " G_STRINGIFY(MAX_MINUTES) ".");
        return;
    }
    uint8_t sign_in[AUTH_HASH_BYTES];
    auth_secret_hash(request->token, sign_in);
    int64_t until_us = base_wall_us() + minutes * 60 * BASE_US_PER_S;
    g_autofree char *token =
        auth_path_sign(http->rooms.paths, request->params[0], sign_in, until_us);
    g_autofree char *until = base_time_format(until_us);
    bool live = request->route->action == AUTH_WATCH;
    g_autofree char *path = g_strdup_printf(live ? "/sessions/%s/hls/%s/" : "/recordings/%s/%s/",
                                            request->params[0], token);
    // after "#": no browser sends that part, so the token is in no log
    g_autofree char *embed = g_strdup_printf("/ar/embed/%s#%s", request->params[0], token);
    json_t *json =
        json_pack("{s:s, s:s, s:s}", "path", path, "embed", embed, "expires_at", until);
    if (live) {
        g_autofree char *whep = g_strconcat(path, "whep", NULL);
        json_object_set_new(json, "whep", json_string(whep));
    }
    http_reply_json(request, 200, json);
}

/* For nginx's auth_request. What is public and what staff see in the lobby have the same names, so
 * the audience belongs in the key of a cache that leaves the token out of it. */
void http_on_path_check(Http *http, HttpRequest *request)
{
    (void)http;
    int64_t left_s = (request->until_us - base_wall_us()) / BASE_US_PER_S;
    g_autofree char *age =
        g_strdup_printf("public, max-age=%d", (int)CLAMP(left_s, 0, CHECK_AGE_S));
    http_header(request, "Cache-Control", age);
    http_header(request, "X-Majlis-Audience",
                http_may(request, AUTH_WATCH_CLOSED) ? "privileged" : "public");
    http_reply(request, 204, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Makes signed media paths, and checks them for a cache. Never logged: they hold the token.
#include "http/resources.h"

#include "base/clock.h"

#include <string.h>

#define DEFAULT_MINUTES 5
#define MAX_MINUTES 480 // televisions cannot renew
#define CHECK_AGE_S 4   // nginx adds up to a second after a revocation

/* 0: invalid. */
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

void http_on_media_path(Http *http, HttpRequest *request)
{
    unsigned minutes = minutes_wanted(request);
    if (minutes == 0) {
        http_reply_problem(request, BASE_CODE_INVALID,
                           "\"minutes\" is a number from 1 to " G_STRINGIFY(MAX_MINUTES) ".");
        return;
    }
    bool live = request->route->action == AUTH_WATCH;
    if (live && !http_has_place(request, HTTP_WATCHES)) {
        return;
    }
    uint8_t sign_in[AUTH_HASH_BYTES];
    auth_secret_hash(request->token, sign_in);
    int64_t life_us = minutes * 60 * BASE_US_PER_S, until_us = base_steady_us() + life_us;
    g_autofree char *token =
        auth_path_sign(http->services.paths, request->params[0], sign_in, false, until_us);
    // shown to everybody who sees the other site's page
    g_autofree char *shown =
        auth_path_sign(http->services.paths, request->params[0], sign_in, true, until_us);
    g_autofree char *until = base_time_format(base_wall_us() + life_us);
    g_autofree char *path = g_strdup_printf(live ? "/sessions/%s/hls/%s/" : "/recordings/%s/%s/",
                                            request->params[0], token);
    // browsers do not send what follows "#"
    g_autofree char *embed = g_strdup_printf("/ar/embed/%s#%s", request->params[0], shown);
    json_t *json = json_pack("{s:s, s:s, s:s}", "path", path, "embed", embed, "expires_at", until);
    if (live) {
        g_autofree char *whep = g_strconcat(path, "whep", NULL);
        json_object_set_new(json, "whep", json_string(whep));
    }
    http_reply_json(request, 200, json);
}

/* For a cache's key: staff get other media, newcomers to a full server none. */
static const char *audience_of(const HttpRequest *request)
{
    return http_may(request, AUTH_WATCH_CLOSED)      ? "privileged"
           : http_takes_place(request, HTTP_WATCHES) ? "public"
                                                     : "newcomer";
}

/* nginx's auth_request: a viewer whom the cache serves. */
void http_on_path_check(Http *http, HttpRequest *request)
{
    (void)http;
    const char *audience = audience_of(request);
    if (strcmp(audience, "public") == 0) {
        http_note_player(request);
    }
    int64_t left_s = (request->until_us - base_steady_us()) / BASE_US_PER_S;
    g_autofree char *age =
        g_strdup_printf("public, max-age=%d", (int)CLAMP(left_s, 0, CHECK_AGE_S));
    http_header(request, "Cache-Control", age);
    http_header(request, "X-Majlis-Audience", audience);
    http_reply(request, 204, NULL, NULL);
}

/* For players without sign-in, before and after the broadcast. */
void http_on_path_session(Http *http, HttpRequest *request)
{
    const char *const shown[] = {"title", "speakers", "starts_at", "state"};
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    if (row == NULL) {
        http_reply_problem(request, BASE_CODE_NO_SESSION, "There is no such session.");
        return;
    }
    g_autoptr(json_t) whole = session_json(row);
    json_t *json = json_object();
    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++) {
        json_object_set(json, shown[i], json_object_get(whole, shown[i]));
    }
    http_header(request, "Cache-Control", "no-store");
    http_reply_json(request, 200, json);
}

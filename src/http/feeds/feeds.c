// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds: documents, a podcast's files, a person's own addresses. Main thread.
#include "http/feeds/feeds.h"

#include "base/clock.h"

#include <string.h>

#define FILE_US (8 * INT64_C(3600) * BASE_US_PER_S) // a download with pauses

static HttpFeedKind kind_of(const HttpRequest *request)
{
    return g_str_has_suffix(request->route->pattern, ".ics") ? HTTP_FEED_CALENDAR
                                                             : HTTP_FEED_PODCAST;
}

void http_on_feed(Http *http, HttpRequest *request)
{
    if (!http->public_feeds) {
        http_reply_problem(request, BASE_CODE_NOT_FOUND,
                           "There is no public feed here. A person's own has an address of its "
                           "own, shown on the home page.");
        return;
    }
    http_feed_reply(request, kind_of(request), NULL, NULL);
}

static void reply_own(HttpRequest *request, GPtrArray *grants)
{
    http_feed_reply(request, kind_of(request), request->params[0], grants);
}

void http_on_own_feed(Http *http, HttpRequest *request)
{
    (void)http;
    http_feed_ask(request, reply_own);
}

/* Chapters */

/* https://podcasting2.org/docs/podcast-namespace/tags/chapters, version 1.2 */
static void reply_chapters(HttpRequest *request, const char *session)
{
    g_autoptr(GHashTable) query = request->query != NULL ? soup_form_decode(request->query) : NULL;
    const char *asked = query != NULL ? g_hash_table_lookup(query, "lang") : NULL;
    bool english = g_strcmp0(asked, "en") == 0;
    g_autoptr(json_t) items = live_chapters(request->http->services.live, session);
    json_t *chapters = json_array();
    size_t i;
    json_t *item;
    json_array_foreach (items, i, item) {
        const json_t *at = json_object_get(item, "at_ms"), *title = json_object_get(item, "title");
        const char *wanted = json_string_value(json_object_get(title, english ? "en" : "ar"));
        const char *other = json_string_value(json_object_get(title, english ? "ar" : "en"));
        if (json_is_integer(at)) {
            json_array_append_new(chapters,
                                  json_pack("{s:f, s:s}", "startTime",
                                            (double)json_integer_value(at) / 1000, "title",
                                            wanted != NULL && *wanted != '\0' ? wanted : other));
        }
    }
    json_t *json = json_pack("{s:s, s:o}", "version", "1.2.0", "chapters", chapters);
    char *text = base_json_text(json);
    json_decref(json);
    http_reply(request, 200, "application/json+chapters", g_bytes_new_take(text, strlen(text)));
}

void http_on_feed_chapters(Http *http, HttpRequest *request)
{
    (void)http;
    reply_chapters(request, request->params[0]);
}

/* Files of a person's podcast */

/* Borrowed; NULL: has replied. */
static AuthIdentity *find_reader(HttpRequest *request, const GPtrArray *grants)
{
    const StoreSession *row = live_session(request->http->services.live, request->params[1]);
    AuthIdentity *who = NULL;
    if (row != NULL && row->state == SESSION_PUBLISHED && row->deleted_us == 0) {
        AuthObject object = http_session_object(row);
        http_feed_may(grants, AUTH_FEED_RECORDING, &object, &who);
    }
    if (who == NULL) {
        http_reply_problem(request, BASE_CODE_NOT_FOUND,
                           "There is no such recording, or it is not for you any more.");
    }
    return who;
}

static void reply_own_chapters(HttpRequest *request, GPtrArray *grants)
{
    if (find_reader(request, grants) != NULL) {
        reply_chapters(request, request->params[1]);
    }
}

void http_on_own_chapters(Http *http, HttpRequest *request)
{
    (void)http;
    http_feed_ask(request, reply_own_chapters);
}

/* To a signed path: it has ranges, and ends with the right. */
static void reply_own_file(HttpRequest *request, GPtrArray *grants)
{
    static const char *const names[] = {"recording.mp4", "audio.m4a", "poster.jpg", NULL};
    const HttpServices *services = &request->http->services;
    const char *session = request->params[1], *name = request->params[2];
    if (!g_strv_contains(names, name)) {
        http_reply_problem(request, BASE_CODE_NOT_FOUND,
                           "There is no such file in this recording.");
        return;
    }
    AuthIdentity *who = find_reader(request, grants);
    if (who == NULL) {
        return;
    }
    uint8_t hash[AUTH_HASH_BYTES];
    int64_t now_us = base_wall_us();
    auth_feed_hash(services->paths, who->person, session, hash);
    auth_tokens_lend(services->tokens, hash, who, now_us, now_us + FILE_US);
    g_autofree char *token =
        auth_path_sign(services->paths, session, hash, true, base_steady_us() + FILE_US);
    g_autofree char *location = g_strdup_printf("/recordings/%s/%s/%s", session, token, name);
    http_header(request, "Location", location);
    http_reply(request, 302, NULL, NULL);
}

void http_on_own_file(Http *http, HttpRequest *request)
{
    (void)http;
    http_feed_ask(request, reply_own_file);
}

/* A person's own addresses */

typedef struct {
    HttpRequest *request;
    int64_t issued_us;
} Own;

static json_t *address_json(const HttpRequest *request, const char *token, const char *name)
{
    g_autofree char *address = g_strdup_printf("%s/feeds/" AUTH_PATH_PREFIX "%s/%s",
                                               request->http->public_url, token, name);
    return json_string(address);
}

static void on_own(void *data, const GError *error)
{
    Own *own = data;
    HttpRequest *request = own->request;
    const HttpServices *services = &request->http->services;
    const char *person = request->who->person;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        g_autofree char *token = auth_feed_sign(services->paths, person, own->issued_us);
        if (strcmp(request->route->method, "POST") == 0) {
            auth_tokens_take_back(services->tokens, person);
        }
        http_reply_json(request, 200,
                        json_pack("{s:o, s:o}", "sessions",
                                  address_json(request, token, "sessions.ics"), "recordings",
                                  address_json(request, token, "recordings.rss")));
    }
    g_free(own);
}

static bool issued_job(StoreDb *db, void *data, GError **error)
{
    Own *own = data;
    return store_feeds_issued(db, own->request->who->person, &own->issued_us, error);
}

static bool issue_job(StoreDb *db, void *data, GError **error)
{
    Own *own = data;
    return store_feeds_issue(db, own->request->who->person, base_wall_us(), &own->issued_us, error);
}

static Own *own_new(HttpRequest *request)
{
    Own *own = g_new0(Own, 1);
    own->request = request;
    return own;
}

void http_on_feeds(Http *http, HttpRequest *request)
{
    store_submit_read(http->services.store, issued_job, on_own, own_new(request));
}

void http_on_feeds_replace(Http *http, HttpRequest *request)
{
    store_submit(http->services.store, issue_job, on_own, own_new(request));
}

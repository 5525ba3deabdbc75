// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps feeds until a session or a right changes.
#include "http/feeds/feeds.h"

#include "base/clock.h"

#include <gio/gio.h>
#include <stdatomic.h>
#include <string.h>

#define MAX_FEEDS 1000
#define MAX_BYTES (INT64_C(32) << 20)
#define AGE_S 300 // how long clients need not ask

typedef struct {
    char *key;
    bool personal;
    char *grants; // nullable: for whom `body`, or what is being made, is
    uint64_t change;
    GBytes *body; // nullable
    char *etag;
    int64_t modified_us, used_us; // wall clock, clock
    bool making;
    GPtrArray *waiting, *late; // HttpRequest: for what is being made, for what comes after it
} Feed;

struct HttpFeeds {
    GHashTable *feeds; // by key
    int64_t bytes;
    uint64_t change; // counts
};

static void feed_free(void *data)
{
    Feed *feed = data;
    g_free(feed->key);
    g_free(feed->grants);
    g_free(feed->etag);
    g_clear_pointer(&feed->body, g_bytes_unref);
    g_ptr_array_unref(feed->waiting);
    g_ptr_array_unref(feed->late);
    g_free(feed);
}

HttpFeeds *http_feeds_new(void)
{
    HttpFeeds *feeds = g_new0(HttpFeeds, 1);
    feeds->feeds = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, feed_free);
    return feeds;
}

void http_feeds_free(HttpFeeds *feeds)
{
    g_hash_table_unref(feeds->feeds);
    g_free(feeds);
}

void http_feeds_changed(Http *http)
{
    http->feeds->change++;
}

static int64_t bytes_of(const Feed *feed)
{
    return feed->body != NULL ? (int64_t)g_bytes_get_size(feed->body) : 0;
}

static void make_room(HttpFeeds *feeds)
{
    while (feeds->bytes > MAX_BYTES || g_hash_table_size(feeds->feeds) > MAX_FEEDS) {
        GHashTableIter iter;
        Feed *feed, *oldest = NULL;
        g_hash_table_iter_init(&iter, feeds->feeds);
        while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&feed)) {
            if (!feed->making && (oldest == NULL || feed->used_us < oldest->used_us)) {
                oldest = feed;
            }
        }
        if (oldest == NULL) {
            return;
        }
        feeds->bytes -= bytes_of(oldest);
        g_hash_table_remove(feeds->feeds, oldest->key);
    }
}

/* RFC 9110 13.2.2: If-None-Match counts before If-Modified-Since. */
static bool has_it(const HttpRequest *request, const Feed *feed)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *known = soup_message_headers_get_list(headers, "If-None-Match");
    const char *since = soup_message_headers_get_one(headers, "If-Modified-Since");
    if (known != NULL) {
        return strcmp(known, "*") == 0 || strstr(known, feed->etag) != NULL;
    }
    g_autoptr(GDateTime) at = since != NULL ? soup_date_time_new_from_http_string(since) : NULL;
    return at != NULL && feed->modified_us / BASE_US_PER_S <= g_date_time_to_unix(at);
}

static void reply_with(HttpRequest *request, const Feed *feed)
{
    bool calendar = g_str_has_suffix(request->route->pattern, ".ics");
    g_autoptr(GDateTime) at = g_date_time_new_from_unix_utc(feed->modified_us / BASE_US_PER_S);
    g_autofree char *modified = soup_date_time_to_string(at, SOUP_DATE_HTTP);
    g_autofree char *age =
        g_strdup_printf("%s, max-age=%d", feed->personal ? "private" : "public", AGE_S);
    http_header(request, "ETag", feed->etag);
    http_header(request, "Last-Modified", modified);
    http_header(request, "Cache-Control", age);
    if (has_it(request, feed)) {
        http_reply(request, 304, NULL, NULL);
        return;
    }
    http_reply(request, 200,
               calendar ? "text/calendar; charset=utf-8" : "application/rss+xml; charset=utf-8",
               g_bytes_ref(feed->body));
}

typedef struct {
    Http *http;
    Feed *feed; // stays while it is being made
    HttpFeedJob *job;
    char *text;
    atomic_bool handed; // for ThreadSanitizer, blind to GTask
} Making;

static void take_text(HttpFeeds *feeds, Feed *feed, char *text)
{
    size_t size = strlen(text);
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, size);
    g_autofree char *etag = g_strdup_printf("\"%.32s\"", sum);
    feeds->bytes += (int64_t)size - bytes_of(feed);
    g_clear_pointer(&feed->body, g_bytes_unref);
    feed->body = g_bytes_new_take(text, size);
    if (g_strcmp0(etag, feed->etag) != 0) {
        g_free(feed->etag);
        feed->etag = g_steal_pointer(&etag);
        feed->modified_us = base_wall_us();
    }
}

static void on_made(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object;
    (void)result;
    Making *making = data;
    Feed *feed = making->feed;
    HttpFeeds *feeds = making->http->feeds;
    atomic_load_explicit(&making->handed, memory_order_acquire);
    g_autoptr(GPtrArray) waiting = g_steal_pointer(&feed->waiting);
    g_autoptr(GPtrArray) late = g_steal_pointer(&feed->late);
    feed->waiting = g_ptr_array_new();
    feed->late = g_ptr_array_new();
    feed->making = false;
    take_text(feeds, feed, making->text);
    for (guint i = 0; i < waiting->len; i++) {
        reply_with(waiting->pdata[i], feed);
    }
    make_room(feeds);
    for (guint i = 0; i < late->len; i++) { // with the rights of now
        HttpRequest *request = late->pdata[i];
        request->route->handle(request->http, request);
    }
    http_feed_job_free(making->job);
    g_free(making);
}

static void make_on_worker(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    Making *making = data;
    atomic_load_explicit(&making->handed, memory_order_acquire);
    making->text = http_feed_make(making->job);
    atomic_store_explicit(&making->handed, true, memory_order_release);
    g_task_return_boolean(task, TRUE);
}

static void make(Http *http, Feed *feed, HttpFeedJob *job)
{
    feed->making = true;
    feed->change = http->feeds->change;
    g_free(feed->grants);
    feed->grants = g_strdup(job->grants);
    Making *making = g_new0(Making, 1);
    making->http = http;
    making->feed = feed;
    making->job = job;
    atomic_store_explicit(&making->handed, true, memory_order_release);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_made, making);
    g_task_set_task_data(task, making, NULL);
    g_task_run_in_thread(task, make_on_worker);
}

/* Takes `key`. */
static Feed *find_feed(HttpFeeds *feeds, char *key, bool personal)
{
    Feed *feed = g_hash_table_lookup(feeds->feeds, key);
    if (feed != NULL) {
        g_free(key);
        return feed;
    }
    feed = g_new0(Feed, 1);
    feed->key = key;
    feed->personal = personal;
    feed->waiting = g_ptr_array_new();
    feed->late = g_ptr_array_new();
    g_hash_table_insert(feeds->feeds, key, feed);
    return feed;
}

/* Arabic unless ?lang=en. Static. */
static const char *language_of(const HttpRequest *request)
{
    g_autoptr(GHashTable) query = request->query != NULL ? soup_form_decode(request->query) : NULL;
    const char *asked = query != NULL ? g_hash_table_lookup(query, "lang") : NULL;
    return g_strcmp0(asked, "en") == 0 ? "en" : "ar";
}

void http_feed_reply(HttpRequest *request, HttpFeedKind kind, const char *token,
                     const GPtrArray *grants)
{
    Http *http = request->http;
    const char *lang = language_of(request);
    g_autofree char *allowed = http_feed_grants_text(grants);
    Feed *feed = find_feed(http->feeds,
                           g_strdup_printf("%d %s %s", (int)kind, lang, token != NULL ? token : ""),
                           token != NULL);
    bool fresh = feed->change == http->feeds->change && g_strcmp0(feed->grants, allowed) == 0;
    feed->used_us = base_clock_us();
    if (feed->making) {
        g_ptr_array_add(fresh ? feed->waiting : feed->late, request);
    } else if (fresh && feed->body != NULL) {
        reply_with(request, feed);
    } else {
        g_ptr_array_add(feed->waiting, request);
        make(http, feed, http_feed_job_new(http, kind, lang, token, grants));
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// HLS (hls/hls.h). Requests for future media wait for the next snapshot, bounded in number and
// time, on their connection's thread.
#include "http/resources.h"

#include "base/clock.h"

#define LOOK_MS 500 // checks rights and time limits
#define MAX_WAITING 4000
#define MAX_WAITING_PER_SIGN_IN 16     // four players, each two lists and two parts
#define PLAYER_US (10 * BASE_US_PER_S) // a viewer so long after a playlist

/* Shared by threads; mutex. */
struct HttpPlayers {
    pthread_mutex_t mutex;
    unsigned waiting;       // requests
    GHashTable *waiting_of; // AuthIdentity of a sign-in (borrowed) -> number
    GHashTable *players;    // "session person" -> int64_t *: last playlist (clock)
};

/* Of one thread. */
struct HttpMedia {
    HttpThread *thread;
    GQueue waiting; // HttpRequest
    GSource *timer;
};

typedef struct {
    GList link;
    AuthIdentity *who; // when it began to wait
    int64_t since_us, until_us;
} Wait;

/* A signed path's bearer has the right: shared caches may store the answer. */
static char *caching(const HttpRequest *request, const HlsResponse *found)
{
    const char *whose = request->route->object == HTTP_OF_PATH ? "public" : "private";
    bool list = g_str_has_suffix(http_media_name(request), ".m3u8");
    return found->max_age_s > 0 ? g_strdup_printf("%s, max-age=%u%s", whose, found->max_age_s,
                                                  list ? "" : ", immutable")
                                : g_strdup_printf("%s, no-cache", whose);
}

/* RFC 9110 12.5.3; "*" is no. */
static bool takes_gzip(const HttpRequest *request)
{
    const char *list = http_accept_encoding(request);
    if (list == NULL) {
        return false;
    }
    GSList *accepted = soup_header_parse_quality_list(list, NULL); // drops quality 0
    bool takes = g_slist_find_custom(accepted, "gzip", (GCompareFunc)g_ascii_strcasecmp) != NULL;
    soup_header_free_list(accepted);
    return takes;
}

/* Clears `found`. */
static void respond(HttpRequest *request, HlsResponse *found)
{
    g_autofree char *cache = caching(request, found);
    bool gzip = found->gzip != NULL && takes_gzip(request);
    http_header(request, "Cache-Control", cache);
    if (found->gzip != NULL) {
        http_header(request, "Vary", "Accept-Encoding");
    }
    if (gzip) {
        http_header(request, "Content-Encoding", "gzip");
    }
    GBytes **lead = gzip ? &found->gzip_lead : &found->lead;
    GBytes **body = gzip ? &found->gzip : &found->body;
    GBytes *text = g_steal_pointer(body);
    request->lead = g_steal_pointer(lead);
    atomic_fetch_add(&request->http->counts.hls_bytes,
                     g_bytes_get_size(text) +
                         (request->lead != NULL ? g_bytes_get_size(request->lead) : 0));
    hls_response_clear(found);
    http_reply(request, 200, found->content_type, text);
}

static void find_older(HttpFile *file)
{
    const HlsDisk *disk = &file->disk;
    file->file = archive_live_file(file->directory, file->id, disk->run, disk->key,
                                   disk->init ? NULL : &disk->sequence);
    file->found = file->file != NULL ? PUBLISH_FOUND : PUBLISH_NOT_FOUND;
    file->bytes = disk->bytes;
}

static void respond_from_disk(HttpRequest *request, const HlsResponse *found)
{
    HttpFile *file = g_new0(HttpFile, 1);
    *file = (HttpFile){.find = find_older,
                       .directory = g_strdup(live_directory(request->http->services.live)),
                       .id = g_strdup(request->params[0]),
                       .disk = found->disk,
                       .cache = caching(request, found),
                       .type = found->content_type};
    http_send_file(request, file);
}

/* Rights and snapshot of one moment. */
static bool may(const HttpRequest *request, const LiveView *view, AuthAction action)
{
    AuthObject object = {
        .session = request->params[0], .open = view->open, .published = view->published};
    return auth_may(request->who, action, &object);
}

/* False: must wait, at most `*out_longest_s`. */
static bool try_respond(HttpRequest *request, unsigned *out_longest_s)
{
    LiveView view = {0};
    g_autoptr(GError) error = NULL;
    if (!live_view(request->http->services.live, request->params[0], &view) ||
        !may(request, &view, request->route->action)) {
        g_clear_pointer(&view.hls, hls_snapshot_unref);
        if (!http_allowed(request, &error)) { // says why
            http_reply_error(request, error);
            return true;
        }
    }
    HlsAudience audience = may(request, &view, AUTH_WATCH_CLOSED) ? HLS_PRIVILEGED : HLS_PUBLIC;
    if (view.hls == NULL) {
        http_reply_problem(request, view.ended ? BASE_CODE_OVER : BASE_CODE_NOT_BEGUN,
                           view.ended ? "The session is over. Its recording is under /recordings/."
                                      : "The session has no picture yet. Try again in a moment.");
        return true;
    }
    g_autoptr(HlsSnapshot) snapshot = view.hls;
    HlsResponse found = {0};
    const char *name = http_media_name(request);
    switch (hls_snapshot_get(snapshot, audience, name, request->query, &found)) {
    case HLS_FOUND:
        respond(request, &found);
        return true;
    case HLS_NOT_FOUND:
        http_reply_problem(request, BASE_CODE_NOT_FOUND,
                           "There is no such playlist or segment, or it has left the window.");
        return true;
    case HLS_BAD:
        http_reply_problem(request, BASE_CODE_INVALID,
                           "The _HLS_ values ask for a segment that cannot exist yet.");
        return true;
    case HLS_ON_DISK:
        if (request->message == NULL) {
            atomic_fetch_sub(&request->http->counts.hls_requests, 1); // it comes again
            http_pass(request);
        } else {
            respond_from_disk(request, &found);
        }
        return true;
    case HLS_WAIT:
        *out_longest_s = found.wait_s;
        break;
    }
    return false;
}

/* Locked. */
static void count_waiting(HttpPlayers *players, AuthIdentity *who, int change)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(players->waiting_of, who)) + (guint)change;
    players->waiting += (unsigned)change;
    if (count == 0) {
        g_hash_table_remove(players->waiting_of, who);
    } else {
        g_hash_table_insert(players->waiting_of, who, GUINT_TO_POINTER(count));
    }
}

/* NULL: counted. Else the reason. */
static const char *take_place(HttpPlayers *players, AuthIdentity *who, BaseCode *out_code)
{
    const char *refusal = NULL;
    pthread_mutex_lock(&players->mutex);
    if (players->waiting >= MAX_WAITING) {
        *out_code = BASE_CODE_UNAVAILABLE;
        refusal = "Too many players wait at once. Try again in a moment.";
    } else if (GPOINTER_TO_UINT(g_hash_table_lookup(players->waiting_of, who)) >=
               MAX_WAITING_PER_SIGN_IN) {
        *out_code = BASE_CODE_LIMIT;
        refusal = "Too many of your players wait at once. Close some, or try again.";
    } else {
        count_waiting(players, who, 1);
    }
    pthread_mutex_unlock(&players->mutex);
    return refusal;
}

static void give_place(HttpPlayers *players, AuthIdentity *who)
{
    pthread_mutex_lock(&players->mutex);
    count_waiting(players, who, -1);
    pthread_mutex_unlock(&players->mutex);
}

static void stop_waiting(HttpMedia *media, HttpRequest *request)
{
    Wait *wait = g_steal_pointer(&request->waiting);
    request->on_waiter_gone = NULL;
    if (wait != NULL) {
        g_queue_unlink(&media->waiting, &wait->link);
        HttpCounts *counts = &media->thread->http->counts;
        atomic_fetch_sub(&counts->hls_waiting, 1);
        base_histogram_observe(&counts->hls_wait, base_clock_us() - wait->since_us);
        give_place(media->thread->http->players, wait->who);
        auth_identity_unref(wait->who);
        g_free(wait);
    }
}

static void on_waiter_gone(HttpRequest *request)
{
    stop_waiting(request->thread->media, request);
    http_reply(request, 503, NULL, NULL); // frees the request
}

static void look(HttpMedia *media, const char *session)
{
    if (!atomic_load(&media->thread->http->serving)) {
        return; // the server is stopping
    }
    for (GList *at = media->waiting.head; at != NULL;) {
        HttpRequest *request = at->data;
        at = at->next;
        unsigned longest_s; // unused: the first wait counts
        if (strcmp(request->params[0], session) != 0) {
            continue;
        }
        http_identify(request);
        if (try_respond(request, &longest_s)) {
            stop_waiting(media, request);
        }
    }
}

static void look_at_waiting(HttpMedia *media, int64_t now_us)
{
    for (GList *at = media->waiting.head; at != NULL;) {
        HttpRequest *request = at->data;
        const Wait *wait = request->waiting;
        g_autoptr(GError) error = NULL;
        at = at->next;
        http_identify(request);
        if (!http_allowed(request, &error)) {
            stop_waiting(media, request);
            http_reply_error(request, error);
        } else if (now_us > wait->until_us) {
            stop_waiting(media, request);
            atomic_fetch_add(&media->thread->http->counts.hls_timeouts, 1);
            http_reply_problem(request, BASE_CODE_UNAVAILABLE, // RFC 8216bis 6.2.5.2
                               "The session has no new media at the moment. Try again shortly.");
        }
    }
}

/* Forgets silent players. */
static void count_players(Http *http, int64_t now_us)
{
    HttpPlayers *players = http->players;
    GHashTableIter iter;
    int64_t *seen_us;
    pthread_mutex_lock(&players->mutex);
    g_hash_table_iter_init(&iter, players->players);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&seen_us)) {
        if (now_us - *seen_us > PLAYER_US) {
            g_hash_table_iter_remove(&iter);
        }
    }
    atomic_store(&http->hls_players, g_hash_table_size(players->players));
    pthread_mutex_unlock(&players->mutex);
}

static gboolean on_timer(gpointer data)
{
    HttpMedia *media = data;
    HttpThread *thread = media->thread;
    int64_t now_us = base_clock_us();
    if (atomic_load(&thread->http->serving)) {
        look_at_waiting(media, now_us);
        http_files_look(thread);
    }
    if (thread == thread->http->threads) { // one for all
        count_players(thread->http, now_us);
    }
    return G_SOURCE_CONTINUE;
}

const char *http_media_name(const HttpRequest *request)
{
    return request->params[request->route->object == HTTP_OF_PATH ? 2 : 1];
}

void http_note_player(const HttpRequest *request)
{
    HttpPlayers *players = request->http->players;
    char *key = g_strdup_printf("%s %s", request->params[0], request->who->person);
    int64_t now_us = base_clock_us();
    pthread_mutex_lock(&players->mutex);
    g_hash_table_insert(players->players, key, g_memdup2(&now_us, sizeof now_us));
    pthread_mutex_unlock(&players->mutex);
}

void http_on_hls(Http *http, HttpRequest *request)
{
    atomic_fetch_add(&http->counts.hls_requests, 1);
    unsigned longest_s = 0;
    // parts are of no use without a list
    if (request->who != NULL && g_str_has_suffix(http_media_name(request), ".m3u8")) {
        if (!http_has_place(request, HTTP_WATCHES)) {
            return;
        }
        http_note_player(request);
    }
    if (try_respond(request, &longest_s)) {
        return;
    }
    BaseCode code;
    const char *refusal = take_place(http->players, request->who, &code);
    if (refusal != NULL) {
        http_reply_problem(request, code, refusal);
        return;
    }
    Wait *wait = g_new0(Wait, 1);
    wait->link.data = request;
    wait->who = auth_identity_ref(request->who);
    wait->since_us = base_clock_us();
    wait->until_us = wait->since_us + longest_s * BASE_US_PER_S;
    atomic_fetch_add(&http->counts.hls_waits, 1);
    atomic_fetch_add(&http->counts.hls_waiting, 1);
    request->waiting = wait;
    request->on_waiter_gone = on_waiter_gone;
    g_queue_push_tail_link(&request->thread->media->waiting, &wait->link);
}

typedef struct {
    HttpMedia *media;
    char *session;
} Changed;

static void on_changed(void *data)
{
    Changed *changed = data;
    look(changed->media, changed->session);
    g_free(changed->session);
    g_free(changed);
}

void http_media_changed(Http *http, const char *session)
{
    for (unsigned i = 0; i < http->thread_count; i++) {
        const HttpThread *thread = &http->threads[i];
        Changed *changed = g_new(Changed, 1);
        *changed = (Changed){.media = thread->media, .session = g_strdup(session)};
        base_post(base_loop_context(thread->loop), on_changed, changed);
    }
}

unsigned http_players(const Http *http)
{
    return atomic_load(&http->hls_players);
}

HttpPlayers *http_players_new(void)
{
    HttpPlayers *players = g_new0(HttpPlayers, 1);
    players->waiting_of = g_hash_table_new(NULL, NULL);
    players->players = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    pthread_mutex_init(&players->mutex, NULL);
    return players;
}

void http_players_free(HttpPlayers *players)
{
    g_hash_table_unref(players->waiting_of);
    g_hash_table_unref(players->players);
    pthread_mutex_destroy(&players->mutex);
    g_free(players);
}

HttpMedia *http_media_new(HttpThread *thread)
{
    HttpMedia *media = g_new0(HttpMedia, 1);
    media->thread = thread;
    media->timer = g_timeout_source_new(LOOK_MS);
    g_source_set_callback(media->timer, on_timer, media, NULL);
    g_source_attach(media->timer, base_loop_context(thread->loop));
    return media;
}

void http_media_stop(HttpMedia *media)
{
    while (media->waiting.head != NULL) {
        HttpRequest *request = media->waiting.head->data;
        stop_waiting(media, request);
        request->status = 503;
        http_send_reply(request);
    }
}

void http_media_free(HttpMedia *media)
{
    http_media_stop(media);
    g_source_destroy(media->timer);
    g_source_unref(media->timer);
    g_free(media);
}

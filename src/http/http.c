// SPDX-License-Identifier: GPL-3.0-or-later
// Starts and stops the module: port, libsoup, what handlers keep.
#include "http/http.h"

#include "base/error.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/priority.h"
#include "http/resources.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* libsoup keeps connections alive only while it listens: to a silent pair. */
static void give_listener(HttpThread *thread)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        g_error("no socket pair: %s", g_strerror(errno));
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocket) socket = g_socket_new_from_fd(pair[0], &error);
    thread->silent = pair[1];
    if (socket == NULL || !soup_server_listen_socket(thread->server, socket, 0, &error)) {
        g_error("libsoup does not take a socket: %s", error->message);
    }
}

static void on_stun(void *data, int fd)
{
    Http *http = data;
    if (atomic_load(&http->serving)) {
        rtc_server_adopt_tcp(http->services.rtc, fd);
    } else {
        close(fd);
    }
}

static void on_certificate(void *data, PortTls *tls)
{
    Http *http = data;
    port_set_tls(http->port, tls);
    atomic_store(&http->counts.certificate_ends_us, port_tls_ends_us(tls));
}

static void on_thread_start(void *data)
{
    HttpThread *thread = data;
    Http *http = thread->http;
    GMainContext *context = base_loop_context(thread->loop);
    thread->server = soup_server_new("server-header", "majlis", NULL);
    thread->media = http_media_new(thread);
    thread->relays = port_relays_new(context);
    thread->connections = port_connections_new(&(PortConnectionsConfig){
        .totals = http->totals,
        .proxies = http->proxies,
        .context = context,
        .direct = {.take = http_direct_take, .gone = http_direct_gone, .data = thread}});
    base_priority_yield(BASE_NICE_SERVING_STEPS); // recordings first
    http_dispatch_start(thread);
    give_listener(thread);
}

static void start_threads(Http *http, const HttpConfig *config)
{
    unsigned wanted = config->threads > 0 ? config->threads : g_get_num_processors();
    http->thread_count = MIN(wanted, PORT_MAX_THREADS);
    http->threads = g_new0(HttpThread, http->thread_count);
    for (unsigned i = 0; i < http->thread_count; i++) {
        HttpThread *thread = &http->threads[i];
        thread->http = http;
        thread->hosts = http_hosts_new(http->host, config->hosts);
        thread->replies = g_ptr_array_new();
        thread->head = g_string_new(NULL);
        thread->loop = base_loop_new("http");
        base_loop_call(thread->loop, on_thread_start, thread);
    }
}

/* On the first thread: accepts. */
static void on_listen(void *data)
{
    Http *http = data;
    PortThread threads[PORT_MAX_THREADS];
    for (unsigned i = 0; i < http->thread_count; i++) {
        const HttpThread *thread = &http->threads[i];
        threads[i] = (PortThread){.context = base_loop_context(thread->loop),
                                  .connections = thread->connections,
                                  .server = thread->server};
    }
    if (http->tls_files[0] != NULL) {
        http->certificate = port_certificate_new(http->tls_files[0], http->tls_files[1],
                                                 threads[0].context, on_certificate, http);
    }
    port_start(http->port, &(PortConfig){.threads = threads,
                                         .thread_count = http->thread_count,
                                         .totals = http->totals,
                                         .public_url = http->given_url,
                                         .stun = on_stun,
                                         .data = http});
}

static Port *new_port(const HttpConfig *config, int64_t *out_certificate_ends_us, GError **error)
{
    Port *port = port_new(config->listen, error);
    if (port == NULL || config->tls_certificate[0] == '\0') {
        return port;
    }
    g_autoptr(PortTls) tls = port_tls_new(config->tls_certificate, config->tls_key, error);
    if (tls == NULL) {
        port_free(port);
        return NULL;
    }
    port_certificate_warn(tls);
    port_set_tls(port, tls);
    *out_certificate_ends_us = port_tls_ends_us(tls);
    return port;
}

static void set_urls(Http *http, const HttpConfig *config)
{
    bool tls = config->tls_certificate[0] != '\0';
    http->bound_url = g_strconcat(tls ? "https://" : "http://", port_address(http->port), NULL);
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

/* Under `mutex`, once threads run. */
static void set_settings(Http *http, const HttpConfig *config)
{
    g_free(http->embed_policy);
    g_strfreev(http->ice_servers);
    g_free(http->ice_secret);
    http->embed_policy = http_embed_policy(config->embed);
    http->ice_servers = g_strdupv((char **)config->ice_servers);
    http->ice_secret = g_strdup(config->ice_secret);
    http->has_metrics_token = config->metrics_token != NULL;
    if (http->has_metrics_token) {
        auth_secret_hash(config->metrics_token, http->metrics_token);
    }
}

typedef struct {
    HttpThread *thread;
    HttpHosts *hosts;
} SetHosts;

static void on_hosts(void *data)
{
    SetHosts *set = data;
    http_hosts_free(set->thread->hosts);
    set->thread->hosts = set->hosts;
    g_free(set);
}

void http_configure(Http *http, const HttpConfig *config)
{
    pthread_mutex_lock(&http->mutex);
    set_settings(http, config);
    pthread_mutex_unlock(&http->mutex);
    for (unsigned i = 0; i < http->thread_count; i++) {
        SetHosts *set = g_new(SetHosts, 1);
        set->thread = &http->threads[i];
        set->hosts = http_hosts_new(http->host, config->hosts);
        base_post(base_loop_context(set->thread->loop), on_hosts, set);
    }
}

/* Not rtc-in: junk on it must not keep viewers out. */
static const char *const serving_threads[] = {"http", "rtc-out", NULL};

Http *http_new(const HttpConfig *config, GError **error)
{
    int64_t certificate_ends_us = 0;
    Port *port = new_port(config, &certificate_ends_us, error);
    HttpAssets *assets = port != NULL ? http_assets_new(config->web, error) : NULL;
    if (assets == NULL) {
        port_free(port);
        return NULL;
    }
    Http *http = g_new0(Http, 1);
    http->router = &http_router;
    http->assets = assets;
    http->log_requests = config->log_requests;
    http->public_feeds = config->public_feeds;
    http->admission = http_admission_new(&config->limits);
    http->load = base_load_new(serving_threads);
    http->port = port;
    atomic_init(&http->counts.certificate_ends_us, certificate_ends_us);
    set_urls(http, config);
    set_settings(http, config);
    http->proxies = port_proxies_new(config->trusted_proxies);
    http->secret = base_id_new(BASE_ID_SECRET_LENGTH);
    http->tries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    http->sign_ins = base_rates_new();
    http->registrations = base_rates_new();
    http->changes = base_rates_new();
    http->reads = base_rates_new();
    http->totals = port_totals_new(0, 0);
    http->players = http_players_new();
    http->feeds = http_feeds_new();
    http->acts = http_acts_new();
    pthread_mutex_init(&http->mutex, NULL);
    start_threads(http, config);
    return http;
}

static void on_reload(void *data)
{
    port_certificate_reload(((Http *)data)->certificate);
}

bool http_reload_certificate(Http *http)
{
    if (http->tls_files[0] != NULL) {
        base_post(http_context(http), on_reload, http);
    }
    return http->tls_files[0] != NULL;
}

static void log_room(const HttpAdmissionStats *stats)
{
    static const char *const words[] = {
        [HTTP_FULL_LOAD] = "the serving threads are at their limit ([server] max_load)",
        [HTTP_FULL_MEMORY] = "little memory is left ([server] min_memory)"};
    if (stats->room == HTTP_FULL_LOAD || stats->room == HTTP_FULL_MEMORY) {
        g_warning("new viewers are refused, %u watch on: %s", stats->viewers, words[stats->room]);
    } else {
        g_message("new viewers are let in again");
    }
}

/* /proc never blocks. */
static gboolean on_load(gpointer data)
{
    Http *http = data;
    BaseLoadLook look;
    base_load_look(http->load, &look);
    if (http_admission_measured(http->admission, look.busiest_percent, look.memory_bytes,
                                base_clock_us())) {
        HttpAdmissionStats stats;
        http_admission_stats(http->admission, &stats);
        log_room(&stats);
    }
    return G_SOURCE_CONTINUE;
}

void http_serve(Http *http, const HttpServices *services)
{
    http->services = *services;
    atomic_store(&http->serving, true);
    base_loop_call(http->threads[0].loop, on_listen, http);
    http->load_timer = g_timeout_add_seconds(1, on_load, http);
}

void http_stats(const Http *http, HttpStats *out)
{
    const HttpCounts *counts = &http->counts;
    *out = (HttpStats){.hls_players = atomic_load(&http->hls_players),
                       .hls_requests = atomic_load(&counts->hls_requests),
                       .hls_waits = atomic_load(&counts->hls_waits),
                       .hls_timeouts = atomic_load(&counts->hls_timeouts),
                       .hls_bytes = atomic_load(&counts->hls_bytes),
                       .hls_waiting = atomic_load(&counts->hls_waiting),
                       .certificate_ends_us = atomic_load(&counts->certificate_ends_us)};
    base_histogram_read(&counts->hls_wait, &out->hls_wait);
    for (unsigned i = 0; i < HTTP_STATUS_CLASSES; i++) {
        out->answers[i] = atomic_load(&counts->answers[i]);
    }
}

GMainContext *http_context(const Http *http)
{
    return base_loop_context(http->threads[0].loop);
}

const char *http_bound_url(const Http *http)
{
    return http->bound_url;
}

const char *http_public_url(const Http *http)
{
    return http->public_url;
}

static void on_stop_listening(void *data)
{
    port_stop(((Http *)data)->port);
}

static void on_disconnect(void *data)
{
    HttpThread *thread = data;
    http_media_stop(thread->media);
    soup_server_disconnect(thread->server);
    port_connections_spare(thread->connections, G_MAXUINT); // those without libsoup
}

static void on_close_sockets(void *data)
{
    qa_close_sockets(data);
}

/* The first thread last: others post to it. */
void http_stop(Http *http, Qa *qa)
{
    BaseLoop *first = http->threads[0].loop;
    atomic_store(&http->serving, false);
    g_clear_handle_id(&http->load_timer, g_source_remove);
    base_loop_call(first, on_stop_listening, http);
    for (unsigned i = http->thread_count; i-- > 0;) {
        base_loop_call(http->threads[i].loop, on_disconnect, &http->threads[i]);
    }
    if (qa != NULL) {
        base_loop_call(first, on_close_sockets, qa);
    }
}

static void on_thread_end(void *data)
{
    HttpThread *thread = data;
    http_media_free(thread->media);
    port_relays_free(thread->relays);
    port_connections_spare(thread->connections, G_MAXUINT); // needs libsoup
    g_clear_object(&thread->server);
    http_files_end(thread);
    port_connections_free(thread->connections);
    close(thread->silent);
}

static void on_end(void *data)
{
    port_certificate_free(((Http *)data)->certificate);
}

static void end_threads(Http *http)
{
    base_loop_call(http->threads[0].loop, on_end, http);
    for (unsigned i = http->thread_count; i-- > 0;) {
        HttpThread *thread = &http->threads[i];
        base_loop_call(thread->loop, on_thread_end, thread);
        base_loop_free(thread->loop);
        http_hosts_free(thread->hosts);
        g_ptr_array_unref(thread->replies);
        g_string_free(thread->head, TRUE);
    }
    g_free(http->threads);
}

void http_free(Http *http)
{
    if (http == NULL) {
        return;
    }
    end_threads(http);
    http_players_free(http->players);
    http_feeds_free(http->feeds);
    http_acts_free(http->acts);
    http_admission_free(http->admission);
    base_load_free(http->load);
    port_totals_free(http->totals);
    pthread_mutex_destroy(&http->mutex);
    http_assets_free(http->assets);
    g_hash_table_unref(http->tries);
    base_rates_free(http->sign_ins);
    base_rates_free(http->registrations);
    base_rates_free(http->changes);
    base_rates_free(http->reads);
    port_free(http->port);
    g_free(http->tls_files[0]);
    g_free(http->tls_files[1]);
    g_strfreev(http->ice_servers);
    g_free(http->ice_secret);
    port_proxies_free(http->proxies);
    g_free(http->secret);
    g_free(http->embed_policy);
    g_free(http->host);
    g_free(http->bound_url);
    g_free(http->public_url);
    g_free(http);
}

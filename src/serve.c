// SPDX-License-Identifier: GPL-3.0-or-later
// majlis serve, majlis demo: starts the modules, runs, stops them.
#include "base/clock.h"
#include "base/descriptors.h"
#include "base/id.h"
#include "base/log.h"
#include "base/priority.h"
#include "base/supervisor/sockets.h"
#include "server.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <gio/gio.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <string.h>
#include <unistd.h>

/* Calls between modules */

static void on_session_changed(void *data, const char *session)
{
    Server *server = data;
    http_feeds_changed(server->http);
    if (server->qa != NULL) {
        qa_session_changed(server->qa, session);
    }
}

static void on_slides_changed(void *data, const char *digest)
{
    http_slides_changed(((Server *)data)->http, digest);
}

static void on_media_changed(void *data, const char *session)
{
    http_media_changed(((Server *)data)->http, session);
}

static json_t *on_session_json(void *data, const char *session, const AuthIdentity *who)
{
    return http_session_json(((Server *)data)->http, session, who);
}

static bool on_session_info(void *data, const char *session, QaSessionInfo *out)
{
    const StoreSession *row = live_session(((Server *)data)->live, session);
    if (row == NULL) {
        return false;
    }
    bool published = row->state == SESSION_PUBLISHED;
    out->object = (AuthObject){
        .session = row->id, .open = strcmp(row->access, "open") == 0, .published = published};
    out->state = store_state_name(row->state);
    out->over = published || row->state == SESSION_ENDED || row->state == SESSION_CANCELLED;
    out->shows_names = row->show_names;
    return true;
}

static int64_t on_media_now(void *data, const char *session)
{
    return live_media_now_us(((Server *)data)->live, session);
}

static const char *on_sound(void *data, const char *session)
{
    return live_sound_alarm(((Server *)data)->live, session);
}

static void on_answered(void *data, const char *session)
{
    live_answered(((Server *)data)->live, session);
}

static void on_air(void *data, const char *session)
{
    live_on_air(((Server *)data)->live, session);
}

/* Start */

typedef struct {
    GPtrArray *tokens;
    GPtrArray *rows;
} Loaded;

static bool load_job(StoreDb *db, void *data, GError **error)
{
    Loaded *loaded = data;
    int64_t now_us = base_wall_us();
    if (!store_tokens_trim(db, now_us, AUTH_SIGN_INS_PER_PERSON, error)) {
        return false;
    }
    loaded->tokens = store_tokens_list(db, now_us, error);
    loaded->rows = loaded->tokens != NULL ? store_people_list(db, error) : NULL;
    return loaded->rows != NULL;
}

/* Restores sign-ins. */
static bool load_tokens(Server *server, GError **error)
{
    Loaded loaded = {0};
    if (!store_run(server->store, load_job, &loaded, error)) {
        return false;
    }
    g_autoptr(GHashTable) people = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < loaded.rows->len; i++) {
        StorePerson *person = loaded.rows->pdata[i];
        g_hash_table_insert(people, person->id, person);
    }
    for (guint i = 0; i < loaded.tokens->len; i++) {
        const StoreToken *token = loaded.tokens->pdata[i];
        const StorePerson *person = g_hash_table_lookup(people, token->person);
        AuthRole role;
        if (person == NULL || person->disabled ||
            !auth_role_parse(store_role_of(person, token->session, token->role), &role)) {
            continue;
        }
        g_autoptr(AuthIdentity) who =
            auth_identity_new(person->id, person->name, person->entity, role, token->session);
        auth_tokens_put(server->tokens, token->hash, who, token->created_us, token->expires_us);
    }
    g_ptr_array_unref(loaded.tokens);
    g_ptr_array_unref(loaded.rows);
    return true;
}

static bool start_http(Server *server, GError **error)
{
    const Conf *conf = server->conf;
    g_autofree char *web = options_share("web/dist");
    ServerSecrets secrets = {0};
    if (!server_read_secrets(conf, &secrets, error)) {
        server_secrets_clear(&secrets);
        return false;
    }
    HttpConfig config = {.listen = conf->server_listen,
                         .threads = (unsigned)conf->server_threads,
                         .public_url = conf->server_public_url,
                         .trusted_proxies = (const char *const *)conf->server_trusted_proxies,
                         .tls_certificate = conf->server_tls_certificate,
                         .tls_key = conf->server_tls_key,
                         .web = web,
                         .log_requests = conf->log_requests,
                         .public_feeds = conf->server_public_feeds,
                         .limits = {.max_viewers = (unsigned)conf->server_max_viewers,
                                    .max_load = (unsigned)conf->server_max_load,
                                    .min_memory = (uint64_t)conf->server_min_memory}};
    server_fill_http(conf, &secrets, &config);
    server->http = http_new(&config, error);
    server_secrets_clear(&secrets);
    return server->http != NULL;
}

/* The public port takes ICE-TCP too, unless it is behind a proxy (NULL). */
static char *public_tcp(Server *server)
{
    const Conf *conf = server->conf;
    bool loopback = g_str_has_prefix(conf->server_host, "127.") ||
                    strcmp(conf->server_host, "localhost") == 0 ||
                    strcmp(conf->server_host, "::1") == 0;
    if (conf->server_trusted_proxies[0] != NULL ||
        (loopback && conf->server_public_url[0] != '\0')) {
        return NULL;
    }
    g_autoptr(GUri) uri =
        g_uri_parse(http_public_url(server->http), G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
    const char *host = strcmp(conf->server_host, "localhost") == 0 ? "127.0.0.1"
                       : conf->server_host[0] == '\0'              ? "0.0.0.0" // like http
                                                                   : conf->server_host;
    return uri == NULL                 ? NULL
           : strchr(host, ':') != NULL ? g_strdup_printf("[%s]:%d", host, g_uri_get_port(uri))
                                       : g_strdup_printf("%s:%d", host, g_uri_get_port(uri));
}

static bool start_rtc(Server *server, GError **error)
{
    const Conf *conf = server->conf;
    g_autofree char *tcp = public_tcp(server);
    RtcConfig config = {.listen = conf->rtc_listen,
                        .public_addresses = (const char *const *)conf->rtc_public_addresses,
                        .public_tcp = tcp,
                        .max_viewers = (unsigned)conf->rtc_max_viewers,
                        .may_stay = http_may_stay,
                        .data = server->http};
    server->rtc = rtc_server_new(&config, error);
    return server->rtc != NULL;
}

static bool start_qa(Server *server, GError **error)
{
    g_autofree char *run = base_id_new(6);
    QaConfig config = {.store = server->store,
                       .tokens = server->tokens,
                       .socket_context = http_context(server->http),
                       .run = run};
    QaEvents events = {.session_info = on_session_info,
                       .session_json = on_session_json,
                       .media_now = on_media_now,
                       .sound = on_sound,
                       .answered = on_answered,
                       .on_air = on_air,
                       .data = server};
    server->qa = qa_new(&config, &events, error);
    return server->qa != NULL;
}

static bool start_mail(Server *server, GError **error)
{
    g_autoptr(Conf) conf = server_effective(server->conf, server->settings);
    ServerSecrets secrets = {0};
    g_autofree int *reminders = g_new(int, g_strv_length(conf->mail_reminders) + 1);
    if (server_read_secrets(conf, &secrets, error)) {
        MailConfig config;
        server_fill_mail(conf, &secrets, http_public_url(server->http), reminders, &config);
        config.paths = server->paths;
        server->mail = mail_new(&config, server->store, error);
    }
    server_secrets_clear(&secrets);
    return server->mail != NULL;
}

static bool start_slides(Server *server, GError **error)
{
    g_autofree char *folder = g_build_filename(server->conf->data_dir, SLIDES_FOLDER, NULL);
    g_autofree char *binary = g_file_read_link("/proc/self/exe", error);
    server->slides = binary != NULL ? slides_new(folder, binary, error) : NULL;
    if (server->slides != NULL) {
        slides_watch(server->slides, on_slides_changed, server);
    }
    return server->slides != NULL;
}

static bool start_live(Server *server, GError **error)
{
    const Conf *conf = server->conf;
    g_autofree char *pipelines = options_share("pipelines");
    g_autofree char *binary = g_file_read_link("/proc/self/exe", error);
    if (binary == NULL) {
        return false;
    }
    const char *second = conf->archive_second_directory;
    LiveConfig config = {.archive_directory = conf->archive_directory,
                         .archive_second_directory = second[0] != '\0' ? second : NULL,
                         .archive_minimum_free = conf->archive_minimum_free,
                         .signer = server->signer,
                         .binary = binary,
                         .pipelines = pipelines,
                         .slides = server->slides};
    g_autoptr(Conf) effective = server_effective(conf, server->settings);
    server_fill_live(effective, &config);
    LiveEvents events = {.changed = on_session_changed, .media = on_media_changed, .data = server};
    server->live = live_new(&config, server->store, server->rtc, &events, error);
    return server->live != NULL;
}

static bool start_observe(Server *server, GError **error)
{
    ObserveSources sources = {.store = server->store,
                              .http = server->http,
                              .rtc = server->rtc,
                              .qa = server->qa,
                              .mail = server->mail,
                              .live = server->live};
    server->observe = observe_new(server->conf, &sources, error);
    return server->observe != NULL;
}

static bool load_keys(Server *server, GError **error)
{
    g_autofree char *folder = g_build_filename(server->conf->data_dir, "keys", NULL);
    server->paths = auth_path_key_new(folder, error);
    server->signer = server->paths != NULL ? auth_signer_new(folder, error) : NULL;
    return server->signer != NULL;
}

/* A start may recover and migrate a large database; recordings are repaired beside the server. */
#define DATABASE_LIMIT_US (10 * 60 * BASE_US_PER_S)

static bool open_store(Server *server, GError **error)
{
    base_notify_status(server->notify, "opening the database");
    base_notify_extend(server->notify, DATABASE_LIMIT_US);
    server->store = store_new(server->conf->store_url, error);
    server->series = server->store != NULL ? series_new(server->store, error) : NULL;
    g_autofree char *folder = g_build_filename(server->conf->data_dir, FILES_FOLDER, NULL);
    server->files = server->series != NULL ? files_new(server->store, folder, error) : NULL;
    server->settings = server->files != NULL ? server_load_settings(server->store, error) : NULL;
    return server->settings != NULL && load_tokens(server, error);
}

static bool start(Server *server, GError **error)
{
    server->tokens = auth_tokens_new();
    if (!server_check_programme(server->conf, error) ||
        !options_need_folders(server->conf, true, error) || !options_lock(server->conf, error) ||
        !load_keys(server, error)) {
        return false;
    }
    if (!open_store(server, error) || !start_http(server, error) || !start_rtc(server, error) ||
        !start_qa(server, error) || !start_mail(server, error) || !start_slides(server, error) ||
        !start_live(server, error) || !start_observe(server, error)) {
        return false;
    }
    HttpServices services = {.store = server->store,
                             .tokens = server->tokens,
                             .paths = server->paths,
                             .live = server->live,
                             .series = server->series,
                             .files = server->files,
                             .slides = server->slides,
                             .qa = server->qa,
                             .mail = server->mail,
                             .rtc = server->rtc,
                             .metrics = observe_metrics(server->observe),
                             .system = observe_system,
                             .system_data = server->observe,
                             .settings = server_settings,
                             .settings_take = server_take_settings,
                             .settings_use = server_use_settings,
                             .settings_data = server,
                             .export_ready = server_export_ready,
                             .export_begin = server_export,
                             .export_data = server};
    http_serve(server->http, &services);
    printf("ready %s\n", http_bound_url(server->http));
    fflush(stdout);
    base_notify_ready(server->notify);
    return true;
}

static void stop(Server *server)
{
    base_notify_stopping(server->notify);
    server_reload_end(server);
    observe_stop(server->observe);
    if (server->http != NULL) {
        http_stop(server->http, server->qa);
    }
    mail_stop(server->mail);
    if (!live_free(server->live)) {
        store_free(server->store); // commits queued jobs
        base_log_stop();
        _exit(server->status);
    }
    qa_free(server->qa);
    store_free(server->store);
    http_free(server->http);
    mail_free(server->mail);
    observe_free(server->observe);
    rtc_server_free(server->rtc);
    auth_tokens_free(server->tokens);
    auth_path_key_free(server->paths);
    slides_free(server->slides);
    files_free(server->files);
    series_free(server->series);
    g_clear_pointer(&server->settings, g_ptr_array_unref);
    auth_signer_free(server->signer);
}

/* Changes by `majlis user` */

typedef struct {
    Server *server;
    GArray *used;  // AuthTokenUse, nullable
    GArray *ended; // hashes of expired sign-ins, nullable
    bool changed;
    GPtrArray *people; // nullable
} Watch;

static bool write_used(StoreDb *db, const GArray *used, GError **error)
{
    for (guint i = 0; used != NULL && i < used->len; i++) {
        const AuthTokenUse *use = &g_array_index(used, AuthTokenUse, i);
        if (!store_token_extend(db, use->hash, use->expires_wall_us, error)) {
            return false;
        }
    }
    return true;
}

/* The store's copy; a failure leaves them to the next start. */
static bool delete_ended(StoreDb *db, const GArray *ended, GError **error)
{
    for (guint i = 0; ended != NULL && i < ended->len; i++) {
        const char *hash = ended->data + (size_t)i * AUTH_HASH_BYTES;
        if (!store_token_delete(db, (const uint8_t *)hash, error)) {
            return false;
        }
    }
    return true;
}

static bool watch_job(StoreDb *db, void *data, GError **error)
{
    Watch *watch = data;
    g_clear_pointer(&watch->people, g_ptr_array_unref);
    if (!store_changed_elsewhere(db, &watch->changed, error)) {
        return false;
    }
    watch->people = watch->changed ? store_people_list(db, error) : NULL;
    return (!watch->changed || watch->people != NULL) && write_used(db, watch->used, error) &&
           delete_ended(db, watch->ended, error);
}

static void on_watched(void *data, const GError *error)
{
    Watch *watch = data;
    Server *server = watch->server;
    if (error != NULL && watch->used != NULL) {
        auth_tokens_give_used(server->tokens, watch->used);
    }
    // also on a full disk, where only the writes fail
    for (guint i = 0; watch->people != NULL && i < watch->people->len; i++) {
        const StorePerson *person = watch->people->pdata[i];
        if (http_follow_person(server->http, person)) {
            qa_person_changed(server->qa, person->id, person->disabled);
        }
    }
    g_clear_pointer(&watch->people, g_ptr_array_unref);
    g_clear_pointer(&watch->used, g_array_unref);
    g_clear_pointer(&watch->ended, g_array_unref);
    g_free(watch);
}

/* As "live: 212 viewers". */
static void tell_status(Server *server)
{
    RtcStats rtc;
    LiveSummary live;
    rtc_server_stats(server->rtc, &rtc);
    live_summary(server->live, &live);
    const char *state = live.live > 0     ? "live"
                        : live.paused > 0 ? "paused"
                        : live.lobby > 0  ? "lobby"
                                          : NULL;
    unsigned on = live.live + live.paused + live.lobby;
    g_autofree char *sessions = on > 1 ? g_strdup_printf("%u sessions, ", on) : g_strdup("");
    unsigned viewers = rtc.viewers + http_players(server->http);
    g_autofree char *text = state == NULL
                                ? g_strdup("no session is on")
                                : g_strdup_printf("%s%s: %u viewer%s%s%s", sessions, state, viewers,
                                                  viewers == 1 ? "" : "s",
                                                  live.trouble != NULL ? "; recording fails: " : "",
                                                  live.trouble != NULL ? live.trouble : "");
    base_notify_status(server->notify, text);
}

#define SWEEP_US (3600 * BASE_US_PER_S)

/* Hourly; nullable. */
static GArray *sweep_tokens(Server *server)
{
    int64_t now_us = base_clock_us();
    if (now_us - server->swept_us < SWEEP_US) {
        return NULL;
    }
    server->swept_us = now_us;
    return auth_tokens_sweep(server->tokens, base_wall_us());
}

/* A disabled person loses all within a second. */
static gboolean on_watch(gpointer data)
{
    tell_status(data);
    Watch *watch = g_new0(Watch, 1);
    watch->server = data;
    watch->used = auth_tokens_take_used(watch->server->tokens);
    watch->ended = sweep_tokens(watch->server);
    store_submit(watch->server->store, watch_job, on_watched, watch);
    return G_SOURCE_CONTINUE;
}

/* Run */

static gboolean on_signal(gpointer data)
{
    g_main_loop_quit(data);
    return G_SOURCE_CONTINUE;
}

static bool terminal_closed(void)
{
    struct pollfd input = {.fd = STDIN_FILENO};
    return poll(&input, 1, 0) == 1 && (input.revents & POLLHUP) != 0;
}

/* Reloads; ends a server that has nothing to reload, or lost its terminal. */
static gboolean on_hang_up(gpointer data)
{
    Server *server = data;
    bool anything = server->conf->file != NULL || server->conf->server_tls_certificate[0] != '\0' ||
                    base_notify_supervised(server->notify);
    if (!anything || (server->terminal && terminal_closed())) {
        g_main_loop_quit(server->loop);
    } else if (server->http != NULL) {
        server_reload(server);
    }
    return G_SOURCE_CONTINUE;
}

/* As under nohup. */
static bool hang_up_ignored(void)
{
    struct sigaction now;
    return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void warn_of_unused_sockets(void)
{
    g_autofree char *unused = base_sockets_end();
    if (unused != NULL) {
        g_warning("systemd holds %s, and no listen of the configuration is the same address: "
                  "correct majlis.socket (systemctl edit majlis.socket) or majlis.conf",
                  unused);
    }
}

#define LARGE_BLOCK (256 * 1024)

/* Each arena keeps what its threads freed. Large blocks stay outside: without a fixed threshold the
 * first one freed raises it (mallopt(3)). */
static void limit_arenas(void)
{
    mallopt(M_ARENA_MAX, MAX(2, (int)g_get_num_processors()));
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    mallopt(M_TRIM_THRESHOLD, LARGE_BLOCK);
}

int serve_main(const Conf *conf, bool demo)
{
    limit_arenas(); // before threads start
    base_sockets_start();
    base_log_start(conf->log_json ? BASE_LOG_JSON : BASE_LOG_TEXT);
    base_descriptors_start();
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); // low ports are not for children
    if (!base_priority_raise(BASE_NICE_SERVER)) {             // before threads start
        g_info("other programs can take processor time from live media: grant RLIMIT_NICE "
               "(LimitNICE=-10 in a systemd unit)");
    }
    Server server = {.conf = conf,
                     .loop = g_main_loop_new(NULL, FALSE),
                     .notify = base_notify_new(),
                     .terminal = isatty(STDIN_FILENO) == 1};
    g_unix_signal_add(SIGTERM, on_signal, server.loop);
    g_unix_signal_add(SIGINT, on_signal, server.loop);
    if (conf->file != NULL || conf->server_tls_certificate[0] != '\0' || !hang_up_ignored()) {
        g_unix_signal_add(SIGHUP, on_hang_up, &server);
    }
    signal(SIGPIPE, SIG_IGN); // OpenSSL writes to closed sockets
    g_autoptr(GError) error = NULL;
    bool started = start(&server, &error);
    if (started) {
        warn_of_unused_sockets();
    }
    if (!started) {
        options_complain(error->message);
        base_notify_status(server.notify, error->message);
        server.status = EXIT_FAILED;
    } else {
        if (demo) {
            server_start_demo(&server);
        }
        guint watch = g_timeout_add_seconds(1, on_watch, &server);
        g_main_loop_run(server.loop);
        g_source_remove(watch);
    }
    stop(&server);
    base_log_stop();
    base_notify_free(server.notify);
    conf_free(server.reloaded);
    g_main_loop_unref(server.loop);
    return server.status;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the certificate and the settings that may change again.
#include "base/loop.h"
#include "capture/capture.h"
#include "server.h"

#include <pthread.h>

struct Reload {
    const Conf *running; // until the thread ends
    pthread_t thread;
    bool again; // asked for meanwhile

    // result
    Conf *conf; // NULL: `error`
    ServerSecrets secrets;
    char *changed, *restart;
    GError *error;
};

bool server_check_programme(const Conf *conf, GError **error)
{
    g_autofree char *pipelines = options_share("pipelines");
    g_autoptr(GPtrArray) found =
        capture_check(pipelines, conf->programme_source, conf->programme_encoder);
    if (found->len == 0) {
        return true;
    }
    g_ptr_array_add(found, NULL);
    g_autofree char *text = g_strjoinv("\nmajlis: ", (char **)found->pdata);
    g_set_error_literal(error, BASE_ERROR, BASE_ERROR_INVALID, text);
    return false;
}

void server_fill_live(const Conf *conf, LiveConfig *out)
{
    out->encoder = conf->programme_encoder;
    out->source = conf->programme_source;
    out->loudness = (unsigned)-conf->programme_loudness;
    out->keyframe_ms = (unsigned)conf->programme_keyframe_ms;
    out->part_ms = (unsigned)conf->hls_part_ms;
    out->segment_ms = (unsigned)conf->hls_segment_ms;
    out->window_s = (unsigned)conf->hls_window_s;
    out->keep_days = conf->archive_keep_days;
}

bool server_read_secrets(const Conf *conf, ServerSecrets *out, GError **error)
{
    return auth_secret_read(conf->rtc_ice_secret, "[rtc] ice_secret", 1, &out->ice, error) &&
           auth_secret_read(conf->metrics_token_file, "[metrics] token_file",
                            METRICS_TOKEN_LEAST_BYTES, &out->metrics, error) &&
           auth_secret_read(conf->mail_password_file, "[mail] password_file", 1, &out->mail, error);
}

void server_secrets_clear(ServerSecrets *secrets)
{
    g_clear_pointer(&secrets->ice, g_free);
    g_clear_pointer(&secrets->metrics, g_free);
    g_clear_pointer(&secrets->mail, g_free);
}

void server_fill_http(const Conf *conf, const ServerSecrets *secrets, HttpConfig *out)
{
    out->hosts = (const char *const *)conf->server_hosts;
    out->embed = (const char *const *)conf->server_embed;
    out->ice_servers = (const char *const *)conf->rtc_ice_servers;
    out->ice_secret = secrets->ice;
    out->metrics_token = secrets->metrics;
}

void server_fill_mail(const Conf *conf, const ServerSecrets *secrets, const char *public_url,
                      int *reminders, MailConfig *out)
{
    static const MailSecurity security[] = {
        [CONF_STARTTLS] = MAIL_STARTTLS, [CONF_TLS] = MAIL_TLS, [CONF_NONE] = MAIL_PLAIN};
    *out = (MailConfig){.relay = conf->mail_relay,
                        .security = security[conf->mail_security],
                        .user = conf->mail_user,
                        .password = secrets->mail,
                        .from = conf->mail_from,
                        .from_name = conf->mail_from_name,
                        .reply_to = conf->mail_reply_to,
                        .ca_file = conf->mail_ca_file,
                        .public_url = public_url,
                        .per_minute = (unsigned)conf->mail_per_minute,
                        .reminders = reminders};
    const char *const *more = (const char *const *)conf->mail_follow_ups;
    out->live = g_strv_contains(more, "live");
    out->recording = g_strv_contains(more, "recording");
    out->answers = g_strv_contains(more, "answers");
    for (char **ahead = conf->mail_reminders; *ahead != NULL; ahead++) {
        bool good = conf_parse_ahead(*ahead, &reminders[out->n_reminders++]);
        g_assert(good); // validated before
    }
}

static void finish(Server *server)
{
    Reload *reload = server->reload;
    pthread_join(reload->thread, NULL);
    conf_free(reload->conf);
    server_secrets_clear(&reload->secrets);
    g_free(reload->changed);
    g_free(reload->restart);
    g_clear_error(&reload->error);
    g_free(reload);
    server->reload = NULL;
}

/* For live and mail: the file with what admins set in place of its values. */
static void configure(Server *server)
{
    static const ServerSecrets none;
    g_autoptr(Conf) conf = server_effective(server->conf, server->settings);
    LiveConfig live = {0};
    server_fill_live(conf, &live);
    live_configure(server->live, &live);
    g_autofree int *reminders = g_new(int, g_strv_length(conf->mail_reminders) + 1);
    MailConfig mail;
    server_fill_mail(conf, &none, http_public_url(server->http), reminders, &mail);
    mail_configure(server->mail, &mail);
}

void server_use_settings(void *data, GPtrArray *rows)
{
    Server *server = data;
    g_ptr_array_unref(server->settings);
    server->settings = g_ptr_array_ref(rows);
    configure(server);
    g_message("settings were changed on the page Settings");
}

static void apply(Server *server, Conf *conf, const ServerSecrets *secrets)
{
    HttpConfig http = {0};
    server_fill_http(conf, secrets, &http);
    http_configure(server->http, &http);
    rtc_server_set_max_viewers(server->rtc, (unsigned)conf->rtc_max_viewers);
    g_autofree char *hidden = server_settings_hide(server->settings, server->conf, conf);
    if (hidden != NULL) {
        g_warning("changed in %s, but admins set another value on the page Settings, which stays "
                  "in use until they take it back: %s",
                  conf->file, hidden);
    }
    conf_free(server->reloaded);
    server->conf = server->reloaded = conf;
    configure(server);
}

static void on_read(void *data)
{
    Server *server = data;
    Reload *reload = server->reload;
    if (reload == NULL) {
        return; // the server stops
    }
    bool again = reload->again;
    if (reload->conf == NULL) {
        g_warning("the configuration was not reloaded, the values in use stay: %s",
                  reload->error->message);
    } else {
        apply(server, g_steal_pointer(&reload->conf), &reload->secrets);
        g_message("the configuration was reloaded; changed: %s",
                  reload->changed != NULL ? reload->changed : "nothing");
    }
    if (reload->restart != NULL) {
        g_warning("changed in %s, but in use only after a restart: %s", server->conf->file,
                  reload->restart);
    }
    finish(server);
    if (again) {
        server_reload(server);
    } else {
        base_notify_ready(server->notify);
    }
}

static void *read_on_thread(void *data)
{
    Server *server = data;
    Reload *reload = server->reload;
    g_autoptr(Conf) conf =
        conf_reload(reload->running, &reload->changed, &reload->restart, &reload->error);
    if (conf != NULL && server_check_programme(conf, &reload->error) &&
        server_read_secrets(conf, &reload->secrets, &reload->error)) {
        reload->conf = g_steal_pointer(&conf);
    }
    base_post(NULL, on_read, server);
    return NULL;
}

void server_reload(Server *server)
{
    if (server->reload != NULL) {
        server->reload->again = true;
        return;
    }
    base_notify_reloading(server->notify);
    http_reload_certificate(server->http);
    if (server->conf->file == NULL) {
        base_notify_ready(server->notify);
        return;
    }
    server->reload = g_new0(Reload, 1);
    server->reload->running = server->conf;
    int failed = pthread_create(&server->reload->thread, NULL, read_on_thread, server);
    if (failed != 0) {
        g_warning("the configuration was not reloaded, as no thread can be started: %s. The values "
                  "in use stay; reload again.",
                  g_strerror(failed));
        g_clear_pointer(&server->reload, g_free);
        base_notify_ready(server->notify);
    }
}

void server_reload_end(Server *server)
{
    if (server->reload != NULL) {
        finish(server);
    }
}

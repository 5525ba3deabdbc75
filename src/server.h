// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The running server: shared by serve.c, demo.c, reload.c and settings.c. Main thread.

#include "base/supervisor/notify.h"
#include "http/http.h"
#include "mail/mail.h"
#include "observe.h"
#include "options.h"
#include "slides/slides.h"
#include "store/settings/settings.h"

typedef struct Reload Reload;

typedef struct {
    const Conf *conf;    // the file's and options' values
    Conf *reloaded;      // nullable: owns `conf` after a reload
    GPtrArray *settings; // StoreSetting: what admins set in place of them
    Reload *reload;      // nullable: under way
    GMainLoop *loop;
    BaseNotify *notify;
    bool terminal; // standard input was one at the start
    Store *store;
    AuthTokens *tokens;
    int64_t swept_us; // clock of the last auth_tokens_sweep()
    AuthPathKey *paths;
    AuthSigner *signer;
    RtcServer *rtc;
    Http *http;
    Qa *qa;
    Mail *mail;
    Live *live;
    Series *series;
    Files *files;
    Slides *slides;
    Observe *observe;
    int status;
} Server;

/* Of a Server, for HttpServices: EXPORT_OFF, EXPORT_FOLDER. */
bool server_export_ready(void *data, GError **error);
/* Writes the folder on a thread of its own, then calls `done`. */
void server_export(void *data, const StoreSession *row, StoreDone done, void *done_data);

/* Resumes an interrupted demo of the same source, or starts one; prints its links. */
void server_start_demo(Server *server);

/* Certificate and configuration, on a thread. A bad file changes nothing. */
void server_reload(Server *server);
/* Waits for a reload under way and drops it. */
void server_reload_end(Server *server);

/* The texts of files named in the configuration, NULL without one. */
typedef struct {
    char *ice, *metrics, *mail;
} ServerSecrets;

/* False: one cannot be used. Clear in any case. Any thread. */
bool server_read_secrets(const Conf *conf, ServerSecrets *out, GError **error);
void server_secrets_clear(ServerSecrets *secrets);
/* Sets hosts, embed, ice_servers and the secrets in `out`; borrowed. */
void server_fill_http(const Conf *conf, const ServerSecrets *secrets, HttpConfig *out);
/* Sets source, encoder, media times and retention of `conf` in `out`; borrowed. */
void server_fill_live(const Conf *conf, LiveConfig *out);
/* Texts are borrowed from both, `reminders` needs room for each of [mail] reminders. Any thread. */
void server_fill_mail(const Conf *conf, const ServerSecrets *secrets, const char *public_url,
                      int *reminders, MailConfig *out);
/* Waits for the store. */
GPtrArray *server_load_settings(Store *store, GError **error);
/* Leaves out, with a warning, what the key does not take (any more). Any thread. Full ownership. */
Conf *server_effective(const Conf *file, const GPtrArray *rows);
/* Those of `rows` that keep a change of the file from counting, "[mail] from_name". NULL: none. */
char *server_settings_hide(const GPtrArray *rows, const Conf *before, const Conf *after);
/* Of a Server, for HttpServices. */
json_t *server_settings(void *data, const GPtrArray *rows);
GPtrArray *server_take_settings(void *data, const json_t *body, GError **error);
void server_use_settings(void *data, GPtrArray *rows);
/* False: the source or encoder cannot be used. Any thread; blocks. */
bool server_check_programme(const Conf *conf, GError **error);

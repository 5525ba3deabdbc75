// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The running server: shared by serve.c, demo.c and reload.c. Main thread.

#include "base/supervisor/notify.h"
#include "http/http.h"
#include "observe.h"
#include "options.h"

typedef struct Reload Reload;

typedef struct {
    const Conf *conf;
    Conf *reloaded; // nullable: owns `conf` after a reload
    Reload *reload; // nullable: under way
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
    Live *live;
    Observe *observe;
    int status;
} Server;

/* Resumes an interrupted demo of the same source, or starts one; prints its links. */
void server_start_demo(Server *server);

/* Certificate and configuration, on a thread. A bad file changes nothing. */
void server_reload(Server *server);
/* Waits for a reload under way and drops it. */
void server_reload_end(Server *server);

/* The texts of the files that the configuration names, NULL without one. */
typedef struct {
    char *ice, *metrics;
} ServerSecrets;

/* False: one cannot be used. Clear in any case. Any thread. */
bool server_read_secrets(const Conf *conf, ServerSecrets *out, GError **error);
void server_secrets_clear(ServerSecrets *secrets);
/* Sets hosts, embed, ice_servers and the secrets in `out`; borrowed. */
void server_fill_http(const Conf *conf, const ServerSecrets *secrets, HttpConfig *out);
/* Sets source, encoder, media times and retention of `conf` in `out`; borrowed. */
void server_fill_live(const Conf *conf, LiveConfig *out);
/* False: the source or encoder cannot be used. Any thread; blocks. */
bool server_check_programme(const Conf *conf, GError **error);

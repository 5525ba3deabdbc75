// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Serves pages, API, WHEP, HLS and recordings on its threads; control-plane handlers on main.
// auth_may() decides rights. Main thread.

#include "http/limits/admission.h"
#include "http/core/ice.h"
#include "http/core/services.h"

typedef struct {
    const char *listen;                 // "ADDRESS:PORT"; port 0: any
    unsigned threads;                   // 0: one per core
    const char *public_url;             // nullable: "https://majlis.example"
    const char *const *hosts;           // nullable: further host names
    const char *const *trusted_proxies; // nullable: whose X-Forwarded-For is believed
    const char *const *embed;           // nullable: origins that may frame the player
    const char *const *ice_servers;     // nullable: as core/ice.h
    const char *ice_secret;             // nullable: coturn's static-auth-secret
    const char *tls_certificate;        // file; "": no TLS
    const char *tls_key;
    const char *web;           // folder of pages
    bool log_requests;         // a line for each
    bool public_feeds;         // of open sessions, for everybody
    const char *metrics_token; // nullable: the bearer of /metrics
    HttpLimits limits;         // of new viewers
} HttpConfig;

/* Binds; connections wait until http_serve(). */
Http *http_new(const HttpConfig *config, GError **error);

/* Copies hosts, embed, ice_servers, secrets for later requests; ignores the rest. */
void http_configure(Http *http, const HttpConfig *config);

/* The first thread's, for the hub. */
GMainContext *http_context(const Http *http);

/* Soon; keeps the old one if unusable. False: no TLS. */
bool http_reload_certificate(Http *http);

/* LL-HLS players of the last seconds. Any thread. */
unsigned http_players(const Http *http);

/* "http[s]://ADDRESS:PORT" as bound, and public_url or the same. */
const char *http_bound_url(const Http *http);
const char *http_public_url(const Http *http);

void http_serve(Http *http, const HttpServices *services);

/* Any thread: a new HLS snapshot. */
void http_media_changed(Http *http, const char *session);

/* After a change of a session or recording. Main thread. */
void http_feeds_changed(Http *http);
/* Sign-ins, sockets and viewers follow the person's rows. True: a right changed or ended. */
bool http_follow_person(Http *http, const StorePerson *row);

typedef struct {
    uint64_t answers[HTTP_STATUS_CLASSES]; // by hundreds of their status
    unsigned hls_players;                  // fetched a playlist lately
    uint64_t hls_requests, hls_waits, hls_timeouts, hls_bytes;
    unsigned hls_waiting;
    BaseHistogramValues hls_wait;
    int64_t certificate_ends_us; // wall clock; 0: no TLS
} HttpStats;

/* Any thread. */
void http_stats(const Http *http, HttpStats *out);

/* A deck of slides is ready, or failed. Main thread. */
void http_slides_changed(Http *http, const char *digest);

/* The API's object for `who`; NULL: no such session. */
json_t *http_session_json(Http *http, const char *session, const AuthIdentity *who);

/* Closes port and `qa`'s sockets (nullable); drops pending replies. */
void http_stop(Http *http, Qa *qa);
void http_free(Http *http);

/* RtcConfig.may_stay, by sign-in and signed path; `http` is an Http. Any thread; two short
 * locks. */
bool http_may_stay(void *http, const RtcRight *right);

/* "PUBLIC_URL/ar/i/CODE". */
char *http_invitation_url(const Http *http, const char *code);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The public port: pages, API, WHEP, HLS, recordings, and the way in for websockets. A thread of
// its own runs libsoup; handlers of the control plane run on main. It parses HTTP and decides
// nothing: every route names an action and auth_may() says yes or no. Main thread.

#include "auth/auth.h"
#include "live/live.h"
#include "qa/qa.h"
#include "store/store.h"

typedef struct Http Http;

typedef struct {
    const char *listen;                 // "ADDRESS:PORT", port 0 picks a free one
    const char *public_url;             // nullable: "https://majlis.example"
    const char *const *hosts;           // nullable: further names that requests may use
    const char *const *trusted_proxies; // nullable: whose X-Forwarded-For is believed
    const char *const *embed;           // nullable: origins that may frame the player page
    const char *const *ice_servers;     // nullable: for players, "turn:HOST:PORT?transport=udp", …
    const char *ice_secret;             // nullable: coturn's static-auth-secret
    const char *tls_certificate;        // files, read again when they change; "": no TLS
    const char *tls_key;
    const char *web; // folder of the built pages
} HttpConfig;

/* Binds and starts the thread; requests are answered 503 until http_serve(). NULL with an error
 * that names the address. Full ownership. */
Http *http_new(const HttpConfig *config, GError **error);

/* The secret in the file `path`; NULL with an error that says how to mend it. Full ownership. */
char *http_ice_secret(const char *path, GError **error);

/* Whether the STUN or TURN server `text` (an entry of ice_servers) answers a request within 2 s.
 * Blocks. */
bool http_ice_check(const char *text, GError **error);

/* The thread's context, for the websocket hub. */
GMainContext *http_context(const Http *http);

/* Reads the certificate's files again, later; what cannot be used is warned of and the old stays.
 * False: there is none. */
bool http_reload_certificate(Http *http);

/* "http://ADDRESS:PORT" (with TLS https) as bound, and public_url or the same. Borrowed. */
const char *http_bound_url(const Http *http);
const char *http_public_url(const Http *http);

/* What handlers work with; all of it outlives http_stop(). */
typedef struct {
    Store *store;
    AuthTokens *tokens;
    const AuthPathKey *paths;
    Live *live;
    Qa *qa;
    RtcServer *rtc;
} HttpRooms;

void http_serve(Http *http, const HttpRooms *rooms);

/* Any thread: a session's HLS snapshot changed, requests that wait for it are looked at again. */
void http_media_changed(Http *http, const char *session);

/* A session as `who` may see it: the API's object. Full ownership; NULL: no such session. */
json_t *http_session_json(Http *http, const char *session, const AuthIdentity *who);

/* Closes the port and the sockets of `qa` (nullable); replies still on their way are dropped. */
void http_stop(Http *http, Qa *qa);
void http_free(Http *http);

/* A fresh personal link "PUBLIC_URL/ar/i/CODE" from an invitation's code. Full ownership. */
char *http_invitation_url(const Http *http, const char *code);

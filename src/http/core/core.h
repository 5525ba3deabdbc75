// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The state of http, and the functions of core. Knows no resources.

#include "base/load.h"
#include "base/loop.h"
#include "base/rate.h"
#include "http/limits/admission.h"
#include "http/core/request.h"
#include "http/fields/hosts.h"
#include "port/certificate.h"
#include "port/connections.h"
#include "port/port.h"
#include "port/proxies.h"
#include "port/relay.h"
#include "publish/publish.h"

#include <pthread.h>

typedef struct HttpActs HttpActs;
typedef struct HttpAssets HttpAssets;
typedef struct HttpFeeds HttpFeeds;
typedef struct HttpMedia HttpMedia;
typedef struct HttpPlayers HttpPlayers;

typedef struct {
    HttpRequest *request; // NULL: freed
    bool replied;
} HttpSyncReply;

/* A serving thread, its connections and requests. */
struct HttpThread {
    Http *http;
    BaseLoop *loop;
    SoupServer *server;
    int silent; // peer of its listener
    HttpHosts *hosts;
    HttpMedia *media;
    PortConnections *connections;
    PortRelays *relays;
    HttpSyncReply *sync; // nullable
    GPtrArray *replies;  // HttpRequest
    GQueue sends;        // files.c
    GString *head;       // direct.c: to fill in
    char date[32];       // of `date_s`
    int64_t date_s;
};

/* Any thread. */
typedef struct {
    atomic_uint_fast64_t answers[HTTP_STATUS_CLASSES];
    atomic_uint_fast64_t hls_requests, hls_waits, hls_timeouts, hls_bytes;
    atomic_uint hls_waiting;
    BaseHistogram hls_wait;
    atomic_int_fast64_t certificate_ends_us; // wall clock; 0: no TLS
} HttpCounts;

/* Immutable after http_serve(), unless stated. */
struct Http {
    char *bound_url, *public_url, *host; // host: of public_url
    const char *given_url;               // public_url if configured
    bool secure;                         // https
    const char *cookie;
    PortProxies *proxies;
    char *tls_files[2]; // certificate, key; NULL: no TLS
    HttpAssets *assets;
    HttpThread *threads; // the first has port and websockets
    unsigned thread_count;
    const HttpRouter *router;
    bool log_requests;
    bool public_feeds;
    HttpServices services;
    atomic_bool serving;
    atomic_uint hls_players;
    atomic_uint uploads;  // large bodies being received or handled
    PortTotals *totals;   // with a lock
    HttpPlayers *players; // with a lock
    HttpAdmission *admission;
    HttpCounts counts;

    // first http thread
    Port *port;
    PortCertificate *certificate; // nullable

    // any thread, under `mutex`
    pthread_mutex_t mutex;
    BaseRates *reads;   // by person, address or viewer
    char *embed_policy; // Content-Security-Policy
    char **ice_servers;
    char *ice_secret; // nullable
    bool has_metrics_token;
    uint8_t metrics_token[AUTH_HASH_BYTES]; // its hash

    // main thread
    char *secret; // of WHEP resources
    HttpFeeds *feeds;
    HttpActs *acts;
    GHashTable *tries;        // failed sign-ins by address
    BaseRates *sign_ins;      // by invitation
    BaseRates *registrations; // by address
    BaseRates *changes;       // by person
    BaseLoad *load;
    guint load_timer;
};

// Below, "http thread" is the request's.

// request.c, http thread
/* `message` owns it until http_request_take(). */
HttpRequest *http_request_new(HttpThread *thread, SoupServerMessage *message);
HttpRequest *http_request_new_direct(HttpThread *thread, PortConnection *connection);
/* Nullable. Full ownership. */
HttpRequest *http_request_take(SoupServerMessage *message);
void http_request_free(HttpRequest *request);
void http_request_let_go(HttpRequest *request); // disconnects the signals

// log.c
void http_log_request(const HttpRequest *request);
void http_count_request(const HttpRequest *request); // any thread
/* The path of `route` (nullable) without secrets. */
char *http_shown_path(const HttpRoute *route, char *const params[HTTP_MAX_PARAMS]);

// reply.c, http thread
void http_send_reply(HttpRequest *request); // frees it
/* Passes a direct request to libsoup. */
void http_pass(HttpRequest *request);
void http_cors(const HttpRequest *request, SoupMessageHeaders *headers);
/* Of http_header(). */
void http_put_headers(const HttpRequest *request, SoupMessageHeaders *headers);

// checks.c, http thread
/* Fields that identify; nullable. */
typedef struct {
    const char *host, *origin, *authorization, *cookies;
} HttpFields;
void http_take_secret(HttpRequest *request, const HttpFields *fields);
void http_check_head(HttpThread *thread, SoupServerMessage *message, const char *path);

// dispatch.c, http thread: connects to thread->server
void http_dispatch_start(HttpThread *thread);
/* Checks rights and rates. Route's thread. */
void http_dispatch(HttpRequest *request);

// render.c, http thread: sends and frees a direct request
void http_direct_send(HttpRequest *request);

// direct.c, http thread
/* PortDirect.take; `data` is an HttpThread. */
void http_direct_take(void *data, PortConnection *connection, const char *head, size_t size);
/* PortDirect.gone; `data` is an HttpRequest, whose reply is dropped. */
void http_direct_gone(void *data);

// rights.c: sets `who` anew: sign-ins end while requests wait
/* Names an encoder as a person's id does a person; full ownership. */
char *http_encoder(const char *session, const char *input);
void http_identify(HttpRequest *request);

// files.c, http thread
typedef struct HttpFile HttpFile;
struct HttpFile {
    void (*find)(HttpFile *file); // worker: sets the second part
    char *directory, *id, *path;
    HlsDisk disk; // in place of `path`
    char *cache;  // Cache-Control

    PublishFound found;
    char *file;       // PUBLISH_FOUND
    const char *type; // static
    uint64_t bytes;   // 0: all
};
/* Takes both. Sends in chunks, or a problem. */
void http_send_file(HttpRequest *request, HttpFile *file);
/* Cuts transfers that lost their right. */
void http_files_look(HttpThread *thread);
/* After the SoupServer is freed. */
void http_files_end(HttpThread *thread);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the files of this room share.

#include "archive/archive.h"
#include "base/loop.h"
#include "base/rate.h"
#include "http/certificate.h"
#include "http/connections.h"
#include "http/hosts.h"
#include "http/port.h"
#include "http/problem.h"
#include "http/proxies.h"
#include "http/relay.h"
#include "http/request.h"

typedef struct HttpAssets HttpAssets;
typedef struct HttpMedia HttpMedia;

/* A request whose handler runs on the http thread. */
typedef struct {
    HttpRequest *request; // NULL once it is freed
    bool replied;
} HttpHere;

struct Http {
    char *bound_url, *public_url, *host; // host: of public_url
    const char *given_url;               // public_url where it was configured
    bool secure;                         // public_url is https
    const char *cookie;
    HttpHosts *hosts;   // http thread
    char *embed_policy; // Content-Security-Policy of the page that other sites may frame
    char **ice_servers;
    char *ice_secret; // nullable
    HttpProxies *proxies;
    char *tls_files[2]; // certificate and key; NULL: no TLS of our own
    HttpAssets *assets;
    BaseLoop *loop;
    HttpRooms rooms;
    atomic_bool serving;
    atomic_uint hls_players; // who asked for a playlist lately

    // http thread
    SoupServer *server;
    int silent; // the other end of its listener
    HttpPort *port;
    HttpCertificate *certificate; // nullable
    HttpMedia *media;
    HttpConnections *connections;
    HttpRelays *relays;
    BaseRates *reads;   // by person
    HttpHere *here;     // nullable
    GPtrArray *replies; // HttpRequest, on their way out
    GQueue sends;       // of files.c: files on their way out

    // main thread
    char *secret;        // signs the addresses of WHEP resources
    GHashTable *tries;   // failed sign-ins by address
    BaseRates *sign_ins; // by invitation
    BaseRates *changes;  // by person
};

// assets.c: the built pages, held in memory
HttpAssets *http_assets_new(const char *folder, GError **error);
void http_assets_free(HttpAssets *assets);
/* The content security policy of the player page, which `sites` (nullable) may frame. Full ownership. */
char *http_embed_policy(const char *const *sites);
void http_on_page(Http *http, HttpRequest *request);
void http_on_asset(Http *http, HttpRequest *request);
void http_on_root(Http *http, HttpRequest *request);
void http_on_language(Http *http, HttpRequest *request); // "/ar" is "/ar/"

// ice.c: a Link header's value (RFC 8288), one entry for each server; NULL: none. Full ownership.
char *http_ice_links(const char *const *servers, const char *secret, int64_t expiry_s,
                     const char *random);

// media.c: HLS from the window, with requests that wait
HttpMedia *http_media_new(Http *http);
void http_media_free(HttpMedia *media);
void http_media_look(HttpMedia *media, const char *session);
void http_media_gone(HttpMedia *media, HttpRequest *request);
void http_on_hls(Http *http, HttpRequest *request);

// paths.c: signed media paths
void http_on_media_path(Http *http, HttpRequest *request);
/* What follows .../hls/ or /recordings/{id}/ and, in a signed path, its token. */
const char *http_media_name(const HttpRequest *request);
void http_on_path_check(Http *http, HttpRequest *request);

// cors.c: requests from pages of other sites
void http_cors(const HttpRequest *request, SoupMessageHeaders *answer);
void http_on_options(Http *http, HttpRequest *request);

// files.c: what is on disk, looked up by a worker and sent in chunks
typedef struct HttpFile HttpFile;
struct HttpFile {
    void (*find)(HttpFile *file); // worker thread: fills in `found` and what follows it
    char *directory, *id, *path;
    HlsDisk disk; // in place of `path`
    char *cache;  // Cache-Control

    ArchiveFound found;
    char *file;       // ARCHIVE_FOUND
    const char *type; // static
    uint64_t bytes;   // so much of it counts; 0: all of it
};
/* Takes both. */
void http_send_file(HttpRequest *request, HttpFile *file);
void http_on_recording(Http *http, HttpRequest *request);
/* Cuts the files on their way to somebody whose right to them ended. */
void http_files_look(Http *http);
/* Forgets the files on their way out, once libsoup is gone. */
void http_files_end(Http *http);

// socket.c: the websocket's way in
void http_on_socket(Http *http, HttpRequest *request);

// whep.c
void http_set_ice_servers(HttpRequest *request); // the Link header
void http_on_whep_post(Http *http, HttpRequest *request);
void http_on_whep_patch(Http *http, HttpRequest *request);
void http_on_whep_delete(Http *http, HttpRequest *request);

// people.c: signing in and out, invitations
void http_on_sign_in(Http *http, HttpRequest *request);
void http_on_sign_out(Http *http, HttpRequest *request);
void http_on_me(Http *http, HttpRequest *request);
void http_on_invitations(Http *http, HttpRequest *request);
void http_on_invite(Http *http, HttpRequest *request);
void http_on_revoke(Http *http, HttpRequest *request);

// sessions.c
void http_on_sessions(Http *http, HttpRequest *request);
void http_on_session(Http *http, HttpRequest *request);
void http_on_session_post(Http *http, HttpRequest *request);
void http_on_session_patch(Http *http, HttpRequest *request);
void http_on_session_delete(Http *http, HttpRequest *request);
void http_on_session_state(Http *http, HttpRequest *request);
/* What auth_may() judges of a session. Its texts are the row's. */
AuthObject http_session_object(const StoreSession *row);
void http_on_health(Http *http, HttpRequest *request);

// chapters.c
void http_on_chapters(Http *http, HttpRequest *request);
void http_on_chapter_post(Http *http, HttpRequest *request);
void http_on_chapter_patch(Http *http, HttpRequest *request);
void http_on_chapter_delete(Http *http, HttpRequest *request);

// recordings.c
void http_on_recordings(Http *http, HttpRequest *request);
void http_on_recording_get(Http *http, HttpRequest *request);
void http_on_recording_patch(Http *http, HttpRequest *request);
void http_on_recording_delete(Http *http, HttpRequest *request);
void http_on_recording_retry(Http *http, HttpRequest *request);

// questions.c
void http_on_questions(Http *http, HttpRequest *request);
void http_on_question_post(Http *http, HttpRequest *request);
void http_on_question_patch(Http *http, HttpRequest *request);
void http_on_vote_put(Http *http, HttpRequest *request);
void http_on_vote_delete(Http *http, HttpRequest *request);

// openapi.c
void http_on_openapi(Http *http, HttpRequest *request);
void http_on_alive(Http *http, HttpRequest *request);

// server.c: sets `who` to whom the request's secret stands for now. Thread of the request.
void http_identify(HttpRequest *request);

// request.c, http thread
void http_request_free(HttpRequest *request);
void http_request_let_go(HttpRequest *request); // stops listening to the message
void http_send_reply(HttpRequest *request);     // when everything is set; frees it

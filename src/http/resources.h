// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Handlers of routes.c, a file per resource.

#include "archive/archive.h"
#include "http/core/core.h"
#include "http/http.h"

// routes.c
extern const HttpRouter http_router;

// assets.c
HttpAssets *http_assets_new(const char *folder, GError **error);
void http_assets_free(HttpAssets *assets);
/* `sites` (nullable) may frame the player page. */
char *http_embed_policy(const char *const *sites);
void http_on_page(Http *http, HttpRequest *request);
void http_on_asset(Http *http, HttpRequest *request);
void http_on_root(Http *http, HttpRequest *request);
void http_on_language(Http *http, HttpRequest *request);

// media.c
HttpPlayers *http_players_new(void);
void http_players_free(HttpPlayers *players);
HttpMedia *http_media_new(HttpThread *thread);
/* Answers all that wait. */
void http_media_stop(HttpMedia *media);
void http_media_free(HttpMedia *media);
/* The path's file, after a token. */
const char *http_media_name(const HttpRequest *request);
/* Counts the asker as a player of the session. */
void http_note_player(const HttpRequest *request);
void http_on_hls(Http *http, HttpRequest *request);

// paths.c
void http_on_media_path(Http *http, HttpRequest *request);
void http_on_path_check(Http *http, HttpRequest *request);
void http_on_path_session(Http *http, HttpRequest *request);

// options.c
void http_on_options(Http *http, HttpRequest *request);

// socket.c
void http_on_socket(Http *http, HttpRequest *request);

// whep.c
void http_set_ice_servers(HttpRequest *request); // the Link header
void http_on_whep_post(Http *http, HttpRequest *request);
void http_on_whep_patch(Http *http, HttpRequest *request);
void http_on_whep_delete(Http *http, HttpRequest *request);

// sign-in.c
void http_on_sign_in(Http *http, HttpRequest *request);
void http_on_sign_out(Http *http, HttpRequest *request);
void http_on_me(Http *http, HttpRequest *request);

// invitations.c
void http_on_invitations(Http *http, HttpRequest *request);
void http_on_invite(Http *http, HttpRequest *request);
void http_on_revoke(Http *http, HttpRequest *request);

// sessions.c
void http_on_sessions(Http *http, HttpRequest *request);
void http_on_session(Http *http, HttpRequest *request);
void http_on_session_calendar(Http *http, HttpRequest *request);
void http_on_session_post(Http *http, HttpRequest *request);
void http_on_session_patch(Http *http, HttpRequest *request);
void http_on_session_delete(Http *http, HttpRequest *request);
void http_on_session_state(Http *http, HttpRequest *request);
/* Borrows from `row`. */
AuthObject http_session_object(const StoreSession *row);
void http_on_health(Http *http, HttpRequest *request);

// chapters.c
void http_on_chapters(Http *http, HttpRequest *request);
void http_on_chapter_post(Http *http, HttpRequest *request);
void http_on_chapter_patch(Http *http, HttpRequest *request);
void http_on_chapter_delete(Http *http, HttpRequest *request);

// recordings.c
void http_on_recording(Http *http, HttpRequest *request);
void http_on_recordings(Http *http, HttpRequest *request);
void http_on_recording_get(Http *http, HttpRequest *request);
void http_on_recording_patch(Http *http, HttpRequest *request);
void http_on_recording_delete(Http *http, HttpRequest *request);
void http_on_recording_retry(Http *http, HttpRequest *request);

// search/search.c
void http_on_search(Http *http, HttpRequest *request);

// questions.c
void http_on_questions(Http *http, HttpRequest *request);
void http_on_question_post(Http *http, HttpRequest *request);
void http_on_question_patch(Http *http, HttpRequest *request);
void http_on_vote_put(Http *http, HttpRequest *request);
void http_on_vote_delete(Http *http, HttpRequest *request);

// probes.c
void http_on_alive(Http *http, HttpRequest *request);
void http_on_metrics(Http *http, HttpRequest *request);
void http_on_system(Http *http, HttpRequest *request);

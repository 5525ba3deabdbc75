// SPDX-License-Identifier: GPL-3.0-or-later
// All routes, each with the action that auth_may() judges.
#include "http/resources.h"

#define JSON HTTP_MAX_JSON_BYTES

static const HttpRoute routes[] = {
    {"GET", "/healthz", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_alive, 0},
    {"GET", "/readyz", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_alive, 0},
    {"GET", "/metrics", AUTH_READ_METRICS, HTTP_OF_METRICS, HTTP_ON_MAIN_THREAD, http_on_metrics,
     0},
    {"GET", "/api/openapi.json", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_asset, 0},
    {"GET", "/api/ws.schema.json", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_asset,
     0},

    {"POST", "/api/v1/sign-in", AUTH_SIGN_IN, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_sign_in, JSON},
    {"POST", "/api/v1/sign-out", AUTH_SIGN_OUT, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_sign_out,
     JSON},
    {"GET", "/api/v1/me", AUTH_SIGN_OUT, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_me, 0},

    {"GET", "/api/v1/sessions", AUTH_LIST_SESSIONS, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_sessions,
     0},
    {"POST", "/api/v1/sessions", AUTH_EDIT_SESSION, HTTP_ANY, HTTP_ON_MAIN_THREAD,
     http_on_session_post, JSON},
    {"GET", "/api/v1/sessions/{}", AUTH_SEE_SESSION, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_session, 0},
    {"GET", "/api/v1/sessions/{}/calendar.ics", AUTH_SEE_SESSION, HTTP_OF_SESSION,
     HTTP_ON_MAIN_THREAD, http_on_session_calendar, 0},
    {"PATCH", "/api/v1/sessions/{}", AUTH_EDIT_SESSION, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_session_patch, JSON},
    {"DELETE", "/api/v1/sessions/{}", AUTH_EDIT_SESSION, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_session_delete, JSON},
    {"POST", "/api/v1/sessions/{}/state", AUTH_RUN_SESSION, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_session_state, JSON},

    {"GET", "/api/v1/sessions/{}/invitations", AUTH_INVITE, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_invitations, 0},
    {"POST", "/api/v1/sessions/{}/invitations", AUTH_INVITE, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_invite, JSON},
    {"DELETE", "/api/v1/sessions/{}/invitations/{}", AUTH_INVITE, HTTP_OF_SESSION,
     HTTP_ON_MAIN_THREAD, http_on_revoke, JSON},
    {"GET", "/api/v1/invitations", AUTH_INVITE, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_invitations,
     0},
    {"POST", "/api/v1/invitations", AUTH_INVITE, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_invite,
     JSON},
    {"DELETE", "/api/v1/invitations/{}", AUTH_INVITE, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_revoke,
     JSON},

    {"GET", "/api/v1/sessions/{}/questions", AUTH_SEE_QUESTIONS, HTTP_OF_SESSION,
     HTTP_ON_MAIN_THREAD, http_on_questions, 0},
    {"POST", "/api/v1/sessions/{}/questions", AUTH_ASK, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_question_post, JSON},
    {"PATCH", "/api/v1/questions/{}", AUTH_SEE_QUESTIONS, HTTP_OF_QUESTION, HTTP_ON_MAIN_THREAD,
     http_on_question_patch, JSON},
    {"PUT", "/api/v1/questions/{}/vote", AUTH_ASK, HTTP_OF_QUESTION, HTTP_ON_MAIN_THREAD,
     http_on_vote_put, JSON},
    {"DELETE", "/api/v1/questions/{}/vote", AUTH_ASK, HTTP_OF_QUESTION, HTTP_ON_MAIN_THREAD,
     http_on_vote_delete, JSON},

    {"GET", "/api/v1/sessions/{}/media-path", AUTH_WATCH, HTTP_OF_SESSION, HTTP_ON_HTTP_THREAD,
     http_on_media_path, 0},

    {"GET", "/api/v1/sessions/{}/chapters", AUTH_SEE_SESSION, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_chapters, 0},
    {"POST", "/api/v1/sessions/{}/chapters", AUTH_MARK_CHAPTER, HTTP_OF_SESSION,
     HTTP_ON_MAIN_THREAD, http_on_chapter_post, JSON},
    {"PATCH", "/api/v1/sessions/{}/chapters/{}", AUTH_MARK_CHAPTER, HTTP_OF_SESSION,
     HTTP_ON_MAIN_THREAD, http_on_chapter_patch, JSON},
    {"DELETE", "/api/v1/sessions/{}/chapters/{}", AUTH_MARK_CHAPTER, HTTP_OF_SESSION,
     HTTP_ON_MAIN_THREAD, http_on_chapter_delete, JSON},

    {"GET", "/api/v1/search", AUTH_LIST_SESSIONS, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_search, 0},

    {"GET", "/api/v1/recordings", AUTH_LIST_SESSIONS, HTTP_ANY, HTTP_ON_MAIN_THREAD,
     http_on_recordings, 0},
    {"GET", "/api/v1/recordings/{}", AUTH_SEE_RECORDING, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_recording_get, 0},
    {"PATCH", "/api/v1/recordings/{}", AUTH_EDIT_RECORDING, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_recording_patch, JSON},
    {"DELETE", "/api/v1/recordings/{}", AUTH_EDIT_RECORDING, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_recording_delete, JSON},
    {"GET", "/api/v1/recordings/{}/media-path", AUTH_SEE_RECORDING, HTTP_OF_SESSION,
     HTTP_ON_HTTP_THREAD, http_on_media_path, 0},
    {"POST", "/api/v1/recordings/{}/retry", AUTH_EDIT_RECORDING, HTTP_OF_SESSION,
     HTTP_ON_MAIN_THREAD, http_on_recording_retry, JSON},
    {"GET", "/api/v1/health", AUTH_SEE_HEALTH, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_health, 0},
    {"GET", "/api/v1/system", AUTH_SEE_HEALTH, HTTP_ANY, HTTP_ON_MAIN_THREAD, http_on_system, 0},

    {"POST", "/sessions/{}/whep", AUTH_WATCH, HTTP_OF_SESSION, HTTP_ON_MAIN_THREAD,
     http_on_whep_post, RTC_MAX_SDP_BYTES},
    {"PATCH", "/sessions/{}/whep/{}", AUTH_READ_PUBLIC, HTTP_OF_VIEWER, HTTP_ON_HTTP_THREAD,
     http_on_whep_patch, RTC_MAX_SDP_BYTES},
    {"DELETE", "/sessions/{}/whep/{}", AUTH_READ_PUBLIC, HTTP_OF_VIEWER, HTTP_ON_HTTP_THREAD,
     http_on_whep_delete, 1024},
    {"POST", "/sessions/{}/hls/" AUTH_PATH_PREFIX "{}/whep", AUTH_WATCH, HTTP_OF_PATH,
     HTTP_ON_MAIN_THREAD, http_on_whep_post, RTC_MAX_SDP_BYTES},
    {"GET", "/sessions/{}/hls/" AUTH_PATH_PREFIX "{}/check", AUTH_WATCH, HTTP_OF_PATH,
     HTTP_ON_HTTP_THREAD, http_on_path_check, 0},
    {"GET", "/sessions/{}/hls/" AUTH_PATH_PREFIX "{}/session.json", AUTH_WATCH, HTTP_OF_PATH,
     HTTP_ON_MAIN_THREAD, http_on_path_session, 0},
    {"GET", "/sessions/{}/hls/" AUTH_PATH_PREFIX "{}/{*}", AUTH_WATCH, HTTP_OF_PATH, HTTP_DIRECT,
     http_on_hls, 0},
    {"GET", "/sessions/{}/hls/{*}", AUTH_WATCH, HTTP_OF_SESSION, HTTP_DIRECT, http_on_hls, 0},
    {"GET", "/recordings/{}/" AUTH_PATH_PREFIX "{}/{*}", AUTH_SEE_RECORDING, HTTP_OF_PATH,
     HTTP_ON_HTTP_THREAD, http_on_recording, 0},
    {"GET", "/recordings/{}/{*}", AUTH_SEE_RECORDING, HTTP_OF_SESSION, HTTP_ON_HTTP_THREAD,
     http_on_recording, 0},
    {"GET", "/ws", AUTH_SIGN_OUT, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_socket, 0},

    {"GET", "/", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_root, 0},
    {"GET", "/assets/{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_asset, 0},
    {"GET", "/favicon.svg", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_asset, 0},
    {"GET", "/ar", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_language, 0},
    {"GET", "/en", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_language, 0},
    {"GET", "/ar/{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_page, 0},
    {"GET", "/en/{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_page, 0},
};

static const HttpRoute options = {
    "OPTIONS", "{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_ON_HTTP_THREAD, http_on_options, 0};

const HttpRouter http_router = {
    .routes = routes, .count = G_N_ELEMENTS(routes), .options = &options};

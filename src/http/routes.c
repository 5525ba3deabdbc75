// SPDX-License-Identifier: GPL-3.0-or-later
// Every request that is answered at all, with the action that auth_may() judges.
#include "http/private.h"

#define JSON HTTP_MAX_JSON_BYTES

const HttpRoute http_routes[] = {
    {"GET", "/healthz", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_alive, 0, NULL},
    {"GET", "/readyz", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_MAIN, http_on_alive, 0, NULL},
    {"GET", "/api/openapi.json", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_openapi, 0, NULL},

    {"POST", "/api/v1/sign-in", AUTH_SIGN_IN, HTTP_ANY, HTTP_MAIN, http_on_sign_in, JSON,
     "Sign in with an invitation's code"},
    {"POST", "/api/v1/sign-out", AUTH_SIGN_OUT, HTTP_ANY, HTTP_MAIN, http_on_sign_out, JSON,
     "Forget this sign-in"},
    {"GET", "/api/v1/me", AUTH_SIGN_OUT, HTTP_ANY, HTTP_MAIN, http_on_me, 0, "Who is signed in"},

    {"GET", "/api/v1/sessions", AUTH_LIST_SESSIONS, HTTP_ANY, HTTP_MAIN, http_on_sessions, 0,
     "The sessions that the caller may see"},
    {"POST", "/api/v1/sessions", AUTH_EDIT_SESSION, HTTP_ANY, HTTP_MAIN, http_on_session_post, JSON,
     "Create a session"},
    {"GET", "/api/v1/sessions/{}", AUTH_SEE_SESSION, HTTP_OF_SESSION, HTTP_MAIN, http_on_session, 0,
     "A session"},
    {"PATCH", "/api/v1/sessions/{}", AUTH_EDIT_SESSION, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_session_patch, JSON, "Change a session"},
    {"DELETE", "/api/v1/sessions/{}", AUTH_EDIT_SESSION, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_session_delete, JSON, "Delete a session that was never opened"},
    {"POST", "/api/v1/sessions/{}/state", AUTH_RUN_SESSION, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_session_state, JSON, "Open, start, pause, end, publish or cancel a session"},

    {"GET", "/api/v1/sessions/{}/invitations", AUTH_INVITE, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_invitations, 0, "The session's invitations"},
    {"POST", "/api/v1/sessions/{}/invitations", AUTH_INVITE, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_invite, JSON,
     "Invite somebody: answers with a personal link, shown this once; staff are staff of every "
     "session"},
    {"DELETE", "/api/v1/sessions/{}/invitations/{}", AUTH_INVITE, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_revoke, JSON, "Revoke an invitation; its sign-ins end"},

    {"GET", "/api/v1/sessions/{}/questions", AUTH_SEE_QUESTIONS, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_questions, 0, "The questions that the caller may see"},
    {"POST", "/api/v1/sessions/{}/questions", AUTH_ASK, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_question_post, JSON, "Ask a question"},
    {"PATCH", "/api/v1/questions/{}", AUTH_SEE_QUESTIONS, HTTP_OF_QUESTION, HTTP_MAIN,
     http_on_question_patch, JSON, "Moderate a question, or withdraw one's own"},
    {"PUT", "/api/v1/questions/{}/vote", AUTH_ASK, HTTP_OF_QUESTION, HTTP_MAIN, http_on_vote_put,
     JSON, "Vote for a question"},
    {"DELETE", "/api/v1/questions/{}/vote", AUTH_ASK, HTTP_OF_QUESTION, HTTP_MAIN,
     http_on_vote_delete, JSON, "Take a vote back"},

    {"GET", "/api/v1/sessions/{}/media-path", AUTH_WATCH, HTTP_OF_SESSION, HTTP_HERE,
     http_on_media_path, 0,
     "A path to the live media for players without sign-in (?minutes=1..480)"},

    {"GET", "/api/v1/sessions/{}/chapters", AUTH_SEE_SESSION, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_chapters, 0, "The session's chapters: marked ones, and answered questions"},
    {"POST", "/api/v1/sessions/{}/chapters", AUTH_MARK_CHAPTER, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_chapter_post, JSON, "Mark a chapter, now or at a moment of the timeline"},
    {"PATCH", "/api/v1/sessions/{}/chapters/{}", AUTH_MARK_CHAPTER, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_chapter_patch, JSON, "Change a chapter that was marked"},
    {"DELETE", "/api/v1/sessions/{}/chapters/{}", AUTH_MARK_CHAPTER, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_chapter_delete, JSON, "Remove a chapter that was marked"},

    {"GET", "/api/v1/recordings", AUTH_LIST_SESSIONS, HTTP_ANY, HTTP_MAIN, http_on_recordings, 0,
     "The recordings that the caller may see"},
    {"GET", "/api/v1/recordings/{}", AUTH_SEE_RECORDING, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_recording_get, 0, "A recording, its steps, ends and gaps"},
    {"PATCH", "/api/v1/recordings/{}", AUTH_EDIT_RECORDING, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_recording_patch, JSON,
     "Move a recording's ends (its files are made again), or hold it"},
    {"DELETE", "/api/v1/recordings/{}", AUTH_EDIT_RECORDING, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_recording_delete, JSON, "Delete a recording for good, with a reason that stays"},
    {"GET", "/api/v1/recordings/{}/media-path", AUTH_SEE_RECORDING, HTTP_OF_SESSION, HTTP_HERE,
     http_on_media_path, 0,
     "A path to the recording for players without sign-in (?minutes=1..480)"},
    {"POST", "/api/v1/recordings/{}/retry", AUTH_EDIT_RECORDING, HTTP_OF_SESSION, HTTP_MAIN,
     http_on_recording_retry, JSON, "Make again what failed of a recording's files"},
    {"GET", "/api/v1/health", AUTH_SEE_HEALTH, HTTP_ANY, HTTP_MAIN, http_on_health, 0,
     "Programme, recording, disk and viewers of the session that is on"},

    {"POST", "/sessions/{}/whep", AUTH_WATCH, HTTP_OF_SESSION, HTTP_MAIN, http_on_whep_post,
     RTC_MAX_SDP_BYTES, NULL},
    {"PATCH", "/sessions/{}/whep/{}", AUTH_READ_PUBLIC, HTTP_OF_VIEWER, HTTP_MAIN,
     http_on_whep_patch, RTC_MAX_SDP_BYTES, NULL},
    {"DELETE", "/sessions/{}/whep/{}", AUTH_READ_PUBLIC, HTTP_OF_VIEWER, HTTP_MAIN,
     http_on_whep_delete, 1024, NULL},
    {"POST", "/sessions/{}/hls/" AUTH_PATH_PREFIX "{}/whep", AUTH_WATCH, HTTP_OF_PATH, HTTP_MAIN,
     http_on_whep_post, RTC_MAX_SDP_BYTES, NULL},
    {"GET", "/sessions/{}/hls/" AUTH_PATH_PREFIX "{}/check", AUTH_WATCH, HTTP_OF_PATH, HTTP_HERE,
     http_on_path_check, 0, NULL},
    {"GET", "/sessions/{}/hls/" AUTH_PATH_PREFIX "{}/{*}", AUTH_WATCH, HTTP_OF_PATH, HTTP_HERE,
     http_on_hls, 0, NULL},
    {"GET", "/sessions/{}/hls/{*}", AUTH_WATCH, HTTP_OF_SESSION, HTTP_HERE, http_on_hls, 0, NULL},
    {"GET", "/recordings/{}/" AUTH_PATH_PREFIX "{}/{*}", AUTH_SEE_RECORDING, HTTP_OF_PATH,
     HTTP_HERE, http_on_recording, 0, NULL},
    {"GET", "/recordings/{}/{*}", AUTH_SEE_RECORDING, HTTP_OF_SESSION, HTTP_HERE, http_on_recording,
     0, NULL},
    {"GET", "/ws", AUTH_SIGN_OUT, HTTP_ANY, HTTP_HERE, http_on_socket, 0, NULL},

    {"GET", "/", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_root, 0, NULL},
    {"GET", "/assets/{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_asset, 0, NULL},
    {"GET", "/favicon.svg", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_asset, 0, NULL},
    {"GET", "/ar", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_language, 0, NULL},
    {"GET", "/en", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_language, 0, NULL},
    {"GET", "/ar/{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_page, 0, NULL},
    {"GET", "/en/{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_page, 0, NULL},
};
const size_t http_routes_count = G_N_ELEMENTS(http_routes);

const HttpRoute http_options_route = {
    "OPTIONS", "{*}", AUTH_READ_PUBLIC, HTTP_ANY, HTTP_HERE, http_on_options, 0, NULL};

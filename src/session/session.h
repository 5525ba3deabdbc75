// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a session is: its states, what may be written into it, and how the API shows it. Pure: no
// I/O, no clock of its own; any thread.

#include "base/json.h"
#include "store/rows.h"

#include <stdbool.h>
#include <stdint.h>

#define SESSION_MAX_TITLE 200 // characters, each language
#define SESSION_MAX_SERIES 200
#define SESSION_MAX_SPEAKERS 10
#define SESSION_MAX_NAME 200 // of a speaker, and of what the speaker is
#define SESSION_MAX_MINUTES 480
#define SESSION_DEFAULT_MINUTES 60
#define SESSION_GRACE_US (30 * INT64_C(60000000))

typedef enum {
    SESSION_SCHEDULED,
    SESSION_LOBBY, // the programme runs and is recorded; staff and speaker see it
    SESSION_LIVE,
    SESSION_PAUSED,
    SESSION_ENDED,     // the recording is there for staff
    SESSION_PUBLISHED, // and for those who may attend
    SESSION_CANCELLED,
    SESSION_STATES,
} SessionState;

const char *session_state_name(SessionState state);            // "scheduled"; static
bool session_state_parse(const char *name, SessionState *out); // false: unknown; NULL allowed

/* True where staff may move a session so. Staying is no move. */
bool session_can(SessionState from, SessionState to);
/* Moves the row and notes the time: the first lobby is the epoch, the first live and the end are
 * marks. False with BASE_ERROR_CONFLICT and the row untouched where session_can() is false. */
bool session_move(StoreSession *row, SessionState to, int64_t now_us, GError **error);

/* True where there is a programme: lobby, live, paused. */
bool session_is_running(SessionState state);
/* True where attendees see the programme: live. */
bool session_is_public(SessionState state);

/* A new session, scheduled, of a request's body. NULL with a BASE_ERROR_INVALID that names the
 * field. Full ownership. */
StoreSession *session_new(const json_t *body, int64_t now_us, GError **error);
/* Writes the fields that `body` names into `row`; all or none. BASE_ERROR_INVALID names the field;
 * BASE_ERROR_CONFLICT: the session's state does not allow the change. */
bool session_check(StoreSession *row, const json_t *body, GError **error);

/* As the API shows it (contract), without the fields that are the API's own. Full ownership. */
json_t *session_json(const StoreSession *row);

/* True when its time has passed, so that a server that starts after a crash ends it rather than
 * resumes it: planned or actual start, whichever is later, and the duration, and half an hour; of
 * `majlis demo` without the half hour. */
bool session_is_over(const StoreSession *row, int64_t now_us);

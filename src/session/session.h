// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a session is: its states, what may be written into it, and how the API shows it. Pure: no
// I/O, no clock of its own; any thread.

#include "base/clock.h"
#include "base/json.h"
#include "store/rows.h"

#include <stdbool.h>
#include <stdint.h>

#define SESSION_MAX_TITLE 200 // characters, each language
#define SESSION_MAX_SERIES 200
#define SESSION_MAX_SPEAKERS 10
#define SESSION_MAX_NAME 200 // of a speaker, and of what the speaker is
#define SESSION_MAX_AGENDA 20
#define SESSION_MAX_CHAPTERS 200 // that staff marked
#define SESSION_MAX_REASON 200   // why a recording was deleted
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

/* A new chapter of the session of a request's body, at `now_us` of the timeline where the body
 * names no moment; -1: there is none. Full ownership; NULL with BASE_ERROR_INVALID. */
StoreChapter *session_chapter_new(const StoreSession *row, const json_t *body, int64_t now_us,
                                  int64_t wall_us, GError **error);
/* Writes the fields that `body` names into `chapter`; all or none. */
bool session_chapter_check(StoreChapter *chapter, const json_t *body, GError **error);
/* As the API shows it: `question` where it comes of one, `at_us` in the published recording, -1:
 * outside, or there is none. Full ownership. */
json_t *session_chapter_json(const StoreChapter *chapter, bool question, int64_t at_us);

/* What a request changes of a recording. */
typedef struct {
    int64_t in_us, out_us; // its ends on the timeline; INT64_MIN, INT64_MAX: the marks
    bool hold;             // it is not to be deleted
} SessionRecording;

/* Writes what `body` names into `recording` (as it is now); all or none. INVALID names the field;
 * CONFLICT: it is deleted, or its ends are to move while the session is not over. */
bool session_recording_check(const StoreSession *row, const json_t *body,
                             SessionRecording *recording, GError **error);
/* "in_ms", "out_ms", "hold" into the object `out`. */
void session_recording_json(const SessionRecording *recording, json_t *out);
/* Whether the session's recording may be changed or deleted at all: its session is over and it was
 * not deleted yet. CONFLICT says why not. */
bool session_recording_is_there(const StoreSession *row, GError **error);

/* Retention. Wall clock until which the recording is kept; 0: for ever, as what is held and what is
 * kept for 0 days. */
int64_t session_keep_until(const StoreSession *row, int keep_days);
/* True when the recording's time is over and it is to be deleted: never of a session that is on or
 * to come, nor a held one. */
bool session_is_expired(const StoreSession *row, int keep_days, int64_t now_us);
/* Retention goes by the wall clock, and one that is set years ahead would have it delete all there
 * is. A server that runs sees the clock go by; where it leapt by more than a day (or the server was
 * not there to see), nothing expires for another day, in which somebody can put it right. Notes the
 * time in `clock`; false while it is doubted. To be asked once in a while. */
#define SESSION_CLOCK_LEAP_US (24 * INT64_C(3600000000))
#define SESSION_CLOCK_DOUBT_US (24 * INT64_C(3600000000))
bool session_clock_is_good(StoreClock *clock, int64_t now_us);
/* The reason of a request to delete, never empty. Full ownership; NULL with BASE_ERROR_INVALID. */
char *session_reason(const json_t *body, GError **error);
/* Notes that the recording is deleted; `by` NULL: retention. */
void session_note_deleted(StoreSession *row, const char *by, const char *why, int64_t now_us);
/* What is said to those who look for a deleted recording; NULL: it is not. Full ownership. */
char *session_deleted_text(const StoreSession *row);

/* What is to become of a session and its recording that somebody finds: a server that starts, or
 * `majlis recover`. */
typedef enum {
    SESSION_RESTS,      // nothing
    SESSION_GOES_ON,    // interrupted, and its time is not over: in a new run
    SESSION_ENDS,       // interrupted, and its time is over
    SESSION_FINISHES,   // what is missing of its recording's files is made
    SESSION_EXPIRES,    // its recording's time is over
    SESSION_IS_DELETED, // its recording is: no file may be left
} SessionFate;
/* `*out_to` where it goes on or ends: the state that it ends in. A session that is on is judged by
 * its own time (session_now_us()), retention by the wall clock. */
SessionFate session_fate(const StoreSession *row, int keep_days, const BaseNow *now,
                         SessionState *out_to);

/* As the API shows it (contract), without the fields that are the API's own. Full ownership. */
json_t *session_json(const StoreSession *row);

/* What the wall clock would show now if nobody had set it since the session's timeline began. In
 * the boot in which its media last began, the clock of the boot tells how much time went by, so a
 * wall clock that leaps changes nothing. After the machine was started anew the wall clock is all
 * there is, and is believed. */
int64_t session_now_us(const StoreSession *row, const BaseNow *now);
/* Notes that the timeline is at `media_us` now. False: the row says so already. */
bool session_note_boot(StoreSession *row, const BaseNow *now, int64_t media_us);

/* True when its time has passed, so that a server that starts after a crash ends it rather than
 * resumes it: planned or actual start, whichever is later, and the duration, and half an hour; of
 * `majlis demo` without the half hour. */
bool session_is_over(const StoreSession *row, int64_t now_us);

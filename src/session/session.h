// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Session rules. Pure.

#include "base/clock.h"
#include "base/json.h"
#include "store/rows.h"
#include "store/state.h"

#include <stdbool.h>
#include <stdint.h>

#define SESSION_MAX_TITLE 200 // characters
#define SESSION_MAX_ID 64
#define SESSION_MAX_NUMBER 9999
#define SESSION_MAX_SPEAKERS 10
#define SESSION_MAX_NAME 200
#define SESSION_MAX_AGENDA 20
#define SESSION_MAX_TAGS 10
#define SESSION_MAX_TAG 60
#define SESSION_MAX_DESCRIPTION 2000
#define SESSION_MAX_BIOGRAPHY 4000
#define SESSION_MAX_REMINDERS 5
#define SESSION_MIN_AHEAD 5 // minutes before the start
#define SESSION_MAX_AHEAD (14 * 24 * 60)
#define SESSION_MAX_RETENTION 3650 // days
#define SESSION_MAX_CHAPTERS 200
#define SESSION_MAX_REASON 200
#define SESSION_MAX_ACT 200 // recordings of one act
#define SESSION_MAX_MINUTES 480
#define SESSION_DEFAULT_MINUTES 60
#define SESSION_GRACE_US (30 * INT64_C(60000000))

/* Moves that staff may make. */
bool session_can(SessionState from, SessionState to);
/* Also sets epoch, first live, end, publication: by the wall clock, `now_us`, and on the timeline, `media_us`.
 * BASE_ERROR_CONFLICT unless session_can(). */
bool session_move(StoreSession *row, SessionState to, int64_t now_us, int64_t media_us,
                  GError **error);

/* Lobby, live, paused. */
bool session_is_running(SessionState state);
/* Scheduled or running. */
bool session_is_ahead(SessionState state);

/* From a request. BASE_ERROR_INVALID names the field. */
StoreSession *session_new(const json_t *body, int64_t now_us, GError **error);
/* All or nothing. BASE_ERROR_INVALID names the field; CONFLICT: wrong state. */
bool session_check(StoreSession *row, const json_t *body, GError **error);

/* Ids of speakers. */
char **session_speaker_ids(const StoreSession *row);

/* What a list is narrowed to; 0 and NULL: any. */
typedef struct {
    unsigned states;              // 1 << SessionState each
    const char *series, *speaker; // ids
    int64_t from_us, to_us;       // of the start: [from, to)
    const GArray *words;          // BaseFoldWord, each in title, topics or speakers' names
} SessionFind;
bool session_is_found(const StoreSession *row, const SessionFind *find);
/* By start, then by id: each row has one place. Negative: `one` comes first. */
int session_compare(const StoreSession *one, int64_t starts_us, const char *id);

/* From a request. BASE_ERROR_INVALID names the field; check: all or nothing. */
StoreSeries *session_series_new(const json_t *body, int64_t now_us, GError **error);
bool session_series_check(StoreSeries *row, const json_t *body, GError **error);
/* `all`: the defaults of its sessions too. */
json_t *session_series_json(const StoreSeries *row, bool all);
StoreSpeaker *session_speaker_new(const json_t *body, int64_t now_us, GError **error);
bool session_speaker_check(StoreSpeaker *row, const json_t *body, GError **error);
json_t *session_speaker_json(const StoreSpeaker *row);

/* Add what a request for a new session leaves out: from another session, from its series. */
void session_fill_copy(json_t *body, const StoreSession *row);
void session_fill_defaults(json_t *body, const StoreSeries *row);
/* To an entry of "speakers" that names `row`: name and role. */
void session_fill_speaker(json_t *entry, const StoreSpeaker *row);

/* From a request, at `now_us` of the timeline (-1: not running) by default. */
StoreChapter *session_chapter_new(const StoreSession *row, const json_t *body, int64_t now_us,
                                  int64_t wall_us, GError **error);
/* All or nothing. */
bool session_chapter_check(StoreChapter *chapter, const json_t *body, GError **error);
/* `question`: its origin; `at_us`: in the recording, -1: outside. */
json_t *session_chapter_json(const StoreChapter *chapter, bool question, int64_t at_us);

/* Editable fields of a recording. */
typedef struct {
    int64_t in_us, out_us; // timeline; INT64_MIN, INT64_MAX: the marks
    bool hold;             // prevents deletion
} SessionRecording;

/* All or nothing. `out_why`: nullable reason, full ownership. INVALID names the field; CONFLICT:
 * deleted, or before its end. */
bool session_recording_check(const StoreSession *row, const json_t *body,
                             SessionRecording *recording, char **out_why, GError **error);
#define SESSION_NO_REASON "لم يُذكر سبب – no reason was given"
/* `why` is nullable. */
void session_note_hold(StoreSession *row, bool hold, const char *by, const char *why,
                       int64_t now_us);
/* Adds "in_ms", "out_ms", "hold" to `out`. */
void session_recording_json(const SessionRecording *recording, json_t *out);
/* CONFLICT: running or deleted. */
bool session_recording_is_there(const StoreSession *row, GError **error);

/* One change of many recordings. */
typedef enum {
    SESSION_ACT_PUBLISH,
    SESSION_ACT_UNPUBLISH,
    SESSION_ACT_HOLD,
    SESSION_ACT_RELEASE,
    SESSION_ACT_RETAIN, // for `days`
    SESSION_ACT_EXPORT,
    SESSION_ACTS,
} SessionActKind;

typedef struct {
    SessionActKind kind;
    char **recordings; // ids, each once
    char *why;         // of the hold; nullable
    int days;          // 0: as the server is set
} SessionAct;

const char *session_act_name(SessionActKind kind); // static
/* From a request. BASE_ERROR_INVALID names the field; `out` is untouched. */
bool session_act_check(const json_t *body, SessionAct *out, GError **error);
void session_act_clear(SessionAct *act);

/* Wall clock; 0: forever. */
int64_t session_keep_until(const StoreSession *row, int keep_days);
/* False for running, future and held ones. */
bool session_is_expired(const StoreSession *row, int keep_days, int64_t now_us);
/* After a clock leap of over a day, or a time without server, nothing expires for a day: staff can
 * correct the clock. Updates `clock`; false: in doubt. */
#define SESSION_CLOCK_LEAP_US (24 * INT64_C(3600000000))
#define SESSION_CLOCK_DOUBT_US (24 * INT64_C(3600000000))
bool session_clock_is_good(StoreClock *clock, int64_t now_us);
/* Refuses unknown fields, maybe misspelt; `inside` precedes the name. */
bool session_only_known(const json_t *object, const char *const *known, const char *inside,
                        GError **error);
/* Not empty. Full ownership; BASE_ERROR_INVALID. */
char *session_reason(const json_t *body, GError **error);
/* NULL `by`: retention. */
void session_note_deleted(StoreSession *row, const char *by, const char *why, int64_t now_us);
/* NULL: not deleted. */
char *session_deleted_text(const StoreSession *row);

/* Next step at start-up or in `majlis recover`. */
typedef enum {
    SESSION_RESTS,      // nothing
    SESSION_GOES_ON,    // interrupted: new run
    SESSION_ENDS,       // interrupted, time over
    SESSION_FINISHES,   // complete the files
    SESSION_EXPIRES,    // retention over
    SESSION_IS_DELETED, // remove leftover files
} SessionResume;
/* `*out_to`: for GOES_ON and ENDS. Takes session_now_us() if running, else the wall clock. */
SessionResume session_resume(const StoreSession *row, int keep_days, const BaseNow *now,
                             SessionState *out_to);

json_t *session_json(const StoreSession *row);

/* An event (RFC 5545) in `lang` ("ar", "en"), UTC, with reminder and URL `page`. SEQUENCE counts
 * visible changes. CRLF. */
char *session_calendar(const StoreSession *row, const char *lang, const char *page, int64_t now_us);

/* Of StoreSession `rows`; pages below `site`. Equal rows give equal text. */
char *session_calendar_feed(const GPtrArray *rows, const char *lang, const char *site);

/* Of a mail to one person (RFC 5546): CANCEL if the session is cancelled, else REQUEST. */
typedef struct {
    const char *organizer, *organizer_name; // address; name nullable
    const char *attendee, *attendee_name;
} SessionInvite;
/* The same event (UID, SEQUENCE) in both languages, in the time of TZID Asia/Dubai. */
char *session_invite(const StoreSession *row, const char *page, const SessionInvite *invite,
                     int64_t now_us);

/* Unquoted ETag of session_check()'s fields. */
char *session_version(const StoreSession *row);

/* The wall clock as if never set, by the boot clock of the last run's boot; after a reboot the wall
 * clock. */
int64_t session_now_us(const StoreSession *row, const BaseNow *now);
/* The timeline is at `media_us`. False: unchanged. */
bool session_note_boot(StoreSession *row, const BaseNow *now, int64_t media_us);

/* A restart then ends it: half an hour plus the duration after the later of planned and actual
 * start (not in `majlis demo`). Takes session_now_us(). */
bool session_is_over(const StoreSession *row, int64_t now_us);

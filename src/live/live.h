// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// All sessions, and the programme of each that is on: loads them at start, carries out changes of
// state, goes on with what a crash interrupted, and finishes recordings. The only place where
// session, rtc, hls and archive meet. Main thread, except live_view() and live_directory().

#include "auth/auth.h"
#include "base/json.h"
#include "hls/hls.h"
#include "live/steps.h"
#include "rtc/rtc.h"
#include "session/session.h"
#include "store/rows.h"

#define LIVE_MAX_SESSIONS_ON 4 // with a capture child each

typedef struct Live Live;

typedef struct {
    const char *archive_directory;
    const char *archive_second_directory; // nullable: a mirror
    /* With less free, staff are warned and no session opens; parts stop being written below a tenth
     * of it. */
    int64_t archive_minimum_free;
    int keep_days;            // 0: recordings are kept for ever
    const AuthSigner *signer; // of their manifests; outlives it
    const char *binary, *pipelines, *encoder, *source; // the configured source
    unsigned keyframe_ms, part_ms, segment_ms, window_s;
} LiveConfig;

typedef struct {
    /* Main: the session changed (its row, or its recording's progress): tell those who watch it. */
    void (*changed)(void *data, const char *session);
    /* Any thread: the session's HLS snapshot changed. */
    void (*media)(void *data, const char *session);
    void *data;
} LiveEvents;

/* Reads the sessions (waits for the store; start-up only), resumes those that a crash interrupted
 * while their time is not over, ends the others, and finishes what was left unfinished. */
Live *live_new(const LiveConfig *config, Store *store, RtcServer *rtc, const LiveEvents *events,
               GError **error);
/* Stops the programmes; what is on stays on in the store and goes on at the next start. Waits for
 * the disk, some seconds at most: false where a worker still runs, and then nothing that it may post
 * to can be freed: end the process. NULL is allowed. */
bool live_free(Live *live);

/* Borrowed until the next call that changes a session. */
const StoreSession *live_session(const Live *live, const char *id);
/* Newest start first; the array is the caller's, the rows are borrowed. */
GPtrArray *live_sessions(const Live *live);

/* `error` (borrowed) NULL: done and committed. */
typedef void (*LiveDone)(void *data, const GError *error);

/* Inserts a new session or replaces what may be edited of a known one. Takes `row`. */
void live_save(Live *live, StoreSession *row, LiveDone done, void *data);
/* Only one that is scheduled or cancelled. */
void live_delete(Live *live, const char *id, LiveDone done, void *data);

/* A change of state (session_can() says which); CONFLICT where it cannot be done now. `done` comes
 * when the mark took effect and is committed. */
void live_set_state(Live *live, const char *id, SessionState to, LiveDone done, void *data);

/* Opens and goes live; with a finite source (FILE?loop=0) at its first frame, and ends with it. For
 * a session of `majlis demo`. */
void live_start_demo(Live *live, const char *id, LiveDone done, void *data);

/* NULL where the session is not on. Borrowed. */
RtcStream *live_rtc(const Live *live, const char *id);
int64_t live_media_now_us(const Live *live, const char *id); // -1: no media

/* Chapters: those that staff marked, and the answered questions'. The list is the API's (full
 * ownership), a chapter borrowed until the next change; NULL: there is none. */
json_t *live_chapters(const Live *live, const char *id);
const StoreChapter *live_chapter(const Live *live, const char *id, const char *chapter,
                                 bool *out_question);
/* Takes `chapter`: adds it, or replaces the one with its id. Players and, after the end, the files
 * follow. */
void live_save_chapter(Live *live, StoreChapter *chapter, LiveDone done, void *data);
void live_delete_chapter(Live *live, const StoreChapter *chapter, LiveDone done, void *data);
/* Which questions are answered changed in the store. */
void live_answered(Live *live, const char *id);

/* Recordings, once the session is over. CONFLICT while something is at the recording.
 * A change of ends is durable and the old files are served no more when `done` comes; the files are
 * made again after it. */
bool live_recording_ends(const Live *live, const char *id, SessionRecording *out);
void live_change_recording(Live *live, const char *id, const SessionRecording *want, LiveDone done,
                           void *data);
/* Makes again what failed. */
void live_retry_recording(Live *live, const char *id, LiveDone done, void *data);
/* For good; `by` is a person's id, NULL: its time is over. The session stays. */
void live_delete_recording(Live *live, const char *id, const char *by, const char *why,
                           LiveDone done, void *data);
/* Any thread; a short lock: what became of a deleted recording (full ownership), or NULL. */
char *live_gone(Live *live, const char *id);

/* The API's "health" and a session's "recording" object, that one as `staff` see it or not. Full
 * ownership. */
json_t *live_health(const Live *live);
json_t *live_recording(const Live *live, const char *id, bool staff);
/* What of the timeline is published, [{"start_ms", "end_ms"}]. Full ownership. */
json_t *live_recording_public(const Live *live, const char *id);

/* Where the recordings are. Any thread; borrowed. */
const char *live_directory(const Live *live);

/* What another thread needs to answer a request for media. */
typedef struct {
    bool open, published, ended;
    HlsSnapshot *hls; // full ownership, nullable
} LiveView;

/* Any thread; a short lock. False: no such session. */
bool live_view(Live *live, const char *id, LiveView *out);

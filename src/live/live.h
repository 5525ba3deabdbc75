// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// All sessions: their programmes, changes of state and recordings. Main thread, unless stated.

#include "auth/auth.h"
#include "base/json.h"
#include "hls/hls.h"
#include "live/programme/programme.h"
#include "rtc/rtc.h"
#include "session/session.h"
#include "slides/slides.h"
#include "store/rows.h"
#include "store/slides/slides.h"

#define LIVE_MAX_SESSIONS_ON 4 // a capture child each
#define LIVE_SOURCE_STATES 4   // MediaSourceState

typedef struct Live Live;

typedef struct {
    const char *archive_directory;
    const char *archive_second_directory; // nullable: a mirror
    /* With less free, no session opens, staff are warned; below a tenth, nothing is written. */
    int64_t archive_minimum_free;
    int keep_days;            // 0: for ever
    const AuthSigner *signer; // of manifests; outlives it
    const char *binary, *pipelines, *encoder, *source;
    const Slides *slides; // rendered pages; outlives it
    unsigned loudness;    // as LiveChildConfig
    unsigned keyframe_ms, part_ms, segment_ms, window_s;
} LiveConfig;

typedef struct {
    /* Main: the row, perhaps deleted, or the recording's progress changed. */
    void (*changed)(void *data, const char *session);
    /* Any thread: there is a new HLS snapshot. */
    void (*media)(void *data, const char *session);
    void *data;
} LiveEvents;

/* Waits for the store. Resumes or ends sessions after a crash. */
Live *live_new(const LiveConfig *config, Store *store, RtcServer *rtc, const LiveEvents *events,
               GError **error);
/* Stops the programmes; the next start resumes them. Waits seconds for the disk. False: a worker
 * still runs; free nothing and exit. */
bool live_free(Live *live);

/* Copies encoder, source, loudness, times for programmes that start later, and keep_days; ignores the
 * rest. */
void live_configure(Live *live, const LiveConfig *config);

/* Borrowed until the next call that changes a session. */
const StoreSession *live_session(const Live *live, const char *id);
/* Newest first. The rows are borrowed. */
GPtrArray *live_sessions(const Live *live);

/* `error` is borrowed; NULL: committed. */
typedef void (*LiveDone)(void *data, const GError *error);

/* Inserts or updates. Takes `row`. */
void live_save(Live *live, StoreSession *row, LiveDone done, void *data);
/* Only one that is scheduled or cancelled. */
void live_delete(Live *live, const char *id, LiveDone done, void *data);

/* See session_can(). `done`: the mark took effect and is committed. */
void live_set_state(Live *live, const char *id, SessionState to, LiveDone done, void *data);

/* Opens and goes live; a finite source (FILE?loop=0) at its first frame until its end. */
void live_start_demo(Live *live, const char *id, LiveDone done, void *data);

/* NULL: not on. Borrowed. */
RtcStream *live_rtc(const Live *live, const char *id);
/* As live_inputs_publish(); NOT_BEGUN: the session is not on. */
void live_publish(const Live *live, const char *id, const char *offer, size_t size,
                  const LivePublish *publish, RtcAnswerFunc func, void *data);
/* For the API; static, nullable. */
const char *live_sound_alarm(const Live *live, const char *id);
int64_t live_media_now_us(const Live *live, const char *id); // -1: no media

/* What stands over the picture. */
typedef struct {
    enum { LIVE_CAPTION_NONE, LIVE_CAPTION_SPEAKER, LIVE_CAPTION_QUESTION } show;
    unsigned speaker;     // its place in the session's list
    const char *question; // id
} LiveCaption;

/* NO_SPEAKER; QUESTION_NOT_ON_AIR: it leaves the picture when it leaves the air; CAPTIONS_OVER: so do
 * all at the end. */
void live_set_caption(Live *live, const char *id, const LiveCaption *caption, LiveDone done,
                      void *data);
json_t *live_caption(const Live *live, const char *id); // for the API
/* After a change of the question on air: another one, none, its text or its name. */
void live_on_air(Live *live, const char *id);

/* Marked chapters and answered questions, for the API. */
json_t *live_chapters(const Live *live, const char *id);
/* Nullable. Borrowed until the next change. */
const StoreChapter *live_chapter(const Live *live, const char *id, const char *chapter,
                                 bool *out_question);
/* In the published recording, of a chapter or an answered question; -1: outside. */
int64_t live_chapter_at_us(const Live *live, const char *id, const char *chapter);
/* Inserts or updates. Takes `chapter`. */
void live_save_chapter(Live *live, StoreChapter *chapter, LiveDone done, void *data);
void live_delete_chapter(Live *live, const StoreChapter *chapter, LiveDone done, void *data);
/* After a change of answered questions. */
void live_answered(Live *live, const char *id);

/* CONFLICT while a worker has the recording. At `done` the ends are durable and old files no longer
 * served. `by` (person), `why`: for the hold; nullable. */
bool live_recording_ends(const Live *live, const char *id, SessionRecording *out);
void live_change_recording(Live *live, const char *id, const SessionRecording *want, const char *by,
                           const char *why, LiveDone done, void *data);
/* Repeats failed steps. */
void live_retry_recording(Live *live, const char *id, LiveDone done, void *data);
/* `by` is a person; NULL: retention. The session stays. */
void live_delete_recording(Live *live, const char *id, const char *by, const char *why,
                           LiveDone done, void *data);
/* Any thread, a short lock. Text about a deleted recording, or NULL. */
char *live_gone(Live *live, const char *id);

/* Nullable. Borrowed until the next change. */
const StoreSlides *live_slides(const Live *live, const char *id);
/* In the published recording; -1: outside. */
int64_t live_recorded_at_us(const Live *live, const char *id, int64_t media_us);
/* Takes `want`; its page is rendered. The programme follows at once, `done` after the commit. */
void live_show_slides(Live *live, StoreSlides *want, LiveDone done, void *data);

typedef struct {
    unsigned lobby, live, paused; // sessions that are on
    const char *trouble;          // nullable, borrowed: why one cannot record
} LiveSummary;

void live_summary(const Live *live, LiveSummary *out);
/* For the API. */
json_t *live_health(const Live *live);
json_t *live_recording(const Live *live, const char *id, bool staff);

typedef struct {
    uint64_t bytes;
    bool working, failed; // its files are being made; a step failed
} LiveRecordingLook;

/* Of a deleted or unknown one: zeros. */
void live_recording_look(const Live *live, const char *id, LiveRecordingLook *out);

/* Since the start, of all sessions: only grows. */
typedef struct {
    uint64_t frames, frames_left_out, encoded_bytes;
    uint64_t child_restarts, source_failures;
    uint64_t parts, recorded_bytes, lost_parts, lost_units;
    BaseHistogramValues latency; // as LiveIngestStats
} LiveTotals;

typedef struct {
    unsigned sessions[SESSION_STATES];
    unsigned sources[LIVE_SOURCE_STATES]; // programmes that are on, by MediaSourceState
    unsigned failing, second_failing;     // recordings
    int64_t lag_us;                       // of the recording furthest behind; -1: none is on
    unsigned n_children, n_renditions;
    int children[LIVE_MAX_SESSIONS_ON]; // process ids
    LiveRendition renditions[LIVE_MAX_SESSIONS_ON * LIVE_MAX_RENDITIONS];
    LiveTotals totals;
} LiveStats;

/* A programme's counters end with its stop, without later parts. */
void live_stats(const Live *live, LiveStats *out);
/* Of the published recording; -1: unknown. Tells whether chapters lie in it. */
int64_t live_recording_duration_ms(const Live *live, const char *id, bool *out_chapters);
/* Published stretches, [{"start_ms", "end_ms"}]. */
json_t *live_recording_public(const Live *live, const char *id);

/* Of the recordings. Any thread. */
const char *live_directory(const Live *live);

typedef struct {
    bool open, published, ended;
    int64_t keys_us[MEDIA_INPUTS]; // of encoders; 0: none
    HlsSnapshot *hls;              // full ownership, nullable
} LiveView;

/* Any thread, a short lock. False: no such session. */
bool live_view(Live *live, const char *id, LiveView *out);

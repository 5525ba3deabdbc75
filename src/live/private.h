// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The state of live, and its inner functions. Main thread, but for the mutex.

#include "live/activity.h"
#include "live/live.h"
#include "live/programme/programme.h"
#include "recording/chapters.h"
#include "recording/queue.h"

#include <pthread.h>

typedef struct LiveSession LiveSession;

/* At most one change of a session is under way. */
typedef struct {
    enum { LIVE_CHANGE_NONE, LIVE_CHANGE_STATE, LIVE_CHANGE_ROW } kind;
    SessionState to; // of LIVE_CHANGE_STATE
    bool committing; // the store is writing it
    bool marked;     // `mark` came meanwhile: handled afterwards
    MediaMark mark;
    int64_t mark_us;  // timeline, of `mark`
    int64_t media_us; // timeline, of the change; 0: now
    LiveDone done;    // nullable
    void *data;
} LiveChange;

struct LiveSession {
    Live *live;
    char *id;
    ArchivePlace *place;
    StoreSession *row;
    LiveActivity activity;    // written by live_step() only
    LiveChange change;        // written by commit.c and save.c
    LiveProgramme *programme; // while on or settling
    bool follow;
    guint build_timer;    // live_build() when it fires
    LiveDone delete_done; // nullable: a deletion that waits for the build
    void *delete_data;
    bool removed;         // of a deleted recording: its files are gone
    bool told_left;       // that the mirror lags behind a deletion or trim
    int64_t unsaved_us;   // clock of a failed save; 0: the row is saved
    int64_t failed_us;    // clock of a failed start; 0
    int64_t hls_until_us; // clock at which `hls` is dropped; 0: never
    char *trouble;        // nullable: why recording fails
    RecordingStatus recording;
    char *inputs_hash;       // nullable: of the files that exist
    char *caption;           // nullable: as in the row; written by caption.c
    GPtrArray *chapters;     // RecordingChapter
    ArchiveTimemap *timemap; // nullable
    StoreSlides *slides;

    // under live->mutex, for live_view() and live_gone()
    bool open, published, ended;
    int64_t keys_us[MEDIA_INPUTS];
    char *gone; // nullable: text about a deleted recording
    HlsSnapshot *hls;
};

struct Live {
    LiveConfig config; // its texts are owned
    Store *store;
    RtcServer *rtc;
    LiveEvents events;
    void (*on_playlists)(LiveSession *session); // a build made the playlists
    void (*on_built)(LiveSession *session);     // a build is over that a deletion waited for
    RecordingWorkers *workers;
    guint tick;
    int64_t swept_us;  // clock of the last sweep; 0
    StoreClock clock;  // for retention
    LiveTotals totals; // of programmes that stopped
    bool stopping;
    pthread_mutex_t mutex; // `sessions` and fields of LiveSession
    GHashTable *sessions;  // id -> LiveSession
};

// stats.c
/* Before live_programme_stop(). */
void live_keep_totals(LiveSession *session, LiveProgramme *programme);
MediaSourceState live_source_state(const LiveProgrammeHealth *health);

// session.c
LiveSession *live_find(const Live *live, const char *id);
void live_session_free(void *data);
void live_tell_changed(LiveSession *session);
/* A worker gives freed memory back to the system, in milliseconds. */
void live_trim(Live *live);
/* False: the event cannot happen now. */
bool live_step(LiveSession *session, LiveEvent event);
bool live_can_step(const LiveSession *session, LiveEvent event);
/* A change is under way: begin no other. */
bool live_busy(const LiveSession *session);
/* Neither busy, nor on, nor at work on the recording. */
bool live_is_idle(const LiveSession *session);
/* The programme is to start again. */
bool live_start_failed(const LiveSession *session);
/* `done` is nullable. */
void live_refuse(LiveDone done, void *data, BaseCode code, const char *text);
void live_refuse_busy(LiveDone done, void *data);

// save.c
/* Takes `row` and `chapters`. */
LiveSession *live_add(Live *live, StoreSession *row, GPtrArray *chapters);
/* In the store, then from the table. */
void live_remove_row(LiveSession *session, LiveDone done, void *data);

// sessions.c
/* No build is to be waited for: goes on with a waiting deletion. */
void live_delete_closed(LiveSession *session);

// commit.c: the change of state under way
bool live_is_changing_to(const LiveSession *session, SessionState to);
void live_begin_change(LiveSession *session, SessionState to);
/* Asks for the mark of the change, or commits without one. */
void live_request_mark(LiveSession *session);
/* After the media followed. */
void live_commit(LiveSession *session);
void live_finish_change(LiveSession *session, const GError *error);
void live_on_marked(void *data, MediaMark mark, int64_t pts_us);
void live_save_again(LiveSession *session);
/* Repeats a failed save. */
void live_change_tick(LiveSession *session, int64_t clock_us);

// start.c
void live_start_programme(LiveSession *session);
/* Repeats a failed start. */
void live_start_tick(LiveSession *session, int64_t clock_us);

// build.c
/* Closes the programme and makes missing or outdated files; not during a build, which looks again.
 * */
void live_build(LiveSession *session);
/* At low priority: for recordings found at start-up. */
void live_build_later(LiveSession *session);
/* Replaces an earlier call. */
void live_build_in(LiveSession *session, unsigned delay_ms);
/* Builds soon if the inputs have changed. */
void live_rebuild(LiveSession *session);

// slides.c
/* None are chosen. */
StoreSlides *live_slides_new(const char *session);
/* What the programme shows: the session's source, with its slides. Full ownership. */
char *live_source(const LiveSession *session);
/* The programme begins: for the recording. */
void live_note_slides(LiveSession *session);

// caption.c
/* After a change of what a caption shows. */
void live_follow_caption(LiveSession *session);

// chapters.c
void live_tell_markers(LiveSession *session);

// recording.c
/* The recording is deleted in the store already. */
void live_remove_deleted(LiveSession *session);
/* Before the session itself is deleted. */
void live_remove_files(LiveSession *session, LiveDone done, void *data);
/* Hourly: deletes expired recordings. */
void live_sweep(Live *live, int64_t clock_us);
/* True if retention may trust the wall clock. */
bool live_clock_is_good(Live *live);

// view.c
/* Takes `row`. */
void live_set_row(LiveSession *session, StoreSession *row);
/* Any thread. Takes `snapshot`. */
void live_view_publish(LiveSession *session, HlsSnapshot *snapshot);
/* A programme begins. */
void live_view_keep(LiveSession *session);
/* The programme is over: drops the snapshot later. */
void live_view_retire(LiveSession *session);
void live_view_forget(LiveSession *session);
void live_view_tick(LiveSession *session, int64_t clock_us);

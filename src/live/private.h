// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the files of this room share. Main thread, except where a lock is named.

#include "live/finish.h"
#include "live/live.h"
#include "live/programme.h"

#include <pthread.h>

typedef struct LiveSession LiveSession;

typedef struct {
    SessionState to;
    bool committing; // the media is there, the store is asked
    LiveDone done;   // nullable
    void *data;
} LiveChange;

struct LiveSession {
    Live *live;
    char *id;
    StoreSession *row;
    LiveProgramme *programme;         // while on
    LiveChange *change;               // under way
    bool starting, saving, finishing; // under way elsewhere: on a worker, in the store
    bool follow;
    bool late; // a mark came while another change was under way: late_mark
    MediaMark late_mark;
    guint settle_timer; // the programme stops when it fires
    guint remake_timer; // the files are made with what is known when it fires
    bool again;         // what they are made with changed meanwhile
    bool removed;       // the deleted recording's files are gone
    int64_t unsaved_us; // clock when the row in memory could not be saved; 0: it is saved
    int64_t stopped_us; // clock when the programme ended; 0
    int64_t failed_us;  // clock when it could not be started; 0
    char *trouble;      // why recording fails now, nullable
    LiveRecording recording;
    char *made;            // nullable: live_making_name() of what is there
    GPtrArray *chapters;   // LiveChapter
    ArchivePlaces *places; // nullable

    // under live->mutex, for live_view() and live_gone()
    bool open, published, ended;
    char *gone; // nullable: what became of the recording
    HlsSnapshot *hls;
};

struct Live {
    LiveConfig config;
    char *archive_directory, *archive_second_directory, *binary, *pipelines, *encoder, *source;
    Store *store;
    RtcServer *rtc;
    LiveEvents events;
    LiveFinish *finish;
    guint tick;
    int64_t swept_us; // clock when recordings were last looked through; 0
    StoreClock clock; // the wall's, as retention has seen it
    bool stopping;
    pthread_mutex_t mutex; // the table's shape and the LiveSession fields named so
    GHashTable *sessions;  // id -> LiveSession
};

// sessions.c: the table of sessions, what may be known of it on other threads, saving
LiveSession *live_find(const Live *live, const char *id);
/* Takes both. */
LiveSession *live_add(Live *live, StoreSession *row, GPtrArray *chapters);
void live_session_free(void *session);
SessionState live_state_of(const LiveSession *session);
/* Takes `row`. */
void live_set_row(LiveSession *session, StoreSession *row);
void live_tell_changed(LiveSession *session);
/* Something under way holds the session: neither delete it nor replace its row. */
bool live_busy(const LiveSession *session);
void live_refuse(LiveDone done, void *data, BaseError code, const char *text);

// change.c: a change of state, from the request to the committed row
/* The media did what the change asked for: writes it down. */
void live_commit(LiveSession *session);
/* A row that the store refused is tried again. */
void live_save_again(LiveSession *session);
/* What the media must do before the change may be written down. */
void live_carry_out(LiveSession *session);
void live_finish_change(LiveSession *session, const GError *error);
void live_on_marked(void *session, MediaMark mark, int64_t pts_us);

// start.c: a session's programme, from the disk's state to its finished recording
void live_start_programme(LiveSession *session);
/* Makes what is missing or was made with something else; after the one under way. */
void live_start_finish(LiveSession *session);
/* The same for one of all that a start found: after what somebody waits for. */
void live_start_look(LiveSession *session);
/* What the files are made with is not what they would be made with now. */
bool live_is_stale(const LiveSession *session);

// chapters.c
void live_tell_markers(LiveSession *session);
/* Something that goes into the files changed: soon, if they are made already. */
void live_remake(LiveSession *session);

// keep.c: what becomes of recordings
/* One that is deleted in the store: its files go, if they are still there. */
void live_remove_deleted(LiveSession *session);
/* Of one that is about to be deleted itself. */
void live_remove_files(LiveSession *session, LiveDone done, void *data);
/* Deletes what was kept long enough; once in a while. */
void live_sweep(Live *live, int64_t clock_us);
/* Whether retention may go by the wall clock now; says so once where not. */
bool live_clock_is_good(Live *live);

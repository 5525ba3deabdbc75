// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Worker threads of the live room: what waits for the disk at a session's start and end. Main
// thread; answers come back on main.

#include "base/loop.h"
#include "live/programme.h"
#include "store/rows.h"

typedef struct LiveFinish LiveFinish;

LiveFinish *live_finish_new(void);
/* Waits up to `wait_ms` for the jobs. False: some still run and may post to main, so what they were
 * given must stay; the process is about to end, and a remux cut short is done again at the next
 * start. */
bool live_finish_free(LiveFinish *finish, unsigned wait_ms);

/* Runs `func(data)` on a worker. */
void live_finish_run(LiveFinish *finish, BaseFunc func, void *data);

typedef struct {
    bool playlist; // VOD playlists are there
    enum {
        LIVE_MP4_NONE,
        LIVE_MP4_WAITING,
        LIVE_MP4_WORKING,
        LIVE_MP4_READY,
        LIVE_MP4_FAILED,
    } mp4;
    double progress;     // of the MP4, 0 to 1
    int64_t duration_ms; // inside the marks, -1: unknown
    char *trouble;       // nullable: what failed; owned by the receiver
    bool last;           // no report follows
} LiveRecording;

typedef struct {
    LiveProgramme *programme; // stopped; full ownership; NULL: only look what is missing
    const char *directory;
    const char *second_directory; // nullable
    const StoreSession *row;
    /* On main, after each step. */
    void (*done)(void *data, const LiveRecording *recording);
    void *data;
} LiveFinishJob;

/* Closes the programme, makes the VOD playlists, then the MP4; what is there is not made again. */
void live_finish_session(LiveFinish *finish, const LiveFinishJob *job);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Worker threads of the live room: what waits for the disk at a session's start and end. Main
// thread; answers come back on main.

#include "base/loop.h"
#include "live/programme.h"
#include "live/steps.h"

typedef struct LiveFinish LiveFinish;

LiveFinish *live_finish_new(void);
/* Begins no making any more, and waits up to `wait_ms` for what is under way. False: some of it
 * still runs and may post to main, so what it was given must stay; the process is about to end, and
 * a step cut short is done again at the next start. */
bool live_finish_free(LiveFinish *finish, unsigned wait_ms);
/* Before that: closes a stopped programme (full ownership) beside whatever is under way, however
 * long its disks take. */
void live_finish_close(LiveFinish *finish, LiveProgramme *programme);

/* Runs `func(data)` on a worker. */
void live_finish_run(LiveFinish *finish, BaseFunc func, void *data);
/* The same where nobody waits for it. */
void live_finish_run_later(LiveFinish *finish, BaseFunc func, void *data);

typedef struct {
    LiveRecording recording; // its texts belong to the receiver
    ArchivePlaces *places;   // full ownership, nullable: new ones
    const char *made;        // borrowed: live_making_name() of what it was made with
    bool last;               // no report follows
} LiveReport;

typedef struct {
    LiveProgramme *programme; // stopped; full ownership; NULL: only what is missing is made
    LiveMaking *making;       // full ownership
    bool stale;               // made of something else before: make it anew
    bool look;                // of a start: most are whole, and whatever somebody waits for comes first
    /* On main, after each step. */
    void (*done)(void *data, LiveReport *report);
    void *data;
} LiveFinishJob;

/* Closes the programme, makes the VOD playlists, then the files, one recording at a time; what is
 * there is not made again. */
void live_finish_session(LiveFinish *finish, const LiveFinishJob *job);

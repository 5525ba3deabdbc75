// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is made of a recording when its session is over, step by step. What blocks on the disk says
// so: worker threads, and `majlis recover`.

#include "archive/archive.h"
#include "auth/auth.h"
#include "store/rows.h"

#include <glib.h>

/* Of the minimum that must be free to open a session, what is kept free of a running one and of
 * what is made of it. */
#define LIVE_RESERVE_PART 10

/* A moment of a session: one that staff marked, or an answered question's. */
typedef struct {
    StoreChapter *row; // of a question: with its id and text
    bool question;
    int64_t at_us; // in the published recording, -1: outside, or there is none
} LiveChapter;

/* Inside a store job: all chapters of the session, in the order of the timeline (LiveChapter,
 * owned). Full ownership; NULL with an error. */
GPtrArray *live_chapters_read(StoreDb *db, const char *session, GError **error);
/* Fills in `at_us`; `places` NULL: outside. */
void live_chapters_place(GPtrArray *chapters, const ArchivePlaces *places);

/* What a recording is made with; immutable. */
typedef struct LiveMaking LiveMaking;

typedef struct {
    const char *directory, *second_directory; // the second is nullable
    const StoreSession *row;
    const GPtrArray *chapters; // LiveChapter
    const AuthSigner *signer;  // of the manifest; nullable: it stays unsigned
    uint64_t reserve_bytes;    // of the disk: no file is begun that would take them
} LiveMakingConfig;

/* Copies all of it but the signer, which outlives it. Full ownership. */
LiveMaking *live_making_new(const LiveMakingConfig *config);
void live_making_free(LiveMaking *making);
/* Differs where anything differs that goes into the files: title, speaker, chapters. */
const char *live_making_name(const LiveMaking *making);

typedef enum {
    LIVE_STEP_WAITING,
    LIVE_STEP_WORKING,
    LIVE_STEP_READY,
    LIVE_STEP_FAILED,
} LiveStepState;

const char *live_step_state_name(LiveStepState state); // "waiting"; static

typedef struct {
    LiveStepState state;
    double progress; // 0 to 1
    char *text;      // nullable: why it failed
} LiveStep;

typedef struct {
    bool any; // something is public: there are steps
    LiveStep steps[ARCHIVE_STEPS];
    int64_t duration_ms;   // of what is published, -1: unknown
    int64_t in_us, out_us; // the ends that were moved; INT64_MIN, INT64_MAX: the marks
    uint64_t bytes;
} LiveRecording;

#define LIVE_RECORDING_INIT {.duration_ms = -1, .in_us = INT64_MIN, .out_us = INT64_MAX}

void live_recording_clear(LiveRecording *recording);
/* `*out` is overwritten; nothing is shared. */
void live_recording_copy(const LiveRecording *recording, LiveRecording *out);
/* The first step that failed, or NULL. Borrowed. */
const LiveStep *live_recording_failed(const LiveRecording *recording);
/* Every step is ready. */
bool live_recording_whole(const LiveRecording *recording);

typedef void (*LiveTold)(void *data, const LiveRecording *recording);

/* Blocks, some seconds at most: whether the second directory can be gone to at all. False with the
 * error. */
bool live_second_answers(const char *directory, GError **error);

/* Blocks, some milliseconds: takes back what is made of something else now (`stale`), brings home
 * what only the second directory has, closes the record and makes the playlists. Fills in
 * `recording` (LIVE_RECORDING_INIT before); false: a step failed and says why. `*out_places`: full
 * ownership, NULL where nothing is public. */
bool live_make_playlists(const LiveMaking *making, bool stale, LiveRecording *recording,
                         ArchivePlaces **out_places);
/* Blocks, long: the other steps. One that fails stops only the manifest, which is made of all. */
void live_make_files(const LiveMaking *making, LiveRecording *recording, LiveTold told, void *data);

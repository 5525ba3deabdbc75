// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Makes a recording's files. Worker threads and `majlis recover`.

#include "base/error.h"
#include "recording/inputs.h"

typedef enum {
    RECORDING_STEP_WAITING,
    RECORDING_STEP_WORKING,
    RECORDING_STEP_READY,
    RECORDING_STEP_FAILED,
} RecordingStepState;

const char *recording_step_state_name(RecordingStepState state); // static

typedef struct {
    RecordingStepState state;
    double progress; // 0 to 1
    char *text;      // nullable
    BaseCode code;   // BASE_CODE_NONE unless failed
} RecordingStep;

typedef struct {
    bool any; // there is public media
    RecordingStep steps[PUBLISH_STEPS];
    int64_t duration_ms;   // published; -1: unknown
    int64_t in_us, out_us; // INT64_MIN, INT64_MAX: the marks
    uint64_t bytes;
    bool mirror_untrimmed; // has other ends
} RecordingStatus;

#define RECORDING_STATUS_INIT                                                                      \
    {                                                                                              \
        .duration_ms = -1, .in_us = INT64_MIN, .out_us = INT64_MAX                                 \
    }

void recording_status_clear(RecordingStatus *recording);
/* Overwrites `*out`; copies texts. */
void recording_status_copy(const RecordingStatus *recording, RecordingStatus *out);
/* Or NULL. */
const RecordingStep *recording_status_failed(const RecordingStatus *recording);
bool recording_status_whole(const RecordingStatus *recording);

typedef void (*RecordingTold)(void *data, const RecordingStatus *recording);

/* Restores from the mirror, closes the recording, makes the playlists; removes outdated files
 * (`stale`) if there is room for new ones. False: a step failed, see `recording` (initially RECORDING_STATUS_INIT).
 * `*out_timemap`: full ownership; NULL: nothing public. */
bool recording_make_playlists(const RecordingInputs *inputs, bool stale, RecordingStatus *recording,
                              ArchiveTimemap **out_timemap);
/* The other steps. A failed one stops only the manifest. Blocks for long. */
void recording_make_files(const RecordingInputs *inputs, RecordingStatus *recording,
                          RecordingTold told, void *data);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The inputs of a recording's files. Immutable; any thread.

#include "publish/publish.h"
#include "auth/auth.h"
#include "store/rows.h"

#include <glib.h>

typedef struct {
    ArchivePlace *place;
    char *title, *artist;     // `artist` is nullable
    GArray *chapters;         // PublishChapter
    const AuthSigner *signer; // nullable; outlives the inputs
    char *hash;               // of title, artist, chapters
    bool mirror_untrimmed;    // to be looked at
    bool mirror_told;         // that it is: do not log it
} RecordingInputs;

typedef struct {
    ArchivePlace *place; // referenced
    const StoreSession *row;
    const GPtrArray *chapters; // RecordingChapter
    const AuthSigner *signer;  // nullable
    bool mirror_untrimmed, mirror_told;
} RecordingInputsConfig;

/* Copies all but the signer. */
RecordingInputs *recording_inputs_new(const RecordingInputsConfig *config);
void recording_inputs_free(RecordingInputs *inputs);
const char *recording_inputs_hash(const RecordingInputs *inputs);

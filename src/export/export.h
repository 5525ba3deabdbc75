// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One session as files that open without majlis. Reads the database and the recording, beside a
// running server too. Blocks; command line only.
//
//   index.html, data.js           plays it from file://, without a network
//   recording.mp4, audio.m4a, poster.jpg, chapters/ar.vtt, chapters/en.vtt
//   session.json, questions.json, questions.csv
//   manifest.json, manifest.sig   (bundle/bundle.h)

#include "auth/auth.h"
#include "base/error.h"

typedef struct {
    const char *session;
    const char *to; // missing
    const char *store_url, *directory;
    bool all; // questions, with the names of those who did not ask anonymously
    const AuthSigner *signer;
} ExportConfig;

typedef struct {
    bool media; // false: nothing was public, or it is deleted
    unsigned questions, chapters;
} ExportReport;

/* NOT_FOUND: no such session; CONFLICT: it is not over, its files are not made yet, or `to` exists;
 * FULL. */
bool export_session(const ExportConfig *config, ExportReport *out, GError **error);

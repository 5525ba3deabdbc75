// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One session as files that open without majlis. Blocks; any thread.
//
//   index.html, data.js           plays it from file://
//   recording.mp4, audio.m4a, poster.jpg, chapters/ar.vtt, chapters/en.vtt
//   session.json, questions.json, questions.csv
//   cover.jpg, materials/01 NAME.pdf
//   manifest.json, manifest.sig   (bundle/bundle.h)

#include "auth/auth.h"
#include "base/error.h"

typedef struct {
    const char *session;
    const char *to; // missing
    const char *store_url, *directory;
    const char *files; // folder of covers and materials
    bool all;          // questions, with names
    const AuthSigner *signer;
} ExportConfig;

typedef struct {
    bool media; // false: nothing was public, or it is deleted
    unsigned questions, chapters;
} ExportReport;

/* NOT_FOUND; FULL; CONFLICT: not over, its files are not made, or `to` exists. */
bool export_session(const ExportConfig *config, ExportReport *out, GError **error);

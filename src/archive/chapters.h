// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The chapters of a recording as every published form of it has them: in order, from a key frame to
// the beginning of the next one, the last to the end. Immutable once made.

#include "archive/step.h"

typedef struct {
    int64_t start_us, end_us; // in the published recording
    bool question;
    char *title_ar, *title_en; // one line without control characters, never empty
} ArchiveSection;

/* ArchiveSection; those that are not published are left out, those that begin together are one with
 * both titles. Full ownership. */
GPtrArray *archive_sections_new(const ArchiveJob *job);

/* A title that a player can show: cut to `max` bytes between characters. Full ownership. */
char *archive_title_cut(const char *title, size_t max);

/* "01:02:03.456", the first millisecond at or after the time. */
void archive_append_time(GString *out, int64_t at_us);

/* Appends text so that it means itself in a cue (WebVTT 4.2.2), on one line. */
void archive_append_cue_text(GString *out, const char *text);

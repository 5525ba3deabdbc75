// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A session's chapters: staff's and answered questions.

#include "archive/archive.h"
#include "store/rows.h"

#include <glib.h>

typedef struct {
    StoreChapter *row; // a question's: its id and text
    bool question;
    int64_t at_us; // in the published recording; -1: outside
} RecordingChapter;

/* In a store job: RecordingChapter by time, owned. */
GPtrArray *recording_chapters_read(StoreDb *db, const char *session, GError **error);
/* Sets `at_us`; `timemap` NULL: outside. */
void recording_chapters_place(GPtrArray *chapters, const ArchiveTimemap *timemap);

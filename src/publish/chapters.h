// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Chapters of the published recording, contiguous between key frames. Immutable.

#include "publish/steps.h"

typedef struct {
    int64_t start_us, end_us; // published time
    bool question;
    char *title_ar, *title_en; // one line, no controls, not empty
} PublishSection;

/* PublishSection; merges simultaneous chapters. */
GPtrArray *publish_sections_new(const PublishJob *job);

/* Between characters. */
char *publish_title_cut(const char *title, size_t max);

/* "01:02:03.456", rounded up. */
void publish_append_time(GString *out, int64_t at_us);

/* Escaped (WebVTT 4.2.2), one line. */
void publish_append_cue_text(GString *out, const char *text);

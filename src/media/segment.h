// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A track's public segment, in memory or on disk. A value.

#include "media/part.h"

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaKind kind;
    uint32_t run;
    uint64_t sequence;
    int64_t start_us, end_us;
    uint64_t bytes; // valid bytes of the file; 0: all
    bool gap;       // EXT-X-GAP
    bool discontinuity;
} MediaSegment;

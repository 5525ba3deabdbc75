// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A podcast of recordings. Pure.

#include "store/rows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of the sizes is not 0. */
typedef struct {
    const StoreSession *row;
    int64_t duration_ms; // -1: unknown
    uint64_t audio_bytes, video_bytes;
    bool has_picture, has_chapters;
} SessionEpisode;

typedef struct {
    const char *lang;  // "ar", "en"
    const char *site;  // "https://majlis.example"
    const char *self;  // the feed's address
    const char *files; // before "/SESSION/recording.mp4"
    bool personal;     // its addresses are secret
    const SessionEpisode *episodes;
    size_t episode_count;
} SessionPodcast;

char *session_podcast(const SessionPodcast *podcast);

// SPDX-License-Identifier: GPL-3.0-or-later
// What hls-load reads of LL-HLS playlists (RFC 8216bis), as majlis writes them.
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HLS_TRACKS 2     // picture, sound
#define HLS_MAX_PARTS 16 // new in one playlist

typedef struct {
    uint64_t msn;
    unsigned part;
    int64_t duration_us, end_wall_us; // 0: no date
    char uri[64];
} HlsPart;

typedef struct {
    char list[64], init[128];
    uint64_t msn; // of the part that comes next
    unsigned part;
    bool known; // the first playlist is in
} HlsTrack;

typedef struct {
    HlsPart parts[HLS_MAX_PARTS];
    unsigned length, at;
} HlsQueue;

/* The playlists of the first rendition and of its sound. */
bool hls_list_read_main(const char *text, HlsTrack tracks[HLS_TRACKS]);
/* Queues what is new since the last time, or only the newest part; then `track` knows which part
 * comes next. */
void hls_list_read(const char *text, HlsTrack *track, bool newest, HlsQueue *out);

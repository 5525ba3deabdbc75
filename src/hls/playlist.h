// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The texts of playlists (RFC 8216bis). Pure; any thread.

#include "hls/window.h"

/* What the others' playlists have come to, for EXT-X-RENDITION-REPORT. */
typedef struct {
    const char *key;
    uint64_t last_msn;
    unsigned last_part;
} HlsReport;

typedef struct {
    const char *key; // the track's folder
    HlsAudience audience;
    HlsSegment *const *segments; // those listed, at least one; the last may be incomplete
    unsigned count;
    unsigned target_s; // EXT-X-TARGETDURATION
    int64_t part_target_us, hold_back_us;
    int64_t epoch_wall_us;
    bool ended;
    bool hint; // the next part is known:
    uint64_t hint_sequence;
    unsigned hint_part;
    const HlsReport *reports;
    unsigned report_count;
} HlsPlaylist;

/* Full ownership. */
char *hls_playlist_text(const HlsPlaylist *playlist);
/* The delta update (6.2.5.1), or NULL where nothing may be skipped. Full ownership. */
char *hls_playlist_delta(const HlsPlaylist *playlist);

uint64_t hls_playlist_msn(const HlsSegment *segment, HlsAudience audience);

typedef struct {
    const MediaTrack *media;
    const char *key;
    uint64_t peak_bits, average_bits; // a second, measured; 0: not yet
} HlsVariant;

/* The multivariant playlist: every picture track with every sound track. Full ownership. */
char *hls_playlist_main(const HlsVariant *variants, unsigned count);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Playlist texts (RFC 8216bis). Pure.

#include "hls/window.h"

/* EXT-X-RENDITION-REPORT. */
typedef struct {
    const char *key;
    uint64_t last_msn;
    unsigned last_part;
} HlsReport;

typedef struct {
    uint32_t run;
    uint64_t number;
    int64_t start_us, end_us;
    uint64_t bytes;
    bool gap, discontinuity;
} HlsEntry;

/* `discontinuity` as the audience sees it. */
HlsEntry hls_segment_entry(const HlsSegment *segment);

/* Without parts. `*map_run`: of the last EXT-X-MAP, 0: none. */
void hls_playlist_add_entry(GString *out, const char *key, int64_t epoch_wall_us,
                            const HlsEntry *entry, uint32_t *map_run);

typedef struct {
    const char *key;
    HlsAudience audience;
    HlsSegment *const *segments; // the last may be incomplete
    unsigned count;              // 0 only for EVENT
    bool event;                  // then, of its history:
    unsigned before;
    uint64_t first_msn;
    uint32_t before_map_run; // of its last EXT-X-MAP
    unsigned target_s;       // EXT-X-TARGETDURATION
    int64_t part_target_us, hold_back_us;
    int64_t epoch_wall_us;
    bool ended;
    bool hint;
    uint32_t hint_run;
    uint64_t hint_sequence;
    unsigned hint_part;
    const HlsReport *reports;
    unsigned report_count;
    // nullable; also in delta updates
    const char *markers;
} HlsPlaylist;

/* For EVENT without the history. */
char *hls_playlist_text(const HlsPlaylist *playlist);
/* The first lines of EVENT. */
char *hls_playlist_head(const HlsPlaylist *playlist);
/* 6.2.5.1; NULL: nothing may be skipped. */
char *hls_playlist_delta(const HlsPlaylist *playlist);

uint64_t hls_playlist_msn(const HlsSegment *segment, HlsAudience audience);

typedef struct {
    const MediaTrack *media;
    const char *key;
    uint64_t peak_bits, average_bits; // measured; 0: unknown
} HlsVariant;

char *hls_playlist_main(const HlsVariant *variants, unsigned count, bool event);

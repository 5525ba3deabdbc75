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

/* A segment as a playlist tells it. */
typedef struct {
    uint32_t run;
    uint64_t number;
    int64_t start_us, end_us;
    uint64_t bytes; // as in HlsPast
    bool gap, discontinuity;
} HlsEntry;

/* As everybody sees it, but for `discontinuity`, which is the audience's. */
HlsEntry hls_segment_entry(const HlsSegment *segment);

/* The lines of a whole segment without its parts. `*map_run` is the run of the EXT-X-MAP in force,
 * 0: none. */
void hls_playlist_add_entry(GString *out, const char *key, int64_t epoch_wall_us,
                            const HlsEntry *entry, uint32_t *map_run);

typedef struct {
    const char *key; // the track's folder
    HlsAudience audience;
    HlsSegment *const *segments; // those listed; the last may be incomplete
    unsigned count;              // at least one, but for an EVENT playlist
    bool event;                  // EXT-X-PLAYLIST-TYPE:EVENT, after what its history tells:
    unsigned before;             // segments
    uint64_t first_msn;          // the number of the first of them
    uint32_t before_map_run;     // of the EXT-X-MAP in force at their end
    unsigned target_s;           // EXT-X-TARGETDURATION
    int64_t part_target_us, hold_back_us;
    int64_t epoch_wall_us;
    bool ended;
    bool hint; // the next part is known:
    uint32_t hint_run;
    uint64_t hint_sequence;
    unsigned hint_part;
    const HlsReport *reports;
    unsigned report_count;
    const char *markers; // EXT-X-DATERANGE lines: also in delta updates (CAN-SKIP-DATERANGES is not
                         // offered)
} HlsPlaylist;

/* All of it, or of an EVENT playlist what follows its history. Full ownership. */
char *hls_playlist_text(const HlsPlaylist *playlist);
/* The first lines of an EVENT playlist, for its history. Full ownership. */
char *hls_playlist_head(const HlsPlaylist *playlist);
/* The delta update (6.2.5.1), or NULL where nothing may be skipped. Full ownership. */
char *hls_playlist_delta(const HlsPlaylist *playlist);

uint64_t hls_playlist_msn(const HlsSegment *segment, HlsAudience audience);

typedef struct {
    const MediaTrack *media;
    const char *key;
    uint64_t peak_bits, average_bits; // a second, measured; 0: not yet
} HlsVariant;

/* The multivariant playlist: every picture track with every sound track, and sound alone; of the
 * EVENT playlists or of the others. Full ownership. */
char *hls_playlist_main(const HlsVariant *variants, unsigned count, bool event);

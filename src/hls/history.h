// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the EVENT playlist of a track says of the public segments that are no longer in memory:
// those of earlier runs, and those that left the window. They are on disk or lost; either way their
// lines never change again, so the text only grows and every snapshot shares it. Hls thread, but
// for references to what it shares.
//
// Why the numbers hold: every public number has a line in every track, a gap where the track has
// nothing, so a number means the same time in all of them, in the live playlist and over restarts.

#include "base/refs.h"
#include "hls/gzip.h"
#include "hls/playlist.h"

typedef struct HlsHistory HlsHistory;

/* What a request may fetch from disk. */
typedef struct {
    uint64_t number;
    uint64_t bytes; // as in HlsPast
    uint32_t run;
} HlsKept;

/* The history at one moment; immutable. */
typedef struct {
    BaseRefs refs;
    GBytes *text; // the playlist's head and all lines
    HlsGzipLead gzip_lead;
    GBytes *gzip; // of `text`, not ended
    unsigned count;
    uint32_t map_run;     // of the EXT-X-MAP in force at its end, 0: none
    uint64_t next_public; // the number that follows
    GArray *kept;         // HlsKept, ascending
} HlsPages;

/* The lines of earlier runs, for the track `key`. Full ownership. */
HlsHistory *hls_history_new(const char *key, const HlsConfig *config);
void hls_history_free(HlsHistory *history);

/* The public numbers of the first and of the next line. */
uint64_t hls_history_first(const HlsHistory *history);
uint64_t hls_history_next(const HlsHistory *history);
bool hls_history_empty(const HlsHistory *history);
/* The next line. */
void hls_history_add(HlsHistory *history, const HlsEntry *entry);

/* `head`: the playlist's first lines. Full ownership. */
HlsPages *hls_history_share(HlsHistory *history, const char *head);
HlsPages *hls_pages_ref(HlsPages *pages);
void hls_pages_unref(HlsPages *pages);

/* Borrowed, or NULL: not one of them, or lost. */
const HlsKept *hls_pages_find(const HlsPages *pages, uint32_t run, uint64_t number);
/* True where a segment of the run is among them. */
bool hls_pages_has_run(const HlsPages *pages, uint32_t run);

/* Public segments of earlier runs; their longest. */
unsigned hls_past_segments(const HlsConfig *config);
int64_t hls_past_longest_us(const HlsConfig *config);
/* True where one of them has this time of the timeline. */
bool hls_past_has(const HlsConfig *config, int64_t us);

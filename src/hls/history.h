// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A track's EVENT playlist lines for public segments that left memory. Lines never change:
// snapshots share the text. Each public number has a line in every track, for the same time. Hls
// thread, except references to pages.

#include "base/refs.h"
#include "hls/gzip.h"
#include "hls/playlist.h"

typedef struct HlsHistory HlsHistory;

typedef struct {
    uint64_t number;
    uint64_t bytes; // as in MediaSegment
    uint32_t run;
} HlsKept;

/* Immutable. */
typedef struct {
    BaseRefs refs;
    GBytes *text;
    HlsGzipLead gzip_lead;
    GBytes *gzip; // unfinished
    unsigned count;
    uint32_t map_run; // of the last EXT-X-MAP; 0: none
    uint64_t next_public;
    GArray *kept; // HlsKept, ascending
} HlsPages;

/* With the earlier runs' lines. */
HlsHistory *hls_history_new(const char *key, const HlsConfig *config);
void hls_history_free(HlsHistory *history);

uint64_t hls_history_first(const HlsHistory *history);
uint64_t hls_history_next(const HlsHistory *history);
bool hls_history_empty(const HlsHistory *history);
void hls_history_add(HlsHistory *history, const HlsEntry *entry);

/* Full ownership. */
HlsPages *hls_history_share(HlsHistory *history, const char *head);
void hls_pages_unref(HlsPages *pages);

/* Borrowed; NULL: unknown or lost. */
const HlsKept *hls_pages_find(const HlsPages *pages, uint32_t run, uint64_t number);
bool hls_pages_has_run(const HlsPages *pages, uint32_t run);

int64_t hls_past_longest_us(const HlsConfig *config);
bool hls_past_has(const HlsConfig *config, int64_t us);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A snapshot's data. Immutable after hls_snapshot_new().

#include "hls/history.h"
#include "hls/snapshot.h"

typedef struct {
    GBytes *plain, *gzip; // nullable
} HlsText;

typedef struct {
    HlsText text, delta; // nullable
    bool any;            // any segment; then its newest:
    uint64_t last_msn;
    unsigned last_parts;
    bool last_complete;
} HlsList;

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaTrack *media;
    bool active;
    GPtrArray *segments; // HlsSegment; the last may be incomplete
    GArray *inits;       // HlsInit
    bool hint[HLS_AUDIENCES];
    uint32_t hint_run;
    uint64_t hint_sequence;
    unsigned hint_part;
    HlsList lists[HLS_AUDIENCES];
    HlsList event;   // its text follows the pages
    HlsPages *pages; // nullable
} HlsView;

struct HlsSnapshot {
    BaseRefs refs;
    bool ended, stalled;
    int64_t edge_us;
    unsigned window_s;
    unsigned advance_parts; // 6.2.5.2: Advance Part Limit
    unsigned wait_s;        // three target durations
    HlsText main, event_main;
    unsigned count;
    HlsView views[];
};

/* Reads the newest segments of all views. `markers` (nullable): EVENT's. */
void hls_lists_write(HlsSnapshot *snapshot, HlsView *view, HlsHistory *history, const char *markers,
                     const HlsScene *scene);

/* Full ownership. */
HlsText hls_lists_main(const HlsScene *scene, bool event);

unsigned hls_lists_event_target_s(const HlsConfig *config);

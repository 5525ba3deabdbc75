// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The parts and segments that playlists may name. A rendition is a playlist's track over all runs.
// Complete segments are immutable, shared; parts are slices of them. Hls thread, except segment
// references.

#include "base/refs.h"
#include "hls/segment.h"

struct HlsHistory;

typedef struct {
    GBytes *bytes;
    int64_t start_us, duration_us;
    bool independent;
} HlsPiece;

typedef struct {
    BaseRefs refs;
    HlsSegmentSpan span;
    bool complete;
    bool gap;                 // keeps numbers equal across tracks
    int64_t start_us, end_us; // of the media, or a gap's span
    GBytes *body;             // if complete and no gap
    unsigned count;
    HlsPiece pieces[];
} HlsSegment;

/* Copies `pieces`; NULL: a gap. */
HlsSegment *hls_segment_new(const HlsSegmentSpan *span, const GArray *pieces);
HlsSegment *hls_segment_ref(HlsSegment *segment);
void hls_segment_unref(HlsSegment *segment);

typedef struct {
    uint32_t run;
    GBytes *bytes;
} HlsInit;

#define HLS_MEASURED 8

typedef struct {
    uint64_t bits;
    int64_t length_us;
} HlsMeasure;

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaTrack *media; // newest run's
    bool active;
    GPtrArray *segments; // HlsSegment, complete
    GArray *inits;       // HlsInit
    bool open;           // of an incomplete segment:
    HlsSegmentSpan span;
    GArray *pieces; // HlsPiece
    bool any;
    uint64_t last_number;     // newest, complete or not
    uint64_t peak_bits, bits; // peak per second; sum
    int64_t measured_us;
    HlsMeasure newest[HLS_MEASURED]; // without gaps
    unsigned newest_count;
    struct HlsHistory *history;
} HlsRendition;

typedef struct {
    int64_t window_us, segment_us;
    GPtrArray *renditions; // HlsRendition
    const HlsConfig *config;
    const HlsEvents *events;
} HlsWindow;

/* Borrows both. */
void hls_window_init(HlsWindow *window, const HlsConfig *config, const HlsEvents *events);
void hls_window_finish(HlsWindow *window);

/* No rendition is active until its init segment. */
void hls_window_run(HlsWindow *window);
void hls_window_init_segment(HlsWindow *window, const MediaPart *init);

/* Skipped numbers become gaps. */
void hls_window_part(HlsWindow *window, const HlsCutter *cutter, const MediaPart *part);
void hls_window_complete(HlsWindow *window, const HlsCutter *cutter, const MediaTrack *track,
                         uint64_t sequence);

/* Before a snapshot: fills public gaps. */
void hls_window_settle(HlsWindow *window, const HlsCutter *cutter);

/* With `after_us` of media after them. */
bool hls_window_lists(const HlsWindow *window, int64_t after_us);

static inline bool hls_segment_seen_by(const HlsSegment *segment, HlsAudience audience)
{
    return audience == HLS_PRIVILEGED || segment->span.open;
}

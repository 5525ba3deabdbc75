// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The published parts of all tracks, kept while a playlist may name them. A lane is what one
// playlist tells of: a track by its key, over all runs. Segments that are complete are immutable
// and shared with the snapshots; each byte of media is held once, the parts being slices of their
// segment's body. Hls thread, but for segment references.

#include "base/refs.h"
#include "hls/segment.h"

struct HlsHistory;

typedef struct {
    GBytes *bytes;
    int64_t start_us, duration_us;
    bool independent;
} HlsPiece; // a part

typedef struct {
    BaseRefs refs;
    HlsSlot slot;
    bool complete;
    bool gap;                 // the track has nothing here: keeps numbers equal over tracks
    int64_t start_us, end_us; // of its media; of the slot for a gap
    GBytes *body;             // where complete and no gap
    unsigned count;
    HlsPiece pieces[];
} HlsSegment;

/* `pieces` (nullable: a gap) are copied. Not complete. Full ownership. */
HlsSegment *hls_segment_new(const HlsSlot *slot, const GArray *pieces);
HlsSegment *hls_segment_ref(HlsSegment *segment);
void hls_segment_unref(HlsSegment *segment);

typedef struct {
    uint32_t run;
    GBytes *bytes;
} HlsInit;

#define HLS_MEASURED 8 // segments that a peak may be a sum of

typedef struct {
    uint64_t bits;
    int64_t length_us;
} HlsMeasure;

typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    MediaTrack *media;   // of its newest run
    bool active;         // the current run has it
    GPtrArray *segments; // HlsSegment, complete, ascending
    GArray *inits;       // HlsInit of the runs in `segments` and of the newest
    bool open;           // there is an incomplete segment:
    HlsSlot slot;
    GArray *pieces;           // HlsPiece
    bool any;                 // `last_number` means something
    uint64_t last_number;     // of the newest segment, complete or not
    uint64_t peak_bits, bits; // a second at the most; in all
    int64_t measured_us;
    HlsMeasure newest[HLS_MEASURED]; // the newest segments without a gap between them, oldest first
    unsigned newest_count;
    struct HlsHistory *history; // of what is public and no longer in `segments`
} HlsLane;

typedef struct {
    int64_t window_us, segment_us;
    GPtrArray *lanes; // HlsLane in the order of their first track
    const HlsConfig *config;
    const HlsEvents *events; // for `kept`
} HlsWindow;

/* Both are the caller's and outlive the window. */
void hls_window_init(HlsWindow *window, const HlsConfig *config, const HlsEvents *events);
void hls_window_finish(HlsWindow *window);

/* No lane is active; the new run's tracks follow by hls_window_init_segment(). */
void hls_window_run(HlsWindow *window);
void hls_window_init_segment(HlsWindow *window, const MediaPart *init);

/* In order for a track. Numbers that it skipped become gaps by the cutter's slots. */
void hls_window_part(HlsWindow *window, const HlsCutter *cutter, const MediaPart *part);
void hls_window_complete(HlsWindow *window, const HlsCutter *cutter, const MediaTrack *track,
                         uint64_t sequence);

/* Brings the histories up to what is in memory: a public number that a track will have nothing of
 * any more is a gap. Before a snapshot. */
void hls_window_settle(HlsWindow *window, const HlsCutter *cutter);

/* True where segments up to `segment` may still be listed: those of `audience` after it, `after_us`
 * long, do not fill the window yet. */
bool hls_window_lists(const HlsWindow *window, int64_t after_us);

static inline bool hls_segment_seen_by(const HlsSegment *segment, HlsAudience audience)
{
    return audience == HLS_PRIVILEGED || segment->slot.open;
}

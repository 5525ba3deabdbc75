// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The segmenter: reads the media bus on a thread of its own, makes CMAF parts (ISO/IEC 23000-19),
// keeps the newest of them in a window, and says what an HTTP request for the window is answered
// (Low-Latency HLS, RFC 8216bis). Knows nothing of sockets, sessions or files.

#include "media/bus.h"
#include "media/part.h"
#include "media/timeline.h"

typedef struct HlsStream HlsStream;
typedef struct HlsSnapshot HlsSnapshot; // immutable; references on any thread

typedef struct {
    unsigned part_ms;        // 500
    unsigned segment_ms;     // 2000, a multiple of part_ms
    unsigned window_s;       // 60: seconds of public media kept in memory
    int64_t epoch_wall_us;   // for EXT-X-PROGRAM-DATE-TIME
    uint64_t first_sequence; // names: the next segment that no run has used yet
    uint64_t first_public;   // the media sequence number of the next public segment
    uint64_t discontinuities; // EXT-X-DISCONTINUITY-SEQUENCE before the window
} HlsConfig;

typedef struct {
    /* Hls thread, in order, before a playlist names it: every init segment, part and mark; and the
     * bus's thumbnails as they come.
     * The part is borrowed. OPEN and CLOSE are told on arrival, so a few parts from before the mark
     * may follow; END is told last of all. A part that was out before a mark came to lie exactly at
     * its end is the last of its segment without being marked so: the next sequence tells. */
    void (*part)(void *data, MediaPart *part);
    /* Hls thread: a new snapshot is there. */
    void (*published)(void *data);
    void *data;
} HlsEvents;

/* Starts the thread. Full ownership. */
HlsStream *hls_stream_new(MediaBus *bus, const HlsConfig *config, const HlsEvents *events);
/* Stops and joins the thread; the open part and segment are closed first. Snapshots live on. */
void hls_stream_free(HlsStream *stream);

typedef struct {
    uint64_t dropped_units; // the bus reader was full
    uint64_t broken_units;  // refused: NAL lengths, times, the muxer
    uint64_t skipped_units; // pictures passed over until a key frame
    uint64_t losses;        // holes that dropped units left in a picture track
} HlsStats;

void hls_stream_stats(const HlsStream *stream, HlsStats *out); // any thread

/* Any thread. Full ownership. */
HlsSnapshot *hls_stream_snapshot(HlsStream *stream);
HlsSnapshot *hls_snapshot_ref(HlsSnapshot *snapshot);
void hls_snapshot_unref(HlsSnapshot *snapshot);

/* Who asks: everybody sees what lies inside the marks; staff and speaker see all of it. */
typedef enum {
    HLS_PUBLIC,
    HLS_PRIVILEGED,
    HLS_AUDIENCES,
} HlsAudience;

typedef enum {
    HLS_FOUND,     // body, content type and cache time are set
    HLS_WAIT,      // not made yet but soon: ask again when the next snapshot is published (also
                   // comes when parts are overdue, and then the list as it is answers)
    HLS_NOT_FOUND, // 404
    HLS_BAD,       // 400: an impossible _HLS_ value (RFC 8216bis 6.2.5.2)
} HlsFound;

typedef struct {
    GBytes *body;             // full ownership
    const char *content_type; // static
    unsigned max_age_s;       // for Cache-Control; 0: no-cache
} HlsAnswer;

/* `path` is what follows .../hls/ in the URL: "main.m3u8", "v720p.m3u8", "aar.m3u8",
 * "RUN/TRACK/init.mp4", "RUN/TRACK/SEQUENCE.m4s", "RUN/TRACK/SEQUENCE.PART.m4s"; `query` (nullable)
 * as in the URL. A path that no member of `audience` may see is HLS_NOT_FOUND. Any thread; pure. */
HlsFound hls_snapshot_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                          const char *query, HlsAnswer *out);

/* Timeline at the end of the newest part, or -1. */
int64_t hls_snapshot_edge_us(const HlsSnapshot *snapshot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HlsSnapshot, hls_snapshot_unref)

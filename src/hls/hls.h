// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The segmenter: its thread makes CMAF parts (ISO/IEC 23000-19) of the media bus and keeps the
// newest for HTTP (Low-Latency HLS, RFC 8216bis). Knows no sockets, sessions, files.

#include "media/bus.h"
#include "media/part.h"
#include "media/segment.h"
#include "media/timeline.h"

typedef struct HlsStream HlsStream;
typedef struct HlsSnapshot HlsSnapshot; // immutable; any thread

typedef struct {
    unsigned part_ms;    // 500
    unsigned segment_ms; // 2000, a multiple of part_ms
    unsigned window_s;   // 60
    int64_t epoch_wall_us;
    uint64_t first_sequence;  // in names; unused by earlier runs
    uint64_t first_public;    // in playlists; of the next public segment
    uint64_t discontinuities; // EXT-X-DISCONTINUITY-SEQUENCE before the window
    /* Nullable; copied. Public segments of earlier runs, oldest first, grouped by segment. */
    const MediaSegment *past;
    unsigned past_count;
} HlsConfig;

typedef struct {
    /* Hls thread, in order, before a playlist names it; borrowed. Earlier parts may follow OPEN or
     * CLOSE; END comes last. A part whose end gets a mark only later lacks `last`. */
    void (*part)(void *data, MediaPart *part);
    /* Hls thread, for each snapshot. */
    void (*published)(void *data);
    /* Hls thread; nullable; must not wait. False: the segment that leaves memory is not on disk: a
     * gap. */
    bool (*kept)(void *data, uint32_t run, const char *key, uint64_t number);
    void *data;
} HlsEvents;

HlsStream *hls_stream_new(MediaBus *bus, const HlsConfig *config, const HlsEvents *events);
/* Closes the open part and segment. Snapshots live on. */
void hls_stream_free(HlsStream *stream);

typedef struct {
    uint64_t dropped_units;
    uint64_t broken_units;  // refused as damaged
    uint64_t skipped_units; // pictures before a key frame
    uint64_t losses;        // holes in a picture track
} HlsStats;

void hls_stream_stats(const HlsStream *stream, HlsStats *out); // any thread

/* EXT-X-DATERANGE (RFC 8216bis 4.4.5.1). */
typedef struct {
    const char *id, *class_;
    int64_t media_us;
    const char *title_ar, *title_en; // nullable
} HlsMarker;

#define HLS_MAX_MARKERS 300
#define HLS_MARKER_TEXT_BYTES 240 // longer titles are cut

/* Any thread. From the next snapshot on. Copied; drops the oldest beyond HLS_MAX_MARKERS. */
void hls_stream_set_markers(HlsStream *stream, const HlsMarker *markers, unsigned count);

/* Any thread. Full ownership. */
HlsSnapshot *hls_stream_snapshot(HlsStream *stream);
HlsSnapshot *hls_snapshot_ref(HlsSnapshot *snapshot);
void hls_snapshot_unref(HlsSnapshot *snapshot);

typedef enum {
    HLS_PUBLIC,
    HLS_PRIVILEGED,
    HLS_AUDIENCES,
} HlsAudience;

typedef enum {
    HLS_FOUND,
    HLS_WAIT,    // ask again at the next snapshot
    HLS_ON_DISK, // `disk` replaces `body`
    HLS_NOT_FOUND,
    HLS_BAD, // 400 (RFC 8216bis 6.2.5.2)
} HlsFound;

typedef struct {
    uint32_t run;
    char key[MEDIA_TRACK_KEY_BYTES];
    bool init;
    uint64_t sequence; // unless `init`
    uint64_t bytes;    // of the file; 0: all
} HlsDisk;

typedef struct {
    GBytes *lead; // before the body; nullable
    GBytes *body;
    GBytes *gzip_lead, *gzip; // nullable
    const char *content_type; // static
    unsigned max_age_s;       // 0: no-cache
    HlsDisk disk;
    unsigned wait_s; // then 503 (RFC 8216bis 6.2.5.2)
} HlsResponse;

void hls_response_clear(HlsResponse *response);

/* `path` follows .../hls/: "main.m3u8", "KEY.m3u8" (window), "event.m3u8", "KEY.event.m3u8" (all
 * public), "RUN/KEY/init.mp4", "RUN/KEY/SEQUENCE.m4s", "RUN/KEY/SEQUENCE.PART.m4s". `query` is
 * nullable. Any thread. */
HlsFound hls_snapshot_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                          const char *query, HlsResponse *out);

/* -1: none. */
int64_t hls_snapshot_edge_us(const HlsSnapshot *snapshot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HlsSnapshot, hls_snapshot_unref)

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

/* A public segment of an earlier run as one track has it. The tracks of a segment follow each other,
 * segments are oldest first, and every public number below `first_public` that is to be told has
 * one: a gap where nothing is left of it. */
typedef struct {
    char key[MEDIA_TRACK_KEY_BYTES];
    uint32_t run;
    uint64_t number; // in names
    int64_t start_us, end_us;
    uint64_t bytes; // so much of the file counts; 0: all of it
    bool gap, discontinuity;
} HlsPast;

typedef struct {
    unsigned part_ms;        // 500
    unsigned segment_ms;     // 2000, a multiple of part_ms
    unsigned window_s;       // 60: seconds of public media kept in memory
    int64_t epoch_wall_us;   // for EXT-X-PROGRAM-DATE-TIME
    uint64_t first_sequence; // names: the next segment that no run has used yet
    uint64_t first_public;   // the media sequence number of the next public segment
    uint64_t discontinuities; // EXT-X-DISCONTINUITY-SEQUENCE before the window
    const HlsPast *past;      // nullable; copied
    unsigned past_count;
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
    /* Hls thread; nullable. A public segment leaves memory: is it on disk whole? False: it is told
     * as a gap from now on. Must not wait. */
    bool (*kept)(void *data, uint32_t run, const char *key, uint64_t number);
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

/* A moment of the programme that has a name: EXT-X-DATERANGE (RFC 8216bis 4.4.5.1). */
typedef struct {
    const char *id, *class_; // "org.majlis.question"
    int64_t media_us;        // on the timeline
    const char *title_ar, *title_en; // nullable
} HlsMarker;

#define HLS_MAX_MARKERS 300
#define HLS_MARKER_TEXT_BYTES 240 // longer texts are cut between characters

/* Any thread. All of them, in place of those before: in the playlists from the next snapshot on,
 * each where its time lies in what the audience sees. Copied; those past HLS_MAX_MARKERS are left
 * out, the oldest first. */
void hls_stream_set_markers(HlsStream *stream, const HlsMarker *markers, unsigned count);

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
    HLS_ON_DISK,   // `disk`, content type and cache time are set
    HLS_NOT_FOUND, // 404
    HLS_BAD,       // 400: an impossible _HLS_ value (RFC 8216bis 6.2.5.2)
} HlsFound;

/* A segment, or the init segment of a run's track, that the archive has. */
typedef struct {
    uint32_t run;
    char key[MEDIA_TRACK_KEY_BYTES];
    bool init;
    uint64_t sequence; // where it is no init segment
    uint64_t bytes;    // so much of the file counts; 0: all of it
} HlsDisk;

typedef struct {
    GBytes *lead;              // nullable: comes before the body
    GBytes *body;              // full ownership, as all of them
    GBytes *gzip_lead, *gzip;  // lead and body compressed (RFC 1952); nullable
    const char *content_type;  // static
    unsigned max_age_s;        // for Cache-Control; 0: no-cache
    HlsDisk disk;
    unsigned wait_s;           // HLS_WAIT: after that long 503 (RFC 8216bis 6.2.5.2)
} HlsAnswer;

/* Drops what it owns. */
void hls_answer_clear(HlsAnswer *answer);

/* `path` is what follows .../hls/ in the URL: "main.m3u8", "v720p.m3u8", "aar.m3u8" (the window);
 * "event.m3u8", "v720p.event.m3u8" (everything public so far, the same for every audience);
 * "RUN/TRACK/init.mp4", "RUN/TRACK/SEQUENCE.m4s", "RUN/TRACK/SEQUENCE.PART.m4s"; `query` (nullable)
 * as in the URL. A path that no member of `audience` may see is HLS_NOT_FOUND. Any thread; pure. */
HlsFound hls_snapshot_get(const HlsSnapshot *snapshot, HlsAudience audience, const char *path,
                          const char *query, HlsAnswer *out);

/* Timeline at the end of the newest part, or -1. */
int64_t hls_snapshot_edge_us(const HlsSnapshot *snapshot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HlsSnapshot, hls_snapshot_unref)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The server's end of the wire: a thread that publishes a child's messages with RTP payloads, and
// sends commands. Each child is a new run. Main thread, unless stated.

#include "base/histogram.h"
#include "media/bus.h"
#include "media/timeline.h"
#include "media/wire.h"

typedef struct LiveIngest LiveIngest;

/* Main thread. */
typedef struct {
    void (*begun)(void *data, int64_t pts_us);                  // a run's first frame
    void (*marked)(void *data, MediaMark mark, int64_t pts_us); // it took effect
    void (*source)(void *data, MediaSourceState state, int64_t pts_us, const char *text);
    /* The child lacks protection. `text`: why, for staff. */
    void (*sandbox)(void *data, const char *text);
    /* The run is over. `text` (nullable): the reason, for staff. */
    void (*lost)(void *data, uint32_t run, const char *text);
    void *data;
} LiveIngestEvents;

typedef struct {
    MediaTimeline timeline;
    int64_t keyframe_us; // grid; 0: none
    bool open;
    bool follow; // opens at the source's first frame, ends with a finite source
} LiveIngestConfig;

/* Borrows `bus`. */
LiveIngest *live_ingest_new(MediaBus *bus, const LiveIngestConfig *config,
                            const LiveIngestEvents *events);
/* Joins; no event follows. */
void live_ingest_free(LiveIngest *ingest);

/* Takes `fd` and begins a run. */
void live_ingest_attach(LiveIngest *ingest, int fd, uint32_t run, const char *source);

/* Of the running child; the next one gets its own. */
void live_ingest_set_source(LiveIngest *ingest, const char *source);

/* Likewise. */
void live_ingest_set_caption(LiveIngest *ingest, const MediaCaption *caption);

/* At the child's next frame; if no child answers, now. */
void live_ingest_mark(LiveIngest *ingest, MediaMark mark);

/* Any thread. */
void live_ingest_want_key(LiveIngest *ingest, uint32_t tracks);

/* Any thread. Clock of the child's last progress; 0: no child. */
int64_t live_ingest_heard_us(const LiveIngest *ingest);

/* Any thread. Attached, but its run has not begun. */
bool live_ingest_opening(const LiveIngest *ingest);

/* Any thread. */
void live_ingest_sound(LiveIngest *ingest, MediaSound *out);

typedef struct {
    uint64_t frames;             // first rendition, all runs
    uint64_t bytes;              // all tracks, all runs
    float fps;                   // nominal, first rendition; 0: none yet
    uint64_t left_out;           // pictures missing in the first rendition's grid, all runs
    BaseHistogramValues latency; // from a picture's time on the timeline until it arrives encoded
} LiveIngestStats;

/* Any thread. */
void live_ingest_stats(const LiveIngest *ingest, LiveIngestStats *out);

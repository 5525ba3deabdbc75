// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The server's end of the wire: a thread that reads one capture child at a time, turns its messages
// into bus items (payloads for RTP are made here, once), and sends commands down. It outlives
// children; each one attached is a new run. Knows nothing of sessions.
// Main thread, except live_ingest_want_key().

#include "media/bus.h"
#include "media/timeline.h"
#include "media/wire.h"

typedef struct LiveIngest LiveIngest;

/* Called on the main thread. */
typedef struct {
    void (*begun)(void *data, int64_t pts_us);                  // a run's first frame
    void (*marked)(void *data, MediaMark mark, int64_t pts_us); // a mark took effect
    void (*source)(void *data, MediaSourceState state, int64_t pts_us, const char *text);
    /* The run is over: the child's end closed, it broke the rules, it gave up, or a rendition has
     * no key frames. `text` (nullable) says why, for staff. */
    void (*lost)(void *data, uint32_t run, const char *text);
    void *data;
} LiveIngestEvents;

typedef struct {
    MediaTimeline timeline;
    int64_t keyframe_us; // the grid that every rendition is held to; 0: none
    bool open;   // the gate at the start
    bool follow; // open at the source's first frame, end with a finite source
} LiveIngestConfig;

/* Publishes on `bus` (borrowed) from its own thread. Full ownership. */
LiveIngest *live_ingest_new(MediaBus *bus, const LiveIngestConfig *config,
                            const LiveIngestEvents *events);
/* Detaches and joins; no event comes after it. NULL is allowed. */
void live_ingest_free(LiveIngest *ingest);

/* A new child: takes `fd`, names the source to it, and begins run number `run`. */
void live_ingest_attach(LiveIngest *ingest, int fd, uint32_t run, const char *source);

/* Puts a mark at the child's next frame; without a child that answers, at the timeline's now. */
void live_ingest_mark(LiveIngest *ingest, MediaMark mark);

/* Any thread: key frames wanted on these tracks. */
void live_ingest_want_key(LiveIngest *ingest, uint32_t tracks);

/* Any thread: base_clock_us() of the child's last progress (it was attached, a step of its start is
 * done, an access unit came); 0: no child. */
int64_t live_ingest_heard_us(const LiveIngest *ingest);

/* Any thread: the child is there and its run has not begun. */
bool live_ingest_opening(const LiveIngest *ingest);

/* Any thread: peak levels of the two channels, dBFS. */
void live_ingest_levels(const LiveIngest *ingest, float out_db[MEDIA_WIRE_CHANNELS]);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The source on air, or the slate. Reopens failed sources with back-off; joins the passes of a
// looping file. Programme's thread.

#include "capture/grid.h"
#include "capture/paint.h"
#include "capture/scene/slides.h"
#include "media/wire.h"

#include <gst/gst.h>

typedef struct CaptureFeed CaptureFeed;

/* `on_state` precedes the state's first frame. Copies `clock`, borrows `slate` and `slides`. */
CaptureFeed *capture_feed_new(const char *pipelines_dir, const CaptureClock *clock,
                              CaptureSlate *slate, CaptureSlides *slides,
                              void (*on_state)(MediaSourceState state, int64_t pts_us,
                                               const char *text, void *data),
                              void *data);
void capture_feed_free(CaptureFeed *feed);

/* Until it is ready or fails, the old source stays. */
void capture_feed_set(CaptureFeed *feed, const char *text, int64_t pts_us);

/* The page that the slides show, without sound. */
void capture_feed_set_slides(CaptureFeed *feed, int64_t pts_us);

/* No source. */
void capture_feed_stop(CaptureFeed *feed);

/* A source or a page is on air; else the slate. */
bool capture_feed_plays(const CaptureFeed *feed);

/* Its sound has the beep. */
bool capture_feed_marked(const CaptureFeed *feed);

/* Another `data` of `on_state`. */
void capture_feed_tell(CaptureFeed *feed, void *data);

/* Per frame, in order. True if a new source begins. */
bool capture_feed_step(CaptureFeed *feed, int64_t pts_us);

/* The source needs more than this process's sandbox allows: only a new run can open it. */
bool capture_feed_denied(const CaptureFeed *feed);

/* Full reference. */
GstBuffer *capture_feed_frame(CaptureFeed *feed, int64_t pts_us);
void capture_feed_audio(CaptureFeed *feed, int64_t k, int16_t *out);

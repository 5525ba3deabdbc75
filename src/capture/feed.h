// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What stands on the programme: a source, or slate and silence. Opens sources, opens them again
// with back-off when they fail, and joins the passes of a looping file without a gap. The
// programme's thread only.

#include "capture/grid.h"
#include "media/wire.h"

#include <gst/gst.h>

typedef struct CaptureFeed CaptureFeed;

/* `on_state` tells each change of state before anything of it is given out. `clock` is copied.
 * Full ownership. */
CaptureFeed *capture_feed_new(const char *pipelines_dir, const CaptureClock *clock,
                              void (*on_state)(MediaSourceState state, int64_t pts_us,
                                               const char *text, void *data),
                              void *data);
void capture_feed_free(CaptureFeed *feed);

/* Another source, as in a SOURCE message. The one on air stays until this one is there or failed.
 */
void capture_feed_set(CaptureFeed *feed, const char *text, int64_t pts_us);

/* Once per frame of the grid, in order. True where a new source begins at this frame. */
bool capture_feed_step(CaptureFeed *feed, int64_t pts_us);

/* The frame of the last step: picture and sound. Full reference. */
GstBuffer *capture_feed_frame(CaptureFeed *feed, int64_t pts_us);
void capture_feed_audio(CaptureFeed *feed, int64_t k, int16_t *out);

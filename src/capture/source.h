// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One run of one source: a pipeline on a thread of its own that decodes to the canvas. It ends at
// its first failure or at its end and is then replaced, never revived. A live source is anchored by
// how late its media arrives; a finite one decodes a little ahead and waits for the programme.
// All functions are for the programme's thread and never wait.

#include "capture/spec.h"

#include <gst/gst.h>
#include <stdint.h>

typedef struct CaptureSource CaptureSource;

typedef enum {
    CAPTURE_SOURCE_OPENING,
    CAPTURE_SOURCE_READY,  // may be started
    CAPTURE_SOURCE_FAILED, // capture_source_failure() says why
} CaptureSourceState;

/* Whether the source's launch file builds a pipeline with the ends it needs. Opens nothing. */
bool capture_source_check(const CaptureSpec *spec, GError **error);

/* Starts opening. `clock_us` is what base_clock_us() was at timeline 0. Full ownership. */
CaptureSource *capture_source_open(const CaptureSpec *spec, int64_t clock_us);

/* Has the thread end by itself and drops the reference. NULL is allowed. */
void capture_source_close(CaptureSource *source);

CaptureSourceState capture_source_state(CaptureSource *source);

/* Why it failed, without secrets. Full ownership. */
char *capture_source_failure(CaptureSource *source);

/* What staff should know of a source that plays: which of its streams has stopped. NULL: nothing.
 * The text is constant. */
const char *capture_source_notice(CaptureSource *source);

/* Fixed once READY: it follows the clock by itself, or it is finite and waits to be read. */
bool capture_source_is_live(const CaptureSource *source);

/* Its launch file asks for the time mark. */
bool capture_source_wants_mark(const CaptureSource *source);

/* From now on timeline `pts_us` shows a finite source's first moment. A live source anchors itself
 * and `pts_us` only says when it is looked at first. */
void capture_source_start(CaptureSource *source, int64_t pts_us);

/* The picture nearest to `pts_us`, or NULL where there is none or it has stopped. Full reference.
 */
GstBuffer *capture_source_frame(CaptureSource *source, int64_t pts_us);

/* `count` stereo samples from `pts_us` on; silence where there are none. */
void capture_source_audio(CaptureSource *source, int64_t pts_us, int16_t *out, int64_t count);

/* A single picture without sound, all of it here: it has no end and stands until the source is
 * changed. */
bool capture_source_is_still(CaptureSource *source);

/* A finite source: whether its end is known, and where on the timeline it is. */
bool capture_source_end(CaptureSource *source, int64_t *out_end_us);

/* Waits until the threads of closed sources have ended, at most `limit_us`. */
void capture_source_wait_all(int64_t limit_us);

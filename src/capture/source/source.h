// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A thread that decodes one source to the canvas, until its end or first failure. A finite source
// decodes ahead and waits. Programme's thread; never blocks.

#include "capture/spec.h"

#include <gst/gst.h>
#include <stdint.h>

typedef struct CaptureSource CaptureSource;

typedef enum {
    CAPTURE_SOURCE_OPENING,
    CAPTURE_SOURCE_READY,
    CAPTURE_SOURCE_FAILED,
} CaptureSourceState;

/* Opens nothing. */
bool capture_source_check(const CaptureSpec *spec, GError **error);

/* `text`: see capture_spec_new(). `clock_us`: at timeline 0. Full ownership. */
CaptureSource *capture_source_open(const char *pipelines_dir, const char *text, int64_t clock_us);

void capture_source_close(CaptureSource *source);

/* Threads of sources, also closed ones that hang in a driver. */
unsigned capture_source_threads(void);

/* Fails a source that hangs as it is opened; abandons its thread. */
void capture_source_limit_opening(CaptureSource *source, int64_t now_us);

CaptureSourceState capture_source_state(CaptureSource *source);

/* Without secrets. */
char *capture_source_failure(CaptureSource *source);

/* A stopped stream; static, nullable. */
const char *capture_source_notice(CaptureSource *source);

/* FAILED, as the sandbox does not cover it. */
bool capture_source_denied(CaptureSource *source);

/* Fixed once READY. */
bool capture_source_is_live(const CaptureSource *source);
bool capture_source_loops(const CaptureSource *source);

bool capture_source_wants_mark(const CaptureSource *source);

/* A finite source's start. */
void capture_source_start(CaptureSource *source, int64_t pts_us);

/* The nearest, or NULL. Full reference. */
GstBuffer *capture_source_frame(CaptureSource *source, int64_t pts_us);

/* Missing samples are silence. */
void capture_source_audio(CaptureSource *source, int64_t pts_us, int16_t *out, int64_t count);

/* One picture, no sound: never ends. */
bool capture_source_is_still(CaptureSource *source);

/* A finite source's, if known. */
bool capture_source_end(CaptureSource *source, int64_t *out_end_us);

/* For closed sources' threads. */
void capture_source_wait_all(int64_t limit_us);

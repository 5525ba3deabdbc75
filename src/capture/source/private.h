// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A source's data. `mutex` guards the fields below it.

#include "base/refs.h"
#include "capture/grid.h"
#include "capture/source/clockmap.h"
#include "capture/source/resample.h"
#include "capture/source/source.h"
#include "capture/source/steady.h"

#include <gst/audio/audio.h>
#include <pthread.h>
#include <stdatomic.h>

#define CAPTURE_SOURCE_MAX_FRAMES 64 // of a live source

typedef struct {
    GstBuffer *buffer;
    int64_t start_us; // running time
} CaptureSourceFrame;

typedef struct {
    GstElement *sink; // borrowed; nullable
    bool expected;    // may bring buffers
    bool seen, ended;
    unsigned count; // at most 2
    int64_t arrived_us;
    int64_t raw_us;  // running time
    int64_t next_us; // end of the last buffer
} CaptureSourceStream;

struct CaptureSource {
    BaseRefs refs;
    char *pipelines_dir, *text;
    int64_t clock_us;
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t room; // for a finite source's streaming threads

    CaptureSpec *spec; // NULL: not read yet, or invalid
    CaptureSourceState state;
    char *failure;
    bool denied; // by the sandbox
    bool live, mark, started;
    bool known;         // `expected` is set
    unsigned unfolding; // elements
    CaptureSourceStream video, audio;
    int64_t opened_us, first_clock_us;
    int64_t duration_us; // 0: unknown
    bool no_picture;
    const char *notice; // static, nullable
    CaptureClockmap map;
    CaptureSourceFrame current, frames[CAPTURE_SOURCE_MAX_FRAMES];
    unsigned head, count;
    GstAudioInfo sound; // before conversion
    CaptureSteady steady;
    CaptureSamples samples; // by count, not by timestamp
    CaptureResample reader;
    unsigned read_anchors; // at the last read
    int64_t read_at;       // next sample
    int64_t waits_us;      // of waiting sound; -1: none
};

static inline bool capture_source_over(const CaptureSource *source)
{
    return atomic_load(&source->stop) || source->state == CAPTURE_SOURCE_FAILED;
}

static inline void capture_source_clear_frame(CaptureSourceFrame *frame)
{
    gst_clear_buffer(&frame->buffer);
}

/* state.c */

/* Takes the mutex. Later reasons follow from the first. */
void capture_source_fail(CaptureSource *source, const char *text);

void capture_source_become_ready(CaptureSource *source, int64_t now);

/* Why to fail; static, nullable. */
const char *capture_source_trouble(CaptureSource *source, int64_t now);

/* A finite source's streams ended. */
bool capture_source_has_all(const CaptureSource *source);

/* One picture without sound. */
bool capture_source_still(const CaptureSource *source);

void capture_source_drop_head(CaptureSource *source);

/* arrivals.c */

void capture_source_take_sinks(CaptureSource *source, GstElement *pipeline);

/* Takes the mutex. */
void capture_source_watch_pads(CaptureSource *source, GstElement *pipeline);

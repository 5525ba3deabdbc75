// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The slate, and the marks on test sources. Any thread.

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdbool.h>
#include <stdint.h>

/* At the start of each second. */
#define CAPTURE_FLASH_US 100000

/* Full ownership. */
GstCaps *capture_canvas_caps(void);

/* The one picture of a pipeline that plays, without times; ends the pipeline. Nullable, full
 * reference. */
GstBuffer *capture_pull_picture(GstElement *pipeline, GstAppSink *out, GstClockTime limit);

/* Around all that draws text. */
void capture_pango_lock(void);
void capture_pango_unlock(void);

/* Blank until its thread has drawn the titles. */
typedef struct CaptureSlate CaptureSlate;
CaptureSlate *capture_slate_new(const char *title_ar, const char *title_en); // nullable titles
void capture_slate_free(CaptureSlate *slate);
GstBuffer *capture_slate_frame(CaptureSlate *slate);

uint8_t *capture_frame_row(const GstVideoFrame *frame, int plane, int y);
/* A white box; even edges. */
void capture_frame_box(GstVideoFrame *frame, int x, int y, int width, int height);
/* To black. */
void capture_frame_clear(GstVideoFrame *frame);

/* With clock, bar, flash and time mark. Full reference. */
GstBuffer *capture_stamp_frame(GstBuffer *frame, int64_t pts_us);

/* Adds the 1 kHz beep; `at`: number of the first sample. */
void capture_stamp_audio(int16_t *samples, int64_t at, int64_t count);

/* To 320 x 180, planar I420. */
void capture_shrink(GstBuffer *frame, uint8_t *out);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pictures and sounds that the programme makes itself: the slate, and what it stamps on the test
// source so that time and lip-sync can be seen, heard and measured. Any thread.

#include <gst/gst.h>
#include <stdbool.h>
#include <stdint.h>

/* Length of the flash and of the beep that start with each second of the timeline. */
#define CAPTURE_FLASH_US 100000

/* Caps of the canvas as the encoders see it. Full ownership. */
GstCaps *capture_canvas_caps(void);

/* The calm picture that stands in for a missing source. Full reference. */
GstBuffer *capture_slate_new(void);

/* A copy of `frame` with clock, moving bar, flash and time mark for `pts_us`. Full reference. */
GstBuffer *capture_stamp_frame(GstBuffer *frame, int64_t pts_us);

/* Adds the 1 kHz beep of each second to stereo samples; `at` is the number of the first. */
void capture_stamp_audio(int16_t *samples, int64_t at, int64_t count);

/* The canvas at a quarter of its size as planar I420 without padding (320 x 180). */
void capture_shrink(GstBuffer *frame, uint8_t *out);

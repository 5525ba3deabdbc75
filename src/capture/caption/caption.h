// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The caption over the picture: drawn once per change by its own thread, faded in and out.

#include "capture/caption/style.h"
#include "media/caption.h"

#include <gst/gst.h>
#include <stdint.h>

#define CAPTURE_CAPTION_FADE_FRAMES 9 // 300 ms

typedef struct CaptureCaption CaptureCaption;

/* Takes `styles`. */
CaptureCaption *capture_caption_new(CaptureCaptionStyles *styles);
/* Does not wait for the drawing. */
void capture_caption_free(CaptureCaption *caption);

/* Any thread. */
void capture_caption_set(CaptureCaption *caption, const MediaCaption *texts);

/* Programme's thread. Takes `frame`; full reference. Not `shows`: fades out, as over the slate, which
 * has words of its own. */
GstBuffer *capture_caption_draw(CaptureCaption *caption, GstBuffer *frame, int64_t pts_us,
                                bool shows);

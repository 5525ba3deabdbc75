// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A drawn part of the canvas, premultiplied by its alpha. Immutable, any thread.

#include <gst/video/video.h>
#include <stdint.h>

#define CAPTURE_SHARE 256 // in full

typedef struct CapturePicture CapturePicture;

/* Of cairo's ARGB32. All even, within the canvas. */
CapturePicture *capture_picture_new(const uint8_t *argb, int stride, int x, int y, int width,
                                    int height);
CapturePicture *capture_picture_ref(CapturePicture *picture);
void capture_picture_unref(CapturePicture *picture);

/* x, y, width, height. */
void capture_picture_place(const CapturePicture *picture, int out[4]);

/* Into a writable frame. */
void capture_picture_blend(const CapturePicture *picture, GstVideoFrame *frame, unsigned share);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CapturePicture, capture_picture_unref)

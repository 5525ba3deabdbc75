// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Encodes thumbnails on its own thread; drops a picture while busy.

#include <gst/gst.h>
#include <stdint.h>

typedef struct CaptureThumb CaptureThumb;

/* `on_thumb` runs on that thread; `jpeg` is borrowed. */
CaptureThumb *capture_thumb_new(void (*on_thumb)(int64_t pts_us, GBytes *jpeg, void *data),
                                void *data, GError **error);
void capture_thumb_free(CaptureThumb *thumb);

/* Copies. */
void capture_thumb_push(CaptureThumb *thumb, GstBuffer *frame, int64_t pts_us);

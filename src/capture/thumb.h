// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A small JPEG of the programme, now and then. The encoding runs on a thread of its own; a picture
// that comes while the last is still in work is dropped.

#include <gst/gst.h>
#include <stdint.h>

typedef struct CaptureThumb CaptureThumb;

/* `on_thumb` runs on another thread; `jpeg` stays the caller's. Full ownership, or NULL. */
CaptureThumb *capture_thumb_new(void (*on_thumb)(int64_t pts_us, GBytes *jpeg, void *data),
                                void *data, GError **error);
void capture_thumb_free(CaptureThumb *thumb);

/* Takes nothing: copies what it needs. */
void capture_thumb_push(CaptureThumb *thumb, GstBuffer *frame, int64_t pts_us);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The page of the slides that is shown: a PNG of the canvas's size, decoded on a thread of its own.

#include <gst/gst.h>

/* Of a source's text: then the file's path, or nothing. */
#define CAPTURE_SLIDES_PREFIX "slides:"

typedef struct CaptureSlides CaptureSlides;

CaptureSlides *capture_slides_new(void);
/* Waits for a page that is being decoded. */
void capture_slides_free(CaptureSlides *slides);

/* "": none. Until the file is decoded, the page before stays. Any thread. */
void capture_slides_set(CaptureSlides *slides, const char *path);

/* Full reference; NULL: no page is there, or its file cannot be decoded. Any thread. */
GstBuffer *capture_slides_frame(CaptureSlides *slides);

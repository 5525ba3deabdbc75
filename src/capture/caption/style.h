// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How captions look: DIR/captions/speaker.caption and question.caption, key files. Any thread.

#include <glib.h>
#include <stdbool.h>

typedef struct {
    int red, green, blue; // 0 to 255
} CaptureColour;

/* Pixels of the canvas. */
typedef struct {
    char *font;      // families, the first that has a letter draws it
    int size, small; // of a name or a question; of the line below
    int side, bottom, width;
    int padding, bar, radius;
    int opacity; // percent, of the plate
    CaptureColour plate, text, soft, accent;
} CaptureCaptionStyle;

typedef struct {
    CaptureCaptionStyle speaker, question;
} CaptureCaptionStyles;

/* False: not "#rrggbb". */
bool capture_colour_read(const char *text, CaptureColour *out);

/* Before the sandbox. A missing file or key: the built-in value. */
CaptureCaptionStyles *capture_caption_styles_read(const char *pipelines_dir, GError **error);
void capture_caption_styles_free(CaptureCaptionStyles *styles);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureCaptionStyles, capture_caption_styles_free)

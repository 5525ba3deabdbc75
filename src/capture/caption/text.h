// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A paragraph of a caption that fits. Under capture_pango_lock().

#include "capture/caption/style.h"

#include <pango/pangocairo.h>

typedef struct {
    const char *font; // families
    int size;         // pixels
    bool bold, rtl;
    int lines, max_lines; // wanted; after it was shrunk
} CaptureTextLook;

/* On one line. */
int capture_text_width(const char *text, const CaptureTextLook *look);

/* In full, else smaller, else on more lines, else cut at a word. Full ownership. */
PangoLayout *capture_text_fit(const char *text, const CaptureTextLook *look, int width);

/* Of its letters, in pixels, after it was fitted. */
double capture_text_size(PangoLayout *layout);

/* By its first strong letter; true without one. */
bool capture_text_is_rtl(const char *text);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Letters of a page with their places: poppler's own right-to-left text lacks spaces and lines, and
// swaps lam-alef.

#include <glib.h>
#include <poppler.h>
#include <stdbool.h>

#define SLIDES_MAX_GLYPHS 20000

typedef struct {
    double x, y; // y downwards; within a piece x only orders
    double em;
    unsigned piece; // drawn at once, left to right
    char *text;     // a ligature's in reading order
} SlidesGlyph;

/* SlidesGlyph, in drawing order. In the child. */
GArray *slides_glyphs_of(PopplerPage *page);
/* From lines of a CairoScript. Pure. */
typedef struct SlidesScript SlidesScript;
SlidesScript *slides_script_new(void);
void slides_script_line(SlidesScript *script, const char *line, size_t size);
/* Frees `script`. */
GArray *slides_script_end(SlidesScript *script);

bool slides_is_rtl(gunichar c);
/* In reading order. Pure. */
char *slides_glyphs_text(const GArray *glyphs);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The letters of a page with their places. poppler's own text of right-to-left lines loses
// spaces, swaps lam-alef and leaves lines out; where a page has such letters, its text is put
// together from these.

#include <glib.h>
#include <poppler.h>
#include <stdbool.h>

#define SLIDES_MAX_GLYPHS 20000 // of a page; the rest is ignored

typedef struct {
    double x, y;    // of its origin, y downwards; within a piece x only orders
    double em;      // size of the font
    unsigned piece; // glyphs that were drawn at once, left to right
    char *text;     // a letter, or a ligature's letters in reading order
} SlidesGlyph;

/* In the order of drawing: SlidesGlyph. In the child. */
GArray *slides_glyphs_of(PopplerPage *page);
/* From a CairoScript, a line of it at a time. Pure. */
typedef struct SlidesScript SlidesScript;
SlidesScript *slides_script_new(void);
void slides_script_line(SlidesScript *script, const char *line, size_t size);
/* Frees `script`. */
GArray *slides_script_end(SlidesScript *script);

bool slides_is_rtl(gunichar c);
/* Lines in reading order. Pure. */
char *slides_glyphs_text(const GArray *glyphs);

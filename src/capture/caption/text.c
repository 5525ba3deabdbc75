// SPDX-License-Identifier: GPL-3.0-or-later
// Sets a paragraph by Pango: shapes, shrinks, cuts.
#include "capture/caption/text.h"

#include <string.h>

#define STEPS 4
#define SMALLER 8 // percent of a step

static PangoContext *new_context(const CaptureTextLook *look)
{
    g_autoptr(PangoFontMap) map = pango_cairo_font_map_new();
    PangoContext *context = pango_font_map_create_context(map);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_base_dir(context, look->rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
    pango_context_set_language(context, pango_language_from_string(look->rtl ? "ar" : "en"));
    return context;
}

static PangoLayout *new_layout(const char *text, const CaptureTextLook *look)
{
    PangoContext *context = new_context(look);
    PangoLayout *layout = pango_layout_new(context);
    g_object_unref(context);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static void set_size(PangoLayout *layout, const CaptureTextLook *look, int step)
{
    PangoFontDescription *font = pango_font_description_from_string(look->font);
    pango_font_description_set_weight(font, look->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    double size = (double)look->size * (100 - SMALLER * step) / 100;
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
}

int capture_text_width(const char *text, const CaptureTextLook *look)
{
    g_autoptr(PangoLayout) layout = new_layout(text, look);
    set_size(layout, look, 0);
    int width;
    pango_layout_get_pixel_size(layout, &width, NULL);
    return width;
}

static bool shrink(PangoLayout *layout, const CaptureTextLook *look, int lines)
{
    for (int step = 0; step < STEPS; step++) {
        set_size(layout, look, step);
        if (pango_layout_get_line_count(layout) <= lines) {
            return true;
        }
    }
    return false;
}

static void set_cut(PangoLayout *layout, const char *text, size_t size)
{
    g_autofree char *cut = g_strdup_printf("%.*s…", (int)size, text);
    pango_layout_set_text(layout, cut, -1);
}

/* By halving. Within the first word, at a letter. */
static void cut(PangoLayout *layout, const char *text, int lines)
{
    g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(size_t));
    for (const char *at = strchr(text, ' '); at != NULL; at = strchr(at + 1, ' ')) {
        size_t end = (size_t)(at - text);
        g_array_append_val(ends, end);
    }
    guint fit = 0, over = ends->len + 1; // words
    while (over - fit > 1) {
        guint middle = (fit + over) / 2;
        set_cut(layout, text, g_array_index(ends, size_t, middle - 1));
        bool fits = pango_layout_get_line_count(layout) <= lines;
        fit = fits ? middle : fit;
        over = fits ? over : middle;
    }
    if (fit > 0) {
        set_cut(layout, text, g_array_index(ends, size_t, fit - 1));
    } else {
        pango_layout_set_text(layout, text, -1);
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
        pango_layout_set_height(layout, -lines);
    }
}

/* As narrow as whole words allow: no line is left with one. */
static void balance(PangoLayout *layout, int width)
{
    int lines = pango_layout_get_line_count(layout);
    int narrow = width / (lines + 1), wide = width;
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD); // a longer word sticks out
    while (lines > 1 && wide - narrow > 1) {
        int middle = (narrow + wide) / 2, taken;
        pango_layout_set_width(layout, middle * PANGO_SCALE);
        pango_layout_get_pixel_size(layout, &taken, NULL);
        bool fits = pango_layout_get_line_count(layout) <= lines && taken <= middle;
        wide = fits ? middle : wide;
        narrow = fits ? narrow : middle;
    }
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(layout, wide * PANGO_SCALE);
}

/* A letter that no font has leaves a gap, not a box with its number. */
static void hide_unknown(PangoLayout *layout)
{
    if (pango_layout_get_unknown_glyphs_count(layout) == 0) {
        return;
    }
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    do {
        PangoLayoutRun *run = pango_layout_iter_get_run(iter);
        for (int i = 0; run != NULL && i < run->glyphs->num_glyphs; i++) {
            PangoGlyphInfo *glyph = &run->glyphs->glyphs[i];
            if (glyph->glyph & PANGO_GLYPH_UNKNOWN_FLAG) {
                glyph->glyph = PANGO_GLYPH_EMPTY;
            }
        }
    } while (pango_layout_iter_next_run(iter));
    pango_layout_iter_free(iter);
}

PangoLayout *capture_text_fit(const char *text, const CaptureTextLook *look, int width)
{
    PangoLayout *layout = new_layout(text, look);
    pango_layout_set_width(layout, width * PANGO_SCALE);
    if (shrink(layout, look, look->lines) || shrink(layout, look, look->max_lines)) {
        balance(layout, width);
    } else {
        cut(layout, text, look->max_lines);
    }
    hide_unknown(layout);
    return layout;
}

double capture_text_size(PangoLayout *layout)
{
    const PangoFontDescription *font = pango_layout_get_font_description(layout);
    return (double)pango_font_description_get_size(font) / PANGO_SCALE;
}

bool capture_text_is_rtl(const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);
        if (g_unichar_isalpha(letter)) {
            GUnicodeScript script = g_unichar_get_script(letter);
            return script == G_UNICODE_SCRIPT_ARABIC || script == G_UNICODE_SCRIPT_HEBREW ||
                   script == G_UNICODE_SCRIPT_SYRIAC || script == G_UNICODE_SCRIPT_THAANA;
        }
    }
    return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Makes PDFs: by cairo and Pango, or object by object.
#include "pdf.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#define MARGIN 60.0

static void draw(cairo_t *cr, const char *text, double width)
{
    PangoLayout *layout = pango_cairo_create_layout(cr);
    PangoFontDescription *font = pango_font_description_from_string("Noto Sans Arabic, Noto Sans");
    pango_layout_set_font_description(layout, font);
    pango_layout_set_width(layout, (int)((width - 2 * MARGIN) * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
    pango_layout_set_markup(layout, text, -1);
    cairo_move_to(cr, MARGIN, MARGIN);
    pango_cairo_show_layout(cr, layout);
    pango_font_description_free(font);
    g_object_unref(layout);
}

void pdf_write(const char *path, double width, double height, const char *const *texts,
               unsigned pages)
{
    cairo_surface_t *pdf = cairo_pdf_surface_create(path, width, height);
    cairo_t *cr = cairo_create(pdf);
    for (unsigned page = 0; page < pages; page++) {
        draw(cr, texts[page], width);
        cairo_show_page(cr);
    }
    g_assert_cmpint(cairo_status(cr), ==, CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_finish(pdf);
    g_assert_cmpint(cairo_surface_status(pdf), ==, CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(pdf);
}

static void draw_gradients(cairo_t *cr)
{
    cairo_pattern_t *line = cairo_pattern_create_linear(0, 0, 400, 300);
    cairo_pattern_add_color_stop_rgba(line, 0, 1, 0, 0, 0.3);
    cairo_pattern_add_color_stop_rgba(line, 1, 0, 0, 1, 0.1);
    cairo_set_source(cr, line);
    cairo_rectangle(cr, 100, 200, 400, 300);
    cairo_fill(cr);
    cairo_pattern_t *mesh = cairo_pattern_create_mesh();
    cairo_mesh_pattern_begin_patch(mesh);
    cairo_mesh_pattern_move_to(mesh, 500, 300);
    cairo_mesh_pattern_line_to(mesh, 700, 320);
    cairo_mesh_pattern_line_to(mesh, 690, 480);
    cairo_mesh_pattern_curve_to(mesh, 600, 500, 550, 450, 510, 470);
    cairo_mesh_pattern_set_corner_color_rgb(mesh, 0, 0.9, 1, 0.9);
    cairo_mesh_pattern_set_corner_color_rgb(mesh, 2, 1, 0.9, 0.9);
    cairo_mesh_pattern_end_patch(mesh);
    cairo_set_source(cr, mesh);
    cairo_paint(cr);
    cairo_pattern_destroy(line);
    cairo_pattern_destroy(mesh);
}

static void draw_tiles(cairo_t *cr)
{
    cairo_surface_t *tile = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 16, 16);
    cairo_t *on = cairo_create(tile);
    cairo_set_source_rgba(on, 0, 0.5, 0, 0.4);
    cairo_arc(on, 8, 8, 6, 0, 6.3);
    cairo_fill(on);
    cairo_destroy(on);
    cairo_set_source_surface(cr, tile, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_REPEAT);
    cairo_rectangle(cr, 700, 300, 200, 200);
    cairo_clip_preserve(cr);
    cairo_paint_with_alpha(cr, 0.5);
    cairo_reset_clip(cr);
    cairo_set_dash(cr, (const double[]){9, 3}, 2, 1);
    cairo_stroke(cr);
    cairo_mask_surface(cr, tile, 300, 400);
    cairo_surface_destroy(tile);
}

static cairo_status_t draw_square(cairo_scaled_font_t *font, unsigned long glyph, cairo_t *cr,
                                  cairo_text_extents_t *extents)
{
    (void)font, (void)glyph;
    cairo_rectangle(cr, 0, -0.7, 0.5, 0.7);
    cairo_fill(cr);
    extents->x_advance = 0.6;
    return CAIRO_STATUS_SUCCESS;
}

/* A font of drawings: Type 3. */
static void draw_squares(cairo_t *cr)
{
    cairo_font_face_t *face = cairo_user_font_face_create();
    cairo_user_font_face_set_render_glyph_func(face, draw_square);
    cairo_set_font_face(cr, face);
    cairo_set_font_size(cr, 20);
    cairo_set_source_rgb(cr, 0.5, 0.5, 0.5);
    cairo_move_to(cr, 60, 500);
    cairo_show_text(cr, "squares");
    cairo_font_face_destroy(face);
}

void pdf_write_drawing(const char *path, const char *text)
{
    cairo_surface_t *pdf = cairo_pdf_surface_create(path, 960, 540);
    cairo_t *cr = cairo_create(pdf);
    draw_gradients(cr);
    draw_tiles(cr);
    cairo_push_group(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_MULTIPLY);
    draw_squares(cr);
    cairo_pop_group_to_source(cr);
    cairo_paint_with_alpha(cr, 0.6);
    cairo_set_source_rgb(cr, 0, 0, 0);
    draw(cr, text, 960);
    cairo_show_page(cr);
    g_assert_cmpint(cairo_status(cr), ==, CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_finish(pdf);
    g_assert_cmpint(cairo_surface_status(pdf), ==, CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(pdf);
}

GString *pdf_of(const char *const *objects, const char *more)
{
    GString *pdf = g_string_new("%PDF-1.7\n");
    g_autoptr(GString) places = g_string_new(NULL);
    unsigned count = 0;
    for (; objects[count] != NULL; count++) {
        g_string_append_printf(places, "%010zu 00000 n \n", pdf->len);
        g_string_append_printf(pdf, "%u 0 obj\n%s\nendobj\n", count + 1, objects[count]);
    }
    size_t at = pdf->len;
    g_string_append_printf(pdf,
                           "xref\n0 %u\n0000000000 65535 f \n%strailer<</Size %u/Root 1 0 R%s>>\n"
                           "startxref\n%zu\n%%%%EOF\n",
                           count + 1, places->str, count + 1, more, at);
    return pdf;
}

void pdf_save(const char *path, const GString *pdf)
{
    g_autoptr(GError) error = NULL;
    g_file_set_contents(path, pdf->str, (gssize)pdf->len, &error);
    g_assert_no_error(error);
}

/* As text: the bytes may hold no NUL, so they are written in hexadecimal. */
char *pdf_stream(const char *entries, const void *bytes, size_t size)
{
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "<</Length %zu%s>>stream\n", 2 * size + 1, entries);
    for (size_t i = 0; i < size; i++) {
        g_string_append_printf(out, "%02x", ((const guint8 *)bytes)[i]);
    }
    g_string_append(out, ">\nendstream");
    return g_string_free(out, FALSE);
}

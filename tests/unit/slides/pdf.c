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

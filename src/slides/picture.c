// SPDX-License-Identifier: GPL-3.0-or-later
// Draws a page; encodes it as PNG, and small as JPEG.
#include "slides/picture.h"

#include "slides/slides.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#define THUMB_QUALITY 80

/* Whole pixels: sharp edges. */
typedef struct {
    double x, y, width, height, scale;
} Box;

static Box fit(double width, double height)
{
    Box box = {.scale = MIN(SLIDES_WIDTH / width, SLIDES_HEIGHT / height)};
    box.width = CLAMP(round(width * box.scale), 1, SLIDES_WIDTH);
    box.height = CLAMP(round(height * box.scale), 1, SLIDES_HEIGHT);
    box.x = floor((SLIDES_WIDTH - box.width) / 2);
    box.y = floor((SLIDES_HEIGHT - box.height) / 2);
    return box;
}

static void draw_page(cairo_t *cr, PopplerPage *page, double width, double height)
{
    Box box = fit(width, height);
    cairo_rectangle(cr, box.x, box.y, box.width, box.height);
    cairo_clip(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_translate(cr, box.x, box.y);
    cairo_scale(cr, box.width / width, box.height / height);
    poppler_page_render(page, cr);
}

cairo_surface_t *slides_picture_draw(PopplerPage *page)
{
    cairo_surface_t *picture =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, SLIDES_WIDTH, SLIDES_HEIGHT);
    cairo_t *cr = cairo_create(picture);
    double width = 0, height = 0;
    poppler_page_get_size(page, &width, &height);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_paint(cr);
    if (isfinite(width) && isfinite(height) && width > 0 && height > 0) {
        draw_page(cr, page, width, height);
    }
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_flush(picture);
    if (status != CAIRO_STATUS_NO_MEMORY) {
        return picture; // other faults spoil the page alone
    }
    cairo_surface_destroy(picture);
    return cairo_image_surface_create(CAIRO_FORMAT_INVALID, 0, 0);
}

static cairo_status_t on_png(void *data, const unsigned char *bytes, unsigned size)
{
    g_byte_array_append(data, bytes, size);
    return CAIRO_STATUS_SUCCESS;
}

GByteArray *slides_picture_png(cairo_surface_t *picture)
{
    g_autoptr(GByteArray) png = g_byte_array_new();
    cairo_status_t status = cairo_surface_write_to_png_stream(picture, on_png, png);
    return status == CAIRO_STATUS_SUCCESS ? g_steal_pointer(&png) : NULL;
}

static cairo_surface_t *shrink(cairo_surface_t *picture)
{
    cairo_surface_t *thumb =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, SLIDES_THUMB_WIDTH, SLIDES_THUMB_HEIGHT);
    cairo_t *cr = cairo_create(thumb);
    cairo_scale(cr, (double)SLIDES_THUMB_WIDTH / SLIDES_WIDTH,
                (double)SLIDES_THUMB_HEIGHT / SLIDES_HEIGHT);
    cairo_set_source_surface(cr, picture, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_flush(thumb);
    return thumb;
}

static void take_row(const uint32_t *row, uint8_t *rgb)
{
    for (unsigned x = 0; x < SLIDES_THUMB_WIDTH; x++) {
        rgb[3 * x] = (uint8_t)(row[x] >> 16);
        rgb[3 * x + 1] = (uint8_t)(row[x] >> 8);
        rgb[3 * x + 2] = (uint8_t)row[x];
    }
}

/* libjpeg ends the process on failure. */
static GByteArray *encode(cairo_surface_t *thumb)
{
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct jpeg = {.err = jpeg_std_error(&errors)};
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = SLIDES_THUMB_WIDTH;
    jpeg.image_height = SLIDES_THUMB_HEIGHT;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, THUMB_QUALITY, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    const unsigned char *pixels = cairo_image_surface_get_data(thumb);
    size_t stride = (size_t)cairo_image_surface_get_stride(thumb);
    uint8_t rgb[3 * SLIDES_THUMB_WIDTH], *rows[] = {rgb};
    for (size_t y = 0; y < SLIDES_THUMB_HEIGHT; y++) {
        take_row((const uint32_t *)(const void *)(pixels + y * stride), rgb);
        jpeg_write_scanlines(&jpeg, rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    GByteArray *array = g_byte_array_new();
    g_byte_array_append(array, bytes, (guint)size);
    free(bytes);
    return array;
}

GByteArray *slides_picture_thumb(cairo_surface_t *picture)
{
    cairo_surface_t *thumb = shrink(picture);
    GByteArray *jpeg = cairo_surface_status(thumb) == CAIRO_STATUS_SUCCESS ? encode(thumb) : NULL;
    cairo_surface_destroy(thumb);
    return jpeg;
}

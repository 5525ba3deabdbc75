// SPDX-License-Identifier: GPL-3.0-or-later
// Turns a drawn caption into planes of a frame, and blends them.
#include "capture/caption/picture.h"

#include "base/refs.h"
#include "capture/paint.h"

#include <glib.h>
#include <math.h>

typedef struct {
    uint8_t *values, *alpha; // alpha is borrowed by the second chroma plane
} Plane;

#define BLOCK 16           // values that are blended at once, in each plane
#define PADDED (2 * BLOCK) // pixels

struct CapturePicture {
    BaseRefs refs;
    int x, y, width, height;
    int left, padded; // x and width with the clear pixels around that fill blocks
    Plane planes[3];
};

typedef struct {
    double y, u, v, alpha; // 0 to 255
} Pixel;

/* BT.709, video range; the offsets of the range are premultiplied, too. */
static Pixel convert(uint32_t argb)
{
    double a = argb >> 24, r = argb >> 16 & 255, g = argb >> 8 & 255, b = argb & 255;
    double luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    return (Pixel){
        .y = (16 * a + 219 * luma) / 255,
        .u = (128 * a + 224 * (b - luma) / 1.8556) / 255,
        .v = (128 * a + 224 * (r - luma) / 1.5748) / 255,
        .alpha = a,
    };
}

static uint8_t rounded(double value)
{
    return (uint8_t)lround(fmax(0, fmin(255, value)));
}

static const uint32_t *pixels(const uint8_t *argb, int stride, int y)
{
    return (const uint32_t *)(const void *)(argb + (size_t)y * (size_t)stride);
}

static void fill_luma(CapturePicture *picture, const uint8_t *argb, int stride)
{
    for (int y = 0; y < picture->height; y++) {
        int at = y * picture->padded + picture->x - picture->left;
        for (int x = 0; x < picture->width; x++, at++) {
            Pixel pixel = convert(pixels(argb, stride, y)[x]);
            picture->planes[0].values[at] = rounded(pixel.y);
            picture->planes[0].alpha[at] = rounded(pixel.alpha);
        }
    }
}

static void fill_chroma(CapturePicture *picture, const uint8_t *argb, int stride)
{
    for (int y = 0; y < picture->height; y += 2) {
        int at = y * picture->padded / 4 + (picture->x - picture->left) / 2;
        for (int x = 0; x < picture->width; x += 2, at++) {
            double u = 0, v = 0, alpha = 0;
            for (int i = 0; i < 4; i++) {
                Pixel pixel = convert(pixels(argb, stride, y + i / 2)[x + i % 2]);
                u += pixel.u;
                v += pixel.v;
                alpha += pixel.alpha;
            }
            picture->planes[1].values[at] = rounded(u / 4);
            picture->planes[2].values[at] = rounded(v / 4);
            picture->planes[1].alpha[at] = rounded(alpha / 4);
        }
    }
}

CapturePicture *capture_picture_new(const uint8_t *argb, int stride, int x, int y, int width,
                                    int height)
{
    g_assert((x | y | width | height) % 2 == 0);
    CapturePicture *picture = g_new0(CapturePicture, 1);
    base_refs_init(&picture->refs);
    picture->x = x;
    picture->y = y;
    picture->width = width;
    picture->height = height;
    picture->left = x / PADDED * PADDED;
    picture->padded = (x + width + PADDED - 1) / PADDED * PADDED - picture->left;
    for (int i = 0; i < 3; i++) {
        size_t size = (size_t)(picture->padded * height / (i == 0 ? 1 : 4));
        picture->planes[i].values = g_malloc0(size);
        picture->planes[i].alpha = i < 2 ? g_malloc0(size) : picture->planes[1].alpha;
    }
    fill_luma(picture, argb, stride);
    fill_chroma(picture, argb, stride);
    return picture;
}

CapturePicture *capture_picture_ref(CapturePicture *picture)
{
    base_refs_inc(&picture->refs);
    return picture;
}

void capture_picture_unref(CapturePicture *picture)
{
    if (picture != NULL && base_refs_dec(&picture->refs)) {
        for (int i = 0; i < 3; i++) {
            g_free(picture->planes[i].values);
        }
        g_free(picture->planes[0].alpha);
        g_free(picture->planes[1].alpha);
        g_free(picture);
    }
}

void capture_picture_place(const CapturePicture *picture, int out[4])
{
    out[0] = picture->x;
    out[1] = picture->y;
    out[2] = picture->width;
    out[3] = picture->height;
}

/* In 16 bits: no value is larger than its alpha. */
static void blend_block(uint8_t *restrict row, const uint8_t *restrict values,
                        const uint8_t *restrict alpha, uint16_t share)
{
    for (int i = 0; i < BLOCK; i++) {
        uint16_t weight = (uint16_t)(alpha[i] * share + 128) >> 8;
        weight = (uint16_t)(weight + (weight >> 7)); // 0 to 256
        uint16_t kept = (uint16_t)(row[i] * (uint16_t)(CAPTURE_SHARE - weight) + 128) >> 8;
        uint16_t given = (uint16_t)(values[i] * share + 128) >> 8;
        row[i] = (uint8_t)(kept + given);
    }
}

void capture_picture_blend(const CapturePicture *picture, GstVideoFrame *frame, unsigned share)
{
    for (int i = 0; i < 3; i++) {
        const Plane *plane = &picture->planes[i];
        int part = i == 0 ? 1 : 2, width = picture->padded / part;
        for (int y = 0; y < picture->height / part; y++) {
            uint8_t *row = capture_frame_row(frame, i, picture->y / part + y);
            for (int x = 0; x < width; x += BLOCK) {
                int at = y * width + x;
                blend_block(row + picture->left / part + x, plane->values + at, plane->alpha + at,
                            (uint16_t)share);
            }
        }
    }
}

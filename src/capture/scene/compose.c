// SPDX-License-Identifier: GPL-3.0-or-later
// Composes a scene's picture.
#include "capture/scene/compose.h"

#include "capture/grid.h"
#include "capture/paint.h"

#include <gst/video/video.h>

struct CaptureComposer {
    GstVideoInfo info;
    const CaptureScene *scene;                          // of the converters
    GstVideoConverter *converters[CAPTURE_SCENE_BOXES]; // NULL: the whole canvas
};

CaptureComposer *capture_composer_new(void)
{
    CaptureComposer *composer = g_new0(CaptureComposer, 1);
    g_autoptr(GstCaps) caps = capture_canvas_caps();
    gst_video_info_from_caps(&composer->info, caps);
    return composer;
}

static void forget(CaptureComposer *composer)
{
    for (int i = 0; i < CAPTURE_SCENE_BOXES; i++) {
        g_clear_pointer(&composer->converters[i], gst_video_converter_free);
    }
}

void capture_composer_free(CaptureComposer *composer)
{
    if (composer != NULL) {
        forget(composer);
        g_free(composer);
    }
}

static bool is_whole(const CaptureBox *box)
{
    return box->width == CAPTURE_WIDTH && box->height == CAPTURE_HEIGHT;
}

static void prepare(CaptureComposer *composer, const CaptureScene *scene)
{
    forget(composer);
    composer->scene = scene;
    for (int i = 0; i < CAPTURE_SCENE_BOXES; i++) {
        const CaptureBox *box = &scene->boxes[i];
        if (!is_whole(box)) {
            composer->converters[i] = gst_video_converter_new(
                &composer->info, &composer->info,
                gst_structure_new("scale", GST_VIDEO_CONVERTER_OPT_DEST_X, G_TYPE_INT, box->x,
                                  GST_VIDEO_CONVERTER_OPT_DEST_Y, G_TYPE_INT, box->y,
                                  GST_VIDEO_CONVERTER_OPT_DEST_WIDTH, G_TYPE_INT, box->width,
                                  GST_VIDEO_CONVERTER_OPT_DEST_HEIGHT, G_TYPE_INT, box->height,
                                  GST_VIDEO_CONVERTER_OPT_FILL_BORDER, G_TYPE_BOOLEAN, FALSE,
                                  NULL));
        }
    }
}

static void draw(CaptureComposer *composer, int i, GstVideoFrame *to, GstBuffer *picture)
{
    const CaptureBox *box = &composer->scene->boxes[i];
    GstVideoFrame from;
    if (!gst_video_frame_map(&from, &composer->info, picture, GST_MAP_READ)) {
        return;
    }
    if (composer->converters[i] == NULL) {
        gst_video_frame_copy(to, &from);
    } else {
        capture_frame_box(to, box->x - box->border, box->y - box->border,
                          box->width + 2 * box->border, box->height + 2 * box->border);
        gst_video_converter_frame(composer->converters[i], &from, to);
    }
    gst_video_frame_unmap(&from);
}

GstBuffer *capture_composer_draw(CaptureComposer *composer, const CaptureScene *scene,
                                 GstBuffer *const frames[CAPTURE_SCENE_BOXES])
{
    if (composer->scene != scene) {
        prepare(composer, scene);
    }
    GstBuffer *canvas = gst_buffer_new_allocate(NULL, GST_VIDEO_INFO_SIZE(&composer->info), NULL);
    GstVideoFrame to;
    if (gst_video_frame_map(&to, &composer->info, canvas, GST_MAP_WRITE)) {
        if (!is_whole(&scene->boxes[0])) {
            capture_frame_clear(&to);
        }
        for (int i = 0; i < CAPTURE_SCENE_BOXES; i++) {
            draw(composer, i, &to, frames[i]);
        }
        gst_video_frame_unmap(&to);
    }
    return canvas;
}

static void blend_rows(const GstVideoFrame *from, const GstVideoFrame *to, GstVideoFrame *out,
                       int plane, unsigned share)
{
    int width = GST_VIDEO_FRAME_COMP_WIDTH(out, plane);
    for (int y = 0; y < GST_VIDEO_FRAME_COMP_HEIGHT(out, plane); y++) {
        const uint8_t *a = capture_frame_row(from, plane, y), *b = capture_frame_row(to, plane, y);
        uint8_t *restrict c = capture_frame_row(out, plane, y);
        for (int x = 0; x < width; x++) {
            c[x] = (uint8_t)((a[x] * (256 - share) + b[x] * share + 128) >> 8);
        }
    }
}

GstBuffer *capture_composer_blend(CaptureComposer *composer, GstBuffer *from, GstBuffer *to,
                                  unsigned share)
{
    GstBuffer *canvas = gst_buffer_new_allocate(NULL, GST_VIDEO_INFO_SIZE(&composer->info), NULL);
    GstVideoFrame frames[3];
    GstBuffer *const buffers[] = {from, to, canvas};
    int mapped = 0;
    while (mapped < 3 && gst_video_frame_map(&frames[mapped], &composer->info, buffers[mapped],
                                             mapped < 2 ? GST_MAP_READ : GST_MAP_WRITE)) {
        mapped++;
    }
    for (int plane = 0; mapped == 3 && plane < 3; plane++) {
        blend_rows(&frames[0], &frames[1], &frames[2], plane, share);
    }
    while (mapped > 0) {
        gst_video_frame_unmap(&frames[--mapped]);
    }
    return canvas;
}

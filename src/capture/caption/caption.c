// SPDX-License-Identifier: GPL-3.0-or-later
// Draws captions on a thread of their own; fades them over the programme's frames.
#include "capture/caption/caption.h"

#include "base/refs.h"
#include "capture/caption/draw.h"
#include "capture/grid.h"
#include "capture/paint.h"

#include <pthread.h>

#define FADE_US (CAPTURE_CAPTION_FADE_FRAMES * CAPTURE_FRAME_US)

/* Of the caption and its drawing thread. */
typedef struct {
    BaseRefs refs;
    CaptureCaptionStyles *styles;
    pthread_mutex_t mutex;
    MediaCaption *asked;     // not drawn yet
    unsigned changes;        // requests
    bool drawing;            // a thread is at it
    CapturePicture *picture; // wanted now; NULL: none
} Drawing;

struct CaptureCaption {
    Drawing *drawing;
    // Programme's thread.
    GstVideoInfo info;
    GstBufferPool *pool;
    CapturePicture *shown; // fades out before another one fades in
    int64_t level_us;      // of FADE_US
    int64_t last_us;       // pts; -1: none
};

static void drawing_unref(Drawing *drawing)
{
    if (base_refs_dec(&drawing->refs)) {
        capture_caption_styles_free(drawing->styles);
        media_caption_free(drawing->asked);
        capture_picture_unref(drawing->picture);
        pthread_mutex_destroy(&drawing->mutex);
        g_free(drawing);
    }
}

/* Nullable: the thread is over. */
static MediaCaption *take_asked(Drawing *drawing, unsigned *out_change)
{
    pthread_mutex_lock(&drawing->mutex);
    MediaCaption *asked = g_steal_pointer(&drawing->asked);
    *out_change = drawing->changes;
    drawing->drawing = asked != NULL;
    pthread_mutex_unlock(&drawing->mutex);
    return asked;
}

/* Takes `picture`. One that was replaced while it was drawn is never shown. */
static void put_picture(Drawing *drawing, CapturePicture *picture, unsigned change)
{
    pthread_mutex_lock(&drawing->mutex);
    if (drawing->changes == change) {
        CapturePicture *old = drawing->picture;
        drawing->picture = picture;
        picture = old;
    }
    pthread_mutex_unlock(&drawing->mutex);
    capture_picture_unref(picture);
}

static void *draw(void *data)
{
    Drawing *drawing = data;
    MediaCaption *asked;
    unsigned change;
    while ((asked = take_asked(drawing, &change)) != NULL) {
        capture_pango_lock();
        CapturePicture *picture = capture_caption_render(asked, drawing->styles);
        capture_pango_unlock();
        media_caption_free(asked);
        put_picture(drawing, picture, change);
    }
    drawing_unref(drawing);
    return NULL;
}

CaptureCaption *capture_caption_new(CaptureCaptionStyles *styles)
{
    CaptureCaption *caption = g_new0(CaptureCaption, 1);
    Drawing *drawing = caption->drawing = g_new0(Drawing, 1);
    base_refs_init(&drawing->refs);
    pthread_mutex_init(&drawing->mutex, NULL);
    drawing->styles = styles;
    caption->last_us = -1;
    g_autoptr(GstCaps) caps = capture_canvas_caps();
    gst_video_info_from_caps(&caption->info, caps);
    caption->pool = gst_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(caption->pool);
    gst_buffer_pool_config_set_params(config, caps, (guint)GST_VIDEO_INFO_SIZE(&caption->info), 0,
                                      0);
    gst_buffer_pool_set_config(caption->pool, config);
    return caption;
}

void capture_caption_free(CaptureCaption *caption)
{
    if (caption != NULL) {
        gst_buffer_pool_set_active(caption->pool, FALSE);
        gst_object_unref(caption->pool);
        capture_picture_unref(caption->shown);
        drawing_unref(caption->drawing);
        g_free(caption);
    }
}

/* Under the mutex. */
static void start_drawing(Drawing *drawing)
{
    pthread_t thread;
    base_refs_inc(&drawing->refs);
    drawing->drawing = pthread_create(&thread, NULL, draw, drawing) == 0;
    if (drawing->drawing) {
        pthread_detach(thread);
    } else {
        base_refs_dec(&drawing->refs); // the next change tries again
    }
}

void capture_caption_set(CaptureCaption *caption, const MediaCaption *texts)
{
    Drawing *drawing = caption->drawing;
    CapturePicture *old = NULL;
    pthread_mutex_lock(&drawing->mutex);
    drawing->changes++;
    g_clear_pointer(&drawing->asked, media_caption_free);
    if (texts->kind == MEDIA_CAPTION_NONE) {
        old = g_steal_pointer(&drawing->picture);
    } else {
        drawing->asked = media_caption_copy(texts);
        if (!drawing->drawing) {
            start_drawing(drawing);
        }
    }
    pthread_mutex_unlock(&drawing->mutex);
    capture_picture_unref(old);
}

/* Moves the fade on to `pts_us`. */
static void step(CaptureCaption *caption, int64_t pts_us, bool shows)
{
    Drawing *drawing = caption->drawing;
    int64_t past_us = caption->last_us < 0 ? 0 : pts_us - caption->last_us;
    caption->last_us = pts_us;
    pthread_mutex_lock(&drawing->mutex);
    CapturePicture *wanted = shows ? drawing->picture : NULL;
    bool same = wanted == caption->shown;
    caption->level_us = CLAMP(caption->level_us + (same ? past_us : -past_us), 0, FADE_US);
    CapturePicture *old = NULL;
    if (!same && (caption->level_us == 0 || caption->shown == NULL)) {
        old = caption->shown;
        caption->shown = wanted != NULL ? capture_picture_ref(wanted) : NULL;
        caption->level_us = caption->shown != NULL ? CAPTURE_FRAME_US : 0;
    }
    pthread_mutex_unlock(&drawing->mutex);
    capture_picture_unref(old);
}

/* Frames are shared with their sources. */
static GstBuffer *copy(CaptureCaption *caption, GstBuffer *frame)
{
    GstBuffer *copy = NULL;
    GstVideoFrame from, to;
    if (gst_buffer_is_writable(frame)) {
        return frame;
    }
    gst_buffer_pool_set_active(caption->pool, TRUE);
    if (gst_buffer_pool_acquire_buffer(caption->pool, &copy, NULL) != GST_FLOW_OK ||
        !gst_video_frame_map(&from, &caption->info, frame, GST_MAP_READ)) {
        gst_clear_buffer(&copy);
        return frame;
    }
    if (gst_video_frame_map(&to, &caption->info, copy, GST_MAP_WRITE)) {
        gst_video_frame_copy(&to, &from);
        gst_video_frame_unmap(&to);
    }
    gst_video_frame_unmap(&from);
    gst_buffer_unref(frame);
    return copy;
}

GstBuffer *capture_caption_draw(CaptureCaption *caption, GstBuffer *frame, int64_t pts_us,
                                bool shows)
{
    step(caption, pts_us, shows);
    if (caption->shown == NULL) {
        return frame;
    }
    GstVideoFrame mapped;
    GstBuffer *drawn = copy(caption, frame);
    if (gst_buffer_is_writable(drawn) &&
        gst_video_frame_map(&mapped, &caption->info, drawn, GST_MAP_READWRITE)) {
        unsigned share = (unsigned)(caption->level_us * CAPTURE_SHARE / FADE_US);
        capture_picture_blend(caption->shown, &mapped, share);
        gst_video_frame_unmap(&mapped);
    }
    return drawn;
}

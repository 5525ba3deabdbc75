// SPDX-License-Identifier: GPL-3.0-or-later
// Decodes pages of slides.
#include "capture/scene/slides.h"

#include "capture/paint.h"

#include <gst/app/gstappsink.h>
#include <pthread.h>
#include <stdbool.h>

#define DECODE_LIMIT_NS (5 * GST_SECOND)

struct CaptureSlides {
    pthread_t thread;
    pthread_mutex_t mutex; // for the rest
    pthread_cond_t changed;
    char *wanted; // NULL: nothing to do
    GstBuffer *frame;
    bool stop;
};

/* Nullable. */
static GstBuffer *decode(const char *path)
{
    if (path[0] == '\0') {
        return NULL;
    }
    g_autoptr(GstElement) pipeline =
        gst_parse_launch_full("filesrc name=in ! pngdec ! videoconvertscale add-borders=true ! "
                              "appsink name=out sync=false",
                              NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);
    if (pipeline == NULL) {
        return NULL;
    }
    g_autoptr(GstElement) in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
    g_autoptr(GstElement) out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    g_autoptr(GstCaps) caps = capture_canvas_caps();
    gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION_RANGE, 0, 1, G_MAXINT, 1, NULL);
    g_object_set(in, "location", path, NULL);
    g_object_set(out, "caps", caps, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    return capture_pull_picture(pipeline, GST_APP_SINK(out), DECODE_LIMIT_NS);
}

static void *run(void *data)
{
    CaptureSlides *slides = data;
    pthread_mutex_lock(&slides->mutex);
    while (!slides->stop) {
        g_autofree char *path = g_steal_pointer(&slides->wanted);
        if (path == NULL) {
            pthread_cond_wait(&slides->changed, &slides->mutex);
            continue;
        }
        pthread_mutex_unlock(&slides->mutex);
        GstBuffer *frame = decode(path);
        pthread_mutex_lock(&slides->mutex);
        gst_clear_buffer(&slides->frame);
        slides->frame = frame;
    }
    pthread_mutex_unlock(&slides->mutex);
    return NULL;
}

CaptureSlides *capture_slides_new(void)
{
    CaptureSlides *slides = g_new0(CaptureSlides, 1);
    pthread_mutex_init(&slides->mutex, NULL);
    pthread_cond_init(&slides->changed, NULL);
    g_assert(pthread_create(&slides->thread, NULL, run, slides) == 0);
    pthread_setname_np(slides->thread, "slides");
    return slides;
}

void capture_slides_free(CaptureSlides *slides)
{
    if (slides == NULL) {
        return;
    }
    pthread_mutex_lock(&slides->mutex);
    slides->stop = true;
    pthread_cond_signal(&slides->changed);
    pthread_mutex_unlock(&slides->mutex);
    pthread_join(slides->thread, NULL);
    pthread_cond_destroy(&slides->changed);
    pthread_mutex_destroy(&slides->mutex);
    gst_clear_buffer(&slides->frame);
    g_free(slides->wanted);
    g_free(slides);
}

void capture_slides_set(CaptureSlides *slides, const char *path)
{
    pthread_mutex_lock(&slides->mutex);
    g_free(slides->wanted);
    slides->wanted = g_strdup(path);
    pthread_cond_signal(&slides->changed);
    pthread_mutex_unlock(&slides->mutex);
}

GstBuffer *capture_slides_frame(CaptureSlides *slides)
{
    pthread_mutex_lock(&slides->mutex);
    GstBuffer *frame = slides->frame != NULL ? gst_buffer_ref(slides->frame) : NULL;
    pthread_mutex_unlock(&slides->mutex);
    return frame;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Encodes thumbnails as JPEG on its own thread.
#include "capture/thumb.h"

#include "capture/grid.h"
#include "capture/paint.h"

#include <gst/app/app.h>

#define WIDTH (CAPTURE_WIDTH / 4)
#define HEIGHT (CAPTURE_HEIGHT / 4)

struct CaptureThumb {
    GstElement *pipeline, *in;
    void (*on_thumb)(int64_t pts_us, GBytes *jpeg, void *data);
    void *data;
};

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    CaptureThumb *thumb = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer(sample) : NULL;
    GstMapInfo map;
    if (buffer != NULL && gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        g_autoptr(GBytes) jpeg = g_bytes_new(map.data, map.size);
        thumb->on_thumb((int64_t)(GST_BUFFER_PTS(buffer) / 1000), jpeg, thumb->data);
        gst_buffer_unmap(buffer, &map);
    }
    return GST_FLOW_OK;
}

CaptureThumb *capture_thumb_new(void (*on_thumb)(int64_t pts_us, GBytes *jpeg, void *data),
                                void *data, GError **error)
{
    g_autofree char *text = g_strdup_printf(
        "appsrc name=in format=time max-buffers=1 max-bytes=0 leaky-type=upstream "
        "caps=video/x-raw,format=I420,width=%d,height=%d,framerate=0/1 ! jpegenc quality=70 "
        "! appsink name=out sync=false async=false",
        WIDTH, HEIGHT);
    GstElement *pipeline = gst_parse_launch(text, error);
    if (pipeline == NULL) {
        return NULL;
    }
    CaptureThumb *thumb = g_new0(CaptureThumb, 1);
    thumb->on_thumb = on_thumb;
    thumb->data = data;
    thumb->in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
    g_autoptr(GstElement) out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
    gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, thumb, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    thumb->pipeline = gst_object_ref_sink(pipeline);
    return thumb;
}

void capture_thumb_free(CaptureThumb *thumb)
{
    if (thumb != NULL) {
        gst_element_set_state(thumb->pipeline, GST_STATE_NULL);
        gst_object_unref(thumb->in);
        gst_object_unref(thumb->pipeline);
        g_free(thumb);
    }
}

void capture_thumb_push(CaptureThumb *thumb, GstBuffer *frame, int64_t pts_us)
{
    GstBuffer *small = gst_buffer_new_allocate(NULL, WIDTH * HEIGHT * 3 / 2, NULL);
    GstMapInfo map;
    if (gst_buffer_map(small, &map, GST_MAP_WRITE)) {
        capture_shrink(frame, map.data);
        gst_buffer_unmap(small, &map);
    }
    GST_BUFFER_PTS(small) = (GstClockTime)pts_us * 1000;
    gst_app_src_push_buffer(GST_APP_SRC(thumb->in), small);
}

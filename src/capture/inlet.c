// SPDX-License-Identifier: GPL-3.0-or-later
// Builds the pipeline of a source from its launch file.
#include "capture/inlet.h"

#include "base/error.h"
#include "capture/launch.h"

#include <gst/app/gstappsink.h>

/* Untrusted text is a property's value, never launch syntax. */
static bool set_location(GstElement *pipeline, const CaptureSpec *spec, GError **error)
{
    g_autoptr(GstElement) place = gst_bin_get_by_name(GST_BIN(pipeline), "location");
    if ((place == NULL) != (spec->location == NULL)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    place != NULL ? "%s cannot be used by its name alone: give a file's path or a "
                                    "rtsp://, rtsps:// or srt:// address."
                                  : "%s has no element named \"location\" to take the address.",
                    spec->launch);
        return false;
    }
    if (place != NULL) {
        GObjectClass *class = G_OBJECT_GET_CLASS(place);
        const char *property =
            g_object_class_find_property(class, "location") != NULL ? "location" : "uri";
        g_object_set(place, property, spec->location, NULL);
    }
    return true;
}

GstElement *capture_inlet_build(const CaptureSpec *spec, bool *out_mark, GError **error)
{
    g_autoptr(CaptureLaunch) launch = capture_launch_read(spec->launch, error);
    g_autoptr(GstElement) pipeline = launch != NULL ? capture_launch_build(launch, error) : NULL;
    if (pipeline == NULL || !set_location(pipeline, spec, error)) {
        return NULL;
    }
    g_autoptr(GstElement) video = gst_bin_get_by_name(GST_BIN(pipeline), "video");
    g_autoptr(GstElement) audio = gst_bin_get_by_name(GST_BIN(pipeline), "audio");
    if ((video == NULL && audio == NULL) || (video != NULL && !GST_IS_APP_SINK(video)) ||
        (audio != NULL && !GST_IS_APP_SINK(audio))) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s must end in \"appsink name=video\", \"appsink name=audio\" or both.",
                    spec->launch);
        return NULL;
    }
    *out_mark = launch->mark;
    return g_steal_pointer(&pipeline);
}

GstElement *capture_inlet_sink(GstElement *pipeline, const char *name, const char *caps_text)
{
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), name);
    if (sink == NULL || !GST_IS_APP_SINK(sink)) {
        return NULL;
    }
    g_autoptr(GstCaps) caps = gst_caps_from_string(caps_text);
    g_object_set(sink, "sync", FALSE, "async", FALSE, "max-buffers", 2u, "drop", FALSE, "caps",
                 caps, "enable-last-sample", FALSE, NULL);
    return sink; // borrowed
}

bool capture_inlet_linked(GstElement *sink)
{
    g_autoptr(GstElement) at = gst_object_ref(sink);
    for (;;) {
        g_autoptr(GstPad) pad = gst_element_get_static_pad(at, "sink");
        if (pad == NULL) {
            return true;
        }
        g_autoptr(GstPad) peer = gst_pad_get_peer(pad);
        if (peer == NULL) {
            return false;
        }
        g_autoptr(GstElement) next = gst_pad_get_parent_element(peer);
        if (next == NULL || GST_IS_BIN(next) ||
            GST_PAD_TEMPLATE_PRESENCE(GST_PAD_PAD_TEMPLATE(peer)) != GST_PAD_ALWAYS) {
            return true;
        }
        gst_object_unref(at);
        at = g_steal_pointer(&next);
    }
}

bool capture_inlet_unfolds(GstElement *element)
{
    const GList *templates = gst_element_get_pad_template_list(element);
    for (; templates != NULL; templates = templates->next) {
        GstPadTemplate *template = templates->data;
        if (GST_PAD_TEMPLATE_DIRECTION(template) == GST_PAD_SRC &&
            GST_PAD_TEMPLATE_PRESENCE(template) == GST_PAD_SOMETIMES) {
            return true;
        }
    }
    return false;
}

/* Full reference, nullable. */
static GstPad *sink_pad(GstElement *element)
{
    return gst_element_get_static_pad(element, "sink");
}

GstPad *capture_inlet_picture(GstElement *sink)
{
    GstPad *at = sink_pad(sink);
    for (;;) {
        g_autoptr(GstPad) peer = gst_pad_get_peer(at);
        g_autoptr(GstElement) element = peer != NULL ? gst_pad_get_parent_element(peer) : NULL;
        GstPad *next = element != NULL && !GST_IS_BIN(element) ? sink_pad(element) : NULL;
        if (next == NULL) {
            return at;
        }
        gst_object_unref(at);
        at = next;
    }
}

GstPad *capture_inlet_sound(GstElement *sink)
{
    g_autoptr(GstPad) at = sink_pad(sink);
    for (;;) {
        g_autoptr(GstPad) peer = gst_pad_get_peer(at);
        g_autoptr(GstElement) element = peer != NULL ? gst_pad_get_parent_element(peer) : NULL;
        GstElementFactory *factory = element != NULL ? gst_element_get_factory(element) : NULL;
        GstPad *next = factory != NULL ? sink_pad(element) : NULL;
        if (next == NULL) {
            return sink_pad(sink);
        }
        gst_object_unref(at);
        at = next;
        if (g_str_equal(GST_OBJECT_NAME(factory), "audioresample")) {
            return g_steal_pointer(&at);
        }
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pipeline of a source, built from its launch file, and what is to be known of its elements.
// Any thread; opens nothing.

#include "capture/spec.h"

#include <gst/gst.h>

/* Full ownership, or NULL. */
GstElement *capture_inlet_build(const CaptureSpec *spec, bool *out_mark, GError **error);

/* The appsink `name` set up to bring `caps_text`; borrowed from the pipeline, NULL where the launch
 * file has none. */
GstElement *capture_inlet_sink(GstElement *pipeline, const char *name, const char *caps_text);

/* Whether something can still arrive at `sink`: its branch leads to a source, or to an element that
 * has yet to show its pads. */
bool capture_inlet_linked(GstElement *sink);

/* The element shows pads while running. */
bool capture_inlet_unfolds(GstElement *element);

/* Where the sound on its way to `sink` still has the source's own rate and timestamps:
 * audioresample would smooth both away, up to 31 ms at a time. Full reference. */
GstPad *capture_inlet_sound(GstElement *sink);

/* Where the picture on its way to `sink` still has the source's own size. Full reference. */
GstPad *capture_inlet_picture(GstElement *sink);

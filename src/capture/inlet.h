// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Builds and inspects a source's pipeline. Any thread; opens nothing.

#include "capture/spec.h"

#include <gst/gst.h>

/* Full ownership. */
GstElement *capture_inlet_build(const CaptureSpec *spec, bool *out_mark, GError **error);

/* The appsink `name`; borrowed, nullable. */
GstElement *capture_inlet_sink(GstElement *pipeline, const char *name, const char *caps_text);

/* May the sink's branch bring anything? */
bool capture_inlet_linked(GstElement *sink);

bool capture_inlet_unfolds(GstElement *element);

/* Before audioresample, which smooths timestamps. Full reference. */
GstPad *capture_inlet_sound(GstElement *sink);

/* Before any scaling. Full reference. */
GstPad *capture_inlet_picture(GstElement *sink);

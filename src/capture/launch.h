// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The files of pipelines/: GStreamer launch syntax under a head of comment lines. A head line may
// set something: "# help: …", "# mark: yes", "# needs: element element" (what the pipeline plugs by
// itself while running).

#include <gst/gst.h>
#include <stdbool.h>

typedef struct {
    char *path;
    char *text;   // without comments
    char *help;   // "" if there is none
    char **needs; // NULL-terminated
    bool mark;    // the programme stamps the time mark, flash and beep on this source
} CaptureLaunch;

CaptureLaunch *capture_launch_read(const char *path, GError **error);
void capture_launch_free(CaptureLaunch *launch);

/* The pipeline, in state NULL, with a reference that is not floating. An error names every missing
 * element and the package to install. */
GstElement *capture_launch_build(const CaptureLaunch *launch, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureLaunch, capture_launch_free)

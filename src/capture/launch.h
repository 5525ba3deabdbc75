// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Launch files: GStreamer syntax under lines such as "# help: …", "# mark: yes", "# needs: element
// element".

#include <gst/gst.h>
#include <stdbool.h>

typedef struct {
    char *path;
    char *text; // without comments
    char *help; // "" if none
    char **needs;
    unsigned access; // SandboxFlags of the line "# access:"
    bool mark;       // the programme stamps time mark, flash and beep
} CaptureLaunch;

CaptureLaunch *capture_launch_read(const char *path, GError **error);
void capture_launch_free(CaptureLaunch *launch);

/* In state NULL; full reference. Errors name missing elements and packages. */
GstElement *capture_launch_build(const CaptureLaunch *launch, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureLaunch, capture_launch_free)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Scenes: where pictures stand. DIR/scenes/NAME.scene, key files. Any thread.

#include <glib.h>
#include <stdbool.h>

#define CAPTURE_SCENE_BOXES 2
#define CAPTURE_SCENE_PARTS 3
/* Of a source's text: NAME, then a line per part. A part without a box is only heard; no NAME: so are
 * all but the first, which is shown in full. */
#define CAPTURE_SCENE_PREFIX "scene:"

/* On the canvas; even. */
typedef struct {
    int x, y, width, height, border;
} CaptureBox;

typedef struct {
    char *name;
    CaptureBox boxes[CAPTURE_SCENE_BOXES];
} CaptureScene;

/* Before the sandbox. Names what is wrong with which file. */
GPtrArray *capture_scenes_read(const char *pipelines_dir, GError **error);

/* Nullable. */
const CaptureScene *capture_scene_find(const GPtrArray *scenes, const char *name);

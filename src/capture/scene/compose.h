// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Draws pictures into a scene's boxes, by the scaler of GStreamer's compositor. One thread.

#include "capture/scene/scene.h"

#include <gst/gst.h>

typedef struct CaptureComposer CaptureComposer;

CaptureComposer *capture_composer_new(void);
void capture_composer_free(CaptureComposer *composer);

/* `share` of 256 of `to`, the rest of `from`. Full reference. */
GstBuffer *capture_composer_blend(CaptureComposer *composer, GstBuffer *from, GstBuffer *to,
                                  unsigned share);

/* Of the canvas. `scene` until another one. Full reference. */
GstBuffer *capture_composer_draw(CaptureComposer *composer, const CaptureScene *scene,
                                 GstBuffer *const frames[CAPTURE_SCENE_BOXES]);

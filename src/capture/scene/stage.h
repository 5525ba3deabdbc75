// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the programme shows: one feed, or several in a scene, with their sound. Programme's thread.

#include "capture/feed.h"
#include "capture/scene/scene.h"

typedef struct CaptureStage CaptureStage;

/* As capture_feed_new(). Takes `scenes`. */
CaptureStage *capture_stage_new(GPtrArray *scenes, const char *pipelines_dir,
                                const CaptureClock *clock, const char *const titles[2],
                                void (*on_state)(MediaSourceState state, int64_t pts_us,
                                                 const char *text, void *data),
                                void *data);
void capture_stage_free(CaptureStage *stage);

/* A source, or "scene:NAME" and a line per source. A source that goes on is not opened again; slides
 * go on with another page. */
void capture_stage_set(CaptureStage *stage, const char *text, int64_t pts_us);

/* As those of a feed. Of a scene only what plays is shown; a single one in full. */
bool capture_stage_step(CaptureStage *stage, int64_t pts_us);
bool capture_stage_denied(const CaptureStage *stage);
bool capture_stage_plays(const CaptureStage *stage);  // else the slate is shown
bool capture_stage_marked(const CaptureStage *stage); // one of them
GstBuffer *capture_stage_frame(CaptureStage *stage, int64_t pts_us);
void capture_stage_audio(CaptureStage *stage, int64_t k, int16_t *out);

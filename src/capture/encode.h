// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The encoders of one ladder: canvas and samples in, exactly timed access units out. Programme's
// thread; events on encoders' threads.

#include "media/item.h"

#include <gst/gst.h>

typedef struct CaptureEncode CaptureEncode;

typedef struct {
    void (*track)(MediaTrack *track, void *data);
    void (*unit)(uint8_t track_id, MediaItem *unit, void *data); // borrowed
    void (*failed)(const char *text, void *data);
    void *data;
} CaptureEncodeEvents;

bool capture_encode_check(const char *pipelines_dir, const char *name, GError **error);

/* Times start at `start_us`. */
CaptureEncode *capture_encode_new(const char *pipelines_dir, const char *name, int64_t start_us,
                                  const CaptureEncodeEvents *events, GError **error);

/* Flushes for 1 s. */
void capture_encode_free(CaptureEncode *encode);

unsigned capture_encode_tracks(const CaptureEncode *encode);

/* Bit set of track ids. */
uint32_t capture_encode_video_tracks(const CaptureEncode *encode);

/* Makes an IDR of the next picture at or after `pts_us`. */
void capture_encode_key(CaptureEncode *encode, uint8_t track_id, int64_t pts_us);

unsigned capture_encode_waiting(const CaptureEncode *encode);

/* Takes the reference. */
void capture_encode_video(CaptureEncode *encode, GstBuffer *frame, int64_t k);

/* Stereo samples from number `at`, without gaps. Copies. */
void capture_encode_audio(CaptureEncode *encode, const int16_t *samples, int64_t at, int64_t count);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureEncode, capture_encode_free)

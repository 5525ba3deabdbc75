// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The encoders of one ladder (pipelines/encoders): canvas and samples in, access units of every
// track out, with exact times on the timeline. Push and key from the programme's thread; the events
// come on the encoders' threads.

#include "media/item.h"

#include <gst/gst.h>

typedef struct CaptureEncode CaptureEncode;

typedef struct {
    void (*track)(MediaTrack *track, void *data); // once per track, before its first unit
    void (*unit)(uint8_t track_id, MediaItem *unit, void *data); // stays the caller's
    void (*failed)(const char *text, void *data);
    void *data;
} CaptureEncodeEvents;

/* Whether the ladder builds and has the ends it needs. */
bool capture_encode_check(const char *pipelines_dir, const char *name, GError **error);

/* Times count from `start_us`: nothing is pushed that is earlier. Full ownership. */
CaptureEncode *capture_encode_new(const char *pipelines_dir, const char *name, int64_t start_us,
                                  const CaptureEncodeEvents *events, GError **error);

/* Lets what was pushed come out (1 s at most), then ends. NULL is allowed. */
void capture_encode_free(CaptureEncode *encode);

unsigned capture_encode_tracks(const CaptureEncode *encode);

/* Bit set of the track ids that are video. */
uint32_t capture_encode_video_tracks(const CaptureEncode *encode);

/* The track's first picture pushed from now on with a time at or after `pts_us` is an IDR. */
void capture_encode_key(CaptureEncode *encode, uint8_t track_id, int64_t pts_us);

/* Frames pushed that the encoders have not taken yet. */
unsigned capture_encode_waiting(const CaptureEncode *encode);

/* Frame `k` of the grid. Takes the reference; may write its metadata when it is the only one. */
void capture_encode_video(CaptureEncode *encode, GstBuffer *frame, int64_t k);

/* `count` stereo samples, the first of which is number `at`, without gaps. Copies. */
void capture_encode_audio(CaptureEncode *encode, const int16_t *samples, int64_t at, int64_t count);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CaptureEncode, capture_encode_free)

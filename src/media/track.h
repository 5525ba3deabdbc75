// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// An encoded stream. Immutable; any thread.

#include "base/refs.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#define MEDIA_MAX_TRACKS 16
#define MEDIA_MAX_CONFIG_BYTES 1024
#define MEDIA_NAME_BYTES 16

typedef enum {
    MEDIA_VIDEO,
    MEDIA_AUDIO,
} MediaKind;

typedef enum {
    MEDIA_H264,
    MEDIA_OPUS,
    MEDIA_AAC,
} MediaCodec;

typedef struct {
    uint8_t id; // unique per run
    MediaKind kind;
    MediaCodec codec;
    char name[MEDIA_NAME_BYTES];     // rendition ("720p") or language
    char language[MEDIA_NAME_BYTES]; // BCP 47
    uint32_t bitrate;                // bit/s
    uint16_t width, height;
    uint16_t fps_n, fps_d;
    uint32_t sample_rate;
    uint8_t channels;
} MediaTrackInfo;

typedef struct {
    BaseRefs refs;
    MediaTrackInfo info;
    // AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1), AudioSpecificConfig (14496-3
    // 1.6.2.1); Opus: none.
    size_t config_size;
    uint8_t config[];
} MediaTrack;

/* Copies. NULL: out of range. */
MediaTrack *media_track_new(const MediaTrackInfo *info, const uint8_t *config, size_t config_size);
MediaTrack *media_track_ref(MediaTrack *track);
void media_track_unref(MediaTrack *track);

/* RFC 6381, like "avc1.42c01f". */
char *media_track_codecs(const MediaTrack *track);

/* H.264, SPS first, borrowed, nullable. */
const uint8_t *media_track_parameter_set(const MediaTrack *track, unsigned n, size_t *out_size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaTrack, media_track_unref)

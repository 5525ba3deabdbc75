// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One encoded stream of a programme: a video rendition or an audio language in one codec.
// Immutable once made; references may be taken and dropped on any thread.

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
    uint8_t id; // below MEDIA_MAX_TRACKS, unique within a run
    MediaKind kind;
    MediaCodec codec;
    char name[MEDIA_NAME_BYTES];     // rendition ("720p") or, for audio, language; a-z 0-9 - _
    char language[MEDIA_NAME_BYTES]; // BCP 47, audio only
    uint32_t bitrate;                // bit/s, the encoder's target
    uint16_t width, height;          // video
    uint16_t fps_n, fps_d;           // video
    uint32_t sample_rate;            // audio, Hz
    uint8_t channels;                // audio
} MediaTrackInfo;

typedef struct {
    BaseRefs refs;
    MediaTrackInfo info;
    // H.264: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1); AAC: AudioSpecificConfig
    // (14496-3 1.6.2.1); Opus: nothing.
    size_t config_size;
    uint8_t config[];
} MediaTrack;

/* Copies `info` and `config`. NULL where a field is out of range (it may come from a peer).
 * Full ownership. */
MediaTrack *media_track_new(const MediaTrackInfo *info, const uint8_t *config, size_t config_size);
MediaTrack *media_track_ref(MediaTrack *track);
void media_track_unref(MediaTrack *track);

/* The RFC 6381 codecs value for playlists ("avc1.42c01f", "mp4a.40.2", "opus"). Full ownership. */
char *media_track_codecs(const MediaTrack *track);

/* The n-th parameter set of an H.264 track, SPS before PPS, without length prefix; borrowed.
 * NULL past the last or where the record is broken. */
const uint8_t *media_track_parameter_set(const MediaTrack *track, unsigned n, size_t *out_size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaTrack, media_track_unref)

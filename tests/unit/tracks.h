// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The tracks that unit tests publish. Full ownership.

#include "media/track.h"

/* A 16:9 rendition of 30 pictures per second, named "720p" after its height. */
static inline MediaTrack *tracks_h264(uint8_t id, uint16_t height, uint32_t bitrate)
{
    // avcC of constrained baseline, level 3.1 (ISO/IEC 14496-15 5.3.3.1)
    static const uint8_t avcc[] = {1,    0x42, 0xc0, 0x1f, 0xff, 0xe1, 0,    4,    0x67,
                                   0x42, 0xc0, 0x1f, 1,    0,    3,    0x68, 0xce, 0x3c};
    MediaTrackInfo info = {.id = id,
                           .kind = MEDIA_VIDEO,
                           .codec = MEDIA_H264,
                           .bitrate = bitrate,
                           .width = (uint16_t)(height * 16 / 9),
                           .height = height,
                           .fps_n = 30,
                           .fps_d = 1};
    g_snprintf(info.name, sizeof info.name, "%up", height);
    return media_track_new(&info, avcc, sizeof avcc);
}

/* Arabic stereo sound. */
static inline MediaTrack *tracks_opus(uint8_t id)
{
    const MediaTrackInfo info = {.id = id,
                                 .kind = MEDIA_AUDIO,
                                 .codec = MEDIA_OPUS,
                                 .name = "ar",
                                 .language = "ar",
                                 .bitrate = 96000,
                                 .sample_rate = 48000,
                                 .channels = 2};
    return media_track_new(&info, NULL, 0);
}

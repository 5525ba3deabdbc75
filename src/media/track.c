// SPDX-License-Identifier: GPL-3.0-or-later
// Track descriptions.
#include "media/track.h"

#include "base/bytes.h"
#include "base/id.h"

#include <string.h>

static bool info_valid(const MediaTrackInfo *info, size_t config_size)
{
    bool video = info->kind == MEDIA_VIDEO && info->codec == MEDIA_H264 && info->width > 0 &&
                 info->height > 0 && info->fps_n > 0 && info->fps_d > 0 && config_size >= 7;
    bool audio = info->kind == MEDIA_AUDIO &&
                 (info->codec == MEDIA_OPUS || (info->codec == MEDIA_AAC && config_size >= 2)) &&
                 info->sample_rate > 0 && info->channels > 0;
    return (video || audio) && info->id < MEDIA_MAX_TRACKS &&
           config_size <= MEDIA_MAX_CONFIG_BYTES && base_id_valid(info->name, MEDIA_NAME_BYTES - 1);
}

MediaTrack *media_track_new(const MediaTrackInfo *info, const uint8_t *config, size_t config_size)
{
    if (!info_valid(info, config_size)) {
        return NULL;
    }
    MediaTrack *track = g_malloc(sizeof *track + config_size);
    base_refs_init(&track->refs);
    track->info = *info;
    track->config_size = config_size;
    if (config_size > 0) {
        memcpy(track->config, config, config_size);
    }
    return track;
}

MediaTrack *media_track_ref(MediaTrack *track)
{
    base_refs_inc(&track->refs);
    return track;
}

void media_track_unref(MediaTrack *track)
{
    if (base_refs_dec(&track->refs)) {
        g_free(track);
    }
}

char *media_track_codecs(const MediaTrack *track)
{
    switch (track->info.codec) {
    case MEDIA_H264:
        return g_strdup_printf("avc1.%02x%02x%02x", track->config[1], track->config[2],
                               track->config[3]);
    case MEDIA_AAC:
        return g_strdup_printf("mp4a.40.%u", track->config[0] >> 3);
    case MEDIA_OPUS:
        return g_strdup("opus");
    }
    g_assert_not_reached();
}

/* Sets are length-prefixed. */
static const uint8_t *find_set(BaseReader *reader, unsigned count, unsigned *n, size_t *out_size)
{
    for (unsigned i = 0; i < count; i++) {
        size_t size = base_read_u16(reader);
        const uint8_t *set = base_read_bytes(reader, size);
        if (set == NULL) {
            return NULL;
        }
        if ((*n)-- == 0) {
            *out_size = size;
            return set;
        }
    }
    return NULL;
}

const uint8_t *media_track_parameter_set(const MediaTrack *track, unsigned n, size_t *out_size)
{
    if (track->info.codec != MEDIA_H264) {
        return NULL;
    }
    BaseReader reader = base_reader(track->config, track->config_size);
    base_read_bytes(&reader, 5);
    const uint8_t *set = find_set(&reader, base_read_u8(&reader) & 0x1f, &n, out_size);
    return set != NULL ? set : find_set(&reader, base_read_u8(&reader), &n, out_size);
}

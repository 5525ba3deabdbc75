// SPDX-License-Identifier: GPL-3.0-or-later
// Parts and track keys.
#include "media/part.h"

MediaPart *media_part_new(MediaPartType type)
{
    MediaPart *part = g_new0(MediaPart, 1);
    base_refs_init(&part->refs);
    part->type = type;
    return part;
}

MediaPart *media_part_ref(MediaPart *part)
{
    base_refs_inc(&part->refs);
    return part;
}

void media_part_unref(MediaPart *part)
{
    if (!base_refs_dec(&part->refs)) {
        return;
    }
    g_clear_pointer(&part->track, media_track_unref);
    g_clear_pointer(&part->bytes, g_bytes_unref);
    g_free(part);
}

void media_track_key(const MediaTrack *track, char out[MEDIA_TRACK_KEY_BYTES])
{
    g_snprintf(out, MEDIA_TRACK_KEY_BYTES, "%c%s", track->info.kind == MEDIA_VIDEO ? 'v' : 'a',
               track->info.name);
}

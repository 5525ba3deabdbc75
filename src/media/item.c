// SPDX-License-Identifier: GPL-3.0-or-later
// Bus items; the gate.
#include "media/item.h"

#include "media/rtp.h"

MediaItem *media_item_new(MediaItemType type, size_t size)
{
    g_assert(size <= MEDIA_MAX_UNIT_BYTES);
    MediaItem *item = g_malloc(sizeof *item + size);
    *item = (MediaItem){.type = type, .size = size};
    base_refs_init(&item->refs);
    return item;
}

MediaItem *media_item_ref(MediaItem *item)
{
    base_refs_inc(&item->refs);
    return item;
}

void media_item_unref(MediaItem *item)
{
    if (!base_refs_dec(&item->refs)) {
        return;
    }
    g_clear_pointer(&item->track, media_track_unref);
    g_clear_pointer(&item->packets, media_packets_free);
    g_free(item);
}

void media_gate_update(MediaGate *gate, const MediaItem *item)
{
    if (item->type == MEDIA_ITEM_RUN) {
        *gate =
            (MediaGate){.open_us = item->open ? item->pts_us : INT64_MAX, .close_us = INT64_MAX};
    } else if (item->type == MEDIA_ITEM_MARK && item->mark == MEDIA_MARK_OPEN) {
        *gate = (MediaGate){.open_us = item->pts_us, .close_us = INT64_MAX};
    } else if (item->type == MEDIA_ITEM_MARK) {
        gate->close_us = MIN(gate->close_us, item->pts_us);
    }
}

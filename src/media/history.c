// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the last seconds of each track.
#include "media/history.h"

#define MASK (MEDIA_HISTORY_UNITS - 1)
#define NO_KEY UINT64_MAX

G_STATIC_ASSERT((MEDIA_HISTORY_UNITS & MASK) == 0);

typedef struct {
    uint64_t first, next; // first <= n < next
    uint64_t key;         // newest, or NO_KEY
    size_t bytes;
    MediaItem *units[MEDIA_HISTORY_UNITS];
} Track;

struct MediaHistory {
    Track *tracks[MEDIA_MAX_TRACKS];
};

MediaHistory *media_history_new(void)
{
    return g_new0(MediaHistory, 1);
}

static void drop_first(Track *track)
{
    MediaItem *unit = track->units[track->first & MASK];
    track->bytes -= unit->size;
    if (track->key == track->first) {
        track->key = NO_KEY;
    }
    track->first++;
    media_item_unref(unit);
}

static void drop_all(Track *track)
{
    while (track->first < track->next) {
        drop_first(track);
    }
}

void media_history_free(MediaHistory *history)
{
    if (history == NULL) {
        return;
    }
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (history->tracks[i] != NULL) {
            drop_all(history->tracks[i]);
        }
        g_free(history->tracks[i]);
    }
    g_free(history);
}

void media_history_break(MediaHistory *history)
{
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (history->tracks[i] != NULL) {
            history->tracks[i]->key = NO_KEY;
        }
    }
}

static Track *track_of(MediaHistory *history, uint8_t id)
{
    Track **track = &history->tracks[id];
    if (*track == NULL) {
        *track = g_new0(Track, 1);
        (*track)->key = NO_KEY;
    }
    return *track;
}

void media_history_add(MediaHistory *history, MediaItem *item)
{
    if (item->type == MEDIA_ITEM_RUN) {
        media_history_break(history);
    }
    if (item->type != MEDIA_ITEM_UNIT) {
        return;
    }
    Track *track = track_of(history, item->track->info.id);
    if (item->number != track->next) { // the reader's ring was full
        drop_all(track);
        track->first = track->next = item->number;
    }
    while (track->next - track->first == MEDIA_HISTORY_UNITS ||
           (track->first < track->next && track->bytes + item->size > MEDIA_HISTORY_BYTES)) {
        drop_first(track);
    }
    if (item->key) {
        track->key = track->next;
    }
    track->units[track->next++ & MASK] = media_item_ref(item);
    track->bytes += item->size;
}

uint64_t media_history_next(const MediaHistory *history, uint8_t track)
{
    return history->tracks[track] != NULL ? history->tracks[track]->next : 0;
}

MediaItem *media_history_get(const MediaHistory *history, uint8_t id, uint64_t number)
{
    const Track *track = history->tracks[id];
    if (track == NULL || number < track->first || number >= track->next) {
        return NULL;
    }
    return track->units[number & MASK];
}

MediaItem *media_history_key(const MediaHistory *history, uint8_t id, uint64_t *out_number)
{
    const Track *track = history->tracks[id];
    if (track == NULL || track->key == NO_KEY) {
        return NULL;
    }
    *out_number = track->key;
    return track->units[track->key & MASK];
}

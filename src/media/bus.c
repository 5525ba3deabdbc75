// SPDX-License-Identifier: GPL-3.0-or-later
// The media bus.
#include "media/bus.h"

#include "base/ring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define KEPT_PLACES 32 // for RUN, TRACK, MARK

struct MediaReader {
    BaseRing *ring;
    atomic_uint_fast64_t dropped;
    atomic_uint wake_for; // tracks
};

struct MediaBus {
    pthread_mutex_t mutex; // pointer moves only
    GPtrArray *readers;
    GPtrArray *state;                // RUN, TRACKs, last MARK
    uint64_t next[MEDIA_MAX_TRACKS]; // publisher's: numbers of units
};

MediaBus *media_bus_new(void)
{
    MediaBus *bus = g_new0(MediaBus, 1);
    pthread_mutex_init(&bus->mutex, NULL);
    bus->readers = g_ptr_array_new();
    bus->state = g_ptr_array_new_with_free_func((GDestroyNotify)media_item_unref);
    return bus;
}

void media_bus_free(MediaBus *bus)
{
    if (bus == NULL) {
        return;
    }
    g_assert(bus->readers->len == 0);
    g_ptr_array_unref(bus->readers);
    g_ptr_array_unref(bus->state);
    pthread_mutex_destroy(&bus->mutex);
    g_free(bus);
}

/* Neither replayed nor reserved for. */
static bool passes_by(const MediaItem *item)
{
    return item->type == MEDIA_ITEM_UNIT || item->type == MEDIA_ITEM_THUMB;
}

static bool wakes(const MediaReader *reader, const MediaItem *item)
{
    unsigned tracks = atomic_load_explicit(&reader->wake_for, memory_order_relaxed);
    return !passes_by(item) || tracks == UINT32_MAX ||
           (item->track != NULL && (tracks >> item->track->info.id & 1) != 0);
}

static void push(MediaReader *reader, MediaItem *item)
{
    size_t reserve = passes_by(item) ? KEPT_PLACES : 0;
    bool pushed = wakes(reader, item)
                      ? base_ring_push(reader->ring, media_item_ref(item), reserve)
                      : base_ring_push_quietly(reader->ring, media_item_ref(item), reserve);
    if (!pushed) {
        uint64_t lost = item->type != MEDIA_ITEM_THUMB;
        media_item_unref(item);
        atomic_fetch_add_explicit(&reader->dropped, lost, memory_order_relaxed);
    }
}

static void remember(MediaBus *bus, MediaItem *item)
{
    if (passes_by(item)) {
        return;
    }
    if (item->type == MEDIA_ITEM_RUN) {
        g_ptr_array_set_size(bus->state, 0);
    } else if (item->type == MEDIA_ITEM_MARK && bus->state->len > 0) {
        MediaItem *last = bus->state->pdata[bus->state->len - 1];
        if (last->type == MEDIA_ITEM_MARK) {
            g_ptr_array_set_size(bus->state, (gint)bus->state->len - 1);
        }
    }
    g_ptr_array_add(bus->state, media_item_ref(item));
}

void media_bus_publish(MediaBus *bus, MediaItem *item)
{
    if (item->type == MEDIA_ITEM_UNIT) {
        item->number = bus->next[item->track->info.id]++;
    }
    pthread_mutex_lock(&bus->mutex);
    remember(bus, item);
    for (guint i = 0; i < bus->readers->len; i++) {
        push(bus->readers->pdata[i], item);
    }
    pthread_mutex_unlock(&bus->mutex);
}

MediaReader *media_bus_add_reader(MediaBus *bus, size_t capacity)
{
    MediaReader *reader = g_new0(MediaReader, 1);
    atomic_init(&reader->wake_for, UINT32_MAX);
    reader->ring = base_ring_new(capacity + KEPT_PLACES, (GDestroyNotify)media_item_unref);
    pthread_mutex_lock(&bus->mutex);
    for (guint i = 0; i < bus->state->len; i++) {
        push(reader, bus->state->pdata[i]);
    }
    g_ptr_array_add(bus->readers, reader);
    pthread_mutex_unlock(&bus->mutex);
    return reader;
}

void media_bus_tracks(MediaBus *bus, MediaTrack *out[MEDIA_MAX_TRACKS])
{
    memset(out, 0, MEDIA_MAX_TRACKS * sizeof out[0]);
    pthread_mutex_lock(&bus->mutex);
    for (guint i = 0; i < bus->state->len; i++) {
        const MediaItem *item = bus->state->pdata[i];
        if (item->type == MEDIA_ITEM_TRACK && out[item->track->info.id] == NULL) {
            out[item->track->info.id] = media_track_ref(item->track);
        }
    }
    pthread_mutex_unlock(&bus->mutex);
}

void media_bus_remove_reader(MediaBus *bus, MediaReader *reader)
{
    pthread_mutex_lock(&bus->mutex);
    g_ptr_array_remove(bus->readers, reader);
    pthread_mutex_unlock(&bus->mutex);
    base_ring_free(reader->ring);
    g_free(reader);
}

MediaItem *media_reader_pop(MediaReader *reader)
{
    return base_ring_pop(reader->ring);
}

int media_reader_event_fd(const MediaReader *reader)
{
    return base_ring_event_fd(reader->ring);
}

void media_reader_clear_event(MediaReader *reader)
{
    base_ring_clear_event(reader->ring);
}

void media_reader_wake_for(MediaReader *reader, uint32_t tracks)
{
    atomic_store(&reader->wake_for, tracks);
}

uint64_t media_reader_dropped(const MediaReader *reader)
{
    return atomic_load_explicit(&reader->dropped, memory_order_relaxed);
}

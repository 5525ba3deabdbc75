// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One publisher, a bounded ring per reader. Slow readers lose units only. Any thread, except:

#include "media/item.h"

typedef struct MediaBus MediaBus;
typedef struct MediaReader MediaReader;

/* Free it after its publisher and readers. */
MediaBus *media_bus_new(void);
void media_bus_free(MediaBus *bus);

/* Publisher. Never waits. References `item`; numbers units, alike for all readers. */
void media_bus_publish(MediaBus *bus, MediaItem *item);

/* Starts with RUN, TRACKs, last MARK. Full ownership. */
MediaReader *media_bus_add_reader(MediaBus *bus, size_t capacity);

/* The current run's tracks by id: references or NULL. */
void media_bus_tracks(MediaBus *bus, MediaTrack *out[MEDIA_MAX_TRACKS]);

/* After its thread stopped. */
void media_bus_remove_reader(MediaBus *bus, MediaReader *reader);

/* Reader's thread. Full ownership. */
MediaItem *media_reader_pop(MediaReader *reader);

/* Reader's thread. When readable: clear, then pop until NULL. */
int media_reader_event_fd(const MediaReader *reader);
void media_reader_clear_event(MediaReader *reader);

/* Reader's thread. Woken only by units of these tracks (set of ids), RUNs, TRACKs, MARKs and a half
 * full ring. At first: by everything. */
void media_reader_wake_for(MediaReader *reader, uint32_t tracks);

uint64_t media_reader_dropped(const MediaReader *reader);

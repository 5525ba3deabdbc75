// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One publisher, many readers, one bounded ring each. A reader that falls behind loses units and
// only its own; RUN, TRACK and MARK items have places kept for them.

#include "media/item.h"

typedef struct MediaBus MediaBus;
typedef struct MediaReader MediaReader;

/* Full ownership. Free it after its publisher stopped and its readers are removed. */
MediaBus *media_bus_new(void);
void media_bus_free(MediaBus *bus);

/* The publishing thread. Never waits for a reader. The caller keeps its reference. */
void media_bus_publish(MediaBus *bus, MediaItem *item);

/* Any thread. A ring of `capacity` items that sees what is published from now on, and starts with
 * the current run's RUN and TRACK items and the last MARK. Full ownership. */
MediaReader *media_bus_add_reader(MediaBus *bus, size_t capacity);

/* Any thread, after the reading thread stopped using it. */
void media_bus_remove_reader(MediaBus *bus, MediaReader *reader);

/* Reading thread. The next item (full ownership) or NULL. */
MediaItem *media_reader_pop(MediaReader *reader);

/* Reading thread: poll this for reading (owned by the reader); then clear, then pop until NULL. */
int media_reader_event_fd(const MediaReader *reader);
void media_reader_clear_event(MediaReader *reader);

/* Any thread: units lost by this reader so far. */
uint64_t media_reader_dropped(const MediaReader *reader);

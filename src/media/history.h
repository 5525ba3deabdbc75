// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The last seconds of each track as references to shared units: where a joiner starts and a lost
// packet is found again. Units of a track are numbered from 0 in the order they came.
// One thread; several threads may each keep one over the same units at the price of pointers.

#include "media/item.h"

#define MEDIA_HISTORY_UNITS 512                // per track, a power of two
#define MEDIA_HISTORY_BYTES (16 * 1024 * 1024) // per track, of unit data

typedef struct MediaHistory MediaHistory;

/* Full ownership. */
MediaHistory *media_history_new(void);
void media_history_free(MediaHistory *history);

/* A UNIT gets the next number of its track. A RUN closes every group of pictures (what was there
 * stays to be found by number). Others change nothing. Takes a reference of its own. */
void media_history_add(MediaHistory *history, MediaItem *item);

/* The number that the track's next unit will get. */
uint64_t media_history_next(const MediaHistory *history, uint8_t track);

/* Borrowed until the next add; NULL when gone or not yet there. */
MediaItem *media_history_get(const MediaHistory *history, uint8_t track, uint64_t number);

/* The newest key unit of the current run, from which on everything is still here: borrowed, with
 * its number; NULL where there is none. */
MediaItem *media_history_key(const MediaHistory *history, uint8_t track, uint64_t *out_number);

/* A unit was lost before it came here: the track's open group of pictures cannot be decoded. */
void media_history_break(MediaHistory *history);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaHistory, media_history_free)

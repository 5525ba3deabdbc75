// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The last seconds of each track, for joiners and resends. Unit numbers are the bus's, the same for
// all readers. One thread.

#include "media/item.h"

#define MEDIA_HISTORY_UNITS 512                // power of two
#define MEDIA_HISTORY_BYTES (16 * 1024 * 1024) // per track

typedef struct MediaHistory MediaHistory;

MediaHistory *media_history_new(void);
void media_history_free(MediaHistory *history);

/* References a UNIT; after a number gap forgets the track's earlier ones. A RUN ends groups of
 * pictures. */
void media_history_add(MediaHistory *history, MediaItem *item);

/* 0: none yet. */
uint64_t media_history_next(const MediaHistory *history, uint8_t track);

/* Borrowed until the next add, nullable. */
MediaItem *media_history_get(const MediaHistory *history, uint8_t id, uint64_t number);

/* Of the run, with all successors. Borrowed, nullable. */
MediaItem *media_history_key(const MediaHistory *history, uint8_t id, uint64_t *out_number);

/* After a loss: ends groups of pictures. */
void media_history_break(MediaHistory *history);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MediaHistory, media_history_free)

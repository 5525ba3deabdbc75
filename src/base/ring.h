// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Bounded pointer ring with eventfd; one pusher, one popper, neither waits.

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct BaseRing BaseRing;

/* Rounds up to a power of two. `free_item` (nullable) frees leftovers. */
BaseRing *base_ring_new(size_t capacity, GDestroyNotify free_item);

/* After both threads stopped. */
void base_ring_free(BaseRing *ring);

/* Takes `item` and wakes the popper; false if at most `reserve` places are free. */
bool base_ring_push(BaseRing *ring, void *item, size_t reserve);

/* Wakes the popper only once half full. */
bool base_ring_push_quietly(BaseRing *ring, void *item, size_t reserve);

/* Oldest item, with full ownership, or NULL. */
void *base_ring_pop(BaseRing *ring);

/* When readable: clear, then pop until NULL. */
int base_ring_event_fd(const BaseRing *ring);
void base_ring_clear_event(BaseRing *ring);

/* Wakes the popper. Any thread. */
void base_ring_wake(BaseRing *ring);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseRing, base_ring_free)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A bounded ring of pointers from one pushing thread to one popping thread, with an eventfd that
// becomes readable when something is there. Neither side ever waits for the other.

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct BaseRing BaseRing;

/* `capacity` is rounded up to a power of two. `free_item` (nullable) frees what is left at the end.
 * Full ownership. */
BaseRing *base_ring_new(size_t capacity, GDestroyNotify free_item);

/* Both threads must have stopped using it. NULL is allowed. */
void base_ring_free(BaseRing *ring);

/* Pushing thread. Takes `item` and returns true; or returns false when fewer than `reserve` + 1
 * places are free, and `item` stays the caller's. */
bool base_ring_push(BaseRing *ring, void *item, size_t reserve);

/* Popping thread. The oldest item (full ownership), or NULL when empty. */
void *base_ring_pop(BaseRing *ring);

/* Any thread; a moment's figure. */
size_t base_ring_length(const BaseRing *ring);

/* Popping thread: the descriptor to poll for reading (owned by the ring). After it became readable,
 * call base_ring_clear_event(), then pop until NULL. */
int base_ring_event_fd(const BaseRing *ring);
void base_ring_clear_event(BaseRing *ring);

/* Any thread: makes the descriptor readable without an item, to wake the popping thread. */
void base_ring_wake(BaseRing *ring);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseRing, base_ring_free)

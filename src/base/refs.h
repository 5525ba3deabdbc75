// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The number of references of something immutable that threads share. Whoever drops the last one
// sees all that the others did with it before they dropped theirs. Any thread.

#include <stdatomic.h>
#include <stdbool.h>

typedef struct {
    atomic_int count;
} BaseRefs;

/* One reference: the maker's. */
static inline void base_refs_init(BaseRefs *refs)
{
    atomic_init(&refs->count, 1);
}

static inline void base_refs_inc(BaseRefs *refs)
{
    atomic_fetch_add_explicit(&refs->count, 1, memory_order_relaxed);
}

/* True: it was the last one, and what holds it is to be freed. */
static inline bool base_refs_dec(BaseRefs *refs)
{
    return atomic_fetch_sub_explicit(&refs->count, 1, memory_order_acq_rel) == 1;
}

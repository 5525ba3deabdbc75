// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Atomic reference count. The last owner sees all earlier writes. Any thread.

#include <stdatomic.h>
#include <stdbool.h>

typedef struct {
    atomic_int count;
} BaseRefs;

static inline void base_refs_init(BaseRefs *refs)
{
    atomic_init(&refs->count, 1);
}

static inline void base_refs_inc(BaseRefs *refs)
{
    atomic_fetch_add_explicit(&refs->count, 1, memory_order_relaxed);
}

/* True: free it. */
static inline bool base_refs_dec(BaseRefs *refs)
{
    return atomic_fetch_sub_explicit(&refs->count, 1, memory_order_acq_rel) == 1;
}

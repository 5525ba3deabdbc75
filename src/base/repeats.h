// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Counts repeated items: a log shows a few, then their sum. One thread at a time.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define BASE_REPEATS_SHOWN 3                         // in a window
#define BASE_REPEATS_WINDOW_US (60 * G_USEC_PER_SEC) // from the first
#define BASE_REPEATS_KEYS 256                        // more are all shown

typedef struct BaseRepeats BaseRepeats;

/* `drop` frees an item. */
BaseRepeats *base_repeats_new(GDestroyNotify drop);
void base_repeats_free(BaseRepeats *repeats);

/* Monotonic `now_us`. True: show `item`, which stays the caller's. False: takes and counts it;
 * keeps a key's newest. */
bool base_repeats_show(BaseRepeats *repeats, const char *key, void *item, int64_t now_us);

/* Calls `sum` for each window that ended by `now_us` (INT64_MAX: all) with hidden items: the newest
 * (full ownership) and their `count`. */
void base_repeats_over(BaseRepeats *repeats, int64_t now_us,
                       void (*sum)(void *item, unsigned count, void *data), void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseRepeats, base_repeats_free)

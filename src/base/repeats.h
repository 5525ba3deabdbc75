// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Counts what comes again and again, so that a log shows it a few times and then its sum. One
// thread at a time.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define BASE_REPEATS_SHOWN 3                         // in a window
#define BASE_REPEATS_WINDOW_US (60 * G_USEC_PER_SEC) // from the first
#define BASE_REPEATS_KEYS 256                        // more are all shown

typedef struct BaseRepeats BaseRepeats;

/* `drop` frees an item. Full ownership. */
BaseRepeats *base_repeats_new(GDestroyNotify drop);
/* Drops the items. NULL is allowed. */
void base_repeats_free(BaseRepeats *repeats);

/* Monotonic `now_us`. True: show the item, which stays the caller's. False: it is taken and counts;
 * the newest of a key is kept. */
bool base_repeats_show(BaseRepeats *repeats, const char *key, void *item, int64_t now_us);

/* Calls `sum` for each window over at `now_us` (INT64_MAX: all) that counted items: `item` is the
 * newest (full ownership), `count` how many were not shown. */
void base_repeats_over(BaseRepeats *repeats, int64_t now_us,
                       void (*sum)(void *item, unsigned count, void *data), void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseRepeats, base_repeats_free)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rate limits by key (a person, an invitation), in memory. One thread. The number of keys is
// bounded: keys that have their whole burst again are forgotten first.

#include <glib.h>
#include <stdint.h>

#define BASE_RATES_MAX 20000

/* `burst` at once, then one each `every_us`. */
typedef struct {
    int64_t every_us;
    unsigned burst;
} BaseRate;

typedef struct BaseRates BaseRates;

BaseRates *base_rates_new(void);        // full ownership
void base_rates_free(BaseRates *rates); // NULL is allowed

/* Counts one use of `key` and returns 0; or counts nothing and returns in how many microseconds
 * there will be room again. `now_us` is monotonic. */
int64_t base_rates_wait(BaseRates *rates, const char *key, BaseRate rate, int64_t now_us);
/* The key has its whole burst again. */
void base_rates_forget(BaseRates *rates, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseRates, base_rates_free)

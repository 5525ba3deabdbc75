// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rate limits by key. Forgets keys with a full burst, and all above the limit. One thread.

#include <glib.h>
#include <stdint.h>

#define BASE_RATES_MAX 20000

/* Then one every `every_us`. */
typedef struct {
    int64_t every_us;
    unsigned burst;
} BaseRate;

typedef struct BaseRates BaseRates;

BaseRates *base_rates_new(void);
void base_rates_free(BaseRates *rates);

/* 0: counts a use; else microseconds to wait. Monotonic `now_us`. */
int64_t base_rates_wait(BaseRates *rates, const char *key, BaseRate rate, int64_t now_us);
void base_rates_forget(BaseRates *rates, const char *key);
unsigned base_rates_keys(const BaseRates *rates); // held in memory

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BaseRates, base_rates_free)

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A histogram of durations; zeros: empty. Lock-free. Any thread.

#include <stdatomic.h>
#include <stdint.h>

#define BASE_HISTOGRAM_BOUNDS 12

static const int64_t base_histogram_bounds_us[BASE_HISTOGRAM_BOUNDS] = {
    1000, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

typedef struct {
    atomic_uint_fast64_t counts[BASE_HISTOGRAM_BOUNDS + 1]; // the last: above all bounds
    atomic_uint_fast64_t sum_us;
} BaseHistogram;

typedef struct {
    uint64_t counts[BASE_HISTOGRAM_BOUNDS + 1]; // not cumulative
    uint64_t sum_us;
} BaseHistogramValues;

static inline void base_histogram_observe(BaseHistogram *histogram, int64_t duration_us)
{
    unsigned at = 0;
    duration_us = duration_us > 0 ? duration_us : 0;
    while (at < BASE_HISTOGRAM_BOUNDS && duration_us > base_histogram_bounds_us[at]) {
        at++;
    }
    atomic_fetch_add_explicit(&histogram->counts[at], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_us, (uint64_t)duration_us, memory_order_relaxed);
}

/* Adds to `values`. */
static inline void base_histogram_read(const BaseHistogram *histogram, BaseHistogramValues *values)
{
    for (unsigned i = 0; i <= BASE_HISTOGRAM_BOUNDS; i++) {
        values->counts[i] += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
    }
    values->sum_us += atomic_load_explicit(&histogram->sum_us, memory_order_relaxed);
}

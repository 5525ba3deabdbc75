// SPDX-License-Identifier: GPL-3.0-or-later
// Counts peers' descriptors.
#include "base/descriptors.h"

#include <glib.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/resource.h>

static atomic_int left = INT_MAX / 2;

unsigned base_descriptors_budget(unsigned long limit)
{
    unsigned long reserve = MAX(BASE_DESCRIPTORS_RESERVED, limit / 8);
    return (unsigned)MIN(limit > 2 * reserve ? limit - reserve : limit / 2, INT_MAX / 2);
}

unsigned base_descriptors_start(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return INT_MAX / 2;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    unsigned budget = base_descriptors_budget(limit.rlim_cur);
    atomic_store(&left, (int)budget);
    return budget;
}

bool base_descriptors_take(unsigned count)
{
    int now = atomic_load(&left);
    do {
        if (now < (int)count) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(&left, &now, now - (int)count));
    return true;
}

void base_descriptors_give(unsigned count)
{
    atomic_fetch_add(&left, (int)count);
}

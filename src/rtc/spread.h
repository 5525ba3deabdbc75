// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How many out threads have viewers. One until half busy: each more wakes per picture, which costs
// small rooms more than sending. Pure.

#include "base/clock.h"

#define RTC_SPREAD_BUSY 0.5  // of a core: one more
#define RTC_SPREAD_CALM 0.25 // one fewer, if that keeps all below this for
#define RTC_SPREAD_CALM_US (10 * BASE_US_PER_S)

typedef struct {
    unsigned active; // threads, at least 1
    int64_t calm_us; // when one fewer began to suffice; 0: not now
} RtcSpread;

/* `busy`: each active thread, 0 to 1. Changes `active` by at most one. */
void rtc_spread_judge(RtcSpread *spread, const double *busy, unsigned max_threads, int64_t now_us);

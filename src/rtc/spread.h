// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How many out threads have viewers. One until it is half busy: each further one wakes for each
// picture, which costs a small room more than sending. Pure.

#include "base/clock.h"

#define RTC_SPREAD_BUSY 0.5  // of a core: one more
#define RTC_SPREAD_CALM 0.25 // if one fewer would be at most so busy: one fewer, after
#define RTC_SPREAD_CALM_US (10 * BASE_US_PER_S)

typedef struct {
    unsigned active; // threads, at least 1
    int64_t calm_us; // one fewer would do since; 0: would not
} RtcSpread;

/* `busy`: of each of the active threads, 0 to 1, lately. Changes `active` by at most one. */
void rtc_spread_judge(RtcSpread *spread, const double *busy, unsigned max_threads, int64_t now_us);

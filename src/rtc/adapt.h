// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which rendition one viewer gets, and whether any: down at once when it does not fit, up by trial
// after a quiet time that grows with each trial that failed. Pure; any thread.

#include "rtc/estimate.h"

#define RTC_MAX_RENDITIONS 8
#define RTC_HOLD_US (5 * BASE_US_PER_S) // quiet before a trial
#define RTC_MAX_HOLD_US (120 * BASE_US_PER_S)
#define RTC_TRIAL_US (10 * BASE_US_PER_S) // a trial that lasts so long has succeeded
#define RTC_SETTLE_US (2 * BASE_US_PER_S) // until what was sent before a change has gone through
#define RTC_PAUSE_US (3 * BASE_US_PER_S)  // the smallest does not fit for so long: paused

/* What may be chosen, largest first. */
typedef struct {
    unsigned n;
    uint32_t need[RTC_MAX_RENDITIONS]; // bit/s with sound and headers
} RtcLadder;

/* All zero at the beginning: the largest. */
typedef struct {
    unsigned level; // of the ladder
    bool paused;    // no video; `level` is where it goes on
    bool trial;
    int64_t changed_us; // 0: never
    int64_t full_us;    // last time the way was full
    int64_t unfit_us;   // since when the smallest does not fit, 0: it does
    int64_t hold_us;    // 0: RTC_HOLD_US
} RtcAdapt;

/* True when level or pause changed. */
bool rtc_adapt_verdict(RtcAdapt *adapt, const RtcLadder *ladder, const RtcVerdict *verdict,
                       int64_t now_us);

/* Now and then: true when a trial begins. `train`: what a burst showed that the way carries, 0:
 * unknown. */
bool rtc_adapt_try(RtcAdapt *adapt, const RtcLadder *ladder, uint32_t train, int64_t now_us);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Chooses a rendition: down at once, up by trials, fewer after failures. Pure.

#include "rtc/bandwidth/estimate.h"

#define RTC_MAX_RENDITIONS 8
#define RTC_HOLD_US (5 * BASE_US_PER_S) // quiet before a trial
#define RTC_MAX_HOLD_US (120 * BASE_US_PER_S)
#define RTC_TRIAL_US (10 * BASE_US_PER_S) // success
#define RTC_SETTLE_US (2 * BASE_US_PER_S) // ignores congestion from before a change
#define RTC_PAUSE_US (3 * BASE_US_PER_S)  // smallest does not fit: pause

/* Renditions, largest first. */
typedef struct {
    unsigned n;
    uint32_t need[RTC_MAX_RENDITIONS]; // bit/s, with audio and headers
} RtcLadder;

typedef struct {
    unsigned level;
    bool paused; // no video; resumes at `level`
    bool trial;
    int64_t changed_us;
    int64_t full_us;  // last congestion
    int64_t unfit_us; // smallest does not fit since; 0: fits
    int64_t hold_us;
} RtcAdapt;

/* True: level or pause changed. */
bool rtc_adapt_verdict(RtcAdapt *adapt, const RtcLadder *ladder, const RtcVerdict *verdict,
                       int64_t now_us);

/* Call periodically. True: a trial starts. `train`: rtc_estimate_train(). */
bool rtc_adapt_try(RtcAdapt *adapt, const RtcLadder *ladder, uint32_t train, int64_t now_us);

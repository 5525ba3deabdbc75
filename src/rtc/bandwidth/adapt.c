// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the rendition for one viewer: down at once, up by trial.
#include "rtc/bandwidth/adapt.h"

#include <glib.h>

#define SPARE 0.9        // of the received rate: drains the queue
#define MOSTLY 0.6       // of the smallest rendition: not a stall
#define TRAIN_MARGIN 1.2 // a train overestimates

static int64_t hold_us(const RtcAdapt *adapt)
{
    return adapt->hold_us != 0 ? adapt->hold_us : RTC_HOLD_US;
}

static bool change(RtcAdapt *adapt, unsigned level, bool paused, bool trial, int64_t now_us)
{
    adapt->level = level;
    adapt->paused = paused;
    adapt->trial = trial;
    adapt->changed_us = now_us;
    adapt->unfit_us = 0;
    return true;
}

static void end_trial(RtcAdapt *adapt, bool failed)
{
    if (adapt->trial) {
        adapt->hold_us = failed ? MIN(hold_us(adapt) * 2, RTC_MAX_HOLD_US)
                                : MAX(hold_us(adapt) / 2, RTC_HOLD_US);
    }
    adapt->trial = false;
}

/* Largest smaller one that fits, else the smallest. */
static unsigned fitting(const RtcAdapt *adapt, const RtcLadder *ladder, uint32_t rate)
{
    unsigned level = MIN(adapt->level + 1, ladder->n - 1);
    while (level < ladder->n - 1 && ladder->need[level] > rate * SPARE) {
        level++;
    }
    return level;
}

static bool on_smallest_full(RtcAdapt *adapt, const RtcLadder *ladder, const RtcVerdict *verdict,
                             int64_t now_us)
{
    if (verdict->rate >= ladder->need[ladder->n - 1] * MOSTLY) {
        adapt->unfit_us = 0;
        return false;
    }
    if (adapt->unfit_us == 0) {
        adapt->unfit_us = now_us;
    }
    if (!adapt->trial && now_us - adapt->unfit_us < RTC_PAUSE_US) {
        return false;
    }
    end_trial(adapt, true);
    return change(adapt, adapt->level, true, false, now_us);
}

bool rtc_adapt_verdict(RtcAdapt *adapt, const RtcLadder *ladder, const RtcVerdict *verdict,
                       int64_t now_us)
{
    if (ladder->n == 0) {
        return false;
    }
    adapt->level = MIN(adapt->level, ladder->n - 1);
    if (!verdict->full) {
        adapt->unfit_us = 0;
        return false;
    }
    adapt->full_us = now_us;
    bool settling = adapt->changed_us != 0 && now_us - adapt->changed_us < RTC_SETTLE_US;
    if (adapt->paused || (settling && !adapt->trial)) {
        return false;
    }
    if (adapt->level == ladder->n - 1) {
        return on_smallest_full(adapt, ladder, verdict, now_us);
    }
    if (ladder->need[adapt->level] <= verdict->rate * SPARE) {
        return false; // a burst; its queue drains
    }
    end_trial(adapt, true);
    return change(adapt, fitting(adapt, ladder, verdict->rate), false, false, now_us);
}

bool rtc_adapt_try(RtcAdapt *adapt, const RtcLadder *ladder, uint32_t train, int64_t now_us)
{
    if (ladder->n == 0) {
        return false;
    }
    if (adapt->trial && now_us - adapt->changed_us >= RTC_TRIAL_US) {
        end_trial(adapt, false);
    }
    if (adapt->trial || (adapt->level == 0 && !adapt->paused) ||
        now_us - MAX(adapt->changed_us, adapt->full_us) < hold_us(adapt)) {
        return false;
    }
    unsigned level = adapt->paused ? adapt->level : adapt->level - 1;
    if (train != 0 && train < ladder->need[level] * TRAIN_MARGIN) {
        return false;
    }
    return change(adapt, level, false, true, now_us);
}

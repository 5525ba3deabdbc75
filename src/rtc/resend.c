// SPDX-License-Identifier: GPL-3.0-or-later
// Maps sequence numbers to history packets; limits resends.
#include "rtc/resend.h"

#include <glib.h>

#define MASK (RTC_RESEND_WINDOW - 1)

G_STATIC_ASSERT((RTC_RESEND_WINDOW & MASK) == 0);

uint64_t rtc_resend_note(RtcResend *resend, const RtcSent *sent)
{
    resend->sent[resend->next & MASK] = *sent;
    return resend->next++;
}

void rtc_resend_forget(RtcResend *resend)
{
    resend->first = resend->next;
}

void rtc_resend_fill(RtcResend *resend, uint32_t bitrate, int64_t now_us)
{
    uint32_t a_second = MAX(bitrate, 64000u) / 8 / RTC_RESEND_SHARE;
    int64_t passed_us =
        resend->budget_us != 0 ? MIN(now_us - resend->budget_us, BASE_US_PER_S) : BASE_US_PER_S;
    uint32_t more = (uint32_t)((uint64_t)a_second * (uint64_t)passed_us / BASE_US_PER_S);
    resend->budget_us = now_us;
    resend->budget = MIN(a_second, resend->budget + more);
}

RtcSent *rtc_resend_find(RtcResend *resend, uint16_t sequence, uint64_t *out_number)
{
    uint64_t back = (uint16_t)((uint16_t)resend->next - sequence);
    if (back == 0 || back > RTC_RESEND_WINDOW || back > resend->next - resend->first) {
        return NULL;
    }
    *out_number = resend->next - back;
    return &resend->sent[*out_number & MASK];
}

bool rtc_resend_take(RtcResend *resend, RtcSent *sent, uint32_t bytes, int64_t guard_us,
                     int64_t now_us)
{
    uint32_t now_ms = (uint32_t)(now_us / BASE_US_PER_MS);
    bool just_now = sent->again && now_ms - sent->again_ms < (uint64_t)guard_us / BASE_US_PER_MS;
    if (just_now || bytes > resend->budget) {
        return false;
    }
    resend->budget -= bytes;
    sent->again = true;
    sent->again_ms = now_ms;
    return true;
}

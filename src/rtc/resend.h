// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Maps a viewer's sequence numbers to packets in the history; limits resends by window, bytes and
// interval.

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define RTC_RESEND_WINDOW 512 // video packets
#define RTC_RESEND_SHARE 4    // of the bit rate

/* Locates a payload. */
typedef struct {
    uint32_t unit;      // low bits of the history's number
    uint32_t again_ms;  // last resend, low bits
    uint16_t packet;    // of the unit
    uint16_t transport; // its transport-wide sequence number
    uint8_t track;
    bool again;
} RtcSent;

typedef struct {
    uint64_t first, next;
    int64_t budget_us; // refilled
    uint32_t budget;   // bytes
    RtcSent sent[RTC_RESEND_WINDOW];
} RtcResend;

/* Returns the number it gets. */
uint64_t rtc_resend_note(RtcResend *resend, const RtcSent *sent);

/* Forgets all packets. */
void rtc_resend_forget(RtcResend *resend);

/* Refills the budget, at most for a second. */
void rtc_resend_fill(RtcResend *resend, uint32_t bitrate, int64_t now_us);

/* NULL: unavailable. */
RtcSent *rtc_resend_find(RtcResend *resend, uint16_t sequence, uint64_t *out_number);

/* True if the budget allows it and the last resend is older than `guard_us`. */
bool rtc_resend_take(RtcResend *resend, RtcSent *sent, uint32_t bytes, int64_t guard_us,
                     int64_t now_us);

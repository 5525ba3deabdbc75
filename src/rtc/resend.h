// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which packet of the shared history a viewer got under which sequence number, and whether it may
// have it again: a window, a budget of bytes, and no second time before the first can have arrived.
// A value within its viewer; its thread.

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define RTC_RESEND_WINDOW 512 // video packets that a NACK may reach back
#define RTC_RESEND_SHARE 4    // resends take at most 1/4 of the bit rate

/* Where a sent packet's payload is, to encrypt it again. */
typedef struct {
    uint32_t unit;      // low bits of its number in the track's history
    uint32_t again_ms;  // when it was resent, low bits
    uint16_t packet;    // of the unit
    uint16_t transport; // its transport-wide number
    uint8_t track;
    bool again; // it was resent
} RtcSent;

typedef struct {
    uint64_t first, next; // roll-over counter and sequence number: [first, next) was sent
    int64_t budget_us;    // when the budget was last filled
    uint32_t budget;      // bytes that may be resent now
    RtcSent sent[RTC_RESEND_WINDOW]; // by the low bits of the number
} RtcResend;

/* Of the packet that gets the number `next`, which moves on: that number. */
uint64_t rtc_resend_note(RtcResend *resend, const RtcSent *sent);

/* What was sent before is of no use any more. */
void rtc_resend_forget(RtcResend *resend);

/* Fills by a quarter of `bitrate`, up to a second's worth. */
void rtc_resend_fill(RtcResend *resend, uint32_t bitrate, int64_t now_us);

/* The sent packet that a NACK names by `sequence`, with its number, or NULL. */
RtcSent *rtc_resend_find(RtcResend *resend, uint16_t sequence, uint64_t *out_number);

/* True, and noted, where `bytes` of it may go now: within the budget, and not again within
 * `guard_us`. */
bool rtc_resend_take(RtcResend *resend, RtcSent *sent, uint32_t bytes, int64_t guard_us,
                     int64_t now_us);

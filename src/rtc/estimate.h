// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the way to one viewer carries, from what comes back: transport-wide feedback, else REMB,
// else the loss in reports. Feedback is gathered over windows; each ends in a verdict. Pure; any
// thread.
//
// A way is full when even the fastest packet of a window waited (a standing queue, as in RFC 8289),
// or when much is lost for a while. Then, and only then, what arrives is what the way carries.

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define RTC_WINDOW_US (400 * BASE_US_PER_MS)
#define RTC_WINDOW_PACKETS 10                    // at least, told of
#define RTC_QUEUE_US (100 * BASE_US_PER_MS)      // that stands for a window: full
#define RTC_LOSS_AT_ONCE 0.30                    // in one window: full
#define RTC_LOSS_LASTING 0.10                    // over some windows: full
#define RTC_TRAIN_MAX_AGE_US (4 * BASE_US_PER_S) // of what a burst showed

typedef struct {
    bool full;
    uint32_t rate; // bit/s that arrive
} RtcVerdict;

/* All zero at the beginning. */
typedef struct {
    // the window
    int64_t opened_us;         // 0: none
    int64_t first_us, last_us; // arrivals, receiver's clock
    int64_t least_us;          // arrival less sending
    uint32_t bytes, received, lost;
    // longer
    int64_t base_us[2], base_opened_us; // least of the last and of this period
    double loss;                        // smoothed
    // packets that were sent together: how they arrive shows what the way carries
    int64_t train_sent_us, train_first_us, train_last_us;
    uint32_t train_bytes, train_packets;
    uint32_t train_rate; // bit/s, the last one's
    int64_t train_us;    // when, 0: none yet
    // reports that each say too little
    uint64_t report_bytes;
    uint32_t report_packets;
    double report_lost; // packets
    int64_t report_span_us;
} RtcEstimate;

/* One packet of a feedback, in the order in which they were sent. */
void rtc_estimate_received(RtcEstimate *estimate, int64_t sent_us, int64_t arrival_us,
                           uint32_t bytes, int64_t now_us);
void rtc_estimate_lost(RtcEstimate *estimate, int64_t now_us);

/* After each feedback: true when a window ended, with its verdict. */
bool rtc_estimate_close(RtcEstimate *estimate, int64_t now_us, RtcVerdict *out);

/* A receiver report in place of a window: of `packets` and `bytes` that were sent over `span_us`,
 * `fraction`/256 were lost. Reports that come often (RFC 4585: with each NACK) are gathered. False
 * where that says nothing yet. */
bool rtc_estimate_report(RtcEstimate *estimate, uint8_t fraction, uint32_t packets, uint64_t bytes,
                         int64_t span_us, RtcVerdict *out);

/* What the last burst showed, in bit/s; 0: nothing new. */
uint32_t rtc_estimate_train(const RtcEstimate *estimate, int64_t now_us);

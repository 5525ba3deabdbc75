// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Estimates the bandwidth to a viewer from transport-wide feedback, REMB or loss reports. Pure.
//
// A full path queues even a window's fastest packet (RFC 8289) or loses many. Only then is the
// received rate the bandwidth.
#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define RTC_WINDOW_US (400 * BASE_US_PER_MS)
#define RTC_WINDOW_PACKETS 10
#define RTC_QUEUE_US (100 * BASE_US_PER_MS) // queueing delay
#define RTC_LOSS_AT_ONCE 0.30               // in one window
#define RTC_LOSS_LASTING 0.10               // smoothed
#define RTC_TRAIN_MAX_AGE_US (4 * BASE_US_PER_S)

typedef struct {
    bool full;
    uint32_t rate; // bit/s received
} RtcVerdict;

typedef struct {
    int64_t opened_us;         // 0: not open
    int64_t first_us, last_us; // receiver's clock
    int64_t least_us;          // arrival - send time
    uint32_t bytes, received, lost;
    int64_t base_us[2], base_opened_us; // smallest, last and current period
    double loss;                        // smoothed
    // packets sent together: arrival shows bandwidth
    int64_t train_sent_us, train_first_us, train_last_us;
    uint32_t train_bytes, train_packets;
    uint32_t train_rate; // bit/s
    int64_t train_us;    // of train_rate; 0: none
    // sums of receiver reports
    uint64_t report_bytes;
    uint32_t report_packets;
    double report_lost; // packets
    int64_t report_span_us;
} RtcEstimate;

/* In sending order. */
void rtc_estimate_received(RtcEstimate *estimate, int64_t sent_us, int64_t arrival_us,
                           uint32_t bytes, int64_t now_us);
void rtc_estimate_lost(RtcEstimate *estimate, int64_t now_us);

/* After each feedback message; true: verdict. */
bool rtc_estimate_close(RtcEstimate *estimate, int64_t now_us, RtcVerdict *out);

/* `fraction`/256 lost in `span_us`. Sums frequent reports (RFC 4585). True: verdict. */
bool rtc_estimate_report(RtcEstimate *estimate, uint8_t fraction, uint32_t packets, uint64_t bytes,
                         int64_t span_us, RtcVerdict *out);

/* bit/s of the last train; 0: none recent. */
uint32_t rtc_estimate_train(const RtcEstimate *estimate, int64_t now_us);

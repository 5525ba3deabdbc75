// SPDX-License-Identifier: GPL-3.0-or-later
// Estimates bandwidth from a viewer's feedback.
#include "rtc/bandwidth/estimate.h"

#include <glib.h>

#define BASE_PERIOD_US (10 * BASE_US_PER_S) // clocks drift by 1 ms
#define BASE_JUMP_US (10 * BASE_US_PER_S)   // the receiver's clock was reset
#define TRAIN_PACKETS 8
#define TRAIN_SENT_US (2 * BASE_US_PER_MS)
#define REPORT_PACKETS 20u
#define REPORT_MAX_US (5 * BASE_US_PER_S) // discards too few packets
#define LOSS_SHARE 8                      // 1/weight of a new window

static void open_window(RtcEstimate *estimate, int64_t now_us)
{
    if (estimate->opened_us == 0) {
        estimate->opened_us = now_us;
        estimate->bytes = estimate->received = estimate->lost = 0;
        estimate->least_us = INT64_MAX;
    }
}

static void follow_base(RtcEstimate *estimate, int64_t transit_us, int64_t now_us)
{
    int64_t *base = estimate->base_us;
    if (estimate->base_opened_us == 0 || ABS(transit_us - base[1]) > BASE_JUMP_US) {
        base[0] = base[1] = transit_us;
        estimate->base_opened_us = now_us;
    } else if (now_us - estimate->base_opened_us > BASE_PERIOD_US) {
        base[0] = base[1];
        base[1] = transit_us;
        estimate->base_opened_us = now_us;
    }
    base[1] = MIN(base[1], transit_us);
}

static uint32_t rate_of(uint64_t bytes, int64_t span_us)
{
    uint64_t rate = bytes * 8 * BASE_US_PER_S / (uint64_t)MAX(span_us, 1);
    return (uint32_t)MIN(rate, UINT32_MAX);
}

static void end_train(RtcEstimate *estimate, int64_t now_us)
{
    if (estimate->train_packets >= TRAIN_PACKETS) {
        int64_t span_us = estimate->train_last_us - estimate->train_first_us;
        estimate->train_rate = rate_of(estimate->train_bytes, MAX(span_us, BASE_US_PER_MS));
        estimate->train_us = now_us;
    }
    estimate->train_packets = 0;
}

static void follow_train(RtcEstimate *estimate, int64_t sent_us, int64_t arrival_us, uint32_t bytes,
                         int64_t now_us)
{
    if (estimate->train_packets == 0 || sent_us - estimate->train_sent_us > TRAIN_SENT_US) {
        end_train(estimate, now_us);
        estimate->train_sent_us = sent_us;
        estimate->train_first_us = arrival_us;
        estimate->train_bytes = 0; // the first packet only starts the clock
    } else {
        estimate->train_bytes += bytes;
    }
    estimate->train_last_us = arrival_us;
    estimate->train_packets++;
}

void rtc_estimate_received(RtcEstimate *estimate, int64_t sent_us, int64_t arrival_us,
                           uint32_t bytes, int64_t now_us)
{
    int64_t transit_us = arrival_us - sent_us;
    open_window(estimate, now_us);
    follow_base(estimate, transit_us, now_us);
    follow_train(estimate, sent_us, arrival_us, bytes, now_us);
    if (estimate->received++ == 0) {
        estimate->first_us = arrival_us;
    }
    estimate->last_us = arrival_us;
    estimate->bytes += bytes;
    estimate->least_us = MIN(estimate->least_us, transit_us);
}

void rtc_estimate_lost(RtcEstimate *estimate, int64_t now_us)
{
    open_window(estimate, now_us);
    estimate->lost++;
}

static bool loses(RtcEstimate *estimate, double share)
{
    estimate->loss += (share - estimate->loss) / LOSS_SHARE;
    return share > RTC_LOSS_AT_ONCE || estimate->loss > RTC_LOSS_LASTING;
}

bool rtc_estimate_close(RtcEstimate *estimate, int64_t now_us, RtcVerdict *out)
{
    uint32_t reported = estimate->received + estimate->lost;
    int64_t open_us = now_us - estimate->opened_us;
    if (estimate->opened_us == 0 || reported < RTC_WINDOW_PACKETS || open_us < RTC_WINDOW_US) {
        return false;
    }
    int64_t base_us = MIN(estimate->base_us[0], estimate->base_us[1]);
    int64_t span_us = estimate->last_us - estimate->first_us;
    bool queue = estimate->received > 0 && estimate->least_us - base_us > RTC_QUEUE_US;
    bool lossy = loses(estimate, (double)estimate->lost / reported);
    *out = (RtcVerdict){
        .full = queue || lossy,
        .rate = rate_of(estimate->bytes, span_us > RTC_WINDOW_US / 2 ? span_us : open_us)};
    estimate->opened_us = 0;
    return true;
}

bool rtc_estimate_report(RtcEstimate *estimate, uint8_t fraction, uint32_t packets, uint64_t bytes,
                         int64_t span_us, RtcVerdict *out)
{
    estimate->report_packets += packets;
    estimate->report_bytes += bytes;
    estimate->report_lost += packets * (fraction / 256.0);
    estimate->report_span_us += span_us;
    bool enough = estimate->report_packets >= REPORT_PACKETS;
    if (enough && estimate->report_span_us < RTC_WINDOW_US) {
        return false;
    }
    if (enough) {
        double share = estimate->report_lost / estimate->report_packets;
        double arrived = (double)estimate->report_bytes * (1 - share);
        *out = (RtcVerdict){.full = loses(estimate, share),
                            .rate = rate_of((uint64_t)arrived, estimate->report_span_us)};
    }
    if (enough || estimate->report_packets == 0 || estimate->report_span_us > REPORT_MAX_US) {
        estimate->report_packets = 0;
        estimate->report_bytes = 0;
        estimate->report_lost = 0;
        estimate->report_span_us = 0;
    }
    return enough;
}

uint32_t rtc_estimate_train(const RtcEstimate *estimate, int64_t now_us)
{
    bool young = estimate->train_us != 0 && now_us - estimate->train_us < RTC_TRAIN_MAX_AGE_US;
    return young ? estimate->train_rate : 0;
}

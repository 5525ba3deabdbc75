// SPDX-License-Identifier: GPL-3.0-or-later
// RTCP feedback: transport-wide, REMB, report blocks; estimate and trials.
#include "tests.h"

#include "base/bytes.h"
#include "rtc/bandwidth/adapt.h"
#include "protocol/twcc.h"

#include <errno.h>
#include <glib.h>

/* A feedback packet after the sender's SSRC, in an exact copy. Full ownership. */
static uint8_t *body_of(const uint8_t *fci, size_t size, ProtocolRtcp *out)
{
    uint8_t *body = g_malloc0(4 + size);
    memcpy(body + 4, fci, size);
    *out = (ProtocolRtcp){
        .type = PROTOCOL_RTCP_RTPFB, .count = PROTOCOL_RTCP_TWCC, .body = body, .size = 4 + size};
    return body;
}

static int open_fci(const uint8_t *fci, size_t size)
{
    ProtocolRtcp packet;
    ProtocolTwcc twcc;
    g_autofree uint8_t *body = body_of(fci, size, &packet);
    return protocol_twcc_open(&packet, &twcc);
}

/* From the draft's figures: a run of two received, a vector of one-bit symbols, one of two-bit
 * symbols with a negative delta. */
static void test_twcc(void)
{
    static const uint8_t fci[] = {
        0xff, 0xfe, 0,    23,    // from 65534, 23 statuses
        0xff, 0xff, 0xff, 7,     // 64 ms before 0
        0x20, 2,                 // run: 2 x small
        0xa0, 0x01,              // vector: 1 0 0 0 0 0 0 0 0 0 0 0 0 1
        0xd8, 0x10,              // vector of two bits: 1 2 0 0 1 0 0
        4,    8,    1,    2,  3, // small ones: 1, 2, 0.25, 0.5, 0.75 ms
        0xff, 0xfc, 40,          // -1 ms, 10 ms
    };
    static const int64_t arrivals[23] = {-63000, -61000, -60750,       [15] = -60250,
                                         -59500, -60500, [20] = -50500};
    static const bool received[23] = {
        [0] = 1, [1] = 1, [2] = 1, [15] = 1, [16] = 1, [17] = 1, [20] = 1};
    ProtocolRtcp packet;
    ProtocolTwcc twcc;
    ProtocolTwccStatus status;
    g_autofree uint8_t *body = body_of(fci, sizeof fci, &packet);
    g_assert_cmpint(protocol_twcc_open(&packet, &twcc), ==, 0);
    for (unsigned i = 0; i < 23; i++) {
        g_assert_true(protocol_twcc_next(&twcc, &status));
        g_assert_cmpuint(status.sequence, ==, (uint16_t)(65534 + i));
        g_assert_cmpint(status.received, ==, received[i]);
        if (received[i]) {
            g_assert_cmpint(status.arrival_us, ==, arrivals[i]);
        }
    }
    g_assert_false(protocol_twcc_next(&twcc, &status));
    for (size_t cut = 0; cut < sizeof fci; cut++) { // every byte is needed
        g_assert_cmpint(open_fci(fci, cut), ==, -EBADMSG);
    }
}

static void test_twcc_malformed(void)
{
    static const uint8_t none[] = {0, 1, 0, 0, 0, 0, 0, 0, 0x20, 1, 4, 0};
    static const uint8_t reserved[] = {0, 1, 0, 1, 0, 0, 0, 0, 0x60, 1, 4, 0};
    static const uint8_t empty_run[] = {0, 1, 0, 1, 0, 0, 0, 0, 0x20, 0, 0x20, 0, 0x20, 0, 0, 0};
    static const uint8_t few_deltas[] = {0, 1, 0, 9, 0, 0, 0, 0, 0x20, 9, 4, 0};
    static const uint8_t many[] = {0,    1,    0xff, 0xff, 0,    0,    0,    0,    0x1f,
                                   0xff, 0x1f, 0xff, 0x1f, 0xff, 0x1f, 0xff, 0x1f, 0xff,
                                   0x1f, 0xff, 0x1f, 0xff, 0x1f, 0xff, 0x1f, 0xff};
    static const uint8_t outage[] = {0, 1, 0x20, 0, 0, 0, 0, 0, 0x1f, 0xff, 0, 1};
    g_assert_cmpint(open_fci(none, sizeof none), ==, -EBADMSG);
    g_assert_cmpint(open_fci(reserved, sizeof reserved), ==, -EBADMSG);
    g_assert_cmpint(open_fci(empty_run, sizeof empty_run), ==, -EBADMSG);
    g_assert_cmpint(open_fci(few_deltas, sizeof few_deltas), ==, -EBADMSG);
    g_assert_cmpint(open_fci(many, sizeof many), ==, -EBADMSG);
    g_assert_cmpint(open_fci(outage, sizeof outage), ==, 0); // 8192 lost packets
    GRand *random = g_rand_new_with_seed(1);
    for (int round = 0; round < 20000; round++) {
        uint8_t fci[40];
        size_t size = (size_t)g_rand_int_range(random, 0, sizeof fci);
        for (size_t i = 0; i < size; i++) {
            fci[i] = (uint8_t)g_rand_int(random);
        }
        if (size > 2) {
            fci[2] = 0; // small counts pass
        }
        ProtocolRtcp packet;
        ProtocolTwcc twcc;
        ProtocolTwccStatus status;
        g_autofree uint8_t *body = body_of(fci, size, &packet);
        unsigned n = 0;
        if (protocol_twcc_open(&packet, &twcc) == 0) {
            for (; protocol_twcc_next(&twcc, &status); n++) {
            }
            g_assert_cmpuint(n, ==, base_get_u16(fci + 2));
        }
    }
    g_rand_free(random);
}

static void test_ring(void)
{
    g_autofree ProtocolTwccRing *ring = g_new0(ProtocolTwccRing, 1);
    int64_t sent_us, now_us = INT64_C(0x1ffffff00); // low bits wrap soon
    uint32_t bytes;
    g_assert_false(protocol_twcc_cover(ring, 0, now_us, &sent_us, &bytes));
    for (unsigned i = 0; i < 70000; i++) {
        g_assert_cmpuint(protocol_twcc_sent(ring, 1 + i % 7, now_us + i), ==, (uint16_t)i);
    }
    now_us += 70000;
    g_assert_false(
        protocol_twcc_cover(ring, (uint16_t)70000, now_us, &sent_us, &bytes)); // not sent yet
    g_assert_false(protocol_twcc_cover(ring, (uint16_t)(70000 - PROTOCOL_TWCC_RING - 1), now_us,
                                       &sent_us, &bytes));
    g_assert_true(protocol_twcc_cover(ring, (uint16_t)69990, now_us, &sent_us, &bytes));
    g_assert_cmpint(sent_us, ==, now_us - 10);
    g_assert_cmpuint(bytes, ==, 1 + 69990 % 7);
    uint32_t left = 0;
    for (unsigned i = 69991; i < 70000; i++) {
        left += 1 + i % 7;
    }
    g_assert_cmpuint(protocol_twcc_in_flight(ring), ==, left);
    g_assert_false(
        protocol_twcc_cover(ring, (uint16_t)69990, now_us, &sent_us, &bytes)); // reported before
    g_assert_true(protocol_twcc_cover(ring, (uint16_t)69999, now_us, &sent_us, &bytes));
    g_assert_cmpuint(protocol_twcc_in_flight(ring), ==, 0);
}

static void test_remb(void)
{
    uint8_t body[20] = {0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, 0x0b, 0xd0, 0x90, 0, 0, 0, 77};
    ProtocolRtcp packet = {
        .type = PROTOCOL_RTCP_PSFB, .count = PROTOCOL_RTCP_AFB, .body = body, .size = 16};
    uint32_t rate;
    g_assert_true(protocol_rtcp_remb(&packet, &rate));
    g_assert_cmpuint(rate, ==, 0x3d090 << 2); // 1 Mbit/s
    body[9] = 0xff;
    g_assert_true(protocol_rtcp_remb(&packet, &rate));
    g_assert_cmpuint(rate, ==, UINT32_MAX);
    body[8] = 2; // one SSRC too few
    g_assert_false(protocol_rtcp_remb(&packet, &rate));
    body[8] = 0;
    packet.size = 11;
    g_assert_false(protocol_rtcp_remb(&packet, &rate));
    packet.size = 16;
    body[4] = 'X';
    g_assert_false(protocol_rtcp_remb(&packet, &rate));
}

static void test_block(void)
{
    uint8_t body[24] = {0, 0, 0, 77, 64, [16] = 1, 2, 3, 4, 0, 1, 0, 0};
    ProtocolRtcp packet = {.type = PROTOCOL_RTCP_RR, .count = 1, .body = body, .size = 24};
    ProtocolReportBlock block;
    g_assert_true(protocol_rtcp_block(&packet, 0, &block));
    g_assert_cmpuint(block.ssrc, ==, 77);
    g_assert_cmpuint(block.fraction, ==, 64);
    g_assert_cmphex(block.last, ==, 0x01020304);
    g_assert_cmphex(block.delay, ==, 0x10000);
    g_assert_false(protocol_rtcp_block(&packet, 1, &block));
    packet.count = 2;
    g_assert_false(protocol_rtcp_block(&packet, 1, &block));
    packet.type = PROTOCOL_RTCP_SR; // skips its own 20 bytes
    g_assert_false(protocol_rtcp_block(&packet, 0, &block));
}

/* 5 % random loss for an hour: the path is never full. */
static void test_random_loss(void)
{
    RtcEstimate estimate = {0};
    RtcVerdict verdict;
    GRand *random = g_rand_new_with_seed(5);
    unsigned windows = 0;
    for (int64_t now_us = 1; now_us < 3600 * BASE_US_PER_S; now_us += 10 * BASE_US_PER_MS) {
        if (g_rand_int_range(random, 0, 20) == 0) {
            rtc_estimate_lost(&estimate, now_us);
        } else {
            rtc_estimate_received(&estimate, now_us - 20000, now_us, 1000, now_us);
        }
        if (rtc_estimate_close(&estimate, now_us, &verdict)) {
            g_assert_false(verdict.full);
            windows++;
        }
    }
    g_assert_cmpuint(windows, >, 8000);
    g_rand_free(random);
}

/* Each failed trial doubles the quiet time, up to a limit; a successful one halves it. */
static void test_trials(void)
{
    const RtcLadder ladder = {.n = 2, .need = {2000000, 300000}};
    const RtcVerdict full = {.full = true, .rate = 400000};
    RtcAdapt adapt = {0};
    int64_t now_us = 1, last_us = 0;
    g_assert_true(rtc_adapt_verdict(&adapt, &ladder, &full, now_us));
    g_assert_cmpuint(adapt.level, ==, 1);
    g_assert_false(rtc_adapt_verdict(&adapt, &ladder, &full, now_us + 1)); // settling
    const int64_t holds[] = {5, 10, 20, 40, 80, 120, 120};
    for (unsigned i = 0; i < G_N_ELEMENTS(holds); i++) {
        last_us = now_us;
        while (!rtc_adapt_try(&adapt, &ladder, 0, now_us)) {
            now_us += 100 * BASE_US_PER_MS;
        }
        g_assert_cmpint((now_us - last_us) / BASE_US_PER_S, ==, holds[i]);
        g_assert_cmpuint(adapt.level, ==, 0);
        now_us += BASE_US_PER_S;
        g_assert_true(rtc_adapt_verdict(&adapt, &ladder, &full, now_us)); // trials do not settle
        g_assert_cmpuint(adapt.level, ==, 1);
    }
    now_us += 121 * BASE_US_PER_S;
    g_assert_false(rtc_adapt_try(&adapt, &ladder, 1000000, now_us)); // trains showed too little
    g_assert_true(rtc_adapt_try(&adapt, &ladder, 9000000, now_us));
    now_us += RTC_TRIAL_US;
    rtc_adapt_try(&adapt, &ladder, 0, now_us);
    g_assert_false(adapt.trial);
    g_assert_cmpint(adapt.hold_us, ==, RTC_MAX_HOLD_US / 2);
    const RtcVerdict burst = {.full = true, .rate = 4000000}; // the sent rate fits
    g_assert_false(rtc_adapt_verdict(&adapt, &ladder, &burst, now_us + 10 * BASE_US_PER_S));
}

void add_feedback_tests(void)
{
    g_test_add_func("/rtc/feedback/twcc", test_twcc);
    g_test_add_func("/rtc/feedback/twcc-malformed", test_twcc_malformed);
    g_test_add_func("/rtc/feedback/ring", test_ring);
    g_test_add_func("/rtc/feedback/remb", test_remb);
    g_test_add_func("/rtc/feedback/block", test_block);
    g_test_add_func("/rtc/feedback/random-loss", test_random_loss);
    g_test_add_func("/rtc/feedback/trials", test_trials);
}

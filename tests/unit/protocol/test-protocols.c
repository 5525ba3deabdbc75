// SPDX-License-Identifier: GPL-3.0-or-later
// STUN with the vectors of RFC 5769; RTCP compounds; first bytes.
#include "tests.h"

#include "base/bytes.h"
#include "protocol/rtcp.h"
#include "protocol/stun.h"

#include <errno.h>
#include <glib.h>

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

static const uint8_t request[] = { // RFC 5769 2.1
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
    0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
    0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
    0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
    0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

static const uint8_t response_v4[] = { // RFC 5769 2.2
    0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
    0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
    0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9,
    0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96};

static const uint8_t response_v6[] = { // RFC 5769 2.3
    0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
    0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63,
    0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa,
    0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14,
    0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2, 0x75,
    0xbf, 0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c};

static void test_stun_request(void)
{
    ProtocolStun message;
    g_assert_cmpint(protocol_stun_parse(request, sizeof request, &message), ==, 0);
    g_assert_cmphex(message.type, ==, PROTOCOL_STUN_REQUEST);
    g_assert_cmpmem(message.username, message.username_size, "evtj:h6vY", 9);
    g_assert_true(message.controlled);
    g_assert_false(message.use_candidate);
    g_assert_cmpuint(message.unknown, ==, 0);
    g_assert_true(protocol_stun_verify(&message, PASSWORD));
    g_assert_false(protocol_stun_verify(&message, "VOkJxbRl1RmTxUk/WvJxBu"));
}

/* The RFC's responses verify, and ours have the same address attribute. */
static void check_response(const uint8_t *vector, size_t size, const ProtocolAddress *from)
{
    ProtocolStun asked, message;
    uint8_t reply[PROTOCOL_STUN_MAX_REPLY_BYTES];
    g_assert_cmpint(protocol_stun_parse(vector, size, &message), ==, 0);
    g_assert_true(protocol_stun_verify(&message, PASSWORD));
    protocol_stun_parse(request, sizeof request, &asked);
    size_t ours = protocol_stun_success(&asked, from, PASSWORD, reply);
    g_assert_cmpint(protocol_stun_parse(reply, ours, &message), ==, 0);
    g_assert_true(protocol_stun_verify(&message, PASSWORD));
    g_assert_cmphex(message.type, ==, PROTOCOL_STUN_SUCCESS);
    size_t attribute = 4 + vector[39]; // after SOFTWARE, which ours lack
    g_assert_cmpmem(reply + 20, attribute, vector + 36, attribute);
    g_assert_cmpmem(reply + 4, 16, vector + 4, 16);
}

static void test_stun_responses(void)
{
    ProtocolAddress v4 = {.ip = {[10] = 0xff, 0xff, 192, 0, 2, 1}, .port = 32853};
    ProtocolAddress v6 = {.ip = {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x00, 0x11, 0x22,
                                 0x33, 0x44, 0x55, 0x66, 0x77},
                          .port = 32853};
    check_response(response_v4, sizeof response_v4, &v4);
    check_response(response_v6, sizeof response_v6, &v6);
}

/* Refused if cut, or with any bit flipped. */
static void test_stun_damaged(void)
{
    ProtocolStun message;
    for (size_t size = 0; size < sizeof request; size++) {
        g_autofree uint8_t *cut = g_memdup2(request, size);
        g_assert_cmpint(protocol_stun_parse(cut, size, &message), ==, -EBADMSG);
    }
    for (size_t bit = 0; bit < 8 * sizeof request; bit++) {
        g_autofree uint8_t *turned = g_memdup2(request, sizeof request);
        turned[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_cmpint(protocol_stun_parse(turned, sizeof request, &message), ==, -EBADMSG);
    }
}

static void test_rtcp_write(void)
{
    uint8_t out[PROTOCOL_RTCP_MAX_BYTES];
    for (size_t length = 1; length < 20; length++) {
        g_autofree char *cname = g_strnfill(length, 'c');
        ProtocolSenderReport report = {.ssrc = 0x01020304,
                                       .ntp = 5,
                                       .rtp_time = 6,
                                       .packets = 7,
                                       .bytes = 8,
                                       .cname = cname,
                                       .bye = true};
        size_t size = protocol_rtcp_write(&report, out), at = 0;
        g_assert_cmpuint(size % 4, ==, 0);
        g_assert_cmpint(protocol_rtcp_check(out, size), ==, 0);
        ProtocolRtcp packet;
        g_assert_true(protocol_rtcp_next(out, size, &at, &packet));
        g_assert_cmpint(packet.type, ==, PROTOCOL_RTCP_SR);
        g_assert_cmphex(packet.sender, ==, 0x01020304);
        g_assert_cmpuint(base_get_u32(packet.body + 12), ==, 7);
        g_assert_true(protocol_rtcp_next(out, size, &at, &packet));
        g_assert_cmpint(packet.type, ==, PROTOCOL_RTCP_SDES);
        g_assert_cmpmem(packet.body + 2, packet.body[1], cname, length);
        g_assert_cmpint(packet.body[2 + length], ==, 0);
        g_assert_true(protocol_rtcp_next(out, size, &at, &packet));
        g_assert_true(protocol_rtcp_leaves(&packet, 0x01020304));
        g_assert_false(protocol_rtcp_leaves(&packet, 0x01020305));
        g_assert_false(protocol_rtcp_next(out, size, &at, &packet));
    }
    // 1970 and half a second
    g_assert_cmphex(protocol_rtcp_ntp(500000), ==, UINT64_C(2208988800) << 32 | 0x80000000);
}

static void test_rtcp_feedback(void)
{
    uint8_t bytes[] = {
        0x80, 201, 0, 1, 0, 0, 0, 1,                                                    // RR
        0x81, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 9, 0,   5,   0x80, 1,   0xff, 0xff, 0, 0, // NACK
        0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9,                                        // PLI
        0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0,   0,   0,    8,   1,    0,    0, 0, // FIR
        0x8f, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M',  'B', // unknown: skipped
        0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2,                      // BYE of two
    };
    g_assert_cmpint(protocol_rtcp_check(bytes, sizeof bytes), ==, 0);
    ProtocolRtcp packet[6], none;
    size_t at = 0;
    for (unsigned i = 0; i < 6; i++) {
        g_assert_true(protocol_rtcp_next(bytes, sizeof bytes, &at, &packet[i]));
        g_assert_cmpuint(packet[i].sender, ==, 1);
    }
    g_assert_false(protocol_rtcp_next(bytes, sizeof bytes, &at, &none));
    uint16_t first, mask;
    g_assert_cmpuint(protocol_rtcp_media(&packet[1]), ==, 9);
    g_assert_true(protocol_rtcp_nack(&packet[1], 0, &first, &mask));
    g_assert_cmphex(first, ==, 5);
    g_assert_cmphex(mask, ==, 0x8001);
    g_assert_true(protocol_rtcp_nack(&packet[1], 1, &first, &mask));
    g_assert_cmphex(first, ==, 0xffff);
    g_assert_false(protocol_rtcp_nack(&packet[1], 2, &first, &mask));
    g_assert_true(protocol_rtcp_wants_key(&packet[2], 9));
    g_assert_false(protocol_rtcp_wants_key(&packet[2], 8));
    g_assert_true(protocol_rtcp_wants_key(&packet[3], 8));
    g_assert_false(protocol_rtcp_wants_key(&packet[3], 9));
    g_assert_false(protocol_rtcp_wants_key(&packet[4], 0));
    g_assert_true(protocol_rtcp_leaves(&packet[5], 1));
    g_assert_true(protocol_rtcp_leaves(&packet[5], 2));
    g_assert_false(protocol_rtcp_leaves(&packet[5], 3));
}

static void test_rtcp_broken(void)
{
    static const struct {
        uint8_t bytes[24];
        size_t size;
    } broken[] = {
        {{0x80, 201, 0, 1, 0, 0, 0}, 7},                                  // cut
        {{0x40, 201, 0, 1, 0, 0, 0, 1}, 8},                               // version 1
        {{0x80, 201, 0, 2, 0, 0, 0, 1}, 8},                               // claims to be longer
        {{0x81, 201, 0, 1, 0, 0, 0, 1}, 8},                               // no block
        {{0x80, 202, 0, 1, 0, 0, 0, 1}, 8},                               // SDES first
        {{0x81, 203, 0, 1, 0, 0, 0, 1}, 8},                               // BYE first
        {{0x80, 200, 0, 1, 0, 0, 0, 1}, 8},                               // SR without times
        {{0xa0, 201, 0, 1, 0, 0, 0, 4, 0x80, 201, 0, 1, 0, 0, 0, 1}, 16}, // padding in the middle
        {{0xa0, 201, 0, 1, 0, 0, 0, 5}, 8},             // more padding than packet
        {{0x80, 201, 0, 1, 0, 0, 0, 1, 0x80, 203}, 10}, // trailing bytes
        {{0x80, 201, 0, 1, 0, 0, 0, 1, 0x82, 203, 0, 1, 0, 0, 0, 1}, 16}, // BYE of one less
        {{0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 206, 0, 1, 0, 0, 0, 1}, 16}, // PLI without media
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autofree uint8_t *bytes = g_memdup2(broken[i].bytes, broken[i].size);
        g_assert_cmpint(protocol_rtcp_check(bytes, broken[i].size), ==, -EBADMSG);
    }
}

/* Anything that passes the check can be walked within its bounds (run under ASan). */
static void test_rtcp_random(void)
{
    unsigned passed = 0;
    for (int round = 0; round < 200000; round++) {
        size_t size = 4 * (size_t)g_random_int_range(2, 12);
        g_autofree uint8_t *bytes = g_malloc(size);
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (uint8_t)(i % 4 == 2 ? 0 : g_random_int_range(0, i % 4 == 3 ? 4 : 256));
        }
        bytes[0] = (uint8_t)(0x80 | g_random_int_range(0, 3));
        bytes[1] = (uint8_t)g_random_int_range(200, 207);
        if (protocol_rtcp_check(bytes, size) < 0) {
            continue;
        }
        passed++;
        ProtocolRtcp packet;
        for (size_t at = 0; protocol_rtcp_next(bytes, size, &at, &packet);) {
            uint16_t first, mask;
            protocol_rtcp_nack(&packet, 0, &first, &mask);
            protocol_rtcp_nack(&packet, 3, &first, &mask);
            protocol_rtcp_wants_key(&packet, 1);
            protocol_rtcp_leaves(&packet, 1);
            protocol_rtcp_media(&packet);
        }
    }
    g_assert_cmpuint(passed, >, 1000);
}

void add_protocol_tests(void)
{
    g_test_add_func("/protocol/stun/request", test_stun_request);
    g_test_add_func("/protocol/stun/responses", test_stun_responses);
    g_test_add_func("/protocol/stun/damaged", test_stun_damaged);
    g_test_add_func("/protocol/rtcp/write", test_rtcp_write);
    g_test_add_func("/protocol/rtcp/feedback", test_rtcp_feedback);
    g_test_add_func("/protocol/rtcp/broken", test_rtcp_broken);
    g_test_add_func("/protocol/rtcp/random", test_rtcp_random);
}

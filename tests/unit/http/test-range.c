// SPDX-License-Identifier: GPL-3.0-or-later
// The Range field: RFC 9110 14.1.2, and numbers that do not fit.
#include "http/fields/range.h"

#include <glib.h>

typedef struct {
    const char *text;
    uint64_t size;
    HttpRange expected;
} Case;

static const Case cases[] = {
    {NULL, 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=0-0", 100, {HTTP_RANGE_PART, 0, 1}},
    {"bytes=0-499", 10000, {HTTP_RANGE_PART, 0, 500}},
    {"Bytes=9500-", 10000, {HTTP_RANGE_PART, 9500, 500}},
    {"bytes=-500", 10000, {HTTP_RANGE_PART, 9500, 500}},
    {"bytes=-500", 100, {HTTP_RANGE_PART, 0, 100}},
    {"bytes=5-99999999", 100, {HTTP_RANGE_PART, 5, 95}},
    {"bytes=00000000000000000000000001-2", 100, {HTTP_RANGE_PART, 1, 2}},
    {"bytes=99-", 100, {HTTP_RANGE_PART, 99, 1}},
    // behind the end
    {"bytes=100-", 100, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=-0", 100, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=0-", 0, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=-1", 0, {.kind = HTTP_RANGE_BEYOND}},
    // past what 63 and 64 bits hold
    {"bytes=9223372036854775807-", 100, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=9223372036854775809-9223372036854775810", 100, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=18446744073709551615-18446744073709551616", 100, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=18446744073709551617-", 100, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=18446744073709551615-", UINT64_MAX, {.kind = HTTP_RANGE_BEYOND}},
    {"bytes=1-18446744073709551617", 100, {HTTP_RANGE_PART, 1, 99}},
    {"bytes=-18446744073709551617", 100, {HTTP_RANGE_PART, 0, 100}},
    // ignored
    {"bytes=7-6", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=-", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=--1", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=+1-2", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=0x1-2", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=1-2x", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=0-1,3-4", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"bytes=0-,0-", 100, {HTTP_RANGE_ALL, 0, 100}},
    {"lines=0-1", 100, {HTTP_RANGE_ALL, 0, 100}},
};

static void test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *one = &cases[i];
        HttpRange got = http_range_parse(one->text, one->size);
        g_test_message("%s", one->text);
        g_assert_cmpint(got.kind, ==, one->expected.kind);
        g_assert_cmpuint(got.first, ==, one->expected.first);
        g_assert_cmpuint(got.length, ==, one->expected.length);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/range/cases", test_cases);
    return g_test_run();
}

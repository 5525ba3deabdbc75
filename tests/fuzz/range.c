// SPDX-License-Identifier: GPL-3.0-or-later
// Range fields. The input is "SIZE VALUE". The part lies within the file, and asking for exactly
// that part gives it again.
#include "fuzz.h"

#include "http/fields/range.h"

#include <glib.h>

int target(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    char *value;
    uint64_t of = g_ascii_strtoull(text, &value, 10);
    HttpRange got = http_range_parse(*value != '\0' ? value + 1 : NULL, of);
    if (got.kind == HTTP_RANGE_BEYOND) {
        g_assert_true(got.first == 0 && got.length == 0);
        return 0;
    }
    g_assert_cmpuint(got.length, <=, of);
    g_assert_cmpuint(got.first, <=, of - got.length);
    if (got.kind == HTTP_RANGE_ALL) {
        g_assert_cmpuint(got.length, ==, of);
        return 0;
    }
    g_assert_cmpuint(got.length, >, 0);
    g_autofree char *same = g_strdup_printf("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                                            got.first, got.first + got.length - 1);
    HttpRange again = http_range_parse(same, of);
    g_assert_true(again.kind == got.kind && again.first == got.first);
    g_assert_cmpuint(again.length, ==, got.length);
    return 0;
}

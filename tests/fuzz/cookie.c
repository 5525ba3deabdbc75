// SPDX-License-Identifier: GPL-3.0-or-later
// Cookie fields. A value that is found holds no separator, and is found again in a field of it
// alone and in front of the field.
#include "fuzz.h"

#include "http/fields/cookie.h"

#include <glib.h>
#include <string.h>

static void assert_found(const char *field, const char *value)
{
    g_autofree char *found = http_cookie_find(field, "majlis");
    g_assert_cmpstr(found, ==, value);
}

int target(const uint8_t *data, size_t size)
{
    g_autofree char *field = g_strndup((const char *)data, size);
    g_autofree char *value = http_cookie_find(field, "majlis");
    g_autofree char *behind = g_strconcat("a=majlis=b; amajlis=c;majlisa=d; ", field, NULL);
    assert_found(behind, value);
    if (value != NULL) {
        g_assert_cmpuint(strlen(value), <, size);
        g_assert_null(strchr(value, ';'));
        g_autofree char *alone = g_strconcat("majlis=", value, NULL);
        assert_found(alone, value);
        g_autofree char *before = g_strconcat(alone, ";", field, NULL);
        assert_found(before, value);
    }
    return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A line of text that somebody typed. Cleaned, it is never longer, stays as it is when cleaned
// again, holds no control character and none that turns direction, and shows something unless it is
// "".
#include "fuzz.h"

#include "base/text.h"

#include <glib.h>
#include <string.h>

/* An oracle of its own, without the table of ignorable characters. */
static bool may_be_seen(gunichar c)
{
    return g_unichar_isgraph(c) && !g_unichar_ismark(c) && c != 0x2800 && c != 0x3164;
}

static bool is_seen(gunichar c)
{
    return c > ' ' && c < 0x7f;
}

static bool has(const char *text, bool (*is)(gunichar c))
{
    while (*text != '\0' && !is(g_utf8_get_char(text))) {
        text = g_utf8_next_char(text);
    }
    return *text != '\0';
}

int target(const uint8_t *data, size_t size)
{
    g_autofree char *bytes = g_strndup((const char *)data, size);
    g_autofree char *text = g_utf8_make_valid(bytes, -1);
    g_autofree char *clean = base_text_clean(text);
    g_assert_true(g_utf8_validate(clean, -1, NULL));
    g_assert_cmpuint(strlen(clean), <=, strlen(text));
    g_assert_true(clean[0] != ' ' && !g_str_has_suffix(clean, " ") && strstr(clean, "  ") == NULL);
    for (const char *at = clean; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        g_assert_true(c == ' ' || !g_unichar_isspace(c));
        g_assert_false(g_unichar_iscntrl(c));
        g_assert_false((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
    }
    g_assert_true(clean[0] == '\0' ? !has(text, is_seen) : has(clean, may_be_seen));
    g_autofree char *again = base_text_clean(clean);
    g_assert_cmpstr(again, ==, clean);
    g_autofree char *apart = g_utf8_normalize(clean, -1, G_NORMALIZE_NFD); // has no fewer marks
    g_assert_true(base_text_has_too_many_marks(apart) || !base_text_has_too_many_marks(clean));
    return 0;
}

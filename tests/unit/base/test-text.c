// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of text: blank ones, removed characters, marks per letter, addresses.
#include "base/text.h"

#define A "\xd8\xa7" // Arabic alef

/* Invisible texts. */
static void test_blank(void)
{
    const char *blank[] = {
        "",
        "   ",
        "\t\r\n",
        "\u00a0\u2003\u3000",       // no-break, em and ideographic space
        "\u200b",                   // zero width space
        "\u200c\u200d\u2060\u00ad", // joiners, word joiner, soft hyphen
        "\u202e\u2066\u2069",       // override, isolate
        "\u200e\u200f\u061c",       // direction marks
        "\u2800\u2800",             // braille pattern blank
        "\u3164\u3164",             // Hangul filler
        "\u115f\u1160\uffa0",       // the other Hangul fillers
        "\u0301",                   // a mark without letter
        "\u064e\u0651",             // Arabic vowel signs only
        "\u20dd",                   // an enclosing mark only
        "\ufe0f",                   // variation selector
        "\U000e0041\U000e007f",     // tag characters
        "\u034f\u17b4\u180e",       // grapheme joiner, Khmer and Mongolian ignorables
        "\ufeff",                   // byte order mark
        "\x01\x7f\xc2\x85",         // control characters
        "\ufffc",                   // object replacement
        "\ue000",                   // private use
        " \u200b \u2800 \u0301 ",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(blank); i++) {
        g_autofree char *clean = base_text_clean(blank[i]);
        if (clean[0] != '\0') {
            g_error("text %zu is not seen as blank", i);
        }
    }
}

static void test_kept(void)
{
    const struct {
        const char *in, *out;
    } texts[] = {
        {"  متى؟\t\r\nغدًا  ", "متى؟ غدًا"},
        {"a\u202eb\u2066c", "abc"},
        {"\ufeffname", "name"},
        {A "\u200f.", A "\u200f."},         // right-to-left mark
        {"می\u200cخواهم", "می\u200cخواهم"}, // the non-joiner changes the reading
        {"a\x01\x7f\xc2\x85z", "a z"},
        {"\u2028x", "x"},
        {"60\u00a0min", "60 min"},
        {"؟", "؟"},
        {"7", "7"},
        {"♥\ufe0f", "♥\ufe0f"},
        {"👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
        {"\u2801", "\u2801"}, // braille with a dot
        {"किताब", "किताब"},
        {"한", "한"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *clean = base_text_clean(texts[i].in);
        g_assert_cmpstr(clean, ==, texts[i].out);
        g_autofree char *again = base_text_clean(clean);
        g_assert_cmpstr(again, ==, clean);
        g_assert_false(base_text_has_too_many_marks(clean));
    }
}

static char *with_marks(unsigned count, const char *between)
{
    GString *text = g_string_new("a");
    for (unsigned i = 0; i < count; i++) {
        g_string_append(text, "\u0301");
        g_string_append(text, between);
    }
    return g_string_free(text, FALSE);
}

static void test_marks(void)
{
    g_autofree char *most = with_marks(BASE_TEXT_MAX_MARKS, "");
    g_autofree char *over = with_marks(BASE_TEXT_MAX_MARKS + 1, "");
    g_autofree char *many = with_marks(40, "");
    g_autofree char *hidden = with_marks(40, "\u200d"); // a joiner starts no new letter
    g_autofree char *spread = with_marks(40, "b");
    g_assert_false(base_text_has_too_many_marks(most));
    g_assert_true(base_text_has_too_many_marks(over));
    g_assert_true(base_text_has_too_many_marks(many));
    g_assert_true(base_text_has_too_many_marks(hidden));
    g_assert_false(base_text_has_too_many_marks(spread));
    g_assert_false(base_text_has_too_many_marks("بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ"));
    g_assert_false(base_text_has_too_many_marks("Việt Nam, ང་རྒྱལ, ที่นี้"));
}

static void test_addresses(void)
{
    static const char *const good[] = {"a@b", "noura.alshamsi@economy.gov.ae", "a+b_c-d@x.ae",
                                       "o'neil@example.org", "x@a-b.c"};
    static const char *const bad[] = {
        "",           "a",         "@b.ae",         "a@",          "a@b@c.ae", "a b@c.ae",
        "a@b..ae",    ".a@b.ae",   "a.@b.ae",       "a..b@c.ae",   "a@-b.ae",  "a@b-.ae",
        "a@b.ae\r\n", "a\n@b.ae",  "\"a\"@b.ae",    "a@[1.2.3.4]", "<a@b.ae>", "a@b.ae>",
        "a@b.ae,c@d", "نورة@b.ae", "a@مثال.إمارات", "a@b.ae ",     "a;b@c.ae", "a@b_c.ae",
        "a@b.ae\x7f"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_test_message("%s", good[i]);
        g_assert_true(base_text_is_address(good[i]));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%s", bad[i]);
        g_assert_false(base_text_is_address(bad[i]));
    }
    g_autofree char *local = g_strnfill(65, 'a');
    g_autofree char *long_local = g_strconcat(local, "@b.ae", NULL);
    g_assert_false(base_text_is_address(long_local));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/text/blank", test_blank);
    g_test_add_func("/base/text/kept", test_kept);
    g_test_add_func("/base/text/marks", test_marks);
    g_test_add_func("/base/text/addresses", test_addresses);
    return g_test_run();
}

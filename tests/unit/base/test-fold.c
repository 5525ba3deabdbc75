// SPDX-License-Identifier: GPL-3.0-or-later
// Folding for search: a table of cases, every code point, random bytes.
#include "base/fold.h"

#include <string.h>

static const struct {
    const char *in, *out;
} cases[] = {
    // alef
    {"أحمد", "احمد"},
    {"إدارة", "اداره"},
    {"آفاق", "افاق"},
    {"ٱلله", "الله"},
    {"اٰ", "ا"}, // dagger alef
    // ta marbuta, alef maqsura
    {"وزارة", "وزاره"},
    {"وزاره", "وزاره"},
    {"مستشفى", "مستشفي"},
    {"مستشفي", "مستشفي"},
    // hamza carriers
    {"مسؤول", "مسوول"},
    {"رئيس", "رييس"},
    {"هيئة", "هييه"},
    {"شؤون", "شوون"},
    {"ماء", "ماء"},
    // vowel signs, tatweel, joiners
    {"التَّوَاصُل", "التواصل"},
    {"الاتّصَالُ الحُكُومِيّ", "الاتصال الحكومي"},
    {"اتصـــــال", "اتصال"},
    {"می\u200cخواهم", "ميخواهم"},
    {"\u200fاتصال\u200f", "اتصال"},
    {"so\u00adcial", "social"},
    // decomposed, presentation forms
    {"ا\u0654حمد", "احمد"},
    {"\ufefb", "لا"},
    {"\ufe8d\ufedf\ufea4\ufe92", "الحب"},
    // digits
    {"٦٠ دقيقة", "60 دقيقه"},
    {"۶۰ دقیقه", "60 دقيقه"},
    {"60", "60"},
    {"२०२६", "2026"},
    {"²", "2"},
    // Latin
    {"Crisis COMMUNICATION", "crisis communication"},
    {"Éric Müller", "eric muller"},
    {"Straße STRASSE", "strasse strasse"},
    {"İstanbul", "istanbul"},
    {"ΟΔΟΣ οδος", "οδοσ οδοσ"},
    {"ﬁle", "file"},
    // other letters written in more than one way
    {"کتاب", "كتاب"},
    {"علی", "علي"},
    {"ہمارا", "همارا"},
    // separators
    {"", ""},
    {" \t\n", ""},
    {"؟،؛.!«»\"*()-:^", ""},
    {"NEAR(a b)", "near a b"},
    {"«60 دقيقة اتصال»", "60 دقيقه اتصال"},
    {"لماذا؟الآن", "لماذا الان"},
    {"majlis.example", "majlis example"},
    {"\u064e\u0651", ""},
    {"👍", ""},
    {"a\xff"
     "b\xc3",
     "a b"},
};

static void test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *folded = base_fold(cases[i].in);
        g_assert_cmpstr(folded, ==, cases[i].out);
        g_autofree char *again = base_fold(folded);
        g_assert_cmpstr(again, ==, folded);
    }
}

static void test_ranges(void)
{
    g_autoptr(GArray) words = base_fold_words("ما «الاتّصالُ»؟ 👍 ﷺ ٦٠");
    static const struct {
        const char *text;
        unsigned from, to;
    } wanted[] = {{"ما", 0, 2}, {"الاتصال", 4, 13}, {NULL, 18, 19}, {"60", 20, 22}};
    g_assert_cmpuint(words->len, ==, G_N_ELEMENTS(wanted));
    for (guint i = 0; i < words->len; i++) {
        const BaseFoldWord *word = &g_array_index(words, BaseFoldWord, i);
        g_assert_cmpuint(word->from, ==, wanted[i].from);
        g_assert_cmpuint(word->to, ==, wanted[i].to);
        if (wanted[i].text != NULL) {
            g_assert_cmpstr(word->text, ==, wanted[i].text);
        }
    }
}

/* "+": with the article removed; "-": a letter that may be of the root. */
static const struct {
    const char *word, *stems;
} prefixed[] = {
    {"اتصال", ""},
    {"الاتصال", "+اتصال"},
    {"والاتصال", "-الاتصال +اتصال"},
    {"فالاتصال", "-الاتصال +اتصال"},
    {"بالاتصال", "+اتصال -الاتصال"},
    {"كالاتصال", "+اتصال -الاتصال"},
    {"للاتصال", "+اتصال -لاتصال"},
    {"وبالاتصال", "-بالاتصال +اتصال -الاتصال"},
    {"وللاتصال", "-للاتصال +اتصال -لاتصال"},
    {"واتصال", "-اتصال"},
    {"باتصال", "-اتصال"},
    {"وزاره", "-زاره"},
    {"الحج", "+حج"},
    {"الف", ""}, // a thousand
    {"ولد", ""},
    {"كان", ""},
    {"ال", ""},
    {"و", ""},
    {"the", ""},
    {"60", ""},
};

static void test_stems(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(prefixed); i++) {
        g_autoptr(GArray) stems = base_fold_stems(prefixed[i].word);
        g_autoptr(GString) found = g_string_new(NULL);
        for (guint n = 0; n < stems->len; n++) {
            const BaseFoldStem *stem = &g_array_index(stems, BaseFoldStem, n);
            g_string_append_printf(found, "%s%c%s", n > 0 ? " " : "", stem->article ? '+' : '-',
                                   stem->text);
        }
        g_assert_cmpstr(found->str, ==, prefixed[i].stems);
    }
    g_assert_true(base_fold_is_article("ال"));
    g_assert_true(base_fold_is_article("وبال"));
    g_assert_false(base_fold_is_article("الا"));
    g_assert_false(base_fold_is_article("و"));
}

static void check(const char *text)
{
    g_autofree char *folded = base_fold(text);
    g_assert_true(g_utf8_validate(folded, -1, NULL));
    g_assert_cmpuint(strlen(folded), <=, BASE_FOLD_TEXT_BYTES);
    g_autofree char *again = base_fold(folded);
    g_assert_cmpstr(again, ==, folded);
}

static void test_every_character(void)
{
    for (gunichar c = 1; c <= 0x10ffff; c++) {
        char text[16] = {0};
        if (g_unichar_validate(c)) {
            text[g_unichar_to_utf8(c, text)] = '\0';
            check(text);
        }
    }
}

static void test_random(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    for (int i = 0; i < 20000; i++) {
        char text[65];
        int size = g_rand_int_range(random, 0, sizeof text);
        for (int n = 0; n < size; n++) {
            // Arabic letters are two bytes: d8 to db, then 80 to bf
            bool lead = n % 2 == 0 && g_rand_boolean(random);
            text[n] = (char)(lead ? g_rand_int_range(random, 0xd8, 0xdc)
                                  : g_rand_int_range(random, 0x80 * (i % 2), 0x100));
        }
        text[size] = '\0';
        check(text);
    }
}

static void test_bounds(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 4 * BASE_FOLD_TEXT_BYTES) {
        g_string_append(text, "ﷺ "); // grows elevenfold
    }
    check(text->str);
    g_string_truncate(text, 0);
    while (text->len < 4 * BASE_FOLD_TEXT_BYTES) {
        g_string_append(text, "م");
    }
    check(text->str);
    g_autofree char *folded = base_fold(text->str);
    g_assert_cmpint(g_utf8_strlen(folded, -1), ==, BASE_FOLD_WORD_CHARACTERS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/fold/cases", test_cases);
    g_test_add_func("/base/fold/ranges", test_ranges);
    g_test_add_func("/base/fold/stems", test_stems);
    g_test_add_func("/base/fold/every-character", test_every_character);
    g_test_add_func("/base/fold/random", test_random);
    g_test_add_func("/base/fold/bounds", test_bounds);
    return g_test_run();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Letters and their places become text in reading order.
#include "slides/glyphs.h"

#include <string.h>

#define EM 10

static void clear_glyph(void *data)
{
    g_free(((SlidesGlyph *)data)->text);
}

static GArray *glyphs_new(void)
{
    GArray *glyphs = g_array_new(FALSE, FALSE, sizeof(SlidesGlyph));
    g_array_set_clear_func(glyphs, clear_glyph);
    return glyphs;
}

static void add(GArray *glyphs, double x, double y, const char *text)
{
    unsigned piece = glyphs->len + 1;
    SlidesGlyph glyph = {.x = x, .y = y, .em = EM, .piece = piece, .text = g_strdup(text)};
    g_array_append_val(glyphs, glyph);
}

/* Each letter half an em wide and drawn alone, the first at `x`; `step` negative: leftwards. */
static void add_each(GArray *glyphs, double x, double y, double step, const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at), x += step) {
        char letter[8] = {0};
        g_unichar_to_utf8(g_utf8_get_char(at), letter);
        add(glyphs, x, y, letter);
    }
}

static void expect(GArray *glyphs, const char *wanted)
{
    g_autofree char *text = slides_glyphs_text(glyphs);
    g_assert_cmpstr(text, ==, wanted);
    g_array_unref(glyphs);
}

static void test_directions(void)
{
    GArray *glyphs = glyphs_new();
    add_each(glyphs, 100, 0, -5, "نص في صفحة");  // in the order of reading
    add_each(glyphs, 100, 20, 5, "ةحفص يف صن");  // from left to right
    add_each(glyphs, 100, 40, 5, "plain words"); // and another language
    expect(glyphs, "نص في صفحة\nنص في صفحة\nplain words\n");
}

/* As seen, from left to right. */
static void test_mixed(void)
{
    static const struct {
        const char *seen, *wanted;
    } lines[] = {
        {"لقن 12,5 نم ةعرس", "سرعة من 12,5 نقل"},
        {"مويلا Open Day ضرعم", "معرض Open Day اليوم"},
        {"the word ةملك لوا here", "the word اول كلمة here"},
        {"١٢٣ ماع", "عام ١٢٣"},
        {"2026 plan", "2026 plan"},
        {"PDFفلم", "ملف PDF"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        GArray *glyphs = glyphs_new();
        add_each(glyphs, 0, 0, 5, lines[i].seen);
        g_autofree char *wanted = g_strconcat(lines[i].wanted, "\n", NULL);
        expect(glyphs, wanted);
    }
}

static void test_ligatures(void)
{
    GArray *glyphs = glyphs_new();
    add(glyphs, 30, 0, "س");
    add(glyphs, 20, 0, "لا"); // a glyph of two letters
    add(glyphs, 10, 0, "م");
    expect(glyphs, "سلام\n");
}

static void test_marks(void)
{
    GArray *glyphs = glyphs_new();
    add(glyphs, 30, 0, "م");
    add(glyphs, 32, -6, "ُ");
    add(glyphs, 20, 0, "ر");
    add(glyphs, 21, 6, "ّ");
    add(glyphs, 10, 0, "ي");
    expect(glyphs, "مُرّي\n");
}

static void test_twice(void)
{
    GArray *glyphs = glyphs_new();
    add_each(glyphs, 0, 0, 5, "fall");
    add_each(glyphs, 0.5, 0.5, 5, "fall"); // its shadow
    expect(glyphs, "fall\n");
}

static void test_gaps(void)
{
    GArray *glyphs = glyphs_new();
    add_each(glyphs, 0, 0, 5, "left");
    add_each(glyphs, 200, 0, 5, "right");
    expect(glyphs, "left right\n");
    glyphs = glyphs_new();
    add_each(glyphs, 200, 0, -5, "يمين");
    add_each(glyphs, 100, 0, -5, "يسار");
    expect(glyphs, "يمين يسار\n");
    expect(glyphs_new(), "");
}

static void feed(SlidesScript *script, const char *line)
{
    slides_script_line(script, line, strlen(line));
}

static const SlidesGlyph *glyph_at(const GArray *glyphs, guint i)
{
    return &g_array_index(glyphs, SlidesGlyph, i);
}

/* Lines as cairo 1.16 writes them. */
static void test_script(void)
{
    SlidesScript *script = slides_script_new();
    feed(script, "[32 0 0 32 0 0] set-font-matrix");
    feed(script, "<< /type 42 /source <|!!#(~> >> font dup /f0 exch def set-font-face /scaled-font "
                 "get /sf0 exch def");
    feed(script, "(\\730\\647) [890.99 111.25 <~!<~>] <~!W`~> //FORWARD show-text-glyphs");
    feed(script, "[8 0 0 8 0 0] set-font-matrix");
    feed(script, "(a\\)b) [5 6 <~!<~> 7 <~!<~>] [ 1 1 2 1 ] //FORWARD show-text-glyphs");
    feed(script, "1 -1 scale");
    feed(script, "  [3 0 0 3 0 0] set-matrix"); // a pattern's
    feed(script, "sf0 set-scaled-font");
    feed(script, "(\\757\\673\\673) [1 -2 [300 301 ] ] <~!s&~> //FORWARD show-text-glyphs");
    feed(script, "[0 2 -2 0 0 0] set-matrix");
    feed(script, "(z) [3 4 <~!<~>] <~!<E~> //FORWARD show-text-glyphs");
    feed(script, "1 0 0 set-rgb");
    g_autoptr(GArray) glyphs = slides_script_end(script);
    g_assert_cmpuint(glyphs->len, ==, 5);
    g_assert_cmpstr(glyph_at(glyphs, 0)->text, ==, "ا");
    g_assert_cmpfloat(glyph_at(glyphs, 0)->em, ==, 32);
    g_assert_cmpfloat(glyph_at(glyphs, 0)->x, ==, 890.99);
    g_assert_cmpfloat(glyph_at(glyphs, 0)->y, ==, 111.25);
    g_assert_cmpstr(glyph_at(glyphs, 1)->text, ==, "a");
    g_assert_cmpstr(glyph_at(glyphs, 2)->text, ==, ")b");
    g_assert_cmpuint(glyph_at(glyphs, 1)->piece, ==, glyph_at(glyphs, 2)->piece);
    g_assert_cmpfloat(glyph_at(glyphs, 2)->x, >, glyph_at(glyphs, 1)->x);
    g_assert_cmpfloat(glyph_at(glyphs, 2)->em, ==, 8);
    g_assert_cmpstr(glyph_at(glyphs, 3)->text, ==, "\ufefb");
    g_assert_cmpfloat(glyph_at(glyphs, 3)->em, ==, 32);
    g_assert_cmpfloat(glyph_at(glyphs, 3)->y, ==, 2);
    g_assert_cmpfloat(glyph_at(glyphs, 4)->x, ==, -8);
    g_assert_cmpfloat(glyph_at(glyphs, 4)->y, ==, 6);
    g_assert_cmpfloat(glyph_at(glyphs, 4)->em, ==, 64);
}

/* Whatever is cut off: no letters from nowhere, no read behind the end. */
static void test_cut_script(void)
{
    static const char *const lines[] = {
        "(\\730\\647) [890.99 111.25 <~!<~>] <~!W`~> //FORWARD show-text-glyphs",
        "(\\9\\) [] <~~> show-text-glyphs",
        "(\\ show-text-glyphs",
        "( show-text-glyphs",
        "[ set-font-matrix",
        "sf99999999 set-scaled-font",
        "/sf exch def",
        ""};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        for (size_t from = 0; from <= strlen(lines[i]); from++) {
            g_autofree char *exact = g_memdup2(lines[i] + from, strlen(lines[i] + from) + 1);
            SlidesScript *script = slides_script_new();
            feed(script, exact);
            g_autoptr(GArray) glyphs = slides_script_end(script);
            g_assert_cmpuint(glyphs->len, ==, i == 0 && from == 0);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/slides/order/directions", test_directions);
    g_test_add_func("/slides/order/mixed", test_mixed);
    g_test_add_func("/slides/order/ligatures", test_ligatures);
    g_test_add_func("/slides/order/marks", test_marks);
    g_test_add_func("/slides/order/twice", test_twice);
    g_test_add_func("/slides/order/gaps", test_gaps);
    g_test_add_func("/slides/script/lines", test_script);
    g_test_add_func("/slides/script/cut", test_cut_script);
    return g_test_run();
}

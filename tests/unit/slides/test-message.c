// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of a child that is not trusted; texts of pages.
#include "slides/message.h"
#include "slides/private.h"

#include <string.h>
#include <unistd.h>

#define PNG                                                                                        \
    "\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\0\5\0\0\0\2\xd0\10\2\0\0\0CRC.\0\0\0\1IDATxCRC.\0\0\0\0IEND" \
    "CRC."
#define JPEG "\xff\xd8\xff\xe0\0\4xx\xff\xc0\0\10\10\0\xb4\1\x40\3\xff\xda\0\2scan\xff\xd9"

typedef struct {
    SlidesMessageType type;
    unsigned page;
    const char *data;
    size_t size;
} Step;

#define STEP(type, page, text)                                                                     \
    {                                                                                              \
        type, page, text, sizeof(text) - 1                                                         \
    }

static const Step deck[] = {
    STEP(SLIDES_GAPS, 0, "no Landlock"), STEP(SLIDES_PAGES, 2, ""),    STEP(SLIDES_PICTURE, 1, PNG),
    STEP(SLIDES_THUMB, 1, JPEG),         STEP(SLIDES_TEXT, 1, "نص"),   STEP(SLIDES_PICTURE, 2, PNG),
    STEP(SLIDES_THUMB, 2, JPEG),         STEP(SLIDES_TEXT, 2, "a\nb"), STEP(SLIDES_DONE, 0, ""),
};

static void add(GByteArray *out, const Step *step)
{
    int fds[2];
    guint8 bytes[256];
    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_true(slides_message_send(fds[1], &(SlidesMessage){.type = step->type,
                                                               .page = step->page,
                                                               .data = (const guint8 *)step->data,
                                                               .size = step->size}));
    ssize_t got = read(fds[0], bytes, sizeof bytes);
    g_assert_cmpint(got, ==, SLIDES_HEAD_BYTES + step->size);
    g_byte_array_append(out, bytes, (guint)got);
    close(fds[0]);
    close(fds[1]);
}

static void on_message(void *data, const SlidesMessage *message)
{
    (void)message;
    ++*(unsigned *)data;
}

/* In pieces of `piece` bytes; how many messages were taken. */
static unsigned feed(SlidesReader *reader, const GByteArray *bytes, size_t piece, bool *out_kept)
{
    unsigned taken = 0;
    *out_kept = true;
    for (size_t at = 0; at < bytes->len; at += piece) {
        *out_kept = slides_reader_feed(reader, bytes->data + at, MIN(piece, bytes->len - at),
                                       on_message, &taken);
    }
    return taken;
}

static void test_deck(void)
{
    static const size_t pieces[] = {1, 7, 4096};
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(deck); i++) {
        add(bytes, &deck[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(SlidesReader) reader = slides_reader_new();
        bool kept;
        g_assert_cmpuint(feed(reader, bytes, pieces[i], &kept), ==, G_N_ELEMENTS(deck));
        g_assert_true(kept);
        g_assert_true(slides_reader_is_done(reader));
        g_assert_cmpint(slides_reader_problem(reader), ==, BASE_CODE_NONE);
    }
}

/* The first `before` messages of the deck, then `step`. */
static bool taken_after(unsigned before, const Step *step, SlidesReader *reader)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (unsigned i = 0; i < before; i++) {
        add(bytes, &deck[i]);
    }
    add(bytes, step);
    bool kept;
    g_assert_cmpuint(feed(reader, bytes, 16, &kept), ==, before + kept);
    return kept;
}

static void test_rules(void)
{
    static const struct {
        unsigned before;
        Step step;
    } wrong[] = {
        {1, STEP(SLIDES_GAPS, 0, "twice")},
        {0, STEP(SLIDES_PAGES, 0, "")},
        {0, STEP(SLIDES_PAGES, SLIDES_MAX_PAGES + 1, "")},
        {0, STEP(SLIDES_PAGES, 1, "with bytes")},
        {0, STEP(SLIDES_PICTURE, 1, PNG)},
        {0, STEP(SLIDES_DONE, 0, "")},
        {0, STEP('?', 0, "")},
        {2, STEP(SLIDES_PAGES, 3, "")},
        {2, STEP(SLIDES_PICTURE, 2, PNG)},
        {2, STEP(SLIDES_PICTURE, 1, JPEG)},
        {2, STEP(SLIDES_PICTURE, 1, "")},
        {2, STEP(SLIDES_THUMB, 1, JPEG)},
        {3, STEP(SLIDES_PICTURE, 1, PNG)},
        {3, STEP(SLIDES_THUMB, 1, PNG)},
        {4, STEP(SLIDES_TEXT, 1, "\xff")},
        {4, STEP(SLIDES_TEXT, 1, "a\tb")},
        {4, STEP(SLIDES_TEXT, 1, "\xe2\x80\xae right to left")},
        {5, STEP(SLIDES_DONE, 0, "")},
        {8, STEP(SLIDES_PICTURE, 3, PNG)},
        {9, STEP(SLIDES_PROBLEM, 0, "slides-broken")},
        {2, STEP(SLIDES_PROBLEM, 0, "no code")},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(SlidesReader) reader = slides_reader_new();
        g_assert_false(taken_after(wrong[i].before, &wrong[i].step, reader));
        g_assert_false(slides_reader_is_done(reader));
        unsigned taken = 0;
        g_assert_false(slides_reader_feed(reader, (const guint8 *)"g", 1, on_message, &taken));
    }
}

static void test_problem(void)
{
    for (unsigned before = 0; before < G_N_ELEMENTS(deck) - 1; before++) {
        static const Step problem = STEP(SLIDES_PROBLEM, 0, "slides-encrypted");
        g_autoptr(SlidesReader) reader = slides_reader_new();
        g_assert_true(taken_after(before, &problem, reader));
        g_assert_cmpint(slides_reader_problem(reader), ==, BASE_CODE_SLIDES_ENCRYPTED);
        g_assert_false(slides_reader_is_done(reader));
    }
}

/* A size is refused before its bytes come. */
static void test_sizes(void)
{
    static const guint8 heads[][SLIDES_HEAD_BYTES] = {{'g', 0, 0, 0, 0, 0, 0, 8, 1},
                                                      {'g', 0, 0, 0, 0, 255, 255, 255, 255},
                                                      {'e', 0, 0, 0, 0, 0, 0, 0, 65}};
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
        g_autoptr(SlidesReader) reader = slides_reader_new();
        unsigned taken = 0;
        g_assert_false(slides_reader_feed(reader, heads[i], sizeof heads[i], on_message, &taken));
    }
}

/* Cut anywhere, or with a byte changed in head or frame, it is none. */
static void test_content(void)
{
    for (size_t size = 0; size < sizeof PNG - 1; size++) {
        g_autofree guint8 *exact = g_memdup2(PNG, size);
        g_assert_false(slides_is_png(exact, size, SLIDES_WIDTH, SLIDES_HEIGHT));
    }
    for (size_t size = 0; size < sizeof JPEG - 1; size++) {
        g_autofree guint8 *exact = g_memdup2(JPEG, size);
        g_assert_false(slides_is_jpeg(exact, size, SLIDES_THUMB_WIDTH, SLIDES_THUMB_HEIGHT));
    }
    g_assert_false(slides_is_png((const guint8 *)PNG, sizeof PNG, SLIDES_WIDTH, SLIDES_HEIGHT));
    g_assert_false(slides_is_png((const guint8 *)PNG, sizeof PNG - 1, 1280, 721));
    g_assert_false(slides_is_jpeg((const guint8 *)JPEG, sizeof JPEG - 1, 321, 180));
}

static void expect_text(const char *raw, const char *wanted)
{
    g_autofree char *text = slides_text_clean(raw);
    g_assert_cmpstr(text, ==, wanted);
    g_assert_true(slides_is_text((const guint8 *)text, strlen(text)));
    g_autofree char *again = slides_text_clean(text);
    g_assert_cmpstr(again, ==, wanted);
}

static void test_text(void)
{
    expect_text("", "");
    expect_text(" a \t b\n\n\n c\f", "a b\nc");
    expect_text("\ufefb\ufe8e", "لاا");                     // lam-alef, final alef
    expect_text("\ufee3\ufeae\ufea3\ufe92\ufe8e", "مرحبا"); // in their forms
    expect_text("o\ufb03ce x\u00b2", "office x\u00b2");
    expect_text("\u202bنص\u202c \ufeffx\a", "نص x");
    expect_text("\u062f\ufc62", "\u062f\u0650\u0651");
    expect_text("a\xff z", "a\ufffd z");
    expect_text("\xd9\x86\xd8", "ن\ufffd");
}

static void test_complete(void)
{
    static const struct {
        const char *text, *other, *wanted;
    } rows[] = {
        {"نص plan", "صن plan A 12", "نص plan\nA 12"}, {"نص", "- صن", "نص"}, {"", "a b", "a b"}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = slides_text_complete(rows[i].text, rows[i].other);
        g_assert_cmpstr(text, ==, rows[i].wanted);
    }
}

static void test_long_text(void)
{
    for (unsigned shift = 0; shift < 3; shift++) {
        g_autoptr(GString) raw = g_string_new(&"xx"[2 - shift]);
        while (raw->len < 3 * SLIDES_MAX_TEXT) {
            g_string_append(raw, "نص ");
        }
        g_autofree char *text = slides_text_clean(raw->str);
        g_assert_cmpuint(strlen(text), <=, SLIDES_MAX_TEXT);
        g_assert_cmpuint(strlen(text), >, SLIDES_MAX_TEXT - 4);
        g_assert_true(slides_is_text((const guint8 *)text, strlen(text)));
    }
    g_autoptr(GString) lines = g_string_new(NULL);
    for (unsigned i = 0; i < SLIDES_MAX_TEXT; i++) {
        g_string_append(lines, "سطر\n");
    }
    g_autofree char *text = slides_text_clean(lines->str);
    g_assert_cmpuint(strlen(text), <=, SLIDES_MAX_TEXT);
    g_assert_true(g_str_has_suffix(text, "\nسطر"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/slides/message/deck", test_deck);
    g_test_add_func("/slides/message/rules", test_rules);
    g_test_add_func("/slides/message/problem", test_problem);
    g_test_add_func("/slides/message/sizes", test_sizes);
    g_test_add_func("/slides/content", test_content);
    g_test_add_func("/slides/text", test_text);
    g_test_add_func("/slides/text/complete", test_complete);
    g_test_add_func("/slides/text/long", test_long_text);
    return g_test_run();
}

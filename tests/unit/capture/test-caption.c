// SPDX-License-Identifier: GPL-3.0-or-later
// Captions: beside a reference picture by Pango, blended and faded exactly, texts that are too long or
// hostile, and files of designs.
#include "base/clock.h"
#include "capture/caption/caption.h"
#include "capture/caption/draw.h"
#include "capture/caption/text.h"
#include "capture/grid.h"
#include "capture/paint.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define WHITE 235
#define MARKS_TOP 640 // of the test picture
#define WAIT_US (30 * BASE_US_PER_S)

static GstVideoInfo canvas;
static CaptureCaptionStyles *styles;

static GstBuffer *plain(uint8_t luma)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, GST_VIDEO_INFO_SIZE(&canvas), NULL);
    GstVideoFrame frame;
    g_assert_true(gst_video_frame_map(&frame, &canvas, buffer, GST_MAP_WRITE));
    capture_frame_clear(&frame);
    for (int y = 0; y < CAPTURE_HEIGHT; y++) {
        memset(capture_frame_row(&frame, 0, y), luma, CAPTURE_WIDTH);
    }
    gst_video_frame_unmap(&frame);
    return buffer;
}

/* The luma of the whole canvas. Full ownership. */
static uint8_t *lumas(GstBuffer *buffer)
{
    GstVideoFrame frame;
    uint8_t *all = g_malloc((size_t)CAPTURE_WIDTH * CAPTURE_HEIGHT);
    g_assert_true(gst_video_frame_map(&frame, &canvas, buffer, GST_MAP_READ));
    for (int y = 0; y < CAPTURE_HEIGHT; y++) {
        memcpy(all + (size_t)y * CAPTURE_WIDTH, capture_frame_row(&frame, 0, y), CAPTURE_WIDTH);
    }
    gst_video_frame_unmap(&frame);
    return all;
}

static uint8_t luma_at(GstBuffer *buffer, int x, int y)
{
    g_autofree uint8_t *all = lumas(buffer);
    return all[y * CAPTURE_WIDTH + x];
}

static void blend(const CapturePicture *picture, GstBuffer *buffer, unsigned share)
{
    GstVideoFrame frame;
    g_assert_true(gst_video_frame_map(&frame, &canvas, buffer, GST_MAP_READWRITE));
    capture_picture_blend(picture, &frame, share);
    gst_video_frame_unmap(&frame);
}

static MediaCaption *speaker(const char *name_ar, const char *line_ar, const char *name_en,
                             const char *line_en)
{
    MediaCaption *caption = media_caption_new(MEDIA_CAPTION_SPEAKER, "");
    media_caption_put(caption, MEDIA_CAPTION_NAME_AR, name_ar);
    media_caption_put(caption, MEDIA_CAPTION_LINE_AR, line_ar);
    media_caption_put(caption, MEDIA_CAPTION_NAME_EN, name_en);
    media_caption_put(caption, MEDIA_CAPTION_LINE_EN, line_en);
    return caption;
}

static MediaCaption *question(const char *asked, const char *asker)
{
    MediaCaption *caption = media_caption_new(MEDIA_CAPTION_QUESTION, "#005f73");
    media_caption_put(caption, MEDIA_CAPTION_ASKED, asked);
    media_caption_put(caption, MEDIA_CAPTION_ASKER, asker);
    return caption;
}

/* Takes `caption`. Of the whole canvas in white. */
static uint8_t *drawn(MediaCaption *caption, int out_place[4])
{
    g_autoptr(CapturePicture) picture = capture_caption_render(caption, styles);
    media_caption_free(caption);
    g_assert_nonnull(picture);
    g_autoptr(GstBuffer) frame = plain(WHITE);
    blend(picture, frame, CAPTURE_SHARE);
    capture_picture_place(picture, out_place);
    return lumas(frame);
}

/* Reference */

typedef struct {
    uint8_t *luma;
    int width, height;
} Ink;

static double luma_of(const uint8_t *pixel)
{
    return 16 + 219 * (0.0722 * pixel[0] + 0.7152 * pixel[1] + 0.2126 * pixel[2]) / 255;
}

static PangoLayout *reference_layout(cairo_t *cr, const char *text, int size, bool bold, bool rtl)
{
    g_autofree char *font = g_strdup_printf("Noto Sans,Noto Sans Arabic,DejaVu Sans,Sans %s %dpx",
                                            bold ? "Bold" : "", size);
    PangoLayout *layout = pango_cairo_create_layout(cr);
    PangoFontDescription *description = pango_font_description_from_string(font);
    PangoContext *context = pango_layout_get_context(layout);
    pango_context_set_base_dir(context, rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
    pango_context_set_language(context, pango_language_from_string(rtl ? "ar" : "en"));
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_font_description(layout, description);
    pango_layout_set_text(layout, text, -1);
    pango_font_description_free(description);
    return layout;
}

static void settle_fonts(cairo_t *cr)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cr, options);
    cairo_font_options_destroy(options);
}

/* One line by Pango, in the strap's colour on white. */
static Ink reference(const char *text, int size, bool bold, bool rtl, CaptureColour colour)
{
    enum { W = CAPTURE_WIDTH, H = 120 };
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, W, H);
    cairo_t *cr = cairo_create(surface);
    settle_fonts(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    g_autoptr(PangoLayout) layout = reference_layout(cr, text, size, bold, rtl);
    cairo_set_source_rgb(cr, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
    cairo_move_to(cr, 20, 20);
    pango_cairo_show_layout(cr, layout);
    PangoRectangle ink;
    pango_layout_get_pixel_extents(layout, &ink, NULL);
    cairo_surface_flush(surface);
    Ink out = {g_malloc((size_t)ink.width * (size_t)ink.height), ink.width, ink.height};
    const uint8_t *data = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < ink.height; y++) {
        for (int x = 0; x < ink.width; x++) {
            const uint8_t *pixel = data + (y + 20 + ink.y) * stride + (x + 20 + ink.x) * 4;
            out.luma[y * ink.width + x] = (uint8_t)lround(luma_of(pixel));
        }
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return out;
}

static int64_t difference(const uint8_t *all, const Ink *ink, int left, int top, int64_t most)
{
    int64_t sum = 0;
    for (int y = 0; y < ink->height && sum < most; y++) {
        const uint8_t *row = all + (top + y) * CAPTURE_WIDTH + left;
        for (int x = 0; x < ink->width; x++) {
            sum += ABS(row[x] - ink->luma[y * ink->width + x]);
        }
    }
    return sum;
}

/* The mean difference per pixel where the reference fits best within the plate; its left edge. */
static double best_fit(const uint8_t *all, const int place[4], const Ink *ink, int *out_left)
{
    int64_t least = INT64_MAX;
    for (int top = place[1]; top + ink->height <= place[1] + place[3]; top++) {
        for (int left = place[0]; left + ink->width <= place[0] + place[2]; left++) {
            int64_t now = difference(all, ink, left, top, least);
            if (now < least) {
                least = now;
                *out_left = left;
            }
        }
    }
    g_assert_cmpint(least, <, INT64_MAX); // it fits into the plate
    return (double)least / (ink->width * ink->height);
}

#define ALIKE 2.0 // mean difference of luma

static int assert_drawn(const uint8_t *all, const int place[4], const char *text, int size,
                        bool bold, bool rtl, CaptureColour colour)
{
    int left = 0;
    Ink ink = reference(text, size, bold, rtl, colour);
    double apart = best_fit(all, place, &ink, &left);
    g_test_message("%s: %.2f, at %d", text, apart, left);
    g_assert_cmpfloat(apart, <, ALIKE);
    g_free(ink.luma);
    return left;
}

#define NAME_AR "د. مريم الكتبي"
#define LINE_AR "خبيرة الاتصال – وزارة الاقتصاد"
#define NAME_EN "Dr Mariam Al Ketbi"
#define LINE_EN "Expert – Ministry of Economy"

/* Both languages, Arabic at the bar on the right; letters that do not join are no match. */
static void test_speaker(void)
{
    int place[4], left;
    const CaptureCaptionStyle *style = &styles->speaker;
    g_autofree uint8_t *all = drawn(speaker(NAME_AR, LINE_AR, NAME_EN, LINE_EN), place);
    g_assert_cmpint(place[0] + place[2], ==, CAPTURE_WIDTH - style->side);
    g_assert_cmpint(place[1] + place[3], <=, MARKS_TOP);
    int arabic = assert_drawn(all, place, NAME_AR, style->size, true, true, style->text);
    assert_drawn(all, place, LINE_AR, style->small, false, true, style->soft);
    int english = assert_drawn(all, place, NAME_EN, style->size, true, false, style->text);
    assert_drawn(all, place, LINE_EN, style->small, false, false, style->soft);
    g_assert_cmpint(english, <, arabic);
    Ink ink = reference("م\u200cر\u200cي\u200cم", style->size, true, true, style->text);
    g_assert_cmpfloat(best_fit(all, place, &ink, &left), >, 5 * ALIKE);
    g_free(ink.luma);
}

static void test_one_language(void)
{
    int place[4];
    const CaptureCaptionStyle *style = &styles->speaker;
    g_autofree uint8_t *all = drawn(speaker("", "", NAME_EN, LINE_EN), place);
    g_assert_cmpint(place[0], ==, style->side);
    assert_drawn(all, place, NAME_EN, style->size, true, false, style->text);
    // bar on the left, in the design's own colour
    g_assert_cmpint(all[(place[1] + 40) * CAPTURE_WIDTH + place[0] + 4], <, 150);
    g_assert_cmpint(all[(place[1] + 40) * CAPTURE_WIDTH + place[0] + place[2] - 4], ==, WHITE);
}

/* Mixed text reads from the right, as Pango orders it; the asker is there or not. */
static void test_question(void)
{
    static const char mixed[] = "متى يبدأ نظام UAE Pass الجديد؟";
    int place[4], without[4];
    const CaptureCaptionStyle *style = &styles->question;
    g_autofree uint8_t *all = drawn(question(mixed, "نورة الشامسي"), place);
    g_assert_cmpint(place[0] + place[2], ==, CAPTURE_WIDTH - style->side);
    assert_drawn(all, place, mixed, style->size, true, true, style->text);
    assert_drawn(all, place, "نورة الشامسي", style->small, false, true, style->soft);
    assert_drawn(all, place, "سؤال", 22, true, true, (CaptureColour){0, 0x5f, 0x73});
    g_autofree uint8_t *hidden = drawn(question(mixed, ""), without);
    g_assert_cmpint(without[3], <, place[3] - style->small);
    assert_drawn(hidden, without, mixed, style->size, true, true, style->text);
}

/* Blending */

static void test_blend(void)
{
    enum { W = 4, H = 4, X = 100, Y = 200 };
    uint32_t pixels[W * H];
    for (int i = 0; i < W * H; i++) {
        pixels[i] = i % W < 2 ? 0xffffffff : 0; // opaque white, nothing
    }
    g_autoptr(CapturePicture) picture =
        capture_picture_new((const uint8_t *)pixels, W * 4, X, Y, W, H);
    static const struct {
        unsigned share;
        int luma;
    } steps[] = {{0, 35}, {64, 85}, {128, 135}, {CAPTURE_SHARE, WHITE}};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(GstBuffer) frame = plain(35);
        blend(picture, frame, steps[i].share);
        g_assert_cmpint(luma_at(frame, X, Y), ==, steps[i].luma);
        g_assert_cmpint(luma_at(frame, X + 1, Y + 3), ==, steps[i].luma);
        g_assert_cmpint(luma_at(frame, X + 2, Y), ==, 35);
        g_assert_cmpint(luma_at(frame, X - 1, Y), ==, 35);
        g_assert_cmpint(luma_at(frame, X, Y + 4), ==, 35);
    }
    g_autoptr(GstBuffer) bright = plain(255); // outside the video range
    blend(picture, bright, 255);
    g_assert_cmpint(luma_at(bright, X + 2, Y), ==, 255);
}

static CaptureCaption *new_caption(void)
{
    GError *error = NULL;
    CaptureCaptionStyles *own = capture_caption_styles_read(PIPELINES, &error);
    g_assert_no_error(error);
    return capture_caption_new(own);
}

/* A pixel of the bar, in the default accent's luma when shown in full. */
#define BAR_X (CAPTURE_WIDTH - 64 - 4)
#define BAR_Y 560
#define GROUND 40

/* The bar's luma in frame `k` of a source whose picture stays as it is. */
static int bar(CaptureCaption *caption, GstBuffer *source, int64_t k)
{
    GstBuffer *frame =
        capture_caption_draw(caption, gst_buffer_ref(source), capture_frame_pts(k), true);
    int luma = luma_at(frame, BAR_X, BAR_Y);
    g_assert_cmpint(luma_at(source, BAR_X, BAR_Y), ==, GROUND); // shared, so untouched
    gst_buffer_unref(frame);
    return luma;
}

/* The first frame that shows something, from `k` on. */
static int64_t await_bar(CaptureCaption *caption, GstBuffer *source, int64_t k, int *out_luma)
{
    int64_t since = base_clock_us();
    while ((*out_luma = bar(caption, source, k)) == GROUND) {
        g_assert_cmpint(base_clock_us() - since, <, WAIT_US);
        g_usleep(2000);
        k++;
    }
    return k;
}

static int full_luma(void)
{
    CaptureColour accent = styles->speaker.accent;
    double luma = 0.2126 * accent.red + 0.7152 * accent.green + 0.0722 * accent.blue;
    return (int)lround(16 + 219 * luma / 255);
}

static int expected(int64_t level_us)
{
    int64_t fade_us = CAPTURE_CAPTION_FADE_FRAMES * CAPTURE_FRAME_US;
    unsigned share = (unsigned)(CLAMP(level_us, 0, fade_us) * CAPTURE_SHARE / fade_us);
    unsigned weight = (255 * share + 128) >> 8;
    weight += weight >> 7;
    return (int)(((unsigned)full_luma() * share + 128) >> 8) +
           (int)((GROUND * (CAPTURE_SHARE - weight) + 128) >> 8);
}

/* In over 300 ms, out over 300 ms, frame by frame; nothing is copied while nothing shows. */
static void test_fade(void)
{
    CaptureCaption *caption = new_caption();
    g_autoptr(GstBuffer) source = plain(GROUND);
    g_autoptr(MediaCaption) strap = speaker(NAME_AR, "", "", "");
    g_autoptr(MediaCaption) none = media_caption_new(MEDIA_CAPTION_NONE, NULL);
    GstBuffer *same = capture_caption_draw(caption, gst_buffer_ref(source), 0, true);
    g_assert_true(same == source);
    gst_buffer_unref(same);
    capture_caption_set(caption, strap);
    int luma;
    int64_t first = await_bar(caption, source, 1, &luma), k = first;
    g_assert_cmpint(luma, ==, expected(CAPTURE_FRAME_US));
    for (k = first + 1; k < first + CAPTURE_CAPTION_FADE_FRAMES + 5; k++) {
        int64_t past_us = capture_frame_pts(k) - capture_frame_pts(first);
        g_assert_cmpint(bar(caption, source, k), ==, expected(CAPTURE_FRAME_US + past_us));
    }
    g_assert_cmpint(bar(caption, source, k), ==, full_luma());
    capture_caption_set(caption, none);
    int64_t full_us = CAPTURE_CAPTION_FADE_FRAMES * CAPTURE_FRAME_US;
    for (int64_t last = k++; k < last + CAPTURE_CAPTION_FADE_FRAMES + 3; k++) {
        int64_t past_us = capture_frame_pts(k) - capture_frame_pts(last);
        g_assert_cmpint(bar(caption, source, k), ==, expected(full_us - past_us));
    }
    same = capture_caption_draw(caption, gst_buffer_ref(source), capture_frame_pts(k), true);
    g_assert_true(same == source);
    gst_buffer_unref(same);
    capture_caption_free(caption);
}

/* The slate has words of its own. */
static void test_slate(void)
{
    CaptureCaption *caption = new_caption();
    g_autoptr(GstBuffer) source = plain(GROUND);
    g_autoptr(MediaCaption) strap = speaker(NAME_AR, "", "", "");
    int luma;
    capture_caption_set(caption, strap);
    int64_t k = await_bar(caption, source, 1, &luma) + 20;
    g_assert_cmpint(bar(caption, source, k), ==, full_luma());
    for (int i = 0; i < 2 * CAPTURE_CAPTION_FADE_FRAMES; i++) {
        gst_buffer_unref(
            capture_caption_draw(caption, gst_buffer_ref(source), capture_frame_pts(++k), false));
    }
    g_assert_cmpint(bar(caption, source, ++k), ==, expected(CAPTURE_FRAME_US)); // comes back
    g_assert_cmpint(bar(caption, source, k + 20), ==, full_luma());
    capture_caption_free(caption);
}

/* Another one waits until the first has gone; "none" also ends one that is still being drawn. */
static void test_changes(void)
{
    CaptureCaption *caption = new_caption();
    g_autoptr(GstBuffer) source = plain(GROUND);
    g_autoptr(MediaCaption) strap = speaker(NAME_AR, "", "", "");
    g_autoptr(MediaCaption) asked = question("متى؟", "");
    g_autoptr(MediaCaption) none = media_caption_new(MEDIA_CAPTION_NONE, NULL);
    int luma, before;
    capture_caption_set(caption, strap);
    int64_t k = await_bar(caption, source, 1, &luma) + 20;
    g_assert_cmpint(bar(caption, source, k), ==, full_luma());
    capture_caption_set(caption, asked);
    int64_t since = base_clock_us();
    for (luma = before = full_luma(); luma <= before; luma = bar(caption, source, ++k)) {
        before = luma;
        g_assert_cmpint(base_clock_us() - since, <, WAIT_US);
        g_usleep(2000);
    }
    g_assert_cmpint(before, <=,
                    expected(CAPTURE_FRAME_US + 1000)); // the last frame before the other
    for (int i = 0; i < 40; i++) {
        capture_caption_set(caption, i % 2 == 0 ? strap : asked);
        bar(caption, source, ++k);
    }
    capture_caption_set(caption, strap);
    capture_caption_set(caption, none);
    g_usleep(500000);
    for (int i = 0; i < 2 * CAPTURE_CAPTION_FADE_FRAMES + 2; i++) {
        bar(caption, source, ++k);
    }
    g_assert_cmpint(bar(caption, source, ++k), ==, GROUND);
    capture_caption_set(caption, strap); // is freed while it is drawn
    capture_caption_free(caption);
}

/* Texts */

static const char *cut_text(PangoLayout *layout)
{
    return pango_layout_get_text(layout);
}

static void assert_within(PangoLayout *layout, int width, int lines)
{
    int got;
    pango_layout_get_pixel_size(layout, &got, NULL);
    g_assert_cmpint(got, <=, width);
    g_assert_cmpint(pango_layout_get_line_count(layout), <=, lines);
}

static int size_of(PangoLayout *layout)
{
    const PangoFontDescription *font = pango_layout_get_font_description(layout);
    return pango_font_description_get_size(font) / PANGO_SCALE;
}

static void test_long(void)
{
    CaptureTextLook look = {.font = styles->speaker.font,
                            .size = 38,
                            .bold = true,
                            .rtl = true,
                            .lines = 1,
                            .max_lines = 2};
    int natural = capture_text_width(NAME_AR, &look);
    g_autoptr(PangoLayout) whole = capture_text_fit(NAME_AR, &look, natural + 1);
    g_assert_cmpint(size_of(whole), ==, 38);
    assert_within(whole, natural + 1, 1);
    g_autoptr(PangoLayout) smaller = capture_text_fit(NAME_AR, &look, natural * 9 / 10);
    g_assert_cmpint(size_of(smaller), <, 38);
    assert_within(smaller, natural * 9 / 10, 1);
    g_assert_cmpstr(cut_text(smaller), ==, NAME_AR);
    g_autoptr(PangoLayout) two = capture_text_fit(NAME_AR, &look, natural * 6 / 10);
    assert_within(two, natural * 6 / 10, 2);
    g_assert_cmpstr(cut_text(two), ==, NAME_AR);
}

static void test_cut(void)
{
    CaptureTextLook look = {.font = styles->question.font,
                            .size = 34,
                            .bold = true,
                            .rtl = true,
                            .lines = 3,
                            .max_lines = 3};
    static const char word[] = "كلمات ";
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 50; i++) {
        g_string_append(text, word);
    }
    g_autoptr(PangoLayout) layout = capture_text_fit(text->str, &look, 500);
    const char *shown = cut_text(layout);
    size_t kept = strlen(shown) - strlen("…");
    assert_within(layout, 500, 3);
    g_assert_true(g_str_has_suffix(shown, "كلمات…")); // a whole word
    g_assert_cmpint(strncmp(shown, text->str, kept), ==, 0);
    g_assert_cmpint(kept, >, 6 * strlen(word)); // the most that fits
    g_autofree char *one = g_strnfill(300, 'W');
    g_autoptr(PangoLayout) single = capture_text_fit(one, &look, 500);
    assert_within(single, 500, 3);
    g_assert_true(pango_layout_is_ellipsized(single));
}

static char *repeat(const char *text, int times)
{
    GString *out = g_string_new(NULL);
    for (int i = 0; i < times; i++) {
        g_string_append(out, text);
    }
    return g_string_free(out, FALSE);
}

/* Whatever was typed: the plate stays within the picture and above the marks. */
static void test_hostile(void)
{
    g_autofree char *long_ar = repeat("عبدالرحمن ", 20), *long_en = repeat("Wwwwwwww ", 22),
                    *wide = repeat("W", 200), *marks = repeat("ب\u064e\u0651\u0670", 60),
                    *emoji = repeat("👩‍👩‍👧🇦🇪 ", 30);
    const char *const texts[] = {long_ar,
                                 long_en,
                                 wide,
                                 marks,
                                 emoji,
                                 "\U000f1234\U0010fffd\ue000",
                                 "a\u202eb\u2066c\a\n\td",
                                 "﷽﷽﷽﷽﷽﷽﷽﷽",
                                 "<b>&amp;</b> %s",
                                 "0"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        MediaCaption *const captions[] = {speaker(texts[i], texts[i], texts[i], texts[i]),
                                          speaker(texts[i], "", long_en, texts[i]),
                                          question(texts[i], texts[i])};
        for (size_t j = 0; j < G_N_ELEMENTS(captions); j++) {
            g_autoptr(CapturePicture) picture = capture_caption_render(captions[j], styles);
            media_caption_free(captions[j]);
            if (picture != NULL) { // private letters are nothing that can be seen
                int place[4];
                capture_picture_place(picture, place);
                g_test_message("text %zu, caption %zu: %d x %d", i, j, place[2], place[3]);
                g_assert_cmpint(place[0], >=, styles->speaker.side);
                g_assert_cmpint(place[0] + place[2], <=, CAPTURE_WIDTH - styles->speaker.side);
                g_assert_cmpint(place[1], >=, 0);
                g_assert_cmpint(place[1] + place[3], <=, MARKS_TOP);
            }
        }
    }
}

static void test_neutral(void)
{
    int with[4], without[4];
    g_autofree uint8_t *dirty = drawn(question("a\u202eb\u2066 c\a\nd\u2069", ""), with);
    g_autofree uint8_t *clean = drawn(question("ab c d", ""), without);
    g_assert_cmpmem(with, sizeof with, without, sizeof without);
    g_assert_cmpmem(dirty, CAPTURE_WIDTH * CAPTURE_HEIGHT, clean, CAPTURE_WIDTH * CAPTURE_HEIGHT);
    g_autoptr(MediaCaption) blank = question(" \u202e\n", "Somebody");
    g_assert_null(capture_caption_render(blank, styles));
    g_autoptr(MediaCaption) nobody = speaker("", "Expert", " ", "Expert");
    g_assert_null(capture_caption_render(nobody, styles));
}

/* Files */

/* All but the font, which is first. */
#define NUMBERS_BYTES                                                                              \
    (offsetof(CaptureCaptionStyle, accent) + sizeof(CaptureColour) -                               \
     offsetof(CaptureCaptionStyle, size))

static void test_files(void)
{
    static const char *const bad[] = {
        "not a key file",          "[plate]\nside=-1\n",  "[plate]\nside=two\n",
        "[plate]\nbottom=721\n",   "[plate]\nopacity=\n", "[plate]\ncolour=white\n",
        "[text]\ncolour=#12345\n", "[text]\nsize=4\n",    "[text]\nfont=\n",
        "[text]\nsiez=30\n",       "[palte]\nside=10\n",
    };
    GError *none = NULL;
    g_autofree char *home = g_dir_make_tmp("captions-XXXXXX", NULL);
    g_autofree char *folder = g_build_filename(home, "captions", NULL);
    g_autofree char *path = g_build_filename(folder, "question.caption", NULL);
    g_autoptr(CaptureCaptionStyles) built_in = capture_caption_styles_read(home, &none);
    g_assert_no_error(none);
    g_assert_cmpstr(built_in->speaker.font, ==, styles->speaker.font);
    g_assert_cmpmem(&built_in->speaker.size, NUMBERS_BYTES, &styles->speaker.size,
                    NUMBERS_BYTES); // the shipped file says the same
    g_assert_cmpint(built_in->question.size, ==, styles->question.size);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_true(g_file_set_contents(path, bad[i], -1, NULL));
        g_test_message("%s", bad[i]);
        g_assert_null(capture_caption_styles_read(home, &error));
        g_assert_nonnull(strstr(error->message, "question.caption"));
    }
    g_assert_true(g_file_set_contents(path, "[plate]\nside=10\naccent=#00ff7F\n", -1, NULL));
    g_autoptr(CaptureCaptionStyles) own = capture_caption_styles_read(home, &none);
    g_assert_no_error(none);
    g_assert_cmpint(own->question.side, ==, 10);
    g_assert_cmpint(own->question.accent.blue, ==, 0x7f);
    g_assert_cmpint(own->speaker.side, ==, 64);
    g_unlink(path);
    g_rmdir(folder);
    g_rmdir(home);
}

static int64_t spent_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * BASE_US_PER_S + now.tv_nsec / 1000;
}

/* Printed: what the programme's thread pays while a caption shows. */
static void test_cost(void)
{
    enum { FRAMES = 300 };
    CaptureCaption *caption = new_caption();
    g_autoptr(GstBuffer) source = plain(GROUND);
    g_autofree char *asked = repeat("كلمات السؤال ", 20);
    g_autoptr(MediaCaption) text = question(asked, NAME_AR);
    capture_caption_set(caption, text);
    int luma;
    int64_t k = await_bar(caption, source, 1, &luma), begun = spent_us();
    for (int i = 0; i < FRAMES; i++) {
        gst_buffer_unref(
            capture_caption_draw(caption, gst_buffer_ref(source), capture_frame_pts(++k), true));
    }
    double each_us = (double)(spent_us() - begun) / FRAMES;
    g_test_message("printed: a question of three lines over the picture: %.0f us a frame, %.2f %% "
                   "of a core",
                   each_us, each_us * CAPTURE_FPS / 10000);
    capture_caption_free(caption);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
    g_autoptr(GstCaps) caps = capture_canvas_caps();
    g_assert_true(gst_video_info_from_caps(&canvas, caps));
    styles = capture_caption_styles_read(PIPELINES, NULL);
    g_assert_nonnull(styles);
    g_test_add_func("/capture/caption/speaker", test_speaker);
    g_test_add_func("/capture/caption/one-language", test_one_language);
    g_test_add_func("/capture/caption/question", test_question);
    g_test_add_func("/capture/caption/blend", test_blend);
    g_test_add_func("/capture/caption/fade", test_fade);
    g_test_add_func("/capture/caption/slate", test_slate);
    g_test_add_func("/capture/caption/changes", test_changes);
    g_test_add_func("/capture/caption/long", test_long);
    g_test_add_func("/capture/caption/cut", test_cut);
    g_test_add_func("/capture/caption/hostile", test_hostile);
    g_test_add_func("/capture/caption/neutral", test_neutral);
    g_test_add_func("/capture/caption/files", test_files);
    g_test_add_func("/capture/caption/cost", test_cost);
    int status = g_test_run();
    capture_caption_styles_free(styles);
    return status;
}

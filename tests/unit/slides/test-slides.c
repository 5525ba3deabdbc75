// SPDX-License-Identifier: GPL-3.0-or-later
// Decks from PDFs, good and bad. This program runs itself as the child.
#include "../load.h"
#include "pdf.h"

#include "base/clock.h"
#include "base/fold.h"
#include "base/json.h"
#include "slides/private.h"

#include <cairo.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <unistd.h>

#define PAGES 40
#define PAGE_WIDTH 960.0 // points, of a slide in 16:9
#define PAGE_HEIGHT 540.0
#define WAIT_US (60 * BASE_US_PER_S)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* Each on a page, in another order of words; lam-alef, hamza, vowels, digits, Latin. */
static const char *const words[] = {
    "الاتصال الحكومي", "إدارة الأزمات", "خلال السنة الأولى", "الإعلام والأخبار", "رسالة واضحة",
    "مُتَحَدِّثٌ رسميّ",      "التحول الرقمي", "١٢٣ مبادرة",        "Communication",    "office plan",
};

typedef struct {
    char *dir, *folder, *pdf, *binary;
    Slides *slides;
    unsigned changes;
    char *changed;
} Place;

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static const char other[] = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

static void on_changed(void *data, const char *name)
{
    Place *place = data;
    place->changes++;
    g_free(place->changed);
    place->changed = g_strdup(name);
}

static void start(Place *place, const SlidesLimits *limits)
{
    g_autoptr(GError) error = NULL;
    place->slides = slides_new_limited(place->folder, place->binary, limits, &error);
    g_assert_no_error(error);
    slides_watch(place->slides, on_changed, place);
}

static Place *place_new(const SlidesLimits *limits)
{
    Place *place = g_new0(Place, 1);
    place->dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    place->folder = g_build_filename(place->dir, SLIDES_FOLDER, NULL);
    place->pdf = g_build_filename(place->dir, "deck.pdf", NULL);
    place->binary = g_file_read_link("/proc/self/exe", NULL);
    start(place, limits);
    return place;
}

static void place_free(Place *place)
{
    slides_free(place->slides);
    g_autofree char *command = g_strdup_printf("rm -r %s", place->dir);
    g_assert_cmpint(system(command), ==, 0);
    g_free(place->dir);
    g_free(place->folder);
    g_free(place->pdf);
    g_free(place->binary);
    g_free(place->changed);
    g_free(place);
}

static void step(int64_t since_us)
{
    g_assert_cmpint(base_clock_us() - since_us, <, load_allow(WAIT_US));
    g_main_context_iteration(NULL, FALSE);
    g_usleep(2000);
}

static const SlidesDeck *wait_for(Place *place, const char *name)
{
    int64_t since_us = base_clock_us();
    while (slides_deck(place->slides, name)->working) {
        step(since_us);
    }
    const SlidesDeck *deck = slides_deck(place->slides, name);
    g_assert_cmpstr(place->changed, ==, name);
    g_assert_true((deck->problem != NULL) == (deck->pages == 0));
    g_assert_true((deck->problem != NULL) == (deck->texts == NULL));
    return deck;
}

static const SlidesDeck *prepare(Place *place)
{
    slides_prepare(place->slides, digest, place->pdf);
    g_assert_true(slides_deck(place->slides, digest)->working);
    g_assert_cmpuint(slides_deck(place->slides, digest)->pages, ==, 0);
    return wait_for(place, digest);
}

static void expect_problem(Place *place, const char *problem)
{
    g_assert_cmpstr(prepare(place)->problem, ==, problem);
    g_autoptr(GDir) folder = g_dir_open(place->folder, 0, NULL);
    g_assert_null(g_dir_read_name(folder)); // nothing is left
}

/* Is there more than the background? */
static unsigned dark_pixels(cairo_surface_t *picture, int from_x, int to_x)
{
    const guint8 *pixels = cairo_image_surface_get_data(picture);
    unsigned dark = 0;
    for (int y = 0; y < SLIDES_HEIGHT; y++) {
        const guint32 *row =
            (const guint32 *)(const void *)(pixels +
                                            (size_t)y *
                                                (size_t)cairo_image_surface_get_stride(picture));
        for (int x = from_x; x < to_x; x++) {
            dark += (row[x] & 0xff) < 128;
        }
    }
    return dark;
}

static cairo_surface_t *page_of(Place *place, unsigned page)
{
    g_autofree char *path = slides_page_path(place->slides, digest, page);
    cairo_surface_t *picture = cairo_image_surface_create_from_png(path);
    g_assert_cmpint(cairo_surface_status(picture), ==, CAIRO_STATUS_SUCCESS);
    g_assert_cmpint(cairo_image_surface_get_width(picture), ==, SLIDES_WIDTH);
    g_assert_cmpint(cairo_image_surface_get_height(picture), ==, SLIDES_HEIGHT);
    return picture;
}

static void expect_pictures(Place *place, unsigned page)
{
    cairo_surface_t *picture = page_of(place, page);
    unsigned dark = dark_pixels(picture, 0, SLIDES_WIDTH);
    g_assert_cmpuint(dark, >, 100);
    g_assert_cmpuint(dark, <, SLIDES_WIDTH * SLIDES_HEIGHT / 4);
    cairo_surface_destroy(picture);
    g_autofree char *path = slides_thumb_path(place->slides, digest, page), *jpeg = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(path, &jpeg, &size, NULL));
    g_assert_true(slides_is_jpeg((const guint8 *)jpeg, size, 320, 180));
    g_assert_cmpuint(size, <, 40000);
}

static void expect_words(const char *text, unsigned page)
{
    g_autofree char *number = g_strdup_printf("%u", page);
    const char *const wanted[] = {words[page % G_N_ELEMENTS(words)], number};
    g_autofree char *folded = base_fold(text);
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autofree char *word = base_fold(wanted[i]);
        if (strstr(folded, word) == NULL) {
            g_error("page %u lacks \"%s\": %s", page, word, text);
        }
    }
}

static void write_deck(const char *path, double width, double height)
{
    g_auto(GStrv) texts = g_new0(char *, PAGES + 1);
    for (unsigned i = 0; i < PAGES; i++) {
        texts[i] = g_strdup_printf("<span size='28pt'>%s</span>\n<span size='24pt'>الصفحة %u: في "
                                   "هذه الشريحة نص عربي طويل يكفي لسطرين أو ثلاثة من الكلام، ثم "
                                   "English words in it.</span>",
                                   words[(i + 1) % G_N_ELEMENTS(words)], i + 1);
    }
    pdf_write(path, width, height, (const char *const *)texts, PAGES);
}

static void test_deck(void)
{
    Place *place = place_new(&slides_limits);
    write_deck(place->pdf, PAGE_WIDTH, PAGE_HEIGHT);
    int64_t since_us = base_clock_us();
    const SlidesDeck *deck = prepare(place);
    g_test_message("%u pages with Arabic take %.1f s", PAGES,
                   (double)(base_clock_us() - since_us) / BASE_US_PER_S);
    g_assert_null(deck->problem);
    g_assert_cmpuint(deck->pages, ==, PAGES);
    g_assert_cmpuint(g_strv_length(deck->texts), ==, PAGES);
    for (unsigned page = 1; page <= PAGES; page++) {
        expect_words(deck->texts[page - 1], page);
        expect_pictures(place, page);
    }
    slides_prepare(place->slides, digest, place->pdf);
    g_assert_false(slides_deck(place->slides, digest)->working);
    place_free(place);
}

/* Another start finds the deck; only then is it forgotten. */
static void test_again(void)
{
    Place *place = place_new(&slides_limits);
    static const char *const texts[] = {"أولى", "الثانية\nسطر"};
    pdf_write(place->pdf, PAGE_WIDTH, PAGE_HEIGHT, texts, 2);
    prepare(place);
    slides_free(place->slides);
    g_unlink(place->pdf);
    start(place, &slides_limits);
    g_assert_null(slides_deck(place->slides, digest));
    const SlidesDeck *deck = prepare(place);
    g_assert_cmpuint(deck->pages, ==, 2);
    g_assert_cmpstr(deck->texts[1], ==, "الثانية\nسطر");
    slides_forget(place->slides, digest);
    g_assert_null(slides_deck(place->slides, digest));
    g_assert_true(g_file_set_contents(place->pdf, "%%EOF", -1, NULL));
    expect_problem(place, "slides-broken");
    place_free(place);
}

/* A deck that lost a file, or is of another version, is rendered anew. */
static void test_damaged(void)
{
    static const char *const texts[] = {"صفحة"};
    static const char *const damages[] = {"rm %s/%s/page-1.png",
                                          "sed -i 's/\"version\":1/\"version\":0/' %s/%s/deck.json",
                                          "truncate -s 20 %s/%s/deck.json"};
    Place *place = place_new(&slides_limits);
    pdf_write(place->pdf, PAGE_WIDTH, PAGE_HEIGHT, texts, 1);
    prepare(place);
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        slides_free(place->slides);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        g_autofree char *command = g_strdup_printf(damages[i], place->folder, digest);
#pragma GCC diagnostic pop
        g_assert_cmpint(system(command), ==, 0);
        start(place, &slides_limits);
        g_assert_cmpuint(prepare(place)->pages, ==, 1);
        expect_pictures(place, 1);
    }
    place_free(place);
}

/* Gradients, tiles, groups and drawn fonts do not hide the text. */
static void test_drawing(void)
{
    Place *place = place_new(&slides_limits);
    pdf_write_drawing(place->pdf, "<span size='28pt'>السلام والأخبار</span>");
    const SlidesDeck *deck = prepare(place);
    g_assert_cmpuint(deck->pages, ==, 1);
    g_assert_nonnull(strstr(deck->texts[0], "السلام والأخبار"));
    expect_pictures(place, 1);
    place_free(place);
}

/* Bars are black, the page is white and in the middle. */
static void test_shape(void)
{
    Place *place = place_new(&slides_limits);
    static const char *const texts[] = {"<span size='28pt'>نص في صفحة عالية</span>"};
    pdf_write(place->pdf, 540, 720, texts, 1);
    prepare(place);
    cairo_surface_t *picture = page_of(place, 1);
    const int bar = (SLIDES_WIDTH - 540) / 2;
    g_assert_cmpuint(dark_pixels(picture, 0, bar), ==, bar * SLIDES_HEIGHT);
    g_assert_cmpuint(dark_pixels(picture, bar, bar + 50), ==, 0);
    g_assert_cmpuint(dark_pixels(picture, SLIDES_WIDTH - bar, SLIDES_WIDTH), ==,
                     bar * SLIDES_HEIGHT);
    cairo_surface_destroy(picture);
    place_free(place);
}

/* --- Bad input -------------------------------------------------------------------------------- */

#define CATALOG "<</Type/Catalog/Pages 2 0 R>>"
#define PAGE_TREE "<</Type/Pages/Kids[3 0 R]/Count 1>>"
#define PAGE(box, more) "<</Type/Page/Parent 2 0 R/MediaBox[" box "]" more ">>"
#define TEXT_PAGE(box) PAGE(box, "/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>")
#define TEXT_STREAM "<</Length 44>>stream\nBT /F 40 Tf 20 20 Td (found this word) Tj ET\nendstream"
#define FONT "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"

static void save(const char *path, const char *const *objects, const char *more)
{
    g_autoptr(GString) pdf = pdf_of(objects, more);
    pdf_save(path, pdf);
}

static void test_encrypted(void)
{
    static const char *const objects[] = {CATALOG,     PAGE_TREE, TEXT_PAGE("0 0 800 450"),
                                          TEXT_STREAM, FONT,      NULL};
    g_autoptr(GString) more = g_string_new("/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length "
                                           "128/P -4/O<");
    for (unsigned i = 0; i < 64; i++) {
        g_string_append(more, i == 32 ? ">/U<5a" : "5a");
    }
    g_string_append(more, ">>>");
    Place *place = place_new(&slides_limits);
    save(place->pdf, objects, more->str);
    expect_problem(place, "slides-encrypted");
    place_free(place);
}

static void test_broken(void)
{
    static const char *const contents[] = {"", "no PDF", "%PDF-1.7\n%%EOF\n",
                                           "%PDF-1.7\ntrailer<</Root 9 0 R>>\n%%EOF\n"};
    Place *place = place_new(&slides_limits);
    for (size_t i = 0; i < G_N_ELEMENTS(contents); i++) {
        g_assert_true(g_file_set_contents(place->pdf, contents[i], -1, NULL));
        expect_problem(place, "slides-broken");
    }
    static const char *const empty[] = {CATALOG, "<</Type/Pages/Kids[]/Count 0>>", NULL};
    save(place->pdf, empty, "");
    expect_problem(place, "slides-broken");
    place_free(place);
}

static void test_cut(void)
{
    Place *place = place_new(&slides_limits);
    write_deck(place->pdf, PAGE_WIDTH, PAGE_HEIGHT);
    g_autofree char *whole = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(place->pdf, &whole, &size, NULL));
    for (unsigned tenth = 1; tenth < 10; tenth += 4) {
        g_assert_true(g_file_set_contents(place->pdf, whole, (gssize)(size * tenth / 10), NULL));
        expect_problem(place, "slides-broken");
    }
    place_free(place);
}

static void test_many(void)
{
    Place *place = place_new(&slides_limits);
    g_autofree const char **texts = g_new(const char *, 2000);
    for (unsigned i = 0; i < 2000; i++) {
        texts[i] = "x";
    }
    pdf_write(place->pdf, PAGE_WIDTH, PAGE_HEIGHT, texts, 2000);
    expect_problem(place, "slides-too-many-pages");
    place_free(place);
}

/* One renders, whatever the page's size, and its scripts do nothing. */
static void test_odd(void)
{
    static const char scripted[] = "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS("
                                   "while(true\\){}app.alert\\(1\\);)>>>>";
    static const char *const pages[] = {TEXT_PAGE("0 0 28346 28346"), TEXT_PAGE("0 0 0 0"),
                                        TEXT_PAGE("0 0 1 20000"), TEXT_PAGE("1e30 0 -1e30 nan"),
                                        TEXT_PAGE("-400 -225 400 225")};
    Place *place = place_new(&slides_limits);
    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        const char *const objects[] = {scripted, PAGE_TREE, pages[i], TEXT_STREAM, FONT, NULL};
        save(place->pdf, objects, "");
        slides_forget(place->slides, digest);
        g_assert_cmpuint(prepare(place)->pages, ==, 1);
        cairo_surface_destroy(page_of(place, 1));
    }
    g_assert_cmpstr(slides_deck(place->slides, digest)->texts[0], ==, "found this word");
    place_free(place);
}

/* Notes of reviewers are not on the programme. */
static void test_notes(void)
{
    static const char *const objects[] = {
        CATALOG, PAGE_TREE,
        PAGE("0 0 800 450", "/Annots[<</Type/Annot/Subtype/Text/Name/Comment/Rect[100 100 300 300]"
                            "/C[1 0 0]/Contents(a note)>>]"),
        NULL};
    Place *place = place_new(&slides_limits);
    save(place->pdf, objects, "");
    prepare(place);
    cairo_surface_t *picture = page_of(place, 1);
    g_assert_cmpuint(dark_pixels(picture, 0, SLIDES_WIDTH), ==, 0);
    cairo_surface_destroy(picture);
    place_free(place);
}

/* --- A child that takes too much, is killed, or hangs ------------------------------------------ */

#define LEVELS 14

/* Forms that draw the next one ten times: 10^14 of them. */
static void write_endless(const char *path)
{
    g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(objects, g_strdup(CATALOG));
    g_ptr_array_add(objects, g_strdup(PAGE_TREE));
    g_ptr_array_add(objects, g_strdup(PAGE("0 0 800 450", "/Contents 4 0 R/Resources<</XObject<</X "
                                                          "5 0 R>>>>")));
    g_ptr_array_add(objects, g_strdup("<</Length 5>>stream\n/X Do\nendstream"));
    for (unsigned i = 0; i < LEVELS; i++) {
        g_ptr_array_add(
            objects, g_strdup_printf("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources"
                                     "<</XObject<</X %u 0 R>>>>/Length 59>>stream\n/X Do /X Do /X "
                                     "Do /X Do /X Do /X Do /X Do /X Do /X Do /X Do\nendstream",
                                     6 + i));
    }
    g_ptr_array_add(objects, g_strdup("<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length "
                                      "10>>stream\n0 0 9 9 re \nendstream"));
    g_ptr_array_add(objects, NULL);
    save(path, (const char *const *)objects->pdata, "");
}

static int child_of(int task)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", task);
    g_autofree char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? atoi(text) : 0;
}

/* 0: none runs. */
static int find_child(void)
{
    g_autoptr(GDir) tasks = g_dir_open("/proc/self/task", 0, NULL);
    const char *name;
    int found = 0;
    while (found == 0 && (name = g_dir_read_name(tasks)) != NULL) {
        found = child_of(atoi(name));
    }
    return found;
}

static char *status_of(int pid, const char *file)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, file);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

/* Waits until the child is in its sandbox. */
static int confined_child(void)
{
    int64_t since_us = base_clock_us();
    for (;;) {
        int pid = find_child();
        g_autofree char *status = status_of(pid, "status");
        if (pid != 0 && strstr(status, "Seccomp:\t2") != NULL) {
            g_assert_nonnull(strstr(status, "NoNewPrivs:\t1"));
            return pid;
        }
        step(since_us);
    }
}

/* A killed one is reaped by another thread. */
static void wait_for_end(int pid)
{
    for (int64_t since_us = base_clock_us(); find_child() != 0 && find_child() == pid;) {
        step(since_us);
    }
}

static void test_slow(void)
{
    SlidesLimits limits = slides_limits;
    limits.cpu_s = 1;
    Place *place = place_new(&limits);
    write_endless(place->pdf);
    expect_problem(place, "slides-too-heavy");
    place_free(place);
}

static void test_silent(void)
{
    SlidesLimits limits = slides_limits;
    limits.silent_ms = 1000;
    Place *place = place_new(&limits);
    write_endless(place->pdf);
    expect_problem(place, "slides-too-heavy");
    wait_for_end(find_child());
    place_free(place);
}

/* A font that is small in the file. */
static void test_large(void)
{
    const gsize size = 1 << 30;
    g_autofree guint8 *zeros = g_malloc0(size), *packed = g_malloc(4 << 20);
    g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 1);
    gsize took, gave;
    g_converter_convert(G_CONVERTER(zlib), zeros, size, packed, 4 << 20, G_CONVERTER_INPUT_AT_END,
                        &took, &gave, NULL);
    (void)took;
    g_autofree char *font = pdf_stream("/Filter[/ASCIIHexDecode/FlateDecode]", packed, gave);
    const char *const objects[] = {
        CATALOG,
        PAGE_TREE,
        TEXT_PAGE("0 0 800 450"),
        TEXT_STREAM,
        "<</Type/Font/Subtype/TrueType/BaseFont/Zeros/FirstChar 32/LastChar 33/Widths[9 "
        "9]/FontDescriptor 6 0 R>>",
        "<</Type/FontDescriptor/FontName/Zeros/Flags 32/FontFile2 7 0 R>>",
        font,
        NULL};
    Place *place = place_new(&slides_limits);
    save(place->pdf, objects, "");
    expect_problem(place, "slides-too-heavy");
    place_free(place);
}

static void test_killed(void)
{
    Place *place = place_new(&slides_limits);
    write_endless(place->pdf);
    slides_prepare(place->slides, digest, place->pdf);
    int pid = confined_child();
    g_autofree char *limits = status_of(pid, "limits");
    g_assert_true(SANITIZED || strstr(limits, "Max file size             0 ") != NULL);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpstr(wait_for(place, digest)->problem, ==, "slides-failed");
    static const char *const texts[] = {"بعد ذلك"};
    pdf_write(place->pdf, PAGE_WIDTH, PAGE_HEIGHT, texts, 1);
    g_assert_cmpuint(prepare(place)->pages, ==, 1); // it is tried again
    place_free(place);
}

/* A program of its own stands for a child that crashes. */
static unsigned crash(const char *otherwise, bool recovers)
{
    Place *place = place_new(&slides_limits);
    static const char *const texts[] = {"نص plan"};
    pdf_write(place->pdf, PAGE_WIDTH, PAGE_HEIGHT, texts, 1);
    slides_free(place->slides);
    g_autofree char *binary = g_steal_pointer(&place->binary);
    place->binary = g_build_filename(place->dir, "child", NULL);
    g_autofree char *tries = g_build_filename(place->dir, "tries", NULL);
    g_autofree char *script =
        g_strdup_printf("#!/bin/sh\necho x >>%s\ncase \"$*\" in %s) exec %s \"$@\";; esac\nkill "
                        "-SEGV $$\n",
                        tries, otherwise, binary);
    g_assert_true(g_file_set_contents_full(place->binary, script, -1, 0, 0700, NULL));
    start(place, &slides_limits);
    const SlidesDeck *deck = prepare(place);
    g_assert_cmpstr(deck->problem, ==, recovers ? NULL : "slides-failed");
    g_assert_true(!recovers || strstr(deck->texts[0], "plan") != NULL);
    g_autofree char *tried = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(tries, &tried, &size, NULL));
    place_free(place);
    return (unsigned)(size / strlen("x\n"));
}

static void test_crash(void)
{
    g_assert_cmpuint(crash("*'--letters 0'", true), ==, 2);
    g_assert_cmpuint(crash("never", false), ==, 2);
}

/* The next one in the queue is rendered once the first is forgotten. */
static void test_queue(void)
{
    Place *place = place_new(&slides_limits);
    write_endless(place->pdf);
    g_autofree char *second = g_build_filename(place->dir, "second.pdf", NULL);
    static const char *const texts[] = {"الثاني"};
    pdf_write(second, PAGE_WIDTH, PAGE_HEIGHT, texts, 1);
    slides_prepare(place->slides, digest, place->pdf);
    slides_prepare(place->slides, other, second);
    int pid = confined_child();
    g_assert_true(slides_deck(place->slides, other)->working);
    slides_forget(place->slides, digest);
    g_assert_cmpuint(wait_for(place, other)->pages, ==, 1);
    g_assert_cmpuint(place->changes, ==, 1);
    wait_for_end(pid);
    place_free(place);
}

static void test_freed(void)
{
    Place *place = place_new(&slides_limits);
    write_endless(place->pdf);
    slides_prepare(place->slides, digest, place->pdf);
    int pid = confined_child();
    place_free(place);
    wait_for_end(pid);
}

/* What a crash left is removed, whole decks are not. */
static void test_leftovers(void)
{
    Place *place = place_new(&slides_limits);
    static const char *const texts[] = {"صفحة"};
    pdf_write(place->pdf, PAGE_WIDTH, PAGE_HEIGHT, texts, 1);
    prepare(place);
    slides_free(place->slides);
    g_autofree char *part = g_strdup_printf("%s/.%s.new", place->folder, other);
    g_autofree char *old = g_strdup_printf("%s/.%s.old", place->folder, other);
    g_autofree char *page = g_build_filename(part, "page-1.png", NULL);
    g_assert_cmpint(g_mkdir(part, 0700), ==, 0);
    g_assert_cmpint(g_mkdir(old, 0700), ==, 0);
    g_assert_true(g_file_set_contents(page, "half", -1, NULL));
    start(place, &slides_limits);
    g_assert_cmpuint(prepare(place)->pages, ==, 1);
    g_assert_cmpint(g_access(part, F_OK), <, 0);
    g_assert_cmpint(g_access(old, F_OK), <, 0);
    place_free(place);
}

/* --- Can it be read? --------------------------------------------------------------------------- */

static const char *const read_lines[] = {
    "الاتصال الحكومي في زمن الأزمات",       "نشر رسالة واضحة وسريعة للناس",
    "تدريب المتحدث الرسمي كل شهر",          "قياس أثر الحملات على الجمهور",
    "Government communication in a crisis", "A clear message within one hour",
};

static void test_legible(void)
{
    g_autofree char *tesseract = g_find_program_in_path("tesseract");
    if (tesseract == NULL) {
        g_test_skip("tesseract is not installed");
        return;
    }
    Place *place = place_new(&slides_limits);
    g_autoptr(GString) text = g_string_new("<span size='24pt'>");
    for (size_t i = 0; i < G_N_ELEMENTS(read_lines); i++) {
        g_string_append_printf(text, "%s\n", read_lines[i]);
    }
    g_string_append(text, "</span>");
    pdf_write(place->pdf, PAGE_WIDTH, PAGE_HEIGHT, (const char *const[]){text->str}, 1);
    prepare(place);
    g_autofree char *path = slides_page_path(place->slides, digest, 1);
    g_autofree char *command = g_strdup_printf("tesseract %s - -l ara+eng --psm 6", path);
    g_autofree char *out = NULL;
    g_assert_true(g_spawn_command_line_sync(command, &out, NULL, NULL, NULL));
    g_autofree char *folded = base_fold(out);
    g_auto(GStrv) found = g_strsplit(folded, " ", -1);
    unsigned all = 0, read = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(read_lines); i++) {
        g_autofree char *line = base_fold(read_lines[i]);
        g_auto(GStrv) wanted = g_strsplit(line, " ", -1);
        for (char **word = wanted; *word != NULL; word++, all++) {
            read += g_strv_contains((const char *const *)found, *word);
        }
    }
    g_test_message("tesseract reads %u of %u words of 24 pt", read, all);
    g_assert_cmpuint(read * 10, >=, all * 9);
    place_free(place);
}

static void test_try(void)
{
    g_autofree char *binary = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *gaps = NULL, *fault = slides_try(binary, &gaps);
    g_assert_cmpstr(fault, ==, NULL);
    g_autofree char *none = NULL, *told = slides_try("/bin/true", &none);
    g_assert_nonnull(strstr(told, "libpoppler-glib8"));
}

int main(int argc, char **argv)
{
    base_json_begin();
    if (argc > 1 && g_str_equal(argv[1], "slides")) {
        return slides_main(argc - 2, argv + 2);
    }
    g_test_init(&argc, &argv, NULL);
    load_watch();
    g_test_add_func("/slides/deck", test_deck);
    g_test_add_func("/slides/again", test_again);
    g_test_add_func("/slides/damaged", test_damaged);
    g_test_add_func("/slides/drawing", test_drawing);
    g_test_add_func("/slides/shape", test_shape);
    g_test_add_func("/slides/encrypted", test_encrypted);
    g_test_add_func("/slides/broken", test_broken);
    g_test_add_func("/slides/cut", test_cut);
    g_test_add_func("/slides/many", test_many);
    g_test_add_func("/slides/odd", test_odd);
    g_test_add_func("/slides/notes", test_notes);
    g_test_add_func("/slides/slow", test_slow);
    g_test_add_func("/slides/silent", test_silent);
    if (!SANITIZED) { // a sanitizer's shadow has no limit
        g_test_add_func("/slides/large", test_large);
    }
    g_test_add_func("/slides/killed", test_killed);
    g_test_add_func("/slides/crash", test_crash);
    g_test_add_func("/slides/queue", test_queue);
    g_test_add_func("/slides/freed", test_freed);
    g_test_add_func("/slides/leftovers", test_leftovers);
    g_test_add_func("/slides/legible", test_legible);
    g_test_add_func("/slides/try", test_try);
    return g_test_run();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the time mark, grid, samples, source texts and launch files.
#include "base/error.h"
#include "capture/paint.h"
#include "capture/capture.h"
#include "capture/encode.h"
#include "capture/grid.h"
#include "capture/mark.h"
#include "capture/source/samples.h"
#include "capture/spec.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static void test_mark_layout(void)
{
    // 5 ms is Gray 7: cells 1 0, 26 bits that end in 111, and check = 0001 ^ 1100.
    g_assert_cmphex(capture_mark_encode(5), ==, UINT32_C(0x80000000) | 7 << 4 | (1 ^ 12));
    for (int64_t ms = 1; ms < 5000; ms++) {
        uint32_t change = (capture_mark_encode(ms) ^ capture_mark_encode(ms - 1)) >> 4;
        g_assert_cmpint(__builtin_popcount(change), ==, 1); // Gray: one cell at a time
    }
    for (int bit = 0; bit < 32; bit++) { // no single wrong cell goes unnoticed
        uint32_t cells = capture_mark_encode(123456789) ^ UINT32_C(1) << bit;
        g_assert_cmpint(capture_mark_decode(cells), <, 0);
    }
}

/* The strip as a lossy encoder and a scaler leave it: smeared, noisy, low in contrast. */
static void spoil(uint8_t *luma, int width, int height)
{
    for (int y = height - height / CAPTURE_MARK_STRIP; y < height; y++) {
        for (int x = width - 1; x >= 2; x--) {
            uint8_t *at = luma + y * width + x;
            int blurred = (at[0] + at[-1] + at[-2]) / 3;
            *at = (uint8_t)(60 + blurred / 2 + g_test_rand_int_range(-20, 21));
        }
    }
}

static void test_mark_picture(void)
{
    static const int sizes[][2] = {{1280, 720}, {640, 360}, {320, 180}, {854, 480}};
    for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
        int width = sizes[s][0], height = sizes[s][1];
        g_autofree uint8_t *luma = g_malloc((size_t)width * (size_t)height);
        for (int i = 0; i < 200; i++) {
            int64_t ms = (int64_t)g_test_rand_int_range(0, 1 << 26) + (INT64_C(1) << 26) * (i % 2);
            memset(luma, 128, (size_t)width * (size_t)height);
            capture_mark_draw(luma, (size_t)width, width, height, ms);
            spoil(luma, width, height);
            int64_t read = capture_mark_read(luma, (size_t)width, width, height);
            g_assert_cmpint(read, ==, ms & CAPTURE_MARK_MS_MASK);
        }
        memset(luma, 128, (size_t)width * (size_t)height);
        g_assert_cmpint(capture_mark_read(luma, (size_t)width, width, height), <, 0);
    }
}

static void test_grid(void)
{
    for (int64_t k = 0; k < 400000; k += 7) {
        g_assert_cmpint(capture_frame_nearest(capture_frame_pts(k)), ==, k);
        g_assert_cmpint(capture_frame_ceil(capture_frame_pts(k)), ==, k);
        g_assert_cmpint(capture_frame_ceil(capture_frame_pts(k) + 1), ==, k + 1);
    }
    g_assert_cmpint(capture_frame_pts(60), ==, 2000000); // every key-frame time is a frame's
}

static void test_samples(void)
{
    CaptureSamples samples;
    int16_t in[2000], out[2000];
    for (int i = 0; i < 2000; i++) {
        in[i] = (int16_t)(i / 2 + 1);
    }
    capture_samples_init(&samples, 4096);
    capture_samples_write(&samples, 10000, in, 1000);
    capture_samples_write(&samples, 11003, in, 1000); // rounded by 3: joined, no hole
    capture_samples_read(&samples, 10500, out, 1000);
    g_assert_cmpint(out[0], ==, 501);
    g_assert_cmpint(out[2 * 499], ==, 1000);
    g_assert_cmpint(out[2 * 500], ==, 1);
    capture_samples_write(&samples, 14000, in, 1000); // a real gap is silence, with soft edges
    capture_samples_read(&samples, 11500, out, 1000);
    g_assert_cmpint(out[2 * 403], ==, 904);
    g_assert_cmpint(ABS(out[2 * 450] - 950 / 2), <, 20);
    g_assert_cmpint(out[2 * 499], ==, 0);
    capture_samples_read(&samples, 13500, out, 1000);
    g_assert_cmpint(out[2 * 500], ==, 0);
    g_assert_cmpint(ABS(out[2 * 548] - 49 / 2), <=, 1);
    g_assert_cmpint(out[2 * 596], ==, 97);
    capture_samples_read(&samples, 9500, out, 1000); // overwritten: silence, never old sound
    g_assert_cmpint(out[2 * 999], ==, 0);
    capture_samples_write(&samples, 900000, in, 10); // a jump leaves nothing behind
    capture_samples_read(&samples, 14500, out, 500);
    g_assert_cmpint(out[0], ==, 0);
    capture_samples_finish(&samples);
}

static void expect_refused(const char *source, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(capture_spec_new(PIPELINES, source, &error));
    g_assert_nonnull(strstr(error->message, part));
    g_assert_null(strstr(error->message, "hunter2"));
}

static void test_spec(void)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("majlis-XXXXXX.mp4", &path, NULL);
    g_close(fd, NULL);
    g_autoptr(CaptureSpec) named = capture_spec_new(PIPELINES, "test", NULL);
    g_assert_true(g_str_has_suffix(named->launch, "/sources/test.launch"));
    g_assert_null(named->location);
    g_autoptr(CaptureSpec) file = capture_spec_new(PIPELINES, path, NULL);
    g_assert_true(file->loop);
    g_assert_cmpstr(file->location, ==, path);
    g_autofree char *once_text = g_strconcat(path, "?loop=0", NULL);
    g_autoptr(CaptureSpec) once = capture_spec_new(PIPELINES, once_text, NULL);
    g_assert_false(once->loop);
    g_assert_cmpstr(once->location, ==, path);
    const char *camera = "rtsp://admin:hunter2@10.0.0.1/a b";
    g_autoptr(CaptureSpec) rtsp = capture_spec_new(PIPELINES, camera, NULL);
    g_assert_true(g_str_has_suffix(rtsp->launch, "/sources/rtsp.launch"));
    g_assert_cmpstr(rtsp->location, ==, camera);
    expect_refused("", "no name");
    expect_refused("nothing-here", "test");
    expect_refused("../../etc/passwd-", "There is no source");
    expect_refused("http://admin:hunter2@10.0.0.1/live", "only rtsp://");
    expect_refused("file:///etc/passwd", "only rtsp://");
    expect_refused("rtsp://", "names no host");
    static const char *const raw[] = {"rtsp://u:hunter2@x@h/",   "rtsp://u:hunter2/x@h/",
                                      "rtsp://u:hunter2#x@h/",   "rtsp://u:hunter2?x@h/",
                                      "rtsps://u:100%hunter2@h", "rtsp://u:hunter2 x@h/",
                                      "rtsp://u:x\"hunter2@h/",  "srt://h:1?passphrase=my hunter2"};
    for (size_t i = 0; i < G_N_ELEMENTS(raw); i++) {
        expect_refused(raw[i], "percent-encoded");
    }
    static const char *const good[] = {"rtsp://u:hunter2%40%2F@h/", "rtsp://h:554/live@1?a=b@c",
                                       "rtsp://[fe80::1]:554/a@b", "rtsp://u:p@h/x@y#z",
                                       "srt://:9000?passphrase=a@b"};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(CaptureSpec) spec = capture_spec_new(PIPELINES, good[i], NULL);
        g_assert_nonnull(spec);
    }
    expect_refused("/", "is a folder");
    g_unlink(path);
    expect_refused(path, "There is no source");
}

static void expect_redacted(const char *text, const char *expected)
{
    g_autofree char *got = capture_redact(text);
    g_assert_cmpstr(got, ==, expected);
}

static void test_redact(void)
{
    expect_redacted("no address", "no address");
    expect_redacted("rtsp://u:p@10.0.0.1:554/s?x=1 : refused", "rtsp://10.0.0.1:554 : refused");
    expect_redacted("srt://h:1?passphrase=secret", "srt://h:1");
    expect_redacted("rtsp://u:p@ss@h/x", "rtsp://h");
    expect_redacted("rtsp://u:pa/ss@h/x", "rtsp://..."); // a slash in the password
    expect_redacted("a rtsp://u:p@h/ and \"srt://k@i\".", "a rtsp://h and \"srt://i\".");
}

/* A pipelines folder with one encoder and one source file of these texts. Full ownership. */
static char *pipelines_with(const char *encoder, const char *source)
{
    char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    const char *const files[][2] = {{"encoders", encoder}, {"sources", source}};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *folder = g_build_filename(dir, files[i][0], NULL);
        g_autofree char *file = g_build_filename(folder, "x.launch", NULL);
        g_assert_cmpint(g_mkdir(folder, 0755), ==, 0);
        g_assert_true(g_file_set_contents(file, files[i][1], -1, NULL));
    }
    return dir;
}

static void remove_pipelines(char *dir)
{
    static const char *const parts[] = {"encoders/x.launch", "encoders", "sources/x.launch",
                                        "sources", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_build_filename(dir, parts[i], NULL);
        g_assert_cmpint(g_remove(path), ==, 0);
    }
    g_free(dir);
}

#define GOOD_SOURCE "videotestsrc ! appsink name=video"
#define GOOD_ENCODER                                                                               \
    "appsrc name=video ! x264enc ! appsink name=v_a appsrc name=audio ! opusenc ! appsink "        \
    "name=a_opus"

/* Checks a pair of launch texts: one problem that contains each of `parts`, or none. */
static void expect_problem(const char *encoder, const char *source, const char *const *parts)
{
    char *dir = pipelines_with(encoder, source);
    g_autoptr(GPtrArray) problems = capture_check(dir, "x", "x");
    for (unsigned i = 0; i < problems->len; i++) {
        g_test_message("%s", (char *)problems->pdata[i]);
    }
    g_assert_cmpuint(problems->len, ==, parts != NULL ? 1 : 0);
    for (; parts != NULL && *parts != NULL; parts++) {
        g_assert_nonnull(strstr(problems->pdata[0], *parts));
    }
    remove_pipelines(dir);
}

static void test_check(void)
{
    expect_problem(GOOD_ENCODER, GOOD_SOURCE, NULL);
    expect_problem(
        "appsrc name=video ! nosuchenc ! appsink name=v_a", GOOD_SOURCE,
        (const char *[]){"encoders/x.launch", "\"nosuchenc\"", "apt-cache search", NULL});
    expect_problem("appsrc name=video ! vaapinosuch ! appsink name=v_a", GOOD_SOURCE,
                   (const char *[]){"sudo apt-get install gstreamer1.0-vaapi", NULL});
    expect_problem(GOOD_ENCODER, "# needs: avdec_nosuch\n" GOOD_SOURCE,
                   (const char *[]){"sources/x.launch", "gstreamer1.0-libav", NULL});
    expect_problem(GOOD_ENCODER, "videotestsrc colour=red ! appsink name=video",
                   (const char *[]){"sources/x.launch", "colour", NULL});
    expect_problem(GOOD_ENCODER, "videotestsrc ! fakesink name=video",
                   (const char *[]){"appsink name=video", NULL});
    expect_problem("appsrc name=video ! x264enc ! appsink name=720p", GOOD_SOURCE,
                   (const char *[]){"appsrc name=audio", NULL});
    expect_problem("appsrc name=video ! x264enc ! appsink name=hd appsrc name=audio ! fakesink",
                   GOOD_SOURCE, (const char *[]){"\"hd\"", "v_RENDITION", NULL});
}

/* What we ship must pass here, where all packages of the plain paths are installed. */
static void test_check_shipped(void)
{
    static const char *const encoders[] = {"software", "software-fast", "small"};
    for (size_t i = 0; i < G_N_ELEMENTS(encoders); i++) {
        g_autoptr(GPtrArray) problems = capture_check(PIPELINES, "test", encoders[i]);
        g_assert_cmpuint(problems->len, ==, 0);
    }
    g_autoptr(GPtrArray) camera = capture_check(PIPELINES, "rtsp://a:hunter2@b/c", "small");
    g_assert_cmpuint(camera->len, ==, 0);
    g_autoptr(GPtrArray) stream = capture_check(PIPELINES, "srt://b:1", "small");
    g_assert_cmpuint(stream->len, ==, 0);
    g_autoptr(GPtrArray) bare = capture_check(PIPELINES, "file", "none");
    g_assert_cmpuint(bare->len, ==, 2);
    g_assert_nonnull(strstr(bare->pdata[0], "give a file's path"));
    g_assert_nonnull(strstr(bare->pdata[1], "software-fast"));
}

/* Bright pixels, such as letters are, in each tenth of the canvas from the top. */
static void count_bright(GstBuffer *frame, unsigned out[10])
{
    GstMapInfo map;
    g_assert_true(gst_buffer_map(frame, &map, GST_MAP_READ));
    memset(out, 0, 10 * sizeof *out);
    for (int i = 0; i < CAPTURE_WIDTH * CAPTURE_HEIGHT; i++) {
        out[i / CAPTURE_WIDTH * 10 / CAPTURE_HEIGHT] += map.data[i] > 180;
    }
    gst_buffer_unmap(frame, &map);
}

static void keep_picture(const char *name, GstBuffer *frame)
{
    const char *folder = g_getenv("MAJLIS_SHOTS");
    GstMapInfo map;
    if (folder != NULL && gst_buffer_map(frame, &map, GST_MAP_READ)) {
        g_autofree char *path = g_strdup_printf("%s/%s.yuv", folder, name); // I420
        g_file_set_contents(path, (const char *)map.data, (gssize)map.size, NULL);
        gst_buffer_unmap(frame, &map);
    }
}

/* The slate is there at once; its words come once, and every picture is the same one then. */
static GstBuffer *wait_for_words(CaptureSlate *slate)
{
    GstBuffer *frame = capture_slate_frame(slate);
    for (unsigned bright[10] = {0}; bright[8] == 0;) {
        g_usleep(5000);
        gst_buffer_unref(frame);
        frame = capture_slate_frame(slate);
        count_bright(frame, bright);
    }
    return frame;
}

static void test_slate(void)
{
    gst_init(NULL, NULL);
    g_autofree char *longest = g_strnfill(200, 'w');
    const struct {
        const char *name, *ar, *en;
        unsigned from; // tenths of the canvas with letters
    } cases[] = {
        {"slate-plain", NULL, "", 8},
        {"slate-title", "الاتصال الحكومي في عصر الاقتصاد الرقمي", "Government <b> & more", 6},
        {"slate-long", longest, longest, 4},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        unsigned bright[10];
        CaptureSlate *slate = capture_slate_new(cases[i].ar, cases[i].en);
        GstBuffer *frame = wait_for_words(slate), *again = capture_slate_frame(slate);
        g_assert_true(frame == again);
        g_assert_cmpuint(gst_buffer_get_size(frame), ==, CAPTURE_WIDTH * CAPTURE_HEIGHT * 3 / 2);
        g_assert_false(GST_BUFFER_PTS_IS_VALID(frame));
        keep_picture(cases[i].name, frame);
        count_bright(frame, bright);
        for (unsigned tenth = 0; tenth < 9; tenth++) {
            g_assert_true(bright[tenth] == 0 || tenth >= cases[i].from);
        }
        g_assert_cmpuint(bright[8], >, 0);
        g_assert_cmpuint(bright[9], ==, 0);     // where the time mark is looked for
        g_assert_true(i == 0 || bright[7] > 0); // the titles
        gst_buffer_unref(frame);
        gst_buffer_unref(again);
        capture_slate_free(slate);
    }
    capture_slate_free(capture_slate_new("قبل أن يُكتب", NULL)); // while it is drawn
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/capture/mark-layout", test_mark_layout);
    g_test_add_func("/capture/mark-picture", test_mark_picture);
    g_test_add_func("/capture/grid", test_grid);
    g_test_add_func("/capture/samples", test_samples);
    g_test_add_func("/capture/spec", test_spec);
    g_test_add_func("/capture/redact", test_redact);
    g_test_add_func("/capture/check", test_check);
    g_test_add_func("/capture/check-shipped", test_check_shipped);
    g_test_add_func("/capture/slate", test_slate);
    return g_test_run();
}

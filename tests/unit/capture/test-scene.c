// SPDX-License-Identifier: GPL-3.0-or-later
// Scenes: files that are read or refused, and where the pictures stand.
#include "base/error.h"
#include "capture/grid.h"
#include "capture/paint.h"
#include "capture/scene/compose.h"
#include "capture/scene/scene.h"
#include "capture/scene/slides.h"

#include <glib/gstdio.h>
#include <gst/video/video.h>
#include <string.h>

static GstVideoInfo canvas;

/* Of one luma. */
static GstBuffer *plain(uint8_t luma)
{
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, GST_VIDEO_INFO_SIZE(&canvas), NULL);
    GstVideoFrame frame;
    g_assert_true(gst_video_frame_map(&frame, &canvas, buffer, GST_MAP_WRITE));
    memset(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0), luma,
           (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0) * CAPTURE_HEIGHT);
    for (int plane = 1; plane < 3; plane++) {
        memset(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane), 128,
               (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane) * CAPTURE_HEIGHT / 2);
    }
    gst_video_frame_unmap(&frame);
    return buffer;
}

static uint8_t luma_at(GstBuffer *buffer, int x, int y)
{
    GstVideoFrame frame;
    g_assert_true(gst_video_frame_map(&frame, &canvas, buffer, GST_MAP_READ));
    const uint8_t *rows = GST_VIDEO_FRAME_PLANE_DATA(&frame, 0);
    uint8_t luma = rows[y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0) + x];
    gst_video_frame_unmap(&frame);
    return luma;
}

/* The files that are shipped: each box has its picture, its border, and nothing beyond. */
static void test_boxes(void)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) scenes = capture_scenes_read(PIPELINES, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(scenes->len, >=, 2);
    CaptureComposer *composer = capture_composer_new();
    g_autoptr(GstBuffer) first = plain(60), second = plain(180);
    GstBuffer *const frames[] = {first, second};
    for (guint i = 0; i < scenes->len; i++) {
        const CaptureScene *scene = scenes->pdata[i];
        g_assert_true(capture_scene_find(scenes, scene->name) == scene);
        g_autoptr(GstBuffer) drawn = capture_composer_draw(composer, scene, frames);
        for (int j = 0; j < CAPTURE_SCENE_BOXES; j++) {
            const CaptureBox *box = &scene->boxes[j];
            int wanted = j == 0 ? 60 : 180;
            g_test_message("%s, box %d", scene->name, j + 1);
            g_assert_cmpint(luma_at(drawn, box->x + 2, box->y + 2), ==, wanted);
            if (box->border > 0) {
                g_assert_cmpint(luma_at(drawn, box->x - box->border, box->y), ==, 235);
                g_assert_cmpint(luma_at(drawn, box->x + box->width, box->y + box->height), ==, 235);
            }
        }
    }
    const CaptureScene *corner = capture_scene_find(scenes, "corner");
    g_autoptr(GstBuffer) drawn = capture_composer_draw(composer, corner, frames);
    g_assert_cmpint(luma_at(drawn, 0, 0), ==, 60);
    g_assert_cmpint(luma_at(drawn, CAPTURE_WIDTH - 1, CAPTURE_HEIGHT - 1), ==, 60);
    g_assert_cmpint(luma_at(first, corner->boxes[1].x + 2, corner->boxes[1].y + 2), ==, 60);
    capture_composer_free(composer);
}

static void test_blend(void)
{
    CaptureComposer *composer = capture_composer_new();
    g_autoptr(GstBuffer) from = plain(40), to = plain(200);
    static const struct {
        unsigned share;
        int luma;
    } steps[] = {{0, 40}, {64, 80}, {128, 120}, {256, 200}};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(GstBuffer) made = capture_composer_blend(composer, from, to, steps[i].share);
        g_assert_cmpint(luma_at(made, 0, 0), ==, steps[i].luma);
        g_assert_cmpint(luma_at(made, CAPTURE_WIDTH - 1, CAPTURE_HEIGHT - 1), ==, steps[i].luma);
    }
    capture_composer_free(composer);
}

/* A picture of the canvas's size. */
static void write_png(const char *path, const char *pattern)
{
    g_autofree char *text = g_strdup_printf("videotestsrc num-buffers=1 pattern=%s ! "
                                            "video/x-raw,width=%d,height=%d,format=RGB ! pngenc "
                                            "! filesink location=%s",
                                            pattern, CAPTURE_WIDTH, CAPTURE_HEIGHT, path);
    g_autoptr(GstElement) pipeline = gst_parse_launch(text, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    GstMessage *end =
        gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    g_assert_cmpint(GST_MESSAGE_TYPE(end), ==, GST_MESSAGE_EOS);
    gst_message_unref(end);
    gst_element_set_state(pipeline, GST_STATE_NULL);
}

/* -1: no page. */
static int page_luma(CaptureSlides *slides)
{
    g_autoptr(GstBuffer) page = capture_slides_frame(slides);
    return page != NULL ? luma_at(page, CAPTURE_WIDTH / 2, CAPTURE_HEIGHT / 2) : -1;
}

/* Waits; what stays wrong ends at the test's own limit. */
static void await_luma(CaptureSlides *slides, int from, int to)
{
    int luma = page_luma(slides);
    while (luma < from || luma > to) {
        g_usleep(5000);
        luma = page_luma(slides);
    }
}

/* Pages follow each other; what is no picture leaves none. */
static void test_slides(void)
{
    g_autofree char *folder = g_dir_make_tmp("slides-XXXXXX", NULL);
    g_autofree char *white = g_build_filename(folder, "white.png", NULL);
    g_autofree char *black = g_build_filename(folder, "black.png", NULL);
    g_autofree char *broken = g_build_filename(folder, "broken.png", NULL);
    write_png(white, "white");
    write_png(black, "black");
    g_assert_true(g_file_set_contents(broken, "\x89PNG\r\n", -1, NULL));
    CaptureSlides *slides = capture_slides_new();
    g_assert_cmpint(page_luma(slides), ==, -1);
    capture_slides_set(slides, white);
    await_luma(slides, 230, 236);
    for (int i = 0; i < 20; i++) {
        capture_slides_set(slides, i % 2 == 0 ? white : black);
    }
    await_luma(slides, 15, 18); // the last one counts
    capture_slides_set(slides, broken);
    await_luma(slides, -1, -1);
    capture_slides_set(slides, white);
    await_luma(slides, 230, 236);
    capture_slides_set(slides, "");
    await_luma(slides, -1, -1);
    capture_slides_free(slides);
    g_unlink(white);
    g_unlink(black);
    g_unlink(broken);
    g_rmdir(folder);
}

static void test_refused(void)
{
    static const char *const good = "[1]\nx=0\ny=0\nwidth=1280\nheight=720\n";
    static const char *const bad[] = {
        "",
        "not a key file",
        "[2]\nx=0\ny=0\nwidth=100\n",
        "[2]\nx=0\ny=0\nwidth=100\nheight=0\n",
        "[2]\nx=1\ny=0\nwidth=100\nheight=100\n",
        "[2]\nx=1200\ny=0\nwidth=100\nheight=100\n",
        "[2]\nx=-2\ny=0\nwidth=100\nheight=100\n",
        "[2]\nx=0\ny=0\nwidth=100\nheight=100\nborder=4\n",
        "[2]\nx=4\ny=4\nwidth=2147483646\nheight=100\n",
    };
    g_autofree char *home = g_dir_make_tmp("scenes-XXXXXX", NULL);
    g_autofree char *folder = g_build_filename(home, "scenes", NULL);
    g_autofree char *path = g_build_filename(folder, "mine.scene", NULL);
    g_autoptr(GPtrArray) none = capture_scenes_read(home, NULL);
    g_assert_cmpuint(none->len, ==, 0); // no folder, no scene
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strconcat(good, bad[i], NULL);
        g_assert_true(g_file_set_contents(path, text, -1, NULL));
        g_test_message("%s", bad[i]);
        g_assert_null(capture_scenes_read(home, &error));
        g_assert_nonnull(strstr(error->message, "mine.scene"));
    }
    g_unlink(path);
    g_rmdir(folder);
    g_rmdir(home);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gst_init(&argc, &argv);
    g_autoptr(GstCaps) caps = capture_canvas_caps();
    g_assert_true(gst_video_info_from_caps(&canvas, caps));
    g_test_add_func("/capture/scene/boxes", test_boxes);
    g_test_add_func("/capture/scene/blend", test_blend);
    g_test_add_func("/capture/scene/slides", test_slides);
    g_test_add_func("/capture/scene/refused", test_refused);
    return g_test_run();
}

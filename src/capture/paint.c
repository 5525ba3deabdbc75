// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the slate and the marks on the test source; makes the beep.
#include "capture/paint.h"

#include "capture/grid.h"
#include "capture/mark.h"

#include "base/refs.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#define BEEP_HZ 1000
#define BEEP_LEVEL 8000

typedef struct {
    int x, y, width, height;
} Box;

typedef struct {
    uint8_t y, u, v;
} Colour;

static const Colour white = {235, 128, 128}, black = {16, 128, 128}, panel = {30, 132, 124};

static void canvas_info(GstVideoInfo *info)
{
    gst_video_info_set_format(info, GST_VIDEO_FORMAT_I420, CAPTURE_WIDTH, CAPTURE_HEIGHT);
    info->fps_n = CAPTURE_FPS;
    info->fps_d = 1;
    gst_video_colorimetry_from_string(&info->colorimetry, GST_VIDEO_COLORIMETRY_BT709);
}

GstCaps *capture_canvas_caps(void)
{
    GstVideoInfo info;
    canvas_info(&info);
    return gst_video_info_to_caps(&info);
}

uint8_t *capture_frame_row(const GstVideoFrame *frame, int plane, int y)
{
    return (uint8_t *)GST_VIDEO_FRAME_PLANE_DATA(frame, plane) +
           (size_t)y * (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane);
}

/* Edges must be even. */
static void fill(GstVideoFrame *frame, Box box, Colour colour)
{
    for (int y = box.y; y < box.y + box.height; y++) {
        memset(capture_frame_row(frame, 0, y) + box.x, colour.y, (size_t)box.width);
    }
    for (int y = box.y / 2; y < (box.y + box.height) / 2; y++) {
        memset(capture_frame_row(frame, 1, y) + box.x / 2, colour.u, (size_t)box.width / 2);
        memset(capture_frame_row(frame, 2, y) + box.x / 2, colour.v, (size_t)box.width / 2);
    }
}

void capture_frame_box(GstVideoFrame *frame, int x, int y, int width, int height)
{
    fill(frame, (Box){x, y, width, height}, white);
}

void capture_frame_clear(GstVideoFrame *frame)
{
    fill(frame, (Box){0, 0, CAPTURE_WIDTH, CAPTURE_HEIGHT}, black);
}

/* Distance from the outline of an eight-pointed star of two squares. */
static double star_distance(double x, double y, double half)
{
    double upright = fmax(fabs(x), fabs(y));
    double tilted = (fabs(x) + fabs(y)) * M_SQRT1_2;
    return fabs(fmin(upright, tilted) - half);
}

#define SLATE_STAR_Y 200 // words stand below it, above the time mark

static uint8_t slate_luma(int x, int y)
{
    double shade = 40 - 16.0 * y / CAPTURE_HEIGHT;
    double far = star_distance(x - CAPTURE_WIDTH / 2, y - SLATE_STAR_Y, 90);
    return (uint8_t)lround(shade + fmax(0, fmin(1, 4 - far)) * 50);
}

static GstBuffer *paint_slate(void)
{
    GstVideoInfo info;
    canvas_info(&info);
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, info.size, NULL);
    GstVideoFrame frame;
    if (gst_video_frame_map(&frame, &info, buffer, GST_MAP_WRITE)) {
        fill(&frame, (Box){0, 0, CAPTURE_WIDTH, CAPTURE_HEIGHT}, (Colour){24, 136, 120});
        for (int y = 0; y < CAPTURE_HEIGHT; y++) {
            for (int x = 0; x < CAPTURE_WIDTH; x++) {
                capture_frame_row(&frame, 0, y)[x] = slate_luma(x, y);
            }
        }
        gst_video_frame_unmap(&frame);
    }
    return buffer;
}

/* Words */

static pthread_mutex_t pango = PTHREAD_MUTEX_INITIALIZER;

void capture_pango_lock(void)
{
    pthread_mutex_lock(&pango);
}

void capture_pango_unlock(void)
{
    pthread_mutex_unlock(&pango);
}

#define TITLE_CHARACTERS 90 // two titles stay clear of the star
#define DRAW_LIMIT_NS (20 * GST_SECOND)

struct CaptureSlate {
    BaseRefs refs; // the feed's and the drawing thread's
    char *words;
    pthread_mutex_t mutex;
    GstBuffer *frame; // guarded by `mutex`
};

static void slate_unref(CaptureSlate *slate)
{
    if (base_refs_dec(&slate->refs)) {
        gst_buffer_unref(slate->frame);
        pthread_mutex_destroy(&slate->mutex);
        g_free(slate->words);
        g_free(slate);
    }
}

static void add_words(GString *out, const char *size, const char *text)
{
    bool cut = text != NULL && g_utf8_strlen(text, -1) > TITLE_CHARACTERS;
    g_autofree char *start = cut ? g_utf8_substring(text, 0, TITLE_CHARACTERS) : g_strdup(text);
    g_autofree char *safe = g_markup_escape_text(start != NULL ? start : "", -1);
    if (safe[0] != '\0') {
        g_string_append_printf(out, "%s<span size='%s'>%s%s</span>", out->len > 0 ? "\n" : "", size,
                               safe, cut ? "…" : "");
    }
}

static char *write_words(const char *title_ar, const char *title_en)
{
    GString *words = g_string_new(NULL);
    add_words(words, "32pt", title_ar);
    add_words(words, "24pt", title_en);
    add_words(words, "20pt", "تصلكم الصورة بعد لحظات");
    add_words(words, "16pt", "The picture will be here in a moment");
    return g_string_free(words, FALSE);
}

GstBuffer *capture_pull_picture(GstElement *pipeline, GstAppSink *out, GstClockTime limit)
{
    g_autoptr(GstSample) sample = gst_app_sink_try_pull_sample(out, limit);
    GstBuffer *picture =
        sample != NULL ? gst_buffer_copy_deep(gst_sample_get_buffer(sample)) : NULL;
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (picture != NULL) {
        GST_BUFFER_PTS(picture) = GST_BUFFER_DURATION(picture) = GST_CLOCK_TIME_NONE;
    }
    return picture;
}

/* By Pango, which shapes Arabic. NULL without it. */
static GstBuffer *draw_words(GstBuffer *plain, const char *words)
{
    g_autoptr(GstElement) pipeline = gst_parse_launch_full(
        "appsrc name=in format=time ! textoverlay name=words font-desc=\"Sans 20\" "
        "valignment=bottom ypad=70 line-alignment=center wrap-mode=wordchar auto-resize=false "
        "draw-shadow=false ! appsink name=out sync=false",
        NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);
    if (pipeline == NULL) {
        return NULL;
    }
    g_autoptr(GstElement) in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
    g_autoptr(GstElement) overlay = gst_bin_get_by_name(GST_BIN(pipeline), "words");
    g_autoptr(GstElement) out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
    g_autoptr(GstCaps) caps = capture_canvas_caps();
    GstBuffer *buffer = gst_buffer_copy_deep(plain);
    GST_BUFFER_PTS(buffer) = 0;
    GST_BUFFER_DURATION(buffer) = GST_SECOND;
    g_object_set(in, "caps", caps, NULL);
    g_object_set(overlay, "text", words, NULL);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    gst_app_src_push_buffer(GST_APP_SRC(in), buffer);
    gst_app_src_end_of_stream(GST_APP_SRC(in));
    return capture_pull_picture(pipeline, GST_APP_SINK(out), DRAW_LIMIT_NS);
}

static void *draw(void *data)
{
    CaptureSlate *slate = data;
    GstBuffer *plain = capture_slate_frame(slate);
    capture_pango_lock();
    GstBuffer *drawn = draw_words(plain, slate->words);
    capture_pango_unlock();
    if (drawn != NULL) {
        pthread_mutex_lock(&slate->mutex);
        gst_buffer_unref(slate->frame);
        slate->frame = drawn;
        pthread_mutex_unlock(&slate->mutex);
    }
    gst_buffer_unref(plain);
    slate_unref(slate);
    return NULL;
}

CaptureSlate *capture_slate_new(const char *title_ar, const char *title_en)
{
    CaptureSlate *slate = g_new0(CaptureSlate, 1);
    base_refs_init(&slate->refs);
    pthread_mutex_init(&slate->mutex, NULL);
    slate->words = write_words(title_ar, title_en);
    slate->frame = paint_slate();
    base_refs_inc(&slate->refs);
    pthread_t thread;
    if (pthread_create(&thread, NULL, draw, slate) == 0) {
        pthread_detach(thread); // loading fonts may take seconds
    } else {
        slate_unref(slate);
    }
    return slate;
}

void capture_slate_free(CaptureSlate *slate)
{
    if (slate != NULL) {
        slate_unref(slate);
    }
}

GstBuffer *capture_slate_frame(CaptureSlate *slate)
{
    pthread_mutex_lock(&slate->mutex);
    GstBuffer *frame = gst_buffer_ref(slate->frame);
    pthread_mutex_unlock(&slate->mutex);
    return frame;
}

/* Top, upper right, lower right, bottom, lower left, upper left, middle. */
static void draw_digit(GstVideoFrame *frame, int x, int y, int digit)
{
    static const uint8_t lit[] = {0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};
    enum { W = 44, H = 80, T = 10 };
    const Box segments[] = {
        {x, y, W, T},
        {x + W - T, y, T, H / 2},
        {x + W - T, y + H / 2, T, H / 2},
        {x, y + H - T, W, T},
        {x, y + H / 2, T, H / 2},
        {x, y, T, H / 2},
        {x, y + H / 2 - T / 2 + 1, W, T},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(segments); i++) {
        if (lit[digit] >> i & 1) {
            fill(frame, segments[i], white);
        }
    }
}

static int draw_two(GstVideoFrame *frame, int x, int y, int64_t value)
{
    draw_digit(frame, x, y, (int)(value / 10 % 10));
    draw_digit(frame, x + 56, y, (int)(value % 10));
    return x + 112;
}

static int draw_colon(GstVideoFrame *frame, int x, int y)
{
    fill(frame, (Box){x + 4, y + 22, 10, 10}, white);
    fill(frame, (Box){x + 4, y + 48, 10, 10}, white);
    return x + 30;
}

static void draw_clock(GstVideoFrame *frame, int64_t pts_us)
{
    int64_t seconds = pts_us / BASE_US_PER_S;
    int64_t frames = capture_frame_nearest(pts_us) % CAPTURE_FPS;
    const int64_t parts[] = {seconds / 3600, seconds / 60 % 60, seconds % 60, frames};
    int x = 374, y = 316;
    fill(frame, (Box){x - 34, y - 28, 600, 136}, panel);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        x = draw_two(frame, x, y, parts[i]);
        x = i + 1 < G_N_ELEMENTS(parts) ? draw_colon(frame, x, y) : x;
    }
}

/* Crosses in ten seconds: a frozen picture shows. */
static void draw_bar(GstVideoFrame *frame, int64_t pts_us)
{
    int64_t period = 10 * BASE_US_PER_S;
    int x = (int)(pts_us % period * (CAPTURE_WIDTH - 80) / period) & ~1;
    fill(frame, (Box){0, 640, CAPTURE_WIDTH, 20}, panel);
    fill(frame, (Box){x, 640, 80, 20}, white);
}

static void draw_stamps(GstVideoFrame *frame, int64_t pts_us)
{
    draw_clock(frame, pts_us);
    draw_bar(frame, pts_us);
    // Half a frame of tolerance for rounding.
    bool flash = pts_us % BASE_US_PER_S < CAPTURE_FLASH_US - CAPTURE_FRAME_US / 2;
    fill(frame, (Box){1060, 60, 160, 160}, flash ? white : black);
    fill(frame,
         (Box){0, CAPTURE_HEIGHT - CAPTURE_HEIGHT / CAPTURE_MARK_STRIP, CAPTURE_WIDTH,
               CAPTURE_HEIGHT / CAPTURE_MARK_STRIP},
         black);
    capture_mark_draw(capture_frame_row(frame, 0, 0),
                      (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0), CAPTURE_WIDTH, CAPTURE_HEIGHT,
                      pts_us / BASE_US_PER_MS);
}

GstBuffer *capture_stamp_frame(GstBuffer *frame, int64_t pts_us)
{
    GstVideoInfo info;
    canvas_info(&info);
    GstBuffer *copy = gst_buffer_copy_deep(frame);
    GstVideoFrame mapped;
    if (gst_video_frame_map(&mapped, &info, copy, GST_MAP_READWRITE)) {
        draw_stamps(&mapped, pts_us);
        gst_video_frame_unmap(&mapped);
    }
    return copy;
}

void capture_stamp_audio(int16_t *samples, int64_t at, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t n = (at + i) % CAPTURE_RATE;
        if (n >= capture_samples_at(CAPTURE_FLASH_US)) {
            continue;
        }
        int beep = (int)lround(BEEP_LEVEL * sin(2 * M_PI * BEEP_HZ * (double)n / CAPTURE_RATE));
        for (int c = 0; c < CAPTURE_CHANNELS; c++) {
            int16_t *sample = &samples[i * CAPTURE_CHANNELS + c];
            *sample = (int16_t)CLAMP(*sample + beep, INT16_MIN, INT16_MAX);
        }
    }
}

static uint8_t mean_of_block(GstVideoFrame *frame, int plane, int x, int y)
{
    int sum = 0;
    for (int dy = 0; dy < 4; dy++) {
        const uint8_t *from = capture_frame_row(frame, plane, y * 4 + dy) + x * 4;
        sum += from[0] + from[1] + from[2] + from[3];
    }
    return (uint8_t)(sum / 16);
}

void capture_shrink(GstBuffer *frame, uint8_t *out)
{
    GstVideoInfo info;
    canvas_info(&info);
    GstVideoFrame mapped;
    if (!gst_video_frame_map(&mapped, &info, frame, GST_MAP_READ)) {
        return;
    }
    for (int plane = 0; plane < 3; plane++) {
        int width = CAPTURE_WIDTH / (plane == 0 ? 4 : 8),
            height = CAPTURE_HEIGHT / (plane == 0 ? 4 : 8);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                *out++ = mean_of_block(&mapped, plane, x, y);
            }
        }
    }
    gst_video_frame_unmap(&mapped);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "capture/paint.h"

#include "capture/grid.h"
#include "capture/mark.h"

#include <gst/video/video.h>
#include <math.h>
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

static uint8_t *row(GstVideoFrame *frame, int plane, int y)
{
    return (uint8_t *)GST_VIDEO_FRAME_PLANE_DATA(frame, plane) +
           (size_t)y * (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane);
}

/* Fills a box whose edges are even. */
static void fill(GstVideoFrame *frame, Box box, Colour colour)
{
    for (int y = box.y; y < box.y + box.height; y++) {
        memset(row(frame, 0, y) + box.x, colour.y, (size_t)box.width);
    }
    for (int y = box.y / 2; y < (box.y + box.height) / 2; y++) {
        memset(row(frame, 1, y) + box.x / 2, colour.u, (size_t)box.width / 2);
        memset(row(frame, 2, y) + box.x / 2, colour.v, (size_t)box.width / 2);
    }
}

/* Distance from the outline of the eight-pointed star made of two squares of half side `half`. */
static double star_distance(double x, double y, double half)
{
    double upright = fmax(fabs(x), fabs(y));
    double tilted = (fabs(x) + fabs(y)) * M_SQRT1_2;
    return fabs(fmin(upright, tilted) - half);
}

static uint8_t slate_luma(int x, int y)
{
    double shade = 40 - 16.0 * y / CAPTURE_HEIGHT;
    double far = star_distance(x - CAPTURE_WIDTH / 2, y - CAPTURE_HEIGHT / 2, 90);
    return (uint8_t)lround(shade + fmax(0, fmin(1, 4 - far)) * 50);
}

GstBuffer *capture_slate_new(void)
{
    GstVideoInfo info;
    canvas_info(&info);
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, info.size, NULL);
    GstVideoFrame frame;
    if (gst_video_frame_map(&frame, &info, buffer, GST_MAP_WRITE)) {
        fill(&frame, (Box){0, 0, CAPTURE_WIDTH, CAPTURE_HEIGHT}, (Colour){24, 136, 120});
        for (int y = 0; y < CAPTURE_HEIGHT; y++) {
            for (int x = 0; x < CAPTURE_WIDTH; x++) {
                row(&frame, 0, y)[x] = slate_luma(x, y);
            }
        }
        gst_video_frame_unmap(&frame);
    }
    return buffer;
}

/* Seven segments: top, upper right, lower right, bottom, lower left, upper left, middle. */
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

/* Hours, minutes, seconds and frames of the timeline. */
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

/* A bar that crosses the picture in ten seconds: standing pictures are noticed. */
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
    // Half a frame of tolerance: frame 30 n of the grid is second n exactly, as is its neighbour 3
    // on.
    bool flash = pts_us % BASE_US_PER_S < CAPTURE_FLASH_US - CAPTURE_FRAME_US / 2;
    fill(frame, (Box){1060, 60, 160, 160}, flash ? white : black);
    fill(frame,
         (Box){0, CAPTURE_HEIGHT - CAPTURE_HEIGHT / CAPTURE_MARK_STRIP, CAPTURE_WIDTH,
               CAPTURE_HEIGHT / CAPTURE_MARK_STRIP},
         black);
    capture_mark_draw(row(frame, 0, 0), (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(frame, 0),
                      CAPTURE_WIDTH, CAPTURE_HEIGHT, pts_us / BASE_US_PER_MS);
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
        const uint8_t *from = row(frame, plane, y * 4 + dy) + x * 4;
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

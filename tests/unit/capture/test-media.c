// SPDX-License-Identifier: GPL-3.0-or-later
// Properties of foreign files that a source must honour: rotation, fields, single pictures, ends
// that no demuxer tells, timestamps that stand still. The files are made by ffmpeg.
#include "capture/grid.h"
#include "capture/source/source.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define MS BASE_US_PER_MS
#define SECOND BASE_US_PER_S

static char *folder;

static char *make(const char *name, const char *options)
{
    char *path = g_build_filename(folder, name, NULL);
    g_autofree char *command = g_strdup_printf("ffmpeg -v error -y %s %s", options, path);
    g_assert_cmpint(system(command), ==, 0);
    return path;
}

static CaptureSource *open_file(const char *path, int64_t *out_clock_us)
{
    g_autofree char *once = g_strconcat(path, "?loop=0", NULL);
    *out_clock_us = base_clock_us();
    CaptureSource *source = capture_source_open(PIPELINES, once, *out_clock_us);
    while (capture_source_state(source) == CAPTURE_SOURCE_OPENING) {
        g_usleep(5000);
    }
    return source;
}

static CaptureSource *open_ready(const char *path, int64_t *out_clock_us)
{
    CaptureSource *source = open_file(path, out_clock_us);
    g_autofree char *failure = capture_source_failure(source);
    g_assert_cmpstr(failure, ==, NULL);
    return source;
}

static void close_all(CaptureSource *source, const char *path)
{
    capture_source_close(source);
    capture_source_wait_all(5 * SECOND);
    g_unlink(path);
}

/* The colour at a place of the canvas, in 1/8 of its width and height: white, black, or the
 * strongest of red, green, blue. */
static char colour_at(const GstMapInfo *map, int x8, int y8)
{
    int x = CAPTURE_WIDTH * x8 / 8, y = CAPTURE_HEIGHT * y8 / 8;
    const uint8_t *u = map->data + CAPTURE_WIDTH * CAPTURE_HEIGHT;
    const uint8_t *v = u + CAPTURE_WIDTH * CAPTURE_HEIGHT / 4;
    size_t chroma = (size_t)(y / 2) * (CAPTURE_WIDTH / 2) + (size_t)x / 2;
    int luma = map->data[y * CAPTURE_WIDTH + x], cb = u[chroma] - 128, cr = v[chroma] - 128;
    if (ABS(cb) < 20 && ABS(cr) < 20) {
        return luma > 128 ? 'W' : '.';
    }
    return cr > ABS(cb) / 2 ? 'R' : cb > 0 ? 'B' : 'G';
}

/* The first picture's colours: left and right third of its upper and of its lower half; in a
 * portrait picture those lie nearer to the middle. */
static void first_colours(const char *path, char out[9])
{
    int64_t clock_us = 0;
    CaptureSource *source = open_ready(path, &clock_us);
    capture_source_start(source, 0);
    GstBuffer *frame = capture_source_frame(source, 0);
    GstMapInfo map;
    g_assert_nonnull(frame);
    g_assert_true(gst_buffer_map(frame, &map, GST_MAP_READ));
    static const int columns[] = {1, 3, 5, 7};
    for (int i = 0; i < 8; i++) {
        out[i] = colour_at(&map, columns[i % 4], i < 4 ? 2 : 6);
    }
    out[8] = '\0';
    gst_buffer_unmap(frame, &map);
    gst_buffer_unref(frame);
    close_all(source, path);
}

#define QUADRANTS                                                                                  \
    "-f lavfi -i \"color=red:s=320x180:r=10:d=0.3,drawbox=x=160:y=0:w=160:h=90:c=0x00ff00:t=fill," \
    "drawbox=x=0:y=90:w=160:h=90:c=blue:t=fill,drawbox=x=160:y=90:w=160:h=90:c=white:t=fill\" "    \
    "-c:v libx264 -preset ultrafast -pix_fmt yuv420p "

/* Writes the upper left 2 x 2 of the display matrix in the file's tkhd box. */
static void set_matrix(const char *path, const int8_t turn[4])
{
    g_autofree char *data = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    char *box = memmem(data, size, "tkhd", 4);
    g_assert_nonnull(box);
    static const int places[] = {0, 4, 12, 16};
    for (int i = 0; i < 4; i++) {
        uint32_t value = GUINT32_TO_BE((uint32_t)(turn[i] * 0x10000));
        memcpy(box + 44 + places[i], &value, sizeof value);
    }
    g_assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
}

static void test_rotated(void)
{
    static const struct {
        const char *name;
        int8_t turn[4];
        const char *colours;
    } cases[] = {
        {"plain.mp4", {1, 0, 0, 1}, "RRGGBBWW"},    {"90.mp4", {0, 1, -1, 0}, ".BR..WG."},
        {"180.mov", {-1, 0, 0, -1}, "WWBBGGRR"},    {"270.mov", {0, -1, 1, 0}, ".GW..RB."},
        {"mirror.mp4", {-1, 0, 0, 1}, "GGRRWWBB"},  {"flip.mov", {1, 0, 0, -1}, "BBWWRRGG"},
        {"mirror90.mp4", {0, 1, 1, 0}, ".RB..GW."},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = make(cases[i].name, QUADRANTS);
        char seen[9];
        set_matrix(path, cases[i].turn);
        first_colours(path, seen);
        g_test_message("%s: %s", cases[i].name, seen);
        g_assert_cmpstr(seen, ==, cases[i].colours);
    }
}

/* A phone's photograph on its side, as the card before the speaker comes. */
static void test_exif(void)
{
    static const uint8_t exif[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,    'M', 'M',
                                   0,    42,   0, 0,  0,   8,   0,   1,   1, 0x12, 0,   3,
                                   0,    0,    0, 1,  0,   6,   0,   0,   0, 0,    0,   0};
    g_autofree char *path =
        make("photo.jpg", QUADRANTS " -c:v mjpeg -pix_fmt yuvj420p -frames:v 1");
    g_autofree char *data = NULL;
    size_t size = 0;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_byte_array_append(out, (uint8_t *)data, 2);
    g_byte_array_append(out, exif, sizeof exif);
    g_byte_array_append(out, (uint8_t *)data + 2, (guint)size - 2);
    g_assert_true(g_file_set_contents(path, (char *)out->data, (gssize)out->len, NULL));
    char seen[9];
    first_colours(path, seen);
    g_assert_cmpstr(seen, ==, ".BR..WG.");
}

/* What a source gave over `for_us` of the timeline, or until its end. */
typedef struct {
    int64_t end_us; // -1: none
    int loud;       // frames with sound
    int pictures, changes;
    int double_bars; // pictures in which both fields' bars show
} Heard;

/* The mean over lines of both fields: a bar that only one of them has is half as bright. */
static bool is_lit(const GstMapInfo *map, int x)
{
    int sum = 0;
    for (int y = 300; y < 420; y++) {
        sum += map->data[y * CAPTURE_WIDTH + x];
    }
    return sum / 120 > 60;
}

static void look(Heard *heard, CaptureSource *source, int64_t pts_us, guint *last)
{
    GstBuffer *frame = capture_source_frame(source, pts_us);
    GstMapInfo map;
    if (frame == NULL) {
        return;
    }
    g_assert_true(gst_buffer_map(frame, &map, GST_MAP_READ));
    guint sum = 0;
    for (size_t i = 0; i < map.size; i += 97) {
        sum = sum * 31 + map.data[i];
    }
    heard->changes += sum != *last;
    *last = sum;
    heard->pictures++;
    heard->double_bars += is_lit(&map, 350) && is_lit(&map, 650);
    gst_buffer_unmap(frame, &map);
    gst_buffer_unref(frame);
}

static void listen(const char *path, int64_t for_us, Heard *heard)
{
    *heard = (Heard){.end_us = -1};
    int64_t clock_us = 0, end_us = 0;
    CaptureSource *source = open_ready(path, &clock_us);
    int64_t first = capture_frame_ceil(base_clock_us() - clock_us) + 4;
    guint last = 0;
    capture_source_start(source, capture_frame_pts(first));
    for (int64_t k = first; capture_frame_pts(k - first) < for_us; k++) {
        int64_t pts_us = capture_frame_pts(k), wait_us = pts_us - (base_clock_us() - clock_us);
        g_usleep((gulong)MAX(wait_us, 20 * MS)); // late or not: its threads need time too
        if (capture_source_end(source, &end_us) && pts_us >= end_us) {
            heard->end_us = end_us - capture_frame_pts(first);
            break;
        }
        int16_t out[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
        capture_source_audio(source, pts_us, out, CAPTURE_FRAME_SAMPLES);
        int peak = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(out); i++) {
            peak = MAX(peak, ABS((int)out[i]));
        }
        heard->loud += peak > 1000;
        look(heard, source, pts_us, &last);
    }
    g_assert_cmpint(capture_source_state(source), ==, CAPTURE_SOURCE_READY);
    g_assert_cmpint(capture_source_is_still(source), ==, heard->changes == 1 && heard->loud == 0);
    capture_source_close(source);
    capture_source_wait_all(5 * SECOND);
}

/* One field has a bar on the left, the other on the right. */
#define FIELDS                                                                                     \
    "-f lavfi -i \"color=black:s=640x480:r=50:d=0.6,geq=lum='if(between(mod(N\\,2)*200+X\\,300\\," \
    "359)\\,235\\,16)':cb=128:cr=128\" -vf tinterlace=interleave_top,setfield=tff "

static void test_interlaced(gconstpointer options)
{
    g_autofree char *path = make("fields.mov", options);
    Heard heard;
    listen(path, 2 * SECOND, &heard);
    g_unlink(path);
    g_assert_cmpint(heard.pictures, >, 12);
    g_assert_cmpint(heard.double_bars, ==, 0);
    g_assert_cmpint(heard.changes, >, 2);
}

static void test_still(gconstpointer data)
{
    g_autofree char *path = make(data, QUADRANTS "-c:v png -pix_fmt rgb24 -frames:v 1");
    Heard heard;
    listen(path, 2 * SECOND, &heard);
    g_unlink(path);
    g_assert_cmpint(heard.end_us, ==, -1);
    g_assert_cmpint(heard.pictures, >, 55);
    g_assert_cmpint(heard.changes, ==, 1);
}

/* GStreamer's demuxer gives all of a GIF's pictures one timestamp and never says that it ends. */
static void test_gif(void)
{
    g_autofree char *path = make("moves.gif", "-f lavfi -i testsrc2=s=160x90:r=10:d=1.2");
    Heard heard;
    listen(path, 8 * SECOND, &heard);
    g_unlink(path);
    g_assert_cmpint(ABS(heard.end_us - 1200 * MS), <, 110 * MS);
    g_assert_cmpint(heard.changes, >=, 11);
}

static void play_pcm(void)
{
    g_autofree char *path =
        make("sound.mov", "-f lavfi -i testsrc2=s=160x90:r=25:d=2.4 -f lavfi -i "
                          "sine=f=500:r=96000:d=2.4 -c:v libx264 -preset ultrafast "
                          "-c:a pcm_s16le -ar 96000");
    Heard heard;
    listen(path, 5 * SECOND, &heard);
    g_unlink(path);
    g_assert_cmpint(ABS(heard.end_us - 2400 * MS), <, 100 * MS);
#ifndef __SANITIZE_ADDRESS__
    g_assert_cmpint(heard.loud, >=, 68);
#endif
}

/* Its demuxer for MOV does so with sound at more than 65,535 samples a second; or it gives the
 * samples times of hundreds of hours, and the sound ends with the first buffer: always under
 * AddressSanitizer, else as its process's memory was used before. Hence the new processes. */
static void test_pcm(void)
{
    bool passed = false;
    for (int i = 0; i < 3 && !passed; i++) {
        g_test_trap_subprocess("/capture/media/pcm-96k/subprocess", 0, 0);
        passed = g_test_trap_has_passed();
    }
    g_assert_true(passed);
}

/* Refused with its size before its pixels are there; what is not much smaller is taken. */
static void test_huge(void)
{
    g_autofree char *path =
        make("huge.png", "-f lavfi -i color=red:s=16384x4100 -frames:v 1 -pix_fmt gray");
    int64_t clock_us = 0;
    CaptureSource *source = open_file(path, &clock_us);
    g_autofree char *failure = capture_source_failure(source);
    g_assert_nonnull(failure);
    g_assert_nonnull(strstr(failure, "16384 x 4100"));
    close_all(source, path);
}

static void test_sound_alone(void)
{
    g_autofree char *cover = make("cover.png", QUADRANTS "-c:v png -pix_fmt rgb24 -frames:v 1");
    g_autofree char *options = g_strdup_printf(
        "-f lavfi -i sine=f=500:d=1.5 -i %s -map 0 -map 1 -c:v copy -disposition:v attached_pic",
        cover);
    g_autofree char *path = make("song.mp3", options);
    Heard heard;
    listen(path, 5 * SECOND, &heard);
    g_unlink(path);
    g_assert_cmpint(ABS(heard.end_us - 1500 * MS), <, 100 * MS);
    g_assert_cmpint(heard.loud, >=, 42);
    g_unlink(cover);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_test_add_func("/capture/media/rotated", test_rotated);
    g_test_add_func("/capture/media/exif", test_exif);
    g_test_add_data_func("/capture/media/interlaced", FIELDS "-c:v mpeg2video -flags +ilme+ildct",
                         test_interlaced);
    g_test_add_data_func("/capture/media/interlaced-10-bit",
                         FIELDS "-c:v prores -pix_fmt yuv422p10 -flags +ilme+ildct",
                         test_interlaced);
    g_test_add_data_func("/capture/media/still", "card.png", test_still);
    g_test_add_func("/capture/media/gif", test_gif);
    g_test_add_func("/capture/media/pcm-96k", test_pcm);
    g_test_add_func("/capture/media/pcm-96k/subprocess", play_pcm);
    g_test_add_func("/capture/media/huge", test_huge);
    g_test_add_func("/capture/media/sound-alone", test_sound_alone);
    int status = g_test_run();
    g_rmdir(folder);
    g_free(folder);
    return status;
}

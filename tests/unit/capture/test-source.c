// SPDX-License-Identifier: GPL-3.0-or-later
// One source as the programme meets it, with an element in its pipeline that makes its timestamps
// jump. Picture and sound flash and beep at each whole second of the time before that.
#include "../load.h"

#include "capture/grid.h"
#include "capture/source/source.h"

#include <glib/gstdio.h>
#include <gst/base/gstbasetransform.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MS BASE_US_PER_MS
#define SECOND BASE_US_PER_S
#define FLASH_NS (120 * GST_MSECOND)
#define MAX_SECONDS 20

typedef enum { BOTH, PICTURE_ONLY, SOUND_ONLY } Which;

/* From buffer time `at_ns` on timestamps are `by_ns` off, or stand still at `at_ns`, or nothing
 * comes any more. */
typedef struct {
    GstClockTime at_ns;
    int64_t by_ns;
    Which which;
} Jump;

#define STAND INT64_MAX
#define STOP INT64_MIN

static const Jump *jumps; // of the test that runs

typedef GstBaseTransform Shift;
typedef GstBaseTransformClass ShiftClass;
GType shift_get_type(void);
G_DEFINE_TYPE(Shift, shift, GST_TYPE_BASE_TRANSFORM)

static bool marked(GstClockTime at)
{
    return at >= GST_SECOND / 2 && (at + GST_SECOND / 2) % GST_SECOND < FLASH_NS;
}

static void paint(const GstStructure *caps, GstBuffer *buffer)
{
    GstMapInfo map;
    int rate = 0, channels = 1;
    g_assert_true(gst_buffer_map(buffer, &map, GST_MAP_READWRITE));
    if (gst_structure_get_int(caps, "rate", &rate)) {
        gst_structure_get_int(caps, "channels", &channels);
        int16_t *samples = (int16_t *)map.data;
        for (size_t i = 0; i < map.size / sizeof *samples; i++) {
            GstClockTime at =
                GST_BUFFER_PTS(buffer) +
                gst_util_uint64_scale(i / (size_t)channels, GST_SECOND, (guint64)rate);
            samples[i] =
                (int16_t)(marked(at) ? (i / (size_t)channels % 48 < 24 ? 15000 : -15000) : 0);
        }
    } else {
        memset(map.data, marked(GST_BUFFER_PTS(buffer)) ? 235 : 16, map.size * 2 / 3);
        memset(map.data + map.size * 2 / 3, 128, map.size - map.size * 2 / 3);
    }
    gst_buffer_unmap(buffer, &map);
}

static GstFlowReturn shift_buffer(GstBaseTransform *self, GstBuffer *buffer)
{
    g_autoptr(GstCaps) caps = gst_pad_get_current_caps(self->sinkpad);
    GstClockTime at = GST_BUFFER_PTS(buffer);
    const GstStructure *form = gst_caps_get_structure(caps, 0);
    Which other = gst_structure_has_field(form, "rate") ? PICTURE_ONLY : SOUND_ONLY;
    bool stopped = false;
    paint(form, buffer);
    for (const Jump *jump = jumps; jump->at_ns > 0 && at >= jump->at_ns; jump++) {
        if (jump->which != other) {
            stopped = jump->by_ns == STOP;
            int64_t pts = (int64_t)(jump->by_ns == STAND ? jump->at_ns : at);
            GST_BUFFER_PTS(buffer) =
                (GstClockTime)(stopped || jump->by_ns == STAND ? pts : pts + jump->by_ns);
        }
    }
    return stopped ? GST_BASE_TRANSFORM_FLOW_DROPPED : GST_FLOW_OK;
}

static void shift_class_init(ShiftClass *class)
{
    GstElementClass *element = GST_ELEMENT_CLASS(class);
    GstCaps *any = gst_caps_new_any();
    gst_element_class_add_pad_template(
        element, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, any));
    gst_element_class_add_pad_template(
        element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, any));
    gst_caps_unref(any);
    gst_element_class_set_static_metadata(element, "shift", "Filter", "Makes time jump", "majlis");
    class->transform_ip = shift_buffer;
}

static void shift_init(Shift *self)
{
    gst_base_transform_set_in_place(self, TRUE);
}

typedef struct {
    int64_t flashes[MAX_SECONDS], beeps[MAX_SECONDS]; // on the timeline
    int flash_count, beep_count;
    int64_t end_us; // of a finite source, on the timeline; -1: it had none
    int pictures, none;
    bool failed;
    const char *notice;       // the first
    int64_t notice_us;        // since the start
    bool notice_gone;         // at the end
    double wide[MAX_SECONDS]; // how much of the width each flash fills
} Seen;

static bool bright(GstBuffer *frame, double *out_wide)
{
    GstMapInfo map;
    g_assert_true(gst_buffer_map(frame, &map, GST_MAP_READ));
    g_assert_cmpuint(map.size, ==, CAPTURE_WIDTH * CAPTURE_HEIGHT * 3 / 2);
    int lit = 0;
    for (int x = 0; x < CAPTURE_WIDTH; x++) {
        lit += map.data[CAPTURE_HEIGHT / 2 * CAPTURE_WIDTH + x] > 128;
    }
    bool yes = map.data[CAPTURE_HEIGHT / 2 * CAPTURE_WIDTH + CAPTURE_WIDTH / 2] > 128;
    *out_wide = (double)lit / CAPTURE_WIDTH;
    gst_buffer_unmap(frame, &map);
    return yes;
}

static void look(Seen *seen, CaptureSource *source, int64_t pts_us, bool *was)
{
    GstBuffer *frame = capture_source_frame(source, pts_us);
    bool now = false;
    double wide = 0;
    if (frame != NULL) {
        now = bright(frame, &wide);
        gst_buffer_unref(frame);
    } else {
        seen->none++;
    }
    if (now && !*was && seen->flash_count < MAX_SECONDS) {
        seen->wide[seen->flash_count] = wide;
        seen->flashes[seen->flash_count++] = pts_us;
    }
    seen->pictures++;
    *was = now;
}

static void hear(Seen *seen, CaptureSource *source, int64_t pts_us, int *quiet)
{
    int16_t out[CAPTURE_FRAME_SAMPLES * CAPTURE_CHANNELS];
    capture_source_audio(source, pts_us, out, CAPTURE_FRAME_SAMPLES);
    for (int i = 0; i < CAPTURE_FRAME_SAMPLES; i++) {
        bool loud = ABS((int)out[2 * i]) > 6000;
        if (loud && *quiet > CAPTURE_RATE / 5 && seen->beep_count < MAX_SECONDS) {
            seen->beeps[seen->beep_count++] = pts_us + capture_samples_us(i);
        }
        *quiet = loud ? 0 : *quiet + 1;
    }
}

/* Plays the source on the grid for at most `for_us`, or to its end. */
static void play(CaptureSource *source, int64_t clock_us, int64_t for_us, Seen *seen)
{
    int64_t k = capture_frame_ceil(base_clock_us() - clock_us) + 4;
    int64_t last_us = capture_frame_pts(k) + for_us;
    bool was = false;
    int quiet = CAPTURE_RATE;
    capture_source_start(source, capture_frame_pts(k));
    for (; capture_frame_pts(k) < last_us; k++) {
        int64_t pts_us = capture_frame_pts(k), wait_us = pts_us - (base_clock_us() - clock_us);
        if (wait_us > 0) {
            g_usleep((gulong)wait_us);
        }
        const char *notice = capture_source_notice(source);
        if (notice != NULL && seen->notice == NULL) {
            seen->notice = notice;
            seen->notice_us = pts_us - (last_us - for_us);
        }
        seen->notice_gone = notice == NULL;
        seen->failed = seen->failed || capture_source_state(source) == CAPTURE_SOURCE_FAILED;
        if (capture_source_end(source, &seen->end_us) && pts_us >= seen->end_us) {
            seen->end_us -= last_us - for_us; // its length
            return;
        }
        look(seen, source, pts_us, &was);
        hear(seen, source, pts_us, &quiet);
    }
    seen->end_us = -1;
}

/* A folder of pipelines whose source "own" is `launch`. Full ownership. */
static char *make_pipelines(const char *launch)
{
    char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *sources = g_build_filename(dir, "sources", NULL);
    g_autofree char *file = g_build_filename(sources, "own.launch", NULL);
    g_assert_cmpint(g_mkdir(sources, 0755), ==, 0);
    g_assert_true(g_file_set_contents(file, launch, -1, NULL));
    return dir;
}

static void remove_pipelines(const char *dir)
{
    g_autofree char *sources = g_build_filename(dir, "sources", NULL);
    g_autofree char *file = g_build_filename(sources, "own.launch", NULL);
    g_unlink(file);
    g_rmdir(sources);
    g_rmdir(dir);
}

/* Plays `launch`, or else the file `path`. */
static void run(const char *launch, const char *path, int64_t for_us, Seen *seen)
{
    g_autofree char *own = launch != NULL ? make_pipelines(launch) : NULL;
    int64_t clock_us = base_clock_us();
    CaptureSource *source = own != NULL ? capture_source_open(own, "own", clock_us)
                                        : capture_source_open(PIPELINES, path, clock_us);
    while (capture_source_state(source) == CAPTURE_SOURCE_OPENING) {
        g_usleep(5000);
    }
    if (capture_source_state(source) == CAPTURE_SOURCE_FAILED) {
        g_autofree char *text = capture_source_failure(source);
        g_error("%s", text);
    }
    *seen = (Seen){0};
    play(source, clock_us, for_us, seen);
    capture_source_close(source);
    capture_source_wait_all(5 * SECOND);
    if (own != NULL) {
        remove_pipelines(own);
    }
}

/* The beep of a flash, by its number: the nearest, as beeps stand further apart at a seam. */
static int beep_of(const Seen *seen, int flash)
{
    int64_t at_us = seen->flashes[flash];
    int beep = 0;
    while (beep + 1 < seen->beep_count &&
           ABS(seen->beeps[beep + 1] - at_us) <= ABS(seen->beeps[beep] - at_us)) {
        beep++;
    }
    return beep;
}

/* Flash and beep each second, at the same distance, whatever the timestamps do. Sound is never left
 * out. */
static void expect_steady(const Seen *seen, int64_t second_slack_us, int64_t lips_us)
{
    g_assert_false(seen->failed);
    load_expect(seen->none, load_allow(1));
    g_assert_cmpint(seen->flash_count, <=, seen->beep_count);
    load_expect(seen->beep_count - seen->flash_count, load_missing());
    for (int i = 0; i < seen->flash_count; i++) {
        int beep = beep_of(seen, i);
        int64_t lips = seen->beeps[beep] - seen->flashes[i];
        g_test_message("flash at %.3f s, beep %.1f ms after it", (double)seen->flashes[i] / SECOND,
                       (double)lips / MS);
        load_expect(ABS(lips), load_allow(lips_us));
        int seconds = i == 0 ? 0 : beep - beep_of(seen, i - 1);
        int64_t apart_us = i == 0 ? 0 : seen->flashes[i] - seen->flashes[i - 1];
        load_expect(ABS(apart_us - seconds * SECOND), load_allow(second_slack_us));
    }
}

#define PICTURE "video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! shift ! "
#define TO_PICTURE "videoconvertscale add-borders=true ! appsink name=video "
#define TO_SOUND " ! shift ! audioconvert ! audioresample ! appsink name=audio"

static void test_live_jumps(gconstpointer sound)
{
    static const Jump live[] = {{3 * GST_SECOND, 10 * INT64_C(1000000000)},
                                {5 * GST_SECOND, 0},
                                {7 * GST_SECOND, 3600 * INT64_C(1000000000)},
                                {9 * GST_SECOND, -8 * INT64_C(1000000000)},
                                {0}};
    jumps = live;
    g_autofree char *launch =
        g_strdup_printf("videotestsrc is-live=true ! " PICTURE TO_PICTURE
                        "audiotestsrc is-live=true samplesperbuffer=480 ! %s" TO_SOUND,
                        (const char *)sound);
    Seen seen;
    run(launch, NULL, 10 * SECOND, &seen);
    expect_steady(&seen, 150 * MS, 120 * MS);
    g_assert_cmpint(seen.beep_count, >=, 9);
}

#define LIVE                                                                                       \
    "videotestsrc is-live=true ! " PICTURE TO_PICTURE                                              \
    "audiotestsrc is-live=true samplesperbuffer=480 ! "                                            \
    "audio/x-raw,format=S16LE,rate=48000,channels=2" TO_SOUND

/* One stream stops for 4 s: the other goes on, staff are told which, and it comes back. */
static void test_stream_stops(gconstpointer data)
{
    Which which = GPOINTER_TO_INT(data);
    const Jump stop[] = {{2 * GST_SECOND, STOP, which}, {6 * GST_SECOND, 0, which}, {0}};
    jumps = stop;
    Seen seen;
    run(LIVE, NULL, 9 * SECOND, &seen);
    g_assert_false(seen.failed);
    g_assert_nonnull(seen.notice);
    g_test_message("%s", seen.notice);
    g_assert_true(g_str_has_prefix(seen.notice, which == SOUND_ONLY ? "No sound" : "No picture"));
    g_assert_cmpint(seen.notice_us, >, 3 * SECOND);
    g_assert_true(seen.notice_gone);
    int rest = which == SOUND_ONLY ? seen.beep_count : seen.flash_count;
    int whole = which == SOUND_ONLY ? seen.flash_count : seen.beep_count;
    load_expect(8 - whole, load_missing());
    load_expect(3 - rest, load_missing()); // before it and after it
    g_assert_cmpint(rest, <=, whole - 3);
    g_assert_cmpint(seen.none > 20, ==, which == PICTURE_ONLY); // the slate, not a frozen picture
}

/* Timestamps that stand still, at a live source and at a file: the media go on. */
static void test_standing(gconstpointer live)
{
    static const Jump stand[] = {{2 * GST_SECOND, STAND, BOTH}, {0}};
    jumps = stand;
    Seen seen;
    if (live != NULL) {
        run(LIVE, NULL, 6 * SECOND, &seen);
        g_assert_cmpint(seen.beep_count, >=, 5);
    } else {
        run("videotestsrc num-buffers=150 ! " PICTURE TO_PICTURE
            "audiotestsrc num-buffers=600 samplesperbuffer=480 ! "
            "audio/x-raw,format=S16LE,rate=48000,channels=2" TO_SOUND,
            NULL, 12 * SECOND, &seen);
        g_assert_cmpint(seen.beep_count, ==, 6);
        load_expect(ABS(seen.end_us - 6 * SECOND), load_allow(100 * MS));
    }
    expect_steady(&seen, 150 * MS, 120 * MS);
    g_assert_null(seen.notice);
}

static void test_finite_jumps(void)
{
    static const Jump finite[] = {{2 * GST_SECOND, 10 * INT64_C(1000000000)},
                                  {4 * GST_SECOND, -3 * INT64_C(1000000000)},
                                  {0}};
    jumps = finite;
    Seen seen;
    run("videotestsrc num-buffers=150 ! " PICTURE TO_PICTURE
        "audiotestsrc num-buffers=600 samplesperbuffer=480 ! "
        "audio/x-raw,format=S16LE,rate=48000,channels=2" TO_SOUND,
        NULL, 12 * SECOND, &seen);
    expect_steady(&seen, 150 * MS, 120 * MS);
    g_assert_cmpint(seen.beep_count, ==, 6);
    load_expect(ABS(seen.end_us - 6 * SECOND), load_allow(100 * MS));
}

/* One stretch of the clip below: size, pixel aspect, frames and samples a second, channels. */
typedef struct {
    const char *picture, *aspect, *fps;
    int rate, channels, offset_s;
    double wide; // of the canvas
} Stretch;

static const Stretch stretches[] = {
    {"640x360", "1/1", "25", 48000, 2, 100, 1},      {"640x480", "1/1", "30", 44100, 1, 110, 0.75},
    {"720x576", "64/45", "25", 16000, 1, 20, 1},     {"320x180", "1/1", "50", 48000, 2, 3800, 1},
    {"480x640", "1/1", "15", 32000, 2, 95442, 0.42},
};

static void make_stretch(const Stretch *of, const char *path)
{
    g_autofree char *command = g_strdup_printf(
        "ffmpeg -v error -y -f lavfi -i \"color=black:s=%s:r=%s:d=2,setsar=%s,drawbox=color=white:"
        "t=fill:enable='lt(mod(t+0.5,1),0.12)'\" -f lavfi -i "
        "\"aevalsrc='if(lt(mod(t+0.5,1),0.12),0.5*sin(2*PI*1000*t),0)':s=%d:d=2\" "
        "-c:v libx264 -preset ultrafast -g 15 -pix_fmt yuv420p -c:a aac -ac %d "
        "-output_ts_offset %d -f mpegts - >> %s",
        of->picture, of->fps, of->aspect, of->rate, of->channels, of->offset_s, path);
    g_assert_cmpint(system(command), ==, 0);
}

/* A stream whose sender was changed again and again: size, pixel aspect, rates, channels and time.
 */
static void test_changes(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *clip = g_build_filename(dir, "clip.ts", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(stretches); i++) {
        make_stretch(&stretches[i], clip);
    }
    Seen seen;
    run(NULL, clip, 15 * SECOND, &seen);
    // The demuxer itself leaves 0.4 s at some of the seams.
    expect_steady(&seen, 500 * MS, 120 * MS);
    g_assert_cmpint(seen.beep_count, ==, 2 * G_N_ELEMENTS(stretches));
    unsigned wrong = 0; // the picture before it, where the machine is late
    for (int i = 0; i < seen.flash_count; i++) {
        wrong += fabs(seen.wide[i] - stretches[beep_of(&seen, i) / 2].wide) >= 0.02;
    }
    load_expect(wrong, load_missing());
    g_unlink(clip);
    g_rmdir(dir);
}

/* A device whose driver hangs in open(): a FIFO without a writer. */
static void test_hangs(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *fifo = g_build_filename(dir, "fifo", NULL);
    g_autofree char *launch =
        g_strdup_printf("filesrc location=%s ! decodebin ! " TO_PICTURE, fifo);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_autofree char *own = make_pipelines(launch);
    CaptureSource *source = capture_source_open(own, "own", base_clock_us());
    g_usleep(300000);
    capture_source_limit_opening(source, base_clock_us() + 25 * SECOND);
    g_assert_cmpint(capture_source_state(source), ==, CAPTURE_SOURCE_OPENING);
    capture_source_limit_opening(source, base_clock_us() + 35 * SECOND);
    g_assert_cmpint(capture_source_state(source), ==, CAPTURE_SOURCE_FAILED);
    g_autofree char *text = capture_source_failure(source);
    g_assert_cmpstr(text, !=, "");
    capture_source_close(source);
    close(open(fifo, O_WRONLY)); // the driver answers at last
    capture_source_wait_all(5 * SECOND);
    remove_pipelines(own);
    g_unlink(fifo);
    g_rmdir(dir);
}

/* A file on a mount that hangs: see hung.c. */
static void test_hung_mount(void)
{
    g_autofree char *dir = g_dir_make_tmp("majlis-XXXXXX", NULL);
    g_autofree char *hung = g_build_filename(dir, "hung", NULL);
    g_autofree char *mark = g_build_filename(hung, "down", NULL);
    g_autofree char *clip = g_build_filename(hung, "clip.mp4", NULL);
    g_assert_cmpint(g_mkdir(hung, 0755), ==, 0);
    g_assert_true(g_file_set_contents(mark, "", 0, NULL));
    unsigned others = capture_source_threads(); // of other tests, that end late
    CaptureSource *source = capture_source_open(PIPELINES, clip, base_clock_us());
    capture_source_limit_opening(source, base_clock_us() + 7 * SECOND);
    g_assert_cmpint(capture_source_state(source), ==, CAPTURE_SOURCE_OPENING);
    capture_source_limit_opening(source, base_clock_us() + 9 * SECOND);
    g_assert_cmpint(capture_source_state(source), ==, CAPTURE_SOURCE_FAILED);
    g_autofree char *text = capture_source_failure(source);
    g_assert_nonnull(strstr(text, "does not respond"));
    g_assert_cmpuint(capture_source_threads(), <=, others + 1);
    g_assert_cmpuint(capture_source_threads(), >=, 1);
    capture_source_close(source);
    g_unlink(mark);
    capture_source_wait_all(5 * SECOND);
    g_assert_cmpuint(capture_source_threads(), <=, others);
    g_rmdir(hung);
    g_rmdir(dir);
}

int main(int argc, char **argv)
{
    gst_init(NULL, NULL);
    gst_element_register(NULL, "shift", GST_RANK_NONE, shift_get_type());
    g_test_init(&argc, &argv, NULL);
    load_watch();
    // Each group is a process of its own in meson.build, as they wait in real time.
    g_test_add_data_func("/capture/source/live/jumps-48k",
                         "audio/x-raw,format=S16LE,rate=48000,channels=2", test_live_jumps);
    g_test_add_data_func("/capture/source/live/jumps-8k",
                         "audio/x-raw,format=S16LE,rate=8000,channels=1", test_live_jumps);
    g_test_add_data_func("/capture/source/stops/sound", GINT_TO_POINTER(SOUND_ONLY),
                         test_stream_stops);
    g_test_add_data_func("/capture/source/stops/picture", GINT_TO_POINTER(PICTURE_ONLY),
                         test_stream_stops);
    g_test_add_data_func("/capture/source/stands/live", "live", test_standing);
    g_test_add_data_func("/capture/source/stands/file", NULL, test_standing);
    g_test_add_func("/capture/source/stands/hangs", test_hangs);
    g_test_add_func("/capture/source/stands/hung-mount", test_hung_mount);
    g_test_add_func("/capture/source/file/changes", test_changes);
    g_test_add_func("/capture/source/file/jumps", test_finite_jumps);
    return g_test_run();
}

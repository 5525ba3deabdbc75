// SPDX-License-Identifier: GPL-3.0-or-later
// A recording made shorter: what the published files show and sound, read from the marks that the
// clip carries.
#include "cases.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define RATE 48000

/* In at 10.5 s, out at 23 s: what is left are the segments from 12 to 14 s and from 20 to 22 s. */
#define IN_US INT64_C(10500000)
#define OUT_US INT64_C(23000000)
#define LEFT_FRAMES 120

static void make_step(const char *folder, PublishStep step)
{
    g_autoptr(GError) error = NULL;
    bool made = publish_make(folder, SESSION_ID, step, NULL, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(made);
}

static void trim(const char *folder, int64_t in_us, int64_t out_us)
{
    g_autoptr(GError) error = NULL;
    publish_trim(folder, SESSION_ID, in_us, out_us, &error);
    g_assert_no_error(error);
}

static char *inside(const char *folder, const char *name)
{
    return g_build_filename(folder, SESSION_ID, name, NULL);
}

static PublishFound find(const char *folder, const char *name)
{
    g_autofree char *file = NULL;
    const char *type;
    return publish_find(folder, SESSION_ID, name, &file, &type);
}

/* --- Marks ------------------------------------------------------------------------------------ */

static char *decode(const char *path, const char *how, gsize *out_size)
{
    g_autofree char *folder = case_folder();
    g_autofree char *raw = g_build_filename(folder, "raw", NULL);
    g_autofree char *said =
        case_command("ffmpeg -nostdin -v error -i '%s' %s '%s'", path, how, raw);
    char *bytes = NULL;
    g_assert_true(g_file_get_contents(raw, &bytes, out_size, NULL));
    case_remove(g_steal_pointer(&folder));
    return bytes;
}

/* The numbers of the frames in the order shown: unsigned. */
static GArray *read_frames(const char *path)
{
    g_autofree char *how = g_strdup_printf("-map 0:v -vsync passthrough -vf "
                                           "crop=iw/2:ih/8:0:0,scale=%u:1:flags=area "
                                           "-pix_fmt gray -f rawvideo",
                                           CLIP_MARK_BITS);
    gsize size;
    g_autofree char *bytes = decode(path, how, &size);
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(unsigned));
    for (gsize at = 0; at + CLIP_MARK_BITS <= size; at += CLIP_MARK_BITS) {
        unsigned number = 0;
        for (unsigned bit = 0; bit < CLIP_MARK_BITS; bit++) {
            number |= ((uint8_t)bytes[at + bit] > 128 ? 1U : 0U) << bit;
        }
        g_array_append_val(frames, number);
    }
    return frames;
}

/* Frames `first` to `last - 1` of the clip stand at `at`. */
static void check_frames(const GArray *frames, guint at, unsigned first, unsigned last)
{
    for (unsigned number = first; number < last; number++) {
        g_assert_cmpuint(g_array_index(frames, unsigned, at + number - first), ==, number);
    }
}

/* The tone's frequency by its zero crossings in [at, at + length) seconds. */
static double tone_at(const int16_t *samples, gsize count, double at, double length)
{
    gsize from = (gsize)(at * RATE);
    gsize to = (gsize)((at + length) * RATE);
    unsigned crossings = 0;
    g_assert_cmpuint(to, <=, count);
    for (gsize i = from + 1; i < to; i++) {
        crossings += (samples[i - 1] < 0) != (samples[i] < 0);
    }
    return crossings / 2.0 / length;
}

/* Two seconds from `at` in the file are the clip's from `second` on. */
static void check_tones(const int16_t *samples, gsize count, double at, unsigned second)
{
    // Right after a join a decoder still blends with the frame before.
    static const double offsets[] = {0.04, 0.5, 0.85, 1.04, 1.5, 1.85};
    for (unsigned i = 0; i < G_N_ELEMENTS(offsets); i++) {
        double wanted = CLIP_TONE_HZ + CLIP_TONE_STEP_HZ * (second + floor(offsets[i]));
        g_assert_cmpfloat(fabs(tone_at(samples, count, at + offsets[i], 0.1) - wanted), <, 40);
    }
}

static void check_trimmed_picture(const char *path)
{
    g_autoptr(GArray) frames = read_frames(path);
    g_assert_cmpuint(frames->len, ==, LEFT_FRAMES);
    check_frames(frames, 0, 360, 420);
    check_frames(frames, 60, 0, 60);
}

static void check_trimmed_sound(const char *path)
{
    gsize size;
    g_autofree char *bytes = decode(path, "-map 0:a -ac 1 -f s16le", &size);
    const int16_t *samples = (const int16_t *)(const void *)bytes;
    g_assert_cmpfloat(fabs((double)size / sizeof *samples / RATE - 4), <, 0.05);
    check_tones(samples, size / sizeof *samples, 0, 12);
    check_tones(samples, size / sizeof *samples, 2, 0);
}

/* --- Cases ------------------------------------------------------------------------------------ */

/* A picture each second of both runs, as they were taken while live. */
static void write_thumbs(const char *folder)
{
    g_autofree char *thumbs = inside(folder, "thumbs");
    g_autofree char *picture = clip_picture("320x180");
    g_assert_cmpint(g_mkdir_with_parents(thumbs, 0700), ==, 0);
    g_autofree char *made =
        case_command("ffmpeg -nostdin -v error -f lavfi -i '%s' -vf 'select=not(mod(n\\,30))' "
                     "-vsync passthrough -start_number 0 '%s/%%d.jpg' && cd '%s' && "
                     "for i in $(seq 15 -1 1); do mv $i.jpg ${i}000.jpg; done; "
                     "for i in $(seq 1 5); do cp ${i}000.jpg $((20 + i))000.jpg; done; "
                     "cp 0.jpg 20000.jpg",
                     picture, thumbs, thumbs);
}

/* Pictures say their frame too. */
static void check_trimmed_pictures(const char *folder)
{
    static const struct {
        int pts_ms;
        unsigned frame;
    } left[] = {{12000, 360}, {13000, 390}, {20000, 0}, {21000, 30}};
    g_autoptr(GString) named = g_string_new(NULL);
    gsize poster_size;
    g_autofree char *poster = case_read(folder, "poster.jpg", &poster_size);
    bool poster_known = false;
    for (unsigned i = 0; i < G_N_ELEMENTS(left); i++) {
        g_autofree char *name = g_strdup_printf("thumbs/%d.jpg", left[i].pts_ms);
        g_autofree char *path = inside(folder, name);
        g_autoptr(GArray) frames = read_frames(path);
        g_assert_cmpuint(g_array_index(frames, unsigned, 0), ==, left[i].frame);
        g_assert_cmpint(find(folder, name), ==, PUBLISH_FOUND);
        g_string_append_printf(named, "%s\n", name);
        gsize size;
        g_autofree char *bytes = case_read(folder, name, &size);
        poster_known |= size == poster_size && memcmp(bytes, poster, size) == 0;
    }
    g_assert_true(poster_known);
    g_autofree char *text = case_command("grep thumbs/ '%s/" SESSION_ID "/thumbnails.vtt'", folder);
    g_assert_cmpstr(text, ==, named->str);
    g_assert_cmpint(find(folder, "thumbs/11000.jpg"), ==, PUBLISH_NOT_FOUND);
    g_assert_cmpint(find(folder, "thumbs/22000.jpg"), ==, PUBLISH_NOT_FOUND);
}

static void check_trimmed(const char *folder)
{
    static const char *const pictures[] = {"v720p.m3u8", "v360p.m3u8", "recording.mp4"};
    static const char *const sounds[] = {"aar.m3u8", "recording.mp4", "audio.m4a"};
    static const char *const gone[] = {"1/v720p/2.m4s", "1/v720p/7.m4s", "1/aar/7.m4s",
                                       "2/v360p/12.m4s", "2/aar/13.m4s"};
    for (unsigned i = 0; i < G_N_ELEMENTS(pictures); i++) {
        g_autofree char *path = inside(folder, pictures[i]);
        check_trimmed_picture(path);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(sounds); i++) {
        g_autofree char *path = inside(folder, sounds[i]);
        check_trimmed_sound(path);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(gone); i++) {
        g_assert_cmpint(find(folder, gone[i]), ==, PUBLISH_NOT_FOUND);
    }
    check_trimmed_pictures(folder);
}

static void finish(const char *folder)
{
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        make_step(folder, step);
    }
}

/* The clip's marks are where the tests think. */
static void test_marks(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 4000000, .open = true};
    case_write(folder, &run);
    make_step(folder, PUBLISH_STEP_PLAYLISTS);
    make_step(folder, PUBLISH_STEP_MP4);
    g_autofree char *path = inside(folder, "recording.mp4");
    g_autoptr(GArray) frames = read_frames(path);
    g_assert_cmpuint(frames->len, ==, 120);
    check_frames(frames, 0, 0, 120);
    gsize size;
    g_autofree char *bytes = decode(path, "-map 0:a -ac 1 -f s16le", &size);
    check_tones((const int16_t *)(const void *)bytes, size / 2, 0, 0);
    check_tones((const int16_t *)(const void *)bytes, size / 2, 2, 2);
    case_remove(folder);
}

static void test_trim(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    write_thumbs(folder);
    finish(folder);
    g_assert_cmpint(find(folder, "1/v720p/7.m4s"), ==, PUBLISH_FOUND);
    g_autofree char *whole =
        case_command("cd '%s/" SESSION_ID "' && sha256sum *.m3u8 *.mp4 *.m4a *.jpg *.vtt", folder);
    trim(folder, IN_US, OUT_US);
    g_assert_cmpint(find(folder, "main.m3u8"), ==, PUBLISH_LATER);
    g_assert_cmpint(find(folder, "recording.mp4"), ==, PUBLISH_LATER);
    g_assert_cmpint(find(folder, "1/v720p/8.m4s"), ==, PUBLISH_NOT_FOUND);
    finish(folder);
    check_trimmed(folder);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.public_us, ==, 4000000);
    g_assert_cmpint(state.in_us, ==, IN_US);
    g_assert_cmpint(state.out_us, ==, OUT_US);
    g_assert_cmpint(state.first_us, ==, 3000000);
    g_assert_cmpint(state.last_us, ==, 24500000);

    // What was cut off has no chapter; the rest moves.
    static const int64_t moments_us[] = {5000000, 8900000, 9100000, 13900000, 21000000, 22100000};
    static const int64_t wanted_us[] = {-1, -1, 0, 0, 2000000, -1};
    int64_t places_us[G_N_ELEMENTS(moments_us)];
    g_autoptr(ArchiveTimemap) places = archive_timemap_new(folder, SESSION_ID, NULL);
    archive_timemap_chapters(places, moments_us, G_N_ELEMENTS(moments_us), places_us);
    g_assert_cmpmem(places_us, sizeof places_us, wanted_us, sizeof wanted_us);

    // The same again takes nothing back; the marks bring all of it back.
    trim(folder, IN_US, OUT_US);
    g_assert_cmpint(find(folder, "recording.mp4"), ==, PUBLISH_FOUND);
    trim(folder, INT64_MIN, INT64_MAX);
    finish(folder);
    g_autofree char *again =
        case_command("cd '%s/" SESSION_ID "' && sha256sum *.m3u8 *.mp4 *.m4a *.jpg *.vtt", folder);
    // All but the manifest, whose journal has grown.
    g_assert_cmpstr(again, ==, whole);
    case_remove(folder);
}

static void test_refused(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 6000000, .open = true};
    case_write(folder, &run);
    g_autoptr(GError) error = NULL;
    g_assert_false(publish_trim(folder, SESSION_ID, 2000000, INT64_MAX, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    make_step(folder, PUBLISH_STEP_PLAYLISTS);
    g_assert_false(publish_trim(folder, SESSION_ID, 5000000, INT64_MAX, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(publish_trim(folder, SESSION_ID, 4000000, 2000000, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(publish_trim(folder, "../" SESSION_ID, 0, 1, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    // All of it was refused without taking anything back.
    g_assert_cmpint(find(folder, "main.m3u8"), ==, PUBLISH_FOUND);
    // On a boundary, and with an out-mark in milliseconds below the end: that segment stays.
    trim(folder, 2000000, 5999999);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpint(state.public_us, ==, 4000000);
    case_remove(folder);
}

/* Killed anywhere in a trim: either the old recording is served and the trim is not in force, or
 * nothing is served that the trim does not allow; and the next start makes it whole. */
static void test_killed(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    unsigned trimmed = 0;
    for (unsigned i = 0; i < 20; i++) {
        trim(folder, INT64_MIN, INT64_MAX);
        make_step(folder, PUBLISH_STEP_PLAYLISTS);
        make_step(folder, PUBLISH_STEP_MP4);
        pid_t child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
            publish_trim(folder, SESSION_ID, IN_US, OUT_US, NULL);
            _exit(0);
        }
        g_usleep((gulong)g_test_rand_int_range(0, 4000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        ArchiveState state;
        g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
        if (state.in_us != IN_US) {
            continue;
        }
        trimmed++;
        g_assert_cmpint(find(folder, "main.m3u8"), ==, PUBLISH_LATER);
        g_assert_cmpint(find(folder, "recording.mp4"), ==, PUBLISH_LATER);
        g_assert_cmpint(find(folder, "1/v720p/2.m4s"), ==, PUBLISH_NOT_FOUND);
        make_step(folder, PUBLISH_STEP_PLAYLISTS);
        g_assert_cmpint(find(folder, "recording.mp4"), ==, PUBLISH_LATER);
        make_step(folder, PUBLISH_STEP_MP4);
        g_autofree char *path = inside(folder, "recording.mp4");
        check_trimmed_picture(path);
    }
    g_test_message("the trim was in force after %u of 20 kills", trimmed);
    case_remove(folder);
}

void add_trim_cases(void)
{
    g_test_add_func("/archive/trim/marks", test_marks);
    g_test_add_func("/archive/trim/published", test_trim);
    g_test_add_func("/archive/trim/refused", test_refused);
    g_test_add_func("/archive/trim/killed", test_killed);
}

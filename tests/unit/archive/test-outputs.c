// SPDX-License-Identifier: GPL-3.0-or-later
// What is made beside the playlists and the MP4's media: chapters, the sound alone, pictures.
#include "cases.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Their places are those of /archive/places/chapters. */
static const PublishChapter chapters[] = {
    {.media_us = 13500000, .question = true, .title_ar = "هل <b>ينجح</b>؟ & \u202eكيف\nذلك"},
    {.media_us = 3500000, .title_ar = "مقدمة", .title_en = "Opening"},
    {.media_us = 30000000, .title_ar = "بعد النهاية", .title_en = "After the end"},
    {.media_us = 7200000, .title_en = "Costs --> & <more>"},
    {.media_us = 20000000, .title_ar = "الثالث", .title_en = "Third"},
    {.media_us = 20000000, .question = true, .title_ar = "الرابع", .title_en = "Fourth"},
    {.media_us = 1000, .title_ar = " \u202e\n", .title_en = ""},
};

static const PublishInputs what = {.title = "جلسة",
                                   .artist = "Expert",
                                   .language = "ar",
                                   .chapters = chapters,
                                   .chapter_count = G_N_ELEMENTS(chapters)};

static void make_step(const char *folder, PublishStep step, const PublishInputs *of)
{
    g_autoptr(GError) error = NULL;
    bool made = publish_make(folder, SESSION_ID, step, of, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(made);
    g_assert_true(publish_step_done(folder, SESSION_ID, step));
}

static PublishFound find(const char *folder, const char *name, const char *wanted_type)
{
    g_autofree char *file = NULL;
    const char *type = NULL;
    PublishFound found = publish_find(folder, SESSION_ID, name, &file, &type);
    if (found == PUBLISH_FOUND) {
        g_assert_cmpstr(type, ==, wanted_type);
    }
    return found;
}

static char *inside(const char *folder, const char *name)
{
    return g_build_filename(folder, SESSION_ID, name, NULL);
}

/* --- Room ------------------------------------------------------------------------------------- */

/* What would take the room that others need is not begun, and says what it needs; with room it is
 * made by being asked again. */
static void test_reserve(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, &what);
    PublishInputs much = what;
    much.reserve_bytes = UINT64_C(1) << 60;
    for (PublishStep step = PUBLISH_STEP_MP4; step <= PUBLISH_STEP_AUDIO; step++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(publish_make(folder, SESSION_ID, step, &much, NULL, NULL, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_FULL);
        g_assert_nonnull(strstr(error->message, "Free some space and try again"));
        g_assert_false(publish_step_done(folder, SESSION_ID, step));
        g_autofree char *left = case_command("find '%s' -name '*.new'", folder);
        g_assert_cmpstr(left, ==, "");
        make_step(folder, step, &what);
    }
    case_remove(folder);
}

/* --- Chapters --------------------------------------------------------------------------------- */

static void test_chapters(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, &what);
    g_assert_cmpint(find(folder, "chapters/ar.vtt", NULL), ==, PUBLISH_LATER);
    make_step(folder, PUBLISH_STEP_CHAPTERS, &what);
    g_assert_cmpint(find(folder, "chapters/ar.vtt", "text/vtt; charset=utf-8"), ==, PUBLISH_FOUND);
    g_assert_cmpint(find(folder, "chapters/fr.vtt", NULL), ==, PUBLISH_NOT_FOUND);
    gsize size;
    g_autofree char *arabic = case_read(folder, "chapters/ar.vtt", &size);
    g_assert_cmpstr(arabic, ==,
                    "WEBVTT\n"
                    "\nagenda-1\n00:00:00.000 --> 00:00:01.000\nمقدمة\n"
                    "\nagenda-2\n00:00:01.000 --> 00:00:05.500\nCosts --&gt; &amp; &lt;more&gt;\n"
                    "\nquestion-3\n00:00:05.500 --> 00:00:09.500\n"
                    "هل &lt;b&gt;ينجح&lt;/b&gt;؟ &amp; كيف ذلك\n"
                    "\nagenda-4\n00:00:09.500 --> 00:00:14.000\n"
                    "\u2068الثالث\u2069 · \u2068الرابع\u2069\n");
    g_autofree char *english = case_read(folder, "chapters/en.vtt", &size);
    g_assert_nonnull(strstr(english, "\nOpening\n"));
    g_assert_nonnull(strstr(english, "هل &lt;b&gt;"));
    g_assert_nonnull(strstr(english, "\u2068Third\u2069 · \u2068Fourth\u2069\n"));
    g_assert_null(strstr(english, "After"));
    // A foreign parser agrees on the times.
    g_autofree char *path = inside(folder, "chapters/ar.vtt");
    g_autofree char *times =
        case_command("ffprobe -v error -show_entries packet=pts_time -of csv=p=0 '%s' "
                     "| grep -o '[0-9.]*'",
                     path);
    g_assert_cmpstr(times, ==, "0.000000\n1.000000\n5.500000\n9.500000\n");
    case_remove(folder);
}

static void test_no_chapters(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 2000000, .open = true};
    case_write(folder, &run);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, NULL);
    make_step(folder, PUBLISH_STEP_CHAPTERS, NULL);
    gsize size;
    g_autofree char *text = case_read(folder, "chapters/en.vtt", &size);
    g_assert_cmpstr(text, ==, "WEBVTT\n");
    case_remove(folder);
}

static void check_file_chapters(const char *folder, const char *name)
{
    g_autofree char *path = inside(folder, name);
    g_autofree char *shown = case_command(
        "ffprobe -v error -show_entries chapter=start_time,end_time:chapter_tags=title "
        "-of csv=p=0 '%s'",
        path);
    g_assert_cmpstr(shown, ==,
                    "0.000000,1.000000,مقدمة\n"
                    "1.000000,5.500000,Costs --> & <more>\n"
                    "5.500000,9.500000,هل <b>ينجح</b>؟ & كيف ذلك\n"
                    "9.500000,14.000000,الثالث · الرابع\n");
}

/* The chapter's place is a key frame of the file: a player that jumps there shows it at once. */
static void check_key_frames(const char *folder)
{
    g_autofree char *path = inside(folder, "recording.mp4");
    g_autofree char *keys = case_command("ffprobe -v error -select_streams v -skip_frame nokey "
                                         "-show_entries frame=pts_time -of csv=p=0 '%s'",
                                         path);
    static const char *const wanted[] = {"0.000000", "\n1.000000", "\n5.500000", "\n9.500000"};
    for (unsigned i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_assert_nonnull(strstr(keys, wanted[i]));
    }
}

static void test_files(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, &what);
    make_step(folder, PUBLISH_STEP_MP4, &what);
    g_assert_cmpint(find(folder, "audio.m4a", NULL), ==, PUBLISH_LATER);
    make_step(folder, PUBLISH_STEP_AUDIO, &what);
    g_assert_cmpint(find(folder, "audio.m4a", "audio/mp4"), ==, PUBLISH_FOUND);
    check_file_chapters(folder, "recording.mp4");
    check_file_chapters(folder, "audio.m4a");
    check_key_frames(folder);
    g_autofree char *path = inside(folder, "audio.m4a");
    g_autofree char *tags = case_command(
        "ffprobe -v error -show_entries format_tags=title,artist,major_brand:stream_tags=language:"
        "stream=codec_name -of default=nk=1:nw=1 '%s'",
        path);
    g_assert_cmpstr(tags, ==, "aac\nara\nbin_data\neng\nM4A \nجلسة\nExpert\n");
    // The very packets of the MP4, from its start.
    g_autofree char *movie = inside(folder, "recording.mp4");
    g_autofree char *alone =
        case_command("ffmpeg -nostdin -v error -i '%s' -map 0:a -c copy -f framemd5 -", path);
    g_autofree char *with =
        case_command("ffmpeg -nostdin -v error -i '%s' -map 0:a -c copy -f framemd5 -", movie);
    g_assert_cmpstr(alone, ==, with);
    g_autofree char *decoded = case_command("ffmpeg -nostdin -v error -i '%s' -f null -", path);
    case_remove(folder);
}

/* A first chapter that is not at the beginning, and one longer than a chapter list can hold. */
static void test_first_chapter(void)
{
    g_autofree char *letters = g_strnfill(300, 'x');
    g_autofree char *title = g_strconcat(letters, "ش", NULL);
    const PublishChapter late = {.media_us = 7200000, .title_ar = title};
    const PublishInputs one = {.title = "Session", .chapters = &late, .chapter_count = 1};
    char *folder = case_folder();
    case_write_session(folder);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, &one);
    make_step(folder, PUBLISH_STEP_MP4, &one);
    g_autofree char *path = inside(folder, "recording.mp4");
    g_autofree char *shown = case_command(
        "ffprobe -v error -show_entries chapter=start_time:chapter_tags=title -of csv=p=0 '%s'",
        path);
    g_assert_true(g_str_has_prefix(shown, "0.000000,Session\n1.000000,xxxx"));
    g_assert_true(g_str_has_suffix(shown, "x…\n"));
    case_remove(folder);
}

/* --- Pictures --------------------------------------------------------------------------------- */

static void write_thumb(const char *folder, int pts_ms, gsize size)
{
    g_autofree char *thumbs = inside(folder, "thumbs");
    g_autofree char *path = g_strdup_printf("%s/%d.jpg", thumbs, pts_ms);
    g_autofree char *bytes = g_strnfill(size, (char)('a' + pts_ms / 1000 % 26));
    memcpy(bytes, "\xff\xd8", 2);
    memcpy(bytes + size - 2, "\xff\xd9", 2);
    g_assert_cmpint(g_mkdir_with_parents(thumbs, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
}

static void test_pictures(void)
{
    static const int times_ms[] = {0,    2999,  3000,  5000,  7499, 7500,
                                   9500, 13000, 19000, 21000, 24500};
    char *folder = case_folder();
    case_write_session(folder);
    for (unsigned i = 0; i < G_N_ELEMENTS(times_ms); i++) {
        write_thumb(folder, times_ms[i], times_ms[i] == 9500 ? 3000 : 1000);
    }
    // A third in is between 7.499 and 9.5 s; the larger wins. What is no whole picture is no
    // picture.
    g_autofree char *torn = inside(folder, "thumbs/9000.jpg");
    g_assert_true(g_file_set_contents(torn, "\xff\xd8", 2, NULL));
    g_autofree char *link = inside(folder, "thumbs/10000.jpg");
    g_assert_cmpint(symlink("9500.jpg", link), ==, 0);
    g_autofree char *odd = inside(folder, "thumbs/0010500.jpg");
    g_assert_true(g_file_set_contents(odd, "\xff\xd8__\xff\xd9", 6, NULL));
    make_step(folder, PUBLISH_STEP_PLAYLISTS, &what);
    g_assert_cmpint(find(folder, "poster.jpg", NULL), ==, PUBLISH_LATER);
    g_assert_cmpint(find(folder, "thumbs/3000.jpg", NULL), ==, PUBLISH_NOT_FOUND);
    make_step(folder, PUBLISH_STEP_PICTURES, &what);
    gsize size;
    g_autofree char *text = case_read(folder, "thumbnails.vtt", &size);
    g_assert_cmpstr(text, ==,
                    "WEBVTT\n"
                    "\n00:00:00.000 --> 00:00:02.000\nthumbs/3000.jpg\n"
                    "\n00:00:02.000 --> 00:00:04.499\nthumbs/5000.jpg\n"
                    "\n00:00:04.499 --> 00:00:05.000\nthumbs/7499.jpg\n"
                    "\n00:00:05.000 --> 00:00:08.500\nthumbs/9500.jpg\n"
                    "\n00:00:08.500 --> 00:00:10.500\nthumbs/13000.jpg\n"
                    "\n00:00:10.500 --> 00:00:14.000\nthumbs/21000.jpg\n");
    g_autofree char *poster = case_read(folder, "poster.jpg", &size);
    g_autofree char *best = case_read(folder, "thumbs/9500.jpg", &size);
    g_assert_cmpuint(size, ==, 3000);
    g_assert_cmpmem(poster, 3000, best, size);
    g_assert_cmpint(find(folder, "poster.jpg", "image/jpeg"), ==, PUBLISH_FOUND);
    g_assert_cmpint(find(folder, "thumbnails.vtt", "text/vtt; charset=utf-8"), ==, PUBLISH_FOUND);
    g_assert_cmpint(find(folder, "thumbs/3000.jpg", "image/jpeg"), ==, PUBLISH_FOUND);
    static const char *const hidden[] = {
        "thumbs/0.jpg",        "thumbs/2999.jpg",   "thumbs/7500.jpg",  "thumbs/24500.jpg",
        "thumbs/10000.jpg",    "thumbs/9000.jpg",   "thumbs/03000.jpg", "thumbs/3000.JPG",
        "thumbs/../journal",   "thumbs//3000.jpg",  "thumbs/",          "thumbs/.jpg",
        "thumbs/3000.jpg/",    "thumbs/3000.jpg\n", "thumbs",           "thumbs/0010500.jpg",
        "chapters/../journal", "chapters/ar.vtt/x", "poster.jpg/",      "./poster.jpg"};
    for (unsigned i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_assert_cmpint(find(folder, hidden[i], NULL), ==, PUBLISH_NOT_FOUND);
    }
    // Named, but not what it was.
    g_autofree char *named = inside(folder, "thumbs/3000.jpg");
    g_unlink(named);
    g_assert_cmpint(symlink("/etc/passwd", named), ==, 0);
    g_assert_cmpint(find(folder, "thumbs/3000.jpg", NULL), ==, PUBLISH_NOT_FOUND);
    g_autofree char *poster_path = inside(folder, "poster.jpg");
    g_unlink(poster_path);
    g_assert_cmpint(symlink("/etc/passwd", poster_path), ==, 0);
    g_assert_cmpint(find(folder, "poster.jpg", NULL), ==, PUBLISH_NOT_FOUND);
    case_remove(folder);
}

static void test_no_pictures(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, NULL);
    make_step(folder, PUBLISH_STEP_PICTURES, NULL);
    g_assert_cmpint(find(folder, "thumbnails.vtt", "text/vtt; charset=utf-8"), ==, PUBLISH_FOUND);
    g_assert_cmpint(find(folder, "poster.jpg", NULL), ==, PUBLISH_NOT_FOUND);
    case_remove(folder);
}

/* --- Manifest --------------------------------------------------------------------------------- */

static bool sign(void *data, const uint8_t *bytes, size_t size, uint8_t out[64])
{
    size_t *seen = data;
    *seen = size;
    memset(out, bytes[0], 64);
    return true;
}

static json_int_t number(json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json, name));
}

/* Each listed file is there with this hash; names ascend. */
static void check_files(const char *folder, json_t *files)
{
    const char *before = "";
    size_t i;
    json_t *file;
    json_array_foreach (files, i, file) {
        const char *name = json_string_value(json_object_get(file, "name"));
        g_assert_cmpint(strcmp(before, name), <, 0);
        before = name;
        gsize size;
        g_autofree char *bytes = case_read(folder, name, &size);
        g_autofree char *sum =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, size);
        g_assert_cmpint(number(file, "bytes"), ==, size);
        g_assert_cmpstr(json_string_value(json_object_get(file, "sha256")), ==, sum);
    }
}

static bool lists(json_t *files, const char *name)
{
    size_t i;
    json_t *file;
    json_array_foreach (files, i, file) {
        if (strcmp(json_string_value(json_object_get(file, "name")), name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_lists(const char *folder, json_t *json)
{
    static const char *const published[] = {
        "main.m3u8",       "v720p.m3u8",      "aar.m3u8",         "recording.mp4",
        "audio.m4a",       "poster.jpg",      "thumbnails.vtt",   "thumbs/5000.jpg",
        "chapters/ar.vtt", "chapters/en.vtt", "1/v720p/init.mp4", "1/aar/2.m4s",
        "2/v360p/12.m4s",  "journal"};
    static const char *const unpublished[] = {"1/v720p/0.m4s", "1/aar/5.m4s", "thumbs/1000.jpg"};
    json_t *files = json_object_get(json, "files");
    json_t *others = json_object_get(json, "unpublished");
    for (unsigned i = 0; i < G_N_ELEMENTS(published); i++) {
        g_assert_true(lists(files, published[i]));
        g_assert_false(lists(others, published[i]));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(unpublished); i++) {
        g_assert_false(lists(files, unpublished[i]));
        g_assert_true(lists(others, unpublished[i]));
    }
    check_files(folder, files);
    check_files(folder, others);
    g_autofree char *count =
        case_command("cd '%s/" SESSION_ID "' && find . -type f | wc -l", folder);
    g_assert_cmpint(json_array_size(files) + json_array_size(others) + 2, ==, atoi(count));
}

static json_t *read_manifest(const char *folder)
{
    gsize size;
    g_autofree char *text = case_read(folder, "manifest.json", &size);
    g_autoptr(GError) error = NULL;
    json_t *json = base_json_parse_object(text, size, &error);
    g_assert_no_error(error);
    return json;
}

static void test_manifest(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    write_thumb(folder, 1000, 500);
    write_thumb(folder, 5000, 500);
    size_t signed_size = 0;
    static const uint8_t key[32] = {1, 2, 3};
    PublishInputs finish = what;
    finish.sign = sign;
    finish.sign_data = &signed_size;
    finish.public_key = key;
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        make_step(folder, step, &finish);
    }
    g_assert_cmpint(find(folder, "manifest.json", "application/json"), ==, PUBLISH_FOUND);
    g_assert_cmpint(find(folder, "manifest.sig", "application/octet-stream"), ==, PUBLISH_FOUND);
    gsize size;
    g_autofree char *signature = case_read(folder, "manifest.sig", &size);
    g_assert_cmpuint(size, ==, 64);
    g_autofree char *text = case_read(folder, "manifest.json", &size);
    g_assert_cmpuint(size, ==, signed_size);
    g_autoptr(json_t) json = read_manifest(folder);
    g_assert_cmpint(number(json, "format"), ==, 1);
    g_assert_cmpint(number(json, "duration_ms"), ==, SESSION_PUBLIC_US / 1000);
    g_assert_cmpstr(json_string_value(json_object_get(json, "id")), ==, SESSION_ID);
    json_t *stretch = json_array_get(json_object_get(json, "public"), 1);
    g_assert_cmpint(number(stretch, "start_ms"), ==, 9000);
    g_assert_cmpint(number(stretch, "end_ms"), ==, 14000);
    // The pause is no gap, the time between the runs is.
    json_t *gaps = json_object_get(json, "gaps");
    g_assert_cmpuint(json_array_size(gaps), ==, 1);
    g_assert_cmpint(number(json_array_get(gaps, 0), "at_ms"), ==, 9500);
    g_assert_cmpint(number(json_array_get(gaps, 0), "lost_ms"), ==, 6000);
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(gaps, 0), "why")), ==,
                    "restart");
    double drift = json_number_value(json_object_get(json, "av_drift_ms"));
    double offset = json_number_value(json_object_get(json, "av_offset_ms"));
    g_test_message("drift %.1f ms, offset %.1f ms", drift, offset);
    g_assert_true(json_is_number(json_object_get(json, "av_drift_ms")));
    g_assert_cmpfloat(ABS(drift), <, 1);
    g_assert_cmpfloat(ABS(offset), <, 35);
    check_lists(folder, json);
    // Making it again changes nothing; a file made anew takes it back.
    g_assert_true(publish_take_back(folder, SESSION_ID, PUBLISH_STEP_MANIFEST, 0, NULL));
    make_step(folder, PUBLISH_STEP_MANIFEST, &finish);
    g_autofree char *again = case_read(folder, "manifest.json", &size);
    g_assert_cmpstr(text, ==, again);
    case_remove(folder);
}

/* Sound whose samples do not fill the time that its stamps say. */
static void test_drift(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 12000000, .open = true, .audio_stretch_ppm = 2000};
    case_write(folder, &run);
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        make_step(folder, step, NULL);
    }
    g_autoptr(json_t) json = read_manifest(folder);
    double drift = json_number_value(json_object_get(json, "av_drift_ms"));
    g_test_message("2000 ppm over 12 s: %.1f ms", drift);
    g_assert_cmpfloat(ABS(drift + 24), <, 1);
    g_assert_true(json_is_null(json_object_get(json, "public_key")));
    g_assert_cmpint(find(folder, "manifest.sig", NULL), ==, PUBLISH_NOT_FOUND);
    case_remove(folder);
}

/* A segment that no track has any more is a hole; the time of a pause beside it does not count. */
static void test_hole(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    g_autofree char *cut = case_command(
        "sed -i '/ segment=8 /d; / segment=7 part=1/d' '%s/" SESSION_ID "/journal'", folder);
    g_autoptr(ArchiveTimemap) places = archive_timemap_new(folder, SESSION_ID, NULL);
    unsigned count;
    const ArchiveGap *gaps = archive_timemap_gaps(places, &count);
    g_assert_cmpuint(count, ==, 2);
    g_assert_cmpint(gaps[0].place_us, ==, 5000000); // 9 to 9.5 s are left of segment 7
    g_assert_cmpint(ABS(gaps[0].lost_us - 2500000), <, 20000);
    g_assert_cmpstr(gaps[0].why, ==, "disk");
    g_assert_cmpint(gaps[1].lost_us, ==, 6000000);
    g_assert_cmpstr(gaps[1].why, ==, "restart");
    case_remove(folder);
}

/* A segment that one rendition lost is told as that, and the whole's length does not suffer. */
static void test_track_gap(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 6000000, .open = true};
    case_write(folder, &run);
    g_autofree char *cut = case_command(
        "sed -i '/track=v360p segment=1 part=[1-3]/d' '%s/" SESSION_ID "/journal'", folder);
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        make_step(folder, step, NULL);
    }
    g_autoptr(json_t) json = read_manifest(folder);
    json_t *gaps = json_object_get(json, "gaps");
    json_t *gap = json_array_get(gaps, 0);
    g_assert_cmpuint(json_array_size(gaps), ==, 1);
    g_assert_cmpint(number(json, "duration_ms"), ==, 6000);
    g_assert_cmpint(number(gap, "at_ms"), ==, 2000);
    g_assert_cmpint(number(gap, "lost_ms"), ==, 2000);
    g_assert_cmpstr(json_string_value(json_object_get(gap, "track")), ==, "v360p");
    case_remove(folder);
}

/* A step that is made again takes back what was made of its files. */
static void test_stale(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        make_step(folder, step, &what);
    }
    g_autofree char *sign_path = inside(folder, "chapters/en.vtt");
    g_unlink(sign_path); // as publish_take_back() would first
    make_step(folder, PUBLISH_STEP_CHAPTERS, &what);
    g_assert_true(publish_step_done(folder, SESSION_ID, PUBLISH_STEP_PICTURES));
    g_assert_false(publish_step_done(folder, SESSION_ID, PUBLISH_STEP_MP4));
    g_assert_false(publish_step_done(folder, SESSION_ID, PUBLISH_STEP_AUDIO));
    g_assert_false(publish_step_done(folder, SESSION_ID, PUBLISH_STEP_MANIFEST));
    case_remove(folder);
}

static void test_audio_variant(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, NULL);
    gsize size;
    g_autofree char *text = case_read(folder, "main.m3u8", &size);
    const char *alone = strstr(text, ",CODECS=\"mp4a.40.2\",AUDIO=\"audio\"\naar.m3u8\n");
    g_assert_nonnull(alone);
    g_assert_true(g_str_has_suffix(text, "\naar.m3u8\n"));
    g_autofree char *path = inside(folder, "main.m3u8");
    g_autofree char *streams = case_command(
        "ffprobe -v error -show_entries program=program_id:program_stream=codec_type -of csv '%s'",
        path);
    g_test_message("%s", streams);
    g_autofree char *programs = case_command(
        "ffprobe -v error -show_entries program=program_id -of csv=p=0 '%s' | grep -c .", path);
    g_assert_cmpint(atoi(programs), ==, 3);
    case_remove(folder);
}

/* Finding a segment reads its playlist: what that costs for an hour. */
static void test_find_time(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 2000000, .open = true};
    case_write(folder, &run);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, NULL);
    g_autoptr(GString) text = g_string_new("#EXTM3U\n");
    for (unsigned i = 0; i < 1800; i++) {
        g_string_append_printf(text, "#EXTINF:2.000000,\n1/v720p/%u.m4s\n", 1800 - i - 1);
    }
    g_autofree char *playlist = inside(folder, "v720p.m3u8");
    g_assert_true(g_file_set_contents(playlist, text->str, (gssize)text->len, NULL));
    int64_t start_us = base_clock_us();
    for (unsigned i = 0; i < 1000; i++) {
        g_assert_cmpint(find(folder, "1/v720p/0.m4s", "video/iso.segment"), ==, PUBLISH_FOUND);
    }
    g_test_message("a segment of 1800 is found in %.1f us",
                   (double)(base_clock_us() - start_us) / 1000);
    case_remove(folder);
}

void add_outputs_cases(void)
{
    g_test_add_func("/archive/outputs/reserve", test_reserve);
    g_test_add_func("/archive/chapters/text", test_chapters);
    g_test_add_func("/archive/chapters/none", test_no_chapters);
    g_test_add_func("/archive/chapters/files", test_files);
    g_test_add_func("/archive/chapters/first", test_first_chapter);
    g_test_add_func("/archive/pictures/published", test_pictures);
    g_test_add_func("/archive/pictures/none", test_no_pictures);
    g_test_add_func("/archive/manifest/whole", test_manifest);
    g_test_add_func("/archive/manifest/drift", test_drift);
    g_test_add_func("/archive/manifest/hole", test_hole);
    g_test_add_func("/archive/manifest/track-gap", test_track_gap);
    g_test_add_func("/archive/manifest/stale", test_stale);
    g_test_add_func("/archive/playlists/audio-only", test_audio_variant);
    g_test_add_func("/archive/find/time", test_find_time);
}

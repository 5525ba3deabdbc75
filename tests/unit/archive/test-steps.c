// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the finishing steps: their order, interruption, and times of the recording.
#include "cases.h"

#include "archive/timemap.h"
#include "base/clock.h"
#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>

static void make_step(const char *folder, PublishStep step, const PublishInputs *what)
{
    g_autoptr(GError) error = NULL;
    bool made = publish_make(folder, SESSION_ID, step, what, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(made);
}

static bool done(const char *folder, PublishStep step)
{
    return publish_step_done(folder, SESSION_ID, step);
}

static PublishFound find(const char *folder, const char *name)
{
    g_autofree char *file = NULL;
    const char *type;
    return publish_find(folder, SESSION_ID, name, &file, &type);
}

/* --- Places ----------------------------------------------------------------------------------- */

static void test_places(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    g_autoptr(ArchiveTimemap) places = archive_timemap_new(folder, SESSION_ID, NULL);
    static const struct {
        double media_s, place_s;
    } cases[] = {{0, -1},   {2.999, -1},  {3, 0},      {7.4, 4.4}, {7.5, -1},
                 {8.9, -1}, {9, 4.5},     {13.9, 9.4}, {14, -1},   {19, -1},
                 {20, 9.5}, {24.4, 13.9}, {24.5, -1},  {99, -1},   {-5, -1}};
    g_assert_cmpint(places->total_us, ==, SESSION_PUBLIC_US);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t media_us = (int64_t)(cases[i].media_s * 1e6 + 0.5);
        int64_t place_us = cases[i].place_s < 0 ? -1 : (int64_t)(cases[i].place_s * 1e6 + 0.5);
        g_assert_cmpint(archive_timemap_at_us(places, media_us), ==, place_us);
    }
    case_remove(folder);
}

/* Segments begin at 3, 4, 6; 9, 10, 12; 20, 22, 24 s, which are 0, 1, 3; 4.5, 5.5, 7.5; 9.5, 11.5,
 * 13.5 s of the recording. */
static void test_chapter_places(void)
{
    static const struct {
        double media_s, place_s;
    } cases[] = {
        {30, -1},     // past the end
        {7.2, 1},     // 3 s before it is 4.2
        {0.5, 0},     // up to 3 s before the mark: its beginning
        {-0.1, -1},   // in the lobby
        {10.1, 4.5},  // the lead does not reach back over the pause
        {10.2, 5.5},  // the same key frame: the next one, not past its moment
        {10.3, 5.5},  // no other is left
        {13.5, 7.5},  // 10.5 begins at 5.5, which is taken
        {17, 9.5},    // in the hole between the runs
        {24.4, 11.5}, // 22 is nearer to 21.4 than 20
    };
    int64_t media_us[G_N_ELEMENTS(cases)];
    int64_t place_us[G_N_ELEMENTS(cases)];
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        media_us[i] = (int64_t)(cases[i].media_s * 1e6);
    }
    char *folder = case_folder();
    case_write_session(folder);
    g_autoptr(ArchiveTimemap) places = archive_timemap_new(folder, SESSION_ID, NULL);
    archive_timemap_chapters(places, media_us, G_N_ELEMENTS(cases), place_us);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        double place_s = cases[i].place_s;
        int64_t want_us = place_s < 0 ? -1 : (int64_t)(place_s * 1e6);
        g_test_message("moment %.1f s: %" G_GINT64_FORMAT, cases[i].media_s, place_us[i]);
        g_assert_cmpint(place_us[i], ==, want_us);
    }
    archive_timemap_chapters(places, NULL, 0, NULL);
    // of two key frames the nearer one, before or after
    static const int64_t alone_us[][2] = {{6400000, 0}, {6900000, 1000000}};
    for (unsigned i = 0; i < G_N_ELEMENTS(alone_us); i++) {
        int64_t found_us;
        archive_timemap_chapters(places, &alone_us[i][0], 1, &found_us);
        g_assert_cmpint(found_us, ==, alone_us[i][1]);
    }
    case_remove(folder);
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void test_step_order(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    g_autoptr(GError) error = NULL;
    g_assert_false(publish_make(folder, SESSION_ID, PUBLISH_STEP_MP4, NULL, NULL, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_assert_false(done(folder, PUBLISH_STEP_PLAYLISTS));
    make_step(folder, PUBLISH_STEP_PLAYLISTS, NULL);
    g_assert_true(done(folder, PUBLISH_STEP_PLAYLISTS));
    g_assert_false(done(folder, PUBLISH_STEP_MP4));
    make_step(folder, PUBLISH_STEP_MP4, NULL);
    g_assert_true(done(folder, PUBLISH_STEP_MP4));
    g_assert_cmpint(find(folder, "recording.mp4"), ==, PUBLISH_FOUND);

    g_clear_error(&error);
    g_assert_false(publish_take_back(folder, SESSION_ID, PUBLISH_STEP_CHAPTERS, UINT64_MAX / 2,
                                     &error)); // no room for it anew
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FULL);
    g_assert_true(done(folder, PUBLISH_STEP_MP4));
    g_assert_true(publish_take_back(folder, SESSION_ID, PUBLISH_STEP_MP4, 0, NULL));
    g_assert_true(done(folder, PUBLISH_STEP_PLAYLISTS));
    g_assert_false(done(folder, PUBLISH_STEP_MP4));
    make_step(folder, PUBLISH_STEP_MP4, NULL);
    g_assert_true(publish_take_back(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, 0, NULL));
    g_assert_true(publish_take_back(folder, SESSION_ID, PUBLISH_STEP_PLAYLISTS, 0, NULL));
    g_assert_cmpint(find(folder, "main.m3u8"), ==, PUBLISH_LATER);
    g_assert_cmpint(find(folder, "recording.mp4"), ==, PUBLISH_LATER);
    g_assert_cmpint(find(folder, "1/v720p/2.m4s"), ==, PUBLISH_NOT_FOUND);
    g_autofree char *left = case_command("cd '%s/" SESSION_ID "' && ls", folder);
    g_assert_cmpstr(left, ==, "1\n2\njournal\n");
    case_remove(folder);
}

/* Taking back was cut off after main.m3u8 had gone: what is left is not taken for new. */
static void test_cut_off_unfinish(void)
{
    char *folder = case_folder();
    case_write_session(folder);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, NULL);
    make_step(folder, PUBLISH_STEP_MP4, NULL);
    g_autofree char *sign = g_build_filename(folder, SESSION_ID, "main.m3u8", NULL);
    g_assert_cmpint(g_unlink(sign), ==, 0);
    make_step(folder, PUBLISH_STEP_PLAYLISTS, NULL);
    g_assert_false(done(folder, PUBLISH_STEP_MP4));
    case_remove(folder);
}

static void test_one_at_a_time(void)
{
    char *folder = case_folder();
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place = &(ArchivePlace){.directory = folder, .id = SESSION_ID}};
    ArchiveWriter *writer = archive_writer_new(&config, NULL, &error);
    g_assert_no_error(error);
    for (PublishStep step = 0; step < PUBLISH_STEPS; step++) {
        g_assert_false(publish_make(folder, SESSION_ID, step, NULL, NULL, NULL, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
        g_clear_error(&error);
        g_assert_false(publish_take_back(folder, SESSION_ID, step, 0, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
        g_clear_error(&error);
    }
    archive_writer_free(writer);
    g_assert_false(publish_make(folder, "none", PUBLISH_STEP_PLAYLISTS, NULL, NULL, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    case_remove(folder);
}

void add_steps_cases(void)
{
    g_test_add_func("/archive/places/times", test_places);
    g_test_add_func("/archive/places/chapters", test_chapter_places);
    g_test_add_func("/archive/steps/order", test_step_order);
    g_test_add_func("/archive/steps/cut-off-unfinish", test_cut_off_unfinish);
    g_test_add_func("/archive/steps/one-at-a-time", test_one_at_a_time);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a session that goes on is told of its earlier runs, and the files behind it.
#include "cases.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static GArray *read_past(const char *folder)
{
    g_autoptr(GError) error = NULL;
    GArray *all = g_array_new(FALSE, FALSE, sizeof(MediaSegment));
    g_assert_true(archive_read_earlier_runs(folder, SESSION_ID, all, &error));
    g_assert_no_error(error);
    for (guint i = 0; i < all->len; i++) {
        const MediaSegment *past = &g_array_index(all, MediaSegment, i);
        g_assert_cmpint(past->kind, ==, past->key[0] == 'v' ? MEDIA_VIDEO : MEDIA_AUDIO);
    }
    return all;
}

static const MediaSegment *told_at(const GArray *all, guint i)
{
    g_assert_cmpuint(i, <, all->len);
    return &g_array_index(all, MediaSegment, i);
}

/* The same place in all tracks, times that agree to an audio frame. */
static void check_segment(const GArray *all, guint i, const MediaSegment *expected)
{
    for (guint t = 0; t < CLIP_TRACKS; t++) {
        const MediaSegment *told = told_at(all, i * CLIP_TRACKS + t);
        g_assert_cmpuint(told->run, ==, expected->run);
        g_assert_cmpuint(told->sequence, ==, expected->sequence);
        g_assert_cmpint(told->gap, ==, expected->gap);
        g_assert_cmpint(told->discontinuity, ==, expected->discontinuity);
        g_assert_cmpuint(told->bytes, ==, 0);
        g_assert_cmpint(ABS(told->start_us - expected->start_us), <, 22000);
        g_assert_cmpint(ABS(told->end_us - expected->end_us), <, 22000);
    }
}

/* Public segments only, and one number for what a live playlist may have told last of a run that
 * was cut off. */
static void test_past(void)
{
    static const MediaSegment expected[] = {
        {.run = 1, .sequence = 2, .start_us = 3000000, .end_us = 4000000},
        {.run = 1, .sequence = 3, .start_us = 4000000, .end_us = 6000000},
        {.run = 1, .sequence = 4, .start_us = 6000000, .end_us = 7500000},
        {.run = 1, .sequence = 7, .start_us = 9000000, .end_us = 10000000, .discontinuity = true},
        {.run = 1, .sequence = 8, .start_us = 10000000, .end_us = 12000000},
        {.run = 1, .sequence = 9, .start_us = 12000000, .end_us = 14000000},
        {.run = 1, .sequence = 10, .start_us = 14000000, .end_us = 16000000, .gap = true},
        {.run = 2, .sequence = 11, .start_us = 20000000, .end_us = 22000000, .discontinuity = true},
        {.run = 2, .sequence = 12, .start_us = 22000000, .end_us = 24000000},
        {.run = 2, .sequence = 13, .start_us = 24000000, .end_us = 24500000},
    };
    char *folder = case_folder();
    case_write_session(folder);
    g_autoptr(GArray) all = read_past(folder);
    ArchiveState state;
    g_assert_true(archive_read_state(folder, SESSION_ID, &state, NULL));
    g_assert_cmpuint(state.next_public, ==, G_N_ELEMENTS(expected)); // consecutive from 0
    g_assert_cmpuint(all->len, ==, G_N_ELEMENTS(expected) * CLIP_TRACKS);
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        check_segment(all, i, &expected[i]);
    }
    case_remove(folder);
}

static void test_past_of_nothing(void)
{
    char *folder = case_folder();
    g_autoptr(GArray) none = read_past(folder);
    g_assert_cmpuint(none->len, ==, 0);
    ClipRun lobby = {.run = 1, .end_us = 4000000};
    case_write(folder, &lobby);
    g_autoptr(GArray) closed = read_past(folder);
    g_assert_cmpuint(closed->len, ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(archive_read_earlier_runs(folder, "../x", none, &error));
    g_assert_nonnull(error);
    case_remove(folder);
}

/* After a crash: tracks end together, and of a file that holds more only so much counts. */
static void test_past_torn(void)
{
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 6000000, .open = true};
    case_write(folder, &run);
    gsize size;
    g_autofree char *text = case_read(folder, "journal", &size);
    char *cut = strstr(text, "part run=1 track=v360p segment=2 part=3 ");
    g_assert_nonnull(cut);
    g_autofree char *journal = g_build_filename(folder, SESSION_ID, "journal", NULL);
    g_assert_true(g_file_set_contents(journal, text, cut + 20 - text, NULL));
    g_autoptr(GArray) all = read_past(folder);
    g_assert_cmpuint(all->len, ==, 4 * CLIP_TRACKS); // three, and what may have been told
    for (guint t = 0; t < CLIP_TRACKS; t++) {
        const MediaSegment *told = told_at(all, 2 * CLIP_TRACKS + t);
        g_assert_cmpint(ABS(told->end_us - 5500000), <, 22000);
        g_autofree char *path = g_strdup_printf("%s/" SESSION_ID "/1/%s/2.m4s", folder, told->key);
        struct stat status;
        g_assert_cmpint(stat(path, &status), ==, 0);
        g_assert_cmpuint(told->bytes, >, 0);
        g_assert_cmpuint(told->bytes, <, (uint64_t)status.st_size);
        g_assert_true(told_at(all, 3 * CLIP_TRACKS + t)->gap);
    }
    // A rendition whose file is gone is a gap; the others are not.
    g_autofree char *first = g_build_filename(folder, SESSION_ID, "1/v360p/1.m4s", NULL);
    g_assert_cmpint(g_unlink(first), ==, 0);
    g_autoptr(GArray) less = read_past(folder);
    for (guint t = 0; t < CLIP_TRACKS; t++) {
        const MediaSegment *told = told_at(less, CLIP_TRACKS + t);
        g_assert_cmpint(told->gap, ==, strcmp(told->key, "v360p") == 0);
    }
    // Even where a whole segment, or an init segment, is gone, no number moves.
    g_autofree char *removed =
        case_command("cd '%s/" SESSION_ID "/1' && rm */2.m4s aar/init.mp4", folder);
    g_autoptr(GArray) least = read_past(folder);
    g_assert_cmpuint(least->len, ==, all->len);
    for (guint i = 0; i < least->len; i++) {
        const MediaSegment *told = told_at(least, i);
        bool video = told->key[0] == 'v';
        g_assert_cmpuint(told->sequence, ==, told_at(all, i)->sequence);
        g_assert_true(told->gap || (video && told->sequence < 2));
    }
    case_remove(folder);
}

static bool there(const char *folder, const char *id, const char *key, int64_t sequence)
{
    uint64_t number = (uint64_t)sequence;
    g_autofree char *path = archive_live_file(folder, id, 1, key, sequence >= 0 ? &number : NULL);
    return path != NULL && g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static void test_live_file(void)
{
    static const char *const hostile[] = {
        "", ".", "..", "v720p/..", "v720p/", "/v", "v%2e", "../s1/1/v720p", "V720P", "v720p\n"};
    char *folder = case_folder();
    ClipRun run = {.run = 1, .end_us = 4000000, .open = true};
    case_write(folder, &run);
    g_assert_true(there(folder, SESSION_ID, "v720p", -1));
    g_assert_true(there(folder, SESSION_ID, "v720p", 1));
    g_assert_false(there(folder, SESSION_ID, "v720p", 2));
    g_assert_false(there(folder, SESSION_ID, "aen", 1));
    g_assert_false(there(folder, "../" SESSION_ID, "v720p", 1));
    for (unsigned i = 0; i < G_N_ELEMENTS(hostile); i++) {
        g_assert_false(there(folder, SESSION_ID, hostile[i], 1));
    }
    // No link is followed, neither as a file nor on the way.
    g_autofree char *file = g_build_filename(folder, SESSION_ID, "1/v720p/7.m4s", NULL);
    g_autofree char *track = g_build_filename(folder, SESSION_ID, "1/vlink", NULL);
    g_assert_cmpint(symlink("1.m4s", file), ==, 0);
    g_assert_cmpint(symlink("v720p", track), ==, 0);
    g_assert_false(there(folder, SESSION_ID, "v720p", 7));
    g_assert_false(there(folder, SESSION_ID, "vlink", 1));
    case_remove(folder);
}

void add_earlier_runs_cases(void)
{
    g_test_add_func("/archive/past/session", test_past);
    g_test_add_func("/archive/past/nothing", test_past_of_nothing);
    g_test_add_func("/archive/past/torn", test_past_torn);
    g_test_add_func("/archive/past/live-file", test_live_file);
}

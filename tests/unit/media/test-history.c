// SPDX-License-Identifier: GPL-3.0-or-later
// The shared history of tracks.
#include "../tracks.h"

#include "media/history.h"

static void add(MediaHistory *history, MediaTrack *track, int64_t pts_us, bool key, size_t size)
{
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, size);
    unit->track = media_track_ref(track);
    unit->pts_us = pts_us;
    unit->key = key;
    unit->number = media_history_next(history, track->info.id);
    media_history_add(history, unit);
}

static void test_numbers(void)
{
    g_autoptr(MediaHistory) history = media_history_new();
    g_autoptr(MediaTrack) one = tracks_h264(1, 720, 2000000), other = tracks_h264(2, 720, 2000000);
    g_assert_cmpuint(media_history_next(history, 1), ==, 0);
    g_assert_null(media_history_get(history, 1, 0));
    for (int i = 0; i < 1000; i++) {
        add(history, one, i, false, 10);
        add(history, other, -i, false, 10);
    }
    g_assert_cmpuint(media_history_next(history, 1), ==, 1000);
    g_assert_cmpint(media_history_get(history, 1, 999)->pts_us, ==, 999);
    g_assert_cmpint(media_history_get(history, 2, 999)->pts_us, ==, -999);
    g_assert_cmpint(media_history_get(history, 1, 1000 - MEDIA_HISTORY_UNITS)->pts_us, ==,
                    1000 - MEDIA_HISTORY_UNITS);
    g_assert_null(media_history_get(history, 1, 1000 - MEDIA_HISTORY_UNITS - 1));
    g_assert_null(media_history_get(history, 1, 1000));
}

static void test_key(void)
{
    g_autoptr(MediaHistory) history = media_history_new();
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    uint64_t number;
    add(history, track, 0, false, 10);
    g_assert_null(media_history_key(history, 1, &number));
    add(history, track, 1, true, 10);
    add(history, track, 2, false, 10);
    g_assert_cmpint(media_history_key(history, 1, &number)->pts_us, ==, 1);
    g_assert_cmpuint(number, ==, 1);
    media_history_break(history);
    g_assert_null(media_history_key(history, 1, &number));
    add(history, track, 3, true, 10);
    g_assert_nonnull(media_history_key(history, 1, &number));
    g_autoptr(MediaItem) run = media_item_new(MEDIA_ITEM_RUN, 0);
    media_history_add(history, run);
    g_assert_null(media_history_key(history, 1, &number));            // of another run
    g_assert_cmpint(media_history_get(history, 1, 3)->pts_us, ==, 3); // still available for NACK
    add(history, track, 4, true, 10);
    for (int i = 0; i < MEDIA_HISTORY_UNITS; i++) {
        add(history, track, 5 + i, false, 10);
    }
    g_assert_null(media_history_key(history, 1, &number)); // evicted
}

static void test_bytes(void)
{
    g_autoptr(MediaHistory) history = media_history_new();
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    for (int i = 0; i < 20; i++) {
        add(history, track, i, false, MEDIA_MAX_UNIT_BYTES);
    }
    g_assert_nonnull(media_history_get(history, 1, 16));
    g_assert_null(media_history_get(history, 1, 15));
}

/* A reader that lost units forgets what came before: numbers mean the same to all readers. */
static void test_hole(void)
{
    g_autoptr(MediaHistory) history = media_history_new();
    g_autoptr(MediaTrack) track = tracks_h264(1, 720, 2000000);
    uint64_t number;
    add(history, track, 0, true, 10);
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, 10);
    unit->track = media_track_ref(track);
    unit->number = 7;
    media_history_add(history, unit);
    g_assert_null(media_history_get(history, 1, 0));
    g_assert_null(media_history_key(history, 1, &number));
    g_assert_true(media_history_get(history, 1, 7) == unit);
    g_assert_cmpuint(media_history_next(history, 1), ==, 8);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/history/numbers", test_numbers);
    g_test_add_func("/media/history/key", test_key);
    g_test_add_func("/media/history/bytes", test_bytes);
    g_test_add_func("/media/history/hole", test_hole);
    return g_test_run();
}

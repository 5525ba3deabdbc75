// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of a whole stream: parts, gate, pauses, window, losses, runs.
#include "room.h"

#include <string.h>

static const HlsConfig config = {
    .part_ms = 500, .segment_ms = 2000, .window_s = 20, .epoch_wall_us = INT64_C(1795422691000000)};

static void append(GByteArray *out, GBytes *bytes)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(bytes, &size);
    g_byte_array_append(out, data, (guint)size);
}

static int64_t first_frame_at(int64_t us) // of sound, at or after
{
    int64_t frame = (us * 48000 + INT64_C(1024000000) - 1) / INT64_C(1024000000);
    return (frame * 1024 * 1000000 + 24000) / 48000;
}

/* The n-th part on the grid, as it must be told. */
static void check_grid_part(const MediaPart *part, unsigned n)
{
    bool video = part->track->info.kind == MEDIA_VIDEO;
    int64_t start_us = n * INT64_C(500000), end_us = start_us + 500000;
    g_assert_cmpuint(part->sequence, ==, n / 4);
    g_assert_cmpuint(part->index, ==, n % 4);
    g_assert_cmpint(part->last, ==, n % 4 == 3);
    g_assert_cmpint(part->independent, ==, !video || n % 4 == 0 || n == 7); // 3.5 s has one, too
    g_assert_true(part->open);
    g_assert_cmpint(part->pts_us, ==, video ? start_us : first_frame_at(start_us));
    g_assert_cmpint(part->pts_us + part->duration_us, ==, video ? end_us : first_frame_at(end_us));
}

static bool is_key(guint picture)
{
    static const guint pictures[] = {0, 59, 60, 105, 120, 141, 151, 180};
    for (size_t i = 0; i < G_N_ELEMENTS(pictures); i++) {
        if (pictures[i] == picture) {
            return true;
        }
    }
    return false;
}

/* A thumbnail is passed on as it is, and is in no playlist's way. */
static void test_thumb(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 3, 0, true);
    g_autoptr(MediaItem) thumb = media_item_new(MEDIA_ITEM_THUMB, 4);
    thumb->pts_us = 700000;
    memcpy(thumb->data, "jpeg", 4);
    media_bus_publish(room->bus, thumb);
    room_play(room, 0, CLIP_US);
    room_stop(room);
    unsigned thumbs = 0;
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        if (part->type == MEDIA_PART_THUMB) {
            thumbs++;
            g_assert_cmpuint(part->run, ==, 3);
            g_assert_cmpint(part->pts_us, ==, 700000);
            gsize size;
            const void *bytes = g_bytes_get_data(part->bytes, &size);
            g_assert_cmpmem(bytes, size, "jpeg", 4);
        }
    }
    g_assert_cmpuint(thumbs, ==, 1);
    room_free(room);
}

static void test_parts(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play(room, 0, CLIP_US);
    room_stop(room);
    unsigned counts[CLIP_TRACKS] = {0};
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        g_assert_cmpint(part->type, ==, i < CLIP_TRACKS ? MEDIA_PART_INIT : MEDIA_PART_MEDIA);
        for (unsigned j = 0; j < CLIP_TRACKS && part->type == MEDIA_PART_MEDIA; j++) {
            if (part->track == clip_track(room_clip, j)) {
                check_grid_part(part, counts[j]++);
            }
        }
    }
    for (unsigned j = 0; j < CLIP_TRACKS; j++) {
        g_assert_cmpuint(counts[j], ==, 16);
        g_autoptr(GArray) samples = room_samples(room, j, 1);
        bool video = j < 2;
        g_assert_cmpuint(samples->len, ==, video ? 240 : 375);
        for (guint i = 0; i < samples->len; i++) {
            const Sample *sample = &g_array_index(samples, Sample, i);
            g_assert_cmpint(sample->pts, ==, i * (video ? 3000 : 1024));
            // Of sound only a decoder tells the duration.
            g_assert_cmpint(sample->duration, ==, video ? 3000 : 0);
            g_assert_cmpint(sample->key, ==, !video || is_key(i));
        }
    }
    room_free(room);
}

static GBytes *body(const Room *room, const char *path, const char *type)
{
    HlsResponse response = {0};
    g_assert_cmpint(hls_snapshot_get(room->last, HLS_PUBLIC, path, NULL, &response), ==, HLS_FOUND);
    g_assert_cmpstr(response.content_type, ==, type);
    return response.body;
}

static void test_segment_is_its_parts(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play(room, 0, CLIP_US);
    room_stop(room);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        const char *type = track < 2 ? "video/mp4" : "audio/mp4";
        g_autoptr(GByteArray) whole = g_byte_array_new(), told = room_collect(room, track, 1);
        g_autofree char *init_path = g_strdup_printf("1/%s/init.mp4", room_keys[track]);
        g_autoptr(GBytes) init = body(room, init_path, type);
        append(whole, init);
        for (unsigned n = 0; n < 4; n++) {
            g_autoptr(GByteArray) parts = g_byte_array_new();
            g_autofree char *path = g_strdup_printf("1/%s/%u.m4s", room_keys[track], n);
            g_autoptr(GBytes) segment = body(room, path, type);
            for (unsigned i = 0; i < 4; i++) {
                g_autofree char *part_path =
                    g_strdup_printf("1/%s/%u.%u.m4s", room_keys[track], n, i);
                g_autoptr(GBytes) part = body(room, part_path, type);
                append(parts, part);
            }
            g_assert_cmpmem(g_bytes_get_data(segment, NULL), g_bytes_get_size(segment), parts->data,
                            parts->len);
            append(whole, segment);
        }
        g_assert_cmpmem(whole->data, whole->len, told->data, told->len);
    }
    room_free(room);
}

/* A part is there once its last unit is, without waiting for the next one. */
static void test_no_wait_for_the_next_unit(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play(room, 0, 500000);
    room_wait(room, room_all_reached, 500000);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/0.0.m4s", NULL, NULL), ==, HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/0.1.m4s", NULL, NULL), ==, HLS_WAIT);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/0.2.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/aar/0.1.m4s", NULL, NULL), ==, HLS_WAIT);
    room_play(room, 500000, 2000000);
    room_wait(room, room_all_reached, 2000000);
    // Also the segment is known to be over, and the next one's first part is awaited.
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/0.m4s", NULL, NULL), ==, HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/1.0.m4s", NULL, NULL), ==, HLS_WAIT);
    room_free(room);
}

static void play_with_mark(Room *room, int64_t from_us, MediaMark mark, int64_t mark_us)
{
    room_play_slowly(room, from_us, mark_us);
    clip_publish_mark(room->bus, mark, mark_us);
}

/* Lobby, live, paused, live, ended. 3.5 s is on the grid of parts, so its part is out when the mark
 * comes; 9.9667 s is one picture before the grid. */
static void play_session(Room *room)
{
    clip_publish_run(room_clip, room->bus, 1, 0, false);
    play_with_mark(room, 0, MEDIA_MARK_OPEN, CLIP_KEY_A);
    play_with_mark(room, CLIP_KEY_A, MEDIA_MARK_CLOSE, CLIP_KEY_B);
    play_with_mark(room, CLIP_KEY_B, MEDIA_MARK_OPEN, CLIP_US + CLIP_KEY_C);
    play_with_mark(room, CLIP_US + CLIP_KEY_C, MEDIA_MARK_END, CLIP_US + CLIP_KEY_B);
    room_play(room, CLIP_US + CLIP_KEY_B, CLIP_US + CLIP_KEY_B + 500000);
    room_wait(room, room_is_ended, 0);
}

typedef struct {
    int64_t start_us, end_us;
    bool discontinuity;
} Expected;

static void check_extents(const CheckList *list, const Expected *expected, unsigned count)
{
    g_assert_cmpuint(list->segments->len, ==, count);
    for (unsigned i = 0; i < count; i++) {
        const CheckSegment *segment = check_segment(list, i);
        int64_t start_us = segment->date_us - config.epoch_wall_us;
        int64_t end_us = start_us + (int64_t)(segment->duration * 1e6);
        // Sound: from the first frame at or after the boundary.
        g_assert_cmpint(start_us, >=, expected[i].start_us - 1000);
        g_assert_cmpint(start_us, <=, expected[i].start_us + 21334);
        g_assert_cmpint(end_us, >=, expected[i].end_us - 1000);
        g_assert_cmpint(end_us, <=, expected[i].end_us + 21334);
        g_assert_cmpint(segment->discontinuity, ==, expected[i].discontinuity);
    }
}

static void test_gate(void)
{
    static const Expected seen[] = {
        {3500000, 4000000, false},   {4000000, 5033333, false},   {9966667, 10000000, true},
        {10000000, 12000000, false}, {12000000, 13033333, false},
    };
    Room *room = room_new(&config);
    play_session(room);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        const CheckList *list = room->lists[track][HLS_PUBLIC];
        check_extents(list, seen, G_N_ELEMENTS(seen));
        g_assert_true(list->ended);
        g_assert_cmpuint(list->msn, ==, 0);
        g_assert_cmpstr(check_segment(list, 0)->uri + 2 + strlen(room_keys[track]), ==, "/2.m4s");
        list = room->lists[track][HLS_PRIVILEGED];
        g_assert_cmpuint(list->segments->len, ==, 10);
        g_assert_cmpuint(list->msn, ==, 0);
        g_assert_true(list->ended);
    }
    // Hidden media is not there for the public, under any name.
    static const char *const hidden[] = {"1/v180p/0.m4s", "1/v180p/1.0.m4s", "1/aar/4.m4s"};
    for (unsigned i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_assert_cmpint(room_get(room->last, HLS_PUBLIC, hidden[i], NULL, NULL), ==, HLS_NOT_FOUND);
        g_assert_cmpint(room_get(room->last, HLS_PRIVILEGED, hidden[i], NULL, NULL), ==, HLS_FOUND);
    }
    // After the end nothing waits.
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "v180p.m3u8", "_HLS_msn=6", NULL), ==,
                    HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/10.0.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    room_free(room);
}

static void test_gate_in_the_lobby(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, false);
    room_play_slowly(room, 0, 2000000);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "main.m3u8", NULL, NULL), ==, HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "v180p.m3u8", NULL, NULL), ==, HLS_WAIT);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/init.mp4", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/1.0.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PRIVILEGED, "v180p.m3u8", NULL, NULL), ==, HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PRIVILEGED, "1/v180p/1.0.m4s", NULL, NULL), ==,
                    HLS_WAIT);
    room_free(room);
}

static const MediaPart *first_of(const Room *room, unsigned track, uint64_t sequence)
{
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        if (part->type == MEDIA_PART_MEDIA && part->track == clip_track(room_clip, track) &&
            part->sequence == sequence && part->index == 0) {
            return part;
        }
    }
    return NULL;
}

/* A number means the same time in all tracks; the END mark is told last of all. */
static void test_told(void)
{
    Room *room = room_new(&config);
    play_session(room);
    for (unsigned sequence = 0; sequence < 10; sequence++) {
        const MediaPart *picture = first_of(room, 0, sequence);
        const MediaPart *small = first_of(room, 1, sequence);
        const MediaPart *sound = first_of(room, 2, sequence);
        g_assert_cmpint(small->pts_us, ==, picture->pts_us);
        g_assert_cmpint(sound->pts_us, ==, first_frame_at(picture->pts_us));
        g_assert_true(picture->independent && small->open == picture->open);
        g_assert_cmpint(sound->open, ==, picture->open);
    }
    g_assert_null(first_of(room, 0, 10));
    unsigned marks = 0;
    for (guint i = 0; i < room->parts->len; i++) {
        marks += ((MediaPart *)room->parts->pdata[i])->type == MEDIA_PART_MARK;
    }
    const MediaPart *end = room->parts->pdata[room->parts->len - 1];
    g_assert_cmpint(end->type, ==, MEDIA_PART_MARK);
    g_assert_cmpint(end->mark, ==, MEDIA_MARK_END);
    g_assert_cmpint(end->pts_us, ==, CLIP_US + 5033333);
    g_assert_cmpuint(marks, ==, 4);
    room_free(room);
}

/* A mark one picture away from a grid boundary gives a short segment in every track, not an empty
 * one, and the media goes on without a seam. */
static void test_media_across_marks(void)
{
    Room *room = room_new(&config);
    play_session(room);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        g_autoptr(GArray) samples = room_samples(room, track, 1);
        unsigned ticks = track < 2 ? 3000 : 1024;
        g_assert_cmpuint(samples->len, ==, track < 2 ? 391 : 611);
        for (guint i = 0; i < samples->len; i++) {
            g_assert_cmpint(g_array_index(samples, Sample, i).pts, ==, i * ticks);
        }
    }
    room_free(room);
}

/* While nothing is to come a player is answered with the list it has: it would give up waiting. */
static void test_nobody_waits_in_a_pause(void)
{
    g_autofree char *before = NULL, *during = NULL;
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play_slowly(room, 0, 4000000);
    room_get(room->last, HLS_PUBLIC, "v180p.m3u8", NULL, &before);
    g_assert_nonnull(strstr(before, "PRELOAD-HINT"));
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "v180p.m3u8", "_HLS_msn=2&_HLS_part=0", NULL),
                    ==, HLS_WAIT);
    clip_publish_mark(room->bus, MEDIA_MARK_CLOSE, 4000000);
    room_play_slowly(room, 4000000, 6000000);
    g_assert_cmpint(
        room_get(room->last, HLS_PUBLIC, "v180p.m3u8", "_HLS_msn=2&_HLS_part=0", &during), ==,
        HLS_FOUND);
    g_assert_null(strstr(during, "PRELOAD-HINT"));
    g_assert_null(strstr(during, "ENDLIST"));
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/2.0.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "v180p.m3u8", "_HLS_msn=9", NULL), ==,
                    HLS_BAD);
    g_assert_cmpint(
        room_get(room->last, HLS_PRIVILEGED, "v180p.m3u8", "_HLS_msn=3&_HLS_part=0", NULL), ==,
        HLS_WAIT);
    clip_publish_mark(room->bus, MEDIA_MARK_OPEN, 6000000);
    room_play_slowly(room, 6000000, 8000000);
    g_assert_true(check_segment(room->lists[0][HLS_PUBLIC], 2)->discontinuity);
    room_free(room);
}

static const char next_part[] = "_HLS_msn=2&_HLS_part=0";

static bool nobody_waits(Room *room, int64_t value)
{
    (void)value;
    return room->idle != NULL &&
           room_get(room->idle, HLS_PUBLIC, "aar.m3u8", next_part, NULL) == HLS_FOUND;
}

/* The same where the programme failed and nobody knows for how long. */
static void test_nobody_waits_in_a_failure(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play_slowly(room, 0, 4000000);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "aar.m3u8", next_part, NULL), ==, HLS_WAIT);
    room_wait(room, nobody_waits, 0);
    // What a hint named may still come.
    g_assert_cmpint(room_get(room->idle, HLS_PUBLIC, "1/aar/2.0.m4s", NULL, NULL), ==, HLS_WAIT);
    room_play_slowly(room, 4000000, 4500000);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "aar.m3u8", "_HLS_msn=2&_HLS_part=1", NULL),
                    ==, HLS_WAIT);
    room_free(room);
}

/* 80 s with a pause and a new run, under a window of 20 s. */
static void test_window(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    play_with_mark(room, 0, MEDIA_MARK_CLOSE, 16000000 + CLIP_KEY_B);
    play_with_mark(room, 16000000 + CLIP_KEY_B, MEDIA_MARK_OPEN, 24000000);
    room_play_slowly(room, 24000000, 40900000); // the run breaks off in the middle of a part
    clip_publish_run(room_clip, room->bus, 2, 43500000, true);
    room_play_slowly(room, 43500000, 94000000);
    const CheckList *list = room->lists[0][HLS_PUBLIC];
    g_assert_cmpuint(list->segments->len, ==, 10);
    g_assert_cmpuint(list->discontinuity_sequence, ==, 2); // the pause and the new run, slid away
    g_assert_cmpuint(list->msn, ==, 10 + 1 + 9 + 1 + 25 - 10);
    g_assert_cmpint(list->segments->len, ==, room->lists[2][HLS_PUBLIC]->segments->len);
    g_assert_cmpuint(list->msn, ==, room->lists[2][HLS_PUBLIC]->msn);
    g_assert_cmpuint(room->deltas_seen, >, 100);
    // What left the list stays for its length (6.2.2), then the archive has it.
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "2/v180p/40.m4s", NULL, NULL), ==, HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/3.m4s", NULL, NULL), ==, HLS_ON_DISK);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/init.mp4", NULL, NULL), ==,
                    HLS_ON_DISK);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/3.0.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND); // nobody names parts any more
    // What lay in the pause is on no disk for anybody.
    g_assert_cmpint(room_get(room->last, HLS_PRIVILEGED, "1/v180p/12.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    const CheckList *event = room->lists[0][ROOM_EVENT];
    g_assert_cmpuint(event->msn, ==, 0);
    g_assert_cmpuint(event->segments->len, ==, 10 + 1 + 9 + 1 + 25);
    g_assert_cmpuint(event->discontinuity_sequence, ==, 0);
    room_free(room);
}

static bool was_asked(const Room *room, const char *name)
{
    return g_ptr_array_find_with_equal_func(room->asked, name, g_str_equal, NULL);
}

/* A segment that the archive has lost is a gap once it is out of memory, in its own track only;
 * what was never public is not asked for. */
static void test_lost(void)
{
    Room *room = room_new(&config);
    g_hash_table_add(room->lost, g_strdup("1/v180p/3.m4s"));
    clip_publish_run(room_clip, room->bus, 1, 0, false);
    play_with_mark(room, 0, MEDIA_MARK_OPEN, 4000000);
    room_play_slowly(room, 4000000, 20000000);
    g_assert_false(check_segment(room->lists[0][ROOM_EVENT], 1)->gap);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/3.m4s", NULL, NULL), ==, HLS_FOUND);
    check_lost = true; // the one change that an EVENT playlist may see
    room_play_slowly(room, 20000000, 64000000);
    g_assert_true(check_segment(room->lists[0][ROOM_EVENT], 1)->gap);
    g_assert_false(check_segment(room->lists[1][ROOM_EVENT], 1)->gap);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/3.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v90p/3.m4s", NULL, NULL), ==, HLS_ON_DISK);
    g_assert_true(was_asked(room, "1/aar/2.m4s"));
    g_assert_false(was_asked(room, "1/aar/0.m4s") || was_asked(room, "1/v180p/1.m4s"));
    g_assert_cmpint(room_get(room->last, HLS_PRIVILEGED, "1/v180p/0.m4s", NULL, NULL), ==,
                    HLS_NOT_FOUND);
    check_lost = false;
    room_free(room);
}

static void test_new_run(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play(room, 0, 2200000);
    clip_publish_run(room_clip, room->bus, 2, 3500000, true);
    room_play(room, 3500000, 6000000);
    clip_publish_mark(room->bus, MEDIA_MARK_END, 6000000);
    room_wait(room, room_is_ended, 0);
    const CheckList *list = room->lists[0][HLS_PUBLIC];
    static const Expected seen[] = {
        {0, 2000000, false},
        {2000000, 2200000, false},
        {3500000, 4000000, true},
        {4000000, 6000000, false},
    };
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        check_extents(room->lists[track][HLS_PUBLIC], seen, G_N_ELEMENTS(seen));
    }
    g_assert_cmpstr(check_segment(list, 1)->map, ==, "1/v180p/init.mp4");
    g_assert_cmpstr(check_segment(list, 2)->map, ==, "2/v180p/init.mp4");
    g_assert_cmpstr(check_segment(list, 2)->uri, ==, "2/v180p/2.m4s");
    // The second run's media starts at its own time: sound and picture keep their offset.
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        g_autoptr(GArray) samples = room_samples(room, track, 2);
        int64_t start = track < 2 ? 315000 : 168960; // 165 frames of 1024, from 3.52 s
        g_assert_cmpint(g_array_index(samples, Sample, 0).pts, ==, start);
    }
    room_free(room);
}

static void test_resumed(void)
{
    HlsConfig later = config;
    later.first_sequence = 100;
    later.first_public = 80;
    later.discontinuities = 3;
    Room *room = room_new(&later);
    clip_publish_run(room_clip, room->bus, 4, 0, true);
    room_play_slowly(room, 0, 8000000);
    const CheckList *list = room->lists[0][HLS_PUBLIC];
    g_assert_cmpuint(list->msn, ==, 80);
    g_assert_cmpuint(list->discontinuity_sequence, ==, 3);
    g_assert_true(check_segment(list, 0)->discontinuity);
    g_assert_cmpstr(check_segment(list, 0)->uri, ==, "4/v180p/100.m4s");
    g_assert_cmpuint(room->lists[0][HLS_PRIVILEGED]->msn, ==, 100);
    room_free(room);
}

/* What an earlier run left: a whole segment, one that is cut and has no sound, one that is lost. */
static const MediaSegment left_behind[] = {
    {.key = "v180p", .run = 1, .sequence = 3, .start_us = 6000000, .end_us = 8000000},
    {.key = "aar", .run = 1, .sequence = 3, .start_us = 6016000, .end_us = 8000000},
    {.key = "v180p", .run = 1, .sequence = 4, .start_us = 8000000, .end_us = 9000000, .bytes = 777},
    {.key = "aar", .run = 1, .sequence = 4, .start_us = 8000000, .end_us = 9000000, .gap = true},
    {.key = "v180p", .run = 1, .sequence = 5, .start_us = 9000000, .end_us = 11000000, .gap = true},
    {.key = "v180p",
     .run = 2,
     .sequence = 9,
     .start_us = 13000000,
     .end_us = 15600000,
     .discontinuity = true},
    {.key = "aar",
     .run = 2,
     .sequence = 9,
     .start_us = 13000000,
     .end_us = 15600000,
     .discontinuity = true},
};

static HlsConfig with_past(void)
{
    HlsConfig later = config;
    later.first_sequence = 12;
    later.first_public = 80;
    later.discontinuities = 1;
    later.past = left_behind;
    later.past_count = G_N_ELEMENTS(left_behind);
    return later;
}

static HlsFound from_disk(const Room *room, const char *path, HlsDisk *out)
{
    HlsResponse response = {0};
    HlsFound found = hls_snapshot_get(room->last, HLS_PUBLIC, path, NULL, &response);
    *out = response.disk;
    if (found == HLS_ON_DISK) {
        g_assert_cmpuint(response.max_age_s, >, 0);
        g_assert_true(g_str_has_suffix(response.content_type, "/mp4"));
    }
    hls_response_clear(&response);
    return found;
}

/* A session that goes on tells its earlier runs in the EVENT playlist, in every track. */
static void test_past(void)
{
    HlsConfig later = with_past();
    Room *room = room_new(&later);
    clip_publish_run(room_clip, room->bus, 3, 16000000, true);
    room_play_slowly(room, 16000000, 24000000);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        const CheckList *list = room->lists[track][ROOM_EVENT];
        bool large = track == 0, sound = track == 2;
        g_assert_cmpuint(list->msn, ==, 76); // four before 80
        g_assert_cmpuint(list->segments->len, ==, 8);
        g_assert_cmpuint(list->target, ==, 3); // the longest of them, rounded
        const CheckSegment *one = check_segment(list, 0), *cut = check_segment(list, 1);
        g_assert_cmpint(one->gap, ==, !large && !sound); // tracks that it did not have
        g_assert_cmpint(cut->gap, ==, !large);
        g_assert_cmpuint(cut->bytes, ==, large ? 777 : 0);
        g_assert_true(check_segment(list, 2)->gap);
        g_assert_false(check_segment(list, 2)->discontinuity);
        g_assert_true(check_segment(list, 3)->discontinuity);
        g_assert_true(check_segment(list, 4)->discontinuity); // this run
        g_assert_cmpint(check_segment(list, 4)->date_us, >=, later.epoch_wall_us + 16000000 - 1000);
        g_assert_cmpuint(room->lists[track][HLS_PUBLIC]->msn, ==, 80);
        g_assert_cmpuint(room->lists[track][HLS_PUBLIC]->target, ==, 2);
    }
    g_assert_cmpstr(check_segment(room->lists[0][ROOM_EVENT], 3)->map, ==, "2/v180p/init.mp4");
    HlsDisk disk;
    g_assert_cmpint(from_disk(room, "1/v180p/4.m4s", &disk), ==, HLS_ON_DISK);
    g_assert_cmpuint(disk.run, ==, 1);
    g_assert_cmpstr(disk.key, ==, "v180p");
    g_assert_cmpuint(disk.sequence, ==, 4);
    g_assert_cmpuint(disk.bytes, ==, 777);
    g_assert_false(disk.init);
    g_assert_cmpint(from_disk(room, "2/aar/init.mp4", &disk), ==, HLS_ON_DISK);
    g_assert_true(disk.init);
    // Nothing beside them: the lobby of those runs, what is lost, what such names do not exist for.
    static const char *const hidden[] = {
        "1/v180p/2.m4s", "1/v180p/5.m4s",  "2/v180p/4.m4s",    "1/v180p/9.m4s", "1/aar/4.m4s",
        "2/v180p/8.m4s", "2/v180p/10.m4s", "4/v180p/init.mp4", "1/v90p/3.m4s",  "1/v90p/init.mp4",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(hidden); i++) {
        if (from_disk(room, hidden[i], &disk) != HLS_NOT_FOUND) {
            g_error("%s is there", hidden[i]);
        }
    }
    room_free(room);
}

/* Before its own first segment a session that goes on still tells what was; it blocks like the live
 * one once something is to come. */
static void test_past_alone(void)
{
    HlsConfig later = with_past();
    Room *room = room_new(&later);
    clip_publish_run(room_clip, room->bus, 3, 16000000, false);
    room_play_slowly(room, 16000000, 18000000);
    const CheckList *list = room->lists[0][ROOM_EVENT];
    g_assert_cmpuint(list->segments->len, ==, 4);
    g_assert_null(list->hint);
    g_assert_null(room->lists[0][HLS_PUBLIC]);
    static const char path[] = "v180p.event.m3u8";
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, path, "_HLS_msn=79", NULL), ==, HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, path, "_HLS_msn=80", NULL), ==, HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, path, "_HLS_msn=82", NULL), ==, HLS_BAD);
    clip_publish_mark(room->bus, MEDIA_MARK_OPEN, 18000000);
    room_play_slowly(room, 18000000, 19000000);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, path, "_HLS_msn=80", NULL), ==, HLS_WAIT);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, path, "_HLS_msn=80&_HLS_part=1", NULL), ==,
                    HLS_FOUND);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, path, "_HLS_msn=80&_HLS_part=2", NULL), ==,
                    HLS_WAIT);
    room_free(room);
}

static bool without_english(void *data, const MediaItem *unit)
{
    (void)data;
    return unit->track != clip_track(room_clip, 3);
}

/* A language that comes later has the numbers of the others, and gaps before it. */
static void test_late_language(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, 6000000, without_english, NULL);
    room_play(room, 6000000, 10000000);
    room_wait(room, room_all_reached, 10000000);
    const CheckList *sound = room->lists[2][ROOM_EVENT], *late = room->lists[3][ROOM_EVENT];
    g_assert_cmpuint(late->msn, ==, sound->msn);
    g_assert_cmpuint(late->segments->len, ==, sound->segments->len);
    for (unsigned i = 0; i < late->segments->len; i++) {
        g_assert_cmpint(check_segment(late, i)->gap, ==, i < 3);
        g_assert_false(check_segment(sound, i)->gap);
    }
    g_assert_cmpuint(room->lists[3][HLS_PUBLIC]->msn, ==, 3);
    room_free(room);
}

/* --- Markers ------------------------------------------------------------------------------------
 */

static bool has_markers(Room *room, int64_t value)
{
    const CheckList *list = room->lists[0][ROOM_EVENT];
    return list != NULL && list->markers->len == (guint)value && room->idle != NULL;
}

static void test_markers(void)
{
    static const HlsMarker markers[] = {
        {.id = "late", .class_ = "org.majlis.question", .media_us = 30500000, .title_ar = "متأخر"},
        {.id = "lobby", .class_ = "org.majlis.agenda", .media_us = 1000000, .title_en = "Hidden"},
        {.id = "one",
         .class_ = "org.majlis.agenda",
         .media_us = 4250000,
         .title_ar = "سطر\nأول \"مقتبس\"\r",
         .title_en = "A \"quoted\"\nline\x07, a\xe2\x80\xaeturn, b\xff"},
        {.id = "future",
         .class_ = "org.majlis.agenda",
         .media_us = 100000000,
         .title_en = "Not yet"},
    };
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, false);
    hls_stream_set_markers(room->stream, markers, G_N_ELEMENTS(markers));
    play_with_mark(room, 0, MEDIA_MARK_OPEN, 4000000);
    room_play_slowly(room, 4000000, 32000000);
    const CheckList *event = room->lists[0][ROOM_EVENT];
    g_assert_cmpuint(event->markers->len, ==, 2); // by time
    g_assert_cmpstr(
        event->markers->pdata[0], ==,
        "ID=\"one\",CLASS=\"org.majlis.agenda\",START-DATE=\"2026-11-23T08:31:35.250Z\","
        "X-ORG-MAJLIS-TITLE-AR=\"سطر أول ”مقتبس” \","
        "X-ORG-MAJLIS-TITLE-EN=\"A ”quoted” line , aturn, b\xef\xbf\xbd\"");
    g_assert_true(g_str_has_prefix(event->markers->pdata[1], "ID=\"late\",CLASS="));
    // The window of 20 s no longer has the first; staff see no more than it either.
    for (HlsAudience audience = 0; audience < HLS_AUDIENCES; audience++) {
        const CheckList *live = room->lists[2][audience];
        g_assert_cmpuint(live->markers->len, ==, 1);
        g_assert_true(g_str_has_prefix(live->markers->pdata[0], "ID=\"late\""));
    }
    g_assert_cmpuint(room->deltas_seen, >, 50);
    // Taken back: no delta update until everybody has read a whole list.
    g_autofree char *text = NULL, *delta = NULL;
    hls_stream_set_markers(room->stream, markers, 3);
    hls_stream_set_markers(room->stream, markers + 2, 1);
    room_wait(room, has_markers, 1);
    room_get(room->idle, HLS_PUBLIC, "v180p.event.m3u8", NULL, &text);
    room_get(room->idle, HLS_PUBLIC, "v180p.event.m3u8", "_HLS_skip=YES", &delta);
    g_assert_cmpstr(text, ==, delta);
    room_free(room);
}

/* However many there are, and however long. */
static void test_many_markers(void)
{
    HlsMarker markers[HLS_MAX_MARKERS + 50];
    g_autofree char *title = g_strnfill(5000, 'x');
    for (unsigned i = 0; i < G_N_ELEMENTS(markers); i++) {
        markers[i] = (HlsMarker){.id = "q",
                                 .class_ = "org.majlis.question",
                                 .media_us = 1000000 + i,
                                 .title_ar = "ااااااااااااااا",
                                 .title_en = title};
    }
    Room *room = room_new(&config);
    hls_stream_set_markers(room->stream, markers, G_N_ELEMENTS(markers));
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play_slowly(room, 0, 2000000);
    const CheckList *list = room->lists[0][HLS_PUBLIC];
    g_assert_cmpuint(list->markers->len, ==, HLS_MAX_MARKERS);
    g_assert_cmpuint(strlen(list->markers->pdata[0]), <, 500);
    room_free(room);
}

static void ignore_part(void *data, MediaPart *part)
{
    (void)data;
    (void)part;
}

static void ignore_published(void *data)
{
    (void)data;
}

static double bandwidth(const char *main, const char *name)
{
    g_autofree char *begin = g_strdup_printf("%s=", name);
    const char *at = strstr(main, begin);
    g_assert_nonnull(at);
    return g_ascii_strtod(at + strlen(begin), NULL);
}

static uint64_t told_bytes(const Room *room, unsigned track, int64_t from_us, int64_t to_us)
{
    uint64_t bytes = 0;
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        if (part->type == MEDIA_PART_MEDIA && part->track == clip_track(room_clip, track) &&
            part->pts_us >= from_us && part->pts_us < to_us) {
            bytes += g_bytes_get_size(part->bytes);
        }
    }
    return bytes;
}

/* BANDWIDTH is the peak of any segments in a row that last 0.5 to 1.5 target durations (4.1), also
 * where marks cut them into pieces that say nothing alone; AVERAGE-BANDWIDTH is that of all. */
static void test_bandwidth(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play_slowly(room, 0, CLIP_KEY_C); // 1.97 s, then 0.03 s, which begins with a key frame
    clip_publish_mark(room->bus, MEDIA_MARK_OPEN, CLIP_KEY_C);
    room_play_slowly(room, CLIP_KEY_C, 6000000);
    double peak = 0;
    static const int64_t cuts_us[] = {0, 1966667, 2000000, 4000000, 6000000};
    for (unsigned track = 0; track < CLIP_TRACKS; track += 2) { // picture and sound of the first
        double most = 0;
        for (unsigned i = 0; i + 1 < G_N_ELEMENTS(cuts_us); i++) {
            for (unsigned j = i + 1; j < G_N_ELEMENTS(cuts_us); j++) {
                double seconds = (double)(cuts_us[j] - cuts_us[i]) / 1e6;
                double bytes = (double)told_bytes(room, track, cuts_us[i], cuts_us[j]);
                if (seconds >= 1 && seconds <= 3) {
                    most = MAX(most, bytes * 8 / seconds);
                }
            }
        }
        peak += most;
    }
    g_autofree char *text = NULL;
    room_get(room->last, HLS_PUBLIC, "main.m3u8", NULL, &text);
    double said = bandwidth(text, ":BANDWIDTH"), average = bandwidth(text, "AVERAGE-BANDWIDTH");
    double real =
        (double)(told_bytes(room, 0, 0, 6000000) + told_bytes(room, 2, 0, 6000000)) * 8 / 6;
    g_assert_cmpfloat(said, >=, peak * 0.97);
    g_assert_cmpfloat(said, <=, peak * 1.03);
    g_assert_cmpfloat(average, >=, real * 0.97);
    g_assert_cmpfloat(average, <=, real * 1.03);
    room_free(room);
}

/* 6.2.5.2: no blocking request is held for more than three target durations. */
static void test_wait_bounds(void)
{
    HlsConfig slow = config;
    slow.segment_ms = 4000;
    const HlsEvents events = {.part = ignore_part, .published = ignore_published};
    MediaBus *bus = media_bus_new();
    HlsStream *stream = hls_stream_new(bus, &slow, &events);
    HlsSnapshot *snapshot = hls_stream_snapshot(stream);
    // Nothing is known yet: whatever may become a playlist waits, media does not exist.
    static const char *const names[] = {"main.m3u8", "event.m3u8", "v180p.m3u8", "aar.event.m3u8"};
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        HlsResponse response = {0};
        g_assert_cmpint(hls_snapshot_get(snapshot, HLS_PUBLIC, names[i], NULL, &response), ==,
                        HLS_WAIT);
        g_assert_cmpuint(response.wait_s, ==, 12);
    }
    HlsResponse response = {0};
    g_assert_cmpint(hls_snapshot_get(snapshot, HLS_PUBLIC, "1/v180p/init.mp4", NULL, &response), ==,
                    HLS_NOT_FOUND);
    hls_snapshot_unref(snapshot);
    hls_stream_free(stream);
    media_bus_free(bus);
}

/* --- Cost ---------------------------------------------------------------------------------------
 */

static int64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* CPU of one second of a programme, all threads, ms. */
static double cost(const HlsConfig *with)
{
    const HlsEvents events = {.part = ignore_part, .published = ignore_published};
    MediaBus *bus = media_bus_new();
    HlsStream *stream = hls_stream_new(bus, with, &events);
    clip_publish_run(room_clip, bus, 3, 0, true);
    int64_t before_us = cpu_us();
    int64_t seconds = 160;
    for (int64_t us = 0; us < seconds * 1000000; us += 100000) {
        clip_publish(room_clip, bus, us, us + 100000, NULL, NULL);
        g_autoptr(HlsSnapshot) snapshot = hls_stream_snapshot(stream);
        while (us > 1000000 && hls_snapshot_edge_us(snapshot) < us - 500000) { // step by step
            g_usleep(200);
            hls_snapshot_unref(snapshot);
            snapshot = hls_stream_snapshot(stream);
        }
    }
    hls_stream_free(stream);
    media_bus_free(bus);
    return (double)(cpu_us() - before_us) / 1000 / (double)seconds;
}

/* An hour behind it costs a programme next to nothing: no snapshot writes it out anew. */
static void test_cost_of_an_hour(void)
{
    static const char *const keys[] = {"v180p", "v90p", "aar"};
    MediaSegment *past = g_new0(MediaSegment, 3 * 1800);
    for (unsigned i = 0; i < 3 * 1800; i++) {
        past[i] = (MediaSegment){.run = 1,
                                 .sequence = i / 3,
                                 .start_us = i / 3 * INT64_C(2000000),
                                 .end_us = (i / 3 + 1) * INT64_C(2000000)};
        g_strlcpy(past[i].key, keys[i % 3], sizeof past[i].key);
    }
    HlsConfig alone = config, hour = config;
    alone.window_s = hour.window_s = 60;
    hour.first_sequence = hour.first_public = 1800;
    hour.past = past;
    hour.past_count = 3 * 1800;
    double without = cost(&alone), with = cost(&hour);
    g_test_message("CPU per second of 4 tracks, all threads: %.2f ms, with an hour behind %.2f ms",
                   without, with);
    g_assert_cmpfloat(with - without, <, 20);
    g_free(past);
}

static void test_blocking(void)
{
    static const struct {
        const char *query;
        HlsFound found;
    } cases[] = {
        // The newest: parts 0 and 1 of segment 3.
        {NULL, HLS_FOUND},
        {"_HLS_msn=0", HLS_FOUND},
        {"_HLS_msn=2", HLS_FOUND},
        {"_HLS_msn=3", HLS_WAIT},
        {"_HLS_msn=3&_HLS_part=1", HLS_FOUND},
        {"_HLS_msn=3&_HLS_part=1&_HLS_skip=YES", HLS_FOUND},
        {"_HLS_msn=3&_HLS_part=2", HLS_WAIT},
        {"_HLS_msn=3&_HLS_part=7", HLS_WAIT},
        {"_HLS_msn=3&_HLS_part=8", HLS_BAD},   // Advance Part Limit
        {"_HLS_msn=2&_HLS_part=4", HLS_FOUND}, // is part 0 of segment 3
        {"_HLS_msn=4&_HLS_part=0", HLS_WAIT},
        {"_HLS_msn=5", HLS_WAIT},
        {"_HLS_msn=6", HLS_BAD},
        {"_HLS_msn=99999999999999999999", HLS_BAD},
        {"_HLS_part=1", HLS_BAD},
        {"_HLS_msn=x", HLS_BAD},
    };
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play_slowly(room, 0, 7000000);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (unsigned track = 0; track < CLIP_TRACKS; track++) {
            g_autofree char *name = g_strdup_printf("%s.m3u8", room_keys[track]);
            HlsFound found = room_get(room->last, HLS_PUBLIC, name, cases[i].query, NULL);
            if (found != cases[i].found) {
                g_error("%s?%s: %d", name, cases[i].query, found);
            }
        }
    }
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "vnone.m3u8", NULL, NULL), ==, HLS_NOT_FOUND);
    room_free(room);
}

static void test_reports_and_main(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play_slowly(room, 0, 7000000);
    const CheckList *list = room->lists[0][HLS_PUBLIC];
    g_assert_cmpuint(list->reports->len, ==, 3);
    g_assert_cmpstr(list->reports->pdata[0], ==, "URI=\"v90p.m3u8\",LAST-MSN=3,LAST-PART=1");
    g_assert_cmpstr(list->reports->pdata[1], ==, "URI=\"aar.m3u8\",LAST-MSN=3,LAST-PART=1");
    g_assert_cmpstr(list->reports->pdata[2], ==, "URI=\"aen.m3u8\",LAST-MSN=3,LAST-PART=1");
    list = room->lists[2][ROOM_EVENT];
    g_assert_cmpstr(list->reports->pdata[0], ==, "URI=\"v180p.event.m3u8\",LAST-MSN=3,LAST-PART=1");
    list = room->lists[0][HLS_PUBLIC];
    g_assert_cmpfloat(list->part_target, ==, 0.5);
    g_assert_cmpfloat(list->hold_back, ==, 1.6);
    g_assert_cmpfloat(room->lists[2][HLS_PUBLIC]->part_target, ==, 0.512);
    g_autofree char *text = NULL;
    room_get(room->last, HLS_PUBLIC, "main.m3u8", NULL, &text);
    g_assert_true(g_regex_match_simple(
        "^#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"العربية\",LANGUAGE=\"ar\",DEFAULT=YES,"
        "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"aar.m3u8\"\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=NO,"
        "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"aen.m3u8\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=[1-9]\\d+,AVERAGE-BANDWIDTH=[1-9]\\d+,"
        "CODECS=\"avc1.42c0..,mp4a.40.2\",RESOLUTION=320x180,FRAME-RATE=30.000,AUDIO=\"sound\"\n"
        "v180p.m3u8\n"
        "#EXT-X-STREAM-INF:[^\n]+\nv90p.m3u8\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=[1-9]\\d+,AVERAGE-BANDWIDTH=[1-9]\\d+,"
        "CODECS=\"mp4a.40.2\",AUDIO=\"sound\"\naar.m3u8\n$",
        text, 0, 0));
    g_autofree char *event_text = NULL;
    room_get(room->last, HLS_PUBLIC, "event.m3u8", NULL, &event_text);
    g_auto(GStrv) split = g_strsplit(text, ".m3u8", -1);
    g_autofree char *with_suffix = g_strjoinv(".event.m3u8", split);
    g_assert_cmpstr(event_text, ==, with_suffix); // the same but for the names
    room_free(room);
}

/* Freed with a part open: that part is told and its segment closed; the last snapshot lives on. */
static void test_freed_while_open(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    room_play(room, 0, 700000);
    room_stop(room);
    unsigned last = 0;
    for (guint i = 0; i < room->parts->len; i++) {
        last += ((MediaPart *)room->parts->pdata[i])->last;
    }
    g_assert_cmpuint(last, ==, CLIP_TRACKS);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "1/v180p/0.m4s", NULL, NULL), ==, HLS_FOUND);
    g_assert_false(room->lists[0][HLS_PUBLIC]->ended); // the session may go on in another run
    g_autoptr(GArray) samples = room_samples(room, 0, 1);
    g_assert_cmpuint(samples->len, ==, 21);
    room_free(room);
}

static guint count_parts(Room *room)
{
    pthread_mutex_lock(&room->mutex);
    guint count = room->parts->len;
    pthread_mutex_unlock(&room->mutex);
    return count;
}

/* The reader overflows: what follows the hole starts with a key frame and has its true times. */
static void test_overflow(void)
{
    Room *room = room_new(&config);
    check_lossy = true;
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    pthread_mutex_lock(&room->mutex);
    room->held = true;
    pthread_mutex_unlock(&room->mutex);
    room_play(room, 0, 3000000);
    pthread_mutex_lock(&room->mutex);
    while (!room->holding) { // or what it takes meanwhile makes room between two holes
        pthread_cond_wait(&room->changed, &room->mutex);
    }
    pthread_mutex_unlock(&room->mutex);
    room_play(room, 3000000, 44800000); // more than the ring takes
    pthread_mutex_lock(&room->mutex);
    room->held = false;
    pthread_cond_broadcast(&room->changed);
    pthread_mutex_unlock(&room->mutex);
    // The ring is empty once what came before the hole is told.
    room_wait(room, room_all_reached, 25000000);
    guint told;
    do { // or the ring overflows once more where the machine is busy
        told = count_parts(room);
        g_usleep(300000);
    } while (count_parts(room) != told);
    // 44.8 s is not a key frame; a little at a time, or a busy machine makes a second hole
    for (int64_t at = 44800000; at < 56000000; at += 1400000) {
        room_play(room, at, at + 1400000);
        room_wait(room, room_all_reached, at >= 47600000 ? at - 1400000 : 25000000);
    }
    room_wait(room, room_all_reached, 56000000);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        g_autoptr(GArray) samples = room_samples(room, track, 1);
        int64_t ticks = track < 2 ? 3000 : 1024;
        unsigned holes = 0;
        for (guint i = 1; i < samples->len; i++) {
            const Sample *sample = &g_array_index(samples, Sample, i);
            g_assert_cmpint(sample->pts % ticks, ==, 0);
            if (sample->pts - g_array_index(samples, Sample, i - 1).pts > ticks) {
                g_assert_true(sample->key);
                g_assert_true(track >= 2 || sample->pts == (40000000 + CLIP_KEY_B + 1) * 9 / 100);
                holes++;
            }
        }
        g_assert_cmpuint(holes, ==, 1);
        g_assert_cmpint(g_array_index(samples, Sample, samples->len - 1).pts, >, ticks * 1640);
    }
    unsigned gaps = 0;
    for (guint i = 0; i < room->lists[0][HLS_PUBLIC]->segments->len; i++) {
        gaps += check_segment(room->lists[0][HLS_PUBLIC], i)->gap;
    }
    g_assert_cmpuint(gaps, >, 0);
    HlsStats stats;
    hls_stream_stats(room->stream, &stats);
    g_assert_cmpuint(stats.dropped_units, >, 0);
    g_assert_cmpuint(stats.losses, ==, 2); // both renditions
    // All tracks still agree on what a number means.
    g_assert_cmpuint(room->lists[0][HLS_PUBLIC]->msn, ==, room->lists[2][HLS_PUBLIC]->msn);
    room_free(room);
    check_lossy = false;
}

typedef struct {
    unsigned seen;
} Spoiler;

/* Spoils pictures of one second: bad NAL lengths, nothing at all, times that go back. */
static bool spoil(void *data, const MediaItem *unit)
{
    Spoiler *spoiler = data;
    MediaItem *item = (MediaItem *)unit; // not published yet
    if (unit->track->info.id != 0 || unit->pts_us < 2500000 || unit->pts_us >= 3400000) {
        return true;
    }
    switch (spoiler->seen++ % 4) {
    case 0:
        item->data[0] = 0xff;
        break;
    case 1:
        item->size = 0;
        break;
    case 2:
        item->pts_us -= 1000000;
        break;
    default:
        item->pts_us = -5;
    }
    return true;
}

static void test_broken_units(void)
{
    Spoiler spoiler = {0};
    Room *room = room_new(&config);
    check_lossy = true;
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, CLIP_US, spoil, &spoiler);
    room_wait(room, room_all_reached, CLIP_US);
    HlsStats stats;
    hls_stream_stats(room->stream, &stats);
    g_assert_cmpuint(stats.broken_units, ==, 27);
    g_assert_cmpuint(stats.skipped_units, ==, 18); // good ones up to the key frame
    room_stop(room);
    g_assert_cmpuint(spoiler.seen, ==, 27);
    g_autoptr(GArray) spoilt = room_samples(room, 0, 1), sound = room_samples(room, 1, 1);
    g_assert_cmpuint(sound->len, ==, 240);       // another track is none the worse
    g_assert_cmpuint(spoilt->len, ==, 75 + 120); // up to the first bad one, then from 4 s
    room_free(room);
    check_lossy = false;
}

static void test_bad_track(void)
{
    static const uint8_t nonsense[64] = {0xff};
    Room *room = room_new(&config);
    MediaTrackInfo info = clip_track(room_clip, 0)->info;
    info.id = 9;
    g_autoptr(MediaItem) run = media_item_new(MEDIA_ITEM_RUN, 0);
    g_autoptr(MediaItem) track = media_item_new(MEDIA_ITEM_TRACK, 0);
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, 8);
    run->run = 1;
    track->track = media_track_new(&info, nonsense, sizeof nonsense);
    unit->track = media_track_ref(track->track);
    memcpy(unit->data, "\0\0\0\4abcd", 8);
    media_bus_publish(room->bus, unit); // a unit before any run
    media_bus_publish(room->bus, run);
    media_bus_publish(room->bus, track);
    media_bus_publish(room->bus, unit);
    clip_publish_run(room_clip, room->bus, 2, 0, true);
    room_play_slowly(room, 0, 2000000);
    g_assert_cmpint(room_get(room->last, HLS_PUBLIC, "v180p.m3u8", NULL, NULL), ==, HLS_FOUND);
    room_free(room);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    room_clip = clip_new();
    g_test_add_func("/hls/parts", test_parts);
    g_test_add_func("/hls/thumb", test_thumb);
    g_test_add_func("/hls/segment-is-its-parts", test_segment_is_its_parts);
    g_test_add_func("/hls/no-wait-for-the-next-unit", test_no_wait_for_the_next_unit);
    g_test_add_func("/hls/gate", test_gate);
    g_test_add_func("/hls/gate-in-the-lobby", test_gate_in_the_lobby);
    g_test_add_func("/hls/nobody-waits-in-a-pause", test_nobody_waits_in_a_pause);
    g_test_add_func("/hls/nobody-waits-in-a-failure", test_nobody_waits_in_a_failure);
    g_test_add_func("/hls/told", test_told);
    g_test_add_func("/hls/media-across-marks", test_media_across_marks);
    g_test_add_func("/hls/window", test_window);
    g_test_add_func("/hls/lost", test_lost);
    g_test_add_func("/hls/new-run", test_new_run);
    g_test_add_func("/hls/resumed", test_resumed);
    g_test_add_func("/hls/past", test_past);
    g_test_add_func("/hls/past-alone", test_past_alone);
    g_test_add_func("/hls/late-language", test_late_language);
    g_test_add_func("/hls/markers", test_markers);
    g_test_add_func("/hls/many-markers", test_many_markers);
    g_test_add_func("/hls/bandwidth", test_bandwidth);
    g_test_add_func("/hls/wait-bounds", test_wait_bounds);
    g_test_add_func("/hls/cost-of-an-hour", test_cost_of_an_hour);
    g_test_add_func("/hls/blocking", test_blocking);
    g_test_add_func("/hls/reports-and-main", test_reports_and_main);
    g_test_add_func("/hls/freed-while-open", test_freed_while_open);
    g_test_add_func("/hls/overflow", test_overflow);
    g_test_add_func("/hls/broken-units", test_broken_units);
    g_test_add_func("/hls/bad-track", test_bad_track);
    int result = g_test_run();
    clip_free(room_clip);
    return result;
}

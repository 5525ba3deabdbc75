// SPDX-License-Identifier: GPL-3.0-or-later
// Media without some pictures: listed lengths are those of the media, in every track.
#include "room.h"

#include "hls/align.h"
#include "hls/playlist.h"

#include <math.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define FRAME_US 33334

static const HlsConfig config = {
    .part_ms = 500, .segment_ms = 2000, .window_s = 20, .epoch_wall_us = INT64_C(1795422691000000)};

/* --- What the media says ------------------------------------------------------------------------
 */

static uint32_t at32(const uint8_t *bytes, size_t at)
{
    uint32_t value;
    memcpy(&value, bytes + at, sizeof value);
    return GUINT32_FROM_BE(value);
}

typedef struct {
    uint64_t start, end; // ticks
} Extent;

/* The time of a fragment (ISO/IEC 14496-12): tfdt, then the lengths of its samples (trun, or tfhd's
 * default), as browsers count. libavformat invents lengths. */
static Extent read_extent(GBytes *fragment)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(fragment, &size);
    Extent extent = {0};
    uint32_t usual = 0;
    for (size_t at = 0; at + 8 <= size;) {
        const char *type = (const char *)data + at + 4;
        size_t flags = at + 8;
        if (memcmp(type, "moof", 4) == 0 || memcmp(type, "traf", 4) == 0) {
            at += 8; // into it
            continue;
        }
        if (memcmp(type, "tfhd", 4) == 0) { // track id, duration, size and flags
            g_assert_cmphex(at32(data, flags) & 0xffffff, ==, 0x02003a);
            usual = at32(data, at + 20); // after track id and description
        } else if (memcmp(type, "tfdt", 4) == 0) {
            g_assert_cmpuint(extent.end, ==, 0); // one fragment a part
            extent.start = ((uint64_t)at32(data, at + 12) << 32) | at32(data, at + 16);
            extent.end = extent.start;
        } else if (memcmp(type, "trun", 4) == 0) {
            uint32_t has = at32(data, flags);
            size_t sample = at + 16 + ((has & 1) != 0 ? 4 : 0) + ((has & 4) != 0 ? 4 : 0);
            size_t step = 4 * (((has & 0x100) != 0) + ((has & 0x200) != 0) + ((has & 0x400) != 0) +
                               ((has & 0x800) != 0));
            for (uint32_t i = at32(data, at + 12); i > 0; i--, sample += step) {
                extent.end += (has & 0x100) != 0 ? at32(data, sample) : usual;
            }
        }
        at += at32(data, at);
    }
    return extent;
}

static int64_t ticks_us(const MediaTrack *track, uint64_t ticks)
{
    double rate = track->info.kind == MEDIA_VIDEO ? 90000 : track->info.sample_rate;
    return llround((double)ticks * 1e6 / rate);
}

/* --- What must hold ----------------------------------------------------------------------------
 */

static const CheckSegment *find_segment(const CheckList *list, const MediaPart *part,
                                        const char *key)
{
    g_autofree char *uri =
        g_strdup_printf("%u/%s/%" G_GUINT64_FORMAT ".m4s", part->run, key, part->sequence);
    for (unsigned i = 0; i < list->segments->len; i++) {
        if (g_strcmp0(check_segment(list, i)->uri, uri) == 0) {
            return check_segment(list, i);
        }
    }
    return NULL;
}

typedef struct {
    int64_t first_us, end_us, sum_us;
    unsigned breaks;
} Told;

/* Checks every part against its media and the EVENT playlist: EXTINF is the sum of the parts; a
 * part after a hole begins a segment, with EXT-X-DISCONTINUITY. */
static Told check_track(const Room *room, unsigned track, uint32_t run)
{
    const CheckList *list = room->lists[track][ROOM_EVENT];
    Told told = {.first_us = -1};
    int64_t segment_us = 0;
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        if (part->type != MEDIA_PART_MEDIA || part->run != run ||
            part->track != clip_track(room_clip, track)) {
            continue;
        }
        Extent extent = read_extent(part->bytes);
        int64_t start_us = ticks_us(part->track, extent.start);
        int64_t end_us = ticks_us(part->track, extent.end);
        g_assert_cmpint(ABS(start_us - part->pts_us), <=, 1);
        g_assert_cmpint(ABS(end_us - part->pts_us - part->duration_us), <=, 1);
        const CheckSegment *segment = find_segment(list, part, room_keys[track]);
        g_assert_nonnull(segment);
        if (told.first_us < 0) {
            told.first_us = start_us;
        } else if (ABS(start_us - told.end_us) > 1) {
            g_assert_cmpuint(part->index, ==, 0);
            g_assert_true(segment->discontinuity);
            told.breaks++;
        }
        segment_us = part->index == 0 ? 0 : segment_us;
        segment_us += part->duration_us;
        told.sum_us += part->duration_us;
        told.end_us = end_us;
        if (part->last) {
            g_assert_cmpfloat(fabs(segment->duration - (double)segment_us / 1e6), <, 0.00002);
        }
    }
    return told;
}

/* --- Pictures that the machine had no time for -------------------------------------------------
 */

/* Holes at a part's end, at its start, within, and at the grid's key frame. */
static bool is_kept(void *data, const MediaItem *unit)
{
    (void)data;
    int64_t n = (unit->pts_us * 30 + 500000) / 1000000;
    return unit->track->info.kind != MEDIA_VIDEO ||
           (n != 12 && n != 13 && n != 14 && n != 44 && n != 75 && n != 76 && n != 95 && n != 96);
}

static void test_left_out(void)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, 6 * SECOND, is_kept, NULL);
    room_stop(room);
    g_autoptr(GArray) samples = room_samples(room, 0, 1);
    g_assert_cmpuint(samples->len, ==, 180 - 8);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        Told told = check_track(room, track, 1);
        g_assert_cmpint(told.sum_us, ==, told.end_us);
        g_assert_cmpint(ABS(told.end_us - 6 * SECOND), <=, FRAME_US);
        g_assert_cmpuint(told.breaks, ==, 0);
    }
    room_free(room);
}

#define BY_CHANCE_US (16 * SECOND)

typedef struct {
    unsigned longest; // consecutive frames
    unsigned left[2]; // of a rendition's hole
    bool kept[2];     // the last picture
} Losses;

/* Random holes, without key frames, never adjacent, none in the last segment: a published part
 * cannot be lengthened, and a loss there has no later key frame. */
static bool by_chance(void *data, const MediaItem *unit)
{
    Losses *losses = data;
    if (unit->track->info.kind != MEDIA_VIDEO) {
        return true;
    }
    unsigned rendition = unit->track == clip_track(room_clip, 1);
    unsigned *left = &losses->left[rendition];
    if (unit->key || unit->pts_us >= BY_CHANCE_US - 2 * SECOND) {
        *left = 0;
    } else if (*left == 0 && losses->kept[rendition] && g_test_rand_int_range(0, 8) == 0) {
        *left = (unsigned)g_test_rand_int_range(1, (int)losses->longest + 1);
    }
    bool keep = *left == 0;
    *left -= keep ? 0 : 1;
    losses->kept[rendition] = keep;
    return keep;
}

static unsigned play_by_chance(unsigned longest)
{
    Losses losses = {.longest = longest};
    unsigned breaks = 0;
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, BY_CHANCE_US, by_chance, &losses);
    clip_publish_mark(room->bus, MEDIA_MARK_END, BY_CHANCE_US);
    room_play(room, BY_CHANCE_US, 16100000); // else waits for the end
    room_wait(room, room_is_ended, 0);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        Told told = check_track(room, track, 1);
        if (told.breaks == 0) {
            g_assert_cmpint(ABS(told.sum_us - BY_CHANCE_US), <=, FRAME_US);
        }
        breaks += told.breaks;
    }
    room_free(room);
    return breaks;
}

static void test_chance(void)
{
    for (unsigned i = 0; i < 10; i++) {
        g_assert_cmpuint(play_by_chance(4), ==, 0);
    }
    unsigned breaks = 0;
    for (unsigned i = 0; i < 10; i++) {
        breaks += play_by_chance(45);
    }
    g_assert_cmpuint(breaks, >, 0);
}

/* --- The public begins before a key frame is there ----------------------------------------------
 */

typedef struct {
    int64_t first_us, end_us; // of the public parts
} Begun;

/* Every segment begins with a key frame, and parts follow without a gap. */
static Begun check_begun(const Room *room, unsigned track)
{
    Begun begun = {.first_us = -1};
    int64_t end_us = 0;
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        if (part->type != MEDIA_PART_MEDIA || part->track != clip_track(room_clip, track)) {
            continue;
        }
        bool video = part->track->info.kind == MEDIA_VIDEO;
        g_assert_true(part->index > 0 || part->independent);
        g_assert_cmpint(part->duration_us, <=, 500000 + 22 * 1000);
        g_assert_true(!video || ABS(part->pts_us - end_us) <= 1); // no hole
        begun.first_us = part->open && begun.first_us < 0 ? part->pts_us : begun.first_us;
        end_us = part->pts_us + part->duration_us;
        begun.end_us = part->open ? end_us : begun.end_us;
    }
    return begun;
}

/* The key frame of an OPEN mark is late, within or after a part: the public's picture begins with
 * its sound. */
static void play_late_key(int64_t mark_us, unsigned skipped, unsigned added)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, false);
    clip_publish(room_clip, room->bus, 0, mark_us, NULL, NULL);
    clip_publish_mark(room->bus, MEDIA_MARK_OPEN, mark_us);
    clip_publish(room_clip, room->bus, mark_us, 8 * SECOND, NULL, NULL);
    room_stop(room);
    Begun begun[CLIP_TRACKS];
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        begun[track] = check_begun(room, track);
        g_assert_cmpint(ABS(begun[track].first_us - mark_us), <=, 22000); // a frame of AAC
    }
    g_assert_cmpint(ABS(begun[0].first_us - mark_us), <=, 11);
    g_assert_cmpint(begun[1].first_us, ==, begun[0].first_us);
    g_autoptr(GArray) samples = room_samples(room, 0, 1);
    g_assert_cmpuint(samples->len, ==, 240 - skipped + added);
    room_free(room);
}

static void test_late_key(void)
{
    play_late_key(CLIP_FRAME_US(136), 5, 0);  // CLIP_KEY_PLI 0.17 s later
    play_late_key(CLIP_FRAME_US(132), 9, 1);  // 4.4 s: beyond the part's end at 4.5
    play_late_key(CLIP_FRAME_US(152), 28, 2); // 5.0667 s: the grid's, two parts later
}

/* The grid's key frame comes with the mark behind it, which hides it: the segment without it is a
 * gap. */
static bool no_key_at_grid(void *data, const MediaItem *unit)
{
    (void)data;
    return unit->track->info.kind != MEDIA_VIDEO || unit->pts_us < 4 * SECOND ||
           unit->pts_us >= CLIP_KEY_PLI || !unit->key;
}

static void test_late_key_behind_gate(void)
{
    int64_t mark_us = CLIP_KEY_PLI;
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, mark_us, no_key_at_grid, NULL);
    clip_publish_mark(room->bus, MEDIA_MARK_CLOSE, mark_us);
    clip_publish(room_clip, room->bus, mark_us, 8 * SECOND, NULL, NULL);
    room_stop(room);
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        bool video = part->type == MEDIA_PART_MEDIA && part->track->info.kind == MEDIA_VIDEO;
        g_assert_false(video && part->open && part->pts_us >= 4 * SECOND);
        g_assert_false(video && part->index == 0 && !part->independent);
    }
    room_free(room);
}

/* The grid's key frames are late, within or after a part. */
static bool late_at_grid(void *data, const MediaItem *unit)
{
    int64_t within_us = unit->pts_us % (2 * SECOND);
    return unit->track->info.kind != MEDIA_VIDEO || unit->pts_us < 2 * SECOND ||
           within_us >= *(const int64_t *)data;
}

static void test_late_grid(void)
{
    static const int64_t late_us[] = {300000, 700000, 1000000};
    for (unsigned i = 0; i < G_N_ELEMENTS(late_us); i++) {
        Room *room = room_new(&config);
        clip_publish_run(room_clip, room->bus, 1, 0, true);
        clip_publish(room_clip, room->bus, 0, 8 * SECOND, late_at_grid, (void *)&late_us[i]);
        room_stop(room);
        for (guint n = 0; n < room->parts->len; n++) {
            const MediaPart *part = room->parts->pdata[n];
            g_assert_true(part->type != MEDIA_PART_MEDIA || part->index > 0 || part->independent);
        }
        room_free(room);
    }
}

/* --- The ends of a run --------------------------------------------------------------------------
 */

typedef struct {
    struct {
        int64_t from_us, to_us;
    } picture, sound;
} Ends;

static bool within(void *data, const MediaItem *unit)
{
    const Ends *ends = data;
    return unit->track->info.kind == MEDIA_AUDIO
               ? unit->pts_us >= ends->sound.from_us && unit->pts_us < ends->sound.to_us
               : unit->pts_us >= ends->picture.from_us && unit->pts_us < ends->picture.to_us;
}

static void check_ends(const Ends *ends, int64_t first_us, int64_t end_us)
{
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, 6 * SECOND, within, (void *)ends);
    clip_publish_run(room_clip, room->bus, 2, 8 * SECOND, true);
    room_play(room, 8 * SECOND, 12 * SECOND);
    room_wait(room, room_all_reached, 12 * SECOND);
    for (unsigned track = 0; track < CLIP_TRACKS; track++) {
        Told told = check_track(room, track, 1);
        g_assert_cmpint(ABS(told.first_us - first_us), <=, FRAME_US);
        g_assert_cmpint(ABS(told.end_us - end_us), <=, FRAME_US);
        g_assert_cmpint(ABS(told.sum_us - (end_us - first_us)), <=, FRAME_US);
    }
    room_free(room);
}

static void test_uneven_ends(void)
{
    // The picture's encoder opened late and lost its last pictures when the child died.
    check_ends(&(Ends){{2 * SECOND, 5100000}, {0, 5500000}}, 2 * SECOND, 5100000);
    check_ends(&(Ends){{1200000, 5600000}, {0, 5150000}}, CLIP_KEY_C, 5150000); // no key frame yet
    check_ends(&(Ends){{0, 5500000}, {0, 5950000}}, 0, 5500000);
    check_ends(&(Ends){{0, 5400000}, {0, 4900000}}, 0, 4900000);
}

static int64_t told_end(const Room *room, unsigned track)
{
    int64_t end_us = 0;
    for (guint i = 0; i < room->parts->len; i++) {
        const MediaPart *part = room->parts->pdata[i];
        if (part->type == MEDIA_PART_MEDIA && part->track == clip_track(room_clip, track)) {
            end_us = MAX(end_us, part->pts_us + part->duration_us);
        }
    }
    return end_us;
}

static bool all_told(Room *room, int64_t value)
{
    return told_end(room, 0) >= value && told_end(room, 2) >= value;
}

static bool one_lags(void *data, const MediaItem *unit)
{
    int64_t lags_from_us = *(const int64_t *)data;
    return unit->track != clip_track(room_clip, 1) || unit->pts_us < lags_from_us;
}

/* What a crash loses of tracks that do not lag: half a second and a part. */
static void test_lag(void)
{
    static const int64_t lags_from_us[] = {0, 2 * SECOND, 4 * SECOND, 5100000};
    for (unsigned i = 0; i < G_N_ELEMENTS(lags_from_us); i++) {
        Room *room = room_new(&config);
        clip_publish_run(room_clip, room->bus, 1, 0, true);
        clip_publish(room_clip, room->bus, 0, 6200000, one_lags, (void *)&lags_from_us[i]);
        room_wait(room, all_told, 5500000);
        room_free(room);
    }
    // From the first pictures on.
    Room *room = room_new(&config);
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, 1200000, one_lags, (void *)&lags_from_us[0]);
    room_wait(room, all_told, 500000);
    room_free(room);
}

/* A language that stops changes no other track, also at the end. */
static void test_one_stops(void)
{
    Room *room = room_new(&config);
    Ends ends = {{0, 10 * SECOND}, {0, 3 * SECOND}};
    clip_publish_run(room_clip, room->bus, 1, 0, true);
    clip_publish(room_clip, room->bus, 0, 10 * SECOND, within, &ends);
    room_stop(room);
    g_assert_cmpint(ABS(check_track(room, 0, 1).end_us - 10 * SECOND), <=, FRAME_US);
    g_assert_cmpint(ABS(check_track(room, 2, 1).end_us - 3 * SECOND), <=, FRAME_US);
    room_free(room);
}

static void count_unit(void *data, const MediaItem *unit)
{
    (void)unit;
    ++*(unsigned *)data;
}

static void ignore_start(void *data, int64_t start_us)
{
    (void)data, (void)start_us;
}

/* A run without any key frame is not held for good. */
static void test_no_key_frame(void)
{
    unsigned passed = 0;
    HlsAlignEvents events = {.start = ignore_start, .unit = count_unit, .data = &passed};
    g_autoptr(HlsAlign) align = hls_align_new(&events);
    hls_align_run(align);
    hls_align_track(align, clip_track(room_clip, 0));
    for (int n = 0; n < 200; n++) {
        g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, 1);
        unit->track = media_track_ref(clip_track(room_clip, 0));
        unit->pts_us = CLIP_FRAME_US(n);
        unit->duration_us = FRAME_US;
        hls_align_unit(align, unit);
    }
    g_assert_cmpuint(passed, ==, 200);
}

/* --- BANDWIDTH ----------------------------------------------------------------------------------
 */

static uint64_t attribute(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    g_assert_nonnull(at);
    return g_ascii_strtoull(at + strlen(name), NULL, 10);
}

/* A start with slate and silence measures half of what follows. */
static void test_bandwidth_floor(void)
{
    MediaTrackInfo info = clip_track(room_clip, 0)->info;
    info.bitrate = 2000000;
    const MediaTrack *sample = clip_track(room_clip, 0);
    g_autoptr(MediaTrack) video = media_track_new(&info, sample->config, sample->config_size);
    HlsVariant variant = {
        .media = video, .key = "v180p", .peak_bits = 900000, .average_bits = 500000};
    g_autofree char *low = hls_playlist_main(&variant, 1, false);
    g_assert_cmpuint(attribute(low, ":BANDWIDTH="), >=, 2000000);
    g_assert_cmpuint(attribute(low, "AVERAGE-BANDWIDTH="), >=, 2000000);
    variant.peak_bits = 3000000;
    variant.average_bits = 2500000;
    g_autofree char *high = hls_playlist_main(&variant, 1, false);
    g_assert_cmpuint(attribute(high, ":BANDWIDTH="), ==, 3000000);
    g_assert_cmpuint(attribute(high, "AVERAGE-BANDWIDTH="), ==, 2500000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    room_clip = clip_new();
    g_test_add_func("/hls/holes/left-out", test_left_out);
    g_test_add_func("/hls/holes/chance", test_chance);
    g_test_add_func("/hls/holes/late-key", test_late_key);
    g_test_add_func("/hls/holes/late-key-behind-gate", test_late_key_behind_gate);
    g_test_add_func("/hls/holes/late-grid", test_late_grid);
    g_test_add_func("/hls/holes/uneven-ends", test_uneven_ends);
    g_test_add_func("/hls/holes/lag", test_lag);
    g_test_add_func("/hls/holes/one-stops", test_one_stops);
    g_test_add_func("/hls/holes/no-key-frame", test_no_key_frame);
    g_test_add_func("/hls/holes/bandwidth-floor", test_bandwidth_floor);
    int result = g_test_run();
    clip_free(room_clip);
    return result;
}

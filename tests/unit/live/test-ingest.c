// SPDX-License-Identifier: GPL-3.0-or-later
// The server's end of the wire, with a capture child that is only a socket: order on the bus, marks
// with and without a child, a session that follows its source.
#include "../tracks.h"

#include "base/clock.h"
#include "live/programme/ingest.h"
#include "live/programme/keys.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_US (10 * BASE_US_PER_S)

typedef struct {
    MediaBus *bus;
    MediaReader *reader;
    LiveIngest *ingest;
    int child; // the child's end
    GString *told;
    int64_t marked_us;
} Fixture;

static void on_begun(void *data, int64_t pts_us)
{
    (void)pts_us;
    g_string_append(((Fixture *)data)->told, "begun ");
}

static void on_marked(void *data, MediaMark mark, int64_t pts_us)
{
    Fixture *fixture = data;
    fixture->marked_us = pts_us;
    g_string_append_printf(fixture->told, "mark%d ", mark);
}

static void on_source(void *data, MediaSourceState state, int64_t pts_us, const char *text)
{
    (void)pts_us;
    (void)text;
    g_string_append_printf(((Fixture *)data)->told, "source%d ", state);
}

static void on_lost(void *data, uint32_t run, const char *text)
{
    g_string_append_printf(((Fixture *)data)->told, "lost %u %s", run, text != NULL ? text : "");
}

static void set_up_with(Fixture *fixture, bool open, bool follow, int64_t keyframe_us)
{
    *fixture = (Fixture){.bus = media_bus_new(), .told = g_string_new(NULL)};
    fixture->reader = media_bus_add_reader(fixture->bus, 64);
    LiveIngestConfig config = {
        .timeline = {.run_clock_us = base_clock_us()},
        .keyframe_us = keyframe_us,
        .open = open,
        .follow = follow,
    };
    LiveIngestEvents events = {.begun = on_begun,
                               .marked = on_marked,
                               .source = on_source,
                               .lost = on_lost,
                               .data = fixture};
    fixture->ingest = live_ingest_new(fixture->bus, &config, &events);
    fixture->child = -1;
}

static void set_up(Fixture *fixture, bool open, bool follow)
{
    set_up_with(fixture, open, follow, 0);
}

static void attach(Fixture *fixture, uint32_t run)
{
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    fixture->child = fds[1];
    live_ingest_attach(fixture->ingest, fds[0], run, "test");
}

static void tear_down(Fixture *fixture)
{
    live_ingest_free(fixture->ingest);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
    if (fixture->child >= 0) {
        close(fixture->child);
    }
    media_bus_remove_reader(fixture->bus, fixture->reader);
    media_bus_free(fixture->bus);
    g_string_free(fixture->told, TRUE);
}

static void say(const Fixture *fixture, MediaWireMessage message)
{
    g_assert_cmpint(media_wire_send(fixture->child, &message), ==, 0);
}

static void say_track(const Fixture *fixture)
{
    MediaTrackInfo info = {.kind = MEDIA_AUDIO,
                           .codec = MEDIA_OPUS,
                           .name = "ar",
                           .sample_rate = 48000,
                           .channels = 2};
    g_autoptr(MediaTrack) track = media_track_new(&info, NULL, 0);
    say(fixture, (MediaWireMessage){.type = MEDIA_WIRE_TRACK, .track = track});
}

static void say_unit(const Fixture *fixture, int64_t pts_us)
{
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, 40);
    memset(unit->data, 1, 40);
    unit->pts_us = pts_us;
    unit->duration_us = 20000;
    say(fixture, (MediaWireMessage){.type = MEDIA_WIRE_UNIT, .unit = unit});
}

static void say_begin(const Fixture *fixture, int64_t pts_us)
{
    say(fixture, (MediaWireMessage){.type = MEDIA_WIRE_BEGIN, .pts_us = pts_us});
}

/* Runs main until it was told `text`. */
static void expect_told(Fixture *fixture, const char *text)
{
    int64_t end_us = base_clock_us() + WAIT_US;
    while (strstr(fixture->told->str, text) == NULL && base_clock_us() < end_us) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
    g_assert_nonnull(strstr(fixture->told->str, text));
}

static MediaItem *next(const Fixture *fixture)
{
    int64_t end_us = base_clock_us() + WAIT_US;
    MediaItem *item;
    while ((item = media_reader_pop(fixture->reader)) == NULL && base_clock_us() < end_us) {
        g_usleep(1000);
    }
    g_assert_nonnull(item);
    return item;
}

static void expect_item(const Fixture *fixture, MediaItemType type, int64_t pts_us)
{
    g_autoptr(MediaItem) item = next(fixture);
    g_assert_cmpint(item->type, ==, type);
    if (pts_us >= 0) {
        g_assert_cmpint(item->pts_us, ==, pts_us);
    }
    if (type == MEDIA_ITEM_UNIT) {
        g_assert_nonnull(item->packets); // made once, before anybody reads it
        g_assert_nonnull(item->track);
    }
}

/* What the server sends down. */
static void expect_down(const Fixture *fixture, MediaWireType type)
{
    MediaWireReceiver *receiver = media_wire_receiver_new();
    int64_t end_us = base_clock_us() + WAIT_US;
    bool found = false;
    while (!found && base_clock_us() < end_us) {
        MediaWireMessage message;
        int result = media_wire_receive(receiver, fixture->child, &message);
        g_assert_cmpint(result, >=, 0);
        if (result == 1) {
            found = message.type == type;
            media_wire_clear(&message);
        } else {
            g_usleep(1000);
        }
    }
    g_assert_true(found);
    media_wire_receiver_free(receiver);
}

static void test_order(void)
{
    Fixture fixture;
    set_up(&fixture, false, false);
    attach(&fixture, 7);
    say_begin(&fixture, 100000);
    say_track(&fixture);
    say_unit(&fixture, 100000);
    g_autoptr(GBytes) jpeg = g_bytes_new_static("jpeg", 4);
    say(&fixture, (MediaWireMessage){.type = MEDIA_WIRE_THUMB, .pts_us = 90000, .bytes = jpeg});
    expect_told(&fixture, "begun");
    live_ingest_mark(fixture.ingest, MEDIA_MARK_OPEN);
    expect_down(&fixture, MEDIA_WIRE_MARK);
    say(&fixture,
        (MediaWireMessage){.type = MEDIA_WIRE_MARK, .mark = MEDIA_MARK_OPEN, .pts_us = 120000});
    say_unit(&fixture, 120000);
    expect_told(&fixture, "mark0");
    g_assert_cmpint(fixture.marked_us, ==, 120000);
    g_autoptr(MediaItem) run = next(&fixture);
    g_assert_cmpint(run->type, ==, MEDIA_ITEM_RUN);
    g_assert_cmpuint(run->run, ==, 7);
    g_assert_false(run->open);
    expect_item(&fixture, MEDIA_ITEM_TRACK, -1);
    expect_item(&fixture, MEDIA_ITEM_UNIT, 100000);
    g_autoptr(MediaItem) thumb = next(&fixture);
    g_assert_cmpint(thumb->type, ==, MEDIA_ITEM_THUMB);
    g_assert_cmpint(thumb->pts_us, ==, 90000);
    g_assert_cmpmem(thumb->data, thumb->size, "jpeg", 4);
    expect_item(&fixture, MEDIA_ITEM_MARK, 120000);
    expect_item(&fixture, MEDIA_ITEM_UNIT, 120000);
    LiveIngestStats stats;
    live_ingest_stats(fixture.ingest, &stats);
    g_assert_cmpuint(stats.bytes, ==, 80);
    g_assert_cmpuint(stats.frames, ==, 0); // sound only
    tear_down(&fixture);
}

/* What was told last; silence once its child is gone. */
static void test_sound(void)
{
    Fixture fixture;
    MediaSound sound;
    set_up(&fixture, false, false);
    live_ingest_sound(fixture.ingest, &sound);
    g_assert_cmpfloat(sound.loudness, ==, MEDIA_SOUND_NONE);
    attach(&fixture, 1);
    say_begin(&fixture, 0);
    say(&fixture,
        (MediaWireMessage){.type = MEDIA_WIRE_LEVEL,
                           .sound = {{-9, -60}, -23.5f, -22, 7.5f, MEDIA_SOUND_LEFT_ONLY}});
    say(&fixture, (MediaWireMessage){.type = MEDIA_WIRE_MARK, .mark = MEDIA_MARK_OPEN});
    expect_told(&fixture, "mark0"); // so the one before was read
    live_ingest_sound(fixture.ingest, &sound);
    g_assert_cmpfloat_with_epsilon(sound.peak_db[1], -60, 0.01);
    g_assert_cmpfloat_with_epsilon(sound.loudness, -23.5, 0.01);
    g_assert_cmpfloat_with_epsilon(sound.gain_db, 7.5, 0.01);
    g_assert_cmpint(sound.alarm, ==, MEDIA_SOUND_LEFT_ONLY);
    close(fixture.child);
    fixture.child = -1;
    expect_told(&fixture, "lost");
    live_ingest_sound(fixture.ingest, &sound);
    g_assert_cmpint(sound.alarm, ==, MEDIA_SOUND_GOOD);
    g_assert_cmpfloat(sound.peak_db[0], ==, MEDIA_SOUND_NONE);
    tear_down(&fixture);
}

/* Going live before the child has begun: its run begins open. */
static void test_open_before_begin(void)
{
    Fixture fixture;
    set_up(&fixture, false, false);
    attach(&fixture, 1);
    live_ingest_mark(fixture.ingest, MEDIA_MARK_OPEN);
    expect_down(&fixture, MEDIA_WIRE_SOURCE);
    g_usleep(20000); // the mark is asked for after the child was attached
    say_begin(&fixture, 66667);
    expect_told(&fixture, "mark0");
    g_assert_cmpint(fixture.marked_us, ==, 66667);
    g_autoptr(MediaItem) run = next(&fixture);
    g_assert_true(run->open);
    tear_down(&fixture);
}

/* Ending works although nobody is there to say at which frame; and a child that dies with a mark
 * unanswered does not keep it. */
static void test_marks_without_child(void)
{
    Fixture fixture;
    set_up(&fixture, true, false);
    attach(&fixture, 1);
    say_begin(&fixture, 0);
    say_track(&fixture);
    say_unit(&fixture, 90 * BASE_US_PER_S); // ahead of the clock: the mark must not fall before it
    expect_told(&fixture, "begun");
    live_ingest_mark(fixture.ingest, MEDIA_MARK_CLOSE);
    expect_down(&fixture, MEDIA_WIRE_MARK);
    close(fixture.child);
    fixture.child = -1;
    expect_told(&fixture, "lost");
    g_assert_nonnull(strstr(fixture.told->str, "mark1"));
    g_assert_cmpint(fixture.marked_us, >=, 90 * BASE_US_PER_S + 20000);
    g_assert_cmpint(live_ingest_heard_us(fixture.ingest), ==, 0);
    live_ingest_mark(fixture.ingest, MEDIA_MARK_END);
    expect_told(&fixture, "mark2");
    tear_down(&fixture);
}

/* A child that plays on but does not answer: players begin at its next key frame. */
static void test_open_unanswered(void)
{
    Fixture fixture;
    set_up_with(&fixture, false, false, 5 * BASE_US_PER_S);
    attach(&fixture, 1);
    say_begin(&fixture, 0);
    expect_told(&fixture, "begun");
    live_ingest_mark(fixture.ingest, MEDIA_MARK_OPEN);
    expect_told(&fixture, "mark0");
    g_assert_cmpint(fixture.marked_us, >, 0);
    g_assert_cmpint(fixture.marked_us % (5 * BASE_US_PER_S), ==, 0);
    close(fixture.child); // before that key frame: the next mark still comes after
    fixture.child = -1;
    expect_told(&fixture, "lost");
    int64_t open_us = fixture.marked_us;
    live_ingest_mark(fixture.ingest, MEDIA_MARK_END);
    expect_told(&fixture, "mark2");
    g_assert_cmpint(fixture.marked_us, >=, open_us);
    tear_down(&fixture);
}

/* FILE?loop=0: the session opens at the file's first frame and ends after its last; once only. */
static void test_follow(void)
{
    Fixture fixture;
    set_up(&fixture, false, true);
    attach(&fixture, 1);
    say_begin(&fixture, 0);
    say_track(&fixture);
    say(&fixture, (MediaWireMessage){
                      .type = MEDIA_WIRE_SOURCE, .state = MEDIA_SOURCE_PLAYING, .pts_us = 200000});
    say_unit(&fixture, 200000);
    say(&fixture, (MediaWireMessage){
                      .type = MEDIA_WIRE_SOURCE, .state = MEDIA_SOURCE_PLAYING, .pts_us = 400000});
    say(&fixture, (MediaWireMessage){
                      .type = MEDIA_WIRE_SOURCE, .state = MEDIA_SOURCE_ENDED, .pts_us = 900000});
    say_unit(&fixture, 900000);
    expect_told(&fixture, "source3");
    g_assert_cmpstr(fixture.told->str, ==, "begun mark0 source1 source1 mark2 source3 ");
    expect_item(&fixture, MEDIA_ITEM_RUN, 0);
    expect_item(&fixture, MEDIA_ITEM_TRACK, -1);
    expect_item(&fixture, MEDIA_ITEM_MARK, 200000);
    expect_item(&fixture, MEDIA_ITEM_UNIT, 200000);
    expect_item(&fixture, MEDIA_ITEM_MARK, 900000);
    expect_item(&fixture, MEDIA_ITEM_UNIT, 900000);
    live_ingest_mark(fixture.ingest,
                     MEDIA_MARK_END); // staff end what has just ended: they are answered
    expect_told(&fixture, "source3 mark2");
    tear_down(&fixture);
}

/* A child that breaks the rules is given up; the next one is a new run. */
static void test_bad_child(void)
{
    Fixture fixture;
    set_up(&fixture, false, false);
    attach(&fixture, 1);
    say_unit(&fixture, 0); // no BEGIN, no TRACK
    expect_told(&fixture, "lost 1 The capture process sent something");
    close(fixture.child);
    attach(&fixture, 2);
    say_begin(&fixture, 1000000);
    expect_told(&fixture, "begun");
    g_autoptr(MediaItem) run = next(&fixture);
    g_assert_cmpuint(run->run, ==, 2);
    tear_down(&fixture);
}

/* It takes no requests any more: what it said last is read, then another one is started. */
static void test_deaf_child(void)
{
    Fixture fixture;
    set_up(&fixture, false, false);
    attach(&fixture, 1);
    say_begin(&fixture, 0);
    expect_told(&fixture, "begun");
    shutdown(fixture.child, SHUT_RD);
    live_ingest_want_key(fixture.ingest, 1);
    struct pollfd ended = {.fd = fixture.child, .events = POLLRDHUP};
    g_assert_cmpint(poll(&ended, 1, 10000), ==, 1);
    say(&fixture, (MediaWireMessage){.type = MEDIA_WIRE_FAILED, .text = "No such device."});
    expect_told(&fixture, "lost 1 No such device.");
    tear_down(&fixture);
}

/* The child's own reason reaches staff. */
static void test_failed(void)
{
    Fixture fixture;
    set_up(&fixture, false, false);
    attach(&fixture, 4);
    say(&fixture, (MediaWireMessage){.type = MEDIA_WIRE_OPENING});
    g_assert_true(fixture.told->len == 0);
    say(&fixture, (MediaWireMessage){.type = MEDIA_WIRE_FAILED, .text = "No such device."});
    expect_told(&fixture, "lost 4 No such device.");
    tear_down(&fixture);
}

#define GRID_US (2 * BASE_US_PER_S)
#define FRAME_US 33333

static char *feed(LiveKeys *keys, MediaTrack *track, int64_t pts_us, bool key)
{
    g_autoptr(MediaItem) unit = media_item_new(MEDIA_ITEM_UNIT, 1);
    unit->track = media_track_ref(track);
    unit->pts_us = pts_us;
    unit->key = key;
    return live_keys_unit(keys, unit);
}

/* Frames from `from_us` up to `to_us`, key frames by the grid but for the one at `missing_us`. When
 * it was found fault with, or -1. */
static int64_t feed_grid(LiveKeys *keys, MediaTrack *track, int64_t from_us, int64_t to_us,
                         int64_t missing_us)
{
    int64_t grid_us = from_us;
    for (int64_t at_us = from_us; at_us < to_us; at_us += FRAME_US) {
        bool key = at_us >= grid_us && grid_us != missing_us;
        g_autofree char *why = feed(keys, track, at_us, key);
        if (why != NULL) {
            g_assert_nonnull(strstr(why, "360p"));
            return at_us;
        }
        grid_us += at_us >= grid_us ? GRID_US : 0;
    }
    return -1;
}

static void test_keys(void)
{
    g_autoptr(MediaTrack) video = tracks_h264(1, 360, 0);
    g_assert_nonnull(video);
    LiveKeys keys;
    live_keys_begin(&keys, GRID_US, 4 * GRID_US);
    live_keys_track(&keys, video);
    g_assert_cmpint(feed_grid(&keys, video, 4 * GRID_US, 9 * GRID_US, -1), ==, -1);
    // a rendition that has no key frame any more
    int64_t found_us = feed_grid(&keys, video, 9 * GRID_US, 20 * GRID_US, 11 * GRID_US);
    g_assert_cmpint(found_us, >=, 11 * GRID_US + LIVE_KEYS_LATE_US);
    g_assert_cmpint(found_us, <, 11 * GRID_US + LIVE_KEYS_LATE_US + FRAME_US);
    // one that never had one
    live_keys_begin(&keys, GRID_US, 100000);
    live_keys_track(&keys, video);
    g_assert_null(feed(&keys, video, 100000, false));
    g_autofree char *never = feed(&keys, video, 100000 + LIVE_KEYS_LATE_US, false);
    g_assert_nonnull(never);
    // frames left out on a busy machine: the next one that goes in is the key frame, however late
    live_keys_begin(&keys, GRID_US, 0);
    live_keys_track(&keys, video);
    g_assert_null(feed(&keys, video, 0, true));
    g_assert_null(feed(&keys, video, GRID_US + 4 * BASE_US_PER_S, true));
    // the grid is held by key frames on it, not by those on demand before it
    g_assert_null(feed(&keys, video, 4 * GRID_US - FRAME_US, true));
    g_assert_null(feed(&keys, video, 4 * GRID_US, false));
    g_autofree char *early = feed(&keys, video, 4 * GRID_US + LIVE_KEYS_LATE_US, false);
    g_assert_nonnull(early);
}

/* An encoder that takes pictures and gives none, while the sound goes on. */
static void test_keys_silent(void)
{
    g_autoptr(MediaTrack) video = tracks_h264(1, 360, 0);
    MediaTrackInfo info = {.kind = MEDIA_AUDIO,
                           .codec = MEDIA_OPUS,
                           .name = "ar",
                           .sample_rate = 48000,
                           .channels = 2};
    g_autoptr(MediaTrack) sound = media_track_new(&info, NULL, 0);
    LiveKeys keys;
    live_keys_begin(&keys, GRID_US, 0);
    live_keys_track(&keys, video);
    live_keys_track(&keys, sound);
    g_assert_null(feed(&keys, video, 0, true));
    g_assert_null(feed(&keys, sound, GRID_US + LIVE_KEYS_SILENT_US - 1, false));
    g_autofree char *why = feed(&keys, sound, GRID_US + LIVE_KEYS_SILENT_US, false);
    g_assert_nonnull(strstr(why, "no picture for 360p"));
    // One that took 15 s to open, and then gives what had waited for it, and later pictures.
    live_keys_begin(&keys, GRID_US, 0);
    live_keys_track(&keys, video);
    live_keys_track(&keys, sound);
    g_assert_null(feed(&keys, sound, 15 * BASE_US_PER_S, false));
    g_assert_null(feed(&keys, video, 0, true));
    g_assert_null(feed(&keys, sound, 16 * BASE_US_PER_S, false));
    g_assert_null(feed(&keys, video, 16 * BASE_US_PER_S, true));
    g_assert_null(feed(&keys, sound, 25 * BASE_US_PER_S, false));
    g_autofree char *stopped = feed(&keys, sound, 28 * BASE_US_PER_S, false);
    g_assert_nonnull(strstr(stopped, "no picture for 360p"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/live/ingest/order", test_order);
    g_test_add_func("/live/ingest/sound", test_sound);
    g_test_add_func("/live/ingest/open-before-begin", test_open_before_begin);
    g_test_add_func("/live/ingest/marks-without-child", test_marks_without_child);
    g_test_add_func("/live/ingest/open-unanswered", test_open_unanswered);
    g_test_add_func("/live/ingest/follow", test_follow);
    g_test_add_func("/live/ingest/bad-child", test_bad_child);
    g_test_add_func("/live/ingest/deaf-child", test_deaf_child);
    g_test_add_func("/live/ingest/failed", test_failed);
    g_test_add_func("/live/keys/grid", test_keys);
    g_test_add_func("/live/keys/silent", test_keys_silent);
    return g_test_run();
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "rtc/out.h"

#include "base/clock.h"
#include "base/loop.h"
#include "base/ring.h"

#include <glib-unix.h>
#include <string.h>

#define READER_ITEMS 1024
#define TICK_MS 100
#define EXPECT_US (300 * BASE_US_PER_MS) // from a peer's first check until it is connected
#define INBOX_ITEMS 4096                 // feedback that waits; more is dropped, it comes again

struct RtcOut {
    BaseLoop *loop;
    BaseRing *inbox; // Post, from the in thread
    // the out thread's
    RtcSend *send;
    RtcCounters *counters;
};

struct RtcOutFeed {
    RtcOut *out;
    RtcOutFeedConfig config;
    // the out thread's
    MediaReader *reader;
    GSource *readable, *tick, *pacer;
    uint64_t dropped;
    RtcFeed feed;
    GPtrArray *viewers; // RtcViewer, owned
    guint first;        // of the viewers in the next turn
};

typedef struct {
    RtcOutFeed *feed;
    RtcViewer *viewer;
    RtcAddress to;
    char rendition[MEDIA_NAME_BYTES];
    bool bye;
    size_t size;
    uint8_t bytes[];
} Post;

static void each_interrupt(RtcOutFeed *feed)
{
    for (guint i = 0; i < feed->viewers->len; i++) {
        rtc_viewer_interrupt(feed->viewers->pdata[i]);
    }
}

static void each_select(RtcOutFeed *feed)
{
    for (guint i = 0; i < feed->viewers->len; i++) {
        rtc_viewer_select(feed->viewers->pdata[i], &feed->feed);
    }
}

static void clear_tracks(RtcFeed *feed)
{
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (feed->tracks[i] != NULL) {
            media_track_unref((MediaTrack *)feed->tracks[i]);
            feed->tracks[i] = NULL;
        }
    }
}

static void take_track(RtcOutFeed *feed, MediaTrack *track)
{
    const MediaTrack **place = &feed->feed.tracks[track->info.id];
    if (*place != NULL) {
        media_track_unref((MediaTrack *)*place);
    }
    *place = media_track_ref(track);
    each_select(feed);
}

/* Nobody is always the last: the first of one turn is the last of the next. */
static RtcViewer *nth_viewer(const RtcOutFeed *feed, guint n)
{
    rtc_viewer_expect(feed->viewers->pdata[(feed->first + n + 2) % feed->viewers->len]);
    return feed->viewers->pdata[(feed->first + n) % feed->viewers->len];
}

/* While anybody has more to get, the pacer gives the next turn. */
static void pace(RtcOutFeed *feed, bool more, int64_t now_us)
{
    rtc_send_flush(feed->out->send);
    int64_t ready_us = g_source_get_ready_time(feed->pacer);
    if (more && ready_us < 0) {
        g_source_set_ready_time(feed->pacer, now_us + RTC_TURN_US);
    }
}

static void take_audio(RtcOutFeed *feed, const MediaItem *unit, uint64_t number, int64_t now_us)
{
    for (guint i = 0; i < feed->viewers->len; i++) {
        rtc_viewer_unit(nth_viewer(feed, i), &feed->feed, feed->out->send, unit, number, now_us);
    }
    feed->first++;
    rtc_send_flush(feed->out->send);
}

static void take_video(RtcOutFeed *feed, const MediaItem *unit, uint64_t number, int64_t now_us)
{
    bool more = false;
    for (guint i = 0; i < feed->viewers->len; i++) {
        RtcViewer *viewer = nth_viewer(feed, i);
        rtc_viewer_unit(viewer, &feed->feed, feed->out->send, unit, number, now_us);
        more = rtc_viewer_turn(viewer, &feed->feed, feed->out->send, now_us) || more;
    }
    feed->first++;
    pace(feed, more, now_us);
}

static void take_unit(RtcOutFeed *feed, MediaItem *unit, int64_t now_us)
{
    if (unit->packets == NULL) { // AAC
        return;
    }
    uint64_t number = media_history_next(feed->feed.history, unit->track->info.id) - 1;
    if (!feed->feed.flowing) {
        feed->feed.flowing = true;
        feed->feed.newest_us = unit->pts_us;
        feed->feed.wall_us = base_wall_us() - unit->pts_us;
    }
    rtc_feed_unit(&feed->feed, unit);
    (unit->track->info.kind == MEDIA_VIDEO ? take_video : take_audio)(feed, unit, number, now_us);
}

static gboolean on_pace(gpointer data)
{
    RtcOutFeed *feed = data;
    int64_t now_us = base_clock_us();
    bool more = false;
    g_source_set_ready_time(feed->pacer, -1);
    for (guint i = 0; i < feed->viewers->len; i++) {
        more = rtc_viewer_turn(nth_viewer(feed, i), &feed->feed, feed->out->send, now_us) || more;
    }
    feed->first++;
    pace(feed, more, now_us);
    return G_SOURCE_CONTINUE;
}

static void take_feedback(Post *one, int64_t now_us)
{
    RtcOutFeed *feed = one->feed;
    RtcSend *send = feed->out->send;
    if (!rtc_viewer_started(one->viewer)) { // the post that adds it is still on its way
        return;
    }
    unsigned resent =
        rtc_viewer_feedback(one->viewer, &feed->feed, send, one->bytes, one->size, now_us);
    pace(feed, rtc_viewer_turn(one->viewer, &feed->feed, send, now_us), now_us);
    atomic_fetch_add_explicit(&feed->out->counters->resent, resent, memory_order_relaxed);
}

/* Nobody is woken for feedback: units wake this thread some hundred times a second, and a message
 * each would cost more than what is done about it. */
static void take_inbox(RtcOut *out)
{
    Post *one = base_ring_pop(out->inbox);
    int64_t now_us = one != NULL ? base_clock_us() : 0;
    for (; one != NULL; one = base_ring_pop(out->inbox)) {
        take_feedback(one, now_us);
        g_free(one);
    }
}

static void take_item(RtcOutFeed *feed, MediaItem *item, int64_t now_us)
{
    media_gate_update(&feed->feed.gate, item);
    if (item->type != MEDIA_ITEM_UNIT || item->packets != NULL) {
        media_history_add(feed->feed.history, item);
    }
    switch (item->type) {
    case MEDIA_ITEM_RUN:
        clear_tracks(&feed->feed);
        each_select(feed);
        each_interrupt(feed);
        break;
    case MEDIA_ITEM_TRACK:
        take_track(feed, item->track);
        break;
    case MEDIA_ITEM_UNIT:
        take_unit(feed, item, now_us);
        break;
    case MEDIA_ITEM_MARK:
    case MEDIA_ITEM_THUMB:
        break;
    }
}

/* Which track lost a unit is not known: all video goes on at its next key frame. */
static void check_dropped(RtcOutFeed *feed)
{
    uint64_t dropped = media_reader_dropped(feed->reader);
    if (dropped != feed->dropped) {
        feed->dropped = dropped;
        media_history_break(feed->feed.history);
        each_interrupt(feed);
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    RtcOutFeed *feed = data;
    media_reader_clear_event(feed->reader);
    for (MediaItem *item; (item = media_reader_pop(feed->reader)) != NULL;) {
        take_item(feed, item, base_clock_us());
        media_item_unref(item);
    }
    check_dropped(feed);
    take_inbox(feed->out);
    return G_SOURCE_CONTINUE;
}

/* A source that is nothing but its ready time. */
static gboolean dispatch_pacer(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)source;
    return callback(data);
}

static GSourceFuncs pacer_funcs = {.dispatch = dispatch_pacer};

static gboolean on_tick(gpointer data)
{
    RtcOutFeed *feed = data;
    take_inbox(feed->out);
    int64_t now_us = base_clock_us();
    for (guint i = 0; i < feed->viewers->len && feed->feed.flowing; i++) {
        rtc_viewer_report(feed->viewers->pdata[i], &feed->feed, feed->out->send, now_us);
    }
    return G_SOURCE_CONTINUE;
}

RtcOut *rtc_out_new(unsigned number, RtcSocket *socket, RtcCounters *counters)
{
    RtcOut *out = g_new0(RtcOut, 1);
    g_autofree char *name = g_strdup_printf("rtc-out%u", number);
    out->inbox = base_ring_new(INBOX_ITEMS, g_free);
    out->send = rtc_send_new(socket, counters);
    out->counters = counters;
    out->loop = base_loop_new(name);
    return out;
}

void rtc_out_free(RtcOut *out)
{
    if (out != NULL) {
        base_loop_free(out->loop);
        base_ring_free(out->inbox);
        rtc_send_free(out->send);
        g_free(out);
    }
}

static GSource *attach(RtcOutFeed *feed, GSource *source)
{
    g_source_attach(source, base_loop_context(feed->out->loop));
    return source;
}

static void on_add_feed(void *data)
{
    RtcOutFeed *feed = data;
    feed->reader = media_bus_add_reader(feed->config.bus, READER_ITEMS);
    feed->feed = (RtcFeed){.history = media_history_new(),
                           .gate = {.open_us = INT64_MAX, .close_us = INT64_MAX},
                           .counters = feed->out->counters,
                           .want_key = feed->config.want_key,
                           .data = feed->config.data};
    feed->viewers = g_ptr_array_new_with_free_func((GDestroyNotify)rtc_viewer_free);
    GSource *readable = g_unix_fd_source_new(media_reader_event_fd(feed->reader), G_IO_IN);
    g_source_set_callback(readable, G_SOURCE_FUNC(on_readable), feed, NULL);
    // else GLib takes the descriptor out and puts it back around each call, waking its own loop
    // twice
    g_source_set_can_recurse(readable, TRUE);
    feed->readable = attach(feed, readable);
    GSource *tick = g_timeout_source_new(TICK_MS);
    g_source_set_callback(tick, on_tick, feed, NULL);
    feed->tick = attach(feed, tick);
    GSource *pacer = g_source_new(&pacer_funcs, sizeof *pacer);
    g_source_set_callback(pacer, on_pace, feed, NULL);
    feed->pacer = attach(feed, pacer);
}

RtcOutFeed *rtc_out_add_feed(RtcOut *out, const RtcOutFeedConfig *config)
{
    RtcOutFeed *feed = g_new0(RtcOutFeed, 1);
    feed->out = out;
    feed->config = *config;
    base_loop_call(out->loop, on_add_feed, feed);
    return feed;
}

static void on_remove_feed(void *data)
{
    RtcOutFeed *feed = data;
    GSource *sources[] = {feed->readable, feed->tick, feed->pacer};
    for (unsigned i = 0; i < G_N_ELEMENTS(sources); i++) {
        g_source_destroy(sources[i]);
        g_source_unref(sources[i]);
    }
    g_assert(feed->viewers->len == 0);
    g_ptr_array_unref(feed->viewers);
    clear_tracks(&feed->feed);
    media_history_free(feed->feed.history);
    media_bus_remove_reader(feed->config.bus, feed->reader);
}

void rtc_out_remove_feed(RtcOutFeed *feed)
{
    base_loop_call(feed->out->loop, on_remove_feed, feed);
    g_free(feed);
}

static void post(RtcOutFeed *feed, BaseFunc func, const Post *from)
{
    Post *one = g_memdup2(from, sizeof *from);
    one->feed = feed;
    base_post(base_loop_context(feed->out->loop), func, one);
}

static void on_add_viewer(void *data)
{
    g_autofree Post *one = data;
    RtcOutFeed *feed = one->feed;
    g_ptr_array_add(feed->viewers, one->viewer);
    int64_t now_us = base_clock_us();
    rtc_viewer_select(one->viewer, &feed->feed);
    rtc_viewer_start(one->viewer, &feed->feed, now_us);
    pace(feed, rtc_viewer_turn(one->viewer, &feed->feed, feed->out->send, now_us), now_us);
}

void rtc_out_add_viewer(RtcOutFeed *feed, RtcViewer *viewer)
{
    post(feed, on_add_viewer, &(Post){.viewer = viewer});
}

static void on_expect(void *data)
{
    g_autofree Post *one = data;
    rtc_feed_expect(&one->feed->feed, one->rendition, EXPECT_US, base_clock_us());
}

void rtc_out_expect(RtcOutFeed *feed, const char *rendition)
{
    Post one = {0};
    g_strlcpy(one.rendition, rendition, sizeof one.rendition);
    post(feed, on_expect, &one);
}

static void on_move_viewer(void *data)
{
    g_autofree Post *one = data;
    rtc_viewer_move(one->viewer, &one->to, base_clock_us());
}

void rtc_out_move_viewer(RtcOutFeed *feed, RtcViewer *viewer, const RtcAddress *to)
{
    post(feed, on_move_viewer, &(Post){.viewer = viewer, .to = *to});
}

void rtc_out_feedback(RtcOutFeed *feed, RtcViewer *viewer, const uint8_t *bytes, size_t size)
{
    Post *one = g_malloc(sizeof *one + size);
    *one = (Post){.feed = feed, .viewer = viewer, .size = size};
    memcpy(one->bytes, bytes, size);
    if (!base_ring_push(feed->out->inbox, one, 0)) {
        g_free(one);
    }
}

static void on_remove_viewer(void *data)
{
    g_autofree Post *one = data;
    take_inbox(one->feed->out); // none of it may outlive its viewer
    if (one->bye) {
        rtc_viewer_bye(one->viewer, &one->feed->feed, one->feed->out->send);
    }
    g_ptr_array_remove_fast(one->feed->viewers, one->viewer);
}

void rtc_out_remove_viewer(RtcOutFeed *feed, RtcViewer *viewer, bool bye)
{
    post(feed, on_remove_viewer, &(Post){.viewer = viewer, .bye = bye});
}

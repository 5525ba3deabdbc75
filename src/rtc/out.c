// SPDX-License-Identifier: GPL-3.0-or-later
// A sending thread: reads each programme's bus and serves its share of the viewers.
#include "rtc/out.h"

#include "base/clock.h"
#include "base/loop.h"
#include "base/ring.h"

#include <glib-unix.h>
#include <string.h>

#define READER_ITEMS 1024
#define TICK_MS 100
#define EXPECT_US (300 * BASE_US_PER_MS) // from first check to connected
#define INBOX_ITEMS 4096                 // feedback repeats: drop when full

struct RtcOut {
    BaseLoop *loop;
    BaseRing *inbox; // Post, from the in thread
    // out thread
    RtcSend *send;
    RtcCounters *counters;
};

struct RtcOutStream {
    RtcOut *out;
    RtcOutStreamConfig config;
    // out thread
    MediaReader *reader;
    GSource *readable, *tick, *pacer;
    uint64_t dropped;
    RtcProgramme programme;
    GPtrArray *viewers; // RtcViewer, owned
    guint first;        // rotates, so that no viewer is always last
};

typedef struct {
    RtcOutStream *stream;
    RtcViewer *viewer;
    ProtocolAddress to;
    char rendition[MEDIA_NAME_BYTES];
    bool bye;
    size_t size;
    uint8_t bytes[];
} Post;

static void each_interrupt(RtcOutStream *stream)
{
    for (guint i = 0; i < stream->viewers->len; i++) {
        rtc_viewer_interrupt(stream->viewers->pdata[i]);
    }
}

static void each_select(RtcOutStream *stream)
{
    for (guint i = 0; i < stream->viewers->len; i++) {
        rtc_viewer_select(stream->viewers->pdata[i], &stream->programme);
    }
}

static void clear_tracks(RtcProgramme *programme)
{
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (programme->tracks[i] != NULL) {
            media_track_unref((MediaTrack *)programme->tracks[i]);
            programme->tracks[i] = NULL;
        }
    }
}

static void take_track(RtcOutStream *stream, MediaTrack *track)
{
    const MediaTrack **place = &stream->programme.tracks[track->info.id];
    if (*place != NULL) {
        media_track_unref((MediaTrack *)*place);
    }
    *place = media_track_ref(track);
    each_select(stream);
}

static RtcViewer *nth_viewer(const RtcOutStream *stream, guint n)
{
    rtc_viewer_prefetch(stream->viewers->pdata[(stream->first + n + 2) % stream->viewers->len]);
    return stream->viewers->pdata[(stream->first + n) % stream->viewers->len];
}

/* The pacer runs the next turn if viewers have more. */
static void pace(RtcOutStream *stream, bool more, int64_t now_us)
{
    rtc_send_flush(stream->out->send);
    int64_t ready_us = g_source_get_ready_time(stream->pacer);
    if (more && ready_us < 0) {
        g_source_set_ready_time(stream->pacer, now_us + RTC_TURN_US);
    }
}

static void take_audio(RtcOutStream *stream, const MediaItem *unit, uint64_t number, int64_t now_us)
{
    for (guint i = 0; i < stream->viewers->len; i++) {
        rtc_viewer_unit(nth_viewer(stream, i), &stream->programme, stream->out->send, unit, number,
                        now_us);
    }
    stream->first++;
    rtc_send_flush(stream->out->send);
}

static void take_video(RtcOutStream *stream, const MediaItem *unit, uint64_t number, int64_t now_us)
{
    bool more = false;
    for (guint i = 0; i < stream->viewers->len; i++) {
        RtcViewer *viewer = nth_viewer(stream, i);
        rtc_viewer_unit(viewer, &stream->programme, stream->out->send, unit, number, now_us);
        more = rtc_viewer_turn(viewer, &stream->programme, stream->out->send, now_us) || more;
    }
    stream->first++;
    pace(stream, more, now_us);
}

static void take_unit(RtcOutStream *stream, MediaItem *unit, int64_t now_us)
{
    if (unit->packets == NULL) { // AAC
        return;
    }
    uint64_t number = media_history_next(stream->programme.history, unit->track->info.id) - 1;
    if (!stream->programme.flowing) {
        stream->programme.flowing = true;
        stream->programme.newest_us = unit->pts_us;
        stream->programme.wall_us = base_wall_us() - unit->pts_us;
    }
    rtc_programme_unit(&stream->programme, unit);
    (unit->track->info.kind == MEDIA_VIDEO ? take_video : take_audio)(stream, unit, number, now_us);
}

static gboolean on_pace(gpointer data)
{
    RtcOutStream *stream = data;
    int64_t now_us = base_clock_us();
    bool more = false;
    g_source_set_ready_time(stream->pacer, -1);
    for (guint i = 0; i < stream->viewers->len; i++) {
        more =
            rtc_viewer_turn(nth_viewer(stream, i), &stream->programme, stream->out->send, now_us) ||
            more;
    }
    stream->first++;
    pace(stream, more, now_us);
    return G_SOURCE_CONTINUE;
}

static void take_feedback(Post *one, int64_t now_us)
{
    RtcOutStream *stream = one->stream;
    RtcSend *send = stream->out->send;
    if (!rtc_viewer_started(one->viewer)) { // on_add_viewer is still queued
        return;
    }
    unsigned resent =
        rtc_viewer_feedback(one->viewer, &stream->programme, send, one->bytes, one->size, now_us);
    pace(stream, rtc_viewer_turn(one->viewer, &stream->programme, send, now_us), now_us);
    atomic_fetch_add_explicit(&stream->out->counters->resent, resent, memory_order_relaxed);
}

/* Feedback waits for units, which wake this thread hundreds of times a second: waking costs more
 * than handling it. */
static void take_inbox(RtcOut *out)
{
    Post *one = base_ring_pop(out->inbox);
    int64_t now_us = one != NULL ? base_clock_us() : 0;
    for (; one != NULL; one = base_ring_pop(out->inbox)) {
        take_feedback(one, now_us);
        g_free(one);
    }
}

static void take_item(RtcOutStream *stream, MediaItem *item, int64_t now_us)
{
    media_gate_update(&stream->programme.gate, item);
    if (item->type != MEDIA_ITEM_UNIT || item->packets != NULL) {
        media_history_add(stream->programme.history, item);
    }
    switch (item->type) {
    case MEDIA_ITEM_RUN:
        clear_tracks(&stream->programme);
        each_select(stream);
        each_interrupt(stream);
        break;
    case MEDIA_ITEM_TRACK:
        take_track(stream, item->track);
        break;
    case MEDIA_ITEM_UNIT:
        take_unit(stream, item, now_us);
        break;
    case MEDIA_ITEM_MARK:
    case MEDIA_ITEM_THUMB:
        break;
    }
}

/* The track is unknown: restart all video at key frames. */
static void check_dropped(RtcOutStream *stream)
{
    uint64_t dropped = media_reader_dropped(stream->reader);
    if (dropped != stream->dropped) {
        stream->dropped = dropped;
        media_history_break(stream->programme.history);
        each_interrupt(stream);
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    RtcOutStream *stream = data;
    media_reader_clear_event(stream->reader);
    for (MediaItem *item; (item = media_reader_pop(stream->reader)) != NULL;) {
        take_item(stream, item, base_clock_us());
        media_item_unref(item);
    }
    check_dropped(stream);
    take_inbox(stream->out);
    return G_SOURCE_CONTINUE;
}

static gboolean dispatch_pacer(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)source;
    return callback(data);
}

static GSourceFuncs pacer_funcs = {.dispatch = dispatch_pacer};

static gboolean on_tick(gpointer data)
{
    RtcOutStream *stream = data;
    take_inbox(stream->out);
    int64_t now_us = base_clock_us();
    for (guint i = 0; i < stream->viewers->len && stream->programme.flowing; i++) {
        rtc_viewer_report(stream->viewers->pdata[i], &stream->programme, stream->out->send, now_us);
    }
    return G_SOURCE_CONTINUE;
}

RtcOut *rtc_out_new(unsigned number, RtcTransport *transport, RtcCounters *counters)
{
    RtcOut *out = g_new0(RtcOut, 1);
    g_autofree char *name = g_strdup_printf("rtc-out%u", number);
    out->inbox = base_ring_new(INBOX_ITEMS, g_free);
    out->send = rtc_send_new(transport, counters);
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

static GSource *attach(RtcOutStream *stream, GSource *source)
{
    g_source_attach(source, base_loop_context(stream->out->loop));
    return source;
}

static void on_add_stream(void *data)
{
    RtcOutStream *stream = data;
    stream->reader = media_bus_add_reader(stream->config.bus, READER_ITEMS);
    stream->programme = (RtcProgramme){.history = media_history_new(),
                                       .gate = {.open_us = INT64_MAX, .close_us = INT64_MAX},
                                       .counters = stream->out->counters,
                                       .want_key = stream->config.want_key,
                                       .data = stream->config.data};
    stream->viewers = g_ptr_array_new_with_free_func((GDestroyNotify)rtc_viewer_free);
    GSource *readable = g_unix_fd_source_new(media_reader_event_fd(stream->reader), G_IO_IN);
    g_source_set_callback(readable, G_SOURCE_FUNC(on_readable), stream, NULL);
    // otherwise GLib re-adds the descriptor around each call
    g_source_set_can_recurse(readable, TRUE);
    stream->readable = attach(stream, readable);
    GSource *tick = g_timeout_source_new(TICK_MS);
    g_source_set_callback(tick, on_tick, stream, NULL);
    stream->tick = attach(stream, tick);
    GSource *pacer = g_source_new(&pacer_funcs, sizeof *pacer);
    g_source_set_callback(pacer, on_pace, stream, NULL);
    stream->pacer = attach(stream, pacer);
}

RtcOutStream *rtc_out_add_stream(RtcOut *out, const RtcOutStreamConfig *config)
{
    RtcOutStream *stream = g_new0(RtcOutStream, 1);
    stream->out = out;
    stream->config = *config;
    base_loop_call(out->loop, on_add_stream, stream);
    return stream;
}

static void on_remove_stream(void *data)
{
    RtcOutStream *stream = data;
    GSource *sources[] = {stream->readable, stream->tick, stream->pacer};
    for (unsigned i = 0; i < G_N_ELEMENTS(sources); i++) {
        g_source_destroy(sources[i]);
        g_source_unref(sources[i]);
    }
    g_assert(stream->viewers->len == 0);
    g_ptr_array_unref(stream->viewers);
    clear_tracks(&stream->programme);
    media_history_free(stream->programme.history);
    media_bus_remove_reader(stream->config.bus, stream->reader);
}

void rtc_out_remove_stream(RtcOutStream *stream)
{
    base_loop_call(stream->out->loop, on_remove_stream, stream);
    g_free(stream);
}

static void post(RtcOutStream *stream, BaseFunc func, const Post *from)
{
    Post *one = g_memdup2(from, sizeof *from);
    one->stream = stream;
    base_post(base_loop_context(stream->out->loop), func, one);
}

static void on_add_viewer(void *data)
{
    g_autofree Post *one = data;
    RtcOutStream *stream = one->stream;
    g_ptr_array_add(stream->viewers, one->viewer);
    int64_t now_us = base_clock_us();
    rtc_viewer_select(one->viewer, &stream->programme);
    rtc_viewer_start(one->viewer, &stream->programme, now_us);
    pace(stream, rtc_viewer_turn(one->viewer, &stream->programme, stream->out->send, now_us),
         now_us);
}

void rtc_out_add_viewer(RtcOutStream *stream, RtcViewer *viewer)
{
    post(stream, on_add_viewer, &(Post){.viewer = viewer});
}

static void on_expect_viewer(void *data)
{
    g_autofree Post *one = data;
    rtc_programme_expect(&one->stream->programme, one->rendition, EXPECT_US, base_clock_us());
}

void rtc_out_expect_viewer(RtcOutStream *stream, const char *rendition)
{
    Post one = {0};
    g_strlcpy(one.rendition, rendition, sizeof one.rendition);
    post(stream, on_expect_viewer, &one);
}

static void on_move_viewer(void *data)
{
    g_autofree Post *one = data;
    rtc_viewer_move(one->viewer, &one->to, base_clock_us());
}

void rtc_out_move_viewer(RtcOutStream *stream, RtcViewer *viewer, const ProtocolAddress *to)
{
    post(stream, on_move_viewer, &(Post){.viewer = viewer, .to = *to});
}

void rtc_out_feedback(RtcOutStream *stream, RtcViewer *viewer, const uint8_t *bytes, size_t size)
{
    Post *one = g_malloc(sizeof *one + size);
    *one = (Post){.stream = stream, .viewer = viewer, .size = size};
    memcpy(one->bytes, bytes, size);
    if (!base_ring_push(stream->out->inbox, one, 0)) {
        g_free(one);
    }
}

static void on_remove_viewer(void *data)
{
    g_autofree Post *one = data;
    take_inbox(one->stream->out); // it refers to the viewer
    if (one->bye) {
        rtc_viewer_bye(one->viewer, &one->stream->programme, one->stream->out->send);
    }
    g_ptr_array_remove_fast(one->stream->viewers, one->viewer);
}

void rtc_out_remove_viewer(RtcOutStream *stream, RtcViewer *viewer, bool bye)
{
    post(stream, on_remove_viewer, &(Post){.viewer = viewer, .bye = bye});
}

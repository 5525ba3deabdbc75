// SPDX-License-Identifier: GPL-3.0-or-later
// A sending thread.
#include "rtc/out.h"

#include "base/clock.h"
#include "base/loop.h"
#include "base/ring.h"
#include "protocol/rtcp.h"

#include <glib-unix.h>
#include <string.h>
#include <time.h>

#define READER_ITEMS 1024
#define PICTURE_US (40 * BASE_US_PER_MS) // for an instant's picture
#define IDLE_US (100 * BASE_US_PER_MS)   // between turns when nothing comes
#define BUSY_US (100 * BASE_US_PER_MS)   // between looks at the thread's load
#define COUNT_US BASE_US_PER_S           // between counts of what viewers are shown
#define EXPECT_US (300 * BASE_US_PER_MS) // from first check to connected
#define INBOX_ITEMS 4096                 // feedback repeats: drop when full

struct RtcOut {
    BaseLoop *loop;
    BaseRing *inbox; // Post, from the in thread
    atomic_int_fast64_t busy_us;
    // out thread
    RtcSend *send;
    RtcCounters *counters;
    GSource *urgent; // of `inbox`
    int64_t looked_us;
};

struct RtcOutStream {
    RtcOut *out;
    RtcOutStreamConfig config;
    atomic_uint shown[MEDIA_MAX_TRACKS + 1][2]; // as RtcStreamStats, up to a second old
    // out thread
    MediaReader *reader;
    GSource *readable, *pacer;
    uint64_t dropped;
    RtcProgramme programme;
    GPtrArray *viewers;    // RtcViewer, owned
    guint first;           // rotates, so that no viewer is always last
    uint32_t video, audio; // tracks that viewers take
    uint32_t wake_for;     // tracks
    bool pictures;         // came since the last turn
    int64_t counted_us;    // clock of `shown`
};

typedef struct {
    RtcOutStream *stream;
    RtcViewer *viewer;
    ProtocolAddress to;
    char rendition[MEDIA_NAME_BYTES];
    bool bye;
    RtcOutReleased released;
    void *data;
    int64_t at_us;
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

/* Equal on all threads: moved viewers' clocks must not jump. */
static int64_t shared_wall_us(RtcOutStream *stream, int64_t pts_us)
{
    int_fast64_t none = 0, wall_us = base_wall_us() - pts_us;
    return atomic_compare_exchange_strong(stream->config.wall_us, &none, wall_us) ? wall_us : none;
}

static void take_unit(RtcOutStream *stream, MediaItem *unit)
{
    if (unit->packets == NULL) { // AAC
        return;
    }
    media_history_add(stream->programme.history, unit);
    if (!stream->programme.flowing) {
        stream->programme.flowing = true;
        stream->programme.newest_us = unit->pts_us;
        stream->programme.wall_us = shared_wall_us(stream, unit->pts_us);
    }
    rtc_programme_unit(&stream->programme, unit);
    stream->pictures = stream->pictures || (stream->video >> unit->track->info.id & 1) != 0;
}

static RtcViewer *nth_viewer(const RtcOutStream *stream, guint n)
{
    rtc_viewer_prefetch(stream->viewers->pdata[(stream->first + n + 2) % stream->viewers->len]);
    return stream->viewers->pdata[(stream->first + n) % stream->viewers->len];
}

/* Returns true if viewers have more. */
static bool serve_viewers(RtcOutStream *stream, int64_t now_us)
{
    bool more = false;
    stream->video = stream->audio = 0;
    for (guint i = 0; i < stream->viewers->len; i++) {
        RtcViewer *viewer = nth_viewer(stream, i);
        more = rtc_viewer_turn(viewer, &stream->programme, stream->out->send, now_us) || more;
        rtc_viewer_tracks(viewer, &stream->video, &stream->audio);
    }
    stream->first++;
    rtc_send_flush(stream->out->send);
    return more;
}

static void take_item(RtcOutStream *stream, MediaItem *item, int64_t now_us)
{
    if (item->type == MEDIA_ITEM_UNIT) {
        take_unit(stream, item);
        return;
    }
    if (item->type == MEDIA_ITEM_THUMB) {
        return;
    }
    serve_viewers(stream, now_us); // what came before it
    media_gate_update(&stream->programme.gate, item);
    media_history_add(stream->programme.history, item);
    if (item->type == MEDIA_ITEM_RUN) {
        stream->programme.run = item->run;
        clear_tracks(&stream->programme);
        each_select(stream);
    } else if (item->type == MEDIA_ITEM_TRACK) {
        take_track(stream, item->track);
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

static void take_items(RtcOutStream *stream, int64_t now_us)
{
    for (MediaItem *item; (item = media_reader_pop(stream->reader)) != NULL;) {
        take_item(stream, item, now_us);
        media_item_unref(item);
    }
    check_dropped(stream);
}

/* One viewer has been served out of turn. */
static void pace(RtcOutStream *stream, bool more, int64_t now_us)
{
    int64_t ready_us = g_source_get_ready_time(stream->pacer);
    int64_t due_us = now_us + (more ? RTC_TURN_US : IDLE_US);
    if (ready_us < 0 || ready_us > due_us) {
        g_source_set_ready_time(stream->pacer, due_us);
    }
}

static void wake_for(RtcOutStream *stream, uint32_t tracks)
{
    if (tracks != stream->wake_for) {
        stream->wake_for = tracks;
        media_reader_wake_for(stream->reader, tracks);
    }
}

/* Sound and picture of one instant leave together, when the picture comes; sound alone without
 * picture. Unwanted items stay in the ring. */
static void plan_turn(RtcOutStream *stream, bool more, int64_t now_us)
{
    wake_for(stream, stream->pictures ? stream->video : stream->video | stream->audio);
    int64_t wait_us = more ? RTC_TURN_US : stream->pictures ? PICTURE_US : IDLE_US;
    g_source_set_ready_time(stream->pacer, stream->viewers->len > 0 ? now_us + wait_us : -1);
    stream->pictures = false;
}

static void note_busy(RtcOut *out, int64_t now_us)
{
    if (now_us - out->looked_us >= BUSY_US) {
        out->looked_us = now_us;
        struct timespec time;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        atomic_store_explicit(&out->busy_us, time.tv_sec * BASE_US_PER_S + time.tv_nsec / 1000,
                              memory_order_relaxed);
    }
}

static void take_feedback(Post *one, int64_t now_us)
{
    RtcOutStream *stream = one->stream;
    RtcSend *send = stream->out->send;
    if (!rtc_viewer_started(one->viewer)) { // on_add_viewer is still queued
        return;
    }
    unsigned resent = rtc_viewer_feedback(one->viewer, &stream->programme, send, one->bytes,
                                          one->size, one->at_us);
    pace(stream, rtc_viewer_turn(one->viewer, &stream->programme, send, now_us), now_us);
    atomic_fetch_add_explicit(&stream->out->counters->resent, resent, memory_order_relaxed);
}

/* Non-urgent feedback waits for a turn: waking costs more. */
static void take_inbox(RtcOut *out)
{
    Post *one = base_ring_pop(out->inbox);
    int64_t now_us = one != NULL ? base_clock_us() : 0;
    for (; one != NULL; one = base_ring_pop(out->inbox)) {
        take_feedback(one, now_us);
        g_free(one);
    }
    rtc_send_flush(out->send);
}

static void count_shown(RtcOutStream *stream)
{
    RtcStreamStats stats = {0};
    bool tcp;
    for (guint i = 0; i < stream->viewers->len; i++) {
        unsigned track = rtc_viewer_shown(stream->viewers->pdata[i], &tcp);
        stats.shown[track][tcp]++;
    }
    for (unsigned track = 0; track <= MEDIA_MAX_TRACKS; track++) {
        atomic_store_explicit(&stream->shown[track][0], stats.shown[track][0],
                              memory_order_relaxed);
        atomic_store_explicit(&stream->shown[track][1], stats.shown[track][1],
                              memory_order_relaxed);
    }
}

/* Without viewers no turn follows. */
static void count_none(RtcOutStream *stream)
{
    if (stream->viewers->len == 0) {
        count_shown(stream);
    }
}

void rtc_out_stream_stats(const RtcOutStream *stream, RtcStreamStats *out)
{
    for (unsigned track = 0; track <= MEDIA_MAX_TRACKS; track++) {
        out->shown[track][0] +=
            atomic_load_explicit(&stream->shown[track][0], memory_order_relaxed);
        out->shown[track][1] +=
            atomic_load_explicit(&stream->shown[track][1], memory_order_relaxed);
    }
}

static void run_turn(RtcOutStream *stream)
{
    int64_t now_us = base_clock_us();
    take_items(stream, now_us);
    take_inbox(stream->out);
    plan_turn(stream, serve_viewers(stream, now_us), now_us);
    note_busy(stream->out, now_us);
    if (now_us - stream->counted_us >= COUNT_US) {
        stream->counted_us = now_us;
        count_shown(stream);
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    RtcOutStream *stream = data;
    media_reader_clear_event(stream->reader);
    run_turn(stream);
    return G_SOURCE_CONTINUE;
}

static gboolean on_pace(gpointer data)
{
    run_turn(data);
    return G_SOURCE_CONTINUE;
}

static gboolean on_urgent(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    RtcOut *out = data;
    base_ring_clear_event(out->inbox);
    take_inbox(out);
    return G_SOURCE_CONTINUE;
}

static gboolean dispatch_pacer(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)source;
    return callback(data);
}

static GSourceFuncs pacer_funcs = {.dispatch = dispatch_pacer};

/* A source for `fd` that stays in the loop; GLib's is added anew around each call. */
static GSource *watch(RtcOut *out, int fd, GUnixFDSourceFunc func, void *data)
{
    GSource *source = g_unix_fd_source_new(fd, G_IO_IN);
    g_source_set_callback(source, G_SOURCE_FUNC(func), data, NULL);
    g_source_set_can_recurse(source, TRUE);
    g_source_attach(source, base_loop_context(out->loop));
    return source;
}

static void drop_source(GSource *source)
{
    g_source_destroy(source);
    g_source_unref(source);
}

RtcOut *rtc_out_new(unsigned number, RtcTransport *transport, RtcCounters *counters)
{
    RtcOut *out = g_new0(RtcOut, 1);
    g_autofree char *name = g_strdup_printf("rtc-out%u", number);
    out->inbox = base_ring_new(INBOX_ITEMS, g_free);
    out->send = rtc_send_new(transport, counters);
    out->counters = counters;
    out->loop = base_loop_new(name);
    out->urgent = watch(out, base_ring_event_fd(out->inbox), on_urgent, out);
    return out;
}

void rtc_out_free(RtcOut *out)
{
    if (out != NULL) {
        base_loop_free(out->loop);
        drop_source(out->urgent);
        base_ring_free(out->inbox);
        rtc_send_free(out->send);
        g_free(out);
    }
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
    stream->wake_for = UINT32_MAX;
    stream->readable =
        watch(stream->out, media_reader_event_fd(stream->reader), on_readable, stream);
    stream->pacer = g_source_new(&pacer_funcs, sizeof *stream->pacer);
    g_source_set_callback(stream->pacer, on_pace, stream, NULL);
    g_source_attach(stream->pacer, base_loop_context(stream->out->loop));
    run_turn(stream);
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
    drop_source(stream->readable);
    drop_source(stream->pacer);
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
    int64_t now_us = base_clock_us();
    take_items(stream, now_us);
    g_ptr_array_add(stream->viewers, one->viewer);
    rtc_viewer_select(one->viewer, &stream->programme);
    if (!rtc_viewer_started(one->viewer)) {
        rtc_viewer_start(one->viewer, &stream->programme, now_us);
    }
    bool more = rtc_viewer_turn(one->viewer, &stream->programme, stream->out->send, now_us);
    rtc_send_flush(stream->out->send);
    pace(stream, more, now_us);
    rtc_viewer_tracks(one->viewer, &stream->video, &stream->audio);
    wake_for(stream, stream->video | stream->audio);
}

void rtc_out_add_viewer(RtcOutStream *stream, RtcViewer *viewer)
{
    post(stream, on_add_viewer, &(Post){.viewer = viewer});
}

static void on_expect_viewer(void *data)
{
    g_autofree Post *one = data;
    int64_t now_us = base_clock_us();
    take_items(one->stream, now_us);
    rtc_programme_expect(&one->stream->programme, one->rendition, EXPECT_US, now_us);
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

/* A receiver waits for packets or a picture. */
static bool is_urgent(const uint8_t *bytes, size_t size)
{
    ProtocolRtcp packet;
    for (size_t at = 0; protocol_rtcp_next(bytes, size, &at, &packet);) {
        if ((packet.type == PROTOCOL_RTCP_PSFB && packet.count != PROTOCOL_RTCP_AFB) ||
            (packet.type == PROTOCOL_RTCP_RTPFB && packet.count != PROTOCOL_RTCP_TWCC)) {
            return true;
        }
    }
    return false;
}

bool rtc_out_feedback(RtcOutStream *stream, RtcViewer *viewer, const uint8_t *bytes, size_t size,
                      int64_t now_us)
{
    Post *one = g_malloc(sizeof *one + size);
    *one = (Post){.stream = stream, .viewer = viewer, .at_us = now_us, .size = size};
    memcpy(one->bytes, bytes, size);
    bool urgent = is_urgent(bytes, size);
    if (!(urgent ? base_ring_push : base_ring_push_quietly)(stream->out->inbox, one, 0)) {
        g_free(one);
    }
    return urgent;
}

static void on_remove_viewer(void *data)
{
    g_autofree Post *one = data;
    take_inbox(one->stream->out); // it refers to the viewer
    if (one->bye) {
        rtc_viewer_bye(one->viewer, &one->stream->programme, one->stream->out->send);
        rtc_send_flush(one->stream->out->send);
    }
    g_ptr_array_remove_fast(one->stream->viewers, one->viewer);
    count_none(one->stream);
}

void rtc_out_remove_viewer(RtcOutStream *stream, RtcViewer *viewer, bool bye)
{
    post(stream, on_remove_viewer, &(Post){.viewer = viewer, .bye = bye});
}

static void on_release_viewer(void *data)
{
    g_autofree Post *one = data;
    take_inbox(one->stream->out); // it refers to the viewer
    guint at;
    bool found = g_ptr_array_find(one->stream->viewers, one->viewer, &at);
    g_assert(found);
    g_ptr_array_steal_index_fast(one->stream->viewers, at);
    count_none(one->stream);
    one->released(one->data, one->viewer);
}

void rtc_out_release_viewer(RtcOutStream *stream, RtcViewer *viewer, RtcOutReleased released,
                            void *data)
{
    post(stream, on_release_viewer, &(Post){.viewer = viewer, .released = released, .data = data});
}

int64_t rtc_out_busy_us(const RtcOut *out)
{
    return atomic_load_explicit(&out->busy_us, memory_order_relaxed);
}

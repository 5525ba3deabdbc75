// SPDX-License-Identifier: GPL-3.0-or-later
// The thread: bus items in, parts out, a snapshot per wake-up.
#include "hls/hls.h"
#include "hls/align.h"
#include "hls/gzip.h"
#include "hls/markers.h"
#include "hls/snapshot.h"
#include "hls/track.h"

#include "base/clock.h"
#include "base/loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define RING_ITEMS 4000 // 20 s of five tracks
#define BATCH_ITEMS 256
/* For tracks that stop short of END. */
#define END_WAIT_US (2 * HLS_ALIGN_WAIT_US)
#define STALL_PARTS 2.4
#define POLL_AGAIN_US 10000
#define WHOLE_TARGETS 4 // no delta updates after a marker changed
#define MARK_RATE 90000 // pictures' own

struct HlsStream {
    HlsConfig config; // owns `past`
    HlsEvents events;
    MediaBus *bus;
    MediaReader *reader;
    int wake_fd;
    pthread_t thread;

    /* Any thread, under the mutex. */
    pthread_mutex_t mutex;
    HlsSnapshot *snapshot;
    HlsMarkers *new_markers;
    bool stopping;

    /* Hls thread. */
    HlsAlign *align;
    HlsCutter cutter;
    HlsWindow window;
    HlsGzip *gzip;
    HlsMarkers *markers;
    int64_t whole_clock_us; // whole playlists until then
    HlsCounts counts;
    HlsTrack *tracks[MEDIA_MAX_TRACKS]; // by id; this run's, muxed
    bool tracks_known;
    bool changed;
    bool ending;
    int64_t end_deadline_us;
    bool ended;
    bool stalled;
    int64_t told_clock_us; // newest part; 0: none
};

static void on_part(void *data, HlsTrack *track, MediaPart *part)
{
    HlsStream *stream = data;
    (void)track;
    stream->events.part(stream->events.data, part);
    hls_window_part(&stream->window, &stream->cutter, part);
    stream->cutter.told = MAX(stream->cutter.told, part->sequence + 1);
    stream->told_clock_us = base_clock_us();
    stream->stalled = false;
    stream->changed = true;
}

static void on_complete(void *data, HlsTrack *track, uint64_t sequence)
{
    HlsStream *stream = data;
    hls_window_complete(&stream->window, &stream->cutter, hls_track_media(track), sequence);
    stream->changed = true;
}

static void end_tracks(HlsStream *stream, int64_t end_us)
{
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (stream->tracks[i] != NULL) {
            hls_track_end(stream->tracks[i], end_us);
        }
    }
}

static void free_tracks(HlsStream *stream)
{
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        g_clear_pointer(&stream->tracks[i], hls_track_free);
    }
}

static bool tracks_ended(const HlsStream *stream)
{
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (stream->tracks[i] != NULL && !hls_track_ended(stream->tracks[i])) {
            return false;
        }
    }
    return true;
}

static void tell_mark(HlsStream *stream, MediaMark mark, int64_t pts_us)
{
    g_autoptr(MediaPart) part = media_part_new(MEDIA_PART_MARK);
    part->run = stream->cutter.run;
    part->mark = mark;
    part->pts_us = pts_us;
    stream->events.part(stream->events.data, part);
}

static void finish_session(HlsStream *stream)
{
    hls_align_flush(stream->align);
    end_tracks(stream, stream->cutter.end_us);
    tell_mark(stream, MEDIA_MARK_END, stream->cutter.end_us);
    stream->ending = false;
    stream->ended = true;
    stream->changed = true;
}

static void end_run(HlsStream *stream)
{
    if (stream->ending) {
        finish_session(stream);
    }
    end_tracks(stream, hls_align_end(stream->align));
}

static void on_run(HlsStream *stream, const MediaItem *item)
{
    end_run(stream);
    free_tracks(stream);
    hls_align_run(stream->align);
    stream->tracks_known = false;
    hls_cutter_run(&stream->cutter, item->run, item->pts_us, item->open);
    hls_window_run(&stream->window);
}

static bool key_taken(const HlsStream *stream, const MediaTrack *media)
{
    char key[MEDIA_TRACK_KEY_BYTES], other[MEDIA_TRACK_KEY_BYTES];
    media_track_key(media, key);
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (stream->tracks[i] != NULL) {
            media_track_key(hls_track_media(stream->tracks[i]), other);
            if (strcmp(key, other) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void on_track(HlsStream *stream, const MediaItem *item)
{
    const HlsTrackEvents events = {.part = on_part, .complete = on_complete, .data = stream};
    MediaTrack *media = item->track;
    g_autoptr(MediaPart) init = NULL;
    if (media->info.codec == MEDIA_OPUS || stream->tracks[media->info.id] != NULL ||
        key_taken(stream, media)) {
        return;
    }
    HlsTrack *track =
        hls_track_new(media, stream->cutter.run, &stream->cutter, &stream->counts, &events, &init);
    if (track == NULL) {
        return;
    }
    stream->tracks[media->info.id] = track;
    hls_align_track(stream->align, media);
    stream->events.part(stream->events.data, init);
    hls_window_init_segment(&stream->window, init);
    stream->changed = true;
}

static int64_t round_to_picture(int64_t us)
{
    int64_t ticks = (us * MARK_RATE + BASE_US_PER_S / 2) / BASE_US_PER_S;
    return (ticks * BASE_US_PER_S + MARK_RATE / 2) / MARK_RATE;
}

static void on_mark(HlsStream *stream, const MediaItem *item)
{
    stream->tracks_known = true;
    int64_t pts_us = hls_cutter_mark(&stream->cutter, item->mark, round_to_picture(item->pts_us));
    if (item->mark == MEDIA_MARK_END && !stream->ending) {
        stream->ending = true;
        stream->end_deadline_us = base_clock_us() + END_WAIT_US;
    } else if (item->mark != MEDIA_MARK_END) {
        tell_mark(stream, item->mark, pts_us);
    }
    for (unsigned i = 0; i < MEDIA_MAX_TRACKS; i++) {
        if (stream->tracks[i] != NULL) {
            hls_track_mark(stream->tracks[i], pts_us);
        }
    }
    stream->changed = true;
}

static void on_start(void *data, int64_t start_us)
{
    HlsStream *stream = data;
    hls_cutter_start(&stream->cutter, start_us);
}

static void on_aligned(void *data, const MediaItem *unit)
{
    HlsStream *stream = data;
    hls_track_unit(stream->tracks[unit->track->info.id], unit,
                   media_reader_dropped(stream->reader) > 0);
}

static void on_unit(HlsStream *stream, MediaItem *item)
{
    stream->changed = stream->changed || !stream->tracks_known;
    stream->tracks_known = true;
    if (stream->tracks[item->track->info.id] != NULL) {
        hls_align_unit(stream->align, item);
    }
}

/* For the archive. */
static void on_thumb(HlsStream *stream, const MediaItem *item)
{
    g_autoptr(MediaPart) part = media_part_new(MEDIA_PART_THUMB);
    part->run = stream->cutter.run;
    part->pts_us = item->pts_us;
    part->bytes = g_bytes_new(item->data, item->size);
    stream->events.part(stream->events.data, part);
}

static void on_item(HlsStream *stream, MediaItem *item)
{
    if (stream->ended) {
        return;
    }
    switch (item->type) {
    case MEDIA_ITEM_RUN:
        on_run(stream, item);
        break;
    case MEDIA_ITEM_TRACK:
        on_track(stream, item);
        break;
    case MEDIA_ITEM_UNIT:
        on_unit(stream, item);
        break;
    case MEDIA_ITEM_MARK:
        on_mark(stream, item);
        break;
    case MEDIA_ITEM_THUMB:
        on_thumb(stream, item);
        break;
    }
    if (stream->ending && tracks_ended(stream)) {
        finish_session(stream);
    }
}

static void publish(HlsStream *stream)
{
    hls_window_settle(&stream->window, &stream->cutter);
    const HlsScene scene = {
        .config = &stream->config,
        .window = &stream->window,
        .cutter = &stream->cutter,
        .markers = stream->markers,
        .gzip = stream->gzip,
        .whole = base_clock_us() < stream->whole_clock_us,
        .tracks_known = stream->tracks_known,
        .ended = stream->ended,
        .stalled = stream->stalled,
    };
    HlsSnapshot *before = stream->snapshot; // only this thread writes it
    HlsSnapshot *snapshot = hls_snapshot_new(&scene, before);
    stream->changed = false;
    pthread_mutex_lock(&stream->mutex);
    stream->snapshot = snapshot;
    pthread_mutex_unlock(&stream->mutex);
    if (before != NULL) {
        hls_snapshot_unref(before);
        stream->events.published(stream->events.data);
    }
}

static void drain(HlsStream *stream)
{
    media_reader_clear_event(stream->reader);
    unsigned count = 0;
    for (MediaItem *item; (item = media_reader_pop(stream->reader)) != NULL; count++) {
        on_item(stream, item);
        media_item_unref(item);
        if (stream->changed && count % BATCH_ITEMS == BATCH_ITEMS - 1) {
            publish(stream);
        }
    }
    if (stream->changed) {
        publish(stream);
    }
}

/* Delta updates cannot change or remove a marker. */
static void take_markers(HlsStream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    HlsMarkers *markers = g_steal_pointer(&stream->new_markers);
    pthread_mutex_unlock(&stream->mutex);
    if (markers == NULL) {
        return;
    }
    if (!hls_markers_follow(stream->markers, markers)) {
        stream->whole_clock_us =
            base_clock_us() + WHOLE_TARGETS * stream->config.segment_ms * BASE_US_PER_MS;
    }
    hls_markers_free(stream->markers);
    stream->markers = markers;
    stream->changed = true;
}

/* True: stop. */
static bool take_wake(HlsStream *stream)
{
    uint64_t count;
    ssize_t got = read(stream->wake_fd, &count, sizeof count);
    g_assert(got == sizeof count || errno == EAGAIN);
    take_markers(stream);
    pthread_mutex_lock(&stream->mutex);
    bool stopping = stream->stopping;
    pthread_mutex_unlock(&stream->mutex);
    return stopping;
}

/* A time without an item; INT64_MAX: never. */
static int64_t stall_clock_us(const HlsStream *stream)
{
    bool watched = stream->told_clock_us > 0 && !stream->stalled && !stream->ended;
    int64_t stall_us = (int64_t)(STALL_PARTS * stream->config.part_ms * BASE_US_PER_MS);
    return watched ? stream->told_clock_us + stall_us : INT64_MAX;
}

static int64_t end_clock_us(const HlsStream *stream)
{
    return stream->ending ? stream->end_deadline_us : INT64_MAX;
}

static int wait_ms(const HlsStream *stream)
{
    int64_t next_us = MIN(stall_clock_us(stream), end_clock_us(stream));
    if (next_us == INT64_MAX) {
        return -1;
    }
    return (int)(MAX(next_us - base_clock_us(), 0) / BASE_US_PER_MS) + 1;
}

static void look_at_clock(HlsStream *stream)
{
    int64_t now_us = base_clock_us();
    if (now_us >= end_clock_us(stream)) {
        finish_session(stream);
    }
    if (now_us >= stall_clock_us(stream)) {
        stream->stalled = true;
        stream->changed = true;
    }
    if (stream->changed) {
        publish(stream);
    }
}

static void *run(void *data)
{
    HlsStream *stream = data;
    pthread_setname_np(pthread_self(), "hls");
    struct pollfd fds[] = {
        {.fd = media_reader_event_fd(stream->reader), .events = POLLIN},
        {.fd = stream->wake_fd, .events = POLLIN},
    };
    for (bool stopping = false; !stopping;) {
        if (poll(fds, G_N_ELEMENTS(fds), wait_ms(stream)) < 0 && errno != EINTR) {
            g_usleep(POLL_AGAIN_US); // the kernel is short of memory
        }
        stopping = take_wake(stream); // items from before the stop come out
        drain(stream);
        look_at_clock(stream);
    }
    end_run(stream);
    publish(stream);
    return NULL;
}

HlsStream *hls_stream_new(MediaBus *bus, const HlsConfig *config, const HlsEvents *events)
{
    HlsStream *stream = g_new0(HlsStream, 1);
    stream->config = *config;
    stream->config.past = g_memdup2(config->past, config->past_count * sizeof(MediaSegment));
    stream->events = *events;
    stream->bus = bus;
    pthread_mutex_init(&stream->mutex, NULL);
    const HlsAlignEvents aligned = {.start = on_start, .unit = on_aligned, .data = stream};
    stream->align = hls_align_new(&aligned);
    hls_cutter_init(&stream->cutter, config);
    hls_window_init(&stream->window, &stream->config, &stream->events);
    stream->gzip = hls_gzip_new();
    publish(stream); // there always is one
    stream->wake_fd = base_event_fd_new();
    stream->reader = media_bus_add_reader(bus, RING_ITEMS);
    base_thread_start(&stream->thread, run, stream);
    return stream;
}

static void wake(HlsStream *stream)
{
    uint64_t one = 1;
    ssize_t written = write(stream->wake_fd, &one, sizeof one);
    g_assert(written == sizeof one);
}

void hls_stream_set_markers(HlsStream *stream, const HlsMarker *markers, unsigned count)
{
    HlsMarkers *made = hls_markers_new(markers, count, stream->config.epoch_wall_us);
    pthread_mutex_lock(&stream->mutex);
    HlsMarkers *old = stream->new_markers;
    stream->new_markers = made;
    pthread_mutex_unlock(&stream->mutex);
    hls_markers_free(old);
    wake(stream);
}

void hls_stream_free(HlsStream *stream)
{
    if (stream == NULL) {
        return;
    }
    pthread_mutex_lock(&stream->mutex);
    stream->stopping = true;
    pthread_mutex_unlock(&stream->mutex);
    wake(stream);
    pthread_join(stream->thread, NULL);
    media_bus_remove_reader(stream->bus, stream->reader);
    close(stream->wake_fd);
    free_tracks(stream);
    hls_align_free(stream->align);
    hls_window_finish(&stream->window);
    hls_cutter_finish(&stream->cutter);
    hls_gzip_free(stream->gzip);
    hls_markers_free(stream->markers);
    hls_markers_free(stream->new_markers);
    g_free((MediaSegment *)stream->config.past);
    hls_snapshot_unref(stream->snapshot);
    pthread_mutex_destroy(&stream->mutex);
    g_free(stream);
}

void hls_stream_stats(const HlsStream *stream, HlsStats *out)
{
    *out = (HlsStats){
        .dropped_units = media_reader_dropped(stream->reader),
        .broken_units = stream->counts.broken_units,
        .skipped_units = stream->counts.skipped_units,
        .losses = stream->counts.losses,
    };
}

HlsSnapshot *hls_stream_snapshot(HlsStream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    HlsSnapshot *snapshot = hls_snapshot_ref(stream->snapshot);
    pthread_mutex_unlock(&stream->mutex);
    return snapshot;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Publishes the capture child's messages on the media bus, sends commands.
#include "live/programme/ingest.h"

#include "base/clock.h"
#include "base/loop.h"
#include "live/programme/keys.h"
#include "media/rtp.h"

#include <errno.h>
#include <glib-unix.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MARK_TIMEOUT_MS 3000 // for the child to place a mark
#define MARKS 3

struct LiveIngest {
    BaseLoop *loop;
    MediaBus *bus;
    LiveIngestConfig config;
    atomic_int_fast64_t heard_us;
    atomic_bool opening;
    pthread_mutex_t mutex; // `sound`
    MediaSound sound;
    atomic_uint_fast64_t frames, bytes, left_out;
    BaseHistogram latency;
    _Atomic float fps;

    // main thread
    LiveIngestEvents events;
    bool freed;
    atomic_int posts; // events posted to main

    // ingest thread
    int fd;
    GSource *readable;
    MediaWireReceiver *receiver;
    MediaTrack *tracks[MEDIA_MAX_TRACKS];
    const MediaTrack *picture; // first rendition
    uint32_t run;
    LiveKeys keys;
    char *why; // nullable: the run is over
    bool begun, open, followed, ended;
    int64_t end_us;          // of the newest unit
    int64_t picture_us;      // pts of the run's newest picture; -1: none
    int64_t marked_us;       // newest mark
    GSource *waiting[MARKS]; // time-outs of marks
};

typedef enum {
    EVENT_BEGUN,
    EVENT_MARKED,
    EVENT_SOURCE,
    EVENT_SANDBOX,
    EVENT_LOST,
} EventType;

typedef struct {
    LiveIngest *ingest;
    EventType type;
    uint32_t run;
    int64_t pts_us;
    MediaMark mark;
    MediaSourceState state;
    char *text;
} Event;

/* After the join, the last posted event frees the object. */
static void release(LiveIngest *ingest)
{
    if (ingest->freed && ingest->posts == 0) {
        pthread_mutex_destroy(&ingest->mutex);
        g_free(ingest);
    }
}

static void on_event(void *data)
{
    Event *event = data;
    LiveIngest *ingest = event->ingest;
    const LiveIngestEvents *to = &ingest->events;
    if (!ingest->freed) {
        switch (event->type) {
        case EVENT_BEGUN:
            to->begun(to->data, event->pts_us);
            break;
        case EVENT_MARKED:
            to->marked(to->data, event->mark, event->pts_us);
            break;
        case EVENT_SOURCE:
            to->source(to->data, event->state, event->pts_us, event->text);
            break;
        case EVENT_SANDBOX:
            to->sandbox(to->data, event->text);
            break;
        case EVENT_LOST:
            to->lost(to->data, event->run, event->text);
            break;
        }
    }
    g_free(event->text);
    g_free(event);
    atomic_fetch_sub(&ingest->posts, 1);
    release(ingest);
}

static void tell(LiveIngest *ingest, Event event)
{
    event.ingest = ingest;
    atomic_fetch_add(&ingest->posts, 1);
    base_post(NULL, on_event, g_memdup2(&event, sizeof event));
}

static void publish(LiveIngest *ingest, MediaItem *item)
{
    media_bus_publish(ingest->bus, item);
    media_item_unref(item);
}

static void stop_waiting(LiveIngest *ingest, MediaMark mark)
{
    if (ingest->waiting[mark] != NULL) {
        g_source_destroy(ingest->waiting[mark]);
        g_clear_pointer(&ingest->waiting[mark], g_source_unref);
    }
}

static void publish_mark(LiveIngest *ingest, MediaMark mark, int64_t pts_us)
{
    stop_waiting(ingest, mark);
    pts_us = MAX(pts_us, ingest->marked_us);
    if (ingest->ended) {
        if (mark == MEDIA_MARK_END) { // the requester still waits
            tell(ingest, (Event){.type = EVENT_MARKED, .mark = mark, .pts_us = pts_us});
        }
        return;
    }
    ingest->marked_us = pts_us;
    ingest->open = mark == MEDIA_MARK_OPEN;
    ingest->ended = mark == MEDIA_MARK_END;
    MediaItem *item = media_item_new(MEDIA_ITEM_MARK, 0);
    item->mark = mark;
    item->pts_us = pts_us;
    publish(ingest, item);
    tell(ingest, (Event){.type = EVENT_MARKED, .mark = mark, .pts_us = pts_us});
}

/* Without the child: now, OPEN at the next key frame. */
static void mark_here(LiveIngest *ingest, MediaMark mark)
{
    int64_t now_us = media_timeline_at(&ingest->config.timeline, base_clock_us());
    int64_t at_us = MAX(now_us, ingest->end_us), grid_us = ingest->config.keyframe_us;
    if (mark == MEDIA_MARK_OPEN && ingest->begun && grid_us > 0) {
        at_us = media_grid_floor(at_us + grid_us - 1, grid_us);
    }
    publish_mark(ingest, mark, at_us);
}

static void answer_waiting_marks(LiveIngest *ingest)
{
    for (int mark = 0; mark < MARKS; mark++) {
        if (ingest->waiting[mark] != NULL) {
            mark_here(ingest, (MediaMark)mark);
        }
    }
}

static void forget_tracks(LiveIngest *ingest)
{
    for (int i = 0; i < MEDIA_MAX_TRACKS; i++) {
        g_clear_pointer(&ingest->tracks[i], media_track_unref);
    }
    ingest->picture = NULL;
}

static const MediaSound silence = {.peak_db = {MEDIA_SOUND_NONE, MEDIA_SOUND_NONE},
                                   .loudness = MEDIA_SOUND_NONE,
                                   .short_term = MEDIA_SOUND_NONE};

static void keep_sound(LiveIngest *ingest, const MediaSound *sound)
{
    pthread_mutex_lock(&ingest->mutex);
    ingest->sound = *sound;
    pthread_mutex_unlock(&ingest->mutex);
}

static void detach(LiveIngest *ingest)
{
    if (ingest->fd < 0) {
        return;
    }
    g_source_destroy(ingest->readable);
    g_clear_pointer(&ingest->readable, g_source_unref);
    g_clear_pointer(&ingest->receiver, media_wire_receiver_free);
    close(ingest->fd);
    ingest->fd = -1;
    ingest->begun = false;
    atomic_store(&ingest->heard_us, 0);
    atomic_store(&ingest->opening, false);
    g_clear_pointer(&ingest->why, g_free);
    forget_tracks(ingest);
    keep_sound(ingest, &silence);
}

static void hear(LiveIngest *ingest)
{
    atomic_store_explicit(&ingest->heard_us, base_clock_us(), memory_order_relaxed);
}

static void on_begin(LiveIngest *ingest, int64_t pts_us)
{
    hear(ingest);
    ingest->begun = true;
    ingest->picture_us = -1;
    atomic_store(&ingest->opening, false);
    live_keys_begin(&ingest->keys, ingest->config.keyframe_us, pts_us);
    if (ingest->waiting[MEDIA_MARK_OPEN] != NULL) {
        stop_waiting(ingest, MEDIA_MARK_OPEN);
        ingest->open = true;
        tell(ingest, (Event){.type = EVENT_MARKED, .mark = MEDIA_MARK_OPEN, .pts_us = pts_us});
    }
    MediaItem *item = media_item_new(MEDIA_ITEM_RUN, 0);
    item->pts_us = MAX(pts_us, ingest->end_us);
    item->run = ingest->run;
    item->open = ingest->open;
    publish(ingest, item);
    tell(ingest, (Event){.type = EVENT_BEGUN, .pts_us = pts_us});
    answer_waiting_marks(ingest);
}

static int on_track(LiveIngest *ingest, MediaTrack *track)
{
    MediaTrack **place = &ingest->tracks[track->info.id];
    if (*place != NULL || !ingest->begun) {
        return -EBADMSG;
    }
    *place = media_track_ref(track);
    if (track->info.kind == MEDIA_VIDEO && ingest->picture == NULL) {
        ingest->picture = track;
        atomic_store(&ingest->fps, (float)track->info.fps_n / (float)track->info.fps_d);
    }
    live_keys_track(&ingest->keys, track);
    MediaItem *item = media_item_new(MEDIA_ITEM_TRACK, 0);
    item->track = media_track_ref(track);
    publish(ingest, item);
    return 0;
}

/* Pictures stand on a grid: gaps were left out. */
static void count_picture(LiveIngest *ingest, const MediaItem *unit)
{
    const MediaTrackInfo *info = &ingest->picture->info;
    int64_t period_us = BASE_US_PER_S * info->fps_d / info->fps_n;
    int64_t steps = (unit->pts_us - ingest->picture_us + period_us / 2) / period_us;
    if (ingest->picture_us >= 0 && steps > 1) {
        atomic_fetch_add_explicit(&ingest->left_out, (uint64_t)(steps - 1), memory_order_relaxed);
    }
    ingest->picture_us = unit->pts_us;
    atomic_fetch_add_explicit(&ingest->frames, 1, memory_order_relaxed);
    int64_t now_us = media_timeline_at(&ingest->config.timeline, base_clock_us());
    base_histogram_observe(&ingest->latency, now_us - unit->pts_us);
}

static void count(LiveIngest *ingest, const MediaItem *unit)
{
    atomic_fetch_add_explicit(&ingest->bytes, unit->size, memory_order_relaxed);
    if (unit->track == ingest->picture) {
        count_picture(ingest, unit);
    }
}

static int on_unit(LiveIngest *ingest, uint8_t track_id, MediaItem *unit)
{
    MediaTrack *track = ingest->tracks[track_id];
    if (track == NULL) {
        return -EBADMSG;
    }
    unit->track = media_track_ref(track);
    ingest->why = live_keys_unit(&ingest->keys, unit);
    if (ingest->why != NULL) {
        return -ETIMEDOUT;
    }
    count(ingest, unit);
    unit->packets = media_packets_new(unit);
    ingest->end_us = MAX(ingest->end_us, unit->pts_us + unit->duration_us);
    hear(ingest);
    media_bus_publish(ingest->bus, unit);
    return 0;
}

/* Comes before every unit at or after its pts. */
static void on_source(LiveIngest *ingest, const MediaWireMessage *message)
{
    if (ingest->config.follow && message->state == MEDIA_SOURCE_PLAYING && !ingest->followed) {
        ingest->followed = true;
        publish_mark(ingest, MEDIA_MARK_OPEN, message->pts_us);
    } else if (ingest->config.follow && message->state == MEDIA_SOURCE_ENDED) {
        publish_mark(ingest, MEDIA_MARK_END, message->pts_us);
    }
    tell(ingest, (Event){.type = EVENT_SOURCE,
                         .state = message->state,
                         .pts_us = message->pts_us,
                         .text = g_strdup(message->text)});
}

static int on_thumb(LiveIngest *ingest, const MediaWireMessage *message)
{
    gsize size;
    const void *bytes = g_bytes_get_data(message->bytes, &size);
    if (!ingest->begun || size > MEDIA_MAX_UNIT_BYTES) {
        return -EBADMSG;
    }
    MediaItem *item = media_item_new(MEDIA_ITEM_THUMB, size);
    item->pts_us = message->pts_us;
    memcpy(item->data, bytes, size);
    publish(ingest, item);
    return 0;
}

static int on_message(LiveIngest *ingest, const MediaWireMessage *message)
{
    switch (message->type) {
    case MEDIA_WIRE_OPENING:
        hear(ingest);
        return 0;
    case MEDIA_WIRE_SANDBOX:
        tell(ingest, (Event){.type = EVENT_SANDBOX, .text = g_strdup(message->text)});
        return 0;
    case MEDIA_WIRE_FAILED:
        ingest->why = g_strdup(message->text);
        return -ECANCELED;
    case MEDIA_WIRE_BEGIN:
        on_begin(ingest, message->pts_us);
        return 0;
    case MEDIA_WIRE_TRACK:
        return on_track(ingest, message->track);
    case MEDIA_WIRE_UNIT:
        return on_unit(ingest, message->track_id, message->unit);
    case MEDIA_WIRE_MARK:
        publish_mark(ingest, message->mark, message->pts_us);
        return 0;
    case MEDIA_WIRE_LEVEL:
        keep_sound(ingest, &message->sound);
        return 0;
    case MEDIA_WIRE_THUMB:
        return on_thumb(ingest, message);
    case MEDIA_WIRE_SOURCE:
        on_source(ingest, message);
        return 0;
    default:
        return -EBADMSG;
    }
}

static void lose(LiveIngest *ingest)
{
    char *why = g_steal_pointer(&ingest->why);
    detach(ingest);
    answer_waiting_marks(ingest);
    tell(ingest, (Event){.type = EVENT_LOST, .run = ingest->run, .text = why});
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    (void)condition;
    LiveIngest *ingest = data;
    for (;;) {
        MediaWireMessage message;
        int result = media_wire_receive(ingest->receiver, fd, &message);
        if (result == 0) {
            return G_SOURCE_CONTINUE;
        }
        if (result > 0) {
            result = on_message(ingest, &message);
            media_wire_clear(&message);
        }
        if (result == -EBADMSG) {
            ingest->why = g_strdup("The capture process sent something that is not a message, and "
                                   "was started again.");
        }
        if (result < 0) {
            lose(ingest);
            return G_SOURCE_REMOVE;
        }
    }
}

typedef struct {
    LiveIngest *ingest;
    int fd;
    uint32_t value; // run, mark or tracks
    char *text;
} Command;

static void command(LiveIngest *ingest, BaseFunc func, Command value)
{
    value.ingest = ingest;
    base_post(base_loop_context(ingest->loop), func, g_memdup2(&value, sizeof value));
}

/* A child that does not hear is started again; one that ended has left its last media and its reason
 * to be read. */
static void send_down(LiveIngest *ingest, const MediaWireMessage *message)
{
    int result = ingest->fd >= 0 ? media_wire_send(ingest->fd, message) : 0;
    if (result == -EPIPE || result == -ECONNRESET) {
        shutdown(ingest->fd, SHUT_WR); // ends one that only does not read
    } else if (result < 0) {
        lose(ingest);
    }
}

static void on_attach(void *data)
{
    Command *attach = data;
    LiveIngest *ingest = attach->ingest;
    detach(ingest);
    ingest->fd = attach->fd;
    ingest->run = attach->value;
    ingest->receiver = media_wire_receiver_new();
    ingest->readable = g_unix_fd_source_new(ingest->fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(ingest->readable, G_SOURCE_FUNC(on_readable), ingest, NULL);
    g_source_attach(ingest->readable, base_loop_context(ingest->loop));
    atomic_store(&ingest->opening, true);
    hear(ingest);
    send_down(ingest, &(MediaWireMessage){.type = MEDIA_WIRE_SOURCE, .text = attach->text});
    g_free(attach->text);
    g_free(attach);
}

void live_ingest_attach(LiveIngest *ingest, int fd, uint32_t run, const char *source)
{
    command(ingest, on_attach, (Command){.fd = fd, .value = run, .text = g_strdup(source)});
}

static void on_set_source(void *data)
{
    g_autofree Command *asked = data;
    send_down(asked->ingest, &(MediaWireMessage){.type = MEDIA_WIRE_SOURCE, .text = asked->text});
    g_free(asked->text);
}

void live_ingest_set_source(LiveIngest *ingest, const char *source)
{
    command(ingest, on_set_source, (Command){.text = g_strdup(source)});
}

typedef struct {
    LiveIngest *ingest;
    MediaCaption *caption;
} Captioning;

static void on_set_caption(void *data)
{
    g_autofree Captioning *asked = data;
    send_down(asked->ingest,
              &(MediaWireMessage){.type = MEDIA_WIRE_CAPTION, .caption = asked->caption});
    media_caption_free(asked->caption);
}

void live_ingest_set_caption(LiveIngest *ingest, const MediaCaption *caption)
{
    Captioning *asked = g_new(Captioning, 1);
    *asked = (Captioning){.ingest = ingest, .caption = media_caption_copy(caption)};
    base_post(base_loop_context(ingest->loop), on_set_caption, asked);
}

typedef struct {
    LiveIngest *ingest;
    MediaMark mark;
} MarkWait;

static gboolean on_mark_timeout(gpointer data)
{
    MarkWait *wait = data;
    mark_here(wait->ingest, wait->mark);
    return G_SOURCE_REMOVE;
}

static void on_mark(void *data)
{
    g_autofree Command *asked = data;
    LiveIngest *ingest = asked->ingest;
    MediaMark mark = (MediaMark)asked->value;
    if (ingest->waiting[mark] != NULL) {
        return;
    }
    MarkWait *wait = g_new(MarkWait, 1);
    *wait = (MarkWait){.ingest = ingest, .mark = mark};
    GSource *timeout = g_timeout_source_new(MARK_TIMEOUT_MS);
    g_source_set_callback(timeout, on_mark_timeout, wait, g_free);
    g_source_attach(timeout, base_loop_context(ingest->loop));
    ingest->waiting[mark] = timeout;
    if (ingest->begun) {
        send_down(ingest, &(MediaWireMessage){.type = MEDIA_WIRE_MARK, .mark = mark});
    } else if (ingest->fd < 0 || mark != MEDIA_MARK_OPEN) {
        mark_here(ingest, mark);
    } // else the next run begins open
}

void live_ingest_mark(LiveIngest *ingest, MediaMark mark)
{
    command(ingest, on_mark, (Command){.value = mark});
}

static void on_want_key(void *data)
{
    g_autofree Command *asked = data;
    send_down(asked->ingest, &(MediaWireMessage){.type = MEDIA_WIRE_KEY, .tracks = asked->value});
}

void live_ingest_want_key(LiveIngest *ingest, uint32_t tracks)
{
    command(ingest, on_want_key, (Command){.value = tracks});
}

int64_t live_ingest_heard_us(const LiveIngest *ingest)
{
    return atomic_load_explicit(&ingest->heard_us, memory_order_relaxed);
}

bool live_ingest_opening(const LiveIngest *ingest)
{
    return atomic_load(&ingest->opening);
}

void live_ingest_sound(LiveIngest *ingest, MediaSound *out)
{
    pthread_mutex_lock(&ingest->mutex);
    *out = ingest->sound;
    pthread_mutex_unlock(&ingest->mutex);
}

void live_ingest_stats(const LiveIngest *ingest, LiveIngestStats *out)
{
    out->frames = atomic_load_explicit(&ingest->frames, memory_order_relaxed);
    out->bytes = atomic_load_explicit(&ingest->bytes, memory_order_relaxed);
    out->fps = atomic_load(&ingest->fps);
    out->left_out = atomic_load_explicit(&ingest->left_out, memory_order_relaxed);
    out->latency = (BaseHistogramValues){0};
    base_histogram_read(&ingest->latency, &out->latency);
}

LiveIngest *live_ingest_new(MediaBus *bus, const LiveIngestConfig *config,
                            const LiveIngestEvents *events)
{
    LiveIngest *ingest = g_new0(LiveIngest, 1);
    ingest->bus = bus;
    ingest->config = *config;
    ingest->events = *events;
    ingest->fd = -1;
    ingest->open = config->open;
    pthread_mutex_init(&ingest->mutex, NULL);
    ingest->sound = silence;
    ingest->loop = base_loop_new("ingest");
    return ingest;
}

static void on_stop(void *data)
{
    LiveIngest *ingest = data;
    send_down(ingest, &(MediaWireMessage){.type = MEDIA_WIRE_STOP});
    detach(ingest);
    for (int mark = 0; mark < MARKS; mark++) {
        stop_waiting(ingest, (MediaMark)mark);
    }
}

void live_ingest_free(LiveIngest *ingest)
{
    if (ingest == NULL) {
        return;
    }
    base_loop_call(ingest->loop, on_stop, ingest);
    base_loop_free(ingest->loop);
    ingest->freed = true;
    release(ingest);
}

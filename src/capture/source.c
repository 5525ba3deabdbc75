// SPDX-License-Identifier: GPL-3.0-or-later
#include "capture/source.h"

#include "base/error.h"
#include "capture/capture.h"
#include "capture/grid.h"
#include "capture/launch.h"
#include "capture/samples.h"

#include <gst/app/gstappsink.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>

#define MAX_FRAMES 64   // a live source's frames that wait for their time
#define AHEAD_FRAMES 10 // a finite source's
#define SAMPLES_KEPT (4 * CAPTURE_RATE)
#define AHEAD_SAMPLES (CAPTURE_RATE / 2) // a finite source's
#define POLL_US (20 * BASE_US_PER_MS)
#define OPEN_LIMIT_US (8 * BASE_US_PER_S)   // a camera's key frames may be 4 s apart
#define FROZEN_US (2700 * BASE_US_PER_MS)   // promised: slate within 3 s
#define OTHER_STREAM_US (1 * BASE_US_PER_S) // how long the second stream is waited for
#define SETTLE_US (250 * BASE_US_PER_MS)    // its first media are later than the rest
#define MEASURE_US (600 * BASE_US_PER_MS)   // how long a live source's lateness is watched
#define MARGIN_US (80 * BASE_US_PER_MS)     // two frames and a scheduling delay
#define MAX_MARGIN_US (500 * BASE_US_PER_MS)
#define MAX_JUMP_US (3 * BASE_US_PER_S)
#define LATE_IN_A_ROW 15

typedef struct {
    GstBuffer *buffer;
    int64_t start_us, end_us; // in the source's running time
} Frame;

typedef struct {
    GstElement *sink; // borrowed from the pipeline; NULL: the launch file has none
    bool expected;    // still believed to bring something
    bool seen, ended;
    int64_t first_us, end_us; // running time of the first and after the last
    int64_t arrived_us;       // clock of the last arrival
} Stream;

struct CaptureSource {
    gatomicrefcount refs; // the programme's and the thread's
    CaptureSpec *spec;
    int64_t clock_us;
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t room; // a finite source's streaming threads wait here

    // Under the mutex.
    CaptureSourceState state;
    char *failure;
    bool live, known, mark, started; // known: which streams there are
    unsigned unfolding;              // elements that have yet to show all their pads
    Stream video, audio;
    int64_t opened_us, first_clock_us;
    int64_t late_us, latency_us; // the latest arrival against running time; what the pipeline says
    int64_t offset_us;           // timeline - running time, once started
    int late_in_a_row;
    Frame current, frames[MAX_FRAMES];
    unsigned head, count;
    CaptureSamples samples;
    int64_t read_at; // the next sample that the programme will ask for
};

static atomic_int threads; // of all sources, for a clean end of the process

static void frame_clear(Frame *frame)
{
    gst_clear_buffer(&frame->buffer);
}

static void source_unref(CaptureSource *source)
{
    if (!g_atomic_ref_count_dec(&source->refs)) {
        return;
    }
    frame_clear(&source->current);
    for (int i = 0; i < MAX_FRAMES; i++) {
        frame_clear(&source->frames[i]);
    }
    capture_samples_finish(&source->samples);
    pthread_cond_destroy(&source->room);
    pthread_mutex_destroy(&source->mutex);
    capture_spec_free(source->spec);
    g_free(source->failure);
    g_free(source);
}

/* The first reason counts; what follows from it would only hide it. */
static void fail(CaptureSource *source, const char *text)
{
    pthread_mutex_lock(&source->mutex);
    if (source->state != CAPTURE_SOURCE_FAILED) {
        source->state = CAPTURE_SOURCE_FAILED;
        source->failure = capture_redact(text);
    }
    pthread_cond_broadcast(&source->room);
    pthread_mutex_unlock(&source->mutex);
}

static bool over(const CaptureSource *source)
{
    return atomic_load(&source->stop) || source->state == CAPTURE_SOURCE_FAILED;
}

/* Where playback at `late_us` behind running time shows frames in the middle of the programme's
 * sampling window: a little jitter of the source then repeats and drops nothing. */
static int64_t on_phase(const CaptureSource *source, int64_t offset_us)
{
    int64_t at = source->video.seen ? source->video.first_us + offset_us : offset_us;
    return offset_us + capture_frame_pts(capture_frame_ceil(at)) - at;
}

static int64_t live_margin(const CaptureSource *source)
{
    return MARGIN_US + CLAMP(source->latency_us, 0, MAX_MARGIN_US);
}

/* A live source that came too late again and again gets a new anchor: one jump, then smooth. */
static void note_late(CaptureSource *source, int64_t late_us)
{
    if (!source->started || late_us + CAPTURE_FRAME_US < source->offset_us) {
        source->late_in_a_row = 0;
    } else if (++source->late_in_a_row >= LATE_IN_A_ROW) {
        source->offset_us = on_phase(source, late_us + live_margin(source));
        source->late_in_a_row = 0;
    }
}

/* Books an arrival. False when it cannot be used. */
static bool note_arrival(CaptureSource *source, Stream *stream, int64_t start_us, int64_t end_us)
{
    int64_t now = base_clock_us();
    int64_t late_us = now - source->clock_us - start_us;
    bool first = !source->video.seen && !source->audio.seen;
    if (source->live && !first && ABS(late_us - source->late_us) > MAX_JUMP_US) {
        source->state = CAPTURE_SOURCE_FAILED;
        source->failure = g_strdup("The source's clock jumped.");
        return false;
    }
    if (!stream->seen) {
        stream->seen = true;
        stream->first_us = start_us;
        source->first_clock_us = source->first_clock_us == 0 ? now : source->first_clock_us;
    }
    stream->arrived_us = now;
    stream->end_us = MAX(stream->end_us, end_us);
    if (source->live) {
        bool settled = now - source->first_clock_us > SETTLE_US;
        source->late_us = settled ? MAX(source->late_us, late_us) : late_us;
        note_late(source, late_us);
    }
    return true;
}

/* The buffer's place in running time; false where it has none or lies before the start. */
static bool running_time(GstSample *sample, int64_t *out_start_us, int64_t *out_end_us)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    guint64 at = 0;
    if (buffer == NULL || !GST_BUFFER_PTS_IS_VALID(buffer) ||
        gst_segment_to_running_time_full(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                         GST_BUFFER_PTS(buffer), &at) <= 0) {
        return false;
    }
    *out_start_us = (int64_t)(at / 1000);
    GstClockTime duration = GST_BUFFER_DURATION(buffer);
    *out_end_us = (int64_t)((at + (GST_CLOCK_TIME_IS_VALID(duration) ? duration : 0)) / 1000);
    return true;
}

static void drop_head(CaptureSource *source)
{
    frame_clear(&source->frames[source->head]);
    source->head = (source->head + 1) % MAX_FRAMES;
    source->count--;
}

static void push_frame(CaptureSource *source, GstBuffer *buffer, int64_t start_us, int64_t end_us)
{
    while (!source->live && source->count >= AHEAD_FRAMES && !over(source)) {
        pthread_cond_wait(&source->room, &source->mutex);
        source->video.arrived_us = base_clock_us();
    }
    if (source->count == MAX_FRAMES) {
        drop_head(source);
    }
    Frame *frame = &source->frames[(source->head + source->count) % MAX_FRAMES];
    *frame = (Frame){gst_buffer_ref(buffer), start_us, end_us};
    source->count++;
}

static GstFlowReturn on_video(GstAppSink *sink, gpointer data)
{
    CaptureSource *source = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    int64_t start_us = 0, end_us = 0;
    if (sample == NULL || !running_time(sample, &start_us, &end_us)) {
        return GST_FLOW_OK;
    }
    pthread_mutex_lock(&source->mutex);
    end_us = end_us > start_us ? end_us : start_us + CAPTURE_FRAME_US;
    if (!over(source) && note_arrival(source, &source->video, start_us, end_us)) {
        push_frame(source, gst_sample_get_buffer(sample), start_us, end_us);
    }
    pthread_mutex_unlock(&source->mutex);
    return GST_FLOW_OK;
}

static void push_samples(CaptureSource *source, const GstMapInfo *map, int64_t start_us)
{
    int64_t at = capture_samples_at(start_us);
    int64_t count = (int64_t)map->size / (CAPTURE_CHANNELS * (int64_t)sizeof(int16_t));
    source->read_at = source->audio.first_us == start_us && !source->started ? at : source->read_at;
    while (!source->live && at - source->read_at > AHEAD_SAMPLES && !over(source)) {
        pthread_cond_wait(&source->room, &source->mutex);
        source->audio.arrived_us = base_clock_us();
    }
    capture_samples_write(&source->samples, at, (const int16_t *)map->data, count);
}

static GstFlowReturn on_audio(GstAppSink *sink, gpointer data)
{
    CaptureSource *source = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    int64_t start_us = 0, end_us = 0;
    GstMapInfo map;
    if (sample == NULL || !running_time(sample, &start_us, &end_us) ||
        !gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        return GST_FLOW_OK;
    }
    pthread_mutex_lock(&source->mutex);
    if (!over(source) && note_arrival(source, &source->audio, start_us, end_us)) {
        push_samples(source, &map, start_us);
    }
    pthread_mutex_unlock(&source->mutex);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    return GST_FLOW_OK;
}

static void on_end(GstAppSink *sink, gpointer data)
{
    CaptureSource *source = data;
    pthread_mutex_lock(&source->mutex);
    Stream *stream = GST_ELEMENT(sink) == source->video.sink ? &source->video : &source->audio;
    stream->ended = true;
    pthread_mutex_unlock(&source->mutex);
}

/* Whether something can still arrive at `sink`: its branch leads to a source, or to an element that
 * has yet to show its pads. */
static bool branch_linked(GstElement *sink)
{
    g_autoptr(GstElement) at = gst_object_ref(sink);
    for (;;) {
        g_autoptr(GstPad) pad = gst_element_get_static_pad(at, "sink");
        if (pad == NULL) {
            return true;
        }
        g_autoptr(GstPad) peer = gst_pad_get_peer(pad);
        if (peer == NULL) {
            return false;
        }
        g_autoptr(GstElement) next = gst_pad_get_parent_element(peer);
        if (next == NULL || GST_IS_BIN(next) ||
            GST_PAD_TEMPLATE_PRESENCE(GST_PAD_PAD_TEMPLATE(peer)) != GST_PAD_ALWAYS) {
            return true;
        }
        gst_object_unref(at);
        at = g_steal_pointer(&next);
    }
}

static void know_streams(CaptureSource *source)
{
    bool video = source->video.sink != NULL && branch_linked(source->video.sink);
    bool audio = source->audio.sink != NULL && branch_linked(source->audio.sink);
    pthread_mutex_lock(&source->mutex);
    source->video.expected = video;
    source->audio.expected = audio;
    source->known = true;
    pthread_mutex_unlock(&source->mutex);
}

static void on_no_more_pads(GstElement *element, gpointer data)
{
    (void)element;
    CaptureSource *source = data;
    pthread_mutex_lock(&source->mutex);
    source->unfolding -= source->unfolding > 0;
    bool all = source->unfolding == 0;
    pthread_mutex_unlock(&source->mutex);
    if (all) {
        know_streams(source);
    }
}

static bool shows_pads_later(GstElement *element)
{
    const GList *templates = gst_element_get_pad_template_list(element);
    for (; templates != NULL; templates = templates->next) {
        GstPadTemplate *template = templates->data;
        if (GST_PAD_TEMPLATE_DIRECTION(template) == GST_PAD_SRC &&
            GST_PAD_TEMPLATE_PRESENCE(template) == GST_PAD_SOMETIMES) {
            return true;
        }
    }
    return false;
}

/* Which streams there are is known at once, or when the last demuxer and decodebin has unfolded. */
static void watch_pads(CaptureSource *source, GstElement *pipeline)
{
    g_autoptr(GstIterator) all = gst_bin_iterate_elements(GST_BIN(pipeline));
    g_auto(GValue) item = G_VALUE_INIT;
    while (gst_iterator_next(all, &item) == GST_ITERATOR_OK) {
        GstElement *element = g_value_get_object(&item);
        if (shows_pads_later(element)) {
            source->unfolding++;
            g_signal_connect(element, "no-more-pads", G_CALLBACK(on_no_more_pads), source);
        }
        g_value_reset(&item);
    }
    if (source->unfolding == 0) {
        know_streams(source);
    }
}

/* The appsink `name` made ours; NULL where the launch file has none. */
static GstElement *take_sink(GstElement *pipeline, const char *name, const char *caps_text,
                             GstFlowReturn (*on_sample)(GstAppSink *, gpointer), gpointer data)
{
    g_autoptr(GstElement) sink = gst_bin_get_by_name(GST_BIN(pipeline), name);
    if (sink == NULL || !GST_IS_APP_SINK(sink)) {
        return NULL;
    }
    g_autoptr(GstCaps) caps = gst_caps_from_string(caps_text);
    g_object_set(sink, "sync", FALSE, "async", FALSE, "max-buffers", 2u, "drop", FALSE, "caps",
                 caps, "enable-last-sample", FALSE, NULL);
    GstAppSinkCallbacks callbacks = {.eos = on_end, .new_sample = on_sample};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, data, NULL);
    return sink; // the pipeline's reference keeps it
}

/* Untrusted text only ever becomes a property's value, never launch syntax. */
static bool set_location(GstElement *pipeline, const CaptureSpec *spec, GError **error)
{
    g_autoptr(GstElement) place = gst_bin_get_by_name(GST_BIN(pipeline), "location");
    if ((place == NULL) != (spec->location == NULL)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    place != NULL ? "%s cannot be used by its name alone: give a file's path or a "
                                    "rtsp://, rtsps:// or srt:// address."
                                  : "%s has no element named \"location\" to take the address.",
                    spec->launch);
        return false;
    }
    if (place != NULL) {
        GObjectClass *class = G_OBJECT_GET_CLASS(place);
        const char *property =
            g_object_class_find_property(class, "location") != NULL ? "location" : "uri";
        g_object_set(place, property, spec->location, NULL);
    }
    return true;
}

static GstElement *build(const CaptureSpec *spec, bool *out_mark, GError **error)
{
    g_autoptr(CaptureLaunch) launch = capture_launch_read(spec->launch, error);
    g_autoptr(GstElement) pipeline = launch != NULL ? capture_launch_build(launch, error) : NULL;
    if (pipeline == NULL || !set_location(pipeline, spec, error)) {
        return NULL;
    }
    g_autoptr(GstElement) video = gst_bin_get_by_name(GST_BIN(pipeline), "video");
    g_autoptr(GstElement) audio = gst_bin_get_by_name(GST_BIN(pipeline), "audio");
    if ((video == NULL && audio == NULL) || (video != NULL && !GST_IS_APP_SINK(video)) ||
        (audio != NULL && !GST_IS_APP_SINK(audio))) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s must end in \"appsink name=video\", \"appsink name=audio\" or both.",
                    spec->launch);
        return NULL;
    }
    *out_mark = launch->mark;
    return g_steal_pointer(&pipeline);
}

bool capture_source_check(const CaptureSpec *spec, GError **error)
{
    bool mark = false;
    g_autoptr(GstElement) pipeline = build(spec, &mark, error);
    return pipeline != NULL;
}

#define CANVAS_CAPS                                                                                \
    "video/x-raw,format=I420,width=" G_STRINGIFY(CAPTURE_WIDTH) ",height=" G_STRINGIFY(            \
        CAPTURE_HEIGHT) ",pixel-aspect-ratio=1/1"
#define AUDIO_CAPS                                                                                 \
    "audio/x-raw,format=S16LE,layout=interleaved,channels=2,rate=" G_STRINGIFY(CAPTURE_RATE)

static GstElement *open_pipeline(CaptureSource *source)
{
    g_autoptr(GError) error = NULL;
    bool mark = false;
    g_autoptr(GstElement) pipeline = build(source->spec, &mark, &error);
    if (pipeline == NULL) {
        fail(source, error->message);
        return NULL;
    }
    pthread_mutex_lock(&source->mutex);
    source->mark = mark;
    source->video.sink = take_sink(pipeline, "video", CANVAS_CAPS, on_video, source);
    source->audio.sink = take_sink(pipeline, "audio", AUDIO_CAPS, on_audio, source);
    pthread_mutex_unlock(&source->mutex);
    // One clock for all: a sound card's own would drift away from the programme's in an hour.
    g_autoptr(GstClock) clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock);
    watch_pads(source, pipeline);
    GstStateChangeReturn change = gst_element_set_state(pipeline, GST_STATE_PAUSED);
    pthread_mutex_lock(&source->mutex);
    source->live = change == GST_STATE_CHANGE_NO_PREROLL;
    pthread_mutex_unlock(&source->mutex);
    if (change != GST_STATE_CHANGE_FAILURE) {
        gst_element_set_state(pipeline, GST_STATE_PLAYING);
    }
    return g_steal_pointer(&pipeline);
}

static void on_message(CaptureSource *source, GstMessage *message)
{
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        g_autoptr(GError) error = NULL;
        gst_message_parse_error(message, &error, NULL);
        const char *place =
            source->spec->location != NULL ? source->spec->location : source->spec->launch;
        // The factory's name: an element's own counts up with every retry.
        GstElementFactory *factory = GST_IS_ELEMENT(GST_MESSAGE_SRC(message))
                                         ? gst_element_get_factory(GST_ELEMENT(message->src))
                                         : NULL;
        g_autofree char *text =
            g_strdup_printf("%s : %s (%s)", place, error->message,
                            factory != NULL ? GST_OBJECT_NAME(factory) : "pipeline");
        fail(source, text);
    }
}

static void measure_latency(CaptureSource *source, GstElement *pipeline)
{
    g_autoptr(GstQuery) query = gst_query_new_latency();
    GstClockTime min = 0;
    if (gst_element_query(pipeline, query)) {
        gst_query_parse_latency(query, NULL, &min, NULL);
    }
    pthread_mutex_lock(&source->mutex);
    source->latency_us = GST_CLOCK_TIME_IS_VALID(min) ? (int64_t)(min / 1000) : 0;
    pthread_mutex_unlock(&source->mutex);
}

/* Under the mutex: all streams that there are have shown themselves. */
static bool streams_here(const CaptureSource *source, int64_t now)
{
    const Stream *video = &source->video, *audio = &source->audio;
    if (!video->seen && !audio->seen) {
        return false;
    }
    bool waiting = (video->sink != NULL && !video->seen && !video->ended &&
                    (!source->known || video->expected)) ||
                   (audio->sink != NULL && !audio->seen && !audio->ended &&
                    (!source->known || audio->expected));
    return !waiting || now - source->first_clock_us > OTHER_STREAM_US;
}

static void become_ready(CaptureSource *source, int64_t now)
{
    if (source->state != CAPTURE_SOURCE_OPENING || !streams_here(source, now) ||
        (source->live && now - source->first_clock_us < MEASURE_US)) {
        return;
    }
    source->video.expected = source->video.seen;
    source->audio.expected = source->audio.seen;
    source->known = true;
    source->state = CAPTURE_SOURCE_READY;
}

/* Under the mutex: what the watchdog finds, or NULL. */
static const char *trouble(const CaptureSource *source, int64_t now)
{
    if (source->live && (source->video.ended || source->audio.ended)) {
        return "The source ended by itself.";
    }
    if (source->state == CAPTURE_SOURCE_OPENING) {
        bool ended = source->video.ended && (source->audio.ended || !source->audio.expected);
        if (ended && !source->video.seen && !source->audio.seen) {
            return "The source has neither picture nor sound.";
        }
        return now - source->opened_us > OPEN_LIMIT_US
                   ? "The source gave neither picture nor sound within 8 s."
                   : NULL;
    }
    const Stream *stream = source->video.seen ? &source->video : &source->audio;
    bool fed = !source->live && (stream == &source->video ? source->count > 0 : true);
    if (!stream->ended && !fed && now - stream->arrived_us > FROZEN_US) {
        return "The source froze: nothing came for 3 s.";
    }
    return NULL;
}

static void watch(CaptureSource *source, GstElement *pipeline)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    for (bool measured = false;;) {
        g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
            bus, POLL_US * GST_USECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
        if (message != NULL) {
            on_message(source, message);
        }
        pthread_mutex_lock(&source->mutex);
        int64_t now = base_clock_us();
        bool query = !measured && source->live && (source->video.seen || source->audio.seen);
        become_ready(source, now);
        const char *text = trouble(source, now);
        bool done = over(source);
        pthread_mutex_unlock(&source->mutex);
        if (text != NULL) {
            fail(source, text);
        }
        if (query) {
            measure_latency(source, pipeline);
            measured = true;
        }
        if (done) {
            return;
        }
    }
}

static void *run(void *data)
{
    CaptureSource *source = data;
    g_autoptr(GstElement) pipeline = open_pipeline(source);
    if (pipeline != NULL) {
        watch(source, pipeline);
        pthread_mutex_lock(&source->mutex);
        pthread_cond_broadcast(&source->room);
        pthread_mutex_unlock(&source->mutex);
        // May take long with a dead camera; nobody waits for it.
        gst_element_set_state(pipeline, GST_STATE_NULL);
        g_clear_pointer(&pipeline, gst_object_unref);
        malloc_trim(0); // a decoder's pictures, spread over the arenas of threads that are gone
    }
    source_unref(source);
    atomic_fetch_sub(&threads, 1);
    return NULL;
}

void capture_source_wait_all(int64_t limit_us)
{
    int64_t until = base_clock_us() + limit_us;
    while (atomic_load(&threads) > 0 && base_clock_us() < until) {
        g_usleep(5000);
    }
}

CaptureSource *capture_source_open(const CaptureSpec *spec, int64_t clock_us)
{
    CaptureSource *source = g_new0(CaptureSource, 1);
    g_atomic_ref_count_init(&source->refs);
    g_atomic_ref_count_inc(&source->refs);
    source->spec = capture_spec_copy(spec);
    source->clock_us = clock_us;
    source->late_us = INT64_MIN;
    source->opened_us = base_clock_us();
    pthread_mutex_init(&source->mutex, NULL);
    pthread_cond_init(&source->room, NULL);
    capture_samples_init(&source->samples, SAMPLES_KEPT);
    atomic_fetch_add(&threads, 1);
    g_thread_unref(g_thread_new("source", run, source));
    return source;
}

void capture_source_close(CaptureSource *source)
{
    if (source != NULL) {
        atomic_store(&source->stop, true);
        pthread_mutex_lock(&source->mutex);
        pthread_cond_broadcast(&source->room);
        pthread_mutex_unlock(&source->mutex);
        source_unref(source);
    }
}

CaptureSourceState capture_source_state(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    CaptureSourceState state = source->state;
    pthread_mutex_unlock(&source->mutex);
    return state;
}

char *capture_source_failure(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    char *text = g_strdup(source->failure);
    pthread_mutex_unlock(&source->mutex);
    return text;
}

bool capture_source_is_live(const CaptureSource *source)
{
    return source->live;
}

bool capture_source_wants_mark(const CaptureSource *source)
{
    return source->mark;
}

/* The running time of a finite source's first moment. */
static int64_t first_moment(const CaptureSource *source)
{
    int64_t video = source->video.seen ? source->video.first_us : INT64_MAX;
    int64_t audio = source->audio.seen ? source->audio.first_us : INT64_MAX;
    return MIN(video, audio);
}

void capture_source_start(CaptureSource *source, int64_t pts_us)
{
    pthread_mutex_lock(&source->mutex);
    source->started = true;
    source->offset_us = source->live ? on_phase(source, source->late_us + live_margin(source))
                                     : pts_us - first_moment(source);
    pthread_mutex_unlock(&source->mutex);
}

GstBuffer *capture_source_frame(CaptureSource *source, int64_t pts_us)
{
    pthread_mutex_lock(&source->mutex);
    int64_t at = pts_us - source->offset_us;
    while (source->count > 0) {
        Frame *next = &source->frames[source->head];
        if (source->current.buffer != NULL &&
            ABS(next->start_us - at) > ABS(source->current.start_us - at)) {
            break;
        }
        frame_clear(&source->current);
        source->current = *next;
        next->buffer = NULL;
        drop_head(source);
    }
    pthread_cond_broadcast(&source->room);
    GstBuffer *buffer = source->current.buffer;
    buffer = buffer != NULL ? gst_buffer_ref(buffer) : NULL;
    pthread_mutex_unlock(&source->mutex);
    return buffer;
}

void capture_source_audio(CaptureSource *source, int64_t pts_us, int16_t *out, int64_t count)
{
    pthread_mutex_lock(&source->mutex);
    int64_t at = (pts_us - source->offset_us) * CAPTURE_RATE;
    at = (at + (at < 0 ? -1 : 1) * BASE_US_PER_S / 2) / BASE_US_PER_S;
    capture_samples_read(&source->samples, at, out, count);
    source->read_at = at + count;
    pthread_cond_broadcast(&source->room);
    pthread_mutex_unlock(&source->mutex);
}

bool capture_source_end(CaptureSource *source, int64_t *out_end_us)
{
    pthread_mutex_lock(&source->mutex);
    const Stream *video = &source->video, *audio = &source->audio;
    bool ended = source->started && !source->live && (!video->seen || video->ended) &&
                 (!audio->seen || audio->ended);
    int64_t end_us = MAX(video->seen ? video->end_us : 0, audio->seen ? audio->end_us : 0);
    *out_end_us = end_us + source->offset_us;
    pthread_mutex_unlock(&source->mutex);
    return ended;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "capture/source.h"

#include "base/refs.h"
#include "capture/capture.h"
#include "capture/clockmap.h"
#include "capture/grid.h"
#include "capture/inlet.h"
#include "capture/resample.h"
#include "capture/steady.h"

#include <gst/app/gstappsink.h>
#include <gst/audio/audio.h>
#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#define MAX_FRAMES 64                     // a live source's frames that wait for their time
#define AHEAD_FRAMES 10                   // a finite source's
#define MAX_PIXELS (INT64_C(8192) * 8192) // of a source's own picture: 8K video and more
#define SAMPLES_KEPT (4 * CAPTURE_RATE)
#define AHEAD_SAMPLES (CAPTURE_RATE / 2) // a finite source's
#define POLL_US (20 * BASE_US_PER_MS)
#define OPEN_LIMIT_US (8 * BASE_US_PER_S)   // a camera's key frames may be 4 s apart
#define FROZEN_US (2700 * BASE_US_PER_MS)   // promised: slate within 3 s
#define OTHER_STREAM_US (1 * BASE_US_PER_S) // how long the second stream is waited for
#define MEASURE_US (600 * BASE_US_PER_MS)   // how long a live source's lateness is watched
#define MAX_HOLE_US (600 * BASE_US_PER_MS)  // a finite source's longer ones are left out
#define AT_END_US (500 * BASE_US_PER_MS)    // a finite source that stalls this near its end is over
#define NO_PICTURE_US (10 * BASE_US_PER_S)  // a live source without picture is then opened anew

typedef struct {
    GstBuffer *buffer;
    int64_t start_us; // in the source's running time, jumps taken out
} Frame;

typedef struct {
    GstElement *sink; // borrowed from the pipeline; NULL: the launch file has none
    bool expected;    // still believed to bring something
    bool seen, ended;
    unsigned count;     // of buffers, up to 2
    int64_t arrived_us; // clock of the last arrival
    int64_t raw_us;     // the last timestamp as it came, in running time
    int64_t next_us;    // where the buffer after the last one is due, by its duration
} Stream;

struct CaptureSource {
    BaseRefs refs; // the programme's and the thread's
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
    int64_t duration_us; // as a finite source tells it; 0: unknown
    bool no_picture;     // a live source's picture has stopped
    const char *notice;  // what staff are told while it plays
    CaptureClockmap map;
    Frame current, frames[MAX_FRAMES];
    unsigned head, count;
    GstAudioInfo sound; // as it comes, before it is made to fit
    CaptureSteady steady;
    CaptureSamples samples; // numbered by their count, not by their timestamps
    CaptureResample reader;
    unsigned read_anchors; // the map's when it was last read
    int64_t read_at;       // the next sample that the programme will ask for
    int64_t waits_us;      // a finite source's sound that has yet to find room; -1: none
};

static atomic_int threads; // of all sources, for a clean end of the process

static void frame_clear(Frame *frame)
{
    gst_clear_buffer(&frame->buffer);
}

static void source_unref(CaptureSource *source)
{
    if (!base_refs_dec(&source->refs)) {
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

/* Books an arrival. Returns its start without the jumps of the source's timestamps. */
static int64_t note_arrival(CaptureSource *source, Stream *stream, int64_t start_us, int64_t end_us)
{
    int64_t now = base_clock_us();
    stream->seen = true;
    stream->count = MIN(stream->count + 1, 2);
    stream->arrived_us = now;
    source->first_clock_us = source->first_clock_us == 0 ? now : source->first_clock_us;
    CaptureClockKind kind = stream == &source->video ? CAPTURE_PICTURE : CAPTURE_SOUND;
    return capture_clockmap_arrive(&source->map, kind, now - source->clock_us, start_us, end_us);
}

/* The buffer's place in running time, or the last one's where it has no timestamp; false where it
 * lies outside the segment. What lies before the start of a finite source is not to be shown; a
 * live one's timestamps may have gone back there. */
static bool running_time(const CaptureSource *source, const Stream *stream, GstSample *sample,
                         int64_t *out_start_us, int64_t *out_end_us)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (buffer == NULL) {
        return false;
    }
    int64_t at_ns = stream->raw_us * 1000;
    if (GST_BUFFER_PTS_IS_VALID(buffer)) {
        guint64 at = 0;
        int sign = gst_segment_to_running_time_full(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                                    GST_BUFFER_PTS(buffer), &at);
        if (sign == 0 || (sign < 0 && !source->live)) {
            return false;
        }
        at_ns = sign * (int64_t)at;
    }
    GstClockTime duration = GST_BUFFER_DURATION(buffer);
    *out_start_us = at_ns / 1000;
    *out_end_us = (at_ns + (int64_t)(GST_CLOCK_TIME_IS_VALID(duration) ? duration : 0)) / 1000;
    return true;
}

/* A timestamp that is missing or stands still says nothing: the durations then count on. */
static void count_on(Stream *stream, int64_t *start_us, int64_t *end_us)
{
    bool stands = stream->seen && *start_us == stream->raw_us;
    int64_t length_us = *end_us > *start_us ? *end_us - *start_us : CAPTURE_FRAME_US;
    stream->raw_us = *start_us;
    *start_us = stands ? stream->next_us : *start_us;
    *end_us = stream->next_us = *start_us + length_us;
}

static void drop_head(CaptureSource *source)
{
    frame_clear(&source->frames[source->head]);
    source->head = (source->head + 1) % MAX_FRAMES;
    source->count--;
}

static void push_frame(CaptureSource *source, GstBuffer *buffer, int64_t start_us)
{
    while (!source->live && source->count >= AHEAD_FRAMES && !over(source)) {
        pthread_cond_wait(&source->room, &source->mutex);
        source->video.arrived_us = base_clock_us();
    }
    if (source->count == MAX_FRAMES) {
        drop_head(source);
    }
    Frame *frame = &source->frames[(source->head + source->count) % MAX_FRAMES];
    *frame = (Frame){gst_buffer_ref(buffer), start_us};
    source->count++;
}

static GstFlowReturn on_video(GstAppSink *sink, gpointer data)
{
    CaptureSource *source = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    int64_t start_us = 0, end_us = 0;
    if (sample == NULL || !running_time(source, &source->video, sample, &start_us, &end_us)) {
        return GST_FLOW_OK;
    }
    pthread_mutex_lock(&source->mutex);
    if (!over(source)) {
        count_on(&source->video, &start_us, &end_us);
        int64_t at_us = note_arrival(source, &source->video, start_us, end_us);
        push_frame(source, gst_sample_get_buffer(sample), at_us);
    }
    pthread_mutex_unlock(&source->mutex);
    return GST_FLOW_OK;
}

static void push_samples(CaptureSource *source, const GstMapInfo *map, int64_t start_us)
{
    int64_t at = capture_samples_at(start_us);
    int64_t count = (int64_t)map->size / (CAPTURE_CHANNELS * (int64_t)sizeof(int16_t));
    bool first = source->samples.start == source->samples.end;
    source->read_at = first && !source->started ? at : source->read_at;
    while (!source->live && at - source->read_at > AHEAD_SAMPLES && !over(source)) {
        source->waits_us = start_us;
        pthread_cond_wait(&source->room, &source->mutex);
        source->audio.arrived_us = base_clock_us();
    }
    source->waits_us = -1;
    capture_samples_write(&source->samples, at, (const int16_t *)map->data, count);
}

/* Gives each buffer the time that the count of samples says. */
static void count_samples(CaptureSource *source, GstPadProbeInfo *info)
{
    GstBuffer *buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    info->data = buffer;
    if (!GST_AUDIO_INFO_IS_VALID(&source->sound)) {
        return;
    }
    int64_t count = (int64_t)gst_buffer_get_size(buffer) / GST_AUDIO_INFO_BPF(&source->sound);
    int64_t at =
        capture_steady_time(&source->steady, GST_AUDIO_INFO_RATE(&source->sound),
                            GST_BUFFER_PTS_IS_VALID(buffer) ? (int64_t)GST_BUFFER_PTS(buffer) : -1,
                            count, GST_BUFFER_IS_DISCONT(buffer));
    GST_BUFFER_PTS(buffer) = (GstClockTime)MAX(at, 0);
}

static GstPadProbeReturn on_sound(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    (void)pad;
    CaptureSource *source = data;
    pthread_mutex_lock(&source->mutex);
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
        count_samples(source, info);
    } else {
        GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
        GstCaps *caps = NULL;
        if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
            gst_event_parse_caps(event, &caps);
            if (!gst_audio_info_from_caps(&source->sound, caps)) {
                gst_audio_info_init(&source->sound);
            }
        } else if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
            capture_steady_restart(&source->steady);
        }
    }
    pthread_mutex_unlock(&source->mutex);
    return GST_PAD_PROBE_OK;
}

static GstFlowReturn on_audio(GstAppSink *sink, gpointer data)
{
    CaptureSource *source = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    int64_t start_us = 0, end_us = 0;
    GstMapInfo map;
    if (sample == NULL || !running_time(source, &source->audio, sample, &start_us, &end_us) ||
        !gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
        return GST_FLOW_OK;
    }
    pthread_mutex_lock(&source->mutex);
    if (!over(source)) {
        int64_t skew_us = (int64_t)source->steady.skew_us;
        int64_t at_us = note_arrival(source, &source->audio, start_us + skew_us, end_us + skew_us);
        push_samples(source, &map, at_us - skew_us);
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

static void know_streams(CaptureSource *source)
{
    bool video = source->video.sink != NULL && capture_inlet_linked(source->video.sink);
    bool audio = source->audio.sink != NULL && capture_inlet_linked(source->audio.sink);
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

/* Which streams there are is known at once, or when the last demuxer and decodebin has unfolded. */
static void watch_pads(CaptureSource *source, GstElement *pipeline)
{
    g_autoptr(GstIterator) all = gst_bin_iterate_elements(GST_BIN(pipeline));
    g_auto(GValue) item = G_VALUE_INIT;
    while (gst_iterator_next(all, &item) == GST_ITERATOR_OK) {
        GstElement *element = g_value_get_object(&item);
        if (capture_inlet_unfolds(element)) {
            source->unfolding++;
            g_signal_connect(element, "no-more-pads", G_CALLBACK(on_no_more_pads), source);
        }
        g_value_reset(&item);
    }
    if (source->unfolding == 0) {
        know_streams(source);
    }
}

bool capture_source_check(const CaptureSpec *spec, GError **error)
{
    bool mark = false;
    g_autoptr(GstElement) pipeline = capture_inlet_build(spec, &mark, error);
    return pipeline != NULL;
}

#define CANVAS_CAPS                                                                                \
    "video/x-raw,format=I420,width=" G_STRINGIFY(CAPTURE_WIDTH) ",height=" G_STRINGIFY(            \
        CAPTURE_HEIGHT) ",pixel-aspect-ratio=1/1"
#define AUDIO_CAPS                                                                                 \
    "audio/x-raw,format=S16LE,layout=interleaved,channels=2,rate=" G_STRINGIFY(CAPTURE_RATE)

static GstElement *take_sink(CaptureSource *source, GstElement *pipeline, const char *name,
                             const char *caps, GstFlowReturn (*on_sample)(GstAppSink *, gpointer))
{
    GstElement *sink = capture_inlet_sink(pipeline, name, caps);
    if (sink != NULL) {
        GstAppSinkCallbacks callbacks = {.eos = on_end, .new_sample = on_sample};
        gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, source, NULL);
    }
    return sink;
}

/* Fails a source whose picture would take all memory, before the decoder makes room for it. */
static GstPadProbeReturn on_picture_event(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    (void)pad;
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    GstCaps *caps = NULL;
    int width = 0, height = 0;
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) {
        return GST_PAD_PROBE_OK;
    }
    gst_event_parse_caps(event, &caps);
    const GstStructure *form = gst_caps_get_structure(caps, 0);
    if (!gst_structure_get_int(form, "width", &width) ||
        !gst_structure_get_int(form, "height", &height) || (int64_t)width * height <= MAX_PIXELS) {
        return GST_PAD_PROBE_OK;
    }
    g_autofree char *text = g_strdup_printf("The source's picture is too large: %d x %d. Scale it "
                                            "down, to 1280 x 720 or to 8192 x 8192 at most.",
                                            width, height);
    fail(data, text);
    return GST_PAD_PROBE_DROP;
}

static void take_sinks(CaptureSource *source, GstElement *pipeline)
{
    source->video.sink = take_sink(source, pipeline, "video", CANVAS_CAPS, on_video);
    if (source->video.sink != NULL) {
        g_autoptr(GstPad) pad = capture_inlet_picture(source->video.sink);
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_picture_event, source, NULL);
    }
    source->audio.sink = take_sink(source, pipeline, "audio", AUDIO_CAPS, on_audio);
    if (source->audio.sink != NULL) {
        g_autoptr(GstPad) pad = capture_inlet_sound(source->audio.sink);
        gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                          on_sound, source, NULL);
    }
}

/* Only jpegparse reads how a photograph was held, and GStreamer plugs no element of rank none. */
static void plug_jpegparse(void)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find("jpegparse");
    if (factory != NULL) {
        gst_plugin_feature_set_rank(GST_PLUGIN_FEATURE(factory), GST_RANK_PRIMARY + 1);
    }
}

static GstElement *open_pipeline(CaptureSource *source)
{
    g_autoptr(GError) error = NULL;
    bool mark = false;
    plug_jpegparse();
    g_autoptr(GstElement) pipeline = capture_inlet_build(source->spec, &mark, &error);
    if (pipeline == NULL) {
        fail(source, error->message);
        return NULL;
    }
    pthread_mutex_lock(&source->mutex);
    source->mark = mark;
    take_sinks(source, pipeline);
    pthread_mutex_unlock(&source->mutex);
    // One clock for all: a sound card's own would drift away from the programme's in an hour.
    g_autoptr(GstClock) clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock);
    watch_pads(source, pipeline);
    GstStateChangeReturn change = gst_element_set_state(pipeline, GST_STATE_PAUSED);
    pthread_mutex_lock(&source->mutex);
    source->live = source->map.live = change == GST_STATE_CHANGE_NO_PREROLL;
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
    source->map.latency_us = GST_CLOCK_TIME_IS_VALID(min) ? (int64_t)(min / 1000) : 0;
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
    source->known = true;
    source->state = CAPTURE_SOURCE_READY;
}

/* Under the mutex: nothing comes of the stream, though the programme waits for it. */
static bool is_silent(const CaptureSource *source, const Stream *stream, int64_t now)
{
    bool fed =
        !source->live &&
        (stream == &source->video ? source->count > 0
                                  : source->waits_us >= 0 || source->samples.end > source->read_at);
    return !stream->ended && !fed && now - stream->arrived_us > FROZEN_US;
}

/* Under the mutex: a finite source has given all that it told of. Some demuxers (GIF) never say
 * that they are at the end. */
static bool is_at_end(const CaptureSource *source)
{
    int64_t end_us =
        MAX(source->map.streams[CAPTURE_PICTURE].end_us, source->map.streams[CAPTURE_SOUND].end_us);
    return !source->live && source->duration_us > 0 && end_us + AT_END_US > source->duration_us;
}

/* Under the mutex: what fails a source that is READY, or NULL. While one of its streams still
 * comes, the other's loss is only told. */
static const char *judge_streams(CaptureSource *source, int64_t now)
{
    Stream *video = &source->video, *audio = &source->audio;
    bool no_picture = video->seen ? is_silent(source, video, now) : true;
    bool no_sound = audio->seen ? is_silent(source, audio, now) : true;
    if (no_picture && no_sound) {
        if (!is_at_end(source)) {
            return "The source froze: nothing came for 3 s.";
        }
        video->ended = audio->ended = true;
    }
    bool picture_lost = no_picture && video->expected;
    if (source->live && video->seen && no_picture && now - video->arrived_us > NO_PICTURE_US) {
        return "No picture came from the source for 10 s, only sound: it is opened anew.";
    }
    source->no_picture = source->live && picture_lost;
    source->notice =
        picture_lost && !video->ended
            ? "No picture comes from the source; its sound goes on. Check the camera."
        : no_sound && audio->expected && !audio->ended
            ? "No sound comes from the source; its picture goes on. Check the microphone."
            : NULL;
    return NULL;
}

/* Under the mutex: what the watchdog finds, or NULL. */
static const char *trouble(CaptureSource *source, int64_t now)
{
    if (source->live && (source->video.ended || source->audio.ended)) {
        return "The source ended by itself.";
    }
    if (source->state == CAPTURE_SOURCE_OPENING) {
        bool ended = source->video.ended && (source->audio.ended || !source->audio.expected);
        if (ended && !source->video.seen && !source->audio.seen) {
            return "The source has neither picture nor sound.";
        }
        bool file = source->spec->location != NULL && !strstr(source->spec->location, "://");
        const char *nothing =
            file
                ? "The file gave neither picture nor sound within 8 s: GStreamer may not read one "
                  "of its streams (PCM of more than 65 kHz in MOV, for one). Convert it: ffmpeg -i "
                  "FILE -c:v copy -c:a aac NEW.mp4."
                : "The source gave neither picture nor sound within 8 s.";
        return now - source->opened_us > OPEN_LIMIT_US ? nothing : NULL;
    }
    return judge_streams(source, now);
}

/* Under the mutex: READY, and all has arrived that will. */
static bool has_all(const CaptureSource *source)
{
    return source->state == CAPTURE_SOURCE_READY && !source->live &&
           (!source->video.seen || source->video.ended) &&
           (!source->audio.seen || source->audio.ended);
}

/* Under the mutex: a single picture, no sound, and no more will come. */
static bool is_still(const CaptureSource *source)
{
    return has_all(source) && source->video.count == 1 && !source->audio.seen;
}

/* Asks the pipeline, once something came, what it knows of itself. */
static void ask_pipeline(CaptureSource *source, GstElement *pipeline)
{
    gint64 duration = 0;
    if (source->live) {
        measure_latency(source, pipeline);
    } else if (gst_element_query_duration(pipeline, GST_FORMAT_TIME, &duration)) {
        pthread_mutex_lock(&source->mutex);
        source->duration_us = duration / 1000;
        pthread_mutex_unlock(&source->mutex);
    }
}

/* Until the source is to stop, has failed, or has given all that it has. */
static void watch(CaptureSource *source, GstElement *pipeline)
{
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    for (bool asked = false;;) {
        g_autoptr(GstMessage) message = gst_bus_timed_pop_filtered(
            bus, POLL_US * GST_USECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
        if (message != NULL) {
            on_message(source, message);
        }
        pthread_mutex_lock(&source->mutex);
        int64_t now = base_clock_us();
        bool ask = !asked && (source->video.seen || source->audio.seen);
        become_ready(source, now);
        const char *text = trouble(source, now);
        bool done = over(source) || has_all(source);
        pthread_mutex_unlock(&source->mutex);
        if (text != NULL) {
            fail(source, text);
        }
        if (ask) {
            ask_pipeline(source, pipeline);
            asked = true;
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
    base_refs_init(&source->refs);
    base_refs_inc(&source->refs);
    source->spec = capture_spec_copy(spec);
    source->clock_us = clock_us;
    source->waits_us = -1;
    capture_clockmap_init(&source->map);
    gst_audio_info_init(&source->sound);
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

const char *capture_source_notice(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    const char *notice = source->notice;
    pthread_mutex_unlock(&source->mutex);
    return notice;
}

bool capture_source_is_still(CaptureSource *source)
{
    pthread_mutex_lock(&source->mutex);
    bool still = is_still(source);
    pthread_mutex_unlock(&source->mutex);
    return still;
}

bool capture_source_wants_mark(const CaptureSource *source)
{
    return source->mark;
}

void capture_source_start(CaptureSource *source, int64_t pts_us)
{
    pthread_mutex_lock(&source->mutex);
    source->started = true;
    capture_clockmap_start(&source->map, pts_us);
    pthread_mutex_unlock(&source->mutex);
}

/* Makes the picture nearest to `at` the current one. What is older than the current one came too
 * late to be shown. */
static void choose_frame(CaptureSource *source, double at)
{
    Frame *current = &source->current;
    while (source->count > 0) {
        Frame *next = &source->frames[source->head];
        bool old = current->buffer != NULL && next->start_us < current->start_us;
        if (!old) {
            if (current->buffer != NULL &&
                fabs((double)next->start_us - at) > fabs((double)current->start_us - at)) {
                break;
            }
            frame_clear(current);
            *current = *next;
            next->buffer = NULL;
        }
        drop_head(source);
    }
}

GstBuffer *capture_source_frame(CaptureSource *source, int64_t pts_us)
{
    pthread_mutex_lock(&source->mutex);
    choose_frame(source, capture_clockmap_at(&source->map, CAPTURE_PICTURE, pts_us));
    pthread_cond_broadcast(&source->room);
    GstBuffer *buffer = source->no_picture ? NULL : source->current.buffer;
    buffer = buffer != NULL ? gst_buffer_ref(buffer) : NULL;
    pthread_mutex_unlock(&source->mutex);
    return buffer;
}

/* A file whose timestamps jump ahead goes on at once, but only where picture and sound say so both:
 * a picture alone may stand, and sound may rest. */
static void skip_hole(CaptureSource *source, int64_t pts_us)
{
    bool both =
        source->video.seen && !source->video.ended && source->audio.seen && !source->audio.ended;
    if (source->live || !both || source->count == 0 || source->waits_us < 0 ||
        source->read_at < source->samples.end) {
        return;
    }
    int64_t next_us = MIN(source->frames[source->head].start_us, source->waits_us);
    double at = capture_clockmap_at(&source->map, CAPTURE_PICTURE, pts_us);
    if ((double)next_us - at > (double)MAX_HOLE_US) {
        capture_clockmap_skip(&source->map, pts_us, next_us);
    }
}

void capture_source_audio(CaptureSource *source, int64_t pts_us, int16_t *out, int64_t count)
{
    pthread_mutex_lock(&source->mutex);
    skip_hole(source, pts_us);
    double at_us = capture_clockmap_at(&source->map, CAPTURE_SOUND, pts_us);
    double want = (at_us - source->steady.skew_us) * CAPTURE_RATE / BASE_US_PER_S;
    bool jump = source->read_anchors != source->map.anchors;
    source->read_anchors = source->map.anchors;
    capture_resample_read(&source->reader, &source->samples, want, jump, out, count);
    source->read_at = (int64_t)source->reader.at;
    pthread_cond_broadcast(&source->room);
    pthread_mutex_unlock(&source->mutex);
}

bool capture_source_end(CaptureSource *source, int64_t *out_end_us)
{
    pthread_mutex_lock(&source->mutex);
    bool ended = source->started && has_all(source) && !is_still(source);
    int64_t end_us =
        MAX(source->map.streams[CAPTURE_PICTURE].end_us, source->map.streams[CAPTURE_SOUND].end_us);
    *out_end_us = end_us + (int64_t)source->map.offset_us;
    pthread_mutex_unlock(&source->mutex);
    return ended;
}

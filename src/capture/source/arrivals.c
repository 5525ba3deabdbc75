// SPDX-License-Identifier: GPL-3.0-or-later
// Takes decoded media on GStreamer's streaming threads.
#include "capture/source/private.h"

#include "capture/inlet.h"

#include <gst/app/gstappsink.h>

#define MAX_PIXELS (INT64_C(8192) * 8192) // of a source: 8K and more
// Of a finite source.
#define AHEAD_FRAMES 10
#define AHEAD_SAMPLES (CAPTURE_RATE / 2)

/* Returns the start without jumps. */
static int64_t note_arrival(CaptureSource *source, CaptureSourceStream *stream, int64_t start_us,
                            int64_t end_us)
{
    int64_t now = base_clock_us();
    stream->seen = true;
    stream->count = MIN(stream->count + 1, 2);
    stream->arrived_us = now;
    source->first_clock_us = source->first_clock_us == 0 ? now : source->first_clock_us;
    CaptureClockKind kind = stream == &source->video ? CAPTURE_PICTURE : CAPTURE_SOUND;
    return capture_clockmap_arrive(&source->map, kind, now - source->clock_us, start_us, end_us);
}

/* False outside the segment; a live source may go back before it. */
static bool running_time(const CaptureSource *source, const CaptureSourceStream *stream,
                         GstSample *sample, int64_t *out_start_us, int64_t *out_end_us)
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

/* Else durations count on. */
static void count_on(CaptureSourceStream *stream, int64_t *start_us, int64_t *end_us)
{
    bool stands = stream->seen && *start_us == stream->raw_us;
    int64_t length_us = *end_us > *start_us ? *end_us - *start_us : CAPTURE_FRAME_US;
    stream->raw_us = *start_us;
    *start_us = stands ? stream->next_us : *start_us;
    *end_us = stream->next_us = *start_us + length_us;
}

static void push_frame(CaptureSource *source, GstBuffer *buffer, int64_t start_us)
{
    while (!source->live && source->count >= AHEAD_FRAMES && !capture_source_over(source)) {
        pthread_cond_wait(&source->room, &source->mutex);
        source->video.arrived_us = base_clock_us();
    }
    if (source->count == CAPTURE_SOURCE_MAX_FRAMES) {
        capture_source_drop_head(source);
    }
    CaptureSourceFrame *frame =
        &source->frames[(source->head + source->count) % CAPTURE_SOURCE_MAX_FRAMES];
    *frame = (CaptureSourceFrame){gst_buffer_ref(buffer), start_us};
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
    if (!capture_source_over(source)) {
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
    while (!source->live && at - source->read_at > AHEAD_SAMPLES && !capture_source_over(source)) {
        source->waits_us = start_us;
        pthread_cond_wait(&source->room, &source->mutex);
        source->audio.arrived_us = base_clock_us();
    }
    source->waits_us = -1;
    capture_samples_write(&source->samples, at, (const int16_t *)map->data, count);
}

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
    if (!capture_source_over(source)) {
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
    CaptureSourceStream *stream =
        GST_ELEMENT(sink) == source->video.sink ? &source->video : &source->audio;
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

/* Demuxers and decodebin show streams later. */
void capture_source_watch_pads(CaptureSource *source, GstElement *pipeline)
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

/* Before the decoder allocates. */
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
    capture_source_fail(data, text);
    return GST_PAD_PROBE_DROP;
}

void capture_source_take_sinks(CaptureSource *source, GstElement *pipeline)
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

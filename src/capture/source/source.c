// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a source's pipeline until it ends or fails.
#include "capture/source/private.h"

#include "capture/capture.h"
#include "capture/inlet.h"
#include "capture/sandbox/access.h"
#include "capture/source/published.h"
#include "media/trouble.h"

#include <malloc.h>

#define SAMPLES_KEPT (4 * CAPTURE_RATE)
#define POLL_US (20 * BASE_US_PER_MS)

static atomic_uint threads; // of all sources

static void source_unref(CaptureSource *source)
{
    if (!base_refs_dec(&source->refs)) {
        return;
    }
    capture_source_clear_frame(&source->current);
    for (int i = 0; i < CAPTURE_SOURCE_MAX_FRAMES; i++) {
        capture_source_clear_frame(&source->frames[i]);
    }
    capture_samples_finish(&source->samples);
    pthread_cond_destroy(&source->room);
    pthread_mutex_destroy(&source->mutex);
    capture_spec_free(source->spec);
    g_free(source->pipelines_dir);
    g_free(source->text);
    g_free(source->failure);
    g_free(source);
}

bool capture_source_check(const CaptureSpec *spec, GError **error)
{
    bool mark = false;
    g_autoptr(GstElement) pipeline = capture_inlet_build(spec, &mark, error);
    return pipeline != NULL;
}

/* Reads a photograph's orientation; plugged only with a rank. */
static void plug_jpegparse(void)
{
    g_autoptr(GstElementFactory) factory = gst_element_factory_find("jpegparse");
    if (factory != NULL) {
        gst_plugin_feature_set_rank(GST_PLUGIN_FEATURE(factory), GST_RANK_PRIMARY + 1);
    }
}

/* Looks at the file: its disk may hang. */
static bool read_spec(CaptureSource *source)
{
    g_autoptr(GError) error = NULL;
    CaptureSpec *spec = capture_spec_new(source->pipelines_dir, source->text, &error);
    bool covered = spec != NULL && capture_access_covered(spec);
    pthread_mutex_lock(&source->mutex);
    source->spec = spec;
    source->denied = spec != NULL && !covered;
    pthread_mutex_unlock(&source->mutex);
    if (!covered) {
        capture_source_fail(source, spec == NULL
                                        ? error->message
                                        : "The source needs another run of the programme.");
    }
    return covered;
}

static GstElement *open_pipeline(CaptureSource *source)
{
    g_autoptr(GError) error = NULL;
    bool mark = false;
    plug_jpegparse();
    g_autoptr(GstElement) pipeline = capture_inlet_build(source->spec, &mark, &error);
    if (pipeline == NULL) {
        capture_source_fail(source, error->message);
        return NULL;
    }
    int input = source->spec->input;
    if (input >= 0 && !capture_published_attach(source, (unsigned)input, pipeline)) {
        capture_source_fail(source, media_trouble_text(MEDIA_TROUBLE_NOT_PUBLISHED));
        return NULL;
    }
    pthread_mutex_lock(&source->mutex);
    source->mark = mark;
    capture_source_take_sinks(source, pipeline);
    pthread_mutex_unlock(&source->mutex);
    // A sound card's clock would drift.
    g_autoptr(GstClock) clock = gst_system_clock_obtain();
    gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock);
    capture_source_watch_pads(source, pipeline);
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
        // An element's own name changes with every retry.
        GstElementFactory *factory = GST_IS_ELEMENT(GST_MESSAGE_SRC(message))
                                         ? gst_element_get_factory(GST_ELEMENT(message->src))
                                         : NULL;
        g_autofree char *text =
            g_strdup_printf("%s : %s (%s)", place, error->message,
                            factory != NULL ? GST_OBJECT_NAME(factory) : "pipeline");
        capture_source_fail(source, text);
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

/* Returns when stopped, failed or complete. */
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
        capture_source_become_ready(source, now);
        const char *text = capture_source_trouble(source, now);
        bool done = capture_source_over(source) || capture_source_has_all(source);
        pthread_mutex_unlock(&source->mutex);
        if (text != NULL) {
            capture_source_fail(source, text);
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
    g_autoptr(GstElement) pipeline = read_spec(source) ? open_pipeline(source) : NULL;
    if (pipeline != NULL) {
        watch(source, pipeline);
        pthread_mutex_lock(&source->mutex);
        pthread_cond_broadcast(&source->room);
        pthread_mutex_unlock(&source->mutex);
        if (source->spec->input >= 0) {
            capture_published_detach(source, (unsigned)source->spec->input);
        }
        // A dead camera is slow.
        gst_element_set_state(pipeline, GST_STATE_NULL);
        g_clear_pointer(&pipeline, gst_object_unref);
        malloc_trim(0); // freed pictures in arenas of ended threads
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

unsigned capture_source_threads(void)
{
    return atomic_load(&threads);
}

CaptureSource *capture_source_open(const char *pipelines_dir, const char *text, int64_t clock_us)
{
    CaptureSource *source = g_new0(CaptureSource, 1);
    base_refs_init(&source->refs);
    base_refs_inc(&source->refs);
    source->pipelines_dir = g_strdup(pipelines_dir);
    source->text = g_strdup(text);
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

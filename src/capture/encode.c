// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the encoder pipeline.
#include "capture/encode.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/id.h"
#include "capture/capture.h"
#include "capture/grid.h"
#include "capture/launch.h"
#include "capture/paint.h"
#include "capture/spec.h"

#include <gst/app/app.h>
#include <gst/video/video.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define MAX_NAME 64
#define DRAIN_US BASE_US_PER_S
#define AAC_SAMPLES 1024
#define OPUS_SAMPLES 960
#define MAX_EARLY 16 // before the first unit
#define DEFAULT_LANGUAGE "ar"
enum { NAL_IDR = 5, NAL_SPS = 7, NAL_PPS = 8, NAL_AUD = 9 }; // H.264 table 7-1

typedef struct {
    CaptureEncode *encode;
    MediaTrackInfo info;
    MediaTrack *track;   // of the sink's thread until `tracks_known`
    GstElement *encoder; // takes key-frame requests; borrowed
    int64_t base, next;  // audio: number of the first sample; units since
    unsigned priming;    // audio: units to drop
    bool begun;
    atomic_bool ended;

    pthread_mutex_t keys; // guards the next two
    bool running;
    GstClockTime early[MAX_EARLY];
    unsigned early_count;
} Track;

struct CaptureEncode {
    GstElement *pipeline, *video, *audio;
    int64_t start_us;
    CaptureEncodeEvents events;
    Track *tracks[MEDIA_MAX_TRACKS];
    unsigned count;
};

/* The size tells bit/s from kbit/s: elements differ. */
static uint32_t bitrate_of(GstElement *encoder, MediaKind kind)
{
    GParamSpec *property = g_object_class_find_property(G_OBJECT_GET_CLASS(encoder), "bitrate");
    if (property == NULL) {
        return 0;
    }
    g_auto(GValue) value = G_VALUE_INIT, whole = G_VALUE_INIT;
    g_value_init(&value, property->value_type);
    g_value_init(&whole, G_TYPE_INT64);
    g_object_get_property(G_OBJECT(encoder), "bitrate", &value);
    if (!g_value_transform(&value, &whole)) {
        return 0;
    }
    int64_t rate = g_value_get_int64(&whole);
    bool kilo = rate < (kind == MEDIA_VIDEO ? 50000 : 1000);
    return (uint32_t)CLAMP(rate * (kilo ? 1000 : 1), 0, INT32_MAX);
}

/* The nearest encoder upstream. Full reference or NULL. */
static GstElement *find_encoder(GstElement *sink)
{
    g_autoptr(GstElement) at = gst_object_ref(sink);
    while (!gst_element_factory_list_is_type(gst_element_get_factory(at),
                                             GST_ELEMENT_FACTORY_TYPE_ENCODER)) {
        g_autoptr(GstPad) pad = gst_element_get_static_pad(at, "sink");
        g_autoptr(GstPad) peer = pad != NULL ? gst_pad_get_peer(pad) : NULL;
        GstElement *next = peer != NULL ? gst_pad_get_parent_element(peer) : NULL;
        if (next == NULL) {
            return NULL;
        }
        gst_object_unref(at);
        at = next;
    }
    return g_steal_pointer(&at);
}

/* "v_720p"; "a_aac_en": with its language. */
static bool read_name(const char *name, MediaTrackInfo *info)
{
    const char *rest = name + 2;
    if (!g_str_has_prefix(name, "v_") && !g_str_has_prefix(name, "a_")) {
        return false;
    }
    info->kind = name[0] == 'v' ? MEDIA_VIDEO : MEDIA_AUDIO;
    if (info->kind == MEDIA_AUDIO) {
        const char *language = strchr(rest, '_');
        rest = language != NULL ? language + 1 : DEFAULT_LANGUAGE;
        g_strlcpy(info->language, rest, sizeof info->language);
    }
    g_strlcpy(info->name, rest, sizeof info->name);
    return base_id_valid(rest, MEDIA_NAME_BYTES - 1);
}

static gint by_track(gconstpointer a, gconstpointer b)
{
    // Ids must not depend on the file's order.
    const char *left = GST_OBJECT_NAME(*(GstElement *const *)a);
    const char *right = GST_OBJECT_NAME(*(GstElement *const *)b);
    return left[0] != right[0] ? right[0] - left[0] : strcmp(left, right);
}

/* In the order of track ids. */
static GPtrArray *list_sinks(GstElement *pipeline)
{
    GPtrArray *sinks = g_ptr_array_new_with_free_func(gst_object_unref);
    g_autoptr(GstIterator) all = gst_bin_iterate_sinks(GST_BIN(pipeline));
    g_auto(GValue) item = G_VALUE_INIT;
    while (gst_iterator_next(all, &item) == GST_ITERATOR_OK) {
        if (GST_IS_APP_SINK(g_value_get_object(&item))) {
            g_ptr_array_add(sinks, g_value_dup_object(&item));
        }
        g_value_reset(&item);
    }
    g_ptr_array_sort(sinks, by_track);
    return sinks;
}

static bool ends_valid(GstElement *pipeline, const GPtrArray *sinks, const char *path,
                       GError **error)
{
    g_autoptr(GstElement) video = gst_bin_get_by_name(GST_BIN(pipeline), "video");
    g_autoptr(GstElement) audio = gst_bin_get_by_name(GST_BIN(pipeline), "audio");
    if (video == NULL || !GST_IS_APP_SRC(video) || audio == NULL || !GST_IS_APP_SRC(audio)) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s must begin with \"appsrc name=video\" and \"appsrc name=audio\".", path);
        return false;
    }
    bool kinds[2] = {false};
    for (unsigned i = 0; i < sinks->len; i++) {
        MediaTrackInfo info = {0};
        const char *name = GST_OBJECT_NAME(sinks->pdata[i]);
        if (!read_name(name, &info)) {
            g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                        "%s: the appsink \"%s\" must be named v_RENDITION (v_720p) or a_CODEC "
                        "(a_opus, a_aac, a_aac_en).",
                        path, name);
            return false;
        }
        kinds[info.kind] = true;
    }
    if (!kinds[MEDIA_VIDEO] || !kinds[MEDIA_AUDIO] || sinks->len > MEDIA_MAX_TRACKS) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "%s must end in at least one appsink v_… and one a_…, %d at most.", path,
                    MEDIA_MAX_TRACKS);
        return false;
    }
    return true;
}

static GstElement *build(const char *dir, const char *name, GPtrArray **out_sinks, GError **error)
{
    g_autofree char *path = capture_launch_path(dir, "encoders", name);
    if (!base_id_valid(name, MAX_NAME) || !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_autofree char *names = capture_launch_names(dir, "encoders");
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "There is no encoder \"%s\": %s/encoders has %s.", name, dir, names);
        return NULL;
    }
    g_autoptr(CaptureLaunch) launch = capture_launch_read(path, error);
    g_autoptr(GstElement) pipeline = launch != NULL ? capture_launch_build(launch, error) : NULL;
    if (pipeline == NULL) {
        return NULL;
    }
    g_autoptr(GPtrArray) sinks = list_sinks(pipeline);
    if (!ends_valid(pipeline, sinks, path, error)) {
        return NULL;
    }
    *out_sinks = g_steal_pointer(&sinks);
    return g_steal_pointer(&pipeline);
}

bool capture_encode_check(const char *pipelines_dir, const char *name, GError **error)
{
    g_autoptr(GPtrArray) sinks = NULL;
    g_autoptr(GstElement) pipeline = build(pipelines_dir, name, &sinks, error);
    return pipeline != NULL;
}

static void report(CaptureEncode *encode, const char *text)
{
    encode->events.failed(text, encode->events.data);
}

static void read_video_caps(const GstStructure *caps, MediaTrackInfo *info)
{
    int width = 0, height = 0;
    gst_structure_get_int(caps, "width", &width);
    gst_structure_get_int(caps, "height", &height);
    info->codec = MEDIA_H264;
    info->width = (uint16_t)width;
    info->height = (uint16_t)height;
    info->fps_n = CAPTURE_FPS;
    info->fps_d = 1;
}

static void read_audio_caps(const GstStructure *caps, MediaTrackInfo *info)
{
    int rate = CAPTURE_RATE, channels = CAPTURE_CHANNELS;
    gst_structure_get_int(caps, "rate", &rate);
    gst_structure_get_int(caps, "channels", &channels);
    info->codec = gst_structure_has_name(caps, "audio/x-opus") ? MEDIA_OPUS : MEDIA_AAC;
    info->sample_rate = (uint32_t)rate;
    info->channels = (uint8_t)channels;
}

/* NULL if the caps fit. */
static const char *caps_problem(const GstStructure *caps, MediaKind kind)
{
    if (kind == MEDIA_VIDEO) {
        bool good = gst_structure_has_name(caps, "video/x-h264") &&
                    g_strcmp0(gst_structure_get_string(caps, "stream-format"), "avc") == 0 &&
                    g_strcmp0(gst_structure_get_string(caps, "alignment"), "au") == 0;
        return good ? NULL : "must bring video/x-h264,stream-format=avc,alignment=au";
    }
    bool raw = g_strcmp0(gst_structure_get_string(caps, "stream-format"), "raw") == 0;
    bool aac = gst_structure_has_name(caps, "audio/mpeg") && raw;
    return aac || gst_structure_has_name(caps, "audio/x-opus")
               ? NULL
               : "must bring audio/x-opus or audio/mpeg,mpegversion=4,stream-format=raw";
}

/* Config: avcC or AudioSpecificConfig. Opus has no codec_data. */
static bool make_track(Track *track, GstCaps *caps)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    const char *problem = caps_problem(structure, track->info.kind);
    GstMapInfo map = {0};
    const GValue *value = gst_structure_get_value(structure, "codec_data");
    GstBuffer *config = value != NULL ? gst_value_get_buffer(value) : NULL;
    if (problem == NULL) {
        if (track->info.kind == MEDIA_VIDEO) {
            read_video_caps(structure, &track->info);
        } else {
            read_audio_caps(structure, &track->info);
        }
        if (config != NULL && gst_buffer_map(config, &map, GST_MAP_READ)) {
            track->track = media_track_new(&track->info, map.data, map.size);
            gst_buffer_unmap(config, &map);
        } else {
            track->track = media_track_new(&track->info, NULL, 0);
        }
        problem = track->track == NULL ? "brings no usable codec_data" : NULL;
    }
    if (problem != NULL) {
        g_autofree char *text =
            g_strdup_printf("The encoder's end for \"%s\" %s.", track->info.name, problem);
        report(track->encode, text);
        return false;
    }
    track->encode->events.track(track->track, track->encode->events.data);
    return true;
}

/* By running time: x264enc's timestamps start at 1000 h. */
static bool timeline_of(const Track *track, GstSample *sample, int64_t *out_us)
{
    guint64 at = 0;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    int sign = gst_segment_to_running_time_full(gst_sample_get_segment(sample), GST_FORMAT_TIME,
                                                GST_BUFFER_PTS(buffer), &at);
    *out_us = track->encode->start_us + (sign < 0 ? -1 : 1) * (int64_t)((at + 500) / 1000);
    return sign != 0 && GST_BUFFER_PTS_IS_VALID(buffer);
}

/* Omits SPS, PPS and AUD, which x264enc repeats in band. Returns the size. */
static size_t copy_nals(uint8_t *out, const uint8_t *data, size_t size, bool *out_idr)
{
    BaseReader reader = base_reader(data, size);
    size_t written = 0;
    while (reader.left > 0) {
        size_t length = base_read_u32(&reader);
        const uint8_t *nal = base_read_bytes(&reader, length);
        int type = nal != NULL && length > 0 ? nal[0] & 0x1f : NAL_AUD;
        if (nal == NULL) {
            return 0;
        }
        *out_idr |= type == NAL_IDR;
        if (type != NAL_SPS && type != NAL_PPS && type != NAL_AUD) {
            memcpy(out + written, nal - 4, length + 4);
            written += length + 4;
        }
    }
    return written;
}

static MediaItem *video_unit(GstBuffer *buffer, int64_t time_us)
{
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        return NULL;
    }
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, map.size);
    unit->size = copy_nals(unit->data, map.data, map.size, &unit->key);
    gst_buffer_unmap(buffer, &map);
    if (unit->size == 0) {
        media_item_unref(unit);
        return NULL;
    }
    int64_t k = capture_frame_nearest(time_us);
    unit->pts_us = capture_frame_pts(k);
    unit->duration_us = capture_frame_pts(k + 1) - unit->pts_us;
    return unit;
}

/* Counted times do not round. NULL while priming. */
static MediaItem *audio_unit(Track *track, GstBuffer *buffer, int64_t time_us)
{
    int64_t samples = track->info.codec == MEDIA_AAC ? AAC_SAMPLES : OPUS_SAMPLES;
    if (!track->begun) {
        track->begun = true;
        track->base = (time_us * CAPTURE_RATE + BASE_US_PER_S / 2) / BASE_US_PER_S;
        // AAC comes out one frame late.
        track->priming = track->info.codec == MEDIA_AAC ? 1 : 0;
    }
    if (track->priming > 0) {
        track->priming--;
        return NULL;
    }
    MediaItem *unit = media_item_new(MEDIA_ITEM_UNIT, gst_buffer_get_size(buffer));
    int64_t at = track->base + track->next++ * samples;
    unit->pts_us = capture_samples_us(at);
    unit->duration_us = capture_samples_us(at + samples) - unit->pts_us;
    gst_buffer_extract(buffer, 0, unit->data, unit->size);
    return unit;
}

/* h264parse would repeat parameter sets in band. */
static void request_key(const Track *track, GstClockTime at)
{
    g_autoptr(GstPad) pad =
        track->encoder != NULL ? gst_element_get_static_pad(track->encoder, "src") : NULL;
    if (pad != NULL) {
        gst_pad_send_event(pad, gst_video_event_new_upstream_force_key_unit(at, FALSE, 0));
    }
}

/* Unlocked: encoders lock too. */
static void send_early_keys(Track *track)
{
    GstClockTime early[MAX_EARLY];
    pthread_mutex_lock(&track->keys);
    unsigned count = track->running ? 0 : track->early_count;
    memcpy(early, track->early, sizeof early);
    track->running = true;
    pthread_mutex_unlock(&track->keys);
    for (unsigned i = 0; i < count; i++) {
        request_key(track, early[i]);
    }
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer data)
{
    Track *track = data;
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer(sample) : NULL;
    int64_t time_us = 0;
    if (buffer == NULL || gst_buffer_get_size(buffer) == 0 ||
        gst_buffer_get_size(buffer) > MEDIA_MAX_UNIT_BYTES ||
        !timeline_of(track, sample, &time_us)) {
        return GST_FLOW_OK;
    }
    if (track->track == NULL && !make_track(track, gst_sample_get_caps(sample))) {
        return GST_FLOW_ERROR;
    }
    g_autoptr(MediaItem) unit = track->info.kind == MEDIA_VIDEO
                                    ? video_unit(buffer, time_us)
                                    : audio_unit(track, buffer, time_us);
    if (track->info.kind == MEDIA_VIDEO) {
        send_early_keys(track);
    }
    if (unit != NULL) {
        track->encode->events.unit(track->info.id, unit, track->encode->events.data);
    }
    return GST_FLOW_OK;
}

static void on_eos(GstAppSink *sink, gpointer data)
{
    (void)sink;
    Track *track = data;
    atomic_store(&track->ended, true);
}

static void add_track(CaptureEncode *encode, GstElement *sink)
{
    Track *track = g_new0(Track, 1);
    track->encode = encode;
    pthread_mutex_init(&track->keys, NULL);
    track->info.id = (uint8_t)encode->count;
    read_name(GST_OBJECT_NAME(sink), &track->info);
    g_autoptr(GstElement) encoder = find_encoder(sink);
    if (encoder != NULL) {
        track->info.bitrate = bitrate_of(encoder, track->info.kind);
    }
    track->encoder = encoder; // borrowed
    g_object_set(sink, "sync", FALSE, "async", FALSE, "enable-last-sample", FALSE, NULL);
    GstAppSinkCallbacks callbacks = {.eos = on_eos, .new_sample = on_sample};
    gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, track, NULL);
    encode->tracks[encode->count++] = track;
}

static GstElement *take_source(GstElement *pipeline, const char *name, GstCaps *caps)
{
    GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline), name);
    g_object_set(source, "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE, "block", FALSE,
                 "max-bytes", (guint64)0, "max-buffers", (guint64)0, "max-time", (guint64)0, NULL);
    gst_caps_unref(caps);
    return source;
}

static GstBusSyncReply on_bus(GstBus *bus, GstMessage *message, gpointer data)
{
    (void)bus;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        g_autoptr(GError) error = NULL;
        gst_message_parse_error(message, &error, NULL);
        g_autofree char *text = g_strdup_printf("The encoder stopped: %s (%s).", error->message,
                                                GST_MESSAGE_SRC_NAME(message));
        report(data, text);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

CaptureEncode *capture_encode_new(const char *pipelines_dir, const char *name, int64_t start_us,
                                  const CaptureEncodeEvents *events, GError **error)
{
    g_autoptr(GPtrArray) sinks = NULL;
    GstElement *pipeline = build(pipelines_dir, name, &sinks, error);
    if (pipeline == NULL) {
        return NULL;
    }
    CaptureEncode *encode = g_new0(CaptureEncode, 1);
    encode->pipeline = pipeline;
    encode->start_us = start_us;
    encode->events = *events;
    encode->video = take_source(pipeline, "video", capture_canvas_caps());
    encode->audio = take_source(pipeline, "audio",
                                gst_caps_new_simple("audio/x-raw", "format", G_TYPE_STRING, "S16LE",
                                                    "layout", G_TYPE_STRING, "interleaved", "rate",
                                                    G_TYPE_INT, CAPTURE_RATE, "channels",
                                                    G_TYPE_INT, CAPTURE_CHANNELS, NULL));
    for (unsigned i = 0; i < sinks->len; i++) {
        add_track(encode, sinks->pdata[i]);
    }
    g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
    gst_bus_set_sync_handler(bus, on_bus, encode, NULL);
    if (gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED,
                    "The encoder \"%s\" does not start: is its device there and free?", name);
        capture_encode_free(encode);
        return NULL;
    }
    return encode;
}

static bool drained(const CaptureEncode *encode)
{
    bool all = true;
    for (unsigned i = 0; i < encode->count; i++) {
        all = all && atomic_load(&encode->tracks[i]->ended);
    }
    return all;
}

static void drain(CaptureEncode *encode)
{
    gst_app_src_end_of_stream(GST_APP_SRC(encode->video));
    gst_app_src_end_of_stream(GST_APP_SRC(encode->audio));
    int64_t until = base_clock_us() + DRAIN_US;
    while (!drained(encode) && base_clock_us() < until) {
        g_usleep(2000);
    }
}

void capture_encode_free(CaptureEncode *encode)
{
    if (encode == NULL) {
        return;
    }
    drain(encode);
    gst_element_set_state(encode->pipeline, GST_STATE_NULL);
    for (unsigned i = 0; i < encode->count; i++) {
        g_clear_pointer(&encode->tracks[i]->track, media_track_unref);
        pthread_mutex_destroy(&encode->tracks[i]->keys);
        g_free(encode->tracks[i]);
    }
    gst_object_unref(encode->video);
    gst_object_unref(encode->audio);
    gst_object_unref(encode->pipeline);
    g_free(encode);
}

unsigned capture_encode_tracks(const CaptureEncode *encode)
{
    return encode->count;
}

uint32_t capture_encode_video_tracks(const CaptureEncode *encode)
{
    uint32_t tracks = 0;
    for (unsigned i = 0; i < encode->count; i++) {
        tracks |= encode->tracks[i]->info.kind == MEDIA_VIDEO ? UINT32_C(1) << i : 0;
    }
    return tracks;
}

static GstClockTime running_time(const CaptureEncode *encode, int64_t pts_us)
{
    return (GstClockTime)(pts_us - encode->start_us) * 1000;
}

/* GstVideoEncoder 1.22 would take the request's time for 1000 h and ignore later ones. */
void capture_encode_key(CaptureEncode *encode, uint8_t track_id, int64_t pts_us)
{
    Track *track = encode->tracks[track_id];
    GstClockTime at = running_time(encode, pts_us);
    pthread_mutex_lock(&track->keys);
    bool running = track->running;
    if (!running) {
        track->early_count = MIN(track->early_count + 1, MAX_EARLY);
        track->early[track->early_count - 1] = at;
    }
    pthread_mutex_unlock(&track->keys);
    if (running) {
        request_key(track, at);
    }
}

unsigned capture_encode_waiting(const CaptureEncode *encode)
{
    return (unsigned)gst_app_src_get_current_level_buffers(GST_APP_SRC(encode->video));
}

void capture_encode_video(CaptureEncode *encode, GstBuffer *frame, int64_t k)
{
    int64_t pts_us = capture_frame_pts(k);
    frame = gst_buffer_make_writable(frame);
    GST_BUFFER_PTS(frame) = running_time(encode, pts_us);
    GST_BUFFER_DTS(frame) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION(frame) = (GstClockTime)(capture_frame_pts(k + 1) - pts_us) * 1000;
    GST_BUFFER_FLAG_UNSET(frame, GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC);
    gst_app_src_push_buffer(GST_APP_SRC(encode->video), frame);
}

void capture_encode_audio(CaptureEncode *encode, const int16_t *samples, int64_t at, int64_t count)
{
    size_t size = (size_t)count * CAPTURE_CHANNELS * sizeof *samples;
    GstBuffer *buffer = gst_buffer_new_memdup(samples, size);
    int64_t from = at - capture_samples_at(encode->start_us);
    GST_BUFFER_PTS(buffer) = gst_util_uint64_scale((guint64)from, GST_SECOND, CAPTURE_RATE);
    GST_BUFFER_DURATION(buffer) =
        gst_util_uint64_scale((guint64)(from + count), GST_SECOND, CAPTURE_RATE) -
        GST_BUFFER_PTS(buffer);
    gst_app_src_push_buffer(GST_APP_SRC(encode->audio), buffer);
}

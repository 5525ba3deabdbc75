// SPDX-License-Identifier: GPL-3.0-or-later
// Passes publishers' packets to pipelines.
#include "capture/source/published.h"

#include "base/loop.h"
#include "capture/source/private.h"
#include "media/input.h"
#include "media/trouble.h"

#include <errno.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_PACKETS 512 // then the oldest goes
#define TRANSPORT_URI "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

typedef struct {
    bool published;
    MediaInputFormat format;
    CaptureSource *source; // NULL: nobody
    GstAppSrc *rtp, *rtcp; // full references
} Input;

static struct {
    int fd; // -1: none
    int stop_fd;
    pthread_t thread;
    pthread_mutex_t mutex; // for the rest
    Input inputs[MEDIA_INPUTS];
} all = {.fd = -1, .mutex = PTHREAD_MUTEX_INITIALIZER};

static void push(GstAppSrc *to, const uint8_t *bytes, size_t size)
{
    gst_app_src_push_buffer(to, gst_buffer_new_memdup(bytes, size));
}

/* Its pipeline cannot follow another publisher's SSRCs. */
static void fail_reader(const Input *input)
{
    if (input->source != NULL) {
        capture_source_fail(input->source, media_trouble_text(MEDIA_TROUBLE_NOT_PUBLISHED));
    }
}

static void take(const uint8_t *bytes, size_t size)
{
    MediaInputType type;
    unsigned number = 0;
    if (!media_input_read(bytes, size, &type, &number)) {
        return;
    }
    Input *input = &all.inputs[number];
    const uint8_t *payload = bytes + MEDIA_INPUT_HEADER_BYTES;
    size -= MEDIA_INPUT_HEADER_BYTES;
    switch (type) {
    case MEDIA_INPUT_BEGIN:
        memcpy(&input->format, payload, sizeof input->format);
        input->published = true;
        fail_reader(input);
        break;
    case MEDIA_INPUT_END:
        input->published = false;
        fail_reader(input);
        break;
    case MEDIA_INPUT_RTP:
        if (input->source != NULL) {
            push(input->rtp, payload, size);
        }
        break;
    case MEDIA_INPUT_RTCP:
        if (input->source != NULL) {
            push(input->rtcp, payload, size);
        }
        break;
    }
}

static void *run(void *data)
{
    (void)data;
    uint8_t bytes[MEDIA_INPUT_MAX_BYTES];
    struct pollfd polls[] = {{.fd = all.fd, .events = POLLIN},
                             {.fd = all.stop_fd, .events = POLLIN}};
    while (poll(polls, G_N_ELEMENTS(polls), -1) >= 0 || errno == EINTR) {
        if (polls[1].revents != 0) {
            break;
        }
        ssize_t size = recv(all.fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
            break; // the server is gone
        }
        if (size > 0) {
            pthread_mutex_lock(&all.mutex);
            take(bytes, (size_t)size);
            pthread_mutex_unlock(&all.mutex);
        }
    }
    return NULL;
}

void capture_published_start(int fd)
{
    all.fd = fd;
    all.stop_fd = base_event_fd_new();
    base_thread_start(&all.thread, run, NULL);
}

void capture_published_stop(void)
{
    if (all.fd >= 0) {
        uint64_t one = 1;
        ssize_t written = write(all.stop_fd, &one, sizeof one);
        (void)written;
        pthread_join(all.thread, NULL);
        close(all.fd);
        close(all.stop_fd);
        all.fd = -1;
    }
}

static void add_transport(GstCaps *caps, unsigned id)
{
    if (id != 0) {
        g_autofree char *name = g_strdup_printf("extmap-%u", id);
        gst_caps_set_simple(caps, name, G_TYPE_STRING, TRANSPORT_URI, "rtcp-fb-transport-cc",
                            G_TYPE_BOOLEAN, TRUE, NULL);
    }
}

static GstCaps *make_caps(const MediaInputFormat *format, bool video)
{
    GstCaps *caps = gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, video ? "video" : "audio", "clock-rate",
        G_TYPE_INT, video ? 90000 : 48000, "encoding-name", G_TYPE_STRING,
        !video                             ? "OPUS"
        : format->video == MEDIA_INPUT_VP8 ? "VP8"
                                           : "H264",
        "payload", G_TYPE_INT, video ? format->video_format : format->audio_format, NULL);
    if (video) {
        gst_caps_set_simple(caps, "rtcp-fb-nack", G_TYPE_BOOLEAN, TRUE, "rtcp-fb-nack-pli",
                            G_TYPE_BOOLEAN, TRUE, NULL);
    } else {
        gst_caps_set_simple(caps, "encoding-params", G_TYPE_STRING, "2", "sprop-stereo",
                            G_TYPE_STRING, "1", NULL);
    }
    add_transport(caps, video ? format->video_transport : format->audio_transport);
    return caps;
}

/* Others are dropped. */
static GstCaps *on_payload(GstElement *rtpbin, guint session, guint payload, gpointer data)
{
    (void)rtpbin;
    (void)session;
    const MediaInputFormat *format = data;
    if (format->video != MEDIA_INPUT_NO_VIDEO && payload == format->video_format) {
        return make_caps(format, true);
    }
    return format->audio && payload == format->audio_format ? make_caps(format, false) : NULL;
}

/* Depayloaders ask for key frames. */
static void on_element(GstBin *pipeline, GstBin *bin, GstElement *element, gpointer data)
{
    (void)pipeline;
    (void)bin;
    (void)data;
    static const char *const wanted[] = {"request-keyframe", "wait-for-keyframe"};
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), wanted[i]) != NULL) {
            g_object_set(element, wanted[i], TRUE, NULL);
        }
    }
}

/* Streaming thread. */
static GstFlowReturn on_report(GstAppSink *sink, gpointer data)
{
    g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
    GstBuffer *buffer = sample != NULL ? gst_sample_get_buffer(sample) : NULL;
    GstMapInfo map;
    if (buffer != NULL && gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        media_input_send(all.fd, MEDIA_INPUT_RTCP, GPOINTER_TO_UINT(data), map.data, map.size);
        gst_buffer_unmap(buffer, &map);
    }
    return GST_FLOW_OK;
}

/* Full reference. */
static GstAppSrc *open_way(GstElement *pipeline, const char *name, const char *caps_text)
{
    GstElement *way = gst_bin_get_by_name(GST_BIN(pipeline), name);
    g_autoptr(GstCaps) caps = gst_caps_from_string(caps_text);
    g_object_set(way, "caps", caps, "is-live", TRUE, "do-timestamp", TRUE, "format",
                 GST_FORMAT_TIME, "max-buffers", (guint64)WAITING_PACKETS, "max-bytes", (guint64)0,
                 "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, NULL);
    return GST_APP_SRC(way);
}

static void connect_pipeline(GstElement *pipeline, unsigned number, Input *input)
{
    g_autoptr(GstElement) rtpbin = gst_bin_get_by_name(GST_BIN(pipeline), "rtp");
    g_autoptr(GstElement) reports = gst_bin_get_by_name(GST_BIN(pipeline), "reports");
    GstAppSinkCallbacks callbacks = {.new_sample = on_report};
    g_signal_connect_data(rtpbin, "request-pt-map", G_CALLBACK(on_payload),
                          g_memdup2(&input->format, sizeof input->format),
                          (GClosureNotify)(void (*)(void))g_free, 0);
    g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(on_element), NULL);
    gst_app_sink_set_callbacks(GST_APP_SINK(reports), &callbacks, GUINT_TO_POINTER(number), NULL);
    input->rtp = open_way(pipeline, "packets", "application/x-rtp");
    input->rtcp = open_way(pipeline, "sender-reports", "application/x-rtcp");
}

static void leave(Input *input)
{
    input->source = NULL;
    gst_clear_object(&input->rtp);
    gst_clear_object(&input->rtcp);
}

bool capture_published_attach(CaptureSource *source, unsigned number, GstElement *pipeline)
{
    Input *input = &all.inputs[number];
    pthread_mutex_lock(&all.mutex);
    bool published = input->published;
    if (published) {
        leave(input);
        connect_pipeline(pipeline, number, input);
        input->source = source;
    }
    pthread_mutex_unlock(&all.mutex);
    return published;
}

void capture_published_detach(CaptureSource *source, unsigned number)
{
    Input *input = &all.inputs[number];
    pthread_mutex_lock(&all.mutex);
    if (input->source == source) {
        leave(input);
    }
    pthread_mutex_unlock(&all.mutex);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Passes publishers' packets to the child, reports back.
#include "live/programme/inputs.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/refs.h"

#include <glib-unix.h>
#include <pthread.h>
#include <string.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#define SILENT_US (4 * BASE_US_PER_S) // then the input is free
#define SOCKET_BUFFER_BYTES (2 << 20)

typedef struct {
    LiveInputs *inputs;
    unsigned input;
    char *owner;
    bool takeover;
    atomic_int_fast64_t heard_us; // clock; the answer, then each packet
    char *id;                     // rtc's; NULL: not answered yet
    RtcAnswerFunc func;
    void *data;
} Publisher;

/* Of the newest that connected. */
typedef struct {
    Publisher *from; // NULL: none
    MediaInputFormat format;
    uint64_t packets, bytes, dropped;
} Flow;

struct LiveInputs {
    BaseRefs refs; // one per publisher
    char *session;
    RtcServer *rtc;
    Publisher *taken[MEDIA_INPUTS];
    GSource *readable;

    pthread_mutex_t mutex; // for the rest
    int fd;                // -1: no child
    Flow flows[MEDIA_INPUTS];
};

LiveInputs *live_inputs_new(const char *session, RtcServer *rtc)
{
    LiveInputs *inputs = g_new0(LiveInputs, 1);
    base_refs_init(&inputs->refs);
    inputs->session = g_strdup(session);
    inputs->rtc = rtc;
    pthread_mutex_init(&inputs->mutex, NULL);
    inputs->fd = -1;
    return inputs;
}

static void inputs_unref(LiveInputs *inputs)
{
    if (base_refs_dec(&inputs->refs)) {
        pthread_mutex_destroy(&inputs->mutex);
        g_free(inputs->session);
        g_free(inputs);
    }
}

static void leave_child(LiveInputs *inputs)
{
    if (inputs->readable != NULL) {
        g_source_destroy(inputs->readable);
        g_clear_pointer(&inputs->readable, g_source_unref);
    }
    pthread_mutex_lock(&inputs->mutex);
    if (inputs->fd >= 0) {
        close(inputs->fd);
    }
    inputs->fd = -1;
    pthread_mutex_unlock(&inputs->mutex);
}

void live_inputs_free(LiveInputs *inputs)
{
    if (inputs != NULL) {
        leave_child(inputs);
        inputs_unref(inputs);
    }
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    LiveInputs *inputs = data;
    uint8_t bytes[MEDIA_INPUT_MAX_BYTES];
    for (ssize_t size; (size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;) {
        MediaInputType type;
        unsigned input = 0;
        if (!media_input_read(bytes, (size_t)size, &type, &input) || type != MEDIA_INPUT_RTCP) {
            continue;
        }
        const Publisher *to = inputs->taken[input];
        if (to != NULL && to->id != NULL) {
            rtc_publisher_report(inputs->rtc, to->id, bytes + MEDIA_INPUT_HEADER_BYTES,
                                 (size_t)size - MEDIA_INPUT_HEADER_BYTES);
        }
    }
    return (condition & G_IO_HUP) == 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

int live_inputs_renew(LiveInputs *inputs)
{
    leave_child(inputs);
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
        return -1;
    }
    int size = SOCKET_BUFFER_BYTES;
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    inputs->readable = g_unix_fd_source_new(fds[0], G_IO_IN | G_IO_HUP);
    g_source_set_callback(inputs->readable, G_SOURCE_FUNC(on_readable), inputs, NULL);
    g_source_attach(inputs->readable, NULL);
    pthread_mutex_lock(&inputs->mutex);
    inputs->fd = fds[0];
    for (unsigned i = 0; i < MEDIA_INPUTS; i++) {
        if (inputs->flows[i].from != NULL) {
            media_input_send(inputs->fd, MEDIA_INPUT_BEGIN, i, &inputs->flows[i].format,
                             sizeof inputs->flows[i].format);
        }
    }
    pthread_mutex_unlock(&inputs->mutex);
    return fds[1];
}

static void publisher_free(Publisher *publisher)
{
    inputs_unref(publisher->inputs);
    g_free(publisher->owner);
    g_free(publisher->id);
    g_free(publisher);
}

/* Rtc-in, and the next two. */
static void on_connected(void *data, const MediaInputFormat *format)
{
    Publisher *publisher = data;
    LiveInputs *inputs = publisher->inputs;
    pthread_mutex_lock(&inputs->mutex);
    inputs->flows[publisher->input] = (Flow){.from = publisher, .format = *format};
    media_input_send(inputs->fd, MEDIA_INPUT_BEGIN, publisher->input, format, sizeof *format);
    pthread_mutex_unlock(&inputs->mutex);
}

static void on_packet(void *data, bool rtcp, const uint8_t *bytes, size_t size)
{
    Publisher *publisher = data;
    LiveInputs *inputs = publisher->inputs;
    MediaInputType type = rtcp ? MEDIA_INPUT_RTCP : MEDIA_INPUT_RTP;
    atomic_store_explicit(&publisher->heard_us, base_clock_us(), memory_order_relaxed);
    pthread_mutex_lock(&inputs->mutex);
    Flow *flow = &inputs->flows[publisher->input];
    if (flow->from == publisher) {
        flow->packets++;
        flow->bytes += size;
        flow->dropped += !media_input_send(inputs->fd, type, publisher->input, bytes, size);
    }
    pthread_mutex_unlock(&inputs->mutex);
}

/* Main thread. */
static void on_ended_main(void *data)
{
    Publisher *publisher = data;
    Publisher **taken = &publisher->inputs->taken[publisher->input];
    if (*taken == publisher) { // not taken over
        *taken = NULL;
        base_log(G_LOG_LEVEL_MESSAGE, publisher->inputs->session,
                 "the publisher of input \"%s\" left", media_input_name(publisher->input));
    }
    publisher_free(publisher);
}

static void on_ended(void *data)
{
    Publisher *publisher = data;
    LiveInputs *inputs = publisher->inputs;
    pthread_mutex_lock(&inputs->mutex);
    Flow *flow = &inputs->flows[publisher->input];
    if (flow->from == publisher) {
        flow->from = NULL;
        media_input_send(inputs->fd, MEDIA_INPUT_END, publisher->input, NULL, 0);
    }
    pthread_mutex_unlock(&inputs->mutex);
    base_post(NULL, on_ended_main, publisher);
}

/* Its consent may last longer. */
static bool is_silent(Publisher *publisher)
{
    int64_t heard_us = atomic_load_explicit(&publisher->heard_us, memory_order_relaxed);
    return base_clock_us() - heard_us > SILENT_US;
}

static bool may_take(const Publisher *publisher, GError **error)
{
    Publisher *before = publisher->inputs->taken[publisher->input];
    if (before == NULL || publisher->takeover || is_silent(before) ||
        strcmp(before->owner, publisher->owner) == 0) {
        return true;
    }
    return base_refuse(error, BASE_CODE_INPUT_TAKEN, NULL, NULL,
                       "Somebody else publishes this input. Staff can take it over.");
}

static void refuse(Publisher *publisher, const GError *error)
{
    publisher->func(publisher->data, NULL, error);
    publisher_free(publisher);
}

/* Only a good offer ends the earlier publisher. */
static void on_answered(void *data, RtcAnswer *answer, const GError *error)
{
    Publisher *publisher = data;
    LiveInputs *inputs = publisher->inputs;
    if (answer == NULL) {
        refuse(publisher, error);
        return;
    }
    publisher->id = g_strdup(answer->id);
    atomic_store(&publisher->heard_us, base_clock_us());
    g_autoptr(GError) taken = NULL;
    if (!may_take(publisher, &taken)) { // meanwhile; `ended` frees it
        rtc_viewer_remove(inputs->rtc, publisher->id);
        rtc_answer_free(answer);
        publisher->func(publisher->data, NULL, taken);
        return;
    }
    Publisher *before = inputs->taken[publisher->input];
    if (before != NULL) {
        rtc_viewer_remove(inputs->rtc, before->id);
    }
    inputs->taken[publisher->input] = publisher;
    base_log(G_LOG_LEVEL_MESSAGE, inputs->session, "input \"%s\" is published over WHIP",
             media_input_name(publisher->input));
    publisher->func(publisher->data, answer, NULL); // takes it
}

void live_inputs_publish(LiveInputs *inputs, RtcStream *stream, const char *offer, size_t size,
                         const LivePublish *publish, RtcAnswerFunc func, void *data)
{
    Publisher *publisher = g_new0(Publisher, 1);
    *publisher = (Publisher){.inputs = inputs,
                             .input = publish->input,
                             .owner = g_strdup(publish->owner),
                             .takeover = publish->takeover,
                             .func = func,
                             .data = data};
    base_refs_inc(&inputs->refs);
    g_autoptr(GError) error = NULL;
    if (!may_take(publisher, &error)) {
        refuse(publisher, error);
        return;
    }
    RtcPublisherConfig config = {
        .owner = publish->owner,
        .right = publish->right,
        .events = {
            .connected = on_connected, .packet = on_packet, .ended = on_ended, .data = publisher}};
    rtc_publisher_add(stream, offer, size, &config, NULL, on_answered, publisher);
}

void live_inputs_state(LiveInputs *inputs, LiveInputState out[MEDIA_INPUTS])
{
    pthread_mutex_lock(&inputs->mutex);
    for (unsigned i = 0; i < MEDIA_INPUTS; i++) {
        const Flow *flow = &inputs->flows[i];
        out[i] = (LiveInputState){.taken = inputs->taken[i] != NULL,
                                  .connected = flow->from != NULL && !is_silent(flow->from),
                                  .packets = flow->packets,
                                  .bytes = flow->bytes,
                                  .dropped = flow->dropped};
    }
    pthread_mutex_unlock(&inputs->mutex);
}

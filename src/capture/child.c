// SPDX-License-Identifier: GPL-3.0-or-later
// The main function of the capture child.
#include "capture/capture.h"

#include "base/priority.h"
#include "capture/programme.h"
#include "capture/scene/scene.h"
#include "capture/source/published.h"
#include "capture/source/source.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_LIMIT_S 5 // then the server counts as dead
#define SEND_BUFFER_BYTES (4 << 20)
#define END_LIMIT_S 4 // a hanging driver is cut short
#define CLOSE_LIMIT_US (500 * BASE_US_PER_MS)

typedef struct {
    int fd, inputs; // -1: none
    CaptureClock clock;
    int64_t keyframe_us;
    int64_t loudness;                         // -LUFS; 0: off
    const char *encoder, *pipelines, *slides; // `slides`: nullable
} Options;

typedef struct {
    Options options;
    MediaWireReceiver *receiver;
    CaptureOut *out;
    GPtrArray *scenes; // until the programme has them
    CaptureCaption *caption;
    CaptureEncode *encode;
    CaptureProgramme *programme;
    int wake_fd; // readable after a failure
    pthread_mutex_t mutex;
    char *failure;
} Child;

static bool read_number(const char *text, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    long long value = text != NULL ? strtoll(text, &end, 10) : -1;
    *out = value;
    return errno == 0 && end != NULL && end != text && *end == '\0' && value >= 0;
}

static bool read_option(Options *options, const char *name, const char *value)
{
    int64_t number = 0;
    bool numeric = read_number(value, &number);
    if (g_str_equal(name, "--encoder")) {
        options->encoder = value;
        return true;
    }
    if (g_str_equal(name, "--pipelines")) {
        options->pipelines = value;
        return true;
    }
    if (g_str_equal(name, "--slides")) {
        options->slides = value;
        return true;
    }
    if (g_str_equal(name, "--fd") && numeric && number <= INT32_MAX) {
        options->fd = (int)number;
        return true;
    }
    if (g_str_equal(name, "--inputs") && numeric && number <= INT32_MAX) {
        options->inputs = (int)number;
        return true;
    }
    int64_t *target = g_str_equal(name, "--clock-us")      ? &options->clock.clock_us
                      : g_str_equal(name, "--start-us")    ? &options->clock.start_us
                      : g_str_equal(name, "--keyframe-ms") ? &options->keyframe_us
                      : g_str_equal(name, "--loudness")    ? &options->loudness
                                                           : NULL;
    if (target == NULL || !numeric) {
        return false;
    }
    *target = target == &options->keyframe_us ? number * BASE_US_PER_MS : number;
    return true;
}

static bool read_options(Options *options, int argc, char **argv)
{
    *options =
        (Options){.fd = -1, .inputs = -1, .keyframe_us = 2 * BASE_US_PER_S, .clock = {-1, -1}};
    for (int i = 0; i < argc; i += 2) {
        if (i + 1 >= argc || !read_option(options, argv[i], argv[i + 1])) {
            fprintf(stderr, "majlis capture: unknown or bad option %s\n", argv[i]);
            return false;
        }
    }
    if (options->fd < 0 || options->clock.clock_us < 0 || options->clock.start_us < 0 ||
        options->keyframe_us < 100 * BASE_US_PER_MS || options->encoder == NULL ||
        options->pipelines == NULL) {
        fprintf(stderr, "majlis capture: it is the server's own child and needs --fd, --clock-us, "
                        "--start-us, --encoder and --pipelines\n");
        return false;
    }
    return true;
}

/* Signals are the server's. */
static void settle_process(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    base_priority_raise(BASE_NICE_CAPTURE);
}

static void settle_socket(int fd)
{
    struct timeval limit = {.tv_sec = SEND_LIMIT_S};
    int size = SEND_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

static void on_failed(const char *text, void *data)
{
    Child *child = data;
    pthread_mutex_lock(&child->mutex);
    if (child->failure == NULL) {
        child->failure = g_strdup(text);
        eventfd_write(child->wake_fd, 1);
    }
    pthread_mutex_unlock(&child->mutex);
}

static void on_track(MediaTrack *track, void *data)
{
    Child *child = data;
    capture_out_track(child->out, track);
}

static void on_unit(uint8_t track_id, MediaItem *unit, void *data)
{
    Child *child = data;
    capture_out_send(child->out, &(MediaWireMessage){
                                     .type = MEDIA_WIRE_UNIT, .track_id = track_id, .unit = unit});
}

/* False: STOP. */
static bool obey(Child *child, const MediaWireMessage *message)
{
    switch (message->type) {
    case MEDIA_WIRE_KEY:
        capture_programme_key(child->programme, message->tracks);
        return true;
    case MEDIA_WIRE_MARK:
        capture_programme_mark(child->programme, message->mark);
        return true;
    case MEDIA_WIRE_SOURCE:
        if (message->text[0] != '\0') {
            capture_programme_source(child->programme, message->text);
        }
        return true;
    case MEDIA_WIRE_CAPTION:
        capture_caption_set(child->caption, message->caption);
        return true;
    case MEDIA_WIRE_STOP:
        return false;
    default:
        on_failed("The server sent a message that only goes up.", child);
        return true;
    }
}

static bool child_failed(Child *child)
{
    pthread_mutex_lock(&child->mutex);
    bool failed = child->failure != NULL;
    pthread_mutex_unlock(&child->mutex);
    return failed;
}

/* 0: STOP; -EPIPE: the socket ended; else -errno. */
static int serve(Child *child)
{
    int result = 1;
    while (result > 0) {
        MediaWireMessage message; // the first may have come with the source
        int got = 0;
        while (result > 0 &&
               (got = media_wire_receive(child->receiver, child->options.fd, &message)) > 0) {
            result = obey(child, &message) ? 1 : 0;
            media_wire_clear(&message);
        }
        result = got < 0 ? got : result;
        result = child_failed(child) ? -ECANCELED : result;
        if (result > 0) {
            struct pollfd polls[] = {{.fd = child->options.fd, .events = POLLIN},
                                     {.fd = child->wake_fd, .events = POLLIN}};
            poll(polls, G_N_ELEMENTS(polls), -1);
        }
    }
    return result;
}

/* The server's first message. False: none, or another. */
static bool await_source(Child *child, MediaWireMessage *out)
{
    int got = 0;
    while (got == 0) {
        struct pollfd waiting = {.fd = child->options.fd, .events = POLLIN};
        poll(&waiting, 1, -1);
        got = media_wire_receive(child->receiver, child->options.fd, out);
    }
    if (got > 0 && out->type != MEDIA_WIRE_SOURCE) {
        media_wire_clear(out);
        return false;
    }
    return got > 0;
}

static void enter_sandbox(const Options *options, const char *source)
{
    g_autofree char *lacks =
        capture_confine(options->pipelines, options->encoder, source, options->slides);
    if (lacks != NULL) {
        media_wire_send(options->fd,
                        &(MediaWireMessage){.type = MEDIA_WIRE_SANDBOX, .text = lacks});
    }
}

static bool child_start(Child *child, const MediaWireMessage *source, GError **error)
{
    const Options *options = &child->options;
    const MediaWireMessage opening = {.type = MEDIA_WIRE_OPENING};
    CaptureEncodeEvents events = {on_track, on_unit, on_failed, child};
    child->encode = capture_encode_new(options->pipelines, options->encoder,
                                       options->clock.start_us, &events, error);
    if (child->encode == NULL) {
        return false;
    }
    media_wire_send(options->fd, &opening); // the encoders exist
    child->out = capture_out_new(options->fd, capture_encode_tracks(child->encode));
    CaptureProgrammeConfig config = {
        .clock = options->clock,
        .keyframe_us = options->keyframe_us,
        .loudness = -(double)options->loudness,
        .pipelines_dir = options->pipelines,
        .titles = {g_getenv(MEDIA_WIRE_TITLE_AR), g_getenv(MEDIA_WIRE_TITLE_EN)},
        .scenes = g_steal_pointer(&child->scenes),
        .encode = child->encode,
        .caption = child->caption,
        .out = child->out,
        .failed = on_failed,
        .data = child,
    };
    child->programme = capture_programme_new(&config, error);
    if (child->programme != NULL) {
        obey(child, source);
    }
    return child->programme != NULL;
}

static void child_finish(Child *child)
{
    capture_programme_free(child->programme);
    capture_caption_free(child->caption);
    capture_encode_free(child->encode);
    capture_source_wait_all(CLOSE_LIMIT_US);
    capture_published_stop();
    capture_out_free(child->out);
    g_clear_pointer(&child->scenes, g_ptr_array_unref);
    media_wire_receiver_free(child->receiver);
    close(child->wake_fd);
    g_free(child->failure);
    pthread_mutex_destroy(&child->mutex);
}

static volatile sig_atomic_t end_status;

static void end_now(int signal_number)
{
    (void)signal_number;
    _exit(end_status);
}

static int say(Child *child, const char *text)
{
    MediaWireMessage failed = {.type = MEDIA_WIRE_FAILED, .text = (char *)text};
    fprintf(stderr, "majlis capture: %s\n", text);
    if (child->out != NULL) {
        capture_out_now(child->out, &failed);
    } else {
        media_wire_send(child->options.fd, &failed);
    }
    return 1;
}

static bool read_designs(Child *child, GError **error)
{
    child->scenes = capture_scenes_read(child->options.pipelines, error);
    CaptureCaptionStyles *styles =
        child->scenes != NULL ? capture_caption_styles_read(child->options.pipelines, error) : NULL;
    child->caption = styles != NULL ? capture_caption_new(styles) : NULL;
    return child->caption != NULL;
}

static bool child_open(Child *child, GError **error)
{
    if (!capture_init(error)) {
        return false;
    }
    media_wire_send(child->options.fd, &(MediaWireMessage){.type = MEDIA_WIRE_OPENING});
    MediaWireMessage source;
    if (!await_source(child, &source)) {
        _exit(0); // the server is gone
    }
    if (!read_designs(child, error)) {
        media_wire_clear(&source);
        return false;
    }
    enter_sandbox(&child->options, source.text);
    if (child->options.inputs >= 0) {
        capture_published_start(child->options.inputs);
    }
    bool started = child_start(child, &source, error);
    media_wire_clear(&source);
    return started;
}

int capture_main(int argc, char **argv)
{
    Child child = {.wake_fd = eventfd(0, EFD_CLOEXEC), .mutex = PTHREAD_MUTEX_INITIALIZER};
    g_autoptr(GError) error = NULL;
    if (!read_options(&child.options, argc, argv)) {
        return 1;
    }
    settle_process();
    settle_socket(child.options.fd);
    child.receiver = media_wire_receiver_new();
    if (!child_open(&child, &error)) {
        int status = say(&child, error->message);
        child_finish(&child);
        return status;
    }
    int result = serve(&child);
    if (result == -EPIPE || result == -ECONNRESET) {
        _exit(0); // the server is gone
    }
    int status = result == 0 ? 0 : 1;
    end_status = status;
    signal(SIGALRM, end_now);
    alarm(END_LIMIT_S);
    if (result != 0) {
        say(&child, result == -ECANCELED ? child.failure
                                         : "The server sent something that is not a message.");
    }
    child_finish(&child);
    return status;
}

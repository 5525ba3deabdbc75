// SPDX-License-Identifier: GPL-3.0-or-later
// Starts the capture child and restarts it when it dies or hangs.
#include "live/programme/child.h"

#include "base/clock.h"
#include "base/log.h"
#include "media/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHILD_FD 3
#define INPUTS_FD 4
#define HANG_US (5 * BASE_US_PER_S)          // without media
#define HANG_OPENING_US (25 * BASE_US_PER_S) // without a step of its start
#define OPENING_MAX_US (90 * BASE_US_PER_S)  // until media
#define SETTLED_US (30 * BASE_US_PER_S)      // plus two key frames: runs well
#define KILL_US (2 * BASE_US_PER_S)          // then it hangs in the kernel
#define LEFT_MAX 2
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000
#define SOCKET_BUFFER_BYTES (4 * 1024 * 1024)

struct LiveChild {
    LiveChildConfig config;
    char *session, *binary, *pipelines, *encoder, *slides, *titles[2];
    LiveChildEvents events;
    GSubprocess *process;
    GCancellable *cancellable;
    int64_t started_us;
    unsigned backoff_ms, restarts;
    char *trouble;     // nullable
    bool told;         // `trouble` is this run's
    int64_t killed_us; // of `process`; 0: not
    unsigned left;     // processes that cannot be killed
    bool told_left;    // that there are too many
    guint restart_timer, watch_timer;
};

static void start(LiveChild *child);

static gboolean on_restart(gpointer data)
{
    LiveChild *child = data;
    child->restart_timer = 0;
    child->restarts++;
    start(child);
    return G_SOURCE_REMOVE;
}

static bool settled(const LiveChild *child)
{
    int64_t keyframe_us = child->config.keyframe_ms * BASE_US_PER_MS;
    return base_clock_us() - child->started_us > SETTLED_US + 2 * keyframe_us;
}

/* Once per reason. */
static void note_trouble(LiveChild *child, const char *text)
{
    if (child->trouble == NULL || settled(child)) {
        base_log(G_LOG_LEVEL_WARNING, child->session, "%s", text);
    }
    g_free(child->trouble);
    child->trouble = g_strdup(text);
    child->told = true;
}

static void note_exit(LiveChild *child, GSubprocess *process)
{
    bool killed = g_subprocess_get_if_signaled(process);
    g_autofree char *text = g_strdup_printf(
        "The capture process ended unexpectedly (%s %d) and was started again.",
        killed ? "signal" : "exit status",
        killed ? g_subprocess_get_term_sig(process) : g_subprocess_get_exit_status(process));
    note_trouble(child, text);
}

static void start_later(LiveChild *child)
{
    if (settled(child)) {
        child->backoff_ms = BACKOFF_FIRST_MS;
    }
    base_log(G_LOG_LEVEL_INFO, child->session, "the capture child starts again in %u ms",
             child->backoff_ms);
    child->restart_timer = g_timeout_add(child->backoff_ms, on_restart, child);
    child->backoff_ms = MIN(child->backoff_ms * 2, BACKOFF_MAX_MS);
}

static void end_process(LiveChild *child)
{
    g_subprocess_force_exit(child->process);
    child->killed_us = child->killed_us != 0 ? child->killed_us : base_clock_us();
}

/* A process in the kernel's hands takes no signal: another takes its place. */
static void leave_process(LiveChild *child)
{
    bool many = child->left >= LEFT_MAX;
    if (many && child->told_left) {
        return;
    }
    g_autofree char *text = g_strdup_printf(
        "The capture process %s cannot be ended: it hangs in a device or on a disk. %s",
        g_subprocess_get_identifier(child->process),
        many ? "So do those before it, so no other is started until one of them ends: restart the "
               "machine."
             : "Another is started beside it. Restart the machine when no session is on.");
    g_clear_pointer(&child->trouble, g_free); // log it
    note_trouble(child, text);
    child->told_left = many;
    if (!many) {
        child->left++;
        g_clear_object(&child->process);
        start_later(child);
    }
}

static void on_exit_seen(GObject *object, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    if (!g_subprocess_wait_finish(G_SUBPROCESS(object), result, &error)) {
        return; // cancelled: `data` is gone
    }
    LiveChild *child = data;
    if (G_SUBPROCESS(object) != child->process) {
        child->left--;
        child->told_left = false;
        return;
    }
    g_clear_object(&child->process);
    if (!child->told) {
        note_exit(child, G_SUBPROCESS(object));
    }
    start_later(child);
}

/* Takes both descriptors; `inputs` may be -1. */
static GSubprocess *spawn(LiveChild *child, int fd, int inputs, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_subprocess_launcher_take_fd(launcher, fd, CHILD_FD);
    if (inputs >= 0) {
        g_subprocess_launcher_take_fd(launcher, inputs, INPUTS_FD);
    }
    g_subprocess_launcher_setenv(launcher, MEDIA_WIRE_TITLE_AR, child->titles[0], true);
    g_subprocess_launcher_setenv(launcher, MEDIA_WIRE_TITLE_EN, child->titles[1], true);
    g_autofree char *wire = g_strdup_printf("%d", CHILD_FD);
    g_autofree char *way = g_strdup_printf("%d", INPUTS_FD);
    g_autofree char *clock = g_strdup_printf("%" G_GINT64_FORMAT, child->config.clock_us);
    g_autofree char *start_us = g_strdup_printf("%" G_GINT64_FORMAT, child->config.start_us);
    g_autofree char *keyframe = g_strdup_printf("%u", child->config.keyframe_ms);
    g_autofree char *loudness = g_strdup_printf("%u", child->config.loudness);
    const char *argv[] = {child->binary,
                          "capture",
                          "--fd",
                          wire,
                          "--clock-us",
                          clock,
                          "--start-us",
                          start_us,
                          "--keyframe-ms",
                          keyframe,
                          "--loudness",
                          loudness,
                          "--encoder",
                          child->encoder,
                          "--pipelines",
                          child->pipelines,
                          "--slides",
                          child->slides,
                          inputs >= 0 ? "--inputs" : NULL,
                          way,
                          NULL};
    return g_subprocess_launcher_spawnv(launcher, argv, error);
}

static void not_started(LiveChild *child, const char *why)
{
    g_autofree char *text =
        g_strdup_printf("The capture process cannot be started: %s. It is tried again.", why);
    note_trouble(child, text);
    start_later(child);
}

static void start(LiveChild *child)
{
    child->started_us = base_clock_us();
    child->told = false;
    child->killed_us = 0;
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
        not_started(child, g_strerror(errno));
        return;
    }
    int size = SOCKET_BUFFER_BYTES;
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    g_autoptr(GError) error = NULL;
    int inputs = child->events.inputs != NULL ? child->events.inputs(child->events.data) : -1;
    child->process = spawn(child, fds[1], inputs, &error);
    if (child->process == NULL) {
        close(fds[0]);
        not_started(child, error->message);
        return;
    }
    g_subprocess_wait_async(child->process, child->cancellable, on_exit_seen, child);
    child->events.started(child->events.data, fds[0]);
}

/* Any progress counts: encoders may open slowly. */
static const char *find_hang(const LiveChild *child)
{
    bool opening = false;
    int64_t heard_us = child->events.heard_us(child->events.data, &opening);
    int64_t now_us = base_clock_us();
    if (heard_us == 0) {
        return NULL;
    }
    if (opening && now_us - child->started_us > OPENING_MAX_US) {
        return "The encoders did not open in 90 s: the machine is too busy, or a device hangs. The "
               "programme is ended and started again.";
    }
    if (now_us - heard_us <= (opening ? HANG_OPENING_US : HANG_US)) {
        return NULL;
    }
    return opening ? "The capture process hangs at its start: it is ended and started again."
                   : "The capture process gave no picture and no sound for 5 s: it is ended and "
                     "started again.";
}

static gboolean on_watch(gpointer data)
{
    LiveChild *child = data;
    const char *hang = child->process != NULL && !child->told ? find_hang(child) : NULL;
    if (hang != NULL) {
        note_trouble(child, hang);
        end_process(child);
    }
    if (child->process != NULL && child->killed_us != 0 &&
        base_clock_us() - child->killed_us > KILL_US) {
        leave_process(child);
    }
    return G_SOURCE_CONTINUE;
}

LiveChild *live_child_new(const LiveChildConfig *config, const LiveChildEvents *events)
{
    LiveChild *child = g_new0(LiveChild, 1);
    child->config = *config;
    child->session = g_strdup(config->session);
    child->binary = g_strdup(config->binary);
    child->pipelines = g_strdup(config->pipelines);
    child->slides = g_strdup(config->slides != NULL ? config->slides : "");
    child->encoder = g_strdup(config->encoder);
    for (unsigned i = 0; i < G_N_ELEMENTS(child->titles); i++) {
        child->titles[i] = g_strdup(config->titles[i] != NULL ? config->titles[i] : "");
    }
    child->events = *events;
    child->cancellable = g_cancellable_new();
    child->backoff_ms = BACKOFF_FIRST_MS;
    child->watch_timer = g_timeout_add(1000, on_watch, child);
    start(child);
    return child;
}

void live_child_free(LiveChild *child)
{
    if (child == NULL) {
        return;
    }
    g_cancellable_cancel(child->cancellable);
    g_object_unref(child->cancellable);
    g_clear_handle_id(&child->restart_timer, g_source_remove);
    g_source_remove(child->watch_timer);
    if (child->process != NULL) {
        g_subprocess_force_exit(child->process);
        g_object_unref(child->process);
    }
    g_free(child->session);
    g_free(child->binary);
    g_free(child->pipelines);
    g_free(child->slides);
    g_free(child->encoder);
    g_free(child->titles[0]);
    g_free(child->titles[1]);
    g_free(child->trouble);
    g_free(child);
}

void live_child_lost(LiveChild *child, bool current, const char *text)
{
    if (text != NULL) {
        note_trouble(child, text);
    }
    child->told = current && child->told;
    if (current && child->process != NULL) {
        end_process(child);
    }
}

const char *live_child_trouble(const LiveChild *child)
{
    return child->process == NULL || !settled(child) ? child->trouble : NULL;
}

int live_child_pid(const LiveChild *child)
{
    const char *id = child->process != NULL ? g_subprocess_get_identifier(child->process) : NULL;
    return id != NULL ? atoi(id) : 0;
}

unsigned live_child_restarts(const LiveChild *child)
{
    return child->restarts;
}

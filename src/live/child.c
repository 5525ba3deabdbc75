// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/child.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHILD_FD 3
#define HANG_US (5 * BASE_US_PER_S)
#define HANG_AT_START_US (20 * BASE_US_PER_S)
#define HEALTHY_US (10 * BASE_US_PER_S)
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000
#define SOCKET_BUFFER_BYTES (4 * 1024 * 1024)

struct LiveChild {
    LiveChildConfig config;
    char *binary, *pipelines, *encoder;
    LiveChildEvents events;
    GSubprocess *process;
    GCancellable *cancellable;
    int64_t started_us;
    unsigned backoff_ms, restarts;
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

static void start_later(LiveChild *child)
{
    if (base_clock_us() - child->started_us > HEALTHY_US) {
        child->backoff_ms = BACKOFF_FIRST_MS;
    }
    child->restart_timer = g_timeout_add(child->backoff_ms, on_restart, child);
    child->backoff_ms = MIN(child->backoff_ms * 2, BACKOFF_MAX_MS);
}

static void on_exit_seen(GObject *object, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    if (!g_subprocess_wait_finish(G_SUBPROCESS(object), result, &error)) {
        return; // cancelled: `data` is gone
    }
    LiveChild *child = data;
    g_clear_object(&child->process);
    g_warning("the capture child ended; starting it again in %u ms", child->backoff_ms);
    start_later(child);
}

static GSubprocess *spawn(LiveChild *child, int fd, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_subprocess_launcher_take_fd(launcher, fd, CHILD_FD);
    g_autofree char *wire = g_strdup_printf("%d", CHILD_FD);
    g_autofree char *clock = g_strdup_printf("%" G_GINT64_FORMAT, child->config.clock_us);
    g_autofree char *start_us = g_strdup_printf("%" G_GINT64_FORMAT, child->config.start_us);
    g_autofree char *keyframe = g_strdup_printf("%u", child->config.keyframe_ms);
    const char *argv[] = {child->binary, "capture",        "--fd",
                          wire,          "--clock-us",     clock,
                          "--start-us",  start_us,         "--keyframe-ms",
                          keyframe,      "--encoder",      child->encoder,
                          "--pipelines", child->pipelines, NULL};
    return g_subprocess_launcher_spawnv(launcher, argv, error);
}

static void start(LiveChild *child)
{
    child->started_us = base_clock_us();
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
        g_warning("no socket for the capture child: %s", g_strerror(errno));
        start_later(child);
        return;
    }
    int size = SOCKET_BUFFER_BYTES;
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    g_autoptr(GError) error = NULL;
    child->process = spawn(child, fds[1], &error); // takes fds[1]
    if (child->process == NULL) {
        g_warning("the capture child cannot be started: %s", error->message);
        close(fds[0]);
        start_later(child);
        return;
    }
    g_subprocess_wait_async(child->process, child->cancellable, on_exit_seen, child);
    child->events.started(child->events.data, fds[0]);
}

static gboolean on_watch(gpointer data)
{
    LiveChild *child = data;
    int64_t heard_us = child->events.heard_us(child->events.data);
    int64_t now_us = base_clock_us();
    int64_t allowed = heard_us <= child->started_us + BASE_US_PER_S ? HANG_AT_START_US : HANG_US;
    if (child->process != NULL && heard_us != 0 && now_us - heard_us > allowed) {
        g_warning("the capture child sent nothing for %d s; killing it",
                  (int)(allowed / BASE_US_PER_S));
        g_subprocess_force_exit(child->process);
    }
    return G_SOURCE_CONTINUE;
}

LiveChild *live_child_new(const LiveChildConfig *config, const LiveChildEvents *events)
{
    LiveChild *child = g_new0(LiveChild, 1);
    child->config = *config;
    child->binary = g_strdup(config->binary);
    child->pipelines = g_strdup(config->pipelines);
    child->encoder = g_strdup(config->encoder);
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
    g_free(child->binary);
    g_free(child->pipelines);
    g_free(child->encoder);
    g_free(child);
}

void live_child_lost(LiveChild *child)
{
    if (child->process != NULL) {
        g_subprocess_force_exit(child->process);
    }
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

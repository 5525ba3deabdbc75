// SPDX-License-Identifier: GPL-3.0-or-later
// The server's side of the child that renders.
#include "slides/child.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#define TICK_MS 250
#define READ_BYTES 65536
#define PIPE_BYTES (1 << 20)

/* Beside a busy programme it waits for its turn. */
const SlidesLimits slides_limits = {.cpu_s = 180,
                                    .letters_s = 90,
                                    .memory_mb = 1024,
                                    .silent_ms = 60 * 1000,
                                    .total_ms = 10 * 60 * 1000};

struct SlidesChild {
    SlidesChildEvents events;
    SlidesLimits limits;
    GSubprocess *process;
    GCancellable *cancellable;
    int fd; // its standard output
    GSource *reading, *ticking;
    SlidesReader *reader;
    int64_t started_us, heard_us;
    BaseCode refused; // by `message`
    bool crashed;
};

static void watch(SlidesChild *child, GSource **source, GSource *take, GSourceFunc func)
{
    *source = take;
    g_source_set_callback(take, func, child, NULL);
    g_source_attach(take, g_main_context_get_thread_default());
}

static void unwatch(GSource **source)
{
    if (*source != NULL) {
        g_source_destroy(*source);
        g_clear_pointer(source, g_source_unref);
    }
}

static void end(SlidesChild *child, BaseCode problem)
{
    unwatch(&child->reading);
    unwatch(&child->ticking);
    g_cancellable_cancel(child->cancellable);
    g_subprocess_force_exit(child->process);
    child->events.ended(child->events.data, problem);
}

static void on_message(void *data, const SlidesMessage *message)
{
    SlidesChild *child = data;
    if (child->refused == BASE_CODE_NONE) {
        child->refused = child->events.message(child->events.data, message);
    }
    child->heard_us = base_clock_us(); // a slow disk is not its fault
}

typedef enum { MORE, OVER, BROKEN } Got;

static Got read_some(SlidesChild *child)
{
    uint8_t bytes[READ_BYTES];
    ssize_t got = TEMP_FAILURE_RETRY(read(child->fd, bytes, sizeof bytes));
    if (got < 0) {
        return errno == EAGAIN ? OVER : BROKEN;
    }
    if (got == 0) {
        return OVER;
    }
    bool kept = slides_reader_feed(child->reader, bytes, (size_t)got, on_message, child);
    return kept && child->refused == BASE_CODE_NONE ? MORE : BROKEN;
}

static BaseCode problem_of_break(const SlidesChild *child)
{
    BaseCode told = slides_reader_problem(child->reader);
    return child->refused != BASE_CODE_NONE ? child->refused
           : told != BASE_CODE_NONE         ? told
                                            : BASE_CODE_SLIDES_FAILED;
}

static gboolean on_readable(int fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    SlidesChild *child = data;
    Got got = read_some(child);
    if (got == BROKEN) {
        end(child, problem_of_break(child));
        return G_SOURCE_REMOVE;
    }
    return got == MORE || (condition & G_IO_HUP) == 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean on_tick(gpointer data)
{
    SlidesChild *child = data;
    int64_t now_us = base_clock_us();
    if (now_us - child->heard_us > child->limits.silent_ms * BASE_US_PER_MS ||
        now_us - child->started_us > child->limits.total_ms * BASE_US_PER_MS) {
        end(child, BASE_CODE_SLIDES_TOO_HEAVY);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

/* poppler aborts where it gets no memory. */
static BaseCode problem_of_exit(SlidesChild *child)
{
    BaseCode told = slides_reader_problem(child->reader);
    if (told != BASE_CODE_NONE) {
        return told;
    }
    if (!g_subprocess_get_if_signaled(child->process)) {
        bool good = g_subprocess_get_exit_status(child->process) == 0;
        return good && slides_reader_is_done(child->reader) ? BASE_CODE_NONE
                                                            : BASE_CODE_SLIDES_FAILED;
    }
    int number = g_subprocess_get_term_sig(child->process);
    child->crashed = number == SIGSEGV || number == SIGBUS || number == SIGILL ||
                     number == SIGFPE || number == SIGABRT;
    return number == SIGXCPU || number == SIGABRT || number == SIGTRAP ? BASE_CODE_SLIDES_TOO_HEAVY
                                                                       : BASE_CODE_SLIDES_FAILED;
}

static void on_exit_seen(GObject *object, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    if (!g_subprocess_wait_finish(G_SUBPROCESS(object), result, &error)) {
        return; // cancelled: `data` is gone
    }
    SlidesChild *child = data;
    Got got;
    do {
        got = read_some(child);
    } while (got == MORE);
    end(child, got == BROKEN ? problem_of_break(child) : problem_of_exit(child));
}

/* Takes descriptors. */
static GSubprocess *spawn(const char *binary, const SlidesLimits *limits, int pdf, int out,
                          GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_subprocess_launcher_take_stdin_fd(launcher, pdf);
    g_subprocess_launcher_take_stdout_fd(launcher, out);
    g_autofree char *cpu = g_strdup_printf("%u", limits->cpu_s);
    g_autofree char *memory = g_strdup_printf("%u", limits->memory_mb);
    g_autofree char *letters = g_strdup_printf("%u", limits->letters_s);
    return g_subprocess_launcher_spawn(launcher, error, binary, "slides", "--cpu", cpu, "--memory",
                                       memory, "--letters", letters, NULL);
}

SlidesChild *slides_child_new(const char *binary, int pdf, const SlidesLimits *limits,
                              const SlidesChildEvents *events, GError **error)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "no pipe: %s", g_strerror(errno));
        close(pdf);
        return NULL;
    }
    g_autoptr(GSubprocess) process = spawn(binary, limits, pdf, fds[1], error);
    if (process == NULL) {
        close(fds[0]);
        return NULL;
    }
    fcntl(fds[0], F_SETPIPE_SZ, PIPE_BYTES);
    g_unix_set_fd_nonblocking(fds[0], TRUE, NULL);
    SlidesChild *child = g_new0(SlidesChild, 1);
    child->events = *events;
    child->limits = *limits;
    child->process = g_steal_pointer(&process);
    child->cancellable = g_cancellable_new();
    child->fd = fds[0];
    child->reader = slides_reader_new();
    child->started_us = child->heard_us = base_clock_us();
    watch(child, &child->reading, g_unix_fd_source_new(child->fd, G_IO_IN | G_IO_HUP),
          G_SOURCE_FUNC(on_readable));
    watch(child, &child->ticking, g_timeout_source_new(TICK_MS), on_tick);
    g_subprocess_wait_async(child->process, child->cancellable, on_exit_seen, child);
    return child;
}

bool slides_child_crashed(const SlidesChild *child)
{
    return child->crashed;
}

void slides_child_free(SlidesChild *child)
{
    if (child == NULL) {
        return;
    }
    unwatch(&child->reading);
    unwatch(&child->ticking);
    g_cancellable_cancel(child->cancellable);
    g_subprocess_force_exit(child->process);
    g_object_unref(child->cancellable);
    g_object_unref(child->process);
    slides_reader_free(child->reader);
    close(child->fd);
    g_free(child);
}

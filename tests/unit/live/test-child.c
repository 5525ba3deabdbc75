// SPDX-License-Identifier: GPL-3.0-or-later
// What keeps the capture child running: a program that does nothing stands in for it.
#include "base/clock.h"
#include "live/programme/child.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WAIT_US (10 * BASE_US_PER_S)

static unsigned warned;
static char *warning; // the last

static GLogWriterOutput on_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                               gpointer data)
{
    (void)data;
    for (gsize i = 0; (level & G_LOG_LEVEL_WARNING) != 0 && i < count; i++) {
        if (g_str_equal(fields[i].key, "MESSAGE")) {
            warned++;
            g_free(warning);
            warning = g_strdup(fields[i].value);
        }
    }
    return G_LOG_WRITER_HANDLED;
}

/* The one warning since the last call. */
static void expect_warning(const char *part)
{
    g_assert_cmpuint(warned, ==, 1);
    g_assert_nonnull(strstr(warning, part));
    warned = 0;
}

typedef struct {
    unsigned started;
    bool opening;
    int64_t silent_us; // since the last progress
} Fixture;

static void on_started(void *data, int fd)
{
    ((Fixture *)data)->started++;
    close(fd);
}

static int64_t on_heard(void *data, bool *out_opening)
{
    const Fixture *fixture = data;
    *out_opening = fixture->opening;
    return base_clock_us() - fixture->silent_us;
}

static void run_main(int64_t for_us)
{
    for (int64_t until = base_clock_us() + for_us; base_clock_us() < until;) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
}

static void wait_started(const Fixture *fixture, unsigned times)
{
    for (int64_t until = base_clock_us() + WAIT_US; fixture->started < times;) {
        g_assert_cmpint(base_clock_us(), <, until);
        run_main(1000);
    }
}

static bool deaf;

/* In place of libc's, as GSubprocess calls it: a process that takes no signal. */
int kill(pid_t pid, int number)
{
    return deaf ? 0 : (int)syscall(SYS_kill, pid, number);
}

static LiveChild *new_child(Fixture *fixture, const char *script, char **out_path)
{
    int fd = g_file_open_tmp("majlis-XXXXXX", out_path, NULL);
    g_assert_cmpint(write(fd, script, strlen(script)), ==, (ssize_t)strlen(script));
    g_assert_cmpint(fchmod(fd, 0700), ==, 0);
    close(fd);
    LiveChildConfig config = {
        .binary = *out_path, .pipelines = "none", .encoder = "none", .keyframe_ms = 2000};
    LiveChildEvents events = {.started = on_started, .heard_us = on_heard, .data = fixture};
    return live_child_new(&config, &events);
}

/* Six seconds of silence: while it still opens its encoders it is waited for. */
static void test_opening(void)
{
    Fixture fixture = {.opening = true, .silent_us = 6 * BASE_US_PER_S};
    g_autofree char *path = NULL;
    LiveChild *child = new_child(&fixture, "#!/bin/sh\nexec sleep 60\n", &path);
    run_main(1500 * BASE_US_PER_MS); // it is looked after each second
    g_assert_cmpuint(fixture.started, ==, 1);
    g_assert_null(live_child_trouble(child));
    fixture.opening = false;
    wait_started(&fixture, 2);
    expect_warning("no picture and no sound for 5 s");
    g_assert_nonnull(strstr(live_child_trouble(child), "no picture and no sound for 5 s"));
    live_child_free(child);
    g_unlink(path);
}

/* A child that ends at once, each time: one warning, and pauses that grow. */
static void test_back_off(void)
{
    Fixture fixture = {0};
    g_autofree char *path = NULL;
    int64_t begun_us = base_clock_us();
    LiveChild *child = new_child(&fixture, "#!/bin/sh\nexit 7\n", &path);
    wait_started(&fixture, 5);
    g_assert_cmpint(base_clock_us() - begun_us, >=, 1500 * BASE_US_PER_MS); // 0.1 + 0.2 + 0.4 + 0.8
    expect_warning("ended unexpectedly (exit status 7)");
    g_assert_nonnull(strstr(live_child_trouble(child), "exit status 7"));
    // the better reason stays, and one that comes late does not touch the next child
    live_child_lost(child, false, "The device is gone.");
    g_assert_cmpstr(live_child_trouble(child), ==, "The device is gone.");
    live_child_free(child);
    g_unlink(path);
}

/* A child that cannot be killed is told as such, and another takes its place; no more than two. */
static void test_unkillable(void)
{
    Fixture fixture = {.silent_us = 6 * BASE_US_PER_S};
    g_autofree char *path = NULL;
    pid_t pids[3];
    deaf = true;
    LiveChild *child = new_child(&fixture, "#!/bin/sh\nexec sleep 60\n", &path);
    for (unsigned i = 0; i < G_N_ELEMENTS(pids); i++) {
        pids[i] = live_child_pid(child);
        if (i < 2) {
            wait_started(&fixture, i + 2);
            g_assert_nonnull(strstr(live_child_trouble(child), "beside it"));
        }
    }
    for (int64_t until = base_clock_us() + WAIT_US;
         strstr(live_child_trouble(child), "until one of them ends") == NULL;) {
        g_assert_cmpint(base_clock_us(), <, until);
        run_main(1000);
    }
    g_assert_cmpuint(fixture.started, ==, 3);
    deaf = false;
    kill(pids[0], SIGKILL); // at last
    wait_started(&fixture, 4);
    warned = 0;
    live_child_free(child);
    kill(pids[1], SIGKILL);
    kill(pids[2], SIGKILL);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
    g_log_set_writer_func(on_log, NULL, NULL);
    g_test_add_func("/live/child/opening", test_opening);
    g_test_add_func("/live/child/back-off", test_back_off);
    g_test_add_func("/live/child/unkillable", test_unkillable);
    return g_test_run();
}

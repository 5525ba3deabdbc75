// SPDX-License-Identifier: GPL-3.0-or-later
// The log's two line formats, the sums of repeats, and the thread that writes.
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/repeats.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WALL_US (INT64_C(1764400000) * BASE_US_PER_S)

static const GLogField fields[] = {
    {"PRIORITY", "4", -1},          {"GLIB_DOMAIN", "GLib", -1},
    {BASE_LOG_SESSION, "s1", -1},   {BASE_LOG_VIEWER, "", -1},
    {BASE_LOG_REQUEST, "r\"7", -1}, {"MESSAGE", "session s1 is\n\"live\"", -1}};

static void test_text(void)
{
    g_autofree char *now = base_time_format(WALL_US);
    g_autofree char *expected =
        g_strdup_printf("%s warning GLib: session s1 is \"live\" request_id=r\"7", now);
    g_autofree char *line =
        base_log_line(BASE_LOG_TEXT, WALL_US, G_LOG_LEVEL_WARNING, fields, G_N_ELEMENTS(fields));
    g_assert_cmpstr(line, ==, expected); // one line; the session is in the message
}

static void expect_member(const json_t *json, const char *name, const char *value)
{
    g_assert_cmpstr(json_string_value(json_object_get(json, name)), ==, value);
}

static void test_json(void)
{
    g_autofree char *line =
        base_log_line(BASE_LOG_JSON, WALL_US, G_LOG_LEVEL_INFO, fields, G_N_ELEMENTS(fields));
    g_assert_null(strchr(line, '\n'));
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) json = base_json_parse_object(line, strlen(line), &error);
    g_assert_no_error(error);
    g_autofree char *now = base_time_format(WALL_US);
    expect_member(json, "time", now);
    expect_member(json, "level", "info");
    expect_member(json, "message", "session s1 is\n\"live\"");
    expect_member(json, "domain", "GLib");
    expect_member(json, "session", "s1");
    expect_member(json, "request_id", "r\"7");
    g_assert_cmpuint(json_object_size(json), ==, 6); // no empty viewer
}

/* What is not UTF-8 is still one line of JSON. */
static void test_bytes(void)
{
    const GLogField bad[] = {{"MESSAGE", "\xff\xfe", -1}};
    g_autofree char *line = base_log_line(BASE_LOG_JSON, WALL_US, G_LOG_LEVEL_MESSAGE, bad, 1);
    g_autoptr(json_t) json = base_json_parse_object(line, strlen(line), NULL);
    g_assert_nonnull(json);
}

static unsigned sums, counted;
static char *newest;

static void on_sum(void *item, unsigned count, void *data)
{
    g_assert_null(data);
    sums++;
    counted = count;
    g_free(newest);
    newest = item;
}

/* Three are shown, the rest is one sum with the newest; then it begins anew. */
static void test_repeats(void)
{
    g_autoptr(BaseRepeats) repeats = base_repeats_new(g_free);
    for (int i = 0; i < 40; i++) {
        char *item = g_strdup_printf("%d", i);
        bool shown = base_repeats_show(repeats, "a", item, i);
        g_assert_cmpint(shown, ==, i < BASE_REPEATS_SHOWN);
        if (shown) {
            g_free(item);
        }
    }
    g_assert_true(base_repeats_show(repeats, "b", NULL, 0));
    base_repeats_over(repeats, BASE_REPEATS_WINDOW_US - 1, on_sum, NULL);
    g_assert_cmpuint(sums, ==, 0);
    base_repeats_over(repeats, BASE_REPEATS_WINDOW_US, on_sum, NULL);
    g_assert_cmpuint(sums, ==, 1);
    g_assert_cmpuint(counted, ==, 40 - BASE_REPEATS_SHOWN);
    g_assert_cmpstr(newest, ==, "39");
    g_assert_true(base_repeats_show(repeats, "a", NULL, BASE_REPEATS_WINDOW_US));
    base_repeats_over(repeats, INT64_MAX, on_sum, NULL);
    g_assert_cmpuint(sums, ==, 1); // once is no repeat
    g_clear_pointer(&newest, g_free);
}

/* Keys come from peers, too: the table is bounded, and what has no place is shown. */
static void test_many_keys(void)
{
    g_autoptr(BaseRepeats) repeats = base_repeats_new(g_free);
    for (int i = 0; i < 2 * BASE_REPEATS_KEYS; i++) {
        g_autofree char *key = g_strdup_printf("%d", i);
        g_assert_true(base_repeats_show(repeats, key, NULL, 0));
    }
    for (int i = 0; i < 10; i++) {
        g_assert_true(base_repeats_show(repeats, "300", NULL, 0));
    }
}

static void *log_much(void *data)
{
    for (int i = 0; i < 500; i++) {
        g_log_structured(NULL, G_LOG_LEVEL_INFO, BASE_LOG_STATUS, "999", "MESSAGE", "line %d of %d",
                         i, *(int *)data);
    }
    return NULL;
}

/* Runs in a process of its own, since a process sets its log's writer once. */
static void log_in_child(void)
{
    base_log_begin();
    base_log_start(BASE_LOG_TEXT);
    int numbers[] = {0, 1, 2, 3};
    GThread *threads[G_N_ELEMENTS(numbers)];
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        threads[i] = g_thread_new(NULL, log_much, &numbers[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_thread_join(threads[i]);
    }
    for (int i = 0; i < 40; i++) {
        base_log(G_LOG_LEVEL_WARNING, "s1", "the disk stood still for %d ms", 2000 + i);
    }
    base_log(G_LOG_LEVEL_WARNING, "s2", "the disk stood still for %d ms", 4000);
    for (int i = 0; i < 5; i++) {
        g_autofree char *id = g_strdup_printf("r%d", i);
        g_log_structured("test", G_LOG_LEVEL_WARNING, BASE_LOG_REQUEST, id, "MESSAGE",
                         "a request failed");
    }
    g_debug("not shown");
    base_log_stop();
    g_message("after the end");
}

static unsigned lines_with(const char *text, const char *part)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) {
        count++;
    }
    return count;
}

static void test_thread(void)
{
    if (g_test_subprocess()) {
        log_in_child();
        return;
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*info line 0 of *");
    g_test_trap_assert_stderr("*stood still for 2002 ms session=s1\n*");
    g_test_trap_assert_stderr_unmatched("*stood still for 2003 ms*");
    g_test_trap_assert_stderr("*stood still for 4000 ms session=s2\n*"); // of its own
    g_test_trap_assert_stderr("*a request failed request_id=r4\n*");
    g_test_trap_assert_stderr(
        "*stood still for 2039 ms (… and 36 more in 60 s) session=s1\n*notice after the end\n*");
    g_test_trap_assert_stderr_unmatched("*not shown*");
}

/* What ends the process is told before, though by then the log's thread is gone. */
static void test_fatal(void)
{
    if (g_test_subprocess()) {
        base_log_begin();
        base_log_start(BASE_LOG_TEXT);
        g_log("GLib", G_LOG_LEVEL_ERROR, "no thread");
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("* error GLib: no thread\n*");
}

static void test_no_memory(void)
{
    if (g_test_subprocess()) {
        base_log_begin();
        base_log_start(BASE_LOG_TEXT);
        g_free(g_malloc(G_MAXSIZE / 2));
    }
    g_setenv("ASAN_OPTIONS", "allocator_may_return_null=1", TRUE); // as malloc
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*the memory is used up: *failed to allocate *\n*");
}

/* Each thread's lines are all there, in order, also through a pipe that nobody reads at first. */
static void test_slow_reader(void)
{
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        log_in_child();
        _exit(0);
    }
    close(fds[1]);
    g_usleep(200000); // 64 KB are in the pipe, the rest waits
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[4096];
    for (ssize_t got; (got = read(fds[0], buffer, sizeof buffer)) > 0;) {
        g_string_append_len(text, buffer, got);
    }
    close(fds[0]);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    for (int n = 0; n < 4; n++) {
        g_autofree char *part = g_strdup_printf(" of %d status=999\n", n);
        g_assert_cmpuint(lines_with(text->str, part), ==, 500);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
    g_test_add_func("/base/log/text", test_text);
    g_test_add_func("/base/log/json", test_json);
    g_test_add_func("/base/log/bytes", test_bytes);
    g_test_add_func("/base/log/repeats", test_repeats);
    g_test_add_func("/base/log/many-keys", test_many_keys);
    g_test_add_func("/base/log/thread", test_thread);
    g_test_add_func("/base/log/fatal", test_fatal);
    g_test_add_func("/base/log/no-memory", test_no_memory);
    g_test_add_func("/base/log/slow-reader", test_slow_reader);
    return g_test_run();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol of sd_notify(3), against a socket of our own.
#include "base/supervisor/notify.h"

#include "base/clock.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or "@NAME". */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    memcpy(address.sun_path, name, length);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    g_assert_cmpint(bind(fd, (const struct sockaddr *)&address, size), ==, 0);
    g_setenv("NOTIFY_SOCKET", name, TRUE);
    return fd;
}

/* "": nothing there. */
static const char *heard(int fd)
{
    static char text[512];
    ssize_t size = recv(fd, text, sizeof text - 1, 0);
    text[MAX(size, 0)] = '\0';
    return text;
}

static void check_all(const char *name)
{
    int fd = listen_at(name);
    g_autoptr(BaseNotify) notify = base_notify_new();
    g_assert_true(base_notify_supervised(notify));
    g_assert_null(g_getenv("NOTIFY_SOCKET")); // children must not speak for the server
    base_notify_extend(notify, 5000000);
    g_assert_cmpstr(heard(fd), ==, "EXTEND_TIMEOUT_USEC=5000000");
    base_notify_ready(notify);
    g_assert_cmpstr(heard(fd), ==, "READY=1");
    base_notify_status(notify, "live: 212 viewers");
    g_assert_cmpstr(heard(fd), ==, "STATUS=live: 212 viewers");
    base_notify_status(notify, "live: 212 viewers");
    g_assert_cmpstr(heard(fd), ==, "");
    base_notify_status(notify, "two\nREADY=1");
    g_assert_cmpstr(heard(fd), ==, "STATUS=two READY=1");
    int64_t before_us = base_clock_us(), told_us = 0;
    base_notify_reloading(notify);
    g_assert_cmpint(sscanf(heard(fd), "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, &told_us),
                    ==, 1);
    g_assert_cmpint(told_us, >=, before_us);
    g_assert_cmpint(told_us, <=, base_clock_us());
    base_notify_ready(notify);
    g_assert_cmpstr(heard(fd), ==, "READY=1");
    base_notify_stopping(notify);
    g_assert_cmpstr(heard(fd), ==, "STOPPING=1");
    close(fd);
    base_notify_status(notify, "nobody listens"); // no error, no signal
}

static void test_protocol(void)
{
    g_autofree char *folder = g_dir_make_tmp("majlis-notify-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "socket", NULL);
    check_all(path);
    g_autofree char *abstract = g_strdup_printf("@majlis-test-%d", getpid());
    check_all(abstract);
    g_unlink(path);
    g_rmdir(folder);
}

/* Keeps the order, and waits for a supervisor that does not read. */
static void test_full(void)
{
    g_autofree char *name = g_strdup_printf("@majlis-full-%d", getpid());
    int fd = listen_at(name);
    g_autoptr(BaseNotify) notify = base_notify_new();
    unsigned sent = 0;
    for (; sent < 5000; sent++) { // more than any queue of datagrams
        g_autofree char *text = g_strdup_printf("%u", sent);
        base_notify_status(notify, text);
    }
    base_notify_ready(notify); // does not fit: is kept or dropped, never waited for
    unsigned seen = 0;
    for (const char *text; (text = heard(fd))[0] != '\0'; seen++) {
        unsigned number = 0;
        g_assert_cmpint(sscanf(text, "STATUS=%u", &number), ==, 1);
        g_assert_cmpuint(number, ==, seen);
    }
    g_assert_cmpuint(seen, <, sent);
    base_notify_status(notify, "more"); // sends what was kept
    unsigned number = 0;
    g_assert_cmpint(sscanf(heard(fd), "STATUS=%u", &number), ==, 1);
    g_assert_cmpuint(number, ==, seen);
    close(fd);
}

static gboolean on_limit(gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

static void run_main(guint ms)
{
    bool over = false;
    g_timeout_add(ms, on_limit, &over);
    while (!over) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static unsigned count_watchdogs(int fd)
{
    unsigned count = 0;
    for (const char *text; (text = heard(fd))[0] != '\0';) {
        count += strcmp(text, "WATCHDOG=1") == 0;
    }
    return count;
}

static void test_watchdog(void)
{
    g_autofree char *name = g_strdup_printf("@majlis-watchdog-%d", getpid());
    int fd = listen_at(name);
    g_setenv("WATCHDOG_USEC", "100000", TRUE);
    g_autofree char *pid = g_strdup_printf("%d", getpid());
    g_setenv("WATCHDOG_PID", pid, TRUE);
    g_autoptr(BaseNotify) notify = base_notify_new();
    g_assert_null(g_getenv("WATCHDOG_USEC"));
    run_main(200);
    g_assert_cmpuint(count_watchdogs(fd), ==, 0); // not before READY
    base_notify_ready(notify);
    run_main(400);
    unsigned fed = count_watchdogs(fd);
    g_assert_cmpuint(fed, >=, 1);
    g_assert_cmpuint(fed, <=, 8);
    g_usleep(200000); // the loop stands still
    g_assert_cmpuint(count_watchdogs(fd), ==, 0);
    close(fd);
}

static void test_none(void)
{
    static const char *const bad[] = {"", "@", "relative", "/"};
    g_setenv("WATCHDOG_USEC", "100000", TRUE);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_setenv("NOTIFY_SOCKET", bad[i], TRUE);
        g_autoptr(BaseNotify) notify = base_notify_new();
        g_assert_false(base_notify_supervised(notify));
        base_notify_ready(notify);
        base_notify_status(notify, "x");
    }
    g_autofree char *name = g_strdup_printf("@majlis-other-%d", getpid());
    int fd = listen_at(name);
    g_setenv("WATCHDOG_USEC", "10000", TRUE);
    g_setenv("WATCHDOG_PID", "1", TRUE); // another process's
    g_autoptr(BaseNotify) notify = base_notify_new();
    base_notify_ready(notify);
    run_main(50);
    g_assert_cmpuint(count_watchdogs(fd), ==, 0);
    close(fd);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/notify/protocol", test_protocol);
    g_test_add_func("/notify/full", test_full);
    g_test_add_func("/notify/watchdog", test_watchdog);
    g_test_add_func("/notify/none", test_none);
    return g_test_run();
}

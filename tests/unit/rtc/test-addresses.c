// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's addresses come late or change: answers follow. In a network namespace of its own.
#include "tests.h"

#include "base/clock.h"
#include "rtc/server.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    RtcServer *server;
    int64_t now_us;
} Look;

static void on_look(void *data)
{
    Look *look = data;
    rtc_server_follow_addresses(look->server, look->now_us);
}

/* So long from now. */
static void look_after(RtcServer *server, int seconds)
{
    Look look = {.server = server, .now_us = base_clock_us() + seconds * BASE_US_PER_S};
    base_loop_call(server->in, on_look, &look);
}

static void change(const char *command)
{
    int status = system(command);
    g_assert_cmpint(status, ==, 0);
}

static void check_follows(void)
{
    g_autoptr(GError) error = NULL;
    const RtcConfig config = {.listen = "0.0.0.0:0", .public_tcp = "0.0.0.0:443", .out_threads = 1};
    change("ip link set lo up && ip link add majlis0 type veth peer name majlis1");
    RtcServer *server = rtc_server_new(&config, &error);
    g_assert_no_error(error);
    look_after(server, 100);
    g_assert_cmpstr(server->address, ==, "127.0.0.1");
    change("ip addr add 10.77.9.1/24 dev majlis0 && ip link set majlis0 up");
    look_after(server, 105); // looked just now
    g_assert_cmpstr(server->address, ==, "127.0.0.1");
    look_after(server, 115);
    g_assert_cmpstr(server->address, ==, "10.77.9.1");
    g_assert_nonnull(strstr(server->candidates[0], "10.77.9.1"));
    change("ip addr add 10.77.9.2/24 dev majlis0 && ip addr del 10.77.9.1/24 dev majlis0 && "
           "ip addr replace 10.77.9.2/24 dev majlis0");
    look_after(server, 130);
    g_assert_cmpstr(server->address, ==, "10.77.9.2");
    rtc_server_free(server);
}

static void test_follow(void)
{
    int before = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (unshare(CLONE_NEWNET) == 0) {
        check_follows();
        g_assert_cmpint(setns(before, CLONE_NEWNET), ==, 0);
    } else {
        g_test_skip("a network namespace needs root");
    }
    close(before);
}

void add_address_tests(void)
{
    g_test_add_func("/rtc/addresses/follow", test_follow);
}

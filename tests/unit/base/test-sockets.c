// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol of sd_listen_fds(3): a child that has the descriptors as a service has them.
#include "base/supervisor/sockets.h"

#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST 3
#define SPARE 100 // beyond what a test has open
#define PASSED 6
#define UNUSABLE "one that is no listening TCP socket and no UDP socket"

static struct sockaddr_in v4(uint32_t ip, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
}

/* On a free port, which `*out_port` gets. */
static int bind_socket(int type, uint32_t ip, uint16_t *out_port)
{
    struct sockaddr_in address = v4(ip, 0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, type, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    *out_port = ntohs(address.sin_port);
    return fd;
}

static int open_socket(int type, uint32_t ip, uint16_t *out_port)
{
    int fd = bind_socket(type, ip, out_port);
    g_assert_true(type != SOCK_STREAM || listen(fd, 1) == 0);
    return fd;
}

typedef struct {
    uint16_t tcp, udp, any, unused, deaf;
} Ports;

static int take(int type, uint32_t ip, uint16_t port)
{
    struct sockaddr_in address = v4(ip, port);
    return base_sockets_take(type, (struct sockaddr *)&address);
}

static void take_all(const Ports *ports)
{
    struct sockaddr_in6 all = {.sin6_family = AF_INET6, .sin6_port = htons(ports->any)};
    base_sockets_start();
    g_assert_null(g_getenv("LISTEN_FDS")); // children have other descriptors there
    g_assert_cmpint(take(SOCK_DGRAM, INADDR_LOOPBACK, ports->tcp), ==, -1);
    g_assert_cmpint(take(SOCK_STREAM, INADDR_LOOPBACK + 1, ports->tcp), ==, -1);
    g_assert_cmpint(take(SOCK_STREAM, INADDR_ANY, ports->tcp), ==, -1);      // wider than passed
    g_assert_cmpint(take(SOCK_STREAM, INADDR_LOOPBACK, ports->any), ==, -1); // narrower
    g_assert_cmpint(take(SOCK_STREAM, INADDR_LOOPBACK, ports->deaf), ==, -1);
    int fd = take(SOCK_STREAM, INADDR_LOOPBACK, ports->tcp);
    g_assert_cmpint(fd, ==, FIRST);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, !=, 0);
    g_assert_cmpint(fcntl(fd, F_GETFL) & O_NONBLOCK, !=, 0);
    g_assert_cmpint(take(SOCK_STREAM, INADDR_LOOPBACK, ports->tcp), ==, -1); // once
    g_assert_cmpint(take(SOCK_DGRAM, INADDR_LOOPBACK, ports->udp), ==, FIRST + 1);
    g_assert_cmpint(base_sockets_take(SOCK_STREAM, (struct sockaddr *)&all), ==, FIRST + 2);
    g_autofree char *left = base_sockets_end();
    g_autofree char *wanted =
        g_strdup_printf("127.0.0.1:%u (UDP), " UNUSABLE ", " UNUSABLE, ports->unused);
    g_assert_cmpstr(left, ==, wanted);
    g_assert_cmpint(fcntl(FIRST + 3, F_GETFD), ==, -1);
    g_assert_cmpint(fcntl(FIRST + 1, F_GETFD), !=, -1); // taken, so the caller's
}

static void take_none(const Ports *ports)
{
    base_sockets_start();
    g_assert_null(g_getenv("LISTEN_PID"));
    g_assert_cmpint(take(SOCK_STREAM, INADDR_LOOPBACK, ports->tcp), ==, -1);
    g_assert_null(base_sockets_end());
    g_assert_cmpint(fcntl(FIRST, F_GETFD), !=, -1); // not ours: untouched
}

/* `owner`: 0 for the child itself. */
static void run(void (*test)(const Ports *ports), int owner)
{
    Ports ports;
    int fds[PASSED] = {open_socket(SOCK_STREAM, INADDR_LOOPBACK, &ports.tcp),
                       open_socket(SOCK_DGRAM, INADDR_LOOPBACK, &ports.udp),
                       open_socket(SOCK_STREAM, INADDR_ANY, &ports.any),
                       open_socket(SOCK_DGRAM, INADDR_LOOPBACK, &ports.unused),
                       bind_socket(SOCK_STREAM, INADDR_LOOPBACK, &ports.deaf),
                       open("/dev/null", O_RDONLY)};
    pid_t pid = fork();
    if (pid == 0) {
        g_autofree char *text = g_strdup_printf("%d", owner != 0 ? owner : getpid());
        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
            dup2(fds[i], SPARE + (int)i);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
            dup2(SPARE + (int)i, FIRST + (int)i);
        }
        g_setenv("LISTEN_PID", text, TRUE);
        g_setenv("LISTEN_FDS", G_STRINGIFY(PASSED), TRUE);
        test(&ports);
        _exit(0);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        close(fds[i]);
    }
}

static void test_take(void)
{
    run(take_all, 0);
}

static void test_other(void)
{
    run(take_none, getpid());
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/sockets/take", test_take);
    g_test_add_func("/base/sockets/other", test_other);
    return g_test_run();
}

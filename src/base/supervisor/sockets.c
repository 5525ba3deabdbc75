// SPDX-License-Identifier: GPL-3.0-or-later
// The protocol of sd_listen_fds(3): descriptors from 3 on, counted by LISTEN_FDS.
#include "base/supervisor/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define FIRST_FD 3
#define SOCKETS_MAX 32

typedef struct {
    struct in6_addr ip; // IPv4: mapped
    uint16_t port;
} Place;

typedef struct {
    int fd;
    int type; // 0: unusable
    Place place;
} Passed;

static struct {
    Passed sockets[SOCKETS_MAX];
    unsigned count;
} passed;

/* False: another family. */
static bool read_place(const struct sockaddr *address, Place *out)
{
    *out = (Place){0};
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)address;
        out->ip = v6->sin6_addr;
        out->port = ntohs(v6->sin6_port);
    } else if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;
        out->port = ntohs(v4->sin_port);
        if (v4->sin_addr.s_addr != htonl(INADDR_ANY)) { // else as "::"
            out->ip.s6_addr[10] = out->ip.s6_addr[11] = 0xff;
            memcpy(out->ip.s6_addr + 12, &v4->sin_addr, sizeof v4->sin_addr);
        }
    } else {
        return false;
    }
    return true;
}

/* 0: not told. */
static int option(int fd, int name)
{
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

static Passed look(int fd)
{
    struct sockaddr_storage address = {0};
    Passed one = {.fd = fd, .type = option(fd, SO_TYPE)};
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0 ||
        !read_place((struct sockaddr *)&address, &one.place) ||
        (one.type == SOCK_STREAM && option(fd, SO_ACCEPTCONN) == 0)) {
        one.type = 0;
    }
    return one;
}

/* 0: none, or not for this process. */
static unsigned read_count(void)
{
    const char *pid = g_getenv("LISTEN_PID"), *count = g_getenv("LISTEN_FDS");
    guint64 owner = 0, value = 0;
    bool ours = pid != NULL && count != NULL &&
                g_ascii_string_to_unsigned(pid, 10, 0, G_MAXINT, &owner, NULL) &&
                g_ascii_string_to_unsigned(count, 10, 0, G_MAXINT, &value, NULL) &&
                owner == (guint64)getpid();
    return ours ? (unsigned)MIN(value, SOCKETS_MAX) : 0;
}

void base_sockets_start(void)
{
    passed.count = read_count();
    for (unsigned i = 0; i < passed.count; i++) {
        int fd = FIRST_FD + (int)i;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        passed.sockets[i] = look(fd);
    }
    g_unsetenv("LISTEN_PID");
    g_unsetenv("LISTEN_FDS");
    g_unsetenv("LISTEN_FDNAMES");
}

int base_sockets_take(int type, const struct sockaddr *address)
{
    Place wanted;
    if (!read_place(address, &wanted)) {
        return -1;
    }
    for (unsigned i = 0; i < passed.count; i++) {
        Passed *one = &passed.sockets[i];
        if (one->fd >= 0 && one->type == type && one->place.port == wanted.port &&
            memcmp(&one->place.ip, &wanted.ip, sizeof wanted.ip) == 0) {
            int fd = one->fd;
            one->fd = -1;
            return fd;
        }
    }
    return -1;
}

static void add_name(GString *names, const Passed *one)
{
    char ip[INET6_ADDRSTRLEN];
    g_string_append(names, names->len > 0 ? ", " : "");
    if (one->type == 0) {
        g_string_append(names, "one that is no listening TCP socket and no UDP socket");
    } else if (IN6_IS_ADDR_V4MAPPED(&one->place.ip)) {
        inet_ntop(AF_INET, one->place.ip.s6_addr + 12, ip, sizeof ip);
        g_string_append_printf(names, "%s:%u", ip, one->place.port);
    } else {
        inet_ntop(AF_INET6, &one->place.ip, ip, sizeof ip);
        g_string_append_printf(names, "[%s]:%u", ip, one->place.port);
    }
    if (one->type != 0) {
        g_string_append(names, one->type == SOCK_STREAM ? " (TCP)" : " (UDP)");
    }
}

char *base_sockets_end(void)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (unsigned i = 0; i < passed.count; i++) {
        if (passed.sockets[i].fd >= 0) {
            add_name(names, &passed.sockets[i]);
            close(passed.sockets[i].fd);
        }
    }
    passed.count = 0;
    return names->len > 0 ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

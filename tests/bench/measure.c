// SPDX-License-Identifier: GPL-3.0-or-later
// Measures processor time, memory and dropped datagrams of a process and its children, and when
// bytes come.
#include "measure.h"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t measure_thread_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static char *read_file(const char *folder, const char *task, const char *name)
{
    g_autofree char *path = g_build_filename(folder, task, name, NULL);
    char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static ThreadCpu *thread_named(CpuSample *sample, const char *name)
{
    for (unsigned i = 0; i < sample->n; i++) {
        if (g_str_equal(sample->threads[i].name, name)) {
            return &sample->threads[i];
        }
    }
    // what does not fit counts with the last
    ThreadCpu *thread = &sample->threads[sample->n < MAX_THREADS ? sample->n++ : MAX_THREADS - 1];
    g_strlcpy(thread->name, name, sizeof thread->name);
    return thread;
}

static uint64_t process_ns(int pid)
{
    g_autofree char *folder = g_strdup_printf("/proc/%d/task", pid);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    uint64_t ns = 0;
    for (const char *task; dir != NULL && (task = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *times = read_file(folder, task, "schedstat");
        ns += times != NULL ? g_ascii_strtoull(times, NULL, 10) : 0;
    }
    return ns;
}

static uint64_t children_ns(const char *list)
{
    uint64_t ns = 0;
    for (char *at = (char *)list, *end; at != NULL && *at != '\0'; at = end + (*end == ' ')) {
        unsigned long child = strtoul(at, &end, 10);
        if (end == at) {
            break;
        }
        ns += process_ns((int)child);
    }
    return ns;
}

void measure_cpu(int pid, CpuSample *out)
{
    *out = (CpuSample){.own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
    g_autofree char *folder = g_strdup_printf("/proc/%d/task", pid);
    g_autoptr(GDir) dir = pid > 0 ? g_dir_open(folder, 0, NULL) : NULL;
    for (const char *task; dir != NULL && (task = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *name = read_file(folder, task, "comm");
        g_autofree char *times = read_file(folder, task, "schedstat");
        g_autofree char *children = read_file(folder, task, "children");
        if (name != NULL && times != NULL) {
            thread_named(out, g_strchomp(name))->ns += g_ascii_strtoull(times, NULL, 10);
            out->children_ns += children_ns(children);
        }
    }
}

static uint64_t memory_line(int pid, const char *file, const char *line)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, file);
    g_autofree char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    const char *at = text != NULL ? strstr(text, line) : NULL;
    return at != NULL ? g_ascii_strtoull(at + strlen(line), NULL, 10) : 0;
}

uint64_t measure_pss(int pid)
{
    return memory_line(pid, "smaps_rollup", "\nPss:");
}

uint64_t measure_rss(int pid)
{
    return memory_line(pid, "status", "\nVmRSS:");
}

/* /proc/net/snmp has a line of names and one of numbers. */
static uint64_t snmp_value(char **names, char **values, const char *name)
{
    for (unsigned i = 0; names[i] != NULL && values[i] != NULL; i++) {
        if (g_str_equal(names[i], name)) {
            return g_ascii_strtoull(values[i], NULL, 10);
        }
    }
    return 0;
}

UdpDrops measure_udp(void)
{
    g_autofree char *text = NULL;
    g_file_get_contents("/proc/net/snmp", &text, NULL, NULL);
    const char *head = text != NULL ? strstr(text, "\nUdp: ") : NULL;
    const char *numbers = head != NULL ? strstr(head + 1, "\nUdp: ") : NULL;
    if (numbers == NULL) {
        return (UdpDrops){0};
    }
    g_autofree char *first = g_strndup(head + 1, (gsize)(numbers - head - 1));
    g_autofree char *second = g_strndup(numbers + 1, strcspn(numbers + 1, "\n"));
    g_auto(GStrv) names = g_strsplit(first, " ", -1);
    g_auto(GStrv) values = g_strsplit(second, " ", -1);
    return (UdpDrops){.receive = snmp_value(names, values, "RcvbufErrors"),
                      .send = snmp_value(names, values, "SndbufErrors")};
}

uint64_t measure_socket_drops(int fd)
{
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof values;
    getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &size);
    return values[SK_MEMINFO_DROPS];
}

void measure_note_arrivals(int fd)
{
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
}

/* The kernel notes the wall clock. */
static int64_t wall_ahead_us(void)
{
    return (int64_t)(clock_ns(CLOCK_REALTIME) / 1000) - g_get_monotonic_time();
}

int64_t measure_arrived_us(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000 - wall_ahead_us();
        }
    }
    return 0;
}

ssize_t measure_receive(int fd, void *bytes, size_t size, int64_t *out_arrived_us)
{
    union {
        struct cmsghdr head;
        uint8_t bytes[MEASURE_CONTROL_BYTES];
    } control;
    struct iovec vector = {bytes, size};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
    *out_arrived_us = got > 0 ? measure_arrived_us(&message) : 0;
    if (*out_arrived_us == 0) {
        *out_arrived_us = g_get_monotonic_time();
    }
    return got;
}

GUri *measure_server(const char *url, struct sockaddr_in *out)
{
    g_autoptr(GUri) uri = url != NULL ? g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL) : NULL;
    if (uri == NULL || g_uri_get_port(uri) <= 0) {
        return NULL;
    }
    *out = (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)g_uri_get_port(uri))};
    bool known = inet_pton(AF_INET, g_uri_get_host(uri), &out->sin_addr) == 1;
    return known ? g_steal_pointer(&uri) : NULL;
}

void measure_need_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Measures processor time, memory and dropped datagrams of a process and its children.
#include "measure.h"

#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

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

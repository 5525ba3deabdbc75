// SPDX-License-Identifier: GPL-3.0-or-later
// Reads /proc.
#include "metrics/machine.h"

#include <dirent.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MAX_BYTES 8192 // of a file
#define KIB 1024

/* proc(5), /proc/PID/stat: fields are counted from 1. */
enum { FIELD_AFTER_NAME = 3, UTIME = 14, STIME = 15, STARTTIME = 22, VSIZE = 23, RSS = 24, FIELDS };

static bool read_file(const char *path, char out[MAX_BYTES])
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t size = fread(out, 1, MAX_BYTES - 1, file);
    out[size] = '\0';
    fclose(file);
    return size > 0;
}

static double per_second(void)
{
    return (double)sysconf(_SC_CLK_TCK);
}

static bool read_stat(const char *path, double out[FIELDS])
{
    char text[MAX_BYTES];
    char *at = read_file(path, text) ? strrchr(text, ')') : NULL; // the name may hold blanks
    if (at == NULL || strlen(at) < 4) {
        return false;
    }
    at += 2; // the state, a letter
    for (int field = FIELD_AFTER_NAME; field < FIELDS; field++) {
        out[field] = strtod(at, NULL);
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return true;
}

double metrics_machine_cpu_s(int pid)
{
    double fields[FIELDS];
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    return read_stat(path, fields) ? (fields[UTIME] + fields[STIME]) / per_second() : 0;
}

static unsigned count_descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) {
        return 0;
    }
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count > 3 ? count - 3 : 0; // ".", "..", this folder
}

/* The value after `name`, at a line's beginning. */
static double value_of(const char *text, const char *name)
{
    const char *at = text;
    while (at != NULL && !g_str_has_prefix(at, name)) {
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    return at != NULL ? strtod(at + strlen(name), NULL) : 0;
}

static void read_processors(MetricsMachine *out)
{
    // user nice system idle iowait irq softirq steal
    enum { IDLE = 3, IOWAIT = 4, KINDS = 8 };
    char text[MAX_BYTES];
    if (!read_file("/proc/stat", text) || !g_str_has_prefix(text, "cpu ")) {
        return;
    }
    char *at = text + strlen("cpu ");
    for (int kind = 0; kind < KINDS; kind++) {
        double seconds = strtod(at, &at) / per_second();
        out->all_s += seconds;
        out->busy_s += kind == IDLE || kind == IOWAIT ? 0 : seconds;
    }
}

static void read_process(MetricsMachine *out)
{
    double fields[FIELDS], uptime_s = 0;
    char text[MAX_BYTES];
    if (!read_stat("/proc/self/stat", fields)) {
        return;
    }
    out->cpu_s = (fields[UTIME] + fields[STIME]) / per_second();
    out->virtual_bytes = (uint64_t)fields[VSIZE];
    out->resident_bytes = (uint64_t)fields[RSS] * (uint64_t)sysconf(_SC_PAGESIZE);
    if (read_file("/proc/uptime", text)) {
        uptime_s = strtod(text, NULL);
        double now_s = (double)g_get_real_time() / G_USEC_PER_SEC;
        out->start_wall_s = now_s - uptime_s + fields[STARTTIME] / per_second();
    }
}

void metrics_machine_read(MetricsMachine *out)
{
    char text[MAX_BYTES];
    struct rlimit limit;
    *out = (MetricsMachine){.cores = g_get_num_processors(), .descriptors = count_descriptors()};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        out->max_descriptors = (unsigned)MIN(limit.rlim_cur, UINT32_MAX);
    }
    read_process(out);
    read_processors(out);
    if (read_file("/proc/loadavg", text)) {
        out->load = strtod(text, NULL);
    }
    if (read_file("/proc/meminfo", text)) {
        out->memory_bytes = (uint64_t)value_of(text, "MemTotal:") * KIB;
        out->available_bytes = (uint64_t)value_of(text, "MemAvailable:") * KIB;
    }
}

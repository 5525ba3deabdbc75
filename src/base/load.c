// SPDX-License-Identifier: GPL-3.0-or-later
// Processor time of threads, and memory left.
#include "base/load.h"

#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct BaseLoad {
    const char *const *prefixes;
    char *group; // folder of this process's control group; NULL: none
    int64_t ticks_per_s;
    int64_t looked_us;
    GHashTable *ticks; // thread id -> ticks at the last look
};

/* Of "0::/…" (cgroup v2). */
static char *find_group(void)
{
    g_autofree char *text = NULL;
    const char *line = g_file_get_contents("/proc/self/cgroup", &text, NULL, NULL)
                           ? g_strstr_len(text, -1, "0::/")
                           : NULL;
    if (line == NULL) {
        return NULL;
    }
    const char *path = line + strlen("0::");
    g_autofree char *name = g_strndup(path, strcspn(path, "\n"));
    return g_build_filename("/sys/fs/cgroup", name, NULL);
}

BaseLoad *base_load_new(const char *const *prefixes)
{
    BaseLoad *load = g_new0(BaseLoad, 1);
    load->prefixes = prefixes;
    load->group = find_group();
    load->ticks_per_s = sysconf(_SC_CLK_TCK);
    load->ticks = g_hash_table_new(NULL, NULL);
    return load;
}

void base_load_free(BaseLoad *load)
{
    if (load != NULL) {
        g_hash_table_unref(load->ticks);
        g_free(load->group);
        g_free(load);
    }
}

/* The number after `name`; -1: none. */
static int64_t number_of(const char *text, const char *name)
{
    for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (g_str_has_prefix(at, name)) {
            return g_ascii_strtoll(at + strlen(name), NULL, 10);
        }
    }
    return -1;
}

uint64_t base_load_available(const char *meminfo)
{
    int64_t kilobytes = number_of(meminfo, "MemAvailable:");
    return kilobytes < 0 ? UINT64_MAX : (uint64_t)kilobytes * 1024;
}

uint64_t base_load_group_left(const char *max, const char *current, const char *stat)
{
    if (!g_ascii_isdigit(max[0])) {
        return UINT64_MAX;
    }
    uint64_t most = g_ascii_strtoull(max, NULL, 10), used = g_ascii_strtoull(current, NULL, 10);
    int64_t cache = MAX(number_of(stat, "inactive_file "), 0);
    used -= MIN(used, (uint64_t)cache);
    return most > used ? most - used : 0;
}

static char *read_group(const BaseLoad *load, const char *name)
{
    g_autofree char *path = g_build_filename(load->group, name, NULL);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

static uint64_t memory_left(const BaseLoad *load)
{
    g_autofree char *meminfo = NULL;
    uint64_t left = g_file_get_contents("/proc/meminfo", &meminfo, NULL, NULL)
                        ? base_load_available(meminfo)
                        : UINT64_MAX;
    if (load->group == NULL) {
        return left;
    }
    g_autofree char *max = read_group(load, "memory.max");
    g_autofree char *current = read_group(load, "memory.current");
    g_autofree char *stat = read_group(load, "memory.stat");
    return MIN(left, base_load_group_left(max, current, stat));
}

/* proc(5); -1: none or not counted. */
static int64_t ticks_of(const BaseLoad *load, const char *thread)
{
    g_autofree char *path = g_strdup_printf("/proc/self/task/%s/stat", thread);
    g_autofree char *text = NULL;
    const char *name = NULL, *rest = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL)) {
        name = strchr(text, '(');
        rest = strrchr(text, ')');
    }
    bool counts = false;
    for (const char *const *one = load->prefixes; rest != NULL && *one != NULL; one++) {
        counts = counts || g_str_has_prefix(name + 1, *one);
    }
    unsigned long user, system;
    return counts && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                            &system) == 2
               ? (int64_t)(user + system)
               : -1;
}

static int64_t most_ticks(BaseLoad *load)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/task", 0, NULL);
    GHashTable *now = g_hash_table_new(NULL, NULL);
    int64_t most = 0;
    for (const char *thread; dir != NULL && (thread = g_dir_read_name(dir)) != NULL;) {
        int64_t ticks = ticks_of(load, thread);
        void *key = GSIZE_TO_POINTER(g_ascii_strtoull(thread, NULL, 10)), *before;
        if (ticks >= 0) {
            g_hash_table_insert(now, key, GSIZE_TO_POINTER((gsize)ticks));
            bool known = g_hash_table_lookup_extended(load->ticks, key, NULL, &before);
            most = MAX(most, known ? ticks - (int64_t)GPOINTER_TO_SIZE(before) : 0);
        }
    }
    g_hash_table_unref(load->ticks);
    load->ticks = now;
    return most;
}

void base_load_look(BaseLoad *load, BaseLoadLook *out)
{
    int64_t now_us = base_clock_us(), ticks = most_ticks(load);
    int64_t all = (now_us - load->looked_us) * load->ticks_per_s / BASE_US_PER_S;
    bool first = load->looked_us == 0;
    load->looked_us = now_us;
    *out = (BaseLoadLook){
        .busiest_percent = first || all <= 0 ? 0 : (unsigned)MIN(ticks * 100 / all, 100),
        .memory_bytes = memory_left(load),
    };
}

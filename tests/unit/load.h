// SPDX-License-Identifier: GPL-3.0-or-later
// How busy the machine is while a test plays in real time; lib/time.ts has the same for specs.
#pragma once
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int load_tenths, load_count; // the sum of the samples so far, and their number

/* Threads that want a core, in /proc/loadavg: "0.1 0.2 0.3 RUNNING/ALL LAST". */
static inline int load_running(void)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/loadavg", &text, NULL, NULL)) {
        return 0;
    }
    const char *running = strchr(text, '/');
    while (running[-1] != ' ') {
        running--;
    }
    return atoi(running);
}

static inline void *load_sample(void *data)
{
    for (;;) {
        int wanted = 10 * (load_running() - 1) / (int)g_get_num_processors(); // one of them is ours
        g_atomic_int_add(&load_tenths, MAX(10, wanted));
        g_atomic_int_inc(&load_count);
        g_usleep(G_USEC_PER_SEC / 4);
    }
    return data;
}

/* Looks at the load from now on. */
static inline void load_watch(void)
{
    g_thread_unref(g_thread_new("load", load_sample, NULL));
}

/* How many times longer work took than on a machine of its own: threads that wanted a core for each
 * core there is, on average. At least 1. */
static inline double load_stretch(void)
{
    int count = g_atomic_int_get(&load_count);
    return count > 0 ? g_atomic_int_get(&load_tenths) / 10.0 / count : 1;
}

/* How long something may take that takes `us` on a machine of its own. */
static inline gint64 load_allow(gint64 us)
{
    return (gint64)((double)us * load_stretch());
}

/* How many of the pictures looked for a busy machine may leave out. */
static inline unsigned load_missing(void)
{
    return (unsigned)(load_stretch() - 1);
}

#define LOAD_MOST 3 // stretched more than this, the machine cannot judge real time

/* Fails where `value` is above `limit`. On a machine that is too busy for it, and with a file named by MAJLIS_LATER, that
 * file gets the command that judges the same again; `run` does so when nothing else runs. */
static inline void load_expect(gint64 value, gint64 limit)
{
    const char *later = g_getenv("MAJLIS_LATER");
    if (value <= limit || later == NULL || load_stretch() < LOAD_MOST) {
        g_assert_cmpint(value, <=, limit);
        return;
    }
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    FILE *file = fopen(later, "a");
    g_assert_nonnull(file);
    fprintf(file, "%s -p %s\n", program, g_test_get_path());
    fclose(file);
    g_test_message("%" G_GINT64_FORMAT " above %" G_GINT64_FORMAT ", %.1f times stretched: later",
                   value, limit, load_stretch());
}

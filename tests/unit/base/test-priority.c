// SPDX-License-Identifier: GPL-3.0-or-later
// Priorities of threads.
#include "base/priority.h"

#include <glib.h>
#include <sched.h>
#include <sys/resource.h>

static void *in_background(void *data)
{
    base_priority_background();
    *(int *)data = getpriority(PRIO_PROCESS, 0);
    g_assert_cmpint(sched_getscheduler(0), ==, SCHED_BATCH);
    return NULL;
}

/* Affects only its own thread. */
static void test_background(void)
{
    int before = getpriority(PRIO_PROCESS, 0), nice = 0;
    g_thread_join(g_thread_new("background", in_background, &nice));
    g_assert_cmpint(nice, ==, MAX(before, 5));
    g_assert_cmpint(getpriority(PRIO_PROCESS, 0), ==, before);
    g_assert_cmpint(sched_getscheduler(0), ==, SCHED_OTHER);
}

static void *yielding(void *data)
{
    base_priority_yield(BASE_NICE_SERVING_STEPS);
    *(int *)data = getpriority(PRIO_PROCESS, 0);
    return NULL;
}

/* Needs no right, and affects only its own thread. */
static void test_yield(void)
{
    int before = getpriority(PRIO_PROCESS, 0), nice = 0;
    g_thread_join(g_thread_new("yielding", yielding, &nice));
    g_assert_cmpint(nice, ==, MIN(before + BASE_NICE_SERVING_STEPS, 19));
    g_assert_cmpint(getpriority(PRIO_PROCESS, 0), ==, before);
}

static void *ahead(void *data)
{
    (void)data;
    int before = getpriority(PRIO_PROCESS, 0);
    bool raised = base_priority_raise(BASE_NICE_SERVER);
    g_assert_cmpint(getpriority(PRIO_PROCESS, 0), ==, raised ? BASE_NICE_SERVER : before);
    g_assert_true(base_priority_raise(19)); // already better
    return NULL;
}

static void test_raise(void)
{
    g_thread_join(g_thread_new("ahead", ahead, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/priority/background", test_background);
    g_test_add_func("/base/priority/raise", test_raise);
    g_test_add_func("/base/priority/yield", test_yield);
    return g_test_run();
}

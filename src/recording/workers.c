// SPDX-License-Identifier: GPL-3.0-or-later
// Worker threads for a session's start and end.
#include "recording/workers.h"

#include "base/clock.h"
#include "base/priority.h"

#include <pthread.h>
#include <stdatomic.h>

#define WORKERS 2

struct RecordingWorkers {
    GThreadPool *soon;    // short; somebody waits
    GThreadPool *slow;    // by the disk, or many at start-up
    GThreadPool *builds;  // long, one at a time
    atomic_uint given;    // gives the order
    atomic_uint left;     // unfinished
    atomic_bool stopping; // begin no further work
};

typedef struct {
    BaseFunc func;
    void *data;
    bool later;
    unsigned number;
} Work;

/* GLib's pool orders memory by means that ThreadSanitizer does not know. */
static void pass_on(void)
{
    static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&order);
    pthread_mutex_unlock(&order);
}

static void on_work(gpointer data, gpointer user_data)
{
    RecordingWorkers *workers = user_data;
    Work *work = data;
    pass_on();
    work->func(work->data);
    g_free(work);
    atomic_fetch_sub(&workers->left, 1);
}

static void on_long_work(gpointer data, gpointer user_data)
{
    base_priority_background();
    on_work(data, user_data);
}

/* `later` last, else by order. */
static gint by_turn(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    const Work *one = a, *two = b;
    int turn = one->number < two->number ? -1 : one->number > two->number;
    if (one->later != two->later) {
        turn = one->later ? 1 : -1;
    }
    pass_on();
    return turn;
}

RecordingWorkers *recording_workers_new(void)
{
    RecordingWorkers *workers = g_new0(RecordingWorkers, 1);
    workers->soon = g_thread_pool_new(on_work, workers, WORKERS, FALSE, NULL);
    workers->slow = g_thread_pool_new(on_work, workers, WORKERS, FALSE, NULL);
    workers->builds = g_thread_pool_new(on_long_work, workers, 1, TRUE, NULL); // exclusive thread
    g_thread_pool_set_sort_function(workers->slow, by_turn, NULL);
    g_thread_pool_set_sort_function(workers->builds, by_turn, NULL);
    return workers;
}

bool recording_workers_free(RecordingWorkers *workers, unsigned wait_ms)
{
    atomic_store(&workers->stopping, true);
    for (unsigned waited = 0; atomic_load(&workers->left) > 0; waited += 10) {
        if (waited >= wait_ms) {
            return false;
        }
        g_usleep(10 * 1000);
    }
    g_thread_pool_free(workers->soon, TRUE, TRUE);
    g_thread_pool_free(workers->slow, TRUE, TRUE);
    g_thread_pool_free(workers->builds, TRUE, TRUE);
    g_free(workers);
    return true;
}

static void push(RecordingWorkers *workers, GThreadPool *pool, Work value)
{
    atomic_fetch_add(&workers->left, 1);
    Work *work = g_memdup2(&value, sizeof value);
    pass_on();
    unsigned tries = 0;
    gboolean runs = g_thread_pool_push(pool, work, NULL);
    while (!runs && base_try_again(&tries)) { // queued, but no thread for it
        runs = g_thread_pool_set_max_threads(pool, g_thread_pool_get_max_threads(pool), NULL);
    }
}

void recording_workers_run(RecordingWorkers *workers, BaseFunc func, void *data)
{
    push(workers, workers->soon, (Work){.func = func, .data = data});
}

static void push_in_turn(RecordingWorkers *workers, GThreadPool *pool, BaseFunc func, void *data,
                         bool later)
{
    push(workers, pool,
         (Work){.func = func,
                .data = data,
                .later = later,
                .number = atomic_fetch_add(&workers->given, 1)});
}

void recording_workers_run_slow(RecordingWorkers *workers, BaseFunc func, void *data, bool later)
{
    push_in_turn(workers, workers->slow, func, data, later);
}

void recording_workers_run_beside(RecordingWorkers *workers, BaseFunc func, void *data)
{
    int threads = g_thread_pool_get_max_threads(workers->soon);
    g_thread_pool_set_max_threads(workers->soon, threads + 1, NULL);
    recording_workers_run(workers, func, data);
}

void recording_workers_run_long(RecordingWorkers *workers, BaseFunc func, void *data, bool later)
{
    push_in_turn(workers, workers->builds, func, data, later);
}

bool recording_workers_stopping(const RecordingWorkers *workers)
{
    return atomic_load(&workers->stopping);
}

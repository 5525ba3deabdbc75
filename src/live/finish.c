// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/finish.h"

#include "base/priority.h"

#include <pthread.h>
#include <stdatomic.h>

#define WORKERS 2

struct LiveFinish {
    GThreadPool *pool;    // starts and ends: short
    GThreadPool *looks;   // at all that there is, when the server starts: short, but many
    GThreadPool *remux;   // long: one at a time, and nobody waits behind it
    atomic_uint given;    // to `remux`, for its order
    atomic_uint left;     // jobs given and not done
    atomic_bool stopping; // what has not begun is not made any more
};

typedef struct {
    BaseFunc func;
    void *data;
    bool look;
    unsigned number;
} Work;

/* What was done with a job before, by any thread, is seen by this one. GLib's pool sees to that as
 * well, but by means that ThreadSanitizer does not know. */
static void pass_on(void)
{
    static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&order);
    pthread_mutex_unlock(&order);
}

static void on_work(gpointer data, gpointer user_data)
{
    LiveFinish *finish = user_data;
    Work *work = data;
    pass_on();
    work->func(work->data);
    g_free(work);
    atomic_fetch_sub(&finish->left, 1);
}

static void on_build(gpointer data, gpointer user_data)
{
    base_priority_background();
    on_work(data, user_data);
}

/* What somebody waits for before what a start found; else as it came. */
static gint by_turn(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    const Work *one = a, *two = b;
    int turn = one->number < two->number ? -1 : one->number > two->number;
    if (one->look != two->look) {
        turn = one->look ? 1 : -1;
    }
    pass_on();
    return turn;
}

LiveFinish *live_finish_new(void)
{
    LiveFinish *finish = g_new0(LiveFinish, 1);
    finish->pool = g_thread_pool_new(on_work, finish, WORKERS, FALSE, NULL);
    finish->looks = g_thread_pool_new(on_work, finish, WORKERS, FALSE, NULL);
    finish->remux = g_thread_pool_new(on_build, finish, 1, TRUE, NULL); // its thread is its own
    g_thread_pool_set_sort_function(finish->remux, by_turn, NULL);
    return finish;
}

bool live_finish_free(LiveFinish *finish, unsigned wait_ms)
{
    atomic_store(&finish->stopping, true);
    for (unsigned waited = 0; atomic_load(&finish->left) > 0; waited += 10) {
        if (waited >= wait_ms) {
            return false;
        }
        g_usleep(10 * 1000);
    }
    g_thread_pool_free(finish->pool, TRUE, TRUE);
    g_thread_pool_free(finish->looks, TRUE, TRUE);
    g_thread_pool_free(finish->remux, TRUE, TRUE);
    g_free(finish);
    return true;
}

static void push(LiveFinish *finish, GThreadPool *pool, Work value)
{
    atomic_fetch_add(&finish->left, 1);
    Work *work = g_memdup2(&value, sizeof value);
    pass_on();
    g_thread_pool_push(pool, work, NULL);
}

void live_finish_run(LiveFinish *finish, BaseFunc func, void *data)
{
    push(finish, finish->pool, (Work){.func = func, .data = data});
}

void live_finish_run_later(LiveFinish *finish, BaseFunc func, void *data)
{
    push(finish, finish->looks, (Work){.func = func, .data = data});
}

static void on_close(void *data)
{
    live_programme_free(data);
}

void live_finish_close(LiveFinish *finish, LiveProgramme *programme)
{
    int threads = g_thread_pool_get_max_threads(finish->pool);
    g_thread_pool_set_max_threads(finish->pool, threads + 1, NULL);
    live_finish_run(finish, on_close, programme);
}

typedef struct {
    LiveFinish *finish;
    LiveFinishJob job;
    LiveRecording now;
} Job;

typedef struct {
    void (*done)(void *data, LiveReport *report);
    void *data;
    LiveReport report;
    char *made;
} Told;

static void on_told(void *data)
{
    Told *told = data;
    told->done(told->data, &told->report);
    g_free(told->made);
    g_free(told);
}

static void tell(const Job *job, const LiveRecording *recording, ArchivePlaces *places, bool last)
{
    Told *told = g_new(Told, 1);
    *told = (Told){.done = job->job.done,
                   .data = job->job.data,
                   .made = g_strdup(live_making_name(job->job.making)),
                   .report = {.places = places, .last = last}};
    told->report.made = told->made;
    live_recording_copy(recording, &told->report.recording);
    base_post(NULL, on_told, told);
}

/* Takes `places`. */
static void end_job(Job *job, ArchivePlaces *places)
{
    tell(job, &job->now, places, true);
    live_recording_clear(&job->now);
    live_making_free(job->job.making);
    g_free(job);
}

static void on_step(void *data, const LiveRecording *recording)
{
    tell(data, recording, NULL, false);
}

static void on_files(void *data)
{
    Job *job = data;
    if (!atomic_load(&job->finish->stopping)) {
        live_make_files(job->job.making, &job->now, on_step, job);
    }
    end_job(job, NULL);
}

static void on_job(void *data)
{
    Job *job = data;
    LiveFinish *finish = job->finish;
    ArchivePlaces *places = NULL;
    g_clear_pointer(&job->job.programme, live_programme_free);
    bool there = !atomic_load(&finish->stopping) &&
                 live_make_playlists(job->job.making, job->job.stale, &job->now, &places) &&
                 job->now.any;
    if (there && !live_recording_whole(&job->now)) {
        tell(job, &job->now, places, false);
        push(finish, finish->remux,
             (Work){.func = on_files,
                    .data = job,
                    .look = job->job.look,
                    .number = atomic_fetch_add(&finish->given, 1)});
    } else {
        end_job(job, places);
    }
}

void live_finish_session(LiveFinish *finish, const LiveFinishJob *value)
{
    Job *job = g_new(Job, 1);
    *job = (Job){.finish = finish, .job = *value, .now = LIVE_RECORDING_INIT};
    push(finish, value->look ? finish->looks : finish->pool, (Work){.func = on_job, .data = job});
}

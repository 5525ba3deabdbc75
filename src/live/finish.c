// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/finish.h"

#include <stdatomic.h>

#define WORKERS 2

struct LiveFinish {
    GThreadPool *pool;  // starts and ends: short
    GThreadPool *remux; // long: one at a time, and nobody waits behind it
    atomic_uint left;   // jobs given and not done
};

typedef struct {
    BaseFunc func;
    void *data;
} Work;

static void on_work(gpointer data, gpointer user_data)
{
    LiveFinish *finish = user_data;
    Work *work = data;
    work->func(work->data);
    g_free(work);
    atomic_fetch_sub(&finish->left, 1);
}

LiveFinish *live_finish_new(void)
{
    LiveFinish *finish = g_new0(LiveFinish, 1);
    finish->pool = g_thread_pool_new(on_work, finish, WORKERS, FALSE, NULL);
    finish->remux = g_thread_pool_new(on_work, finish, 1, FALSE, NULL);
    return finish;
}

bool live_finish_free(LiveFinish *finish, unsigned wait_ms)
{
    for (unsigned waited = 0; atomic_load(&finish->left) > 0; waited += 10) {
        if (waited >= wait_ms) {
            return false;
        }
        g_usleep(10 * 1000);
    }
    g_thread_pool_free(finish->pool, TRUE, TRUE);
    g_thread_pool_free(finish->remux, TRUE, TRUE);
    g_free(finish);
    return true;
}

static void push(LiveFinish *finish, GThreadPool *pool, BaseFunc func, void *data)
{
    Work *work = g_new(Work, 1);
    *work = (Work){.func = func, .data = data};
    atomic_fetch_add(&finish->left, 1);
    g_thread_pool_push(pool, work, NULL);
}

void live_finish_run(LiveFinish *finish, BaseFunc func, void *data)
{
    push(finish, finish->pool, func, data);
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

static void end_job(Job *job)
{
    tell(job, &job->now, NULL, true);
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
    live_make_files(job->job.making, &job->now, on_step, job);
    end_job(job);
}

static void on_job(void *data)
{
    Job *job = data;
    ArchivePlaces *places;
    g_clear_pointer(&job->job.programme, live_programme_free);
    if (live_make_playlists(job->job.making, job->job.stale, &job->now, &places) && job->now.any) {
        tell(job, &job->now, places, false);
        push(job->finish, job->finish->remux, on_files, job);
    } else {
        end_job(job);
    }
}

void live_finish_session(LiveFinish *finish, const LiveFinishJob *value)
{
    Job *job = g_new(Job, 1);
    *job = (Job){.finish = finish, .job = *value, .now = LIVE_RECORDING_INIT};
    live_finish_run(finish, on_job, job);
}

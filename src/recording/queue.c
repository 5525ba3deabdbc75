// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the files of one recording after another; reports to main.
#include "recording/queue.h"

typedef struct {
    RecordingWorkers *workers;
    RecordingJob job;
    RecordingStatus now;
} Job;

typedef struct {
    void (*done)(void *data, RecordingReport *report);
    void *data;
    RecordingReport report;
    char *inputs_hash;
} Told;

static void on_told(void *data)
{
    Told *told = data;
    told->done(told->data, &told->report);
    g_free(told->inputs_hash);
    g_free(told);
}

static void tell(const Job *job, const RecordingStatus *recording, ArchiveTimemap *timemap,
                 bool last)
{
    Told *told = g_new(Told, 1);
    *told = (Told){.done = job->job.done,
                   .data = job->job.data,
                   .inputs_hash = g_strdup(recording_inputs_hash(job->job.inputs)),
                   .report = {.timemap = timemap, .last = last}};
    told->report.inputs_hash = told->inputs_hash;
    recording_status_copy(recording, &told->report.recording);
    base_post(NULL, on_told, told);
}

/* Takes `timemap`. */
static void end_job(Job *job, ArchiveTimemap *timemap)
{
    tell(job, &job->now, timemap, true);
    recording_status_clear(&job->now);
    recording_inputs_free(job->job.inputs);
    g_free(job);
}

static void on_step(void *data, const RecordingStatus *recording)
{
    tell(data, recording, NULL, false);
}

static void on_files(void *data)
{
    Job *job = data;
    if (!recording_workers_stopping(job->workers)) {
        recording_make_files(job->job.inputs, &job->now, on_step, job);
    }
    end_job(job, NULL);
}

static void on_job(void *data)
{
    Job *job = data;
    ArchiveTimemap *timemap = NULL;
    if (job->job.first != NULL) {
        job->job.first(job->job.first_data);
    }
    bool there = !recording_workers_stopping(job->workers) &&
                 recording_make_playlists(job->job.inputs, job->job.stale, &job->now, &timemap) &&
                 job->now.any;
    if (there && !recording_status_whole(&job->now)) {
        tell(job, &job->now, timemap, false);
        recording_workers_run_long(job->workers, on_files, job, job->job.later);
    } else {
        end_job(job, timemap);
    }
}

void recording_build(RecordingWorkers *workers, const RecordingJob *job)
{
    Job *own = g_new(Job, 1);
    *own = (Job){.workers = workers, .job = *job, .now = RECORDING_STATUS_INIT};
    if (job->later) {
        recording_workers_run_slow(workers, on_job, own, true);
    } else {
        recording_workers_run(workers, on_job, own);
    }
}

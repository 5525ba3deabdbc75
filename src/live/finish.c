// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/finish.h"

#include "base/json.h"

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
    LiveProgramme *programme;
    char *directory, *second_directory, *id, *title, *speaker;
    void (*done)(void *data, const LiveRecording *recording);
    void *data;
    LiveRecording now;
    double told;
} Job;

typedef struct {
    void (*done)(void *data, const LiveRecording *recording);
    void *data;
    LiveRecording recording;
} Report;

static void on_report(void *data)
{
    Report *report = data;
    report->done(report->data, &report->recording);
    g_free(report);
}

static void report(Job *job)
{
    Report *value = g_new(Report, 1);
    *value = (Report){.done = job->done, .data = job->data, .recording = job->now};
    value->recording.trouble = g_strdup(job->now.trouble);
    base_post(NULL, on_report, value);
}

static bool is_there(const Job *job, const char *name)
{
    g_autofree char *file = NULL;
    const char *type;
    return archive_find(job->directory, job->id, name, &file, &type) == ARCHIVE_FOUND;
}

static void on_progress(void *data, double done)
{
    Job *job = data;
    if (done - job->told >= 0.02) {
        job->told = job->now.progress = done;
        report(job);
    }
}

/* What only the mirror kept is brought back; where that cannot be done the recording is finished
 * with what there is. */
static void heal(const Job *job)
{
    g_autoptr(GError) error = NULL;
    if (!archive_heal(job->directory, job->second_directory, job->id, &error)) {
        g_warning("recording %s is finished without its second copy: %s", job->id, error->message);
    }
}

static bool make_playlists(Job *job, GError **error)
{
    ArchiveState state;
    if (!is_there(job, "main.m3u8")) {
        heal(job);
    }
    if (!archive_read_state(job->directory, job->id, &state, error)) {
        return false;
    }
    if (state.end_us == 0) {
        return true; // nothing was recorded
    }
    if (!is_there(job, "main.m3u8")) {
        if (!archive_finish_playlists(job->directory, job->id, error) ||
            !archive_read_state(job->directory, job->id, &state, error)) {
            return false;
        }
    }
    job->now.duration_ms = state.public_us / 1000;
    job->now.playlist = state.public_us > 0;
    return true;
}

static bool make_mp4(Job *job, GError **error)
{
    if (!job->now.playlist || is_there(job, "recording.mp4")) {
        job->now.mp4 = job->now.playlist ? LIVE_MP4_READY : LIVE_MP4_NONE;
        return true;
    }
    job->now.mp4 = LIVE_MP4_WORKING;
    report(job);
    ArchiveMetadata metadata = {.title = job->title, .artist = job->speaker, .language = "ar"};
    if (!archive_finish_mp4(job->directory, job->id, &metadata, on_progress, job, error)) {
        return false;
    }
    job->now.mp4 = LIVE_MP4_READY;
    job->now.progress = 1;
    return true;
}

static void end_job(Job *job, const GError *error)
{
    if (error != NULL) {
        g_warning("recording %s could not be finished (its parts are kept): %s", job->id,
                  error->message);
        job->now.mp4 = LIVE_MP4_FAILED;
        job->now.trouble = error->message;
    }
    job->now.last = true;
    report(job);
    g_free(job->directory);
    g_free(job->second_directory);
    g_free(job->id);
    g_free(job->title);
    g_free(job->speaker);
    g_free(job);
}

static void on_remux(void *data)
{
    Job *job = data;
    g_autoptr(GError) error = NULL;
    make_mp4(job, &error);
    end_job(job, error);
}

static void on_job(void *data)
{
    Job *job = data;
    g_autoptr(GError) error = NULL;
    g_clear_pointer(&job->programme, live_programme_free);
    if (make_playlists(job, &error)) {
        report(job);
        push(job->finish, job->finish->remux, on_remux, job);
    } else {
        end_job(job, error);
    }
}

/* The first speaker's name, Arabic first; nullable. Full ownership. */
static char *first_speaker(const StoreSession *row)
{
    g_autoptr(json_t) speakers = json_loads(row->speakers != NULL ? row->speakers : "[]", 0, NULL);
    json_t *name = json_object_get(json_array_get(speakers, 0), "name");
    const char *text = json_string_value(json_object_get(name, "ar"));
    return g_strdup(text != NULL ? text : json_string_value(json_object_get(name, "en")));
}

void live_finish_session(LiveFinish *finish, const LiveFinishJob *value)
{
    Job *job = g_new0(Job, 1);
    const char *title = value->row->title_ar;
    job->finish = finish;
    job->programme = value->programme;
    job->directory = g_strdup(value->directory);
    job->second_directory = g_strdup(value->second_directory);
    job->id = g_strdup(value->row->id);
    job->title = g_strdup(title != NULL && title[0] != '\0' ? title : value->row->title_en);
    job->speaker = first_speaker(value->row);
    job->done = value->done;
    job->data = value->data;
    job->now.mp4 = LIVE_MP4_WAITING;
    job->now.duration_ms = -1;
    live_finish_run(finish, on_job, job);
}

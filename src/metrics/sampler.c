// SPDX-License-Identifier: GPL-3.0-or-later
// Samples the machine on workers and keeps the last hour.
#include "metrics/sampler.h"

#include "base/clock.h"
#include "base/refs.h"

#include <gio/gio.h>
#include <math.h>
#include <sys/statvfs.h>

#define DISK_FRESH_US (60 * BASE_US_PER_S)

typedef struct {
    double cpu, own, memory; // shares
    double sent;             // bytes per second
    unsigned webrtc, hls;
} Point;

typedef struct {
    char *name, *path;
    bool asked; // a worker is at it
    int64_t seen_us;
    uint64_t free_bytes, size_bytes;
} Disk;

struct MetricsSampler {
    unsigned refs; // owner and jobs
    MetricsSamplerConfig config;
    guint timer;
    bool busy;
    Disk disks[METRICS_DISKS];
    MetricsMachine machine;
    int64_t sampled_us; // clock; 0: never
    uint64_t sent_bytes;
    GHashTable *children; // pid -> double *: its processor time
    double children_s;
    char *folder;
    MetricsBackup backup;
    Point points[METRICS_SAMPLES];
    unsigned n_points, next;
};

typedef struct {
    MetricsSampler *sampler;
    atomic_bool handed; // for ThreadSanitizer; GTask orders it too
    // of the machine
    MetricsNow now;
    MetricsMachine machine;
    double children_s[METRICS_CHILDREN];
    int64_t at_us;
    MetricsBackup backup;
    // of a disk
    Disk *disk;
    char *path;
    struct statvfs found;
    bool good;
} Job;

static void sampler_unref(MetricsSampler *sampler)
{
    if (--sampler->refs > 0) {
        return;
    }
    for (unsigned i = 0; i < METRICS_DISKS; i++) {
        g_free(sampler->disks[i].name);
        g_free(sampler->disks[i].path);
    }
    g_hash_table_unref(sampler->children);
    g_free(sampler->folder);
    g_free(sampler);
}

static Job *job_new(MetricsSampler *sampler)
{
    Job *job = g_new0(Job, 1);
    job->sampler = sampler;
    sampler->refs++;
    return job;
}

static void job_free(Job *job)
{
    sampler_unref(job->sampler);
    g_free(job->path);
    g_free(job);
}

static void run(Job *job, GTaskThreadFunc on_worker, GAsyncReadyCallback done)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, done, job);
    g_task_set_task_data(task, job, NULL);
    atomic_store_explicit(&job->handed, true, memory_order_release);
    g_task_run_in_thread(task, on_worker);
}

static void finish(GTask *task, Job *job)
{
    atomic_store_explicit(&job->handed, true, memory_order_release);
    g_task_return_boolean(task, TRUE);
}

/* Disks */

static void look_at_disk(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    Job *job = data;
    atomic_load_explicit(&job->handed, memory_order_acquire);
    job->good = statvfs(job->path, &job->found) == 0;
    finish(task, job);
}

static void on_disk(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object;
    (void)result;
    Job *job = data;
    atomic_load_explicit(&job->handed, memory_order_acquire);
    Disk *disk = job->disk;
    disk->asked = false;
    if (job->good) {
        disk->seen_us = base_clock_us();
        disk->free_bytes = (uint64_t)job->found.f_bavail * job->found.f_frsize;
        disk->size_bytes = (uint64_t)job->found.f_blocks * job->found.f_frsize;
    }
    job_free(job);
}

static void ask_disks(MetricsSampler *sampler)
{
    for (unsigned i = 0; i < METRICS_DISKS; i++) {
        Disk *disk = &sampler->disks[i];
        if (disk->path != NULL && !disk->asked) {
            disk->asked = true;
            Job *job = job_new(sampler);
            job->disk = disk;
            job->path = g_strdup(disk->path);
            run(job, look_at_disk, on_disk);
        }
    }
}

/* Machine */

static void look_at_machine(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    (void)source;
    (void)cancellable;
    Job *job = data;
    atomic_load_explicit(&job->handed, memory_order_acquire);
    metrics_machine_read(&job->machine);
    for (unsigned i = 0; i < job->now.n_children; i++) {
        job->children_s[i] = metrics_machine_cpu_s(job->now.children[i]);
    }
    job->backup = job->sampler->config.backup(job->sampler->folder); // both constant
    job->at_us = base_clock_us();
    finish(task, job);
}

/* Adds what each child used since the last sample; forgets children that are gone. */
static double take_children(MetricsSampler *sampler, const Job *job)
{
    g_autoptr(GHashTable) now = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    double used_s = 0;
    for (unsigned i = 0; i < job->now.n_children; i++) {
        gpointer pid = GINT_TO_POINTER(job->now.children[i]);
        const double *before = g_hash_table_lookup(sampler->children, pid);
        used_s += MAX(0, job->children_s[i] - (before != NULL ? *before : 0));
        g_hash_table_insert(now, pid, g_memdup2(&job->children_s[i], sizeof(double)));
    }
    g_hash_table_unref(sampler->children);
    sampler->children = g_steal_pointer(&now);
    sampler->children_s += used_s;
    return used_s;
}

static void take_point(MetricsSampler *sampler, const Job *job, double children_s)
{
    const MetricsMachine *now = &job->machine, *before = &sampler->machine;
    double passed_s = (double)(job->at_us - sampler->sampled_us) / BASE_US_PER_S;
    double all_s = now->all_s - before->all_s;
    bool first = sampler->sampled_us == 0;
    double own_s = now->cpu_s - before->cpu_s + children_s;
    Point *point = &sampler->points[sampler->next];
    *point = (Point){
        .cpu = first || all_s <= 0 ? NAN : (now->busy_s - before->busy_s) / all_s,
        .own = first || passed_s <= 0 ? NAN : own_s / passed_s / MAX(now->cores, 1),
        .memory = now->memory_bytes == 0
                      ? NAN
                      : 1 - (double)now->available_bytes / (double)now->memory_bytes,
        .sent = first || passed_s <= 0
                    ? NAN
                    : (double)(job->now.sent_bytes - sampler->sent_bytes) / passed_s,
        .webrtc = job->now.webrtc,
        .hls = job->now.hls,
    };
    sampler->next = (sampler->next + 1) % METRICS_SAMPLES;
    sampler->n_points = MIN(sampler->n_points + 1, METRICS_SAMPLES);
}

static void on_machine(GObject *object, GAsyncResult *result, gpointer data)
{
    (void)object;
    (void)result;
    Job *job = data;
    MetricsSampler *sampler = job->sampler;
    atomic_load_explicit(&job->handed, memory_order_acquire);
    sampler->busy = false;
    take_point(sampler, job, take_children(sampler, job));
    sampler->machine = job->machine;
    sampler->backup = job->backup;
    sampler->sampled_us = job->at_us;
    sampler->sent_bytes = job->now.sent_bytes;
    job_free(job);
}

static gboolean on_timer(gpointer data)
{
    MetricsSampler *sampler = data;
    ask_disks(sampler);
    if (!sampler->busy) {
        sampler->busy = true;
        Job *job = job_new(sampler);
        sampler->config.now(sampler->config.data, &job->now);
        run(job, look_at_machine, on_machine);
    }
    return G_SOURCE_CONTINUE;
}

MetricsSampler *metrics_sampler_new(const MetricsSamplerConfig *config)
{
    MetricsSampler *sampler = g_new0(MetricsSampler, 1);
    sampler->refs = 1;
    sampler->config = *config;
    sampler->folder = g_strdup(config->folder);
    sampler->children = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    for (unsigned i = 0; i < METRICS_DISKS; i++) {
        sampler->disks[i].name = g_strdup(config->disks[i].name);
        sampler->disks[i].path = g_strdup(config->disks[i].path);
    }
    sampler->timer = g_timeout_add_seconds(METRICS_SAMPLE_S, on_timer, sampler);
    on_timer(sampler);
    return sampler;
}

void metrics_sampler_stop(MetricsSampler *sampler)
{
    g_clear_handle_id(&sampler->timer, g_source_remove);
}

void metrics_sampler_free(MetricsSampler *sampler)
{
    if (sampler != NULL) {
        metrics_sampler_stop(sampler);
        sampler_unref(sampler);
    }
}

bool metrics_sampler_machine(const MetricsSampler *sampler, MetricsMachine *out)
{
    *out = sampler->machine;
    return sampler->sampled_us != 0;
}

double metrics_sampler_children_s(const MetricsSampler *sampler)
{
    return sampler->children_s;
}

unsigned metrics_sampler_disks(const MetricsSampler *sampler, MetricsDisk out[METRICS_DISKS])
{
    unsigned count = 0;
    int64_t since_us = base_clock_us() - DISK_FRESH_US;
    for (unsigned i = 0; i < METRICS_DISKS; i++) {
        const Disk *disk = &sampler->disks[i];
        if (disk->seen_us != 0 && disk->seen_us > since_us) {
            out[count++] = (MetricsDisk){
                .name = disk->name, .free_bytes = disk->free_bytes, .size_bytes = disk->size_bytes};
        }
    }
    return count;
}

MetricsBackup metrics_sampler_backup(const MetricsSampler *sampler)
{
    return sampler->backup;
}

static json_t *number(double value, double places)
{
    return isnan(value) ? json_null() : json_real(round(value * places) / places);
}

json_t *metrics_sampler_history(const MetricsSampler *sampler)
{
    json_t *cpu = json_array(), *own = json_array(), *memory = json_array();
    json_t *webrtc = json_array(), *hls = json_array(), *sent = json_array();
    unsigned first = sampler->next + METRICS_SAMPLES - sampler->n_points;
    for (unsigned i = 0; i < sampler->n_points; i++) {
        const Point *point = &sampler->points[(first + i) % METRICS_SAMPLES];
        json_array_append_new(cpu, number(point->cpu, 1000));
        json_array_append_new(own, number(point->own, 1000));
        json_array_append_new(memory, number(point->memory, 1000));
        json_array_append_new(sent, number(point->sent, 1));
        json_array_append_new(webrtc, json_integer(point->webrtc));
        json_array_append_new(hls, json_integer(point->hls));
    }
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "every_ms", METRICS_SAMPLE_S * 1000,
                     "cpu", cpu, "majlis", own, "memory", memory, "webrtc", webrtc, "hls", hls,
                     "sent", sent);
}

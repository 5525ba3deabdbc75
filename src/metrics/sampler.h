// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Samples process, machine and disks every METRICS_SAMPLE_S on workers; keeps the last hour. Main
// thread. A hanging disk delays only its own figures.

#include "base/json.h"
#include "metrics/machine.h"

#include <stdbool.h>

#define METRICS_SAMPLE_S 10
#define METRICS_SAMPLES 360 // an hour
#define METRICS_DISKS 3
#define METRICS_CHILDREN 8

typedef struct {
    unsigned webrtc, hls; // viewers
    uint64_t sent_bytes;  // since the start
    unsigned n_children;
    int children[METRICS_CHILDREN]; // process ids
} MetricsNow;

typedef struct {
    bool known;
    int64_t whole_us; // wall clock of the last whole one; 0: none is known
    unsigned damaged; // what the last one lacks
} MetricsBackup;

typedef struct {
    struct {
        const char *name, *path; // copied; NULL: none
    } disks[METRICS_DISKS];
    void (*now)(void *data, MetricsNow *out);
    void *data;
    MetricsBackup (*backup)(const char *folder); // on a worker
    const char *folder;                          // its argument; copied
} MetricsSamplerConfig;

typedef struct MetricsSampler MetricsSampler;

/* Samples at once. */
MetricsSampler *metrics_sampler_new(const MetricsSamplerConfig *config);
/* No call of `now` follows; the figures stay. */
void metrics_sampler_stop(MetricsSampler *sampler);
void metrics_sampler_free(MetricsSampler *sampler);

/* The newest sample. False: there is none yet. */
bool metrics_sampler_machine(const MetricsSampler *sampler, MetricsMachine *out);
/* Processor time of all children; without an ended one's last seconds. */
double metrics_sampler_children_s(const MetricsSampler *sampler);

MetricsBackup metrics_sampler_backup(const MetricsSampler *sampler);

typedef struct {
    const char *name; // borrowed
    uint64_t free_bytes, size_bytes;
} MetricsDisk;

/* Returns how many: disks that answered within a minute. */
unsigned metrics_sampler_disks(const MetricsSampler *sampler, MetricsDisk out[METRICS_DISKS]);

/* {"every_ms", "cpu", "majlis", "memory", "webrtc", "hls", "sent"}: arrays, oldest first; shares 0
 * to 1, sent: bytes/s; null: unknown. */
json_t *metrics_sampler_history(const MetricsSampler *sampler);

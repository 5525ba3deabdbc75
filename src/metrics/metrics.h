// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The registry of metrics and their text: Prometheus 0.0.4 or OpenMetrics 1.0. Main thread.
// Prometheus' conventions: seconds, bytes, counters in "_total".

#include "base/histogram.h"

#include <glib.h>
#include <stdbool.h>

#define METRICS_TOKEN_LEAST_BYTES 16

typedef enum {
    METRICS_GAUGE,
    METRICS_COUNTER, // its name ends in "_total"
    METRICS_HISTOGRAM,
} MetricsType;

/* Static. */
typedef struct {
    const char *name;
    MetricsType type;
    const char *help;
} MetricsFamily;

typedef struct Metrics Metrics;
typedef struct MetricsText MetricsText;

Metrics *metrics_new(void);
void metrics_free(Metrics *metrics);

/* `collect` writes its families at each scrape; must be quick. */
void metrics_add(Metrics *metrics, void (*collect)(void *data, MetricsText *out), void *data);

/* What all collectors write. */
GBytes *metrics_text(Metrics *metrics, bool openmetrics);

/* The Accept field (nullable) asks for OpenMetrics. */
bool metrics_wants_open(const char *accept);
const char *metrics_content_type(bool openmetrics); // static

/* Begins a family, once in a text; its samples follow; none: nothing to measure now. */
void metrics_family(MetricsText *text, const MetricsFamily *family);

/* Of the last family. Pairs of label and value (escaped here), then NULL. */
void metrics_sample(MetricsText *text, double value, ...) G_GNUC_NULL_TERMINATED;
void metrics_histogram(MetricsText *text, const BaseHistogramValues *values);

/* A family with one sample. */
void metrics_single(MetricsText *text, const MetricsFamily *family, double value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Metrics, metrics_free)

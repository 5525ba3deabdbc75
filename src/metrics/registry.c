// SPDX-License-Identifier: GPL-3.0-or-later
// The list of collectors.
#include "metrics/text.h"

typedef struct {
    void (*collect)(void *data, MetricsText *out);
    void *data;
} Collector;

struct Metrics {
    GArray *collectors; // Collector
};

Metrics *metrics_new(void)
{
    Metrics *metrics = g_new0(Metrics, 1);
    metrics->collectors = g_array_new(FALSE, FALSE, sizeof(Collector));
    return metrics;
}

void metrics_free(Metrics *metrics)
{
    if (metrics != NULL) {
        g_array_unref(metrics->collectors);
        g_free(metrics);
    }
}

void metrics_add(Metrics *metrics, void (*collect)(void *data, MetricsText *out), void *data)
{
    Collector collector = {.collect = collect, .data = data};
    g_array_append_val(metrics->collectors, collector);
}

GBytes *metrics_text(Metrics *metrics, bool openmetrics)
{
    MetricsText *text = metrics_text_new(openmetrics);
    for (guint i = 0; i < metrics->collectors->len; i++) {
        const Collector *collector = &g_array_index(metrics->collectors, Collector, i);
        collector->collect(collector->data, text);
    }
    return metrics_text_end(text);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The server's metrics, their listener, samples of machine and disks. Main thread.

#include "conf/conf.h"
#include "http/http.h"
#include "metrics/sampler.h"

typedef struct Observe Observe;

/* Borrowed; outlives observe_free(). */
typedef struct {
    Store *store;
    Http *http;
    RtcServer *rtc;
    Qa *qa;
    Mail *mail;
    Live *live;
} ObserveSources;

/* Starts sampling and, with [metrics] listen, serving. */
Observe *observe_new(const Conf *conf, const ObserveSources *sources, GError **error);

/* For HttpServices. Borrowed. */
Metrics *observe_metrics(const Observe *observe);
/* `data` is an Observe. */
json_t *observe_system(void *data);

/* Before freeing `sources`: closes the listener. */
void observe_stop(Observe *observe);
/* After http_free(). */
void observe_free(Observe *observe);

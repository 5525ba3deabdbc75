// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the handlers of http work with.

#include "auth/auth.h"
#include "live/live.h"
#include "metrics/metrics.h"
#include "qa/qa.h"
#include "store/store.h"

typedef struct Http Http;
typedef struct HttpThread HttpThread;

#define HTTP_STATUS_CLASSES 6 // 1xx to 5xx; 0: none

/* Outlives http_stop(). */
typedef struct {
    Store *store;
    AuthTokens *tokens;
    const AuthPathKey *paths;
    Live *live;
    Qa *qa;
    RtcServer *rtc;
    Metrics *metrics;
    json_t *(*system)(void *data); // page "System"; full ownership
    void *system_data;
} HttpServices;

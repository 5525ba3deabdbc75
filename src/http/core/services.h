// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the handlers of http work with.

#include "auth/auth.h"
#include "files/files.h"
#include "live/live.h"
#include "mail/mail.h"
#include "metrics/metrics.h"
#include "qa/qa.h"
#include "series/series.h"
#include "slides/slides.h"
#include "store/settings/settings.h"
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
    Series *series;
    Files *files;
    Slides *slides;
    Qa *qa;
    Mail *mail;
    RtcServer *rtc;
    Metrics *metrics;
    json_t *(*system)(void *data); // page "System"; full ownership
    void *system_data;
    // page "Settings": `rows` are StoreSetting; full ownership of what they return
    json_t *(*settings)(void *data, const GPtrArray *rows); // a SettingList
    GPtrArray *(*settings_take)(void *data, const json_t *body,
                                GError **error);       // changes; NULL: refused
    void (*settings_use)(void *data, GPtrArray *rows); // once they are stored
    void *settings_data;
    // a recording as files, where majlis.conf says; ready: refused before it begins
    bool (*export_ready)(void *data, GError **error);
    void (*export_begin)(void *data, const StoreSession *row, StoreDone done, void *done_data);
    void *export_data;
} HttpServices;

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the handlers of http work with.

#include "auth/auth.h"
#include "live/live.h"
#include "qa/qa.h"
#include "store/store.h"

typedef struct Http Http;
typedef struct HttpThread HttpThread;

/* All of it outlives http_stop(). */
typedef struct {
    Store *store;
    AuthTokens *tokens;
    const AuthPathKey *paths;
    Live *live;
    Qa *qa;
    RtcServer *rtc;
} HttpServices;

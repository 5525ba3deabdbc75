// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Calendars and podcasts, for everybody or by token. Main thread.

#include "http/resources.h"

typedef enum {
    HTTP_FEED_CALENDAR,
    HTTP_FEED_PODCAST,
} HttpFeedKind;

typedef struct {
    HttpFeedKind kind;
    const char *lang; // static
    bool personal;
    char *grants;     // nullable: roles and sessions of the person
    GPtrArray *rows;  // StoreSession, copies
    GArray *episodes; // SessionEpisode, of `rows`; sizes are the worker's
    char *directory;  // of recordings
    char *site, *self, *files;
} HttpFeedJob;

// right.c
/* Borrows `grants` (AuthIdentity, not empty). */
typedef void (*HttpFeedThen)(HttpRequest *request, GPtrArray *grants);
/* By the token in parameter 0; replies if it gives no right. */
void http_feed_ask(HttpRequest *request, HttpFeedThen then);
/* NULL `grants`: everybody. `*out_who` is borrowed. */
bool http_feed_may(const GPtrArray *grants, AuthAction action, const AuthObject *object,
                   AuthIdentity **out_who);

// make.c
HttpFeedJob *http_feed_job_new(const Http *http, HttpFeedKind kind, const char *lang,
                               const char *token, const GPtrArray *grants);
void http_feed_job_free(HttpFeedJob *job);
char *http_feed_grants_text(const GPtrArray *grants);
/* Any thread. Blocks. */
char *http_feed_make(HttpFeedJob *job);

// cache.c
void http_feed_reply(HttpRequest *request, HttpFeedKind kind, const char *token,
                     const GPtrArray *grants);

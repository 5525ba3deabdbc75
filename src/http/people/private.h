// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the handlers of people and entities share. Main thread.

#include "http/core/core.h"
#include "store/people/people.h"

/* A request about an entity or a person. */
typedef struct {
    HttpRequest *request;
    json_t *body;     // nullable
    char *seen;       // If-Match; nullable
    bool administers; // AUTH_ADMINISTER
    bool stale;
    StorePerson *row;    // as it was, then as it is; nullable
    StoreEntity *entity; // the same
    GPtrArray *people;   // StorePerson: renamed with the entity; nullable
    json_t *items;       // nullable
    char *text;          // JSON; nullable
} HttpWrite;

/* With the request's body; else replies. */
void http_write_by(HttpRequest *request, StoreJob job, StoreDone done);
void http_write_free(HttpWrite *write);
/* Store thread. False: stale. */
bool http_write_is_current(HttpWrite *write, int revision);
/* True: replied. */
bool http_write_failed(HttpWrite *write, const GError *error);

/* In a job: the person of the path. False with `stale`, or NO_PERSON. */
bool http_person_find(StoreDb *db, HttpWrite *write, GError **error);
/* The row as stored: entity, revision. */
bool http_person_read_again(StoreDb *db, HttpWrite *write, GError **error);
/* ADMIN_ONLY unless the request may change staff. */
bool http_person_administers(const HttpWrite *write, GError **error);
/* In a job, after a change of somebody with `role`: LAST_ADMIN if no admin is left. */
bool http_keeps_admin(StoreDb *db, const char *role, GError **error);

/* Sign-ins, sockets and questions in memory follow what was committed. */
void http_person_changed(Http *http, const StorePerson *row);
/* For many: questions are read again once. */
void http_people_changed(Http *http, const GPtrArray *rows);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The clients in a session, and sending them events: one text per form, shared. Main thread.

#include "qa/queue.h"
#include "qa/hub.h"

/* After 3 s without an event a page reports a dead server. */
#define QA_CLOCK_EVERY_MS 1000
#define QA_VOTES_EVERY_MS 250
#define QA_PRESENCE_EVERY_MS 2000
#define QA_MAX_MISSED 200 // questions after a gap; more: a snapshot

typedef struct QaAudience QaAudience;

/* A socket. */
typedef struct {
    uint64_t socket;
    AuthIdentity *who; // owned
    uint8_t sign_in[AUTH_HASH_BYTES];
    QaAudience *audience; // nullable
    bool present;         // got its snapshot
    bool counted;         // got presence.count
    bool revoked;         // closing: its messages are dropped
    bool moderates, presents;
    QaVia via;
    QaRoad road;
    unsigned joins; // number of joins
} QaClient;

/* Borrows all. */
QaAudience *qa_audience_new(QaQueue *queue, QaHub *hub, const char *run, const QaEvents *events);
void qa_audience_free(QaAudience *audience);

QaQueue *qa_audience_queue(const QaAudience *audience);
void qa_audience_use(QaAudience *audience, int64_t now_us); // monotonic
int64_t qa_audience_used_us(const QaAudience *audience);    // last
unsigned qa_audience_present(const QaAudience *audience);   // people, not sockets

/* After loading. Sends a snapshot, or the changes since `since` (nullable), and the clock. */
void qa_audience_enter(QaAudience *audience, QaClient *client, const char *since);
void qa_audience_leave(QaAudience *audience, QaClient *client);

void qa_audience_tell_entries(QaAudience *audience, uint64_t from, uint64_t asking,
                              const char *question);
/* Totals follow by a timer; the voter's other sockets hear at once. */
void qa_audience_tell_vote(QaAudience *audience, uint64_t asking, const char *question,
                           const char *voter);
void qa_audience_tell_message(QaAudience *audience);
void qa_audience_tell_session(QaAudience *audience);
/* Snapshots. */
void qa_audience_tell_all(QaAudience *audience, bool moderators_too);
void qa_audience_tell_presence(QaAudience *audience);
void qa_audience_tell_clock(QaAudience *audience);

/* Takes `json`. */
void qa_audience_send(QaHub *hub, uint64_t socket, json_t *json);

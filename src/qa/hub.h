// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The websockets: libwebsockets on the first http thread. Bounds message size, rate, queue, sockets
// per person. Events come on main: opened, received…, closed.

#include "qa/qa.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define QA_HUB_MAX_QUEUED_BYTES (256 * 1024) // per socket, without snapshots
#define QA_HUB_BURST 30                      // messages of a person
#define QA_HUB_MAX_STRIKES 100               // over the rate; then 1008
#define QA_HUB_PING_S 20
#define QA_HUB_DEAD_S 60 // two lost pings

typedef enum {
    QA_CLOSE_AWAY = 1001,
    QA_CLOSE_WRONG = 1002,  // protocol error
    QA_CLOSE_KIND = 1003,   // binary
    QA_CLOSE_TEXT = 1007,   // not UTF-8
    QA_CLOSE_POLICY = 1008, // flood
    QA_CLOSE_SIZE = 1009,
    QA_CLOSE_SLOW = 1013,    // try again later
    QA_CLOSE_REVOKED = 4401, // sign in again
    QA_CLOSE_DENIED = 4403,
} QaClose;

typedef struct {
    /* Borrows all, as given to qa_hub_adopt(). */
    void (*opened)(void *data, uint64_t socket, AuthIdentity *who, const uint8_t *sign_in);
    /* Valid UTF-8. `limited`: over the rate, refuse it. */
    void (*received)(void *data, uint64_t socket, GBytes *text, bool limited);
    void (*closed)(void *data, uint64_t socket);
    void *data;
} QaHubEvents;

typedef struct QaHub QaHub;

/* Main thread. */
QaHub *qa_hub_new(GMainContext *socket_context, const QaHubEvents *events);

/* Main thread, after qa_hub_stop(). No event follows. */
void qa_hub_free(QaHub *hub);

/* Any thread. Sets the figures of sockets. */
void qa_hub_stats(const QaHub *hub, QaStats *out);

/* Any thread; a short lock. */
bool qa_hub_has_room(QaHub *hub, const AuthIdentity *who);

/* Socket thread; as qa_adopt(). */
void qa_hub_adopt(QaHub *hub, int fd, const char *head, size_t head_size, AuthIdentity *who,
                  const uint8_t sign_in[AUTH_HASH_BYTES]);

/* Socket thread. Closes all sockets (1001), refuses new ones. */
void qa_hub_stop(QaHub *hub);

/* Main thread. In order; one post per turn. One snapshot at a time may exceed the queue. */
void qa_hub_send(QaHub *hub, uint64_t socket, GBytes *text, bool snapshot);

/* Main thread, after all earlier sends. */
void qa_hub_close(QaHub *hub, uint64_t socket, QaClose code);

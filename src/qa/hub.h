// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The websockets: libwebsockets on the http thread's context. Knows sockets and whole text
// messages, no rooms and no meaning. It bounds what a peer can make us keep: message size, rate,
// what waits to be sent, sockets a person. Each function says its thread; the events come on the
// main thread, for one socket always in the order opened, received…, closed.

#include "auth/auth.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define QA_HUB_MAX_QUEUED_BYTES (256 * 1024) // waiting for one slow reader, snapshots apart
#define QA_HUB_BURST 30                      // messages of a person at once
#define QA_HUB_MAX_STRIKES 100               // of a person over the rate at once, then 1008
#define QA_HUB_PING_S 20
#define QA_HUB_DEAD_S 60 // two pings without an answer

typedef enum {
    QA_CLOSE_AWAY = 1001,
    QA_CLOSE_WRONG = 1002,  // against the protocol
    QA_CLOSE_KIND = 1003,   // binary
    QA_CLOSE_TEXT = 1007,   // not UTF-8
    QA_CLOSE_POLICY = 1008, // flood
    QA_CLOSE_SIZE = 1009,
    QA_CLOSE_SLOW = 1013,    // try again later
    QA_CLOSE_REVOKED = 4401, // sign in again
} QaClose;

typedef struct {
    /* `who` and `sign_in` (AUTH_HASH_BYTES) are borrowed, as given to qa_hub_adopt(). */
    void (*opened)(void *data, uint64_t socket, AuthIdentity *who, const uint8_t *sign_in);
    /* Whole, valid UTF-8. `limited`: over the rate, not to be carried out. */
    void (*received)(void *data, uint64_t socket, GBytes *text, bool limited);
    void (*closed)(void *data, uint64_t socket);
    void *data;
} QaHubEvents;

typedef struct QaHub QaHub;

/* Main thread. Full ownership. */
QaHub *qa_hub_new(GMainContext *socket_context, const QaHubEvents *events);

/* Main thread: no events after this. The sockets must have been stopped. NULL is allowed. */
void qa_hub_free(QaHub *hub);

/* Socket thread. Whether one more socket of this person may be adopted. */
bool qa_hub_has_room(const QaHub *hub, const AuthIdentity *who);

/* Socket thread; as qa_adopt(). */
void qa_hub_adopt(QaHub *hub, int fd, const char *head, size_t head_size, AuthIdentity *who,
                  const uint8_t sign_in[AUTH_HASH_BYTES]);

/* Socket thread: closes every socket (1001) and refuses new ones. */
void qa_hub_stop(QaHub *hub);

/* Main thread. Sends in order; a socket that is gone is passed over. A snapshot may be larger than
 * the queue, one at a time. What one turn of the main loop sends goes over to the sockets in one
 * post. */
void qa_hub_send(QaHub *hub, uint64_t socket, GBytes *text, bool snapshot);

/* Main thread, after what was sent before. */
void qa_hub_close(QaHub *hub, uint64_t socket, QaClose code);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One session's desk: owns the room, loads it from the store, and carries requests out: worked out,
// committed, applied, then answered. Main thread.
//
// Each person's requests are taken in the order they come; between people it goes round, those of
// moderators first, so that a person with many requests delays nobody else. Asking and voting run
// beside each other, one request a person; withdrawing and moderating run alone, so that each is
// worked out on the outcome of the one before and none is lost. A vote that waits takes up the person's
// later ones on the same question, up to a request of another kind: one change, and each gets its
// answer.

#include "qa/message.h"
#include "qa/qa.h"

#define QA_DESK_MAX_WAITING 5000           // requests of a session; then UNAVAILABLE
#define QA_DESK_MAX_WAITING_PER_PERSON 100 // then LIMIT

typedef struct QaDesk QaDesk;

typedef struct {
    /* What `who` may do in the session now; false with an error when the request cannot be taken
     * (the session is gone or over). The texts of `out` live as long as `who`. */
    bool (*actor)(void *data, const char *session, AuthIdentity *who, QaOp op, QaActor *out,
                  GError **error);
    int64_t (*media_now)(void *data, const char *session);
    /* The entries after `from` are new; `votes`: totals too. `asking` names the socket that will be
     * answered about `question` right after (0: none). */
    void (*applied)(void *data, QaDesk *desk, uint64_t from, uint64_t asking, const char *question,
                    const char *voter);
    void *data;
} QaDeskEvents;

/* Full ownership. */
QaDesk *qa_desk_new(Store *store, const char *session, const char *run, const QaDeskEvents *events);
/* Answers all that wait. NULL is allowed. */
void qa_desk_free(QaDesk *desk);

const char *qa_desk_session(const QaDesk *desk);
/* NULL until it is loaded. */
QaRoom *qa_desk_room(const QaDesk *desk);

/* Calls back once, with the room when it is loaded (perhaps at once), or with NULL and an error. */
typedef void (*QaDeskReady)(void *data, QaRoom *room, const GError *error);
void qa_desk_when_ready(QaDesk *desk, QaDeskReady func, void *data);

/* Takes `message` out of its place; it lives in `json`, of which a reference is taken. */
void qa_desk_request(QaDesk *desk, AuthIdentity *who, QaMessage *message, json_t *json,
                     uint64_t asking, QaReply func, void *data);

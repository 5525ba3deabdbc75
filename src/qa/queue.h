// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One session's requests and questions, which it loads and owns. Main thread.
//
// A person's requests keep their order; persons take turns, moderators first. Asking and voting run
// side by side, one per person; others alone, each on the previous outcome. A waiting vote absorbs
// later ones on its question, up to a request of another kind.

#include "qa/message.h"
#include "qa/qa.h"

#include "base/histogram.h"

#define QA_QUEUE_MAX_WAITING 5000           // then UNAVAILABLE
#define QA_QUEUE_MAX_WAITING_PER_PERSON 100 // then LIMIT

typedef struct QaQueue QaQueue;

/* Of all sessions. Main thread. */
typedef struct {
    BaseHistogram commit;          // from a request's turn until it is committed
    BaseHistogram delays[QA_VIAS]; // from capture to the screen, as pages tell
    uint64_t questions, votes, others, failed;
} QaCounts;

typedef struct {
    /* False with an error: the session is gone or over. Texts of `out` live as long as `who`. */
    bool (*actor)(void *data, const char *session, AuthIdentity *who, QaOp op, QaActor *out,
                  GError **error);
    int64_t (*media_now)(void *data, const char *session);
    /* Entries after `from` are new. `asking`: the socket that is answered about `question`, or 0.
     * `voter` is nullable. */
    void (*applied)(void *data, QaQueue *queue, uint64_t from, uint64_t asking,
                    const char *question, const char *voter);
    /* qa_questions_last_message() changed. */
    void (*messaged)(void *data, QaQueue *queue);
    /* The questions were read again. */
    void (*renewed)(void *data, QaQueue *queue);
    void *data;
    QaCounts *counts; // outlives the queue's requests
} QaQueueEvents;

/* Its cursors of `run` come after `sequence`. */
QaQueue *qa_queue_new(Store *store, const char *session, const char *run, uint64_t sequence,
                      const QaQueueEvents *events);
/* Refuses waiting requests. */
void qa_queue_free(QaQueue *queue);

const char *qa_queue_session(const QaQueue *queue);
/* Nothing waits or is at the store. */
bool qa_queue_is_idle(const QaQueue *queue);
/* NULL until loaded. */
QaQuestions *qa_queue_questions(const QaQueue *queue);

/* Other rows of people were committed: reads the questions again, after what is at the store, before
 * what waits. A failed read is repeated with the next request. */
void qa_queue_renew(QaQueue *queue);
/* As qa_questions_know(); true while they are loaded. */
bool qa_queue_knows(const QaQueue *queue, const char *person);
/* Refuses what waits of the person: SIGNED_OUT. */
void qa_queue_sign_out(QaQueue *queue, const char *person);

/* As qa_questions_show_names(), also before they are loaded. */
bool qa_queue_show_names(QaQueue *queue, bool show);

/* `questions` NULL: `error`. Calls `func` once, perhaps at once. */
typedef void (*QaQueueReady)(void *data, QaQuestions *questions, const GError *error);
void qa_queue_when_ready(QaQueue *queue, QaQueueReady func, void *data);

/* Takes the content of `message`, references `json`. */
void qa_queue_request(QaQueue *queue, AuthIdentity *who, QaMessage *message, json_t *json,
                      uint64_t asking, QaReply func, void *data);

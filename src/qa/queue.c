// SPDX-License-Identifier: GPL-3.0-or-later
// Carries out the requests of one session in a fair order.
#include "qa/queue.h"

#include "base/clock.h"

#include <string.h>

typedef struct Request Request;
struct Request {
    QaQueue *queue;
    int64_t begun_us; // clock
    AuthIdentity *who;
    json_t *json;
    QaMessage message; // borrows from `json`
    uint64_t asking;
    QaReply func; // NULL: replied
    void *data;
    QaChange *change;
    Request *folded; // nullable: an absorbed vote
};

/* Of a person. */
typedef struct {
    char *person;
    GQueue requests; // Request
    unsigned count;  // with folded ones
    GList link;      // in a round
    bool moderates;
} Backlog;

typedef struct {
    QaQueueReady func;
    void *data;
} Waiter;

struct QaQueue {
    Store *store;
    char *session, *run;
    QaQueueEvents events;
    QaQuestions *questions; // NULL until loaded
    uint64_t sequence;      // of `questions` when loaded
    bool shows_names;
    bool loading;
    bool stale;           // `questions` are to be read again
    GArray *waiters;      // Waiter
    GHashTable *backlogs; // person -> Backlog, owned, not empty
    GQueue moderators;    // round of Backlog, next first
    GQueue others;        // round of Backlog
    unsigned waiting;
    GPtrArray *begun; // Request, at the store
    bool alone;       // the begun request runs alone
    bool beginning;   // against recursion
    unsigned jobs;    // at the store
    bool closed;      // freed, kept for the jobs
};

/* Answers */

static void request_free(Request *request)
{
    g_assert(request->func == NULL);
    g_clear_pointer(&request->folded, request_free);
    qa_change_free(request->change);
    qa_message_clear(&request->message);
    auth_identity_unref(request->who);
    json_decref(request->json);
    g_free(request);
}

static void answer(Request *request, json_t *reply)
{
    QaReply func = request->func;
    request->func = NULL;
    if (func != NULL) {
        func(request->data, reply);
    }
    json_decref(reply);
}

static void answer_error(Request *request, const GError *error)
{
    for (; request != NULL; request = request->folded) {
        answer(request, qa_write_error(request->message.ref, error));
    }
}

static void answer_unavailable(Request *request, const char *why)
{
    g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, BASE_ERROR_UNAVAILABLE, why);
    answer_error(request, error);
}

static void answer_ok(Request *request)
{
    QaQueue *queue = request->queue;
    QaActor actor = {.person = request->who->person};
    queue->events.actor(queue->events.data, queue->session, request->who, request->message.op,
                        &actor, NULL);
    QaViewer viewer = {.person = request->who->person, .moderates = actor.moderates};
    const char *id = request->change->question;
    const QaQuestion *question =
        id != NULL ? qa_questions_find(queue->questions, id, &viewer) : NULL;
    const char *act = request->change->act;
    g_autofree char *cursor = qa_cursor_format(queue->run, qa_questions_sequence(queue->questions));
    for (; request != NULL; request = request->folded) {
        answer(request,
               qa_write_ok(request->message.ref, cursor, act,
                           question != NULL ? qa_write_question_for(question, &viewer) : NULL));
    }
}

/* Carrying out */

static QaChange *work_out(const Request *request, const QaActor *actor, GError **error)
{
    const QaQueue *queue = request->queue;
    const QaMessage *message = &request->message;
    int64_t media_us = queue->events.media_now(queue->events.data, queue->session);
    switch (message->op) {
    case QA_OP_ASK:
        return qa_questions_ask(queue->questions, actor, message->ref, message->text,
                                message->anonymous, base_wall_us(), media_us, error);
    case QA_OP_VOTE:
        return qa_questions_vote(queue->questions, actor, message->question, message->on, error);
    case QA_OP_WITHDRAW:
        return qa_questions_withdraw(queue->questions, actor, message->question, error);
    case QA_OP_MODERATE: {
        QaModeration order = {
            .question = message->question,
            .has_to = message->has_to,
            .to = message->to,
            .text = message->text,
            .merge_into = message->merge_into,
            .starred = message->starred,
        };
        return qa_questions_moderate(queue->questions, actor, &order, media_us, error);
    }
    case QA_OP_UNDO:
        return qa_questions_undo(queue->questions, actor, message->question, message->act,
                                 message->ref, error);
    case QA_OP_MESSAGE:
        return qa_questions_message(queue->questions, actor, message->ref, message->text,
                                    base_wall_us(), error);
    case QA_OP_ACKNOWLEDGE:
        return qa_questions_acknowledge(queue->questions, actor, message->message, base_wall_us(),
                                        error);
    default:
        g_assert_not_reached();
    }
}

/* Store thread. */
static bool write_change(StoreDb *db, void *data, GError **error)
{
    const QaChange *change = ((Request *)data)->change;
    for (guint i = 0; i < change->rows->len; i++) {
        const StoreQuestion *row = change->rows->pdata[i];
        bool inserts = change->insert && i == 0;
        if (!(inserts ? store_question_insert : store_question_update)(db, row, error)) {
            return false;
        }
    }
    for (guint i = 0; i < change->acts->len; i++) {
        if (!store_act_insert(db, change->acts->pdata[i], error)) {
            return false;
        }
    }
    for (guint i = 0; i < change->past->len; i++) {
        if (!store_act_delete(db, change->past->pdata[i], error)) {
            return false;
        }
    }
    if (change->voter != NULL &&
        !store_vote_set(db, change->question, change->voter, change->vote, error)) {
        return false;
    }
    return change->message == NULL || store_presenter_message_put(db, change->message, error);
}

static bool runs_alone(const Request *request)
{
    return request->message.op != QA_OP_ASK && request->message.op != QA_OP_VOTE;
}

static bool is_busy(const QaQueue *queue, const char *person)
{
    for (guint i = 0; i < queue->begun->len; i++) {
        if (strcmp(((const Request *)queue->begun->pdata[i])->who->person, person) == 0) {
            return true;
        }
    }
    return false;
}

/* Waiting */

static void backlog_free(void *data)
{
    Backlog *backlog = data;
    g_free(backlog->person);
    g_free(backlog);
}

static GQueue *round_of(QaQueue *queue, const Backlog *backlog)
{
    return backlog->moderates ? &queue->moderators : &queue->others;
}

static Backlog *backlog_of(QaQueue *queue, AuthIdentity *who)
{
    Backlog *backlog = g_hash_table_lookup(queue->backlogs, who->person);
    if (backlog == NULL) {
        QaActor actor = {0};
        queue->events.actor(queue->events.data, queue->session, who, QA_OP_MODERATE, &actor, NULL);
        backlog = g_new0(Backlog, 1);
        backlog->person = g_strdup(who->person);
        backlog->link.data = backlog;
        backlog->moderates = actor.moderates || actor.presents;
        g_queue_init(&backlog->requests);
        g_hash_table_insert(queue->backlogs, backlog->person, backlog);
        g_queue_push_tail_link(round_of(queue, backlog), &backlog->link);
    }
    return backlog;
}

/* The person's next request; the turn passes on. */
static Request *take_next(QaQueue *queue, Backlog *backlog)
{
    GQueue *round = round_of(queue, backlog);
    Request *request = g_queue_pop_head(&backlog->requests);
    unsigned count = 0;
    for (const Request *at = request; at != NULL; at = at->folded) {
        count++;
    }
    backlog->count -= count;
    queue->waiting -= count;
    g_queue_unlink(round, &backlog->link);
    if (g_queue_is_empty(&backlog->requests)) {
        g_hash_table_remove(queue->backlogs, backlog->person);
    } else {
        g_queue_push_tail_link(round, &backlog->link);
    }
    return request;
}

/* The first idle person. NULL with `*stop`: that request must run alone. */
static Backlog *find_turn(const QaQueue *queue, const GQueue *round, bool *stop)
{
    for (GList *at = round->head; at != NULL && !*stop; at = at->next) {
        Backlog *backlog = at->data;
        if (is_busy(queue, backlog->person)) {
            continue;
        }
        if (!runs_alone(g_queue_peek_head(&backlog->requests)) || queue->begun->len == 0) {
            return backlog;
        }
        *stop = true;
    }
    return NULL;
}

static Request *next_request(QaQueue *queue)
{
    bool stop = queue->alone;
    Backlog *backlog = find_turn(queue, &queue->moderators, &stop);
    if (backlog == NULL) {
        backlog = find_turn(queue, &queue->others, &stop);
    }
    return backlog != NULL ? take_next(queue, backlog) : NULL;
}

/* Absorbs a waiting vote on the question, unless a request between could decide its outcome. */
static bool fold(Backlog *backlog, Request *request)
{
    if (request->message.op != QA_OP_VOTE) {
        return false;
    }
    for (GList *at = backlog->requests.tail; at != NULL; at = at->prev) {
        Request *former = at->data;
        if (former->message.op != QA_OP_VOTE) {
            return false;
        }
        if (strcmp(former->message.question, request->message.question) == 0) {
            request->folded = former;
            at->data = request;
            return true;
        }
    }
    return false;
}

/* False: too many wait. */
static bool enqueue(QaQueue *queue, Request *request)
{
    const Backlog *now = g_hash_table_lookup(queue->backlogs, request->who->person);
    if (queue->waiting >= QA_QUEUE_MAX_WAITING) {
        answer_unavailable(request, "Too much is going on in this session. Try again shortly.");
        return false;
    }
    if (now != NULL && now->count >= QA_QUEUE_MAX_WAITING_PER_PERSON) {
        g_autoptr(GError) error = g_error_new_literal(
            BASE_ERROR, BASE_ERROR_LIMIT, "Too many of your requests wait already. Send it later.");
        answer_error(request, error);
        return false;
    }
    Backlog *backlog = backlog_of(queue, request->who);
    if (!fold(backlog, request)) {
        g_queue_push_tail(&backlog->requests, request);
    }
    backlog->count++;
    queue->waiting++;
    return true;
}

/* Beginning */

static void begin_waiting(QaQueue *queue);

static void queue_unref_job(QaQueue *queue);

static void count(QaCounts *counts, const Request *request, const GError *error)
{
    uint64_t *of = error != NULL                       ? &counts->failed
                   : request->message.op == QA_OP_ASK  ? &counts->questions
                   : request->message.op == QA_OP_VOTE ? &counts->votes
                                                       : &counts->others;
    (*of)++;
    if (error == NULL) {
        base_histogram_observe(&counts->commit, base_clock_us() - request->begun_us);
    }
}

static void on_written(void *data, const GError *error)
{
    Request *request = data;
    QaQueue *queue = request->queue;
    if (!queue->closed) {
        count(queue->events.counts, request, error);
        g_ptr_array_remove_fast(queue->begun, request);
        queue->alone = false;
        if (error != NULL) {
            answer_error(request, error);
        } else {
            uint64_t from = qa_questions_sequence(queue->questions);
            bool votes = request->change->voter != NULL;
            bool message = request->change->message != NULL;
            qa_questions_apply(queue->questions, request->change);
            if (message) {
                queue->events.messaged(queue->events.data, queue);
            } else {
                queue->events.applied(queue->events.data, queue, from, request->asking,
                                      request->change->question,
                                      votes ? request->who->person : NULL);
            }
            answer_ok(request);
        }
        begin_waiting(queue);
    }
    request_free(request);
    queue_unref_job(queue);
}

static bool changes_nothing(const QaChange *change)
{
    return change->rows->len == 0 && change->voter == NULL && change->message == NULL;
}

static void begin(QaQueue *queue, Request *request)
{
    g_autoptr(GError) error = NULL;
    QaActor actor = {.person = request->who->person};
    if (queue->events.actor(queue->events.data, queue->session, request->who, request->message.op,
                            &actor, &error)) {
        request->change = work_out(request, &actor, &error);
    }
    if (request->change == NULL) {
        answer_error(request, error);
        request_free(request);
    } else if (changes_nothing(request->change)) {
        answer_ok(request); // committed already
        request_free(request);
    } else {
        queue->alone = runs_alone(request);
        queue->jobs++;
        request->begun_us = base_clock_us();
        g_ptr_array_add(queue->begun, request);
        store_submit(queue->store, write_change, on_written, request);
    }
}

static bool is_ready(const QaQueue *queue)
{
    return queue->questions != NULL && !queue->stale && !queue->loading;
}

static void want_questions(QaQueue *queue);

static void begin_waiting(QaQueue *queue)
{
    if (queue->stale) {
        want_questions(queue);
    }
    if (queue->beginning || !is_ready(queue)) {
        return;
    }
    queue->beginning = true;
    for (Request *next; (next = next_request(queue)) != NULL;) {
        begin(queue, next);
    }
    queue->beginning = false;
}

/* Loading */

typedef struct {
    QaQueue *queue;
    QaQuestions *questions;
} Load;

static void on_vote_row(void *data, const char *question, const char *person, StoreVote vote)
{
    qa_questions_load_vote(data, question, person, vote);
}

static bool load_acts(StoreDb *db, const Load *job, GError **error)
{
    g_autoptr(GPtrArray) acts = store_acts_list(db, job->queue->session, error);
    while (acts != NULL && acts->len > 0) {
        qa_questions_load_act(job->questions, g_ptr_array_steal_index(acts, 0));
    }
    return acts != NULL;
}

/* Store thread. */
static bool load(StoreDb *db, void *data, GError **error)
{
    Load *job = data;
    qa_questions_free(job->questions); // of an earlier try
    job->questions = qa_questions_new(job->queue->session);
    g_autoptr(GPtrArray) rows = store_questions_list(db, job->queue->session, error);
    if (rows == NULL) {
        return false;
    }
    while (rows->len > 0) {
        qa_questions_load_question(job->questions, g_ptr_array_steal_index(rows, 0));
    }
    StorePresenterMessage *message = NULL;
    if (!store_presenter_message_get(db, job->queue->session, &message, error)) {
        return false;
    }
    qa_questions_load_message(job->questions, message);
    return load_acts(db, job, error) &&
           store_votes_each(db, job->queue->session, on_vote_row, job->questions, error);
}

static void tell_waiters(QaQueue *queue, const GError *error)
{
    g_autoptr(GArray) waiters = queue->waiters;
    queue->waiters = g_array_new(FALSE, FALSE, sizeof(Waiter));
    for (guint i = 0; i < waiters->len; i++) {
        const Waiter *waiter = &g_array_index(waiters, Waiter, i);
        waiter->func(waiter->data, error == NULL ? queue->questions : NULL, error);
    }
}

static void refuse_requests(QaQueue *queue, const char *why)
{
    GQueue *rounds[] = {&queue->moderators, &queue->others};
    for (size_t i = 0; i < G_N_ELEMENTS(rounds); i++) {
        for (const GList *head; (head = rounds[i]->head) != NULL;) {
            Request *request = take_next(queue, head->data);
            answer_unavailable(request, why);
            request_free(request);
        }
    }
}

static void take_questions(QaQueue *queue, QaQuestions *questions)
{
    g_autoptr(QaQuestions) old = queue->questions;
    queue->questions = questions;
    qa_questions_load_end(questions);
    if (old != NULL) {
        qa_questions_replace(questions, old);
    } else {
        qa_questions_start_at(questions, queue->sequence);
    }
    qa_questions_show_names(questions, queue->shows_names);
    if (old != NULL) {
        queue->events.renewed(queue->events.data, queue);
    }
}

static void on_loaded(void *data, const GError *error)
{
    Load *job = data;
    QaQueue *queue = job->queue;
    queue->loading = false;
    if (!queue->closed && error != NULL) {
        queue->stale = queue->questions != NULL;
        tell_waiters(queue, error);
        refuse_requests(queue, "The questions could not be read. Try again shortly.");
    } else if (!queue->closed) {
        take_questions(queue, g_steal_pointer(&job->questions));
        if (!queue->stale) {
            tell_waiters(queue, NULL);
        }
        begin_waiting(queue);
    }
    qa_questions_free(job->questions);
    g_free(job);
    queue_unref_job(queue);
}

static void want_questions(QaQueue *queue)
{
    if (is_ready(queue) || queue->loading || queue->begun->len > 0) {
        return;
    }
    Load *job = g_new(Load, 1);
    *job = (Load){.queue = queue};
    queue->loading = true;
    queue->stale = false;
    queue->jobs++;
    store_submit(queue->store, load, on_loaded, job);
}

QaQueue *qa_queue_new(Store *store, const char *session, const char *run, uint64_t sequence,
                      const QaQueueEvents *events)
{
    QaQueue *queue = g_new0(QaQueue, 1);
    queue->store = store;
    queue->session = g_strdup(session);
    queue->run = g_strdup(run);
    queue->sequence = sequence;
    queue->events = *events;
    queue->waiters = g_array_new(FALSE, FALSE, sizeof(Waiter));
    queue->begun = g_ptr_array_new();
    queue->backlogs = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, backlog_free);
    g_queue_init(&queue->moderators);
    g_queue_init(&queue->others);
    return queue;
}

static void desk_finish(QaQueue *queue)
{
    qa_questions_free(queue->questions);
    g_array_unref(queue->waiters);
    g_ptr_array_unref(queue->begun);
    g_hash_table_unref(queue->backlogs);
    g_free(queue->session);
    g_free(queue->run);
    g_free(queue);
}

static void queue_unref_job(QaQueue *queue)
{
    queue->jobs--;
    if (queue->closed && queue->jobs == 0) {
        desk_finish(queue);
    }
}

void qa_queue_free(QaQueue *queue)
{
    if (queue == NULL) {
        return;
    }
    const char *why = "The server is stopping. Look whether the change was made, then try again.";
    g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, BASE_ERROR_UNAVAILABLE, why);
    g_autoptr(GPtrArray) begun = g_ptr_array_copy(queue->begun, NULL, NULL);
    queue->closed = true;
    for (guint i = 0; i < begun->len; i++) {
        answer_error(begun->pdata[i], error);
    }
    refuse_requests(queue, why);
    tell_waiters(queue, error);
    if (queue->jobs == 0) {
        desk_finish(queue);
    }
}

const char *qa_queue_session(const QaQueue *queue)
{
    return queue->session;
}

bool qa_queue_is_idle(const QaQueue *queue)
{
    return queue->jobs == 0 && queue->waiting == 0 && queue->waiters->len == 0;
}

QaQuestions *qa_queue_questions(const QaQueue *queue)
{
    return queue->questions;
}

void qa_queue_renew(QaQueue *queue)
{
    if (queue->questions != NULL || queue->loading) {
        queue->stale = true;
        want_questions(queue);
    }
}

bool qa_queue_knows(const QaQueue *queue, const char *person)
{
    return queue->loading ||
           (queue->questions != NULL && qa_questions_know(queue->questions, person));
}

void qa_queue_sign_out(QaQueue *queue, const char *person)
{
    g_autoptr(GError) error =
        g_error_new_literal(BASE_ERROR, BASE_ERROR_SIGNED_OUT,
                            "Your sign-in has ended. Open your personal link again.");
    for (Backlog *own; (own = g_hash_table_lookup(queue->backlogs, person)) != NULL;) {
        Request *request = take_next(queue, own);
        answer_error(request, error);
        request_free(request);
    }
}

bool qa_queue_show_names(QaQueue *queue, bool show)
{
    queue->shows_names = show;
    return queue->questions != NULL && qa_questions_show_names(queue->questions, show);
}

void qa_queue_when_ready(QaQueue *queue, QaQueueReady func, void *data)
{
    if (is_ready(queue)) {
        func(data, queue->questions, NULL);
        return;
    }
    Waiter waiter = {.func = func, .data = data};
    g_array_append_val(queue->waiters, waiter);
    want_questions(queue);
}

void qa_queue_request(QaQueue *queue, AuthIdentity *who, QaMessage *message, json_t *json,
                      uint64_t asking, QaReply func, void *data)
{
    Request *request = g_new0(Request, 1);
    *request = (Request){
        .queue = queue,
        .who = auth_identity_ref(who),
        .json = json_incref(json),
        .message = *message,
        .asking = asking,
        .func = func,
        .data = data,
    };
    message->text = NULL;
    if (!enqueue(queue, request)) {
        request_free(request);
        return;
    }
    want_questions(queue);
    begin_waiting(queue);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "qa/desk.h"

#include "base/clock.h"

#include <string.h>

typedef struct Request Request;
struct Request {
    QaDesk *desk;
    AuthIdentity *who;
    json_t *json;
    QaMessage message; // its texts live in `json`
    uint64_t asking;
    QaReply func; // NULL once answered
    void *data;
    QaChange *change;
    Request *folded; // nullable: an earlier vote that gets its answer with this one
};

/* A person's requests that wait. */
typedef struct {
    char *person;
    GQueue requests; // Request
    unsigned count;  // with those folded into them
    GList link;      // in one of the rounds
    bool moderates;
} Backlog;

typedef struct {
    QaDeskReady func;
    void *data;
} Waiter;

struct QaDesk {
    Store *store;
    char *session, *run;
    QaDeskEvents events;
    QaRoom *room; // NULL until loaded
    bool loading;
    GArray *waiters;      // Waiter, for the room
    GHashTable *backlogs; // person -> Backlog, owned, none empty
    GQueue moderators;    // Backlog, the next one's turn first
    GQueue others;        // the same
    unsigned waiting;     // requests in them
    GPtrArray *begun;     // Request, at the store
    bool alone;           // the one begun tolerates no other
    bool beginning;       // against recursion through answers
    unsigned jobs;        // at the store, of either kind
    bool closed;          // freed by the owner, kept for the jobs
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
    QaDesk *desk = request->desk;
    QaActor actor = {.person = request->who->person};
    desk->events.actor(desk->events.data, desk->session, request->who, request->message.op, &actor,
                       NULL);
    QaViewer viewer = {.person = request->who->person, .moderates = actor.moderates};
    const QaQuestion *question = qa_room_find(desk->room, request->change->question, &viewer);
    g_autofree char *cursor = qa_cursor_format(desk->run, qa_room_sequence(desk->room));
    for (; request != NULL; request = request->folded) {
        answer(request,
               qa_write_ok(request->message.ref, cursor,
                           question != NULL ? qa_write_question_for(question, &viewer) : NULL));
    }
}

/* Carrying out */

static QaChange *work_out(const Request *request, const QaActor *actor, GError **error)
{
    const QaDesk *desk = request->desk;
    const QaMessage *message = &request->message;
    int64_t media_us = desk->events.media_now(desk->events.data, desk->session);
    switch (message->op) {
    case QA_OP_ASK:
        return qa_room_ask(desk->room, actor, message->ref, message->text, message->anonymous,
                           base_wall_us(), media_us, error);
    case QA_OP_VOTE:
        return qa_room_vote(desk->room, actor, message->question, message->on, error);
    case QA_OP_WITHDRAW:
        return qa_room_withdraw(desk->room, actor, message->question, error);
    case QA_OP_MODERATE: {
        QaModeration order = {
            .question = message->question,
            .has_to = message->has_to,
            .to = message->to,
            .text = message->text,
            .merge_into = message->merge_into,
            .starred = message->starred,
        };
        return qa_room_moderate(desk->room, actor, &order, media_us, error);
    }
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
    for (guint i = 0; i < change->voters->len; i++) {
        if (!store_vote_set(db, change->vote_question, change->voters->pdata[i], change->vote_on,
                            error)) {
            return false;
        }
    }
    return true;
}

static bool runs_alone(const Request *request)
{
    return request->message.op == QA_OP_WITHDRAW || request->message.op == QA_OP_MODERATE;
}

static bool is_busy(const QaDesk *desk, const char *person)
{
    for (guint i = 0; i < desk->begun->len; i++) {
        if (strcmp(((const Request *)desk->begun->pdata[i])->who->person, person) == 0) {
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

static GQueue *round_of(QaDesk *desk, const Backlog *backlog)
{
    return backlog->moderates ? &desk->moderators : &desk->others;
}

static Backlog *backlog_of(QaDesk *desk, const AuthIdentity *who)
{
    Backlog *backlog = g_hash_table_lookup(desk->backlogs, who->person);
    if (backlog == NULL) {
        backlog = g_new0(Backlog, 1);
        backlog->person = g_strdup(who->person);
        backlog->link.data = backlog;
        backlog->moderates = who->role >= AUTH_SPEAKER; // the presenter's part is theirs too
        g_queue_init(&backlog->requests);
        g_hash_table_insert(desk->backlogs, backlog->person, backlog);
        g_queue_push_tail_link(round_of(desk, backlog), &backlog->link);
    }
    return backlog;
}

/* The person's next request; it is another's turn then. */
static Request *take_next(QaDesk *desk, Backlog *backlog)
{
    GQueue *round = round_of(desk, backlog);
    Request *request = g_queue_pop_head(&backlog->requests);
    unsigned count = 0;
    for (const Request *at = request; at != NULL; at = at->folded) {
        count++;
    }
    backlog->count -= count;
    desk->waiting -= count;
    g_queue_unlink(round, &backlog->link);
    if (g_queue_is_empty(&backlog->requests)) {
        g_hash_table_remove(desk->backlogs, backlog->person);
    } else {
        g_queue_push_tail_link(round, &backlog->link);
    }
    return request;
}

/* The first of the round who is not busy. NULL with `*stop` where that one has to wait until
 * nothing else runs. */
static Backlog *find_turn(const QaDesk *desk, const GQueue *round, bool *stop)
{
    for (GList *at = round->head; at != NULL && !*stop; at = at->next) {
        Backlog *backlog = at->data;
        if (is_busy(desk, backlog->person)) {
            continue;
        }
        if (!runs_alone(g_queue_peek_head(&backlog->requests)) || desk->begun->len == 0) {
            return backlog;
        }
        *stop = true;
    }
    return NULL;
}

static Request *next_request(QaDesk *desk)
{
    bool stop = desk->alone;
    Backlog *backlog = find_turn(desk, &desk->moderators, &stop);
    if (backlog == NULL) {
        backlog = find_turn(desk, &desk->others, &stop);
    }
    return backlog != NULL ? take_next(desk, backlog) : NULL;
}

/* Puts `request` in the place of a vote on the same question that waits, unless another kind of
 * request is in between: its outcome may depend on that. */
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

/* False: too many of the person, or in all, wait already. */
static bool enqueue(QaDesk *desk, Request *request)
{
    const Backlog *now = g_hash_table_lookup(desk->backlogs, request->who->person);
    if (desk->waiting >= QA_DESK_MAX_WAITING) {
        answer_unavailable(request, "Too much is going on in this session. Try again shortly.");
        return false;
    }
    if (now != NULL && now->count >= QA_DESK_MAX_WAITING_PER_PERSON) {
        g_autoptr(GError) error = g_error_new_literal(
            BASE_ERROR, BASE_ERROR_LIMIT, "Too many of your requests wait already. Send it later.");
        answer_error(request, error);
        return false;
    }
    Backlog *backlog = backlog_of(desk, request->who);
    if (!fold(backlog, request)) {
        g_queue_push_tail(&backlog->requests, request);
    }
    backlog->count++;
    desk->waiting++;
    return true;
}

/* Beginning */

static void begin_waiting(QaDesk *desk);

static void desk_unref_job(QaDesk *desk);

static void on_written(void *data, const GError *error)
{
    Request *request = data;
    QaDesk *desk = request->desk;
    if (!desk->closed) {
        g_ptr_array_remove_fast(desk->begun, request);
        desk->alone = false;
        if (error != NULL) {
            answer_error(request, error);
        } else {
            uint64_t from = qa_room_sequence(desk->room);
            bool votes = request->change->voters->len > 0;
            qa_room_apply(desk->room, request->change);
            desk->events.applied(desk->events.data, desk, from, request->asking,
                                 request->change->question, votes ? request->who->person : NULL);
            answer_ok(request);
        }
        begin_waiting(desk);
    }
    request_free(request);
    desk_unref_job(desk);
}

static void begin(QaDesk *desk, Request *request)
{
    g_autoptr(GError) error = NULL;
    QaActor actor = {.person = request->who->person};
    if (desk->events.actor(desk->events.data, desk->session, request->who, request->message.op,
                           &actor, &error)) {
        request->change = work_out(request, &actor, &error);
    }
    if (request->change == NULL) {
        answer_error(request, error);
        request_free(request);
    } else if (request->change->rows->len == 0 && request->change->voters->len == 0) {
        answer_ok(request); // it is so already, and committed
        request_free(request);
    } else {
        desk->alone = runs_alone(request);
        desk->jobs++;
        g_ptr_array_add(desk->begun, request);
        store_submit(desk->store, write_change, on_written, request);
    }
}

static void begin_waiting(QaDesk *desk)
{
    if (desk->beginning || desk->room == NULL) {
        return;
    }
    desk->beginning = true;
    for (Request *next; (next = next_request(desk)) != NULL;) {
        begin(desk, next);
    }
    desk->beginning = false;
}

/* Loading */

typedef struct {
    QaDesk *desk;
    QaRoom *room;
} Load;

static void on_vote_row(void *data, const char *question, const char *person)
{
    qa_room_load_vote(data, question, person);
}

/* Store thread; the room is the job's alone until it is done. */
static bool load(StoreDb *db, void *data, GError **error)
{
    Load *job = data;
    g_autoptr(GPtrArray) rows = store_questions_list(db, job->desk->session, error);
    if (rows == NULL) {
        return false;
    }
    while (rows->len > 0) {
        qa_room_load_question(job->room, g_ptr_array_steal_index(rows, 0));
    }
    return store_votes_each(db, job->desk->session, on_vote_row, job->room, error);
}

static void tell_waiters(QaDesk *desk, const GError *error)
{
    g_autoptr(GArray) waiters = desk->waiters;
    desk->waiters = g_array_new(FALSE, FALSE, sizeof(Waiter));
    for (guint i = 0; i < waiters->len; i++) {
        const Waiter *waiter = &g_array_index(waiters, Waiter, i);
        waiter->func(waiter->data, desk->room, error);
    }
}

static void refuse_requests(QaDesk *desk, const char *why)
{
    GQueue *rounds[] = {&desk->moderators, &desk->others};
    for (size_t i = 0; i < G_N_ELEMENTS(rounds); i++) {
        for (const GList *head; (head = rounds[i]->head) != NULL;) {
            Request *request = take_next(desk, head->data);
            answer_unavailable(request, why);
            request_free(request);
        }
    }
}

static void on_loaded(void *data, const GError *error)
{
    Load *job = data;
    QaDesk *desk = job->desk;
    desk->loading = false;
    if (!desk->closed && error == NULL) {
        desk->room = g_steal_pointer(&job->room);
        tell_waiters(desk, NULL);
        begin_waiting(desk);
    } else if (!desk->closed) {
        tell_waiters(desk, error);
        refuse_requests(desk, "The questions could not be read. Try again shortly.");
    }
    qa_room_free(job->room);
    g_free(job);
    desk_unref_job(desk);
}

static void want_room(QaDesk *desk)
{
    if (desk->room != NULL || desk->loading) {
        return;
    }
    Load *job = g_new(Load, 1);
    *job = (Load){.desk = desk, .room = qa_room_new(desk->session)};
    desk->loading = true;
    desk->jobs++;
    store_submit(desk->store, load, on_loaded, job);
}

/* The desk */

QaDesk *qa_desk_new(Store *store, const char *session, const char *run, const QaDeskEvents *events)
{
    QaDesk *desk = g_new0(QaDesk, 1);
    desk->store = store;
    desk->session = g_strdup(session);
    desk->run = g_strdup(run);
    desk->events = *events;
    desk->waiters = g_array_new(FALSE, FALSE, sizeof(Waiter));
    desk->begun = g_ptr_array_new();
    desk->backlogs = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, backlog_free);
    g_queue_init(&desk->moderators);
    g_queue_init(&desk->others);
    return desk;
}

static void desk_finish(QaDesk *desk)
{
    qa_room_free(desk->room);
    g_array_unref(desk->waiters);
    g_ptr_array_unref(desk->begun);
    g_hash_table_unref(desk->backlogs);
    g_free(desk->session);
    g_free(desk->run);
    g_free(desk);
}

static void desk_unref_job(QaDesk *desk)
{
    desk->jobs--;
    if (desk->closed && desk->jobs == 0) {
        desk_finish(desk);
    }
}

void qa_desk_free(QaDesk *desk)
{
    if (desk == NULL) {
        return;
    }
    const char *why = "The server is stopping. Look whether the change was made, then try again.";
    g_autoptr(GError) error = g_error_new_literal(BASE_ERROR, BASE_ERROR_UNAVAILABLE, why);
    g_autoptr(GPtrArray) begun = g_ptr_array_copy(desk->begun, NULL, NULL);
    desk->closed = true;
    for (guint i = 0; i < begun->len; i++) {
        answer_error(begun->pdata[i], error);
    }
    refuse_requests(desk, why);
    if (desk->room == NULL) {
        tell_waiters(desk, error);
    }
    if (desk->jobs == 0) {
        desk_finish(desk);
    }
}

const char *qa_desk_session(const QaDesk *desk)
{
    return desk->session;
}

QaRoom *qa_desk_room(const QaDesk *desk)
{
    return desk->room;
}

void qa_desk_when_ready(QaDesk *desk, QaDeskReady func, void *data)
{
    if (desk->room != NULL) {
        func(data, desk->room, NULL);
        return;
    }
    Waiter waiter = {.func = func, .data = data};
    g_array_append_val(desk->waiters, waiter);
    want_room(desk);
}

void qa_desk_request(QaDesk *desk, AuthIdentity *who, QaMessage *message, json_t *json,
                     uint64_t asking, QaReply func, void *data)
{
    Request *request = g_new0(Request, 1);
    *request = (Request){
        .desk = desk,
        .who = auth_identity_ref(who),
        .json = json_incref(json),
        .message = *message,
        .asking = asking,
        .func = func,
        .data = data,
    };
    message->text = NULL;
    if (!enqueue(desk, request)) {
        request_free(request);
        return;
    }
    want_room(desk);
    begin_waiting(desk);
}

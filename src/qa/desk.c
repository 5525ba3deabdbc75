// SPDX-License-Identifier: GPL-3.0-or-later
#include "qa/desk.h"

#include "base/clock.h"

#include <string.h>

typedef struct {
    QaDesk *desk;
    AuthIdentity *who;
    json_t *json;
    QaMessage message; // its texts live in `json`
    uint64_t asking;
    QaReply func; // NULL once answered
    void *data;
    QaChange *change;
} Request;

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
    GArray *waiters;  // Waiter, for the room
    GQueue requests;  // Request, not begun
    GPtrArray *begun; // Request, at the store
    bool alone;       // the one begun tolerates no other
    bool beginning;   // against recursion through answers
    unsigned jobs;    // at the store, of either kind
    bool closed;      // freed by the owner, kept for the jobs
};

/* Answers */

static void request_free(Request *request)
{
    g_assert(request->func == NULL);
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
    answer(request, qa_write_error(request->message.ref, error));
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
    answer(request,
           qa_write_ok(request->message.ref, cursor,
                       question != NULL ? qa_write_question_for(question, &viewer) : NULL));
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

static bool may_begin(const QaDesk *desk, const Request *request)
{
    return !desk->alone && (!runs_alone(request) || desk->begun->len == 0) &&
           !is_busy(desk, request->who->person);
}

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
    for (Request *next; (next = g_queue_peek_head(&desk->requests)) != NULL;) {
        if (!may_begin(desk, next)) {
            break;
        }
        begin(desk, g_queue_pop_head(&desk->requests));
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
    for (Request *request; (request = g_queue_pop_head(&desk->requests)) != NULL;) {
        answer_unavailable(request, why);
        request_free(request);
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
    g_queue_init(&desk->requests);
    return desk;
}

static void desk_finish(QaDesk *desk)
{
    qa_room_free(desk->room);
    g_array_unref(desk->waiters);
    g_ptr_array_unref(desk->begun);
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
    if (g_queue_get_length(&desk->requests) >= QA_DESK_MAX_WAITING) {
        answer_unavailable(request, "Too much is going on in this session. Try again shortly.");
        request_free(request);
        return;
    }
    g_queue_push_tail(&desk->requests, request);
    want_room(desk);
    begin_waiting(desk);
}

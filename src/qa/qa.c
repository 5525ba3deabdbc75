// SPDX-License-Identifier: GPL-3.0-or-later
#include "qa/qa.h"

#include "base/clock.h"
#include "qa/desk.h"
#include "qa/hall.h"
#include "qa/hub.h"

#include <string.h>

typedef struct Preload Preload;

struct Qa {
    Store *store;
    AuthTokens *tokens;
    char *run;
    QaEvents events;
    QaHub *hub;
    GHashTable *halls;   // session -> QaHall, owned
    GHashTable *clients; // socket -> QaClient, owned
    guint presence_timer, clock_timer;
    Preload *preload; // NULL: done
};

/* Rights */

static bool object_of(const Qa *qa, const char *session, AuthObject *out, bool *out_over,
                      GError **error)
{
    bool found = session != NULL && qa->events.object(qa->events.data, session, out, out_over);
    if (!found) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "There is no such session.");
    }
    return found;
}

static bool on_actor(void *data, const char *session, AuthIdentity *who, QaOp op, QaActor *out,
                     GError **error)
{
    Qa *qa = data;
    AuthObject object = {0};
    bool over = false;
    if (!object_of(qa, session, &object, &over, error)) {
        return false;
    }
    *out = (QaActor){
        .person = who->person,
        .name = who->name,
        .entity = who->entity,
        .asks = auth_may(who, AUTH_ASK, &object),
        .moderates = auth_may(who, AUTH_MODERATE, &object),
        .presents = auth_may(who, AUTH_ON_AIR, &object),
    };
    if ((op == QA_OP_ASK || op == QA_OP_VOTE) && over) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "The session is over: questions and votes are closed.");
        return false;
    }
    return true;
}

static bool may(const Qa *qa, const char *session, const AuthIdentity *who, AuthAction action,
                AuthObject *object, GError **error)
{
    bool over;
    if (!object_of(qa, session, object, &over, error)) {
        return false;
    }
    if (!auth_may(who, action, object)) {
        g_set_error(error, BASE_ERROR, who != NULL ? BASE_ERROR_DENIED : BASE_ERROR_SIGNED_OUT,
                    who != NULL ? "You may not do this in this session." : "Sign in first.");
        return false;
    }
    return true;
}

/* Halls */

/* Whether an answered question came, went or changed. */
static bool touches_answered(const QaRoom *room, uint64_t from)
{
    for (uint64_t i = from + 1; i <= qa_room_sequence(room); i++) {
        const QaEntry *entry = qa_room_entry(room, i);
        if (entry == NULL || entry->before == QA_ANSWERED ||
            entry->question->state == QA_ANSWERED) {
            return true;
        }
    }
    return false;
}

static void on_applied(void *data, QaDesk *desk, uint64_t from, uint64_t asking,
                       const char *question, const char *voter)
{
    Qa *qa = data;
    QaHall *hall = g_hash_table_lookup(qa->halls, qa_desk_session(desk));
    qa_hall_tell_entries(hall, from, asking, question);
    if (voter != NULL) {
        qa_hall_tell_vote(hall, asking, question, voter);
    }
    if (qa->events.answered != NULL && touches_answered(qa_desk_room(desk), from)) {
        qa->events.answered(qa->events.data, qa_desk_session(desk));
    }
}

static int64_t on_media_now(void *data, const char *session)
{
    Qa *qa = data;
    return qa->events.media_now(qa->events.data, session);
}

/* Of a session that exists. */
static QaHall *hall_of(Qa *qa, const char *session)
{
    QaHall *hall = g_hash_table_lookup(qa->halls, session);
    if (hall == NULL) {
        QaDeskEvents events = {
            .actor = on_actor, .media_now = on_media_now, .applied = on_applied, .data = qa};
        QaDesk *desk = qa_desk_new(qa->store, session, qa->run, &events);
        hall = qa_hall_new(desk, qa->hub, qa->run, &qa->events);
        g_hash_table_insert(qa->halls, g_strdup(session), hall);
    }
    return hall;
}

static void hall_free(void *data)
{
    QaDesk *desk = qa_hall_desk(data);
    qa_desk_free(desk);
    qa_hall_free(data);
}

/* Operations */

static void message_presenter(Qa *qa, const char *session, AuthIdentity *who,
                              const QaMessage *message, QaReply func, void *data)
{
    QaHall *hall = hall_of(qa, session);
    qa_hall_tell_message(hall, message->text, who);
    const QaRoom *room = qa_desk_room(qa_hall_desk(hall));
    g_autofree char *cursor = qa_cursor_format(qa->run, room != NULL ? qa_room_sequence(room) : 0);
    g_autoptr(json_t) reply = qa_write_ok(message->ref, cursor, NULL);
    func(data, reply);
}

static void operate(Qa *qa, const char *session, AuthIdentity *who, QaMessage *message,
                    const json_t *json, uint64_t asking, QaReply func, void *data)
{
    g_autoptr(GError) error = NULL;
    AuthObject object = {0};
    AuthAction action = message->op == QA_OP_MESSAGE ? AUTH_MESSAGE_PRESENTER : AUTH_SEE_QUESTIONS;
    if (!may(qa, session, who, action, &object, &error)) {
        g_autoptr(json_t) reply = qa_write_error(message->ref, error);
        func(data, reply);
    } else if (message->op == QA_OP_MESSAGE) {
        message_presenter(qa, session, who, message, func, data);
    } else {
        QaDesk *desk = qa_hall_desk(hall_of(qa, session));
        qa_desk_request(desk, who, message, (json_t *)json, asking, func, data);
    }
}

void qa_request(Qa *qa, const char *session, AuthIdentity *who, const json_t *message, QaReply func,
                void *data)
{
    g_autoptr(GError) error = NULL;
    g_auto(QaMessage) parsed = {0};
    if (qa_message_parse(message, &parsed, &error) &&
        (parsed.op == QA_OP_JOIN || parsed.op == QA_OP_PRESENCE)) {
        g_set_error(&error, BASE_ERROR, BASE_ERROR_INVALID, "This works over the websocket only.");
    }
    if (error != NULL) {
        g_autoptr(json_t) reply = qa_write_error(qa_message_ref(message), error);
        func(data, reply);
        return;
    }
    operate(qa, session, who, &parsed, message, 0, func, data);
}

/* Sockets: what they say */

typedef struct {
    Qa *qa;
    uint64_t socket;
    unsigned join;
    char *ref, *since; // of a join
} Pending;

static Pending *pending_new(Qa *qa, const QaClient *client)
{
    Pending *pending = g_new0(Pending, 1);
    *pending = (Pending){.qa = qa, .socket = client->socket, .join = client->joins};
    return pending;
}

static void pending_free(Pending *pending)
{
    g_free(pending->ref);
    g_free(pending->since);
    g_free(pending);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pending, pending_free)

static void send_error(Qa *qa, uint64_t socket, const char *ref, const GError *error)
{
    qa_hall_send(qa->hub, socket, qa_write_error(ref, error));
}

static void on_reply(void *data, const json_t *reply)
{
    g_autoptr(Pending) pending = data;
    qa_hall_send(pending->qa->hub, pending->socket, json_incref((json_t *)reply));
}

static void on_room_ready(void *data, QaRoom *room, const GError *error)
{
    g_autoptr(Pending) pending = data;
    Qa *qa = pending->qa;
    QaClient *client = g_hash_table_lookup(qa->clients, &pending->socket);
    if (client == NULL || client->joins != pending->join) {
        return; // gone, or joined something else since
    }
    if (room == NULL) {
        client->hall = NULL;
        send_error(qa, client->socket, pending->ref, error);
        return;
    }
    qa_hall_enter(client->hall, client, pending->since);
}

static void leave(QaClient *client)
{
    if (client->hall != NULL) {
        qa_hall_leave(client->hall, client);
    }
}

/* Hears nothing and may say nothing from now on, whenever the close arrives. */
static void shut_out(Qa *qa, QaClient *client)
{
    leave(client);
    client->joins++;
    client->revoked = true;
    qa_hub_close(qa->hub, client->socket, QA_CLOSE_REVOKED);
}

static void join(Qa *qa, QaClient *client, const QaMessage *message)
{
    g_autoptr(GError) error = NULL;
    AuthObject object = {0};
    if (!may(qa, message->session, client->who, AUTH_SEE_QUESTIONS, &object, &error)) {
        send_error(qa, client->socket, message->ref, error);
        return;
    }
    leave(client);
    client->hall = hall_of(qa, message->session);
    client->joins++;
    client->moderates = auth_may(client->who, AUTH_MODERATE, &object);
    client->presents = auth_may(client->who, AUTH_ON_AIR, &object);
    Pending *pending = pending_new(qa, client);
    pending->ref = g_strdup(message->ref);
    pending->since = g_strdup(message->since);
    qa_desk_when_ready(qa_hall_desk(client->hall), on_room_ready, pending);
}

static void carry_out(Qa *qa, QaClient *client, QaMessage *message, json_t *json, GError **error)
{
    if (message->op == QA_OP_JOIN) {
        join(qa, client, message);
    } else if (client->hall == NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT, "Join a session first.");
    } else if (message->op == QA_OP_PRESENCE) {
        client->via = message->via;
    } else {
        const char *session = qa_desk_session(qa_hall_desk(client->hall));
        operate(qa, session, client->who, message, json, client->socket, on_reply,
                pending_new(qa, client));
    }
}

static void on_received(void *data, uint64_t socket, GBytes *text, bool limited)
{
    Qa *qa = data;
    QaClient *client = g_hash_table_lookup(qa->clients, &socket);
    if (client->revoked) {
        return;
    }
    g_autoptr(GError) error = NULL;
    g_auto(QaMessage) message = {0};
    gsize size = 0;
    const char *bytes = g_bytes_get_data(text, &size);
    g_autoptr(json_t) json = base_json_parse_object(bytes, size, &error);
    if (limited) {
        g_clear_error(&error);
        g_set_error(&error, BASE_ERROR, BASE_ERROR_LIMIT,
                    "At most %d messages a second. This one was not carried out: send it later.",
                    QA_MAX_MESSAGES_PER_S);
    }
    if (error == NULL && qa_message_parse(json, &message, &error)) {
        carry_out(qa, client, &message, json, &error);
    }
    if (error != NULL) {
        send_error(qa, socket, json != NULL ? qa_message_ref(json) : NULL, error);
    }
}

/* Tokens are removed on this thread, so a socket that is found signed in here, when main first
 * hears of it, misses no qa_sign_ins_ended() later. */
static void check_sign_in(Qa *qa, QaClient *client)
{
    g_autoptr(AuthIdentity) who =
        auth_tokens_find_hash(qa->tokens, client->sign_in, base_wall_us());
    if (who == NULL && !client->revoked) {
        shut_out(qa, client);
    }
}

static void on_opened(void *data, uint64_t socket, AuthIdentity *who, const uint8_t *sign_in)
{
    Qa *qa = data;
    QaClient *client = g_new0(QaClient, 1);
    client->socket = socket;
    client->who = auth_identity_ref(who);
    memcpy(client->sign_in, sign_in, AUTH_HASH_BYTES);
    g_hash_table_insert(qa->clients, &client->socket, client);
    check_sign_in(qa, client);
}

static void on_closed(void *data, uint64_t socket)
{
    g_hash_table_remove(((Qa *)data)->clients, &socket);
}

static void client_free(void *data)
{
    QaClient *client = data;
    leave(client);
    auth_identity_unref(client->who);
    g_free(client);
}

/* Timers */

static void for_halls(Qa *qa, void (*func)(QaHall *hall))
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->halls);
    for (gpointer hall; g_hash_table_iter_next(&iter, NULL, &hall);) {
        func(hall);
    }
}

static gboolean on_presence_timer(gpointer data)
{
    for_halls(data, qa_hall_tell_presence);
    return G_SOURCE_CONTINUE;
}

static gboolean on_clock_timer(gpointer data)
{
    for_halls(data, qa_hall_tell_clock);
    qa_sign_ins_ended(data); // those whose time is over
    return G_SOURCE_CONTINUE;
}

/* At the start the rooms of the sessions that are not over are loaded, so that a question can be
 * found by its id alone also before anybody joined. */

struct Preload {
    Qa *qa; // NULL: freed meanwhile
    GPtrArray *sessions;
};

/* Store thread. */
static bool list_sessions(StoreDb *db, void *data, GError **error)
{
    Preload *preload = data;
    g_autoptr(GPtrArray) rows = store_sessions_list(db, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        if (strcmp(row->state, "published") != 0 && strcmp(row->state, "cancelled") != 0) {
            g_ptr_array_add(preload->sessions, g_strdup(row->id));
        }
    }
    return rows != NULL;
}

static void on_preloaded_room(void *data, QaRoom *room, const GError *error)
{
    (void)data, (void)room, (void)error; // whoever needs a room that failed tries again
}

static void on_sessions_listed(void *data, const GError *error)
{
    Preload *preload = data;
    for (guint i = 0; error == NULL && preload->qa != NULL && i < preload->sessions->len; i++) {
        QaHall *hall = hall_of(preload->qa, preload->sessions->pdata[i]);
        qa_desk_when_ready(qa_hall_desk(hall), on_preloaded_room, NULL);
    }
    if (preload->qa != NULL) {
        preload->qa->preload = NULL;
    }
    g_ptr_array_unref(preload->sessions);
    g_free(preload);
}

static void start_preload(Qa *qa)
{
    qa->preload = g_new(Preload, 1);
    *qa->preload = (Preload){.qa = qa, .sessions = g_ptr_array_new_with_free_func(g_free)};
    store_submit(qa->store, list_sessions, on_sessions_listed, qa->preload);
}

/* The module */

Qa *qa_new(const QaConfig *config, const QaEvents *events, GError **error)
{
    if (config->run == NULL || *config->run == '\0' || strchr(config->run, ':') != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_INVALID,
                    "the name of the run must be a text without a colon");
        return NULL;
    }
    Qa *qa = g_new0(Qa, 1);
    qa->store = config->store;
    qa->tokens = config->tokens;
    qa->run = g_strdup(config->run);
    qa->events = *events;
    QaHubEvents hub_events = {
        .opened = on_opened, .received = on_received, .closed = on_closed, .data = qa};
    qa->hub = qa_hub_new(config->socket_context, &hub_events);
    qa->halls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, hall_free);
    qa->clients = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, client_free);
    qa->presence_timer = g_timeout_add(QA_PRESENCE_EVERY_MS, on_presence_timer, qa);
    qa->clock_timer = g_timeout_add(QA_CLOCK_EVERY_MS, on_clock_timer, qa);
    start_preload(qa);
    return qa;
}

void qa_close_sockets(Qa *qa)
{
    qa_hub_stop(qa->hub);
}

void qa_free(Qa *qa)
{
    if (qa == NULL) {
        return;
    }
    if (qa->preload != NULL) {
        qa->preload->qa = NULL;
    }
    g_source_remove(qa->presence_timer);
    g_source_remove(qa->clock_timer);
    g_hash_table_remove_all(qa->clients);
    g_hash_table_unref(qa->halls); // answers what waits, and those answers look for clients
    g_hash_table_unref(qa->clients);
    qa_hub_free(qa->hub);
    g_free(qa->run);
    g_free(qa);
}

bool qa_has_room(const Qa *qa, const AuthIdentity *who)
{
    return qa_hub_has_room(qa->hub, who);
}

void qa_adopt(Qa *qa, int fd, const char *head, size_t head_size, AuthIdentity *who,
              const uint8_t sign_in[AUTH_HASH_BYTES])
{
    qa_hub_adopt(qa->hub, fd, head, head_size, who, sign_in);
}

typedef struct {
    AuthIdentity *who;
    bool moderates;
    QaList func;
    void *data;
} List;

static void on_list_ready(void *data, QaRoom *room, const GError *error)
{
    (void)error;
    List *list = data;
    g_autoptr(GString) questions = g_string_new(NULL);
    if (room != NULL) {
        QaViewer viewer = {.person = list->who->person, .moderates = list->moderates};
        qa_write_questions(room, &viewer, questions);
    }
    list->func(list->data, room != NULL ? questions->str : NULL);
    auth_identity_unref(list->who);
    g_free(list);
}

void qa_list(Qa *qa, const char *session, AuthIdentity *who, QaList func, void *data)
{
    AuthObject object = {0};
    if (!may(qa, session, who, AUTH_SEE_QUESTIONS, &object, NULL)) {
        func(data, NULL);
        return;
    }
    List *list = g_new(List, 1);
    *list = (List){
        .who = auth_identity_ref(who),
        .moderates = auth_may(who, AUTH_MODERATE, &object),
        .func = func,
        .data = data,
    };
    qa_desk_when_ready(qa_hall_desk(hall_of(qa, session)), on_list_ready, list);
}

const char *qa_question_session(const Qa *qa, const char *question)
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->halls);
    for (gpointer hall; g_hash_table_iter_next(&iter, NULL, &hall);) {
        const QaDesk *desk = qa_hall_desk(hall);
        const QaRoom *room = qa_desk_room(desk);
        if (room != NULL && qa_room_find(room, question, NULL) != NULL) {
            return qa_desk_session(desk);
        }
    }
    return NULL;
}

void qa_session_changed(Qa *qa, const char *session)
{
    QaHall *hall = g_hash_table_lookup(qa->halls, session);
    if (hall != NULL) {
        qa_hall_tell_session(hall);
    }
}

void qa_sign_ins_ended(Qa *qa)
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->clients);
    for (gpointer client; g_hash_table_iter_next(&iter, NULL, &client);) {
        check_sign_in(qa, client);
    }
}

unsigned qa_present(const Qa *qa, const char *session)
{
    const QaHall *hall = g_hash_table_lookup(qa->halls, session);
    return hall != NULL ? qa_hall_present(hall) : 0;
}

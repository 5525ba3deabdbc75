// SPDX-License-Identifier: GPL-3.0-or-later
// Joins questions, websocket hub and API.
#include "qa/qa.h"

#include "base/clock.h"
#include "qa/queue.h"
#include "qa/audience.h"
#include "qa/hub.h"

#include <string.h>

struct Qa {
    Store *store;
    AuthTokens *tokens;
    char *run;
    QaEvents events;
    QaHub *hub;
    GHashTable *audiences; // session -> QaAudience, owned
    GHashTable *clients;   // socket -> QaClient, owned
    QaCounts counts;
    guint presence_timer, clock_timer;
    uint64_t released; // no cursor of released audiences is as high
};

/* Rights */

static bool find_session(const Qa *qa, const char *session, QaSessionInfo *out, GError **error)
{
    bool found = session != NULL && qa->events.session_info(qa->events.data, session, out);
    if (!found) {
        base_refuse(error, BASE_CODE_NO_SESSION, NULL, NULL, "There is no such session.");
    }
    return found;
}

static bool on_actor(void *data, const char *session, AuthIdentity *who, QaOp op, QaActor *out,
                     GError **error)
{
    Qa *qa = data;
    QaSessionInfo info = {0};
    if (!find_session(qa, session, &info, error)) {
        return false;
    }
    const AuthObject *object = &info.object;
    *out = (QaActor){
        .person = who->person,
        .name = who->name,
        .entity = who->entity,
        .asks = auth_may(who, AUTH_ASK, object),
        .moderates = auth_may(who, AUTH_MODERATE, object),
        .presents = auth_may(who, AUTH_ON_AIR, object),
        .directs = auth_may(who, AUTH_MESSAGE_PRESENTER, object),
    };
    if ((op == QA_OP_ASK || op == QA_OP_VOTE) && info.over) {
        return base_refuse(error, BASE_CODE_QUESTIONS_CLOSED, NULL, NULL,
                           "The session is over: questions and votes are closed.");
    }
    return true;
}

static bool may(const Qa *qa, const char *session, const AuthIdentity *who, AuthAction action,
                AuthObject *object, GError **error)
{
    QaSessionInfo info = {0};
    if (!find_session(qa, session, &info, error)) {
        return false;
    }
    *object = info.object;
    if (!auth_may(who, action, object)) {
        g_set_error(error, BASE_ERROR, who != NULL ? BASE_ERROR_DENIED : BASE_ERROR_SIGNED_OUT,
                    who != NULL ? "You may not do this in this session." : "Sign in first.");
        return false;
    }
    return true;
}

/* Audiences */

static bool touches(const QaQuestions *questions, uint64_t from, QaState state)
{
    for (uint64_t i = from + 1; i <= qa_questions_sequence(questions); i++) {
        const QaEntry *entry = qa_questions_entry(questions, i);
        if (entry == NULL || entry->before == state || entry->question->state == state) {
            return true;
        }
    }
    return false;
}

static void on_applied(void *data, QaQueue *queue, uint64_t from, uint64_t asking,
                       const char *question, const char *voter)
{
    Qa *qa = data;
    QaAudience *audience = g_hash_table_lookup(qa->audiences, qa_queue_session(queue));
    qa_audience_tell_entries(audience, from, asking, question);
    if (voter != NULL) {
        qa_audience_tell_vote(audience, asking, question, voter);
    }
    const QaQuestions *questions = qa_queue_questions(queue);
    if (qa->events.answered != NULL && touches(questions, from, QA_ANSWERED)) {
        qa->events.answered(qa->events.data, qa_queue_session(queue));
    }
    if (qa->events.on_air != NULL && touches(questions, from, QA_ON_AIR)) {
        qa->events.on_air(qa->events.data, qa_queue_session(queue));
    }
}

static void on_messaged(void *data, QaQueue *queue)
{
    qa_audience_tell_message(g_hash_table_lookup(((Qa *)data)->audiences, qa_queue_session(queue)));
}

/* Names may be others. */
static void on_renewed(void *data, QaQueue *queue)
{
    Qa *qa = data;
    const char *session = qa_queue_session(queue);
    qa_audience_tell_all(g_hash_table_lookup(qa->audiences, session), true);
    if (qa->events.on_air != NULL) {
        qa->events.on_air(qa->events.data, session);
    }
}

static int64_t on_media_now(void *data, const char *session)
{
    Qa *qa = data;
    return qa->events.media_now(qa->events.data, session);
}

static bool shows_names(const Qa *qa, const char *session)
{
    QaSessionInfo info = {0};
    return find_session(qa, session, &info, NULL) && info.shows_names;
}

/* The session exists. */
static QaAudience *audience_of(Qa *qa, const char *session)
{
    QaAudience *audience = g_hash_table_lookup(qa->audiences, session);
    if (audience == NULL) {
        QaQueueEvents events = {.actor = on_actor,
                                .media_now = on_media_now,
                                .applied = on_applied,
                                .messaged = on_messaged,
                                .renewed = on_renewed,
                                .data = qa,
                                .counts = &qa->counts};
        QaQueue *queue = qa_queue_new(qa->store, session, qa->run, qa->released, &events);
        qa_queue_show_names(queue, shows_names(qa, session));
        audience = qa_audience_new(queue, qa->hub, qa->run, &qa->events);
        g_hash_table_insert(qa->audiences, g_strdup(session), audience);
    }
    qa_audience_use(audience, base_clock_us());
    return audience;
}

static void audience_free(void *data)
{
    QaQueue *queue = qa_audience_queue(data);
    qa_queue_free(queue);
    qa_audience_free(data);
}

/* Operations */

static void operate(Qa *qa, const char *session, AuthIdentity *who, QaMessage *message,
                    const json_t *json, uint64_t asking, QaReply func, void *data)
{
    g_autoptr(GError) error = NULL;
    AuthObject object = {0};
    if (!may(qa, session, who, AUTH_SEE_QUESTIONS, &object, &error)) {
        g_autoptr(json_t) reply = qa_write_error(message->ref, error);
        func(data, reply);
    } else {
        QaQueue *queue = qa_audience_queue(audience_of(qa, session));
        qa_queue_request(queue, who, message, (json_t *)json, asking, func, data);
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
    qa_audience_send(qa->hub, socket, qa_write_error(ref, error));
}

static void on_reply(void *data, const json_t *reply)
{
    g_autoptr(Pending) pending = data;
    qa_audience_send(pending->qa->hub, pending->socket, json_incref((json_t *)reply));
}

static void on_questions_ready(void *data, QaQuestions *questions, const GError *error)
{
    g_autoptr(Pending) pending = data;
    Qa *qa = pending->qa;
    QaClient *client = g_hash_table_lookup(qa->clients, &pending->socket);
    if (client == NULL || client->joins != pending->join) {
        return; // gone, or joined again
    }
    QaSessionInfo info = {0};
    g_autoptr(GError) gone = NULL; // deleted meanwhile
    const char *session = qa_queue_session(qa_audience_queue(client->audience));
    if (questions == NULL || !find_session(qa, session, &info, &gone)) {
        client->audience = NULL;
        send_error(qa, client->socket, pending->ref, questions == NULL ? error : gone);
        return;
    }
    qa_audience_enter(client->audience, client, pending->since);
}

static void leave(QaClient *client)
{
    if (client->audience != NULL) {
        qa_audience_leave(client->audience, client);
    }
}

/* Takes effect now, whenever the close arrives. */
static void shut_out(Qa *qa, QaClient *client, QaClose code)
{
    leave(client);
    client->joins++;
    client->revoked = true;
    qa_hub_close(qa->hub, client->socket, code);
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
    client->audience = audience_of(qa, message->session);
    client->joins++;
    client->moderates = auth_may(client->who, AUTH_MODERATE, &object);
    client->presents = auth_may(client->who, AUTH_ON_AIR, &object);
    Pending *pending = pending_new(qa, client);
    pending->ref = g_strdup(message->ref);
    pending->since = g_strdup(message->since);
    qa_queue_when_ready(qa_audience_queue(client->audience), on_questions_ready, pending);
}

static void carry_out(Qa *qa, QaClient *client, QaMessage *message, json_t *json, GError **error)
{
    if (message->op == QA_OP_JOIN) {
        join(qa, client, message);
    } else if (client->audience == NULL) {
        base_refuse(error, BASE_CODE_NOT_JOINED, NULL, NULL, "Join a session first.");
    } else if (message->op == QA_OP_PRESENCE) {
        client->via = message->via;
        client->road = message->road;
        if (message->delay_us >= 0) {
            base_histogram_observe(&qa->counts.delays[message->via], message->delay_us);
        }
    } else {
        const char *session = qa_queue_session(qa_audience_queue(client->audience));
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
        base_refuse(&error, BASE_CODE_TOO_FAST, NULL,
                    json_pack("{s:i}", "max", QA_MAX_MESSAGES_PER_S),
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

/* Of the same person, renamed or with another role: joins again for the rights of it. */
static void take_identity(Qa *qa, QaClient *client, AuthIdentity *who)
{
    bool other = who->role != client->who->role;
    auth_identity_unref(client->who);
    client->who = auth_identity_ref(who);
    if (other && client->audience != NULL) {
        QaMessage again = {.op = QA_OP_JOIN,
                           .session = qa_queue_session(qa_audience_queue(client->audience))};
        join(qa, client, &again);
    }
}

/* Main removes tokens, so no qa_sign_ins_ended() is missed. */
static void check_sign_in(Qa *qa, QaClient *client)
{
    g_autoptr(AuthIdentity) who =
        auth_tokens_find_hash(qa->tokens, client->sign_in, base_wall_us());
    if (client->revoked) {
        return;
    }
    if (who == NULL) {
        shut_out(qa, client, QA_CLOSE_REVOKED);
    } else if (who != client->who) {
        take_identity(qa, client, who);
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

static void for_audiences(Qa *qa, void (*func)(QaAudience *audience))
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->audiences);
    for (gpointer audience; g_hash_table_iter_next(&iter, NULL, &audience);) {
        func(audience);
    }
}

static gboolean on_presence_timer(gpointer data)
{
    for_audiences(data, qa_audience_tell_presence);
    return G_SOURCE_CONTINUE;
}

/* Releasing what nobody uses */

static void note_users(Qa *qa, int64_t now_us)
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->clients);
    for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
        const QaClient *client = value;
        if (client->audience != NULL) {
            qa_audience_use(client->audience, now_us);
        }
    }
}

void qa_release_idle(Qa *qa, int64_t now_us)
{
    note_users(qa, now_us);
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->audiences);
    for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
        const QaQueue *queue = qa_audience_queue(value);
        if (!qa_queue_is_idle(queue)) {
            qa_audience_use(value, now_us);
        } else if (now_us - qa_audience_used_us(value) > QA_KEEP_US) {
            const QaQuestions *questions = qa_queue_questions(queue);
            uint64_t last = questions != NULL ? qa_questions_sequence(questions) : 0;
            qa->released = MAX(qa->released, last + 1);
            g_hash_table_iter_remove(&iter);
        }
    }
}

static gboolean on_clock_timer(gpointer data)
{
    for_audiences(data, qa_audience_tell_clock);
    qa_sign_ins_ended(data); // expired ones
    qa_release_idle(data, base_clock_us());
    return G_SOURCE_CONTINUE;
}

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
    qa->audiences = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, audience_free);
    qa->clients = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, client_free);
    qa->presence_timer = g_timeout_add(QA_PRESENCE_EVERY_MS, on_presence_timer, qa);
    qa->clock_timer = g_timeout_add(QA_CLOCK_EVERY_MS, on_clock_timer, qa);
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
    g_source_remove(qa->presence_timer);
    g_source_remove(qa->clock_timer);
    g_hash_table_remove_all(qa->clients);
    g_hash_table_unref(qa->audiences); // its replies look up clients
    g_hash_table_unref(qa->clients);
    qa_hub_free(qa->hub);
    g_free(qa->run);
    g_free(qa);
}

bool qa_has_room(Qa *qa, const AuthIdentity *who)
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

static void on_list_ready(void *data, QaQuestions *questions, const GError *error)
{
    (void)error;
    List *list = data;
    g_autoptr(GString) text = g_string_new(NULL);
    if (questions != NULL) {
        QaViewer viewer = {.person = list->who->person, .moderates = list->moderates};
        qa_write_questions(questions, &viewer, text);
    }
    list->func(list->data, questions != NULL ? text->str : NULL);
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
    qa_queue_when_ready(qa_audience_queue(audience_of(qa, session)), on_list_ready, list);
}

static void check_rights(Qa *qa, QaAudience *audience, const AuthObject *session)
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->clients);
    for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
        QaClient *client = value;
        if (client->audience == audience && !auth_may(client->who, AUTH_SEE_QUESTIONS, session)) {
            shut_out(qa, client, QA_CLOSE_DENIED);
        }
    }
}

void qa_session_changed(Qa *qa, const char *session)
{
    QaAudience *audience = g_hash_table_lookup(qa->audiences, session);
    QaSessionInfo info = {0};
    if (audience == NULL || !find_session(qa, session, &info, NULL)) {
        return;
    }
    check_rights(qa, audience, &info.object);
    qa_audience_tell_session(audience);
    if (qa_queue_show_names(qa_audience_queue(audience), info.shows_names)) {
        qa_audience_tell_all(audience, false);
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

void qa_person_changed(Qa *qa, const char *person, bool ended)
{
    GHashTableIter iter;
    g_hash_table_iter_init(&iter, qa->audiences);
    for (gpointer audience; g_hash_table_iter_next(&iter, NULL, &audience);) {
        QaQueue *queue = qa_audience_queue(audience);
        if (person != NULL && ended) {
            qa_queue_sign_out(queue, person);
        }
        if (person == NULL || qa_queue_knows(queue, person)) {
            qa_queue_renew(queue);
        }
    }
}

unsigned qa_present(const Qa *qa, const char *session)
{
    const QaAudience *audience = g_hash_table_lookup(qa->audiences, session);
    return audience != NULL ? qa_audience_present(audience) : 0;
}

void qa_stats(const Qa *qa, QaStats *out)
{
    *out = (QaStats){.questions = qa->counts.questions,
                     .votes = qa->counts.votes,
                     .others = qa->counts.others,
                     .failed = qa->counts.failed};
    base_histogram_read(&qa->counts.commit, &out->commit);
    base_histogram_read(&qa->counts.delays[QA_VIA_WHEP], &out->whep_delay);
    base_histogram_read(&qa->counts.delays[QA_VIA_HLS], &out->hls_delay);
    qa_hub_stats(qa->hub, out);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The clients in a session, and their events.
#include "qa/audience.h"

#include "base/clock.h"

#include <string.h>

typedef struct {
    unsigned people, whep, hls;
    unsigned roads[QA_ROADS]; // WebRTC viewers
} Presence;

struct QaAudience {
    QaQueue *queue;
    QaHub *hub;
    const char *run;
    const QaEvents *events;
    GPtrArray *clients; // QaClient, borrowed
    GHashTable *people; // person -> sockets
    guint votes_timer;  // 0: off
    int64_t used_us;
    Presence told; // last
};

QaAudience *qa_audience_new(QaQueue *queue, QaHub *hub, const char *run, const QaEvents *events)
{
    QaAudience *audience = g_new0(QaAudience, 1);
    audience->queue = queue;
    audience->hub = hub;
    audience->run = run;
    audience->events = events;
    audience->clients = g_ptr_array_new();
    audience->people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return audience;
}

void qa_audience_free(QaAudience *audience)
{
    if (audience == NULL) {
        return;
    }
    if (audience->votes_timer != 0) {
        g_source_remove(audience->votes_timer);
    }
    g_ptr_array_unref(audience->clients);
    g_hash_table_unref(audience->people);
    g_free(audience);
}

QaQueue *qa_audience_queue(const QaAudience *audience)
{
    return audience->queue;
}

void qa_audience_use(QaAudience *audience, int64_t now_us)
{
    audience->used_us = now_us;
}

int64_t qa_audience_used_us(const QaAudience *audience)
{
    return audience->used_us;
}

unsigned qa_audience_present(const QaAudience *audience)
{
    return g_hash_table_size(audience->people);
}

void qa_audience_send(QaHub *hub, uint64_t socket, json_t *json)
{
    g_autoptr(GBytes) text = qa_write_bytes(json);
    qa_hub_send(hub, socket, text, false);
    json_decref(json);
}

static QaViewer viewer_of(const QaClient *client)
{
    return (QaViewer){.person = client->who->person, .moderates = client->moderates};
}

static char *cursor_now(const QaAudience *audience)
{
    const QaQuestions *questions = qa_queue_questions(audience->queue);
    return qa_cursor_format(audience->run,
                            questions != NULL ? qa_questions_sequence(questions) : 0);
}

static void send_event(const QaAudience *audience, const QaClient *client, const char *type,
                       json_t *data)
{
    g_autofree char *cursor = cursor_now(audience);
    qa_audience_send(audience->hub, client->socket, qa_write_event(cursor, type, data));
}

typedef bool (*Wants)(const QaClient *client);

/* `wants` NULL: to all. Takes `data` (nullable). */
static void send_all(QaAudience *audience, const char *type, json_t *data, Wants wants)
{
    if (data == NULL) {
        return;
    }
    g_autofree char *cursor = cursor_now(audience);
    g_autoptr(json_t) event = qa_write_event(cursor, type, data);
    g_autoptr(GBytes) text = qa_write_bytes(event);
    for (guint i = 0; i < audience->clients->len; i++) {
        const QaClient *client = audience->clients->pdata[i];
        if (wants == NULL || wants(client)) {
            qa_hub_send(audience->hub, client->socket, text, false);
        }
    }
}

static bool is_moderator(const QaClient *client)
{
    return client->moderates;
}

static bool is_no_moderator(const QaClient *client)
{
    return !client->moderates;
}

static bool hears_messages(const QaClient *client)
{
    return client->moderates || client->presents;
}

static bool hears_none(const QaClient *client)
{
    return !hears_messages(client);
}

/* Questions */

/* Of one event, written on demand. */
typedef struct {
    GBytes *text[QA_TELL_REMOVED + 1][QA_WRITE_FORMS];
} Forms;

static void tell_entry(QaAudience *audience, const QaEntry *entry, uint64_t except)
{
    Forms forms = {0};
    g_autofree char *cursor = qa_cursor_format(audience->run, entry->sequence);
    for (guint i = 0; i < audience->clients->len; i++) {
        const QaClient *client = audience->clients->pdata[i];
        QaViewer viewer = viewer_of(client);
        QaTell tell = qa_entry_tell(entry, &viewer);
        if (tell == QA_TELL_NOTHING || client->socket == except) {
            continue;
        }
        unsigned flags = qa_write_flags(entry->question, &viewer);
        GBytes **text = &forms.text[tell][flags];
        if (*text == NULL) {
            g_autoptr(json_t) event = qa_write_entry(cursor, entry, tell, flags);
            *text = qa_write_bytes(event);
        }
        qa_hub_send(audience->hub, client->socket, *text, false);
    }
    GBytes **texts = &forms.text[0][0];
    for (size_t i = 0; i < G_N_ELEMENTS(forms.text) * QA_WRITE_FORMS; i++) {
        g_clear_pointer(&texts[i], g_bytes_unref);
    }
}

void qa_audience_tell_entries(QaAudience *audience, uint64_t from, uint64_t asking,
                              const char *question)
{
    const QaQuestions *questions = qa_queue_questions(audience->queue);
    for (uint64_t sequence = from + 1; sequence <= qa_questions_sequence(questions); sequence++) {
        const QaEntry *entry = qa_questions_entry(questions, sequence);
        bool own = strcmp(entry->question->row->id, question) == 0;
        tell_entry(audience, entry, own ? asking : 0);
    }
}

static gboolean on_votes_timer(gpointer data)
{
    QaAudience *audience = data;
    audience->votes_timer = 0;
    g_autoptr(GPtrArray) voted = qa_questions_take_voted(qa_queue_questions(audience->queue));
    if (voted != NULL) {
        QaViewer staff = {.moderates = true}, others = {.moderates = false};
        send_all(audience, "votes", qa_write_votes(voted, &staff, false), is_moderator);
        send_all(audience, "votes", qa_write_votes(voted, &others, false), is_no_moderator);
    }
    return G_SOURCE_REMOVE;
}

void qa_audience_tell_vote(QaAudience *audience, uint64_t asking, const char *question,
                           const char *voter)
{
    if (audience->votes_timer == 0) {
        audience->votes_timer = g_timeout_add(QA_VOTES_EVERY_MS, on_votes_timer, audience);
    }
    const QaQuestion *found =
        qa_questions_find(qa_queue_questions(audience->queue), question, NULL);
    guint sockets = GPOINTER_TO_UINT(g_hash_table_lookup(audience->people, voter));
    if (found == NULL || sockets < 2) {
        return;
    }
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_ptr_array_add(one, (gpointer)found);
    for (guint i = 0; i < audience->clients->len; i++) {
        const QaClient *client = audience->clients->pdata[i];
        if (client->socket != asking && strcmp(client->who->person, voter) == 0) {
            QaViewer viewer = viewer_of(client);
            json_t *votes = qa_write_votes(one, &viewer, true);
            if (votes != NULL) {
                send_event(audience, client, "votes", votes);
            }
        }
    }
}

void qa_audience_tell_message(QaAudience *audience)
{
    const StorePresenterMessage *last =
        qa_questions_last_message(qa_queue_questions(audience->queue));
    send_all(audience, "presenter.message", qa_write_presenter_message(last), hears_messages);
}

static json_t *write_message_for(const QaAudience *audience, const QaClient *client)
{
    const StorePresenterMessage *last =
        qa_questions_last_message(qa_queue_questions(audience->queue));
    bool shown = last != NULL && (client->moderates || last->acknowledged_us == 0);
    return shown ? qa_write_presenter_message(last) : json_null();
}

/* NULL: the session is gone. */
static json_t *session_for(const QaAudience *audience, const QaClient *client)
{
    return audience->events->session_json(audience->events->data, qa_queue_session(audience->queue),
                                          client->who);
}

static void send_session(const QaAudience *audience, const QaClient *client)
{
    json_t *session = session_for(audience, client);
    if (session != NULL) {
        send_event(audience, client, "session.state", session);
    }
}

void qa_audience_tell_session(QaAudience *audience)
{
    for (guint i = 0; i < audience->clients->len; i++) {
        send_session(audience, audience->clients->pdata[i]);
    }
}

static Presence count_presence(const QaAudience *audience)
{
    Presence now = {.people = qa_audience_present(audience)};
    for (guint i = 0; i < audience->clients->len; i++) {
        const QaClient *client = audience->clients->pdata[i];
        now.whep += client->via == QA_VIA_WHEP;
        now.hls += client->via == QA_VIA_HLS;
        now.roads[client->road] += client->via == QA_VIA_WHEP;
    }
    return now;
}

static GBytes *write_presence(const QaAudience *audience, const Presence *presence, bool staff)
{
    json_t *data = json_pack("{s:i}", "count", presence->people);
    if (staff) {
        json_object_set_new(data, "whep", json_integer(presence->whep));
        json_object_set_new(data, "hls", json_integer(presence->hls));
        json_object_set_new(data, "roads",
                            json_pack("{s:i, s:i, s:i}", "udp", presence->roads[QA_ROAD_UDP], "tcp",
                                      presence->roads[QA_ROAD_TCP], "relay",
                                      presence->roads[QA_ROAD_RELAY]));
    }
    g_autofree char *cursor = cursor_now(audience);
    g_autoptr(json_t) event = qa_write_event(cursor, "presence.count", data);
    return qa_write_bytes(event);
}

void qa_audience_tell_presence(QaAudience *audience)
{
    Presence now = count_presence(audience), told = audience->told;
    bool others = now.people != told.people;
    bool staff = others || memcmp(&now, &told, sizeof now) != 0;
    g_autoptr(GBytes) for_staff = write_presence(audience, &now, true);
    g_autoptr(GBytes) for_others = write_presence(audience, &now, false);
    audience->told = now;
    for (guint i = 0; i < audience->clients->len; i++) {
        QaClient *client = audience->clients->pdata[i];
        if (!client->counted || (client->moderates ? staff : others)) {
            client->counted = true;
            qa_hub_send(audience->hub, client->socket, client->moderates ? for_staff : for_others,
                        false);
        }
    }
}

/* `sound`: with its alarm. NULL: the session is gone. */
static json_t *write_clock(const QaAudience *audience, bool sound)
{
    QaSessionInfo info = {0};
    const char *session = qa_queue_session(audience->queue);
    if (!audience->events->session_info(audience->events->data, session, &info)) {
        return NULL;
    }
    g_autofree char *now = base_time_format(base_wall_us());
    int64_t media_us = audience->events->media_now(audience->events->data, session);
    json_t *clock =
        json_pack("{s:s, s:s, s:o}", "server_time", now, "state", info.state, "media_ms",
                  media_us < 0 ? json_null() : json_integer(media_us / BASE_US_PER_MS));
    if (sound) {
        const char *alarm = audience->events->sound(audience->events->data, session);
        json_object_set_new(clock, "sound", alarm != NULL ? json_string(alarm) : json_null());
    }
    return clock;
}

void qa_audience_tell_clock(QaAudience *audience)
{
    if (audience->clients->len > 0) {
        send_all(audience, "clock", write_clock(audience, true), hears_messages);
        send_all(audience, "clock", write_clock(audience, false), hears_none);
    }
}

/* Coming and going */

static void send_snapshot(QaAudience *audience, const QaClient *client)
{
    QaViewer viewer = viewer_of(client);
    g_autofree char *cursor = cursor_now(audience);
    json_t *you =
        json_pack("{s:o, s:o, s:s}", "person", qa_write_text(client->who->person), "name",
                  qa_write_text(client->who->name), "role", auth_role_name(client->who->role));
    g_autoptr(json_t) snapshot =
        json_pack("{s:s, s:s, s:o, s:o}", "op", "snapshot", "cursor", cursor, "session",
                  session_for(audience, client), "you", you);
    if (hears_messages(client)) {
        json_object_set_new(snapshot, "message", write_message_for(audience, client));
    }
    g_autofree char *rest = base_json_text(snapshot);
    GString *whole = g_string_new("{\"questions\":");
    qa_write_questions(qa_queue_questions(audience->queue), &viewer, whole);
    g_string_append_c(whole, ',');
    g_string_append(whole, rest + 1); // after its brace
    g_autoptr(GBytes) text = g_string_free_to_bytes(whole);
    qa_hub_send(audience->hub, client->socket, text, true);
}

/* False: the cursor is useless, or a snapshot is shorter. */
static bool send_missed(QaAudience *audience, const QaClient *client, const char *since)
{
    const QaQuestions *questions = qa_queue_questions(audience->queue);
    QaViewer viewer = viewer_of(client);
    uint64_t sequence = 0;
    if (since == NULL || !qa_cursor_parse(since, audience->run, &sequence)) {
        return false;
    }
    g_autoptr(GArray) missed = qa_questions_missed(questions, sequence);
    if (missed == NULL || missed->len > QA_MAX_MISSED) {
        return false;
    }
    for (guint i = 0; i < missed->len; i++) {
        const QaEntry *entry = &g_array_index(missed, QaEntry, i);
        QaTell tell = qa_entry_tell(entry, &viewer);
        if (tell != QA_TELL_NOTHING) {
            g_autofree char *cursor = qa_cursor_format(audience->run, entry->sequence);
            unsigned flags = QA_WRITE_ALL | qa_write_flags(entry->question, &viewer);
            qa_audience_send(audience->hub, client->socket,
                             qa_write_entry(cursor, entry, tell, flags));
        }
    }
    /* The log has no votes: all totals, with the person's own votes. */
    json_t *votes = qa_write_votes(qa_questions_all(questions), &viewer, true);
    send_event(audience, client, "votes", votes != NULL ? votes : json_array());
    send_session(audience, client);
    const StorePresenterMessage *last = qa_questions_last_message(questions);
    if (last != NULL && hears_messages(client)) {
        send_event(audience, client, "presenter.message", qa_write_presenter_message(last));
    }
    return true;
}

void qa_audience_tell_all(QaAudience *audience, bool moderators_too)
{
    for (guint i = 0; i < audience->clients->len; i++) {
        const QaClient *client = audience->clients->pdata[i];
        if (moderators_too || !client->moderates) {
            send_snapshot(audience, client);
        }
    }
}

void qa_audience_enter(QaAudience *audience, QaClient *client, const char *since)
{
    if (!send_missed(audience, client, since)) {
        send_snapshot(audience, client);
    }
    client->present = true;
    client->counted = false;
    g_ptr_array_add(audience->clients, client);
    const char *person = client->who->person;
    guint sockets = GPOINTER_TO_UINT(g_hash_table_lookup(audience->people, person));
    g_hash_table_replace(audience->people, g_strdup(person), GUINT_TO_POINTER(sockets + 1));
    json_t *clock = write_clock(audience, hears_messages(client));
    if (clock != NULL) {
        send_event(audience, client, "clock", clock);
    }
}

void qa_audience_leave(QaAudience *audience, QaClient *client)
{
    client->audience = NULL;
    if (!client->present) {
        return;
    }
    client->present = false;
    g_ptr_array_remove_fast(audience->clients, client);
    const char *person = client->who->person;
    guint sockets = GPOINTER_TO_UINT(g_hash_table_lookup(audience->people, person));
    if (sockets > 1) {
        g_hash_table_replace(audience->people, g_strdup(person), GUINT_TO_POINTER(sockets - 1));
    } else {
        g_hash_table_remove(audience->people, person);
    }
}

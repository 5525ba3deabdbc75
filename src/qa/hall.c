// SPDX-License-Identifier: GPL-3.0-or-later
#include "qa/hall.h"

#include "base/clock.h"
#include "base/id.h"

#include <string.h>

typedef struct {
    unsigned people, whep, hls;
} Presence;

struct QaHall {
    QaDesk *desk;
    QaHub *hub;
    const char *run;
    const QaEvents *events;
    GPtrArray *clients; // QaClient, borrowed: those present
    GHashTable *people; // person -> sockets
    guint votes_timer;  // 0: nothing to tell
    Presence told;      // last
    json_t *message;    // nullable: the last one to the presenter, for who joins later
};

QaHall *qa_hall_new(QaDesk *desk, QaHub *hub, const char *run, const QaEvents *events)
{
    QaHall *hall = g_new0(QaHall, 1);
    hall->desk = desk;
    hall->hub = hub;
    hall->run = run;
    hall->events = events;
    hall->clients = g_ptr_array_new();
    hall->people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return hall;
}

void qa_hall_free(QaHall *hall)
{
    if (hall == NULL) {
        return;
    }
    if (hall->votes_timer != 0) {
        g_source_remove(hall->votes_timer);
    }
    json_decref(hall->message);
    g_ptr_array_unref(hall->clients);
    g_hash_table_unref(hall->people);
    g_free(hall);
}

QaDesk *qa_hall_desk(const QaHall *hall)
{
    return hall->desk;
}

unsigned qa_hall_present(const QaHall *hall)
{
    return g_hash_table_size(hall->people);
}

/* Sending */

void qa_hall_send(QaHub *hub, uint64_t socket, json_t *json)
{
    g_autoptr(GBytes) text = qa_write_bytes(json);
    qa_hub_send(hub, socket, text, false);
    json_decref(json);
}

static QaViewer viewer_of(const QaClient *client)
{
    return (QaViewer){.person = client->who->person, .moderates = client->moderates};
}

static char *cursor_now(const QaHall *hall)
{
    const QaRoom *room = qa_desk_room(hall->desk);
    return qa_cursor_format(hall->run, room != NULL ? qa_room_sequence(room) : 0);
}

static void send_event(const QaHall *hall, const QaClient *client, const char *type, json_t *data)
{
    g_autofree char *cursor = cursor_now(hall);
    qa_hall_send(hall->hub, client->socket, qa_write_event(cursor, type, data));
}

typedef bool (*Wants)(const QaClient *client);

/* The same bytes to all that want them (NULL: everybody). Takes `data`; NULL: nothing to tell. */
static void send_all(QaHall *hall, const char *type, json_t *data, Wants wants)
{
    if (data == NULL) {
        return;
    }
    g_autofree char *cursor = cursor_now(hall);
    g_autoptr(json_t) event = qa_write_event(cursor, type, data);
    g_autoptr(GBytes) text = qa_write_bytes(event);
    for (guint i = 0; i < hall->clients->len; i++) {
        const QaClient *client = hall->clients->pdata[i];
        if (wants == NULL || wants(client)) {
            qa_hub_send(hall->hub, client->socket, text, false);
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

/* Questions */

/* The texts of one event, made when first wanted. */
typedef struct {
    GBytes *text[QA_TELL_REMOVED + 1][QA_WRITE_FORMS];
} Forms;

static void tell_entry(QaHall *hall, const QaEntry *entry, uint64_t except)
{
    Forms forms = {0};
    g_autofree char *cursor = qa_cursor_format(hall->run, entry->sequence);
    for (guint i = 0; i < hall->clients->len; i++) {
        const QaClient *client = hall->clients->pdata[i];
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
        qa_hub_send(hall->hub, client->socket, *text, false);
    }
    GBytes **texts = &forms.text[0][0];
    for (size_t i = 0; i < G_N_ELEMENTS(forms.text) * QA_WRITE_FORMS; i++) {
        g_clear_pointer(&texts[i], g_bytes_unref);
    }
}

void qa_hall_tell_entries(QaHall *hall, uint64_t from, uint64_t asking, const char *question)
{
    const QaRoom *room = qa_desk_room(hall->desk);
    for (uint64_t sequence = from + 1; sequence <= qa_room_sequence(room); sequence++) {
        const QaEntry *entry = qa_room_entry(room, sequence);
        bool own = strcmp(entry->question->row->id, question) == 0;
        tell_entry(hall, entry, own ? asking : 0);
    }
}

static gboolean on_votes_timer(gpointer data)
{
    QaHall *hall = data;
    hall->votes_timer = 0;
    g_autoptr(GPtrArray) voted = qa_room_take_voted(qa_desk_room(hall->desk));
    if (voted != NULL) {
        QaViewer staff = {.moderates = true}, others = {.moderates = false};
        send_all(hall, "votes", qa_write_votes(voted, &staff, false), is_moderator);
        send_all(hall, "votes", qa_write_votes(voted, &others, false), is_no_moderator);
    }
    return G_SOURCE_REMOVE;
}

void qa_hall_tell_vote(QaHall *hall, uint64_t asking, const char *question, const char *voter)
{
    if (hall->votes_timer == 0) {
        hall->votes_timer = g_timeout_add(QA_VOTES_EVERY_MS, on_votes_timer, hall);
    }
    const QaQuestion *found = qa_room_find(qa_desk_room(hall->desk), question, NULL);
    guint sockets = GPOINTER_TO_UINT(g_hash_table_lookup(hall->people, voter));
    if (found == NULL || sockets < 2) {
        return;
    }
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_ptr_array_add(one, (gpointer)found);
    for (guint i = 0; i < hall->clients->len; i++) {
        const QaClient *client = hall->clients->pdata[i];
        if (client->socket != asking && strcmp(client->who->person, voter) == 0) {
            QaViewer viewer = viewer_of(client);
            json_t *votes = qa_write_votes(one, &viewer, true);
            if (votes != NULL) {
                send_event(hall, client, "votes", votes);
            }
        }
    }
}

/* Others */

void qa_hall_tell_message(QaHall *hall, const char *text, const AuthIdentity *from)
{
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    g_autofree char *at = base_time_format(base_wall_us());
    json_decref(hall->message);
    hall->message = json_pack("{s:s, s:s, s:s, s:o}", "id", id, "text", text, "at", at, "from",
                              qa_write_text(from->name));
    send_all(hall, "presenter.message", json_incref(hall->message), hears_messages);
}

/* Full ownership; NULL: the session is gone. */
static json_t *session_for(const QaHall *hall, const QaClient *client)
{
    return hall->events->session(hall->events->data, qa_desk_session(hall->desk), client->who);
}

static void send_session(const QaHall *hall, const QaClient *client)
{
    json_t *session = session_for(hall, client);
    if (session != NULL) {
        send_event(hall, client, "session.state", session);
    }
}

void qa_hall_tell_session(QaHall *hall)
{
    for (guint i = 0; i < hall->clients->len; i++) {
        send_session(hall, hall->clients->pdata[i]);
    }
}

static Presence count_presence(const QaHall *hall)
{
    Presence now = {.people = qa_hall_present(hall)};
    for (guint i = 0; i < hall->clients->len; i++) {
        const QaClient *client = hall->clients->pdata[i];
        now.whep += client->via == QA_VIA_WHEP;
        now.hls += client->via == QA_VIA_HLS;
    }
    return now;
}

static GBytes *write_presence(const QaHall *hall, const Presence *presence, bool staff)
{
    json_t *data = json_pack("{s:i}", "count", presence->people);
    if (staff) {
        json_object_set_new(data, "whep", json_integer(presence->whep));
        json_object_set_new(data, "hls", json_integer(presence->hls));
    }
    g_autofree char *cursor = cursor_now(hall);
    g_autoptr(json_t) event = qa_write_event(cursor, "presence.count", data);
    return qa_write_bytes(event);
}

void qa_hall_tell_presence(QaHall *hall)
{
    Presence now = count_presence(hall), told = hall->told;
    bool others = now.people != told.people;
    bool staff = others || now.whep != told.whep || now.hls != told.hls;
    g_autoptr(GBytes) for_staff = write_presence(hall, &now, true);
    g_autoptr(GBytes) for_others = write_presence(hall, &now, false);
    hall->told = now;
    for (guint i = 0; i < hall->clients->len; i++) {
        QaClient *client = hall->clients->pdata[i];
        if (!client->counted || (client->moderates ? staff : others)) {
            client->counted = true;
            qa_hub_send(hall->hub, client->socket, client->moderates ? for_staff : for_others,
                        false);
        }
    }
}

static json_t *write_clock(const QaHall *hall, const QaClient *client)
{
    g_autoptr(json_t) session = session_for(hall, client);
    g_autofree char *now = base_time_format(base_wall_us());
    int64_t media_us = hall->events->media_now(hall->events->data, qa_desk_session(hall->desk));
    json_t *state = json_object_get(session, "state");
    return json_pack("{s:s, s:O?, s:o}", "server_time", now, "state", state, "media_ms",
                     media_us < 0 ? json_null() : json_integer(media_us / BASE_US_PER_MS));
}

void qa_hall_tell_clock(QaHall *hall)
{
    if (hall->clients->len > 0) {
        send_all(hall, "clock", write_clock(hall, hall->clients->pdata[0]), NULL);
    }
}

/* Coming and going */

static void send_snapshot(QaHall *hall, const QaClient *client)
{
    QaViewer viewer = viewer_of(client);
    g_autofree char *cursor = cursor_now(hall);
    json_t *session = session_for(hall, client);
    json_t *you =
        json_pack("{s:o, s:o, s:s}", "person", qa_write_text(client->who->person), "name",
                  qa_write_text(client->who->name), "role", auth_role_name(client->who->role));
    g_autoptr(json_t) snapshot =
        json_pack("{s:s, s:s, s:o, s:o}", "op", "snapshot", "cursor", cursor, "session",
                  session != NULL ? session : json_null(), "you", you);
    g_autofree char *rest = base_json_text(snapshot);
    GString *whole = g_string_new("{\"questions\":");
    qa_write_questions(qa_desk_room(hall->desk), &viewer, whole);
    g_string_append_c(whole, ',');
    g_string_append(whole, rest + 1); // without its brace
    g_autoptr(GBytes) text = g_string_free_to_bytes(whole);
    qa_hub_send(hall->hub, client->socket, text, true);
}

/* False: the cursor leads nowhere (another run, too long ago), or to more than a snapshot would. */
static bool send_missed(QaHall *hall, const QaClient *client, const char *since)
{
    const QaRoom *room = qa_desk_room(hall->desk);
    QaViewer viewer = viewer_of(client);
    uint64_t sequence = 0;
    if (since == NULL || !qa_cursor_parse(since, hall->run, &sequence)) {
        return false;
    }
    g_autoptr(GArray) missed = qa_room_missed(room, sequence);
    if (missed == NULL || missed->len > QA_MAX_MISSED) {
        return false;
    }
    for (guint i = 0; i < missed->len; i++) {
        const QaEntry *entry = &g_array_index(missed, QaEntry, i);
        QaTell tell = qa_entry_tell(entry, &viewer);
        if (tell != QA_TELL_NOTHING) {
            g_autofree char *cursor = qa_cursor_format(hall->run, entry->sequence);
            unsigned flags = QA_WRITE_ALL | qa_write_flags(entry->question, &viewer);
            qa_hall_send(hall->hub, client->socket, qa_write_entry(cursor, entry, tell, flags));
        }
    }
    /* Votes are told as totals and kept in no log: all of them, with the person's own. */
    json_t *votes = qa_write_votes(qa_room_questions(room), &viewer, true);
    send_event(hall, client, "votes", votes != NULL ? votes : json_array());
    send_session(hall, client);
    return true;
}

void qa_hall_enter(QaHall *hall, QaClient *client, const char *since)
{
    if (!send_missed(hall, client, since)) {
        send_snapshot(hall, client);
    }
    client->present = true;
    client->counted = false;
    g_ptr_array_add(hall->clients, client);
    const char *person = client->who->person;
    guint sockets = GPOINTER_TO_UINT(g_hash_table_lookup(hall->people, person));
    g_hash_table_replace(hall->people, g_strdup(person), GUINT_TO_POINTER(sockets + 1));
    send_event(hall, client, "clock", write_clock(hall, client));
    if (hall->message != NULL && hears_messages(client)) {
        send_event(hall, client, "presenter.message", json_incref(hall->message));
    }
}

void qa_hall_leave(QaHall *hall, QaClient *client)
{
    client->hall = NULL;
    if (!client->present) {
        return;
    }
    client->present = false;
    g_ptr_array_remove_fast(hall->clients, client);
    const char *person = client->who->person;
    guint sockets = GPOINTER_TO_UINT(g_hash_table_lookup(hall->people, person));
    if (sockets > 1) {
        g_hash_table_replace(hall->people, g_strdup(person), GUINT_TO_POINTER(sockets - 1));
    } else {
        g_hash_table_remove(hall->people, person);
    }
}

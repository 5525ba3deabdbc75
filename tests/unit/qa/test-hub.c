// SPDX-License-Identifier: GPL-3.0-or-later
// The contract's exchanges as peers see them on the wire.
#include "base/clock.h"
#include "qa/queue.h"
#include "qa/hub.h"
#include "store/people/people.h"
#include "wire.h"

#include "../load.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

static char *id_of(const json_t *message, const char *key)
{
    const char *id = text_at(message, key, "id");
    g_assert_nonnull(id);
    return g_strdup(id);
}

static Client *joined(Server *server, const char *person, AuthRole role)
{
    Client *client = client_new(server, person, role);
    json_decref(client_join(client, "s1", NULL, "snapshot", NULL));
    return client;
}

static void send_format(Client *client, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void send_format(Client *client, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    client_send(client, text);
}

/* Asks as the client; gives the question's id. */
static char *ask(Client *client, const char *ref, const char *text)
{
    send_format(client, "{\"op\":\"ask\",\"ref\":\"%s\",\"text\":\"%s\",\"anonymous\":true}", ref,
                text);
    g_autoptr(json_t) ok = client_expect(client, "ok", NULL);
    g_assert_cmpstr(text_at(ok, "ref", NULL), ==, ref);
    return id_of(ok, "question");
}

static void moderate(Client *client, const char *question, const char *to)
{
    send_format(client, "{\"op\":\"moderate\",\"ref\":\"9\",\"question\":\"%s\",\"to\":\"%s\"}",
                question, to);
    g_autoptr(json_t) ok = client_expect(client, "ok", NULL);
    g_assert_cmpstr(text_at(ok, "question", "state"), ==, to);
}

static void test_exchange(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *b = joined(server, "b", AUTH_ATTENDEE);
    Client *m = joined(server, "m", AUTH_MODERATOR);
    client_send(a, "{\"op\":\"ask\",\"ref\":\"1\",\"text\":\" لماذا؟ \",\"anonymous\":true}");
    g_autoptr(json_t) ok = client_expect(a, "ok", NULL);
    g_autofree char *id = id_of(ok, "question");
    g_assert_cmpstr(text_at(ok, "ref", NULL), ==, "1");
    g_assert_cmpstr(text_at(ok, "question", "state"), ==, "pending");
    g_assert_cmpstr(text_at(ok, "question", "text"), ==, "لماذا؟");
    const json_t *question = json_object_get(ok, "question");
    g_assert_true(json_is_true(json_object_get(question, "mine")));
    g_assert_true(json_is_false(json_object_get(question, "voted")));
    g_assert_cmpint(json_integer_value(json_object_get(question, "media_ms")), ==, 90000);
    g_assert_null(json_object_get(question, "by"));

    g_autoptr(json_t) added = client_expect(m, "event", "question.added");
    g_assert_cmpstr(text_at(added, "data", "id"), ==, id);
    g_assert_cmpstr(text_at(json_object_get(added, "data"), "by", "person"), ==, "a");
    g_assert_true(g_str_has_prefix(text_at(added, "cursor", NULL), "k3:"));
    client_expect_silence(b, 50);

    moderate(m, id, "approved");
    g_autoptr(json_t) changed = client_expect(a, "event", "question.changed");
    g_assert_cmpstr(text_at(changed, "data", "state"), ==, "approved");
    g_autoptr(json_t) shown = client_expect(b, "event", "question.added");
    g_assert_cmpstr(text_at(shown, "data", "id"), ==, id);
    g_assert_null(json_object_get(json_object_get(shown, "data"), "by"));
    g_assert_null(json_object_get(json_object_get(shown, "data"), "mine"));

    send_format(b, "{\"op\":\"vote\",\"ref\":\"v\",\"question\":\"%s\",\"on\":true}", id);
    g_autoptr(json_t) voted = client_expect(b, "ok", NULL);
    g_assert_true(json_is_true(json_object_get(json_object_get(voted, "question"), "voted")));
    g_autoptr(json_t) votes = client_expect(a, "event", "votes");
    const json_t *total = json_array_get(json_object_get(votes, "data"), 0);
    g_assert_cmpstr(text_at(total, "question", NULL), ==, id);
    g_assert_cmpint(json_integer_value(json_object_get(total, "votes")), ==, 1);
    g_assert_null(json_object_get(total, "voted")); // who voted is nobody else's business

    json_decref(client_expect(m, "event", "votes"));
    moderate(m, id, "rejected");
    json_decref(client_expect(b, "event", "votes"));
    g_autoptr(json_t) removed = client_expect(b, "event", "question.removed");
    g_assert_cmpstr(text_at(removed, "data", "id"), ==, id);
    g_assert_null(json_object_get(json_object_get(removed, "data"), "state"));
    client_free(a);
    client_free(b);
    client_free(m);
    server_free(server);
}

static void test_catch_up(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *b = joined(server, "b", AUTH_ATTENDEE);
    Client *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *one = ask(a, "1", "One"), *two = ask(a, "2", "Two"), *three = ask(a, "3", "3");
    json_decref(client_expect(m, "event", "question.added"));
    json_decref(client_expect(m, "event", "question.added"));
    json_decref(client_expect(m, "event", "question.added"));
    moderate(m, one, "approved");
    json_decref(client_expect(b, "event", "question.added"));
    g_autofree char *cursor = g_strdup(b->cursor);
    client_free(b);
    moderate(m, two, "approved");
    moderate(m, two, "on_air");
    moderate(m, three, "rejected");
    b = client_new(server, "b", AUTH_ATTENDEE);
    g_autoptr(json_t) missed = client_join(b, "s1", cursor, "event", "question.added");
    g_assert_cmpstr(text_at(missed, "data", "id"), ==, two); // once, as it is now
    g_assert_cmpstr(text_at(missed, "data", "state"), ==, "on_air");
    json_decref(client_expect(b, "event", "votes"));
    client_expect_silence(b, 50); // neither what is known nor what is not for b

    g_autofree char *last = g_strdup(b->cursor);
    client_free(b);
    server_restart(server, "k4");
    b = client_new(server, "b", AUTH_ATTENDEE);
    g_autoptr(json_t) snapshot = client_join(b, "s1", last, "snapshot", NULL);
    g_assert_cmpuint(json_array_size(json_object_get(snapshot, "questions")), ==, 2);
    g_assert_true(g_str_has_prefix(text_at(snapshot, "cursor", NULL), "k4:"));
    g_assert_cmpstr(text_at(snapshot, "session", "id"), ==, "s1");
    g_assert_cmpstr(text_at(snapshot, "you", "person"), ==, "b");
    client_expect_close(a, 1001); // the restart said good-bye
    client_expect_close(m, 1001);
    client_free(a);
    client_free(b);
    client_free(m);
    server_free(server);
}

static void test_refusals(void)
{
    Server *server = server_new();
    Client *a = client_new(server, "a", AUTH_ATTENDEE);
    const struct {
        const char *text, *type;
    } wrong[] = {
        {"{\"op\":\"ask\",\"ref\":\"x\",\"text\":\"early\"}", "conflict"},
        {"{\"op\":\"join\",\"ref\":\"x\",\"session\":\"nowhere\"}", "not_found"},
        {"}{", "invalid"},
        {"[[[[[[[[[[[[]]]]]]]]]]]]", "invalid"},
        {"{\"op\":\"ask\",\"op\":\"vote\"}", "invalid"},
        {"", "invalid"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        client_send(a, wrong[i].text);
        g_autoptr(json_t) error = client_expect(a, "error", wrong[i].type);
        g_assert_nonnull(text_at(error, "detail", NULL));
        g_assert_cmpstr(text_at(error, "ref", NULL), ==, i < 2 ? "x" : NULL);
    }
    json_decref(client_join(a, "s1", NULL, "snapshot", NULL)); // the socket lives
    server_run(1000);
    client_send(a, "{\"op\":\"moderate\",\"question\":\"q\",\"to\":\"approved\"}");
    json_decref(client_expect(a, "error", "denied"));
    client_send(a, "{\"op\":\"message\",\"to\":\"presenter\",\"text\":\"hello\"}");
    json_decref(client_expect(a, "error", "denied"));
    server->state = "ended";
    client_send(a, "{\"op\":\"ask\",\"text\":\"late\"}");
    json_decref(client_expect(a, "error", "conflict"));
    client_free(a);
    server_free(server);
}

static void test_flood(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE);
    unsigned limited = 0;
    Client *too = joined(server, "a", AUTH_ATTENDEE); // another socket buys nothing
    for (int i = 0; i < 30; i++) {
        client_send(a, "{\"op\":\"vote\",\"ref\":\"r\",\"question\":\"none\",\"on\":true}");
        client_send(too, "{\"op\":\"vote\",\"ref\":\"r\",\"question\":\"none\",\"on\":true}");
    }
    for (int i = 0; i < 60; i++) {
        g_autoptr(json_t) error = client_expect(i % 2 == 0 ? a : too, "error", NULL);
        limited += strcmp(text_at(error, "type", NULL), "limit") == 0;
        g_assert_cmpstr(text_at(error, "ref", NULL), ==, "r");
    }
    g_assert_cmpuint(limited, >=, 60 - QA_HUB_BURST - 10); // some come back meanwhile
    g_assert_cmpuint(limited, <=, 60 - QA_HUB_BURST + 2);  // two joins
    client_free(too);
    for (int i = 0; i < 2 * QA_HUB_MAX_STRIKES; i++) {
        client_send(a, "{\"op\":\"vote\",\"question\":\"none\",\"on\":true}");
    }
    client_expect_close(a, 1008);
    client_free(a);
    a = client_new(server, "a", AUTH_ATTENDEE); // nor does a new one
    for (int i = 0; i < QA_HUB_MAX_STRIKES / 2; i++) {
        client_send(a, "{\"op\":\"vote\",\"question\":\"none\",\"on\":true}");
    }
    client_expect_close(a, 1008);
    client_free(a);
    server_free(server);
}

static void test_bad_frames(void)
{
    Server *server = server_new();
    char large[QA_MAX_MESSAGE_BYTES + 1];
    memset(large, ' ', sizeof large);
    Client *a = joined(server, "a", AUTH_ATTENDEE);
    int64_t begin_us = base_clock_us();
    for (int i = 0; i < 8; i++) {
        client_send_frame(a, 0x81, large, QA_MAX_MESSAGE_BYTES); // as large as may be: a mere error
        json_decref(client_expect(a, "error", "invalid"));
    }
    g_assert_cmpint(base_clock_us() - begin_us, <,
                    load_allow(BASE_US_PER_S)); // not a tick for each
    client_send_frame(a, 0x81, large, sizeof large);
    client_expect_close(a, 1009);
    client_free(a);
    a = joined(server, "a", AUTH_ATTENDEE);
    for (int i = 0; i < 9; i++) { // nor in pieces
        client_send_frame(a, i == 0 ? 0x01 : 0x00, large, 1000);
    }
    client_expect_close(a, 1009);
    client_free(a);
    a = joined(server, "a", AUTH_ATTENDEE);
    client_send_frame(a, 0x81, "{\"op\":\"\xff\"}", 10);
    client_expect_close(a, 1007);
    client_free(a);
    a = joined(server, "a", AUTH_ATTENDEE);
    client_send_frame(a, 0x82, "{}", 2);
    client_expect_close(a, 1003);
    client_free(a);
    /* A character that is cut between two fragments is no error (RFC 6455 5.6). */
    a = joined(server, "a", AUTH_ATTENDEE);
    client_send_frame(a, 0x01, "{\"op\":\"ask\",\"text\":\"\xd9", 21);
    client_send_frame(a, 0x80, "\x85\"}", 3);
    json_decref(client_expect(a, "ok", NULL));
    client_free(a);
    server_free(server);
}

static void test_protocol_errors(void)
{
    Server *server = server_new();
    const struct {
        uint8_t first;
        const char *payload;
        size_t size;
        int code;
    } frames[] = {
        {0x88, "\x03\xe8", 2, 1000},
        {0x88, "\x03\xe9gone", 6, 1001},
        {0x88, "\x0b\xb8", 2, 3000},
        {0x88, "\x03", 1, 1002},
        {0x88, "\x00\x00", 2, 1002},
        {0x88, "\x03\xed", 2, 1002},     // 1005 is never sent
        {0x88, "\x13\x88", 2, 1002},     // 5000 is nobody's
        {0x88, "\x03\xe8\xff", 3, 1007}, // a reason is UTF-8
        {0x83, "", 0, 1002},             // reserved opcodes
        {0x8b, "", 0, 1002},
        {0xa1, "{}", 2, 1002}, // reserved bits
        {0xc1, "{}", 2, 1002}, // compressed, which was not agreed
        {0x80, "{}", 2, 1002}, // continues nothing
        {0x09, "", 0, 1002},   // a control frame in fragments
    };
    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
        Client *a = client_new(server, "a", AUTH_ATTENDEE);
        client_send_frame(a, frames[i].first, frames[i].payload, frames[i].size);
        g_test_message("%zu", i);
        client_expect_close(a, frames[i].code);
        client_free(a);
        server_run(5);
    }
    Client *a = client_new(server, "a", AUTH_ATTENDEE);
    client_send_frame(a, 0x01, "{", 1);
    client_send_frame(a, 0x81, "}", 1); // a message within another
    client_expect_close(a, 1002);
    client_free(a);
    server_free(server);
}

static void test_subprotocol(void)
{
    Server *server = server_new();
    Client *client = client_new_full(server, "a", AUTH_ATTENDEE, 0,
                                     "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                     "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    g_assert_cmpint(client->close_code, !=, 0);
    client_free(client);
    client = client_new_full(server, "a", AUTH_ATTENDEE, 0, "GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
    g_assert_cmpint(client->close_code, !=, 0);
    client_free(client);
    server_free(server);
}

static void test_quick_moderation(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE);
    Client *m = joined(server, "m", AUTH_MODERATOR), *p = joined(server, "p", AUTH_SPEAKER);
    g_autofree char *one = ask(a, "1", "One"), *two = ask(a, "2", "Two");
    json_decref(client_expect(m, "event", "question.added"));
    json_decref(client_expect(m, "event", "question.added"));
    /* All at once, none waiting for an answer: each is judged on the outcome of the one before. */
    const char *steps[][2] = {{one, "approved"}, {two, "approved"}, {one, "on_air"},
                              {two, "on_air"},   {one, "on_air"},   {two, "rejected"}};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        send_format(m, "{\"op\":\"moderate\",\"ref\":\"%zu\",\"question\":\"%s\",\"to\":\"%s\"}", i,
                    steps[i][0], steps[i][1]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(steps);) {
        g_autoptr(json_t) message = client_next(m);
        g_assert_cmpstr(text_at(message, "op", NULL), !=, "error");
        if (strcmp(text_at(message, "op", NULL), "ok") == 0) {
            g_assert_cmpstr(text_at(message, "question", "state"), ==, steps[i][1]);
            i++;
        }
    }
    const char *seen[] = {"approved", "approved", "on_air",   "on_air",
                          "answered", "on_air",   "approved", NULL};
    for (size_t i = 0; seen[i] != NULL; i++) {
        g_autoptr(json_t) event = client_expect(p, "event", NULL);
        g_assert_cmpstr(text_at(event, "data", "state"), ==, seen[i]);
    }
    json_decref(client_expect(p, "event", "question.removed"));
    send_format(p, "{\"op\":\"moderate\",\"ref\":\"1\",\"question\":\"%s\",\"to\":\"answered\"}",
                one);
    json_decref(client_expect(p, "ok", NULL));
    client_free(a);
    client_free(m);
    client_free(p);
    server_free(server);
}

static void change_question(Client *client, const char *question, const char *rest)
{
    send_format(client, "{\"op\":\"moderate\",\"ref\":\"1\",\"question\":\"%s\",%s}", question,
                rest);
    json_decref(client_expect(client, "ok", NULL));
}

/* Told upward once it is committed, and only what concerns an answered question. */
static void test_answered(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *one = ask(a, "1", "One"), *two = ask(a, "2", "Two");
    json_decref(client_expect(m, "event", "question.added"));
    json_decref(client_expect(m, "event", "question.added"));
    change_question(m, one, "\"to\":\"approved\"");
    change_question(m, two, "\"to\":\"approved\"");
    change_question(m, one, "\"to\":\"on_air\"");
    g_assert_cmpuint(server->answered, ==, 0);
    send_format(m, "{\"op\":\"moderate\",\"question\":\"%s\",\"to\":\"on_air\"}", two);
    json_decref(client_expect(m, "event", "question.changed")); // it answers the first
    json_decref(client_expect(m, "ok", NULL));
    g_assert_cmpuint(server->answered, ==, 1);
    change_question(m, two, "\"text\":\"Two?\"");
    g_assert_cmpuint(server->answered, ==, 1);
    change_question(m, one, "\"text\":\"One?\""); // the text is the chapter's title
    g_assert_cmpuint(server->answered, ==, 2);
    change_question(m, one, "\"to\":\"approved\"");
    g_assert_cmpuint(server->answered, ==, 3);
    change_question(m, two, "\"to\":\"answered\"");
    g_assert_cmpuint(server->answered, ==, 4);
    client_free(a);
    client_free(m);
    server_free(server);
}

static void test_resent(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE);
    g_autofree char *first = ask(a, "7", "Was the ok lost?");
    client_free(a);
    a = joined(server, "a", AUTH_ATTENDEE);
    g_autofree char *again = ask(a, "7", "Was the ok lost?");
    g_assert_cmpstr(first, ==, again);
    client_free(a);
    server_free(server);
}

static void test_own_sockets(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *phone = joined(server, "a", AUTH_ATTENDEE);
    Client *m = joined(server, "m", AUTH_MODERATOR), *p = joined(server, "p", AUTH_SPEAKER);
    g_autofree char *id = ask(a, "1", "One");
    g_autoptr(json_t) added = client_expect(phone, "event", "question.added");
    g_assert_true(json_is_true(json_object_get(json_object_get(added, "data"), "mine")));
    json_decref(client_expect(m, "event", "question.added"));
    moderate(m, id, "approved");
    json_decref(client_expect(a, "event", "question.changed"));
    json_decref(client_expect(phone, "event", "question.changed"));
    json_decref(client_expect(p, "event", "question.added"));
    send_format(a, "{\"op\":\"vote\",\"ref\":\"2\",\"question\":\"%s\",\"on\":true}", id);
    json_decref(client_expect(a, "ok", NULL));
    g_autoptr(json_t) votes = client_expect(phone, "event", "votes");
    const json_t *total = json_array_get(json_object_get(votes, "data"), 0);
    g_assert_true(json_is_true(json_object_get(total, "voted"))); // the vote shows on the phone too
    json_decref(client_expect(p, "event", "votes"));
    client_send(m,
                "{\"op\":\"message\",\"ref\":\"3\",\"to\":\"presenter\",\"text\":\"5 minutes\"}");
    g_autoptr(json_t) message = client_expect(p, "event", "presenter.message");
    g_assert_cmpstr(text_at(message, "data", "text"), ==, "5 minutes");
    json_decref(client_expect(a, "event", "votes"));
    client_expect_silence(a, 50);
    g_assert_cmpuint(qa_present(server->qa, "s1"), ==, 3); // people, not sockets
    Client *late = client_new_unheard(server, "a", AUTH_ATTENDEE);
    auth_tokens_remove_person(server->tokens, "a");
    qa_sign_ins_ended(server->qa);
    client_expect_close(a, 4401);
    client_expect_close(phone, 4401);
    client_read_upgrade(late);
    client_expect_close(late, 4401); // main had not heard of it when the right was revoked
    client_free(late);
    Client *again = joined(server, "a", AUTH_ATTENDEE); // a new sign-in is another matter
    client_free(again);
    server_run(50);
    g_assert_cmpuint(qa_present(server->qa, "s1"), ==, 2);
    client_free(a);
    client_free(phone);
    client_free(m);
    client_free(p);
    server_free(server);
}

static void acknowledge(Client *client, const char *message, const char *op)
{
    send_format(client, "{\"op\":\"acknowledge\",\"ref\":\"k\",\"message\":\"%s\"}", message);
    json_decref(client_expect(client, op, NULL));
}

static json_t *snapshot_of(Server *server, const char *person, AuthRole role, Client **out)
{
    *out = client_new(server, person, role);
    return client_join(*out, "s1", NULL, "snapshot", NULL);
}

/* What the snapshot of a speaker and of a moderator says of the last message. */
static void expect_message(Server *server, const char *speaker, const char *moderator, bool done)
{
    Client *p = NULL, *m = NULL, *a = NULL;
    g_autoptr(json_t) to_p = snapshot_of(server, "p", AUTH_SPEAKER, &p);
    g_autoptr(json_t) to_m = snapshot_of(server, "m", AUTH_MODERATOR, &m);
    g_autoptr(json_t) to_a = snapshot_of(server, "a", AUTH_ATTENDEE, &a);
    g_assert_nonnull(json_object_get(to_p, "message"));
    g_assert_cmpstr(text_at(to_p, "message", "text"), ==, speaker);
    g_assert_cmpstr(text_at(to_m, "message", "text"), ==, moderator);
    g_assert_true((text_at(to_m, "message", "acknowledged_at") != NULL) == done);
    g_assert_null(json_object_get(to_a, "message"));
    client_free(p);
    client_free(m);
    client_free(a);
}

/* A message lasts until the presenter acknowledges it, over a reconnect and a restart, and then is
 * gone for the presenter. Only presenters and moderators hear of it. */
static void test_acknowledged(void)
{
    Server *server = server_new();
    expect_message(server, NULL, NULL, false);
    Client *a = joined(server, "a", AUTH_ATTENDEE), *m = joined(server, "m", AUTH_MODERATOR);
    Client *p = joined(server, "p", AUTH_SPEAKER), *screen = joined(server, "p", AUTH_SPEAKER);
    const char *text = "{\"op\":\"message\",\"ref\":\"3\",\"to\":\"presenter\",\"text\":\"5 min\"}";
    client_send(a, text);
    json_decref(client_expect(a, "error", NULL));
    client_send(m, text);
    json_decref(client_expect(m, "event", "presenter.message"));
    json_decref(client_expect(m, "ok", NULL));
    client_send(m, text); // the `ok` was lost
    json_decref(client_expect(m, "ok", NULL));
    g_autoptr(json_t) heard = client_expect(p, "event", "presenter.message");
    g_autofree char *id = id_of(heard, "data");
    g_assert_true(json_is_null(json_object_get(json_object_get(heard, "data"), "acknowledged_at")));
    json_decref(client_expect(screen, "event", "presenter.message"));
    client_expect_silence(p, 50); // the repeat is no second message
    server_restart(server, "k4");
    expect_message(server, "5 min", "5 min", false);
    client_free(a), client_free(m), client_free(p), client_free(screen);

    a = joined(server, "a", AUTH_ATTENDEE), m = joined(server, "m", AUTH_MODERATOR);
    p = joined(server, "p", AUTH_SPEAKER), screen = joined(server, "p", AUTH_SPEAKER);
    g_autofree char *before = g_strdup(screen->cursor);
    client_free(screen);
    acknowledge(a, id, "error");
    acknowledge(p, "another", "error");
    acknowledge(p, id, "event"); // the others hear of it as p's other screens do, before p's `ok`
    json_decref(client_expect(p, "ok", NULL));
    g_autoptr(json_t) done = client_expect(m, "event", "presenter.message");
    g_assert_cmpstr(text_at(done, "data", "id"), ==, id);
    g_assert_nonnull(text_at(done, "data", "acknowledged_at"));
    acknowledge(p, id, "ok"); // once more: it is so already
    client_expect_silence(m, 50);
    expect_message(server, NULL, "5 min", true);
    screen = client_new(server, "p", AUTH_SPEAKER);
    json_decref(client_join(screen, "s1", before, "event", "votes"));
    g_autoptr(json_t) missed = client_expect(screen, "event", "presenter.message");
    g_assert_nonnull(text_at(missed, "data", "acknowledged_at")); // takes it off that screen
    server_restart(server, "k5");
    expect_message(server, NULL, "5 min", true);
    client_free(a), client_free(m), client_free(p), client_free(screen);
    server_free(server);
}

static void on_kept_reply(void *data, const json_t *reply)
{
    *(json_t **)data = reply != NULL ? json_incref((json_t *)reply) : json_null();
}

static void on_kept_list(void *data, const char *questions)
{
    *(json_t **)data = json_loads(questions, 0, NULL);
}

static json_t *wait_reply(json_t **reply)
{
    while (*reply == NULL) {
        g_main_context_iteration(NULL, TRUE);
    }
    return g_steal_pointer(reply);
}

static void test_api(void)
{
    Server *server = server_new();
    g_autoptr(AuthIdentity) who = auth_identity_new("a", "Aisha", NULL, AUTH_ATTENDEE, "s1");
    g_autoptr(AuthIdentity) stranger = auth_identity_new("b", "Badr", NULL, AUTH_ATTENDEE, "s2");
    g_autoptr(json_t) ask = json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", "1", "text", "Why?");
    json_t *reply = NULL;
    qa_request(server->qa, "s1", who, ask, on_kept_reply, &reply);
    g_autoptr(json_t) ok = wait_reply(&reply);
    g_assert_cmpstr(text_at(ok, "question", "text"), ==, "Why?");
    qa_list(server->qa, "s1", who, on_kept_list, &reply);
    g_autoptr(json_t) list = wait_reply(&reply);
    g_assert_cmpuint(json_array_size(list), ==, 1);
    qa_request(server->qa, "s1", stranger, ask, on_kept_reply, &reply);
    g_autoptr(json_t) denied = wait_reply(&reply);
    g_assert_cmpstr(text_at(denied, "type", NULL), ==, "denied");
    qa_request(server->qa, NULL, who, ask, on_kept_reply, &reply);
    g_autoptr(json_t) missing = wait_reply(&reply);
    g_assert_cmpstr(text_at(missing, "type", NULL), ==, "not_found");
    server_free(server);
}

/* The session's whole object is made for snapshots and session events only. */
static void test_objects(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *id = ask(a, "1", "One");
    g_assert_cmpuint(server->objects, ==, 2); // one for each snapshot
    json_decref(client_expect(m, "event", "question.added"));
    moderate(m, id, "approved");
    send_format(a, "{\"op\":\"vote\",\"ref\":\"2\",\"question\":\"%s\",\"on\":true}", id);
    json_decref(client_expect(a, "event", "question.changed"));
    json_decref(client_expect(a, "ok", NULL));
    server_run(1200); // the clock
    g_assert_cmpuint(server->objects, ==, 2);
    qa_session_changed(server->qa, "s1");
    g_assert_cmpuint(server->objects, ==, 4);
    client_free(a);
    client_free(m);
    server_free(server);
}

#define VOTES 40

typedef struct {
    GPtrArray *refs; // of the answers, in their order
    unsigned ok, wanted;
} Answers;

static void on_answer(void *data, const json_t *reply)
{
    Answers *answers = data;
    g_ptr_array_add(answers->refs, g_strdup(text_at(reply, "ref", NULL)));
    answers->ok += strcmp(text_at(reply, "op", NULL), "ok") == 0;
}

static void request(Server *server, Answers *answers, const char *person, AuthRole role,
                    json_t *message)
{
    g_autoptr(AuthIdentity) who = auth_identity_new(person, person, NULL, role, "s1");
    answers->wanted++;
    qa_request(server->qa, "s1", who, message, on_answer, answers);
    json_decref(message);
}

static void wait_answers(const Answers *answers)
{
    while (answers->refs->len < answers->wanted) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static guint place_of(const Answers *answers, const char *ref)
{
    guint place = G_MAXUINT;
    g_ptr_array_find_with_equal_func(answers->refs, ref, g_str_equal, &place);
    return place;
}

static bool blocked_job(StoreDb *db, void *data, GError **error)
{
    (void)db, (void)error;
    pthread_mutex_lock(data);
    pthread_mutex_unlock(data);
    return true;
}

static char *ask_and_approve(Server *server)
{
    json_t *reply = NULL;
    g_autoptr(AuthIdentity) a = auth_identity_new("a", "a", NULL, AUTH_ATTENDEE, "s1");
    g_autoptr(AuthIdentity) m = auth_identity_new("m", "m", NULL, AUTH_MODERATOR, "s1");
    g_autoptr(json_t) asked = json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", "x", "text", "One");
    qa_request(server->qa, "s1", a, asked, on_kept_reply, &reply);
    g_autoptr(json_t) ok = wait_reply(&reply);
    char *id = id_of(ok, "question");
    g_autoptr(json_t) approved =
        json_pack("{s:s, s:s, s:s}", "op", "moderate", "question", id, "to", "approved");
    qa_request(server->qa, "s1", m, approved, on_kept_reply, &reply);
    g_autoptr(json_t) moderated = wait_reply(&reply);
    return id;
}

/* The store stands still, so that requests wait, and answers are noted in their order. */
typedef struct {
    pthread_mutex_t gate;
    Answers answers;
} Hold;

static void hold_store(Server *server, Hold *hold)
{
    hold->answers = (Answers){.refs = g_ptr_array_new_with_free_func(g_free)};
    pthread_mutex_init(&hold->gate, NULL);
    pthread_mutex_lock(&hold->gate);
    store_submit(server->store, blocked_job, NULL, &hold->gate);
}

/* It goes on; returns when all have their answers. */
static void let_go(Hold *hold)
{
    pthread_mutex_unlock(&hold->gate);
    wait_answers(&hold->answers);
}

/* Whoever asks much waits for himself: another's request passes, first that of a moderator of this
 * session. Votes that wait are one change, and each has its answer. */
static void test_fair(void)
{
    Server *server = server_new();
    server->open = true;
    g_autofree char *id = ask_and_approve(server);
    g_autoptr(AuthIdentity) guest = auth_identity_new("p", "p", NULL, AUTH_MODERATOR, "s2");
    g_autoptr(json_t) from_guest =
        json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", "guest", "text", "Three");
    Hold hold;
    hold_store(server, &hold);
    for (int i = 0; i < VOTES; i++) { // the first is at the store, the rest become one
        g_autofree char *ref = g_strdup_printf("vote%d", i);
        request(server, &hold.answers, "a", AUTH_ATTENDEE,
                json_pack("{s:s, s:s, s:s, s:b}", "op", "vote", "ref", ref, "question", id, "on",
                          i % 2 == 0));
    }
    for (int i = 0; i < 10; i++) {
        g_autofree char *ref = g_strdup_printf("ask%d", i);
        request(server, &hold.answers, "a", AUTH_ATTENDEE,
                json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", ref, "text", ref));
    }
    request(server, &hold.answers, "m", AUTH_MODERATOR,
            json_pack("{s:s, s:s, s:s, s:b}", "op", "moderate", "ref", "star", "question", id,
                      "starred", true));
    request(server, &hold.answers, "b", AUTH_ATTENDEE,
            json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", "other", "text", "Two"));
    hold.answers.wanted++;
    qa_request(server->qa, "s1", guest, from_guest, on_answer, &hold.answers);
    let_go(&hold);
    g_assert_cmpuint(hold.answers.ok, ==, hold.answers.wanted);
    g_assert_cmpuint(place_of(&hold.answers, "star"), ==, 1); // after the vote that had begun
    g_assert_cmpuint(place_of(&hold.answers, "guest"), >, place_of(&hold.answers, "other"));
    g_assert_cmpuint(place_of(&hold.answers, "other"), <, place_of(&hold.answers, "ask0"));
    g_assert_cmpuint(place_of(&hold.answers, "ask0"), >, place_of(&hold.answers, "vote1"));
    json_t *reply = NULL;
    g_autoptr(AuthIdentity) a = auth_identity_new("a", "a", NULL, AUTH_ATTENDEE, "s1");
    qa_list(server->qa, "s1", a, on_kept_list, &reply);
    g_autoptr(json_t) list = wait_reply(&reply);
    const json_t *first = json_array_get(list, 0);
    g_assert_cmpint(json_integer_value(json_object_get(first, "votes")), ==, 0); // the last one's
    g_ptr_array_unref(hold.answers.refs);
    server_free(server);
}

/* A vote that depends on what its person asked for before it stays behind that. */
static void test_vote_after_moderation(void)
{
    Server *server = server_new();
    g_autofree char *id = ask_and_approve(server);
    Hold hold;
    hold_store(server, &hold);
    const char *const steps[][3] = {{"moderate", "reject", "rejected"},
                                    {"vote", "early", NULL}, // refused
                                    {"moderate", "approve", "approved"},
                                    {"vote", "late", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        json_t *message = json_pack("{s:s, s:s, s:s, s:s*}", "op", steps[i][0], "ref", steps[i][1],
                                    "question", id, "to", steps[i][2]);
        if (steps[i][2] == NULL) {
            json_object_set_new(message, "on", json_true());
        }
        request(server, &hold.answers, "m", AUTH_MODERATOR, message);
    }
    let_go(&hold);
    g_assert_cmpuint(hold.answers.ok, ==, 3);
    g_assert_cmpuint(place_of(&hold.answers, "late"), ==, 3);
    g_ptr_array_unref(hold.answers.refs);
    server_free(server);
}

/* What waits of one person is bounded, and leaves room for others. */
static void test_too_many_wait(void)
{
    Server *server = server_new();
    g_autofree char *id = ask_and_approve(server);
    Hold hold;
    hold_store(server, &hold);
    for (int i = 0; i < 2 * QA_QUEUE_MAX_WAITING_PER_PERSON; i++) {
        request(server, &hold.answers, "a", AUTH_ATTENDEE,
                json_pack("{s:s, s:s, s:s, s:b}", "op", "vote", "ref", "v", "question", id, "on",
                          i % 2 == 0));
    }
    g_assert_cmpuint(hold.answers.refs->len, ==, QA_QUEUE_MAX_WAITING_PER_PERSON - 1); // refused
    request(server, &hold.answers, "b", AUTH_ATTENDEE,
            json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", "other", "text", "Two"));
    let_go(&hold);
    g_assert_cmpuint(hold.answers.ok, ==, QA_QUEUE_MAX_WAITING_PER_PERSON + 2);
    g_ptr_array_unref(hold.answers.refs);
    server_free(server);
}

/* Nothing is told, and nothing stays, unless it was committed. */
static void test_store_refuses(void)
{
    Server *server = server_new();
    Client *m = joined(server, "m", AUTH_MODERATOR);
    Client *ghost = joined(server, "ghost", AUTH_ATTENDEE); // the database knows no such person
    client_send(ghost, "{\"op\":\"ask\",\"ref\":\"1\",\"text\":\"Boo\"}");
    g_autoptr(json_t) error = client_expect(ghost, "error", NULL);
    g_assert_cmpstr(text_at(error, "ref", NULL), ==, "1");
    client_expect_silence(m, 50);
    g_autoptr(json_t) snapshot = client_join(m, "s1", NULL, "snapshot", NULL);
    g_assert_cmpuint(json_array_size(json_object_get(snapshot, "questions")), ==, 0);
    client_free(ghost);
    client_free(m);
    server_free(server);
}

static void test_restart(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *id = ask(a, "1", "Kept?");
    json_decref(client_expect(m, "event", "question.added"));
    moderate(m, id, "approved");
    send_format(m, "{\"op\":\"vote\",\"ref\":\"2\",\"question\":\"%s\",\"on\":true}", id);
    json_decref(client_expect(m, "ok", NULL));
    client_free(a);
    client_free(m);
    server_restart(server, "k4");
    m = client_new(server, "m", AUTH_MODERATOR);
    g_autoptr(json_t) snapshot = client_join(m, "s1", NULL, "snapshot", NULL);
    const json_t *question = json_array_get(json_object_get(snapshot, "questions"), 0);
    g_assert_cmpstr(text_at(question, "state", NULL), ==, "approved");
    g_assert_cmpint(json_integer_value(json_object_get(question, "votes")), ==, 1);
    g_assert_true(json_is_true(json_object_get(question, "voted")));
    g_assert_cmpstr(text_at(question, "by", "name"), ==, "Aisha");
    client_free(m);
    server_free(server);
}

static void wait_until_empty(Server *server)
{
    for (int i = 0; i < 500 && qa_present(server->qa, "s1") > 0; i++) {
        server_run(10);
    }
    g_assert_cmpuint(qa_present(server->qa, "s1"), ==, 0);
}

/* Questions leave memory some time after the last socket; cursors from before lead to a snapshot. */
static void test_released(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *id = ask(a, "1", "Kept?");
    json_decref(client_expect(m, "event", "question.added"));
    moderate(m, id, "approved");
    g_autofree char *cursor = g_strdup(m->cursor);
    client_free(a);
    qa_release_idle(server->qa, base_clock_us() + 2 * QA_KEEP_US); // a socket is open
    client_free(m);
    wait_until_empty(server);
    qa_release_idle(server->qa, base_clock_us() + QA_KEEP_US / 2);
    m = client_new(server, "m", AUTH_MODERATOR);
    json_decref(client_join(m, "s1", cursor, "event", "votes")); // nothing was missed
    client_free(m);
    wait_until_empty(server);

    qa_release_idle(server->qa, base_clock_us() + 4 * QA_KEEP_US);
    m = client_new(server, "m", AUTH_MODERATOR);
    g_autoptr(json_t) snapshot = client_join(m, "s1", cursor, "snapshot", NULL);
    const json_t *question = json_array_get(json_object_get(snapshot, "questions"), 0);
    g_assert_cmpstr(text_at(question, "state", NULL), ==, "approved");
    moderate(m, id, "on_air");
    moderate(m, id, "answered"); // as many changes as before
    Client *again = client_new(server, "m", AUTH_MODERATOR);
    json_decref(client_join(again, "s1", cursor, "snapshot", NULL));
    client_free(again);
    client_free(m);
    server_free(server);
}

static json_int_t total_of(const json_t *event)
{
    const json_t *total = json_array_get(json_object_get(event, "data"), 0);
    return json_integer_value(json_object_get(total, "votes"));
}

/* Passes over the events before it. */
static void await_ok(Client *client)
{
    bool ok = false;
    while (!ok) {
        g_autoptr(json_t) message = client_next(client);
        g_assert_nonnull(message);
        ok = g_strcmp0(json_string_value(json_object_get(message, "op")), "ok") == 0;
    }
}

/* Forty votes within some 0.8 s reach the others as a few totals, the last of which is right. */
static void test_totals(void)
{
    Server *server = server_new();
    Client *m = joined(server, "m", AUTH_MODERATOR), *a = joined(server, "a", AUTH_ATTENDEE);
    g_autofree char *id = ask(a, "1", "One");
    json_decref(client_expect(m, "event", "question.added"));
    moderate(m, id, "approved");
    json_decref(client_expect(a, "event", "question.changed"));
    Client *voters[10];
    for (size_t i = 0; i < G_N_ELEMENTS(voters); i++) {
        g_autofree char *person = g_strdup_printf("voter%zu", i);
        server_add_person(server, person, person);
        voters[i] = joined(server, person, AUTH_ATTENDEE);
    }
    int64_t begin_us = base_clock_us();
    for (size_t i = 0; i < 40; i++) {
        send_format(voters[i % 10], "{\"op\":\"vote\",\"ref\":\"v\",\"question\":\"%s\",\"on\":%s}",
                    id, i / 10 == 1 ? "false" : "true");
        server_run(20);
    }
    for (size_t i = 0; i < 40; i++) { // a busy machine may be late with them
        await_ok(voters[i % 10]);
    }
    server_run(2 * 250);
    unsigned quarters = (unsigned)((base_clock_us() - begin_us) / 250000) + 1;
    unsigned told = 1;
    g_autoptr(json_t) first = client_expect(a, "event", "votes");
    json_int_t last = total_of(first);
    for (json_t *event; (event = client_poll(a)) != NULL; told++) {
        last = total_of(event);
        json_decref(event);
    }
    g_assert_cmpint(last, ==, 10);
    g_assert_cmpuint(told, >=, 2);
    g_assert_cmpuint(told, <=, quarters);
    for (size_t i = 0; i < G_N_ELEMENTS(voters); i++) {
        client_free(voters[i]);
    }
    client_free(a);
    client_free(m);
    server_free(server);
}

/* The next event of this type; clock events come at any time and are passed over. */
static json_t *next_event(Client *client, const char *type)
{
    for (;;) {
        json_t *event = client_expect(client, "event", NULL);
        const char *got = text_at(event, "type", NULL);
        if (strcmp(got, type) == 0) {
            return event;
        }
        g_assert_cmpstr(got, ==, "clock");
        json_decref(event);
    }
}

/* What everybody is told of the session itself. The clock comes often enough that a page takes a
 * silence of three seconds for a dead server. */
static void test_session_events(void)
{
    Server *server = server_new();
    Client *a = client_new(server, "a", AUTH_ATTENDEE);
    a->raw = true;
    json_decref(client_join(a, "s1", NULL, "snapshot", NULL));
    g_autoptr(json_t) clock = client_expect(a, "event", "clock");
    int64_t at_us = 0;
    g_assert_cmpint(base_time_parse(text_at(clock, "data", "server_time"), &at_us), ==, 0);
    g_assert_cmpint(ABS(base_wall_us() - at_us), <, 5 * BASE_US_PER_S);
    g_assert_cmpstr(text_at(clock, "data", "state"), ==, "live");
    client_send(a, "{\"op\":\"presence\",\"playhead_ms\":1,\"via\":\"whep\"}");
    g_autoptr(json_t) presence = next_event(a, "presence.count");
    const json_t *count = json_object_get(json_object_get(presence, "data"), "count");
    g_assert_cmpint(json_integer_value(count), ==, 1);
    server->state = "paused";
    qa_session_changed(server->qa, "s1");
    g_autoptr(json_t) state = next_event(a, "session.state");
    g_assert_cmpstr(text_at(state, "data", "state"), ==, "paused");
    json_decref(next_event(a, "clock"));
    int64_t begin_us = base_clock_us();
    json_decref(next_event(a, "clock"));
    g_assert_cmpint(base_clock_us() - begin_us, <, 3 * BASE_US_PER_S);
    client_free(a);
    server_free(server);
}

/* Passes over the counts of people. */
static json_t *next_clock(Client *client)
{
    for (;;) {
        json_t *event = client_expect(client, "event", NULL);
        if (strcmp(text_at(event, "type", NULL), "clock") == 0) {
            return event;
        }
        json_decref(event);
    }
}

/* Presenters and staff hear what is wrong with the sound, attendees nothing of it. */
static void test_sound(void)
{
    Server *server = server_new();
    server->sound = "silent";
    Client *a = client_new(server, "a", AUTH_ATTENDEE), *p = client_new(server, "p", AUTH_SPEAKER);
    a->raw = p->raw = true;
    json_decref(client_join(a, "s1", NULL, "snapshot", NULL));
    json_decref(client_join(p, "s1", NULL, "snapshot", NULL));
    for (int i = 0; i < 2; i++) { // as they come in, and each second
        g_autoptr(json_t) others = next_clock(a), own = next_clock(p);
        g_assert_null(json_object_get(json_object_get(others, "data"), "sound"));
        g_assert_cmpstr(text_at(own, "data", "sound"), ==, "silent");
    }
    server->sound = NULL;
    g_autoptr(json_t) last = next_clock(p), good = next_clock(p);
    g_assert_true(json_is_null(json_object_get(json_object_get(good, "data"), "sound")));
    client_free(a);
    client_free(p);
    server_free(server);
}

/* Staff read how viewers are reached, others only how many are there. */
static void test_roads(void)
{
    Server *server = server_new();
    Client *a = client_new(server, "a", AUTH_ATTENDEE), *m = client_new(server, "m", AUTH_STAFF);
    a->raw = m->raw = true;
    json_decref(client_join(m, "s1", NULL, "snapshot", NULL));
    json_decref(client_join(a, "s1", NULL, "snapshot", NULL));
    client_send(a, "{\"op\":\"presence\",\"via\":\"whep\",\"road\":\"tcp\"}");
    json_int_t tcp = 0;
    while (tcp == 0) { // told at once that somebody came, and with the road a little later
        g_autoptr(json_t) told = next_event(m, "presence.count");
        const json_t *roads = json_object_get(json_object_get(told, "data"), "roads");
        g_assert_cmpint(json_integer_value(json_object_get(roads, "udp")), ==, 0);
        tcp = json_integer_value(json_object_get(roads, "tcp"));
    }
    g_assert_cmpint(tcp, ==, 1);
    g_autoptr(json_t) told = next_event(a, "presence.count");
    g_assert_null(json_object_get(json_object_get(told, "data"), "roads"));
    client_free(a);
    client_free(m);
    server_free(server);
}

static void test_slow_reader(void)
{
    Server *server = server_new();
    Client *slow = client_new_full(server, "a", AUTH_ATTENDEE, 4096, NULL);
    json_decref(client_join(slow, "s1", NULL, "snapshot", NULL));
    Client *quick = joined(server, "b", AUTH_ATTENDEE);
    g_free(server->title);
    server->title = g_strnfill(8000, 'x');
    for (int i = 0; i < 100; i++) { // 0.8 MB
        qa_session_changed(server->qa, "s1");
        client_expect_silence(quick, 2);
    }
    server->title[0] = 'y';
    client_send(quick, "{\"op\":\"ask\",\"ref\":\"1\",\"text\":\"Still there?\"}");
    json_decref(client_expect(quick, "ok", NULL));
    client_expect_silence(quick, 20);
    g_assert_cmpuint(qa_present(server->qa, "s1"), ==, 2); // closing, its end not read yet
    client_expect_close(slow, QA_CLOSE_SLOW);
    server_run(100);
    g_assert_cmpuint(qa_present(server->qa, "s1"), ==, 1);
    client_free(slow);
    client_free(quick);
    server_free(server);
}

/* Asks, and lets the moderator hear of it. */
static char *ask_as(Client *client, Client *moderator, bool anonymous)
{
    send_format(client, "{\"op\":\"ask\",\"text\":\"Why?\",\"anonymous\":%s}",
                anonymous ? "true" : "false");
    g_autoptr(json_t) ok = client_expect(client, "ok", NULL);
    json_decref(client_expect(moderator, "event", "question.added"));
    return id_of(ok, "question");
}

/* The one who asks is named only in what others get of the question `named`. */
static void check_names(const json_t *questions, const char *named)
{
    size_t i;
    const json_t *question;
    unsigned names = 0;
    json_array_foreach (questions, i, question) {
        const json_t *by = json_object_get(question, "by");
        if (by != NULL) {
            g_assert_cmpstr(text_at(question, "id", NULL), ==, named);
            g_assert_cmpstr(text_at(by, "name", NULL), ==, "a");
            g_assert_cmpstr(text_at(by, "entity", NULL), ==, "Health");
            g_assert_null(json_object_get(by, "person"));
            names++;
        }
    }
    g_assert_cmpuint(names, ==, named != NULL);
}

/* A question shows its asker in events, snapshots and lists alike, as the session says now and said
 * when it was asked. */
static void test_names(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *b = joined(server, "b", AUTH_ATTENDEE);
    Client *p = joined(server, "p", AUTH_SPEAKER), *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *before = ask_as(a, m, false);
    moderate(m, before, "approved");
    json_decref(client_expect(b, "event", "question.added"));
    json_decref(client_expect(p, "event", "question.added"));
    g_autofree char *cursor = g_strdup(b->cursor);
    server->shows_names = true;
    qa_session_changed(server->qa, "s1");
    Client *others[] = {b, p};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(json_t) snapshot = client_expect(others[i], "snapshot", NULL);
        check_names(json_object_get(snapshot, "questions"), NULL);
    }
    json_decref(client_expect(a, "event", "question.changed"));
    json_decref(client_expect(a, "snapshot", NULL));
    g_autofree char *open = ask_as(a, m, false), *hidden = ask_as(a, m, true);
    moderate(m, hidden, "approved");
    moderate(m, open, "approved");
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(json_t) first = client_expect(others[i], "event", "question.added");
        g_assert_null(json_object_get(json_object_get(first, "data"), "by"));
        g_autoptr(json_t) second = client_expect(others[i], "event", "question.added");
        g_autoptr(json_t) list = json_pack("[O]", json_object_get(second, "data"));
        check_names(list, open);
    }
    client_free(b);
    b = client_new(server, "b", AUTH_ATTENDEE);
    g_autoptr(json_t) again = client_join(b, "s1", cursor, "snapshot", NULL); // not from its cursor
    check_names(json_object_get(again, "questions"), open);
    json_t *reply = NULL;
    g_autoptr(AuthIdentity) who = auth_identity_new("b", "b", NULL, AUTH_ATTENDEE, "s1");
    qa_list(server->qa, "s1", who, on_kept_list, &reply);
    g_autoptr(json_t) list = wait_reply(&reply);
    check_names(list, open);
    server->shows_names = false;
    qa_session_changed(server->qa, "s1");
    g_autoptr(json_t) hiding = client_expect(b, "snapshot", NULL);
    check_names(json_object_get(hiding, "questions"), NULL);
    client_free(a);
    client_free(b);
    client_free(p);
    client_free(m);
    server_free(server);
}

static json_t *send_undo(Client *client, const char *ref, const char *question, const char *act,
                         const char *op)
{
    send_format(client, "{\"op\":\"undo\",\"ref\":\"%s\",\"question\":\"%s\",\"act\":\"%s\"}", ref,
                question, act);
    return client_expect(client, op, NULL);
}

/* The merge of a question that nobody approved, taken back by another moderator after a restart. */
static void test_undo(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *one = ask_as(a, m, true), *two = ask_as(a, m, true);
    moderate(m, two, "approved");
    send_format(m, "{\"op\":\"moderate\",\"question\":\"%s\",\"merge_into\":\"%s\"}", one, two);
    g_autoptr(json_t) merged = client_expect(m, "ok", NULL);
    g_autofree char *act = g_strdup(text_at(merged, "act", NULL));
    g_assert_cmpstr(text_at(merged, "question", "act"), ==, act);
    client_free(a);
    client_free(m);
    server_restart(server, "k4");
    Client *b = joined(server, "b", AUTH_ATTENDEE), *s = joined(server, "s", AUTH_MODERATOR);
    g_autoptr(json_t) undone = send_undo(s, "1", one, act, "ok");
    g_assert_cmpstr(text_at(undone, "question", "state"), ==, "pending");
    g_assert_true(
        json_is_null(json_object_get(json_object_get(undone, "question"), "merged_into")));
    g_assert_true(json_is_null(json_object_get(json_object_get(undone, "question"), "act")));
    json_decref(send_undo(s, "1", one, act, "ok")); // sent again
    g_autoptr(json_t) again = send_undo(s, "2", one, act, "error");
    g_assert_cmpstr(text_at(again, "type", NULL), ==, "not_found");
    g_autoptr(json_t) other = send_undo(b, "3", two, act, "error");
    g_assert_cmpstr(text_at(other, "type", NULL), ==, "denied");
    client_expect_silence(b, 50);
    client_free(b);
    client_free(s);
    server_free(server);
}

#define MANY 500

typedef struct {
    GMainContext *context;
    atomic_int count;
} Polled;

static void count_polled(void *data)
{
    Polled *polled = data;
    GPollFD fds[256];
    int timeout;
    atomic_store(&polled->count,
                 g_main_context_query(polled->context, G_MAXINT, &timeout, fds, G_N_ELEMENTS(fds)));
}

/* Descriptors that GLib walks at each turn of the socket thread. */
static int polled_by(Server *server)
{
    Polled polled = {.context = base_loop_context(server->http)};
    base_post(polled.context, count_polled, &polled);
    while (atomic_load(&polled.count) == 0) {
        g_usleep(1000);
    }
    return atomic_load(&polled.count);
}

static void test_many(void)
{
    Server *server = server_new();
    g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func((GDestroyNotify)client_free);
    int64_t begin_us = base_clock_us();
    for (int i = 0; i < MANY; i++) {
        g_autofree char *person = g_strdup_printf("person%d", i / QA_MAX_SOCKETS_PER_PERSON);
        g_ptr_array_add(clients, client_new(server, person, AUTH_ATTENDEE));
    }
    for (guint i = 0; i < MANY; i++) {
        client_send(clients->pdata[i], "{\"op\":\"join\",\"session\":\"s1\"}");
    }
    for (guint i = 0; i < MANY; i++) {
        json_decref(client_expect(clients->pdata[i], "snapshot", NULL));
    }
    g_test_message("%d sockets joined in %.0f ms", MANY,
                   (double)(base_clock_us() - begin_us) / 1e3);
    g_assert_cmpuint(qa_present(server->qa, "s1"), ==, MANY / QA_MAX_SOCKETS_PER_PERSON);
    g_assert_cmpint(polled_by(server), <, 10);
    /* One more of the same person is refused, others are not. */
    Client *refused = client_new_full(server, "person0", AUTH_ATTENDEE, 0, NULL);
    g_assert_cmpint(refused->close_code, ==, 429);
    client_free(refused);
    Client *m = joined(server, "m", AUTH_MODERATOR), *a = joined(server, "a", AUTH_ATTENDEE);
    g_autofree char *id = ask(a, "1", "To all of you?");
    json_decref(client_expect(m, "event", "question.added"));
    begin_us = base_clock_us();
    moderate(m, id, "approved");
    for (guint i = 0; i < MANY; i++) {
        json_decref(client_expect(clients->pdata[i], "event", "question.added"));
    }
    g_test_message("all %d told in %.0f ms", MANY, (double)(base_clock_us() - begin_us) / 1e3);
    client_free(m);
    client_free(a);
    server_free(server);
}

static bool merge_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_person_merge(db, "a", "b", error);
}

static void check_asker(const json_t *snapshot, size_t i, const char *person, const char *name)
{
    const json_t *question = json_array_get(json_object_get(snapshot, "questions"), i);
    g_assert_cmpstr(text_at(question, "by", "person"), ==, person);
    g_assert_cmpstr(text_at(question, "by", "name"), ==, name);
}

/* Two people are made one while the session is on: everybody there hears it, nothing is lost. */
static void test_person_changed(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *b = joined(server, "b", AUTH_ATTENDEE);
    Client *m = joined(server, "m", AUTH_MODERATOR);
    g_autofree char *one = ask(a, "1", "One"), *two = ask(b, "2", "Two");
    json_decref(client_expect(m, "event", "question.added"));
    json_decref(client_expect(m, "event", "question.added"));
    g_autofree char *cursor = g_strdup(m->cursor);
    g_autoptr(GError) error = NULL;
    store_run(server->store, merge_job, NULL, &error);
    g_assert_no_error(error);
    auth_tokens_remove_person(server->tokens, "a");
    qa_sign_ins_ended(server->qa);
    send_format(m, "{\"op\":\"moderate\",\"ref\":\"9\",\"question\":\"%s\",\"starred\":true}", one);
    qa_person_changed(server->qa, "a", true);
    client_expect_close(a, 4401);

    g_autoptr(json_t) seen = client_expect(m, "snapshot", NULL);
    check_asker(seen, 0, "b", "Badr");
    check_asker(seen, 1, "b", "Badr");
    json_decref(client_expect(m, "ok", NULL)); // came meanwhile, carried out behind
    g_autoptr(json_t) own = client_expect(b, "snapshot", NULL);
    g_assert_cmpuint(json_array_size(json_object_get(own, "questions")), ==, 2);
    json_decref(client_expect(b, "event", "question.changed"));
    g_autofree char *again = ask(b, "2", "Two"); // sent again: recognised
    g_assert_cmpstr(again, ==, two);
    client_expect_silence(m, 50);

    Client *late = client_new(server, "m", AUTH_MODERATOR);
    json_decref(client_join(late, "s1", cursor, "snapshot", NULL)); // a cursor from before
    qa_person_changed(server->qa, "p", false);                      // asked nothing here
    client_expect_silence(b, 50);
    client_free(a);
    client_free(b);
    client_free(m);
    client_free(late);
    server_free(server);
}

/* Of who waits with a request, nothing is carried out after the sign-ins have ended. */
static void test_signed_out_while_waiting(void)
{
    Server *server = server_new();
    Client *a = joined(server, "a", AUTH_ATTENDEE), *m = joined(server, "m", AUTH_MODERATOR);
    json_t *message = json_pack("{s:s, s:s, s:b}", "op", "ask", "text", "Late", "anonymous", 0);
    g_autoptr(AuthIdentity) who = auth_identity_new("a", "Aisha", NULL, AUTH_ATTENDEE, "s1");
    g_autofree char *one = ask(a, "1", "One");
    json_decref(client_expect(m, "event", "question.added"));
    json_t *reply = NULL;
    qa_person_changed(server->qa, "a", false); // the questions are being read: it waits
    qa_request(server->qa, "s1", who, message, on_kept_reply, &reply);
    g_assert_null(reply);
    qa_person_changed(server->qa, "a", true);
    g_assert_nonnull(reply);
    g_assert_cmpstr(text_at(reply, "type", NULL), ==, "signed_out");
    json_decref(client_expect(m, "snapshot", NULL));
    json_decref(reply);
    json_decref(message);
    client_free(a);
    client_free(m);
    server_free(server);
}

/* Another role of the server counts at once on the sockets that are open. */
static void test_role_changed(void)
{
    Server *server = server_new();
    Client *m = joined(server, "m", AUTH_STAFF);
    auth_tokens_change_person(server->tokens, "m", "Mona B.", "Health", AUTH_MODERATOR);
    qa_sign_ins_ended(server->qa);
    g_autoptr(json_t) snapshot = client_expect(m, "snapshot", NULL);
    g_assert_cmpstr(text_at(snapshot, "you", "role"), ==, "moderator");
    g_assert_cmpstr(text_at(snapshot, "you", "name"), ==, "Mona B.");
    auth_tokens_change_person(server->tokens, "m", "Mona B.", "Health", AUTH_NOBODY);
    qa_sign_ins_ended(server->qa);
    client_expect_close(m, 4401);
    client_free(m);
    server_free(server);
}

/* Of snapshots that follow each other sooner than they are sent the last one comes, and nobody is closed for it. */
static void test_snapshots_overtake(void)
{
    Server *server = server_new();
    Client *m = joined(server, "m", AUTH_STAFF);
    for (int i = 1; i <= 5; i++) {
        g_autofree char *name = g_strdup_printf("Mona %d", i);
        auth_tokens_change_person(server->tokens, "m", name, "Health",
                                  i % 2 != 0 ? AUTH_MODERATOR : AUTH_STAFF);
        qa_sign_ins_ended(server->qa);
    }
    g_autoptr(json_t) first = client_expect(m, "snapshot", NULL);
    g_assert_cmpstr(text_at(first, "you", "name"), ==, "Mona 1");
    g_autoptr(json_t) last = client_expect(m, "snapshot", NULL);
    g_assert_cmpstr(text_at(last, "you", "name"), ==, "Mona 5");
    g_autofree char *question = ask(m, "1", "Still here?");
    client_free(m);
    server_free(server);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    load_watch();
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = MIN(files.rlim_max, 8192);
    setrlimit(RLIMIT_NOFILE, &files);
    g_test_add_func("/qa/hub/exchange", test_exchange);
    g_test_add_func("/qa/hub/catch-up", test_catch_up);
    g_test_add_func("/qa/hub/refusals", test_refusals);
    g_test_add_func("/qa/hub/flood", test_flood);
    g_test_add_func("/qa/hub/bad-frames", test_bad_frames);
    g_test_add_func("/qa/hub/protocol-errors", test_protocol_errors);
    g_test_add_func("/qa/hub/subprotocol", test_subprotocol);
    g_test_add_func("/qa/hub/quick-moderation", test_quick_moderation);
    g_test_add_func("/qa/hub/resent", test_resent);
    g_test_add_func("/qa/hub/answered", test_answered);
    g_test_add_func("/qa/hub/own-sockets", test_own_sockets);
    g_test_add_func("/qa/hub/acknowledged", test_acknowledged);
    g_test_add_func("/qa/hub/api", test_api);
    g_test_add_func("/qa/hub/objects", test_objects);
    g_test_add_func("/qa/hub/fair", test_fair);
    g_test_add_func("/qa/hub/vote-after-moderation", test_vote_after_moderation);
    g_test_add_func("/qa/hub/too-many-wait", test_too_many_wait);
    g_test_add_func("/qa/hub/store-refuses", test_store_refuses);
    g_test_add_func("/qa/hub/restart", test_restart);
    g_test_add_func("/qa/hub/released", test_released);
    g_test_add_func("/qa/hub/totals", test_totals);
    g_test_add_func("/qa/hub/session-events", test_session_events);
    g_test_add_func("/qa/hub/sound", test_sound);
    g_test_add_func("/qa/hub/roads", test_roads);
    g_test_add_func("/qa/hub/slow-reader", test_slow_reader);
    g_test_add_func("/qa/hub/names", test_names);
    g_test_add_func("/qa/hub/person-changed", test_person_changed);
    g_test_add_func("/qa/hub/signed-out-while-waiting", test_signed_out_while_waiting);
    g_test_add_func("/qa/hub/role-changed", test_role_changed);
    g_test_add_func("/qa/hub/snapshots-overtake", test_snapshots_overtake);
    g_test_add_func("/qa/hub/undo", test_undo);
    g_test_add_func("/qa/hub/many", test_many);
    return g_test_run();
}

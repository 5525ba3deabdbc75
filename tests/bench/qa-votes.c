// SPDX-License-Identifier: GPL-3.0-or-later
// Prints what a vote costs the main thread: how often it asks for the session, and CPU time.
#include "session/session.h"
#include "wire.h"

#include <time.h>

#define PEOPLE 200
#define OBJECTS 2000

static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void on_reply(void *data, const json_t *reply)
{
    g_assert_cmpstr(json_string_value(json_object_get(reply, "op")), ==, "ok");
    *(unsigned *)data += 1;
}

static void on_asked(void *data, const json_t *reply)
{
    *(char **)data =
        g_strdup(json_string_value(json_object_get(json_object_get(reply, "question"), "id")));
}

/* A question that is open for votes. Full ownership. */
static char *make_question(Server *server)
{
    g_autoptr(AuthIdentity) who = auth_identity_new("m", "Mona", NULL, AUTH_MODERATOR, "s1");
    g_autoptr(json_t) ask = json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", "1", "text", "Why?");
    char *id = NULL;
    unsigned done = 0;
    qa_request(server->qa, "s1", who, ask, on_asked, &id);
    while (id == NULL) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_autoptr(json_t) approve =
        json_pack("{s:s, s:s, s:s}", "op", "moderate", "question", id, "to", "approved");
    qa_request(server->qa, "s1", who, approve, on_reply, &done);
    while (done == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    return id;
}

static void vote(Server *server, const char *question)
{
    AuthIdentity *who[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) {
        g_autofree char *person = g_strdup_printf("voter%d", i);
        server_add_person(server, person, person);
        who[i] = auth_identity_new(person, person, NULL, AUTH_ATTENDEE, "s1");
    }
    g_autoptr(json_t) message =
        json_pack("{s:s, s:s, s:b}", "op", "vote", "question", question, "on", true);
    unsigned done = 0, infos = server->infos, objects = server->objects;
    int64_t begin_ns = cpu_ns();
    for (int i = 0; i < PEOPLE; i++) {
        qa_request(server->qa, "s1", who[i], message, on_reply, &done);
        while (done == (unsigned)i) {
            g_main_context_iteration(NULL, TRUE);
        }
    }
    double us = (double)(cpu_ns() - begin_ns) / PEOPLE / 1000;
    printf("a vote: session_info %.1f times, session_json %.1f times, main thread %.1f us\n",
           (double)(server->infos - infos) / PEOPLE, (double)(server->objects - objects) / PEOPLE,
           us);
    for (int i = 0; i < PEOPLE; i++) {
        auth_identity_unref(who[i]);
    }
}

/* What asking for the object cost each time: its session's part, without the recording's. */
static void make_objects(void)
{
    StoreSession row = {.id = "s1",
                        .title_ar = "جلسة",
                        .title_en = "Session",
                        .speakers = "[{\"name\":{\"ar\":\"مريم\",\"en\":\"Mariam\"},"
                                    "\"role\":{\"ar\":\"خبيرة\",\"en\":\"Expert\"}}]",
                        .agenda = "[{\"title\":{\"ar\":\"كلمة\",\"en\":\"Opening\"}},"
                                  "{\"title\":{\"ar\":\"أسئلة\",\"en\":\"Questions\"}}]",
                        .access = "invited",
                        .state = SESSION_LIVE,
                        .starts_us = INT64_C(1900000000000000),
                        .duration_minutes = 60};
    int64_t begin_ns = cpu_ns();
    for (int i = 0; i < OBJECTS; i++) {
        json_decref(session_json(&row));
    }
    printf("the session's object: %.1f us each\n", (double)(cpu_ns() - begin_ns) / OBJECTS / 1000);
}

int main(void)
{
    Server *server = server_new();
    g_autofree char *question = make_question(server);
    vote(server, question);
    Client *client = client_new(server, "a", AUTH_ATTENDEE);
    client_send(client, "{\"op\":\"join\",\"session\":\"s1\"}");
    server_run(500);
    unsigned infos = server->infos, objects = server->objects;
    server_run(5000);
    printf("the clock, in 5 s: session_info %u times, session_json %u times\n",
           server->infos - infos, server->objects - objects);
    make_objects();
    client_free(client);
    server_free(server);
    return 0;
}

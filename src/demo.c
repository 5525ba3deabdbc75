// SPDX-License-Identifier: GPL-3.0-or-later
// majlis demo: a session that is live at once, and links to it.
#include "base/clock.h"
#include "base/id.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

static const AuthRole demo_roles[] = {AUTH_ATTENDEE, AUTH_SPEAKER, AUTH_STAFF, AUTH_ADMIN};
static const char *const demo_words[] = {"attend", "present", "staff", "admin"};
static const char *const demo_names[] = {"ضيف", "المتحدث", "فريق العمل", "المدير"};
#define LINKS G_N_ELEMENTS(demo_roles)

typedef struct {
    Server *server;
    StoreSession *row;
    char *codes[LINKS];
} Demo;

static const char demo_body[] =
    "{\"title\":{\"ar\":\"الاتصال الحكومي في عصر الاقتصاد الرقمي\","
    "\"en\":\"Government communication in the age of the digital economy\"},"
    "\"duration_minutes\":60,\"access\":\"invited\","
    "\"speakers\":[{\"name\":{\"ar\":\"ضيف الجلسة\",\"en\":\"Guest speaker\"},"
    "\"role\":{\"ar\":\"خبير اتصال\",\"en\":\"Communication expert\"}}]}";

static StoreSession *demo_session(const Conf *conf)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) body = base_json_parse_object(demo_body, strlen(demo_body), &error);
    int64_t now_us = base_wall_us();
    g_autofree char *now = base_time_format(now_us);
    json_object_set_new(body, "starts_at", json_string(now));
    StoreSession *row = session_new(body, now_us, &error);
    g_assert_no_error(error);
    row->source = g_strdup(conf->programme_source);
    row->demo = true;
    return row;
}

static bool invite_one(StoreDb *db, const char *session, unsigned i, const char *code,
                       GError **error)
{
    g_autofree char *person_id = base_id_new(BASE_ID_LENGTH);
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    StorePerson person = {.id = person_id,
                          .name = (char *)demo_names[i],
                          .role = (char *)(session == NULL ? auth_role_name(demo_roles[i]) : ""),
                          .created_us = base_wall_us()};
    StoreInvitation invitation = {.id = id,
                                  .person = person_id,
                                  .role = (char *)auth_role_name(demo_roles[i]),
                                  .session = (char *)session,
                                  .created_us = person.created_us};
    auth_secret_hash(code, invitation.code_hash);
    return store_person_insert(db, &person, error) &&
           store_invitation_insert(db, &invitation, error);
}

static bool demo_job(StoreDb *db, void *data, GError **error)
{
    Demo *demo = data;
    for (unsigned i = 0; i < LINKS; i++) {
        demo->codes[i] = auth_secret_new();
        // of the whole server, to try creating sessions
        const char *session = auth_role_is_of_server(demo_roles[i]) ? NULL : demo->row->id;
        if (!invite_one(db, session, i, demo->codes[i], error)) {
            return false;
        }
    }
    return true;
}

static void demo_free(Demo *demo)
{
    for (unsigned i = 0; i < LINKS; i++) {
        g_free(demo->codes[i]);
    }
    store_session_free(demo->row);
    g_free(demo);
}

static void demo_failed(Demo *demo, const GError *error)
{
    options_complain(error->message);
    demo->server->status = EXIT_FAILED;
    g_main_loop_quit(demo->server->loop);
    demo_free(demo);
}

static void on_demo_invited(void *data, const GError *error)
{
    Demo *demo = data;
    if (error != NULL) {
        demo_failed(demo, error);
        return;
    }
    printf("session %s\n", demo->row->id);
    for (unsigned i = 0; i < LINKS; i++) {
        g_autofree char *url = http_invitation_url(demo->server->http, demo->codes[i]);
        printf("%s %s\n", demo_words[i], url);
    }
    fflush(stdout);
    demo_free(demo);
}

static void on_demo_live(void *data, const GError *error)
{
    Demo *demo = data;
    if (error != NULL) {
        demo_failed(demo, error);
    } else {
        store_submit(demo->server->store, demo_job, on_demo_invited, demo);
    }
}

static void on_demo_saved(void *data, const GError *error)
{
    Demo *demo = data;
    if (error != NULL) {
        demo_failed(demo, error);
    } else {
        live_start_demo(demo->server->live, demo->row->id, on_demo_live, demo);
    }
}

void server_start_demo(Server *server)
{
    Demo *demo = g_new0(Demo, 1);
    demo->server = server;
    g_autoptr(GPtrArray) rows = live_sessions(server->live);
    BaseNow now = base_now();
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        if (row->demo && row->state == SESSION_LIVE &&
            !session_is_over(row, session_now_us(row, &now)) &&
            g_strcmp0(row->source, server->conf->programme_source) == 0) {
            demo->row = store_session_copy(row);
            on_demo_live(demo, NULL);
            return;
        }
    }
    demo->row = demo_session(server->conf);
    live_save(server->live, store_session_copy(demo->row), on_demo_saved, demo);
}

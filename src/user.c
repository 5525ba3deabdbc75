// SPDX-License-Identifier: GPL-3.0-or-later
// majlis user: manages people. A running server applies changes within a second.
#include "auth/auth.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "options.h"
#include "store/rows.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    char *name, *entity;      // cleaned
    const char *email, *role; // nullable
    char *code;               // of the new invitation
    const char *person;
} User;

static bool add_job(StoreDb *db, void *data, GError **error)
{
    User *user = data;
    g_autofree char *person_id = base_id_new(BASE_ID_LENGTH);
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    StorePerson person = {.id = person_id,
                          .name = user->name,
                          .email = (char *)user->email,
                          .entity = user->entity[0] != '\0' ? user->entity : NULL,
                          .role = (char *)"staff",
                          .created_us = base_wall_us()};
    StoreInvitation invitation = {
        .id = id, .person = person_id, .role = (char *)"staff", .created_us = person.created_us};
    user->code = auth_secret_new();
    auth_secret_hash(user->code, invitation.code_hash);
    return store_person_insert(db, &person, error) &&
           store_invitation_insert(db, &invitation, error);
}

static bool list_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(GPtrArray) rows = store_people_list(db, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StorePerson *row = rows->pdata[i];
        printf("%s\t%s\t%s\t%s\t%s\n", row->id, row->role[0] != '\0' ? row->role : "invited",
               row->disabled ? "disabled" : "active", row->name,
               row->email != NULL ? row->email : "");
    }
    return rows != NULL;
}

static bool disable_job(StoreDb *db, void *data, GError **error)
{
    const User *user = data;
    g_autoptr(StorePerson) row = store_person_get(db, user->person, error);
    if (row == NULL) {
        return false;
    }
    row->disabled = true;
    return store_person_update(db, row, error) && store_token_delete_person(db, row->id, error);
}

static bool run(const User *user, StoreJob job, const Conf *conf, GError **error)
{
    g_mkdir_with_parents(conf->data_dir, 0700);
    Store *store = options_restored(conf, error) ? store_new(conf->store_url, error) : NULL;
    bool done = store != NULL && store_run(store, job, (void *)user, error);
    store_free(store);
    return done;
}

static StoreJob pick(const Options *options, const User *user)
{
    const char *verb = options->word_count > 0 ? options->words[0] : "";
    if (strcmp(verb, "add") == 0 && options->word_count == 1 &&
        options->values[OPTION_NAME] != NULL && strcmp(user->role, "staff") == 0) {
        return add_job;
    }
    if (strcmp(verb, "list") == 0 && options->word_count == 1) {
        return list_job;
    }
    return strcmp(verb, "disable") == 0 && options->word_count == 2 ? disable_job : NULL;
}

/* Like the API. */
static bool clean_names(User *user, const Options *options)
{
    const char *given = options->values[OPTION_ENTITY];
    g_autoptr(GError) error = NULL;
    g_autofree char *valid_name = g_utf8_make_valid(options->values[OPTION_NAME], -1);
    g_autofree char *valid_entity = g_utf8_make_valid(given != NULL ? given : "", -1);
    user->name = base_text_take(valid_name, "--name", AUTH_NAME_CHARACTERS, true, &error);
    user->entity = user->name != NULL ? base_text_take(valid_entity, "--entity",
                                                       AUTH_NAME_CHARACTERS, false, &error)
                                      : NULL;
    if (user->entity == NULL) {
        options_complain(error->message);
    }
    return user->entity != NULL;
}

static void print_link(const Conf *conf, const char *code)
{
    bool any = conf->server_host[0] == '\0' || strcmp(conf->server_host, "0.0.0.0") == 0 ||
               strcmp(conf->server_host, "::") == 0;
    bool v6 = !any && strchr(conf->server_host, ':') != NULL;
    g_autofree char *local =
        g_strdup_printf(v6 ? "http://[%s]:%u" : "http://%s:%u",
                        any ? "127.0.0.1" : conf->server_host, conf->server_port);
    if (conf->server_public_url[0] == '\0') {
        fputs("this link has the address of [server] listen; replace it if the server is reached "
              "by another\n",
              stderr);
    }
    printf("%s/ar/i/%s\n", conf->server_public_url[0] != '\0' ? conf->server_public_url : local,
           code);
}

static int act(User *user, const Options *options)
{
    g_autoptr(GError) error = NULL;
    StoreJob job = pick(options, user);
    if (job == NULL) {
        if (strcmp(user->role, "staff") != 0) {
            options_complain("the only role here is staff");
        }
        options_complain(
            "usage: majlis user add --name NAME [--email E] [--entity E] [--role staff] | "
            "list | disable PERSON. Invite people to one session on its page.");
        return EXIT_USAGE;
    }
    if (job == add_job && !clean_names(user, options)) {
        return EXIT_USAGE;
    }
    user->person = options->word_count > 1 ? options->words[1] : NULL;
    int status;
    g_autoptr(Conf) conf = options_conf(options, &status);
    if (conf == NULL) {
        return status;
    }
    if (!run(user, job, conf, &error)) {
        options_complain(error->message);
        return EXIT_FAILED;
    }
    if (job == add_job) {
        print_link(conf, user->code);
    }
    return EXIT_OK;
}

int user_main(const Options *options)
{
    const char *role = options->values[OPTION_ROLE];
    User user = {.email = options->values[OPTION_EMAIL], .role = role != NULL ? role : "staff"};
    int status = act(&user, options);
    g_free(user.name);
    g_free(user.entity);
    g_free(user.code);
    return status;
}

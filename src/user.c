// SPDX-License-Identifier: GPL-3.0-or-later
// majlis user: manages people. A running server applies changes within a second.
#include "auth/auth.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "options.h"
#include "store/people/people.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    char *name, *entity;      // cleaned
    const char *email, *role; // nullable
    char *code;               // of the new invitation; nullable
    const char *person;
    int admins; // afterwards
} User;

/* To the server. */
static bool invite(StoreDb *db, User *user, const StorePerson *person, GError **error)
{
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    StoreInvitation invitation = {
        .id = id, .person = person->id, .role = person->role, .created_us = base_wall_us()};
    g_free(user->code);
    user->code = auth_secret_new();
    auth_secret_hash(user->code, invitation.code_hash);
    return store_invitation_insert(db, &invitation, error);
}

/* The first one becomes admin, unless told otherwise. */
static bool add_job(StoreDb *db, void *data, GError **error)
{
    User *user = data;
    int admins;
    if (!store_admins_count(db, &admins, error)) {
        return false;
    }
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    StorePerson person = {.id = id,
                          .name = user->name,
                          .email = (char *)user->email,
                          .entity = user->entity[0] != '\0' ? user->entity : NULL,
                          .role = (char *)(user->role != NULL ? user->role
                                           : admins == 0      ? "admin"
                                                              : "staff"),
                          .created_us = base_wall_us()};
    return store_person_insert(db, &person, error) && invite(db, user, &person, error) &&
           store_admins_count(db, &user->admins, error);
}

static bool has_link(StoreDb *db, const char *person, bool *out, GError **error)
{
    g_autoptr(GPtrArray) rows = store_invitations_of(db, person, error);
    *out = false;
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        *out = *out || ((const StoreInvitation *)rows->pdata[i])->session == NULL;
    }
    return rows != NULL;
}

/* Who has no link to the server gets one. */
static bool role_job(StoreDb *db, void *data, GError **error)
{
    User *user = data;
    bool linked;
    g_autoptr(StorePerson) row = store_person_get(db, user->person, error);
    if (row == NULL || !has_link(db, row->id, &linked, error)) {
        return false;
    }
    bool officer = strcmp(user->role, "officer") == 0;
    g_free(row->role);
    row->role = g_strdup(officer ? "" : user->role);
    return store_person_update(db, row, error) &&
           (officer || linked || invite(db, user, row, error)) &&
           store_admins_count(db, &user->admins, error);
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
    User *user = data;
    g_autoptr(StorePerson) row = store_person_get(db, user->person, error);
    if (row == NULL) {
        return false;
    }
    row->disabled = true;
    return store_person_update(db, row, error) && store_token_delete_person(db, row->id, error) &&
           store_admins_count(db, &user->admins, error);
}

static bool run(const User *user, StoreJob job, const Conf *conf, GError **error)
{
    g_mkdir_with_parents(conf->data_dir, 0700);
    Store *store = options_restored(conf, error) ? store_new(conf->store_url, error) : NULL;
    bool done = store != NULL && store_run(store, job, (void *)user, error);
    store_free(store);
    return done;
}

static bool is_role(const char *role, bool officer)
{
    AuthRole parsed;
    return (officer && strcmp(role, "officer") == 0) ||
           (auth_role_parse(role, &parsed) && auth_role_is_of_server(parsed));
}

static StoreJob pick(const Options *options, const User *user)
{
    const char *verb = options->word_count > 0 ? options->words[0] : "";
    if (strcmp(verb, "add") == 0 && options->word_count == 1 &&
        options->values[OPTION_NAME] != NULL &&
        (user->role == NULL || is_role(user->role, false))) {
        return add_job;
    }
    if (strcmp(verb, "role") == 0 && options->word_count == 2 && user->role != NULL &&
        is_role(user->role, true)) {
        return role_job;
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
        if (user->role != NULL && !is_role(user->role, true)) {
            options_complain("the roles here are officer, moderator, staff and admin");
        }
        options_complain(
            "usage: majlis user add --name NAME [--email E] [--entity E] [--role "
            "moderator|staff|admin] | list | role PERSON --role officer|moderator|staff|admin | "
            "disable PERSON. Invite people to one session on its page.");
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
    if (user->code != NULL) {
        print_link(conf, user->code);
    }
    if (job != list_job && user->admins == 0) {
        options_complain("there is no admin who can sign in: nobody can change staff on the pages. "
                         "\"majlis user role PERSON --role admin\" makes somebody admin.");
    }
    return EXIT_OK;
}

int user_main(const Options *options)
{
    User user = {.email = options->values[OPTION_EMAIL], .role = options->values[OPTION_ROLE]};
    int status = act(&user, options);
    g_free(user.name);
    g_free(user.entity);
    g_free(user.code);
    return status;
}

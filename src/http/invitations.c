// SPDX-License-Identifier: GPL-3.0-or-later
// Invitations: making, listing, revoking them. Main thread.
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "http/resources.h"

#include <string.h>

/* NULL: all sessions. */
static const char *session_of(const HttpRequest *request)
{
    return request->route->object == HTTP_OF_SESSION ? request->params[0] : NULL;
}

char *http_invitation_url(const Http *http, const char *code)
{
    return g_strdup_printf("%s/ar/i/%s", http->public_url, code);
}

typedef struct {
    HttpRequest *request;
    StorePerson person;
    StoreInvitation invitation;
    char *code;
} Invite;

static bool invite_job(StoreDb *db, void *data, GError **error)
{
    Invite *invite = data;
    return store_person_insert(db, &invite->person, error) &&
           store_invitation_insert(db, &invite->invitation, error);
}

static void on_invited(void *data, const GError *error)
{
    Invite *invite = data;
    if (error != NULL) {
        http_reply_error(invite->request, error);
    } else {
        g_autofree char *url = http_invitation_url(invite->request->http, invite->code);
        http_reply_json(invite->request, 201,
                        json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s}", "id", invite->invitation.id,
                                  "url", url, "role", invite->invitation.role, "name",
                                  invite->person.name, "entity", invite->person.entity, "person",
                                  invite->person.id));
    }
    g_free(invite->person.id);
    g_free(invite->person.name);
    g_free(invite->person.entity);
    g_free(invite->invitation.id);
    g_free(invite->invitation.role);
    g_free(invite->invitation.session);
    g_free(invite->code);
    g_free(invite);
}

/* Reads a cleaned text; NULL if empty and not `required`. Full ownership of `out`. */
static bool take_name(const json_t *body, const char *key, bool required, char **out,
                      GError **error)
{
    const json_t *json = json_object_get(body, key);
    if (json != NULL && !json_is_null(json) && !json_is_string(json)) {
        return base_refuse(error, BASE_CODE_BAD_VALUE, key, json_pack("{s:s}", "allowed", "a text"),
                           "\"%s\" must be a text.", key);
    }
    const char *text = json_is_string(json) ? json_string_value(json) : "";
    g_autofree char *name = base_text_take(text, key, AUTH_NAME_CHARACTERS, required, error);
    if (name == NULL) {
        return false;
    }
    *out = name[0] != '\0' ? g_steal_pointer(&name) : NULL;
    return true;
}

/* Staff are invited to every session, everybody else to one. */
static bool take_role(const HttpRequest *request, const json_t *body, AuthRole *out, GError **error)
{
    bool one = session_of(request) != NULL;
    const json_t *json = json_object_get(body, "role");
    const char *name = json_string_value(json);
    if (json == NULL || json_is_null(json)) {
        *out = one ? AUTH_ATTENDEE : AUTH_STAFF;
        return true;
    }
    if (name == NULL || !auth_role_parse(name, out) || *out == AUTH_NOBODY) {
        const char *allowed = "attendee, speaker, moderator, staff";
        return base_refuse(error, BASE_CODE_BAD_VALUE, "role",
                           json_pack("{s:s}", "allowed", allowed), "\"role\" is one of %s.",
                           allowed);
    }
    if (one && *out == AUTH_STAFF) {
        return base_refuse(error, BASE_CODE_STAFF_OF_ALL, "role", NULL,
                           "Staff see and run every session, so they are not invited to one: "
                           "invite them on the page of all sessions (POST /api/v1/invitations), or "
                           "invite a moderator here.");
    }
    if (!one && *out != AUTH_STAFF) {
        return base_refuse(error, BASE_CODE_ONLY_STAFF, "role", NULL,
                           "Only staff are invited to every session: invite others on the "
                           "session's desk.");
    }
    return true;
}

void http_on_invite(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    AuthRole role;
    g_autofree char *name = NULL, *entity = NULL;
    g_autoptr(GError) error = NULL;
    if (!take_name(body, "name", true, &name, &error) ||
        !take_name(body, "entity", false, &entity, &error) ||
        !take_role(request, body, &role, &error)) {
        http_reply_error(request, error);
        return;
    }
    Invite *invite = g_new0(Invite, 1);
    invite->request = request;
    invite->code = auth_secret_new();
    invite->person = (StorePerson){.id = base_id_new(BASE_ID_LENGTH),
                                   .name = g_steal_pointer(&name),
                                   .entity = g_steal_pointer(&entity),
                                   .role = (char *)(role == AUTH_STAFF ? "staff" : ""),
                                   .created_us = base_wall_us()};
    invite->invitation = (StoreInvitation){.id = base_id_new(BASE_ID_LENGTH),
                                           .person = invite->person.id,
                                           .role = g_strdup(auth_role_name(role)),
                                           .session = g_strdup(session_of(request)),
                                           .created_us = invite->person.created_us};
    auth_secret_hash(invite->code, invite->invitation.code_hash);
    store_submit(http->services.store, invite_job, on_invited, invite);
}

typedef struct {
    HttpRequest *request;
    GPtrArray *rows;
    json_t *items;
    char *person;
} Invitations;

static bool list_job(StoreDb *db, void *data, GError **error)
{
    Invitations *list = data;
    g_clear_pointer(&list->rows, g_ptr_array_unref);
    g_clear_pointer(&list->items, json_decref);
    list->rows = store_invitations_list(db, session_of(list->request), error);
    list->items = json_array();
    for (guint i = 0; list->rows != NULL && i < list->rows->len; i++) {
        const StoreInvitation *row = list->rows->pdata[i];
        g_autoptr(StorePerson) person = store_person_get(db, row->person, error);
        if (person == NULL) {
            return false;
        }
        g_autofree char *created = base_time_format(row->created_us);
        json_array_append_new(
            list->items, json_pack("{s:s, s:s, s:s, s:s, s:s?, s:b, s:s}", "id", row->id, "role",
                                   row->role, "person", row->person, "name", person->name, "entity",
                                   person->entity, "revoked", row->revoked, "created_at", created));
    }
    return list->rows != NULL;
}

static void on_listed(void *data, const GError *error)
{
    Invitations *list = data;
    if (error != NULL) {
        http_reply_error(list->request, error);
        json_decref(list->items);
    } else {
        http_reply_json(list->request, 200, json_pack("{s:o, s:n}", "items", list->items, "next"));
    }
    g_clear_pointer(&list->rows, g_ptr_array_unref);
    g_free(list);
}

void http_on_invitations(Http *http, HttpRequest *request)
{
    Invitations *list = g_new0(Invitations, 1);
    list->request = request;
    store_submit(http->services.store, list_job, on_listed, list);
}

static bool revoke_job(StoreDb *db, void *data, GError **error)
{
    Invitations *revoke = data;
    const char *session = session_of(revoke->request);
    const char *id = revoke->request->params[session != NULL ? 1 : 0];
    g_clear_pointer(&revoke->rows, g_ptr_array_unref);
    g_clear_pointer(&revoke->person, g_free);
    revoke->rows = store_invitations_list(db, session, error);
    for (guint i = 0; revoke->rows != NULL && i < revoke->rows->len; i++) {
        const StoreInvitation *row = revoke->rows->pdata[i];
        if (strcmp(row->id, id) == 0) {
            revoke->person = g_strdup(row->person);
            return store_invitation_revoke(db, row->id, error) &&
                   store_token_delete_person(db, row->person, error);
        }
    }
    if (revoke->rows != NULL) {
        base_refuse(error, BASE_CODE_NO_INVITATION, NULL, NULL,
                    "There is no such invitation here.");
    }
    return false;
}

static void on_revoked(void *data, const GError *error)
{
    Invitations *revoke = data;
    HttpRequest *request = revoke->request;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        const HttpServices *services = &request->http->services;
        auth_tokens_remove_person(services->tokens, revoke->person);
        qa_sign_ins_ended(services->qa);
        rtc_viewer_remove_owner(services->rtc, revoke->person);
        http_reply(request, 204, NULL, NULL);
    }
    g_clear_pointer(&revoke->rows, g_ptr_array_unref);
    g_free(revoke->person);
    g_free(revoke);
}

void http_on_revoke(Http *http, HttpRequest *request)
{
    Invitations *revoke = g_new0(Invitations, 1);
    revoke->request = request;
    store_submit(http->services.store, revoke_job, on_revoked, revoke);
}

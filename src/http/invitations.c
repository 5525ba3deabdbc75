// SPDX-License-Identifier: GPL-3.0-or-later
// Invitations one by one: making, revoking them.
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "http/invite/private.h"
#include "http/people/private.h"
#include "http/resources.h"
#include "people/people.h"

#include <string.h>

/* NULL: all sessions. */
static const char *session_of(const HttpRequest *request)
{
    return request->route->object == HTTP_OF_SESSION ? request->params[0] : NULL;
}

typedef struct {
    HttpRequest *request;
    char *id; // of a known person, who gets a new link to the server; nullable
    StorePerson person;
    StorePerson *known; // of `id`, or who has the mail address; nullable
    StoreInvitation invitation;
    char *code;
} Invite;

static const StorePerson *invited(const Invite *invite)
{
    return invite->known != NULL ? invite->known : &invite->person;
}

/* Nobody becomes two people. */
static bool find_known(StoreDb *db, Invite *invite, GError **error)
{
    g_autoptr(GError) failed = NULL;
    g_clear_pointer(&invite->known, store_person_free);
    if (invite->person.email != NULL) {
        invite->known = store_person_by_email(db, invite->person.email, &failed);
    }
    if (failed == NULL || g_error_matches(failed, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&failed));
    return false;
}

/* To the server, a known person gets its role. */
static bool write_person(StoreDb *db, Invite *invite, GError **error)
{
    StorePerson *known = invite->known;
    if (known == NULL) {
        return store_person_insert(db, &invite->person, error);
    }
    if (invite->invitation.session != NULL || strcmp(known->role, invite->person.role) == 0) {
        return true;
    }
    g_free(known->role);
    known->role = g_strdup(invite->person.role);
    return store_person_update(db, known, error);
}

/* A person has one valid invitation per session. */
static bool check_not_invited(StoreDb *db, const Invite *invite, GError **error)
{
    if (invite->known == NULL) {
        return true;
    }
    if (invite->known->disabled) {
        return base_refuse(error, BASE_CODE_INVITED_ALREADY, "email", NULL,
                           "The person with this address is disabled.");
    }
    g_autoptr(GPtrArray) rows = store_invitations_list(db, invite->invitation.session, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreInvitation *row = rows->pdata[i];
        if (!row->revoked && strcmp(row->person, invite->known->id) == 0) {
            return base_refuse(error, BASE_CODE_INVITED_ALREADY, "email", NULL,
                               "Somebody with this address is invited already.");
        }
    }
    return rows != NULL;
}

/* Earlier links of the person to the server end, with what they opened. */
static bool replace_link(StoreDb *db, Invite *invite, GError **error)
{
    g_clear_pointer(&invite->known, store_person_free);
    invite->known = store_person_get(db, invite->id, NULL);
    const StorePerson *known = invite->known;
    if (known == NULL) {
        return base_refuse(error, BASE_CODE_NO_PERSON, NULL, NULL, "There is no such person.");
    }
    if (known->role[0] == '\0' || known->disabled) {
        return base_refuse(error, BASE_CODE_NO_ROLE, "person", NULL,
                           "The person is disabled, or has no role of the server: give one first.");
    }
    g_free(invite->invitation.role);
    invite->invitation.role = g_strdup(known->role);
    invite->invitation.person = known->id;
    return store_server_links_revoke(db, known->id, error) &&
           store_token_delete_person(db, known->id, error) &&
           store_invitation_insert(db, &invite->invitation, error);
}

static bool invite_job(StoreDb *db, void *data, GError **error)
{
    Invite *invite = data;
    if (invite->id != NULL) {
        return replace_link(db, invite, error);
    }
    if (!find_known(db, invite, error) || !check_not_invited(db, invite, error) ||
        !write_person(db, invite, error)) {
        return false;
    }
    invite->invitation.person = invited(invite)->id;
    return store_invitation_insert(db, &invite->invitation, error);
}

static void invite_free(Invite *invite)
{
    store_person_free(invite->known);
    g_free(invite->id);
    g_free(invite->person.id);
    g_free(invite->person.name);
    g_free(invite->person.email);
    g_free(invite->person.entity);
    g_free(invite->person.role);
    g_free(invite->invitation.id);
    g_free(invite->invitation.role);
    g_free(invite->invitation.session);
    g_free(invite->code);
    g_free(invite);
}

static void on_invited(void *data, const GError *error)
{
    Invite *invite = data;
    if (error != NULL) {
        http_reply_error(invite->request, error);
    } else {
        const StorePerson *person = invited(invite);
        const StoreInvitee row = {.id = invite->invitation.id,
                                  .role = invite->invitation.role,
                                  .person = person->id,
                                  .name = person->name,
                                  .entity = person->entity,
                                  .email = person->email};
        if (invite->id != NULL) {
            http_end_sign_ins(invite->request->http, person->id);
        }
        http_reply_json(invite->request, 201,
                        http_link_json(invite->request->http, &row, invite->code));
    }
    invite_free(invite);
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

static bool take_email(const json_t *body, char **out, GError **error)
{
    const json_t *json = json_object_get(body, "email");
    const char *text = json_string_value(json);
    bool none = json == NULL || json_is_null(json) || (text != NULL && text[0] == '\0');
    *out = none ? NULL : people_email_take(text != NULL ? text : "", "email", error);
    return none || *out != NULL;
}

/* A role of the server is for every session, the others for one; moderators may be either. */
static bool take_role(const HttpRequest *request, const json_t *body, AuthRole *out, GError **error)
{
    bool one = session_of(request) != NULL;
    const json_t *json = json_object_get(body, "role");
    const char *name = json_string_value(json);
    if (json == NULL || json_is_null(json)) {
        *out = one ? AUTH_ATTENDEE : AUTH_STAFF;
        return true;
    }
    if (name == NULL || !auth_role_parse(name, out)) {
        const char *allowed = one ? "attendee, speaker, moderator" : "moderator, staff, admin";
        return base_refuse(error, BASE_CODE_BAD_VALUE, "role",
                           json_pack("{s:s}", "allowed", allowed), "\"role\" is one of %s.",
                           allowed);
    }
    if (one && *out != AUTH_MODERATOR && auth_role_is_of_server(*out)) {
        return base_refuse(error, BASE_CODE_STAFF_OF_ALL, "role", NULL,
                           "Staff see and run every session, so they are not invited to one: "
                           "invite them on the page of all sessions (POST /api/v1/invitations), or "
                           "invite a moderator here.");
    }
    if (!one && !auth_role_is_of_server(*out)) {
        return base_refuse(error, BASE_CODE_ONLY_STAFF, "role", NULL,
                           "Only moderators, staff and admins are invited to every session: invite "
                           "others on the session's desk.");
    }
    return true;
}

static bool take_invite(Invite *invite, const json_t *body, GError **error)
{
    const HttpRequest *request = invite->request;
    const char *session = session_of(request);
    AuthRole role = AUTH_NOBODY;
    invite->id =
        session == NULL ? g_strdup(json_string_value(json_object_get(body, "person"))) : NULL;
    StorePerson *person = &invite->person;
    if (invite->id == NULL &&
        (!take_name(body, "name", true, &person->name, error) ||
         !take_name(body, "entity", false, &person->entity, error) ||
         !take_email(body, &person->email, error) || !take_role(request, body, &role, error))) {
        return false;
    }
    int64_t now_us = base_wall_us();
    person->id = base_id_new(BASE_ID_LENGTH);
    person->role = g_strdup(session == NULL ? auth_role_name(role) : "");
    person->created_us = now_us;
    invite->invitation = (StoreInvitation){.id = base_id_new(BASE_ID_LENGTH),
                                           .role = g_strdup(auth_role_name(role)),
                                           .session = g_strdup(session),
                                           .created_us = now_us};
    invite->code = auth_secret_new();
    auth_secret_hash(invite->code, invite->invitation.code_hash);
    return true;
}

void http_on_invite(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    if (body == NULL) {
        return;
    }
    Invite *invite = g_new0(Invite, 1);
    invite->request = request;
    if (!take_invite(invite, body, &error)) {
        http_reply_error(request, error);
        invite_free(invite);
        return;
    }
    store_submit(http->services.store, invite_job, on_invited, invite);
}

typedef struct {
    HttpRequest *request;
    GPtrArray *rows;
    char *person;
} Revoke;

/* Without a valid link to the server a person has no role there. */
static bool take_role_back(StoreDb *db, const char *id, GError **error)
{
    g_autoptr(StorePerson) person = store_person_get(db, id, error);
    g_autoptr(GPtrArray) rows = person != NULL ? store_invitations_of(db, id, error) : NULL;
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        if (((const StoreInvitation *)rows->pdata[i])->session == NULL) {
            return true;
        }
    }
    if (rows == NULL || person->role[0] == '\0') {
        return rows != NULL;
    }
    g_autofree char *role = g_steal_pointer(&person->role);
    person->role = g_strdup("");
    return store_person_update(db, person, error) && http_keeps_admin(db, role, error);
}

static bool revoke_job(StoreDb *db, void *data, GError **error)
{
    Revoke *revoke = data;
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
                   store_token_delete_person(db, row->person, error) &&
                   (session != NULL || take_role_back(db, row->person, error));
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
    Revoke *revoke = data;
    HttpRequest *request = revoke->request;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        http_end_sign_ins(request->http, revoke->person);
        http_reply(request, 204, NULL, NULL);
    }
    g_clear_pointer(&revoke->rows, g_ptr_array_unref);
    g_free(revoke->person);
    g_free(revoke);
}

void http_on_revoke(Http *http, HttpRequest *request)
{
    Revoke *revoke = g_new0(Revoke, 1);
    revoke->request = request;
    store_submit(http->services.store, revoke_job, on_revoked, revoke);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Signing in with an invitation, signing out, invitations. Main thread.
#include "base/clock.h"
#include "base/id.h"
#include "http/private.h"

#include <string.h>

#define FAILURES_PER_MINUTE 60
#define MAX_ADDRESSES 10000

static const BaseRate sign_in_rate = {.every_us = 6 * BASE_US_PER_S, .burst = 30};

/* Sign in */

/* Failed attempts by address; the table is emptied each minute. Whoever has a valid link is never
 * refused for others behind the same address. */
static guint count_failure(Http *http, const HttpRequest *request)
{
    static int64_t minute;
    int64_t now = base_clock_us() / (60 * BASE_US_PER_S);
    if (now != minute || g_hash_table_size(http->tries) > MAX_ADDRESSES) {
        minute = now;
        g_hash_table_remove_all(http->tries);
    }
    char *key = g_strdup(request->address != NULL ? request->address : "?");
    guint tries = GPOINTER_TO_UINT(g_hash_table_lookup(http->tries, key)) + 1;
    g_hash_table_insert(http->tries, key, GUINT_TO_POINTER(tries));
    return tries;
}

static void refuse_sign_in(HttpRequest *request, const char *detail)
{
    if (count_failure(request->http, request) > FAILURES_PER_MINUTE) {
        http_reply_problem(request, BASE_ERROR_LIMIT,
                           "Too many attempts from your address. Wait a minute and try again.");
    } else {
        http_reply_problem(request, BASE_ERROR_SIGNED_OUT, detail);
    }
}

typedef struct {
    HttpRequest *request;
    uint8_t code_hash[AUTH_HASH_BYTES];
    uint8_t former[AUTH_HASH_BYTES]; // of the sign-in that the request came with
    bool has_former;
    StoreToken token;
    StoreInvitation *invitation;
    StorePerson *person;
    char *secret;
    char *key; // of the rate
} SignIn;

static bool sign_in_job(StoreDb *db, void *data, GError **error)
{
    SignIn *sign_in = data;
    sign_in->invitation = store_invitation_by_hash(db, sign_in->code_hash, error);
    if (sign_in->invitation == NULL) {
        return false;
    }
    sign_in->person = store_person_get(db, sign_in->invitation->person, error);
    if (sign_in->person == NULL || sign_in->invitation->revoked || sign_in->person->disabled) {
        g_clear_error(error);
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND, "revoked");
        return false;
    }
    sign_in->token.person = sign_in->person->id;
    sign_in->token.role = sign_in->invitation->role;
    sign_in->token.session = sign_in->invitation->session;
    if (sign_in->has_former && !store_token_delete(db, sign_in->former, error)) {
        return false;
    }
    return store_token_insert(db, &sign_in->token, AUTH_SIGN_INS_PER_PERSON, error);
}

static void set_cookie(HttpRequest *request, const char *secret, int64_t age_s)
{
    const Http *http = request->http;
    g_autofree char *cookie =
        g_strdup_printf("%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%" G_GINT64_FORMAT "%s",
                        http->cookie, secret, age_s, http->secure ? "; Secure" : "");
    http_header(request, "Set-Cookie", cookie);
}

static void welcome(SignIn *sign_in)
{
    HttpRequest *request = sign_in->request;
    AuthRole role = AUTH_NOBODY;
    auth_role_parse(sign_in->invitation->role, &role);
    g_autoptr(AuthIdentity) who =
        auth_identity_new(sign_in->person->id, sign_in->person->name, sign_in->person->entity, role,
                          sign_in->invitation->session);
    AuthTokens *tokens = request->http->rooms.tokens;
    if (sign_in->has_former) {
        auth_tokens_remove(tokens, sign_in->former);
    }
    auth_tokens_put(tokens, sign_in->token.hash, who, sign_in->token.created_us,
                    sign_in->token.expires_us);
    set_cookie(request, sign_in->secret, AUTH_SIGN_IN_LIFE_US / BASE_US_PER_S);
    http_reply_json(request, 200,
                    json_pack("{s:s, s:s, s:s, s:s, s:s?}", "token", sign_in->secret, "person",
                              who->person, "name", who->name, "role", auth_role_name(role),
                              "session", who->session));
}

static void on_signed_in(void *data, const GError *error)
{
    SignIn *sign_in = data;
    if (error == NULL) {
        welcome(sign_in);
    } else if (g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        base_rates_forget(sign_in->request->http->sign_ins, sign_in->key); // no link of ours
        refuse_sign_in(sign_in->request,
                       "This invitation is not valid, or no longer. Check that the link is whole, "
                       "or ask the organisers for a new one.");
    } else {
        http_reply_error(sign_in->request, error);
    }
    g_clear_pointer(&sign_in->invitation, store_invitation_free);
    g_clear_pointer(&sign_in->person, store_person_free);
    g_free(sign_in->secret);
    g_free(sign_in->key);
    g_free(sign_in);
}

/* The browser forgets the sign-in that its cookie held, so that one ends. */
static bool replaces_cookie(const HttpRequest *request)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    return request->who != NULL && soup_message_headers_get_one(headers, "Authorization") == NULL;
}

void http_on_sign_in(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    const char *code = json_string_value(json_object_get(body, "invitation"));
    if (code == NULL || !base_id_valid(code, BASE_ID_SECRET_LENGTH)) {
        refuse_sign_in(request, "\"invitation\" must be the code of a personal link.");
        return;
    }
    uint8_t code_hash[AUTH_HASH_BYTES];
    auth_secret_hash(code, code_hash);
    g_autofree char *key = g_base64_encode(code_hash, sizeof code_hash);
    if (base_rates_wait(http->sign_ins, key, sign_in_rate, base_clock_us()) > 0) {
        http_reply_problem(request, BASE_ERROR_LIMIT,
                           "This personal link was opened too often. Wait a minute and try again.");
        return;
    }
    SignIn *sign_in = g_new0(SignIn, 1);
    sign_in->request = request;
    sign_in->secret = auth_secret_new();
    sign_in->key = g_steal_pointer(&key);
    memcpy(sign_in->code_hash, code_hash, sizeof code_hash);
    auth_secret_hash(sign_in->secret, sign_in->token.hash);
    sign_in->token.created_us = base_wall_us();
    sign_in->token.expires_us =
        auth_sign_in_expiry(sign_in->token.created_us, sign_in->token.created_us);
    sign_in->has_former = replaces_cookie(request);
    if (sign_in->has_former) {
        auth_secret_hash(request->token, sign_in->former);
    }
    store_submit(http->rooms.store, sign_in_job, on_signed_in, sign_in);
}

typedef struct {
    HttpRequest *request;
    uint8_t hash[AUTH_HASH_BYTES];
} SignOut;

static bool sign_out_job(StoreDb *db, void *data, GError **error)
{
    return store_token_delete(db, ((SignOut *)data)->hash, error);
}

static void on_signed_out(void *data, const GError *error)
{
    SignOut *sign_out = data;
    if (error != NULL) {
        http_reply_error(sign_out->request, error);
    } else {
        set_cookie(sign_out->request, "", 0);
        http_reply(sign_out->request, 204, NULL, NULL);
    }
    g_free(sign_out);
}

void http_on_sign_out(Http *http, HttpRequest *request)
{
    SignOut *sign_out = g_new(SignOut, 1);
    sign_out->request = request;
    auth_secret_hash(request->token, sign_out->hash);
    auth_tokens_remove(http->rooms.tokens, sign_out->hash);
    qa_sign_ins_ended(http->rooms.qa);
    store_submit(http->rooms.store, sign_out_job, on_signed_out, sign_out);
}

void http_on_me(Http *http, HttpRequest *request)
{
    (void)http;
    const AuthIdentity *who = request->who;
    http_reply_json(request, 200,
                    json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "person", who->person, "name",
                              who->name, "role", auth_role_name(who->role), "session", who->session,
                              "entity", who->entity));
}

/* Invitations */

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

/* No control characters, and none that would turn the direction of the text around it. */
static bool plain_text(const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (g_unichar_iscntrl(c) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) {
            return false;
        }
    }
    return true;
}

/* A trimmed text of 1 to AUTH_NAME_BYTES bytes, or NULL. Full ownership. */
static char *name_of(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    char *name = text != NULL ? g_strstrip(g_strdup(text)) : NULL;
    if (name != NULL && (name[0] == '\0' || strlen(name) > AUTH_NAME_BYTES || !plain_text(name))) {
        g_clear_pointer(&name, g_free);
    }
    return name;
}

void http_on_invite(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    const char *role_name = json_string_value(json_object_get(body, "role"));
    AuthRole role = AUTH_ATTENDEE;
    g_autofree char *name = name_of(body, "name");
    if (role_name != NULL && (!auth_role_parse(role_name, &role) || role == AUTH_NOBODY)) {
        http_reply_problem(request, BASE_ERROR_INVALID,
                           "\"role\" is one of attendee, speaker, moderator, staff.");
        return;
    }
    if (name == NULL) {
        http_reply_problem(request, BASE_ERROR_INVALID,
                           "\"name\" is needed: who is invited, at most 200 bytes.");
        return;
    }
    Invite *invite = g_new0(Invite, 1);
    invite->request = request;
    invite->code = auth_secret_new();
    invite->person = (StorePerson){.id = base_id_new(BASE_ID_LENGTH),
                                   .name = g_steal_pointer(&name),
                                   .entity = name_of(body, "entity"),
                                   .role = (char *)(role == AUTH_STAFF ? "staff" : ""),
                                   .created_us = base_wall_us()};
    invite->invitation = (StoreInvitation){.id = base_id_new(BASE_ID_LENGTH),
                                           .person = invite->person.id,
                                           .role = g_strdup(auth_role_name(role)),
                                           .session = g_strdup(request->params[0]),
                                           .created_us = invite->person.created_us};
    auth_secret_hash(invite->code, invite->invitation.code_hash);
    store_submit(http->rooms.store, invite_job, on_invited, invite);
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
    list->rows = store_invitations_list(db, list->request->params[0], error);
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
    store_submit(http->rooms.store, list_job, on_listed, list);
}

static bool revoke_job(StoreDb *db, void *data, GError **error)
{
    Invitations *revoke = data;
    revoke->rows = store_invitations_list(db, revoke->request->params[0], error);
    for (guint i = 0; revoke->rows != NULL && i < revoke->rows->len; i++) {
        const StoreInvitation *row = revoke->rows->pdata[i];
        if (strcmp(row->id, revoke->request->params[1]) == 0) {
            revoke->person = g_strdup(row->person);
            return store_invitation_revoke(db, row->id, error) &&
                   store_token_delete_person(db, row->person, error);
        }
    }
    if (revoke->rows != NULL) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND,
                    "This session has no such invitation.");
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
        const HttpRooms *rooms = &request->http->rooms;
        auth_tokens_remove_person(rooms->tokens, revoke->person);
        qa_sign_ins_ended(rooms->qa);
        rtc_viewer_remove_owner(rooms->rtc, revoke->person);
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
    store_submit(http->rooms.store, revoke_job, on_revoked, revoke);
}

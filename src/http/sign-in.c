// SPDX-License-Identifier: GPL-3.0-or-later
// Signing in with an invitation, and out.
#include "base/clock.h"
#include "base/id.h"
#include "base/text.h"
#include "http/resources.h"
#include "store/people/invitations.h"

#include <string.h>

#define FAILURES_PER_MINUTE 60
#define MAX_ADDRESSES 10000

static const BaseRate sign_in_rate = {.every_us = 6 * BASE_US_PER_S, .burst = 30};

/* By address and minute. Failures only: a valid link always works. */
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

static void refuse_sign_in(HttpRequest *request, BaseCode code, const char *detail)
{
    if (count_failure(request->http, request) > FAILURES_PER_MINUTE) {
        http_reply_problem(request, BASE_CODE_TOO_MANY_ATTEMPTS,
                           "Too many attempts from your address. Wait a minute and try again.");
    } else {
        http_reply_problem(request, code, detail);
    }
}

typedef struct {
    HttpRequest *request;
    uint8_t code_hash[AUTH_HASH_BYTES];
    uint8_t former[AUTH_HASH_BYTES]; // the sign-in to replace
    bool has_former;
    StoreToken token;
    StoreInvitation *invitation;
    StorePerson *person;
    const char *role; // of both
    char *secret;
    char *key; // of the rate
} SignIn;

static bool sign_in_job(StoreDb *db, void *data, GError **error)
{
    SignIn *sign_in = data;
    g_clear_pointer(&sign_in->invitation, store_invitation_free);
    g_clear_pointer(&sign_in->person, store_person_free);
    sign_in->invitation = store_invitation_by_hash(db, sign_in->code_hash, error);
    if (sign_in->invitation == NULL) {
        return false;
    }
    sign_in->person = store_person_get(db, sign_in->invitation->person, error);
    if (sign_in->person == NULL) {
        return false;
    }
    const StoreInvitation *invitation = sign_in->invitation;
    sign_in->role = store_role_of(sign_in->person, invitation->session, invitation->role);
    if (invitation->revoked || sign_in->person->disabled || sign_in->role[0] == '\0') {
        return base_refuse(error, BASE_CODE_LINK_REVOKED, NULL, NULL, "revoked");
    }
    sign_in->token.person = sign_in->person->id;
    sign_in->token.role = (char *)sign_in->role;
    sign_in->token.session = invitation->session;
    if (sign_in->has_former && !store_token_delete(db, sign_in->former, error)) {
        return false;
    }
    return store_invitation_opened(db, sign_in->invitation->id, sign_in->token.created_us, error) &&
           store_token_insert(db, &sign_in->token, AUTH_SIGN_INS_PER_PERSON, error);
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
    auth_role_parse(sign_in->role, &role);
    g_autoptr(AuthIdentity) who =
        auth_identity_new(sign_in->person->id, sign_in->person->name, sign_in->person->entity, role,
                          sign_in->invitation->session);
    AuthTokens *tokens = request->http->services.tokens;
    if (sign_in->has_former) {
        auth_tokens_remove(tokens, sign_in->former);
    }
    auth_tokens_put(tokens, sign_in->token.hash, who, sign_in->token.created_us,
                    sign_in->token.expires_us);
    set_cookie(request, sign_in->secret, AUTH_SIGN_IN_LIFE_US / BASE_US_PER_S);
    http_reply_json(request, 200,
                    json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?}", "token", sign_in->secret,
                              "person", who->person, "name", who->name, "role",
                              auth_role_name(role), "session", who->session, "entity",
                              who->entity));
}

static void on_signed_in(void *data, const GError *error)
{
    SignIn *sign_in = data;
    if (error == NULL) {
        welcome(sign_in);
    } else if (base_error_code(error) == BASE_CODE_LINK_REVOKED) {
        refuse_sign_in(sign_in->request, BASE_CODE_LINK_REVOKED,
                       "This invitation was revoked. Ask the organisers for a new one.");
    } else if (g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        base_rates_forget(sign_in->request->http->sign_ins, sign_in->key); // unknown code
        refuse_sign_in(sign_in->request, BASE_CODE_LINK_UNKNOWN,
                       "There is no such invitation. Check that the link is whole, or ask the "
                       "organisers for a new one.");
    } else {
        http_reply_error(sign_in->request, error);
    }
    g_clear_pointer(&sign_in->invitation, store_invitation_free);
    g_clear_pointer(&sign_in->person, store_person_free);
    g_free(sign_in->secret);
    g_free(sign_in->key);
    g_free(sign_in);
}

/* The old cookie's sign-in ends. */
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
    if (code == NULL && json_object_get(body, "password") != NULL) {
        refuse_sign_in(request, BASE_CODE_NO_PASSWORDS,
                       "There is no sign-in by password yet: open your personal link.");
        return;
    }
    if (code == NULL || strlen(code) != BASE_ID_SECRET_LENGTH ||
        !base_id_valid(code, BASE_ID_SECRET_LENGTH)) {
        refuse_sign_in(request, BASE_CODE_LINK_BROKEN,
                       "\"invitation\" must be the code of a personal link.");
        return;
    }
    uint8_t code_hash[AUTH_HASH_BYTES];
    auth_secret_hash(code, code_hash);
    g_autofree char *key = g_base64_encode(code_hash, sizeof code_hash);
    if (base_rates_wait(http->sign_ins, key, sign_in_rate, base_clock_us()) > 0) {
        http_reply_problem(request, BASE_CODE_LINK_TOO_OFTEN,
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
    store_submit(http->services.store, sign_in_job, on_signed_in, sign_in);
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
    auth_tokens_remove(http->services.tokens, sign_out->hash);
    qa_sign_ins_ended(http->services.qa);
    store_submit(http->services.store, sign_out_job, on_signed_out, sign_out);
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

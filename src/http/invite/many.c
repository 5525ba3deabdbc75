// SPDX-License-Identifier: GPL-3.0-or-later
// Invites chosen people, entities, everybody, or the attendees of another session, in one
// transaction; or only counts.
#include "base/clock.h"
#include "base/json.h"
#include "http/invite/private.h"
#include "http/resources.h"

#include <string.h>

typedef struct {
    HttpRequest *request;
    StoreInviteWhom whom;
    char *of; // nullable
    unsigned named;
    bool dry, mail;
    PeopleInvited invited;
    unsigned mails;
} Many;

static void many_free(Many *many)
{
    people_invited_clear(&many->invited);
    g_free(many->of);
    g_free(many);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Many, many_free)

static bool refuse_to(GError **error)
{
    return base_refuse_value(error, "to",
                             "\"everybody\", {\"people\": [ID]}, {\"entities\": [ID]}, or "
                             "{\"session\": ID}");
}

static bool take_session(const Http *http, const HttpRequest *request, const json_t *json,
                         Many *many, GError **error)
{
    const char *id = json_string_value(json);
    if (id == NULL || live_session(http->services.live, id) == NULL ||
        strcmp(id, request->params[0]) == 0) {
        return base_refuse_value(error, "to", "the id of another session");
    }
    many->whom = STORE_INVITE_SESSION;
    many->of = g_strdup(id);
    return true;
}

static bool take_to(const Http *http, const HttpRequest *request, const json_t *to, Many *many,
                    GError **error)
{
    const json_t *people = json_object_get(to, "people"),
                 *entities = json_object_get(to, "entities"),
                 *session = json_object_get(to, "session");
    if (g_strcmp0(json_string_value(to), "everybody") == 0) {
        many->whom = STORE_INVITE_EVERYBODY;
        return true;
    }
    if (json_object_size(to) != 1) {
        return refuse_to(error);
    }
    if (session != NULL) {
        return take_session(http, request, session, many, error);
    }
    if (people == NULL && entities == NULL) {
        return refuse_to(error);
    }
    many->whom = people != NULL ? STORE_INVITE_PEOPLE : STORE_INVITE_ENTITIES;
    return people != NULL ? http_take_ids(people, "to.people", &many->of, &many->named, error)
                          : http_take_ids(entities, "to.entities", &many->of, &many->named, error);
}

static bool take_body(const Http *http, const json_t *body, Many *many, GError **error)
{
    static const char *const known[] = {"to", "mail", "dry_run", NULL};
    const HttpRequest *request = many->request;
    return session_only_known(body, known, "", error) &&
           http_take_bool(body, "mail", &many->mail, error) &&
           http_take_bool(body, "dry_run", &many->dry, error) &&
           take_to(http, request, json_object_get(body, "to"), many, error) &&
           http_may_invite_to(http, request->params[0], many->mail, error);
}

static bool invite_job(StoreDb *db, void *data, GError **error)
{
    Many *many = data;
    const char *session = many->request->params[0];
    const PeopleInvite ask = {.session = session,
                              .whom = many->whom,
                              .of = many->of,
                              .named = many->named,
                              .now_us = base_wall_us()};
    many->mails = 0;
    if (!people_invite(db, &ask, many->dry, &many->invited, error)) {
        return false;
    }
    return many->dry || !many->mail ||
           mail_queue_invitations(many->request->http->services.mail, db, session,
                                  many->invited.ids, false, &many->mails, error);
}

static json_t *answer(const Many *many)
{
    const unsigned *counts = many->invited.counts;
    unsigned mails = many->dry && many->mail
                         ? counts[PEOPLE_INVITE_NEW] - many->invited.without_address
                         : many->mails;
    return json_pack("{s:b, s:i, s:i, s:{s:i, s:i, s:i, s:i}, s:i, s:i}", "dry_run", many->dry,
                     "invited", (int)counts[PEOPLE_INVITE_NEW], "already",
                     (int)counts[PEOPLE_INVITE_ALREADY], "left_out", "disabled",
                     (int)counts[PEOPLE_INVITE_DISABLED], "staff", (int)counts[PEOPLE_INVITE_STAFF],
                     "revoked", (int)counts[PEOPLE_INVITE_REVOKED], "unknown",
                     (int)counts[PEOPLE_INVITE_UNKNOWN], "without_address",
                     (int)many->invited.without_address, "mails", (int)mails);
}

static void on_invited(void *data, const GError *failed)
{
    g_autoptr(Many) many = data;
    HttpRequest *request = many->request;
    if (!http_still_allowed(request, failed)) {
        return;
    }
    if (many->mails > 0) {
        mail_wake(request->http->services.mail);
    }
    http_reply_json(request, 200, answer(many));
}

void http_on_invite_many(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(Many) many = g_new0(Many, 1);
    g_autoptr(GError) error = NULL;
    many->request = request;
    if (!take_body(http, body, many, &error)) {
        http_reply_error(request, error);
    } else if (many->dry) {
        store_submit_read(http->services.store, invite_job, on_invited, g_steal_pointer(&many));
    } else {
        store_submit(http->services.store, invite_job, on_invited, g_steal_pointer(&many));
    }
}

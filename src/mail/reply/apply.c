// SPDX-License-Identifier: GPL-3.0-or-later
// Takes a calendar's answer for its invited person.
#include "base/error.h"
#include "mail/reply/reply.h"
#include "session/session.h"
#include "store/people/people.h"

#include <string.h>

static bool refuse_person(const MailReply *reply, GError **error)
{
    return base_refuse(error, BASE_CODE_REPLY_NOT_INVITED, NULL,
                       json_pack("{s:s}", "address", reply->address),
                       "%s is not invited to this session.", reply->address);
}

/* NOT_FOUND becomes a refusal of its own. */
static bool is_missing(GError **failed)
{
    bool missing = g_error_matches(*failed, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    if (missing) {
        g_clear_error(failed);
    }
    return missing;
}

static StoreSession *find_session(StoreDb *db, const MailReply *reply, GError **error)
{
    GError *failed = NULL;
    g_autoptr(StoreSession) session = store_session_get(db, reply->session, &failed);
    if (session == NULL) {
        if (is_missing(&failed)) {
            base_refuse(error, BASE_CODE_REPLY_UNKNOWN, NULL, NULL,
                        "It answers a session that this server does not have.");
        } else {
            g_propagate_error(error, failed);
        }
        return NULL;
    }
    if (!session_is_ahead(session->state)) {
        base_refuse(error, BASE_CODE_PLANS_CLOSED, NULL, NULL,
                    "The session is over or was cancelled: nothing is planned any more.");
        return NULL;
    }
    if (reply->starts_us != 0 &&
        reply->starts_us / G_USEC_PER_SEC != session->starts_us / G_USEC_PER_SEC) {
        base_refuse(error, BASE_CODE_REPLY_OLD, NULL, NULL,
                    "It answers for another time than the session has now.");
        return NULL;
    }
    return g_steal_pointer(&session);
}

static StorePerson *find_person(StoreDb *db, const MailReply *reply, GError **error)
{
    GError *failed = NULL;
    g_autoptr(StorePerson) person = store_person_by_email(db, reply->address, &failed);
    if (person == NULL && !is_missing(&failed)) {
        g_propagate_error(error, failed);
        return NULL;
    }
    g_autoptr(GPtrArray) rows =
        person != NULL && !person->disabled ? store_invitations_of(db, person->id, &failed) : NULL;
    if (failed != NULL) {
        g_propagate_error(error, failed);
        return NULL;
    }
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        const StoreInvitation *row = rows->pdata[i];
        if (g_strcmp0(row->session, reply->session) == 0) {
            return g_steal_pointer(&person);
        }
    }
    refuse_person(reply, error);
    return NULL;
}

bool mail_reply_apply(StoreDb *db, const MailReply *reply, int64_t now_us, MailReplied *out,
                      GError **error)
{
    g_autoptr(StoreSession) session = find_session(db, reply, error);
    g_autoptr(StorePerson) person = session != NULL ? find_person(db, reply, error) : NULL;
    // a calendar's clock that is ahead outdoes no later answer
    int64_t said_us = reply->said_us != 0 ? MIN(reply->said_us, now_us) : now_us;
    bool taken;
    if (person == NULL ||
        !store_plan_answer(db, session->id, person->id, reply->coming, said_us, &taken, error)) {
        return false;
    }
    *out = (MailReplied){.session = g_strdup(session->id),
                         .person = g_strdup(person->id),
                         .name = g_strdup(person->name),
                         .taken = taken};
    return true;
}

void mail_replied_clear(MailReplied *replied)
{
    g_clear_pointer(&replied->session, g_free);
    g_clear_pointer(&replied->person, g_free);
    g_clear_pointer(&replied->name, g_free);
}

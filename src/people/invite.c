// SPDX-License-Identifier: GPL-3.0-or-later
// Invites many people in one act.
#include "people/invite.h"

#include "base/id.h"

PeopleInviteOutcome people_invite_outcome(const StoreCandidate *one, bool named)
{
    if (one->invited == STORE_INVITED) {
        return PEOPLE_INVITE_ALREADY;
    }
    if (one->disabled) {
        return PEOPLE_INVITE_DISABLED;
    }
    if (one->staff) {
        return PEOPLE_INVITE_STAFF;
    }
    return one->invited == STORE_INVITATION_REVOKED && !named ? PEOPLE_INVITE_REVOKED
                                                              : PEOPLE_INVITE_NEW;
}

bool people_invite_one(StoreDb *db, const char *session, const char *person, int64_t now_us,
                       char **out_id, GError **error)
{
    g_autofree char *id = base_id_new(BASE_ID_LENGTH);
    StoreInvitation row = {.id = id,
                           .person = (char *)person,
                           .role = (char *)"attendee",
                           .session = (char *)session,
                           .created_us = now_us};
    base_random(row.code_hash, sizeof row.code_hash); // of no code
    if (!store_invitation_insert(db, &row, error)) {
        return false;
    }
    *out_id = g_steal_pointer(&id);
    return true;
}

void people_invited_clear(PeopleInvited *invited)
{
    g_clear_pointer(&invited->ids, g_hash_table_unref);
    *invited = (PeopleInvited){0};
}

/* An entity without people is no unknown one. */
static bool count_unknown(StoreDb *db, const PeopleInvite *ask, guint found, unsigned *out,
                          GError **error)
{
    *out = 0;
    if (ask->whom == STORE_INVITE_PEOPLE) {
        *out = ask->named - MIN(ask->named, found);
    } else if (ask->whom == STORE_INVITE_ENTITIES) {
        unsigned known;
        if (!store_entities_known(db, ask->of, &known, error)) {
            return false;
        }
        *out = ask->named - MIN(ask->named, known);
    }
    return true;
}

static bool invite(StoreDb *db, const PeopleInvite *ask, const StoreCandidate *one,
                   PeopleInvited *out, GError **error)
{
    char *id = NULL;
    if (!people_invite_one(db, ask->session, one->person, ask->now_us, &id, error)) {
        return false;
    }
    g_hash_table_add(out->ids, id);
    return true;
}

bool people_invite(StoreDb *db, const PeopleInvite *ask, bool dry, PeopleInvited *out,
                   GError **error)
{
    g_autoptr(GPtrArray) rows = store_candidates(db, ask->session, ask->whom, ask->of, error);
    people_invited_clear(out);
    if (rows == NULL ||
        !count_unknown(db, ask, rows->len, &out->counts[PEOPLE_INVITE_UNKNOWN], error)) {
        return false;
    }
    out->ids = dry ? NULL : g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < rows->len; i++) {
        const StoreCandidate *one = rows->pdata[i];
        PeopleInviteOutcome outcome = people_invite_outcome(one, ask->whom == STORE_INVITE_PEOPLE);
        out->counts[outcome]++;
        if (outcome != PEOPLE_INVITE_NEW) {
            continue;
        }
        out->without_address += !one->has_address;
        if (!dry && !invite(db, ask, one, out, error)) {
            return false;
        }
    }
    return true;
}

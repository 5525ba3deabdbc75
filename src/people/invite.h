// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inviting many people to one session in one act. In store jobs; any thread.

#include "store/people/invitations.h"

#define PEOPLE_INVITE_NAMED 1000 // ids in one request

/* Each candidate has one outcome. */
typedef enum {
    PEOPLE_INVITE_NEW,
    PEOPLE_INVITE_ALREADY,  // and stays as it is
    PEOPLE_INVITE_DISABLED, // this and those below are left out
    PEOPLE_INVITE_STAFF,    // they see every session
    PEOPLE_INVITE_REVOKED,  // unless they are named
    PEOPLE_INVITE_UNKNOWN,  // of the named ids: no person or entity has it
    PEOPLE_INVITE_OUTCOMES,
} PeopleInviteOutcome;

PeopleInviteOutcome people_invite_outcome(const StoreCandidate *one, bool named);

typedef struct {
    const char *session;
    StoreInviteWhom whom;
    const char *of; // of store_candidates()
    unsigned named; // distinct ids in it
    int64_t now_us;
} PeopleInvite;

typedef struct {
    unsigned counts[PEOPLE_INVITE_OUTCOMES];
    unsigned without_address; // of the new ones
    GHashTable *ids;          // of the new invitations; NULL: only counted
} PeopleInvited;

/* Invitations without a known link: mails, and those who ask, get their own. `dry`: only counts.
 * Replaces `out`. */
bool people_invite(StoreDb *db, const PeopleInvite *ask, bool dry, PeopleInvited *out,
                   GError **error);
/* As attendee. Full ownership of `out_id`. */
bool people_invite_one(StoreDb *db, const char *session, const char *person, int64_t now_us,
                       char **out_id, GError **error);
void people_invited_clear(PeopleInvited *invited);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The invitations of one session: found page by page, chosen or added together. As store/rows.h.

#include "store/people/people.h"

typedef enum {
    STORE_SHOW_ALL,
    STORE_SHOW_VALID,      // not revoked; so are those below but the last
    STORE_SHOW_UNOPENED,   // no link of it was opened yet
    STORE_SHOW_UNMAILED,   // none was mailed, or is about to be
    STORE_SHOW_UNANSWERED, // the person has not said whether they come
    STORE_SHOW_REVOKED,
    STORE_SHOWS,
} StoreShow;

/* Static. */
const char *store_show_name(StoreShow show);
bool store_show_parse(const char *name, StoreShow *out);

typedef struct {
    char *id, *role, *person, *name;
    char *entity, *email; // nullable
    char *coming;         // "yes", "maybe", "no"; nullable
    bool disabled, revoked;
    int64_t created_us, opened_us; // opened: 0: never
} StoreInvitee;

void store_invitee_free(StoreInvitee *row);

typedef struct {
    const char *session; // NULL: invitations of staff to all sessions
    StoreShow show;
    const char *words[STORE_PEOPLE_WORDS]; // as in StorePeopleFind
    const char *after;                     // id of the last one before; NULL: from the first
    unsigned limit;
} StoreInviteeFind;

/* Newest first. */
GPtrArray *store_invitees_find(StoreDb *db, const StoreInviteeFind *find, GError **error);
/* Valid ones. `ids`: JSON array, NULL: all that `show` shows. */
GPtrArray *store_invitees_pick(StoreDb *db, const char *session, StoreShow show, const char *ids,
                               GError **error);

typedef struct {
    int64_t all, valid, opened, without_address; // but for all: not revoked
    int64_t attendees, speakers;                 // the same, by role
    int64_t mailable, unmailed;                  // to whom a mail may be queued now; got none yet
} StoreInviteeCounts;

bool store_invitees_count(StoreDb *db, const char *session, StoreInviteeCounts *out,
                          GError **error);

/* A further link to it, beside its own and those of mails. */
bool store_invitation_add_link(StoreDb *db, const char *id, const uint8_t hash[STORE_HASH_BYTES],
                               GError **error);
/* One link in place of all that there are. */
bool store_invitation_replace_links(StoreDb *db, const char *id,
                                    const uint8_t hash[STORE_HASH_BYTES], GError **error);
/* Keeps the first time. */
bool store_invitation_opened(StoreDb *db, const char *id, int64_t now_us, GError **error);

typedef enum {
    STORE_INVITE_PEOPLE,   // `of`: JSON array of ids
    STORE_INVITE_ENTITIES, // `of`: JSON array of ids
    STORE_INVITE_EVERYBODY,
    STORE_INVITE_SESSION, // attendees with a valid invitation to session `of`
} StoreInviteWhom;

typedef enum { STORE_NOT_INVITED, STORE_INVITED, STORE_INVITATION_REVOKED } StoreInvited;

typedef struct {
    char *person;
    bool has_address, disabled, staff;
    StoreInvited invited; // to the session
} StoreCandidate;

void store_candidate_free(StoreCandidate *row);
GPtrArray *store_candidates(StoreDb *db, const char *session, StoreInviteWhom whom, const char *of,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreInvitee, store_invitee_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreCandidate, store_candidate_free)

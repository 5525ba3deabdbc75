// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Mails and their links. As store/rows.h.
//
// A personal link exists as text only in its mail: each attempt makes a code, kept as a hash in
// `invitation_links`, a further key to the invitation. So the database holds no link, and a link
// copied by hand stays good. A failed attempt loses its code; one in doubt keeps it, since its mail
// may have arrived. Revoking the invitation closes all.

#include "store/rows.h"

typedef enum {
    STORE_MAIL_QUEUED,
    STORE_MAIL_SENDING, // committed before the first byte
    STORE_MAIL_SENT,    // the relay has it
    STORE_MAIL_FAILED,  // for good
    STORE_MAIL_DOUBT,   // interrupted: the relay may have it
    STORE_MAIL_CANCELLED,
    STORE_MAIL_STATES,
} StoreMailState;

/* Static. */
const char *store_mail_state_name(StoreMailState state);

typedef struct {
    int64_t n; // order of queueing
    char *id, *kind;
    char *person, *session;
    char *invitation; // nullable: deleted
    char *question;   // that it tells of; nullable
    char *name;       // of the person, read only
    char *address;
    char *once; // nullable: unique
    StoreMailState state;
    char *message_id; // fixed at queueing, without brackets
    int attempts;
    int64_t next_us;               // queued: not before
    char *reason;                  // nullable: why it is not sent, a word
    char *error;                   // nullable: the relay's words
    int64_t told_us, told_minutes; // start and length that it told; 0: none yet
    int64_t created_us, sent_us;
} StoreMail;

void store_mail_free(StoreMail *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreMail, store_mail_free)

/* Nothing if its `once` exists. */
bool store_mail_insert(StoreDb *db, const StoreMail *row, GError **error);
/* All but id, kind, session, person, invitation, question, message_id, once, created_us. */
bool store_mail_update(StoreDb *db, const StoreMail *row, GError **error);
StoreMail *store_mail_get(StoreDb *db, const char *id, GError **error);
/* The first one that is due; nullable `*out`, full ownership. */
bool store_mail_due(StoreDb *db, int64_t now_us, StoreMail **out, GError **error);
/* How many are queued, and their earliest next_us; 0: none. */
bool store_mail_queue(StoreDb *db, int64_t *out_count, int64_t *out_next_us, GError **error);
/* Start and length that the invitation was told last; zeros: none. */
bool store_mail_told(StoreDb *db, const char *invitation, int64_t *out_us, int64_t *out_minutes,
                     GError **error);
bool store_mails_count(StoreDb *db, const char *session, int64_t out[STORE_MAIL_STATES],
                       GError **error);
/* Newest first, at most `most`, with n below `before` (0: any). */
GPtrArray *store_mails_list(StoreDb *db, const char *session, int64_t before, int most,
                            GError **error);
/* At a start: what a kill left in SENDING. */
bool store_mails_doubt(StoreDb *db, int *out_count, GError **error);
/* Nullable `*out`. Full ownership. */
bool store_mail_newest(StoreDb *db, const char *invitation, StoreMail **out, GError **error);

bool store_mail_link_insert(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES],
                            const StoreMail *mail, GError **error);
bool store_mail_link_delete(StoreDb *db, const uint8_t hash[STORE_HASH_BYTES], GError **error);

/* A mail that is due: the person has an address, is not disabled, the invitation not revoked, none
 * on its way. */
typedef struct {
    char *invitation, *person, *session, *address;
    char *question;    // nullable
    int64_t starts_us; // of the session
    int revision;
    bool sent; // their invitation was mailed
} StoreMailTo;

void store_mail_to_free(StoreMailTo *row);
/* Invitations of the session. */
GPtrArray *store_mails_to_invite(StoreDb *db, const char *session, GError **error);
/* `*out_all`: the invitations that can be mailed; `*out_unsent`: those without a mail so far. */
bool store_mails_count_to_invite(StoreDb *db, const char *session, int64_t *out_all,
                                 int64_t *out_unsent, GError **error);
/* Told another time than the session has now; the session is to come. */
GPtrArray *store_mails_to_tell_change(StoreDb *db, int64_t now_us, int most, GError **error);
/* Told of a session that is cancelled now and would not be over. */
GPtrArray *store_mails_to_tell_cancelled(StoreDb *db, int64_t now_us, int most, GError **error);
/* Anybody is still to be told that `session` is off. */
bool store_mails_owed(StoreDb *db, const char *session, int64_t now_us, bool *out, GError **error);
/* Minutes before the start (int) of all series with a plan of their own. */
GArray *store_mails_reminders(StoreDb *db, GError **error);
/* Told at least `minutes` before the start, which is less than that away and further than half of it; with no mail of
 * this `kind` for this start yet. Of sessions whose series plans it; `usual`: or that have no such plan. */
GPtrArray *store_mails_to_remind(StoreDb *db, const char *kind, int minutes, bool usual,
                                 int64_t now_us, int most, GError **error);

/* None of these to people who stopped such mails; once for each invitation or question. */

/* Attendees told of a session before it went live, since `since_us`, without a sign-in to it, who
 * did not decline. */
GPtrArray *store_mails_to_tell_live(StoreDb *db, int64_t since_us, int64_t now_us, int most,
                                    GError **error);
/* Told of a session whose recording was published since. `answers`: not those whom the next one tells
 * of it. */
GPtrArray *store_mails_to_tell_recordings(StoreDb *db, int64_t since_us, bool answers, int most,
                                          GError **error);
/* Invited askers whose question, or the one that it was merged into, is answered there. */
GPtrArray *store_mails_to_tell_answers(StoreDb *db, int64_t since_us, int most, GError **error);
/* The person holds a sign-in to the session. */
bool store_mail_opened(StoreDb *db, const char *session, const char *person, int64_t now_us,
                       bool *out, GError **error);

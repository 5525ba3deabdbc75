// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Mails: a queue in the store, a thread that makes and sends them one at a time over one connection to
// the relay. Alone includes libcurl. Main thread, unless stated.
//
// A mail is made when it is sent, from the rows of that moment, so it never tells an outdated time;
// it carries a new link (store/mail/mails.h), which only its text knows.

#include "auth/auth.h"
#include "mail/texts.h"
#include "store/mail/mails.h"
#include "store/mail/texts.h"
#include "store/store.h"

#include <stdbool.h>

typedef enum {
    MAIL_STARTTLS,
    MAIL_TLS,
    MAIL_PLAIN,
} MailSecurity;

typedef struct {
    const char *relay; // "HOST:PORT"; "": no mail is sent
    MailSecurity security;
    const char *user, *password; // "" and NULL: none
    const char *from, *from_name, *reply_to;
    const char *ca_file;    // "": the system's
    const char *public_url; // of links
    unsigned per_minute;
    const int *reminders; // minutes before the start
    size_t n_reminders;
    bool live, recording, answers; // also tells of these
    const AuthPathKey *paths;      // borrowed; NULL: without links that stop mails
} MailConfig;

// Why a mail is not sent: `reason` of StoreMail, translated by the pages.
#define MAIL_REASONS                                                                               \
    "unreachable, certificate, no-tls, login, sender, later, refused, interrupted, too-old, "      \
    "over, withdrawn, no-address, unchanged, by-staff, unsubscribed, opened"

typedef struct Mail Mail;

/* Waits for the store: what a kill interrupted is in doubt now. Copies `config`. */
Mail *mail_new(const MailConfig *config, Store *store, GError **error);
/* Copies from_name, reply_to, per_minute, reminders and what else it tells of, for the next mail;
 * ignores the rest. */
void mail_configure(Mail *mail, const MailConfig *config);
/* Before the store's end. Ends within seconds: queues a mail again whose last byte is not sent.
 * NULL is allowed. */
void mail_stop(Mail *mail);
/* After the last request. */
void mail_free(Mail *mail);

/* Any thread: looks at sessions and queue soon. */
void mail_wake(Mail *mail);
/* Any thread. A relay is configured. */
bool mail_is_on(const Mail *mail);

typedef struct {
    uint64_t sent, failed, doubted;
    unsigned queued;
    const char *trouble; // nullable, static: the reason why the relay takes none now
} MailStats;
/* Any thread. */
void mail_stats(Mail *mail, MailStats *out);

/* In a store job: queues invitations to those of `ids` (a set of texts; NULL: all) with an address
 * and none on its way; `not_sent`: nor one yet. */
bool mail_queue_invitations(const Mail *mail, StoreDb *db, const char *session, GHashTable *ids,
                            bool not_sent, unsigned *out_queued, GError **error);
/* In a store job: sends now, also failed and doubtful ones. CONFLICT: sent or on its way. */
bool mail_retry(StoreDb *db, const char *id, StoreMail **out, GError **error);
/* In a store job. CONFLICT: as above. */
bool mail_cancel(StoreDb *db, const char *id, StoreMail **out, GError **error);

/* Connects to the relay as the queue would. False: why, and what to do. Blocks. */
bool mail_try(const MailConfig *config, GError **error);

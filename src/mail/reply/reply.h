// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Answers that calendars send to an invitation: iTIP REPLY (RFC 5546 3.2.3) in a mail or a file. Foreign
// input, bounded. Alone includes libical. Any thread.

#include "store/rows.h"

#define MAIL_REPLY_BYTES (1024 * 1024)  // of a mail
#define MAIL_CALENDAR_BYTES (64 * 1024) // of the calendar in it
#define MAIL_REPLY_DEPTH 6              // of parts within parts
#define MAIL_REPLY_PARTS 100

/* The first calendar of a mail, or the file itself, decoded. NULL: none, too large or too deep. */
char *mail_reply_calendar(const uint8_t *data, size_t size);

typedef struct {
    char *session;      // of the UID
    char *address;      // of ATTENDEE
    const char *coming; // "yes", "maybe", "no"
    int64_t said_us;    // DTSTAMP; 0: none
    int64_t starts_us;  // that it answers; 0: not known
} MailReply;

/* Full ownership; NULL: REPLY_UNREADABLE, REPLY_UNKNOWN (another server's event). */
MailReply *mail_reply_read(const uint8_t *data, size_t size, GError **error);
void mail_reply_free(MailReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailReply, mail_reply_free)

typedef struct {
    char *session, *person, *name;
    bool taken; // false: the person has given an answer since
} MailReplied;

/* In a store job. REPLY_UNKNOWN: no such session; REPLY_NOT_INVITED; REPLY_OLD: of another time;
 * PLANS_CLOSED. Outputs: full ownership. */
bool mail_reply_apply(StoreDb *db, const MailReply *reply, int64_t now_us, MailReplied *out,
                      GError **error);
void mail_replied_clear(MailReplied *replied);

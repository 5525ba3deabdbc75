// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The words of mails: Arabic, then English, plain and HTML. Pure.

#include "mail/templates/templates.h"
#include "store/rows.h"

typedef enum {
    MAIL_INVITATION,
    MAIL_CHANGE, // of the time
    MAIL_CANCELLATION,
    MAIL_REMINDER,
    MAIL_LIVE,
    MAIL_RECORDING, // is published
    MAIL_ANSWER,    // to the reader's question, in the recording
    MAIL_KINDS,
} MailKind;

/* "invitation" ...; a reminder's name goes on with its time, as "reminder/1440". */
const char *mail_kind_name(MailKind kind);
bool mail_kind_parse(const char *name, MailKind *out);
/* Sent by itself to people who did not ask for it: they can stop such mails. */
bool mail_kind_stops(MailKind kind);
/* `role`: of the invitation, "attendee" ... */
MailTextKind mail_text_kind(MailKind kind, const char *role);

typedef struct {
    MailTextKind kind;
    MailTemplate templates[MAIL_LANGUAGES]; // subject NULL: the built-in one
    const StoreSession *session;
    const StoreSeries *series; // nullable
    const char *name;          // of the reader
    const char *question;      // nullable
    const char *site;          // begins links
    const char *code;          // of the reader's link; NULL: none
    const char *query;         // behind it: "" or "?..."
    const char *stop;          // token that stops such mails; nullable
} MailLetter;

typedef struct {
    char *subject, *text, *html;
} MailTexts;

void mail_texts_make(const MailLetter *letter, MailTexts *out);
/* With sample values. */
void mail_texts_preview(MailTextKind kind, const MailTemplate templates[MAIL_LANGUAGES],
                        const char *site, MailTexts *out);
/* Overwrites them first. */
void mail_texts_clear(MailTexts *texts);
/* Overwrites `text` (nullable), frees it. */
void mail_wipe(char *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailTexts, mail_texts_clear)

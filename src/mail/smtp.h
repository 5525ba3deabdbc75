// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One connection to the relay, by libcurl. One thread at a time.

#include "mail/mail.h"

#include <stdatomic.h>

/* What became of a mail. */
typedef enum {
    SMTP_SENT,
    SMTP_REFUSED,     // 5yz to this mail, permanent
    SMTP_LATER,       // 4yz to this mail, passing
    SMTP_NO_RELAY,    // before this mail began: any would fail
    SMTP_INTERRUPTED, // after its last byte, before an answer: the relay may have it
    SMTP_STOPPED,     // by `stop`, before its last byte
} SmtpResult;

typedef struct Smtp Smtp;

/* Copies what it needs. `stop` ends what is under way within a second. */
Smtp *smtp_new(const MailConfig *config, const atomic_bool *stop);
/* QUIT. */
void smtp_free(Smtp *smtp);

/* Blocks, at most SMTP_LIMIT_S. `*out_reason`: a word (static, see mail.h); `*out_error`: the relay's
 * or libcurl's words, without `secret` (the code of the link). Full ownership, NULL if sent. */
#define SMTP_LIMIT_S 300
SmtpResult smtp_send(Smtp *smtp, const char *to, const GString *message, const char *secret,
                     const char **out_reason, char **out_error);
/* Connects, encrypts, signs in. */
bool smtp_try(Smtp *smtp, const char **out_reason, char **out_error);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Makes the text of a mail (RFC 5322, 2045, 2046, 2047). Pure.

#include <glib.h>
#include <stdint.h>

typedef struct {
    const char *id; // Message-ID, without brackets; also makes the boundary
    int64_t date_us;
    const char *from, *from_name; // addresses are valid, names nullable
    const char *reply_to;         // nullable
    const char *to, *to_name;
    const char *subject;
    const char *unsubscribe;      // nullable: address for List-Unsubscribe (RFC 2369)
    const char *unsubscribe_page; // nullable: by one click (RFC 8058), with `unsubscribe`
    const char *text, *html;      // UTF-8, lines by \n
    const char *calendar;         // nullable: iCalendar
    const char *method;           // of `calendar`: "REQUEST" or "CANCEL"
} MailMessage;

/* CRLF, lines of at most MAIL_LINE_BYTES, but for an address. Nothing in the fields adds a header. */
GString *mail_message(const MailMessage *message);

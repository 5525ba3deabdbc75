// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Encodings of mail. Pure. Controls in texts become spaces, so no text adds a header line.

#include <glib.h>
#include <stdbool.h>

#define MAIL_LINE_BYTES 76 // RFC 2045 6.7, RFC 2047 2; without CRLF

/* "NAME: TEXT" with CRLF, folded. Encoded words (RFC 2047) of whole characters unless `text` is short
 * printable ASCII. */
void mail_append_text(GString *out, const char *name, const char *text);
/* "NAME: DISPLAY NAME <ADDRESS>"; `display` nullable. `address` is valid. */
void mail_append_mailbox(GString *out, const char *name, const char *display, const char *address);
/* Base 64 in lines, with CRLF line ends inside, as texts have (RFC 2046 4.1.1). */
void mail_append_body(GString *out, const char *text);

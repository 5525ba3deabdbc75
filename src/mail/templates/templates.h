// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Templates of mails' subjects and bodies: built-in ones, checks of staff's, filling in. Pure.
//
// "{word}" stands for a value. A line whose values are all missing is left out, "{title}" alone is a
// heading, "LABEL: {link}" a button. A blank line begins a paragraph.

#include "base/json.h"

#include <glib.h>
#include <stdbool.h>

#define MAIL_MAX_SUBJECT 200 // characters
#define MAIL_MAX_BODY 5000

enum { MAIL_AR, MAIL_EN, MAIL_LANGUAGES };
/* "ar", "en". */
extern const char *const mail_languages[MAIL_LANGUAGES];

typedef enum {
    MAIL_TEXT_INVITATION,
    MAIL_TEXT_INVITATION_SPEAKER,
    MAIL_TEXT_INVITATION_MODERATOR,
    MAIL_TEXT_CHANGE,
    MAIL_TEXT_CANCELLATION,
    MAIL_TEXT_REMINDER,
    MAIL_TEXT_LIVE,
    MAIL_TEXT_RECORDING,
    MAIL_TEXT_ANSWER,
    MAIL_TEXT_KINDS,
} MailTextKind;

/* "invitation-speaker" ... */
const char *mail_text_kind_name(MailTextKind kind);
bool mail_text_kind_parse(const char *name, MailTextKind *out);

/* In one language. */
typedef struct {
    const char *subject, *body;
} MailTemplate;

/* Static. */
const MailTemplate *mail_template_built_in(MailTextKind kind, int language);

typedef enum {
    MAIL_VALUE_NAME,
    MAIL_VALUE_TITLE,
    MAIL_VALUE_SERIES,
    MAIL_VALUE_TIME,
    MAIL_VALUE_SPEAKERS,
    MAIL_VALUE_QUESTION,
    MAIL_VALUE_LINK,   // of the reader alone
    MAIL_VALUE_COMING, // three links, from the reader's own
    MAIL_VALUES,
} MailValue;

/* The words that `kind` knows, as "name"; NULL-terminated. Free the array alone. */
const char **mail_template_words(MailTextKind kind, bool subject);

/* Reads {"subject", "body"} of `json`, whose fields are named after `prefix` ("" or "ar.") in errors.
 * Outputs: full ownership. INVALID: an unknown or missing placeholder, a bad text. */
bool mail_template_take(MailTextKind kind, const json_t *json, const char *prefix,
                        char **out_subject, char **out_body, GError **error);

/* NULL or "": missing. */
typedef struct {
    const char *of[MAIL_VALUES];
} MailValues;

char *mail_template_subject(const char *subject, const MailValues *values);
/* Appends the filled body, in HTML with everything escaped. */
void mail_template_body(const char *body, const MailValues *values, int language, GString *text,
                        GString *html);

/* For the folder: the next "{...}" of the line `at`; NULL: none. `*out_end`: behind it; `*out_value`: -1
 * if unknown. */
const char *mail_placeholder(const char *at, const char **out_end, int *out_value);
const char *mail_value_word(MailValue value);

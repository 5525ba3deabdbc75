// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a request's fields are read; shared by the files of this room. Whatever fails sets a
// BASE_ERROR_INVALID that names the field.

#include "session/session.h"

/* Sets the error; always false. */
bool session_invalid(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* `json` is a text of at most `max` characters, or missing or null, which is "". Blanks around it
 * go. Full ownership; NULL: invalid. */
char *session_take_text(const json_t *json, const char *field, size_t max, GError **error);

/* Refuses what is not among `known`, so that a misspelt field is not quietly lost. */
bool session_only_known(const json_t *object, const char *const *known, const char *inside,
                        GError **error);

typedef struct {
    char *ar, *en;
} SessionText;

void session_text_clear(SessionText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SessionText, session_text_clear)

/* {"ar", "en"}; where `required`, one of them at least. */
bool session_take_bilingual(const json_t *json, const char *field, size_t max, bool required,
                            SessionText *out, GError **error);

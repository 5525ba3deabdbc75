// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Field readers. BASE_ERROR_INVALID names the field.

#include "session/session.h"

/* Return false. `why` follows the field's name. */
bool session_bad_value(GError **error, const char *field, const char *allowed);
bool session_required(GError **error, const char *field, const char *why);
bool session_out_of_range(GError **error, const char *field, int64_t min, int64_t max);

/* Like base_text_take(); missing or null: "". Full ownership; NULL: invalid. */
char *session_take_text(const json_t *json, const char *field, size_t max, GError **error);

typedef struct {
    char *ar, *en;
} SessionText;

void session_text_clear(SessionText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SessionText, session_text_clear)

/* {"ar", "en"}; `required`: one of them. */
bool session_take_bilingual(const json_t *json, const char *field, size_t max, bool required,
                            SessionText *out, GError **error);

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Field readers, whose BASE_ERROR_INVALID names the field; sessions in words.

#include "session/session.h"

/* Return false. `why` follows the field's name. */
bool session_required(GError **error, const char *field, const char *why);
bool session_out_of_range(GError **error, const char *field, int64_t min, int64_t max);

/* Like base_text_take(); missing or null: "". NULL: invalid. */
char *session_take_text(const json_t *json, const char *field, size_t max, GError **error);

typedef struct {
    char *ar, *en;
} SessionText;

void session_text_clear(SessionText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SessionText, session_text_clear)

/* In `lang`, else in the other language. NULL: bad UTF-8. */
char *session_title(const StoreSession *row, const char *lang);
/* Speakers and agenda, a line each. */
void session_describe(GString *out, const StoreSession *row, const char *lang);
/* With the series' name if `rows` (StoreSession) have one. */
char *session_feed_name(const GPtrArray *rows, const char *lang, bool recordings);

/* {"ar", "en"}; `required`: one of them. */
bool session_take_bilingual(const json_t *json, const char *field, size_t max, bool required,
                            SessionText *out, GError **error);
/* Likewise, of several lines. */
bool session_take_paragraphs(const json_t *json, const char *field, size_t max, SessionText *out,
                             GError **error);

bool session_take_minutes(const json_t *json, const char *field, int *out, GError **error);
bool session_take_bool(const json_t *json, const char *field, bool *out, GError **error);
/* Replaces `*out`. */
bool session_take_access(const json_t *json, char **out, GError **error);
/* null: 0. */
bool session_take_retention(const json_t *json, int *out, GError **error);

/* null: "". White text is readable on it (WCAG 2.2, 1.4.3). These three replace `*out`. */
bool session_take_colour(const json_t *json, char **out, GError **error);
/* At least one of both. */
bool session_take_languages(const json_t *json, char **out, GError **error);
/* Minutes before the start, the longest first; null: NULL. */
bool session_take_reminders(const json_t *json, char **out, GError **error);

/* NULL: invalid. */
json_t *session_take_speakers(const json_t *json, GError **error);
json_t *session_take_agenda(const json_t *json, GError **error);
json_t *session_take_tags(const json_t *json, GError **error); // each once

/* [] if it is no list. */
json_t *session_list_json(const char *text);

/* `*out_text`: for the capture child; NULL: the configured source. */
bool session_source_find(const char *name, const char **out_text);

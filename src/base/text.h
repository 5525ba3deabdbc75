// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Text files and lines. Any thread.

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Combining marks per letter (UTS #39, 5.4); vowelled Arabic needs 3. */
#define BASE_TEXT_MAX_MARKS 4

#define BASE_TEXT_BOM "\xef\xbb\xbf"

/* Skips a byte order mark. */
static inline const char *base_text_skip_bom(const char *text)
{
    size_t size = sizeof BASE_TEXT_BOM - 1;
    return strncmp(text, BASE_TEXT_BOM, size) == 0 ? text + size : text;
}

/* Turns UTF-8 `text` into one trimmed line. Removes controls, invisible characters and characters
 * that reorder text (U+202A-202E, U+2066-206F, U+FEFF, U+FFF9-FFFC); keeps Arabic marks and
 * joiners. "" if nothing is visible. */
char *base_text_clean(const char *text);

/* Over BASE_TEXT_MAX_MARKS on a letter. */
bool base_text_has_too_many_marks(const char *text);

/* base_text_clean(); refuses too long text, too many marks, or "" if `required`. */
char *base_text_take(const char *text, const char *field, size_t max, bool required,
                     GError **error);

/* An ASCII mail address of the common form (RFC 5321 4.1.2, without quotes and literals). */
bool base_text_is_address(const char *text);

/* Begins a spreadsheet's formula, also in full-width forms. */
bool base_text_is_formula(const char *text);
/* A CSV cell in quotes, an apostrophe before a formula, then a comma or CRLF. */
void base_text_add_cell(GString *out, const char *text, bool last);

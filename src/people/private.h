// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Internal.

#include "people/roster.h"

/* Bytes of a file as UTF-8. NULL: no text. */
char *people_decode(const uint8_t *bytes, size_t size, const char **out_encoding, GError **error);
/* What begins a spreadsheet's formula, also in full-width forms, may stand behind an apostrophe. */
const char *people_without_apostrophe(const char *field);
json_t *people_text_json(const char *text); // nullable `text`: null

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// JSON from outside: size and depth are capped, duplicate keys and bad UTF-8 are refused.
// Built on jansson, whose json_t and json_pack() the other modules use directly. Any thread.

#include <glib.h>
#include <jansson.h>
#include <stddef.h>

#define BASE_JSON_DEPTH 8

/* The object in `data`, or NULL with an error that says what is wrong and where, fit to be shown.
 * Full ownership. */
json_t *base_json_parse_object(const char *data, size_t size, GError **error);

/* One line without spaces; NUL-terminated. Full ownership, g_free(). */
char *base_json_text(const json_t *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

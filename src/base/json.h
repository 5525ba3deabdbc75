// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Untrusted JSON: limited, no duplicate keys. Any thread.

#include <glib.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Call first: without memory jansson then ends the program, as GLib does. */
void base_json_begin(void);

#define BASE_JSON_DEPTH 8

/* Presentable errors. */
json_t *base_json_parse_object(const char *data, size_t size, GError **error);

/* One line. */
char *base_json_text(const json_t *json);
/* Of NULL, or of bad UTF-8: "". */
json_t *base_json_string(const char *text);
/* RFC 3339; 0: null. */
json_t *base_json_time(int64_t wall_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

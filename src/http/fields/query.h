// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Parameters that lists have in common. Pure. False: sets `error`, INVALID, with the
// parameter as its field.

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define HTTP_QUERY_CHARACTERS 200
#define HTTP_QUERY_PAGE 50
#define HTTP_QUERY_MOST 200 // of a page

/* Names and values. `text` is nullable. */
GHashTable *http_query_new(const char *text);
/* "q" as BaseFoldWord; absent: none. Full ownership. */
bool http_query_words(GHashTable *query, GArray **out, GError **error);
/* Absent: NULL. Full ownership. */
bool http_query_id(GHashTable *query, const char *field, size_t max, char **out, GError **error);
/* "limit", 1 to HTTP_QUERY_MOST; absent: `otherwise`. */
bool http_query_limit(GHashTable *query, unsigned otherwise, unsigned *out, GError **error);
/* RFC 3339, in microseconds of the wall clock; absent: `*out` stays. */
bool http_query_time(GHashTable *query, const char *field, int64_t *out, GError **error);
/* Returns false. */
bool http_query_refuse(const char *field, const char *allowed, GError **error);

// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the parameters that lists have in common.
#include "http/fields/query.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/fold.h"
#include "base/id.h"

#include <errno.h>
#include <libsoup/soup.h>

GHashTable *http_query_new(const char *text)
{
    return text != NULL ? soup_form_decode(text) : g_hash_table_new(g_str_hash, g_str_equal);
}

bool http_query_refuse(const char *field, const char *allowed, GError **error)
{
    return base_refuse(error, BASE_CODE_BAD_VALUE, field, json_pack("{s:s}", "allowed", allowed),
                       "%s is %s.", field, allowed);
}

bool http_query_words(GHashTable *query, GArray **out, GError **error)
{
    const char *text = g_hash_table_lookup(query, "q");
    if (text != NULL && !g_utf8_validate(text, -1, NULL)) {
        return http_query_refuse("q", "UTF-8", error);
    }
    if (text != NULL && g_utf8_strlen(text, -1) > HTTP_QUERY_CHARACTERS) {
        return base_refuse(error, BASE_CODE_TOO_LONG, "q",
                           json_pack("{s:i}", "max", HTTP_QUERY_CHARACTERS),
                           "q is longer than %d characters.", HTTP_QUERY_CHARACTERS);
    }
    *out = base_fold_words(text != NULL ? text : "");
    return true;
}

bool http_query_id(GHashTable *query, const char *field, size_t max, char **out, GError **error)
{
    const char *id = g_hash_table_lookup(query, field);
    if (id != NULL && !base_id_valid(id, max)) {
        return http_query_refuse(field, "an id", error);
    }
    *out = g_strdup(id);
    return true;
}

bool http_query_limit(GHashTable *query, unsigned otherwise, unsigned *out, GError **error)
{
    const char *text = g_hash_table_lookup(query, "limit");
    guint64 limit = otherwise;
    if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 1, HTTP_QUERY_MOST, &limit, NULL)) {
        return base_refuse(error, BASE_CODE_OUT_OF_RANGE, "limit",
                           json_pack("{s:i, s:i}", "min", 1, "max", HTTP_QUERY_MOST),
                           "limit is a whole number from 1 to %d.", HTTP_QUERY_MOST);
    }
    *out = (unsigned)limit;
    return true;
}

bool http_query_time(GHashTable *query, const char *field, int64_t *out, GError **error)
{
    const char *text = g_hash_table_lookup(query, field);
    if (text != NULL && base_time_parse(text, out) != 0) {
        return base_refuse(error, BASE_CODE_BAD_TIME, field, NULL,
                           "%s is a time as 2030-01-15T09:00:00Z.", field);
    }
    return true;
}

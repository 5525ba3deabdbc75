// SPDX-License-Identifier: GPL-3.0-or-later
// Parses untrusted JSON; writes JSON.
#include "base/json.h"

#include "base/clock.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdlib.h>

void base_json_begin(void)
{
    json_set_alloc_funcs(g_malloc, g_free);
}

/* jansson would recurse 2048 levels. */
static bool too_deep(const char *data, size_t size)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < size; i++) {
        char c = data[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > BASE_JSON_DEPTH) {
                return true;
            }
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

json_t *base_json_parse_object(const char *data, size_t size, GError **error)
{
    if (too_deep(data, size)) {
        base_refuse(error, BASE_CODE_BAD_JSON, NULL, NULL, "JSON is nested deeper than %d levels",
                    BASE_JSON_DEPTH);
        return NULL;
    }
    json_error_t where;
    json_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES, &where);
    if (json == NULL) {
        base_refuse(error, BASE_CODE_BAD_JSON, NULL, NULL, "not valid JSON at line %d column %d",
                    where.line, where.column);
        return NULL;
    }
    if (!json_is_object(json)) {
        base_refuse(error, BASE_CODE_BAD_JSON, NULL, NULL, "a JSON object is expected");
        json_decref(json);
        return NULL;
    }
    return json;
}

char *base_json_text(const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    g_assert(text != NULL);
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

json_t *base_json_string(const char *text)
{
    json_t *json = json_string(text != NULL ? text : "");
    return json != NULL ? json : json_string("");
}

json_t *base_json_time(int64_t wall_us)
{
    g_autofree char *text = wall_us != 0 ? base_time_format(wall_us) : NULL;
    return text != NULL ? json_string(text) : json_null();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Field checks.
#include "base/text.h"
#include "session/private.h"

#include <inttypes.h>

bool session_bad_value(GError **error, const char *field, const char *allowed)
{
    return base_refuse(error, BASE_CODE_BAD_VALUE, field, json_pack("{s:s}", "allowed", allowed),
                       "%s must be %s", field, allowed);
}

bool session_required(GError **error, const char *field, const char *why)
{
    return base_refuse(error, BASE_CODE_REQUIRED, field, NULL, "%s %s", field, why);
}

bool session_out_of_range(GError **error, const char *field, int64_t min, int64_t max)
{
    json_t *params = json_pack("{s:I, s:I}", "min", (json_int_t)min, "max", (json_int_t)max);
    return base_refuse(error, BASE_CODE_OUT_OF_RANGE, field, params,
                       "%s must be a whole number from %" PRId64 " to %" PRId64, field, min, max);
}

char *session_take_text(const json_t *json, const char *field, size_t max, GError **error)
{
    if (json == NULL || json_is_null(json)) {
        return g_strdup("");
    }
    if (!json_is_string(json)) {
        session_bad_value(error, field, "a text");
        return NULL;
    }
    return base_text_take(json_string_value(json), field, max, false, error);
}

bool session_only_known(const json_t *object, const char *const *known, const char *inside,
                        GError **error)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)object, key, value) {
        if (!g_strv_contains(known, key)) {
            g_autofree char *list = g_strjoinv(", ", (char **)known);
            g_autofree char *shown = g_utf8_substring(key, 0, MIN(g_utf8_strlen(key, -1), 40));
            g_autofree char *field = g_strconcat(inside, shown, NULL);
            return base_refuse(error, BASE_CODE_UNKNOWN_FIELD, field,
                               json_pack("{s:s}", "allowed", list), "%s cannot be set; allowed: %s",
                               field, list);
        }
    }
    return true;
}

void session_text_clear(SessionText *text)
{
    g_clear_pointer(&text->ar, g_free);
    g_clear_pointer(&text->en, g_free);
}

bool session_take_bilingual(const json_t *json, const char *field, size_t max, bool required,
                            SessionText *out, GError **error)
{
    static const char *const known[] = {"ar", "en", NULL};
    bool absent = json == NULL || json_is_null(json);
    if (!absent && !json_is_object(json)) {
        return session_bad_value(error, field, "{\"ar\": TEXT, \"en\": TEXT}");
    }
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *ar = g_strconcat(inside, "ar", NULL);
    g_autofree char *en = g_strconcat(inside, "en", NULL);
    g_auto(SessionText) text = {0};
    if (!absent && !session_only_known(json, known, inside, error)) {
        return false;
    }
    text.ar = session_take_text(json_object_get(json, "ar"), ar, max, error);
    if (text.ar == NULL) {
        return false;
    }
    text.en = session_take_text(json_object_get(json, "en"), en, max, error);
    if (text.en == NULL) {
        return false;
    }
    if (required && text.ar[0] == '\0' && text.en[0] == '\0') {
        return session_required(error, field, "needs a text in ar or en");
    }
    *out = text;
    text = (SessionText){0};
    return true;
}

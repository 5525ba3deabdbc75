// SPDX-License-Identifier: GPL-3.0-or-later
// Field checks.
#include "base/text.h"
#include "session/private.h"

#include <inttypes.h>

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

typedef char *(*Clean)(const char *text, const char *field, size_t max, GError **error);

static char *clean_line(const char *text, const char *field, size_t max, GError **error)
{
    return base_text_take(text, field, max, false, error);
}

/* Lines, without empty ones. */
static char *clean_paragraphs(const char *text, const char *field, size_t max, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        g_autofree char *clean = base_text_take(*line, field, max, false, error);
        if (clean == NULL) {
            return NULL;
        }
        g_string_append_printf(out, "%s%s", out->len > 0 && clean[0] != '\0' ? "\n" : "", clean);
    }
    if ((size_t)g_utf8_strlen(out->str, -1) > max) {
        base_refuse(error, BASE_CODE_TOO_LONG, field, json_pack("{s:I}", "max", (json_int_t)max),
                    "%s is longer than %zu characters", field, max);
        return NULL;
    }
    return g_strdup(out->str);
}

static char *take_cleaned(const json_t *json, const char *field, size_t max, Clean clean,
                          GError **error)
{
    if (json == NULL || json_is_null(json)) {
        return g_strdup("");
    }
    if (!json_is_string(json)) {
        base_refuse_value(error, field, "a text");
        return NULL;
    }
    return clean(json_string_value(json), field, max, error);
}

char *session_take_text(const json_t *json, const char *field, size_t max, GError **error)
{
    return take_cleaned(json, field, max, clean_line, error);
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

static bool take_both(const json_t *json, const char *field, size_t max, Clean clean,
                      SessionText *out, GError **error)
{
    static const char *const known[] = {"ar", "en", NULL};
    bool absent = json == NULL || json_is_null(json);
    if (!absent && !json_is_object(json)) {
        return base_refuse_value(error, field, "{\"ar\": TEXT, \"en\": TEXT}");
    }
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *ar = g_strconcat(inside, "ar", NULL);
    g_autofree char *en = g_strconcat(inside, "en", NULL);
    g_auto(SessionText) text = {0};
    if (!absent && !session_only_known(json, known, inside, error)) {
        return false;
    }
    text.ar = take_cleaned(json_object_get(json, "ar"), ar, max, clean, error);
    if (text.ar == NULL) {
        return false;
    }
    text.en = take_cleaned(json_object_get(json, "en"), en, max, clean, error);
    if (text.en == NULL) {
        return false;
    }
    *out = text;
    text = (SessionText){0};
    return true;
}

bool session_take_bilingual(const json_t *json, const char *field, size_t max, bool required,
                            SessionText *out, GError **error)
{
    g_auto(SessionText) text = {0};
    if (!take_both(json, field, max, clean_line, &text, error)) {
        return false;
    }
    if (required && text.ar[0] == '\0' && text.en[0] == '\0') {
        return session_required(error, field, "needs a text in ar or en");
    }
    *out = text;
    text = (SessionText){0};
    return true;
}

bool session_take_paragraphs(const json_t *json, const char *field, size_t max, SessionText *out,
                             GError **error)
{
    return take_both(json, field, max, clean_paragraphs, out, error);
}

bool session_take_minutes(const json_t *json, const char *field, int *out, GError **error)
{
    json_int_t minutes = json_integer_value(json);
    if (!json_is_integer(json) || minutes < 1 || minutes > SESSION_MAX_MINUTES) {
        return session_out_of_range(error, field, 1, SESSION_MAX_MINUTES);
    }
    *out = (int)minutes;
    return true;
}

bool session_take_access(const json_t *json, char **out, GError **error)
{
    const char *access = json_string_value(json);
    if (g_strcmp0(access, "open") != 0 && g_strcmp0(access, "invited") != 0) {
        return base_refuse_value(error, "access", "open, invited");
    }
    g_free(*out);
    *out = g_strdup(access);
    return true;
}

bool session_take_bool(const json_t *json, const char *field, bool *out, GError **error)
{
    if (!json_is_boolean(json)) {
        return base_refuse_value(error, field, "true or false");
    }
    *out = json_is_true(json);
    return true;
}

bool session_take_retention(const json_t *json, int *out, GError **error)
{
    json_int_t days = json_integer_value(json);
    if (!json_is_null(json) &&
        (!json_is_integer(json) || days < 1 || days > SESSION_MAX_RETENTION)) {
        return session_out_of_range(error, "retention_days", 1, SESSION_MAX_RETENTION);
    }
    *out = (int)days;
    return true;
}

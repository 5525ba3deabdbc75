// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/private.h"

bool session_invalid(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, BASE_ERROR, BASE_ERROR_INVALID, text);
    return false;
}

/* One line of text without what changes how the text around it is read: control characters, and the
 * marks that override or isolate direction and might be left open. */
static bool is_clean(const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        if (g_unichar_iscntrl(c) || turns || c == 0x2028 || c == 0x2029) {
            return false;
        }
    }
    return true;
}

char *session_take_text(const json_t *json, const char *field, size_t max, GError **error)
{
    if (json == NULL || json_is_null(json)) {
        return g_strdup("");
    }
    if (!json_is_string(json)) {
        session_invalid(error, "%s must be a text", field);
        return NULL;
    }
    g_autofree char *text = g_strstrip(g_strdup(json_string_value(json)));
    if ((size_t)g_utf8_strlen(text, -1) > max) {
        session_invalid(error, "%s is longer than %zu characters", field, max);
        return NULL;
    }
    if (!is_clean(text)) {
        session_invalid(error, "%s must be one line without control characters", field);
        return NULL;
    }
    return g_steal_pointer(&text);
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
            return session_invalid(error, "%s%s cannot be set; allowed: %s", inside, shown, list);
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
        return session_invalid(error, "%s must be {\"ar\": TEXT, \"en\": TEXT}", field);
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
        return session_invalid(error, "%s needs a text in ar or en", field);
    }
    *out = text;
    text = (SessionText){0};
    return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a request may write into a session.
#include "base/clock.h"
#include "base/id.h"
#include "session/session.h"

#include <string.h>

#define YEAR_10000_US INT64_C(253402300800000000)

static bool invalid(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Always false. */
static bool invalid(GError **error, const char *format, ...)
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

/* `json` is a text of at most `max` characters, or missing or null, which is "". Blanks around it
 * go. Full ownership; NULL: invalid. */
static char *take_text(const json_t *json, const char *field, size_t max, GError **error)
{
    if (json == NULL || json_is_null(json)) {
        return g_strdup("");
    }
    if (!json_is_string(json)) {
        invalid(error, "%s must be a text", field);
        return NULL;
    }
    g_autofree char *text = g_strstrip(g_strdup(json_string_value(json)));
    if ((size_t)g_utf8_strlen(text, -1) > max) {
        invalid(error, "%s is longer than %zu characters", field, max);
        return NULL;
    }
    if (!is_clean(text)) {
        invalid(error, "%s must be one line without control characters", field);
        return NULL;
    }
    return g_steal_pointer(&text);
}

/* Refuses what is not among `known`, so that a misspelt field is not quietly lost. */
static bool only_known(const json_t *object, const char *const *known, const char *inside,
                       GError **error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        if (!g_strv_contains(known, key)) {
            g_autofree char *list = g_strjoinv(", ", (char **)known);
            g_autofree char *shown = g_utf8_substring(key, 0, MIN(g_utf8_strlen(key, -1), 40));
            return invalid(error, "%s%s cannot be set; allowed: %s", inside, shown, list);
        }
    }
    return true;
}

typedef struct {
    char *ar, *en;
} Bilingual;

static void bilingual_clear(Bilingual *text)
{
    g_free(text->ar);
    g_free(text->en);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bilingual, bilingual_clear)

/* {"ar", "en"}; where `required`, one of them at least. */
static bool take_bilingual(const json_t *json, const char *field, size_t max, bool required,
                           Bilingual *out, GError **error)
{
    static const char *const known[] = {"ar", "en", NULL};
    bool absent = json == NULL || json_is_null(json);
    if (!absent && !json_is_object(json)) {
        return invalid(error, "%s must be {\"ar\": TEXT, \"en\": TEXT}", field);
    }
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *ar = g_strconcat(inside, "ar", NULL);
    g_autofree char *en = g_strconcat(inside, "en", NULL);
    g_auto(Bilingual) text = {0};
    if (!absent && !only_known(json, known, inside, error)) {
        return false;
    }
    text.ar = take_text(json_object_get(json, "ar"), ar, max, error);
    if (text.ar == NULL) {
        return false;
    }
    text.en = take_text(json_object_get(json, "en"), en, max, error);
    if (text.en == NULL) {
        return false;
    }
    if (required && text.ar[0] == '\0' && text.en[0] == '\0') {
        return invalid(error, "%s needs a text in ar or en", field);
    }
    *out = text;
    text = (Bilingual){0};
    return true;
}

static void swap_text(char **place, char *text)
{
    g_free(*place);
    *place = text;
}

static bool take_title(StoreSession *row, const json_t *json, GError **error)
{
    Bilingual title;
    if (!take_bilingual(json, "title", SESSION_MAX_TITLE, true, &title, error)) {
        return false;
    }
    swap_text(&row->title_ar, title.ar);
    swap_text(&row->title_en, title.en);
    return true;
}

static bool take_series(StoreSession *row, const json_t *json, GError **error)
{
    char *series = take_text(json, "series", SESSION_MAX_SERIES, error);
    if (series != NULL) {
        swap_text(&row->series, series);
    }
    return series != NULL;
}

/* {"name": {…}, "role": {…}} in full, or NULL. */
static json_t *take_speaker(const json_t *json, size_t index, GError **error)
{
    static const char *const known[] = {"name", "role", NULL};
    g_autofree char *field = g_strdup_printf("speakers[%zu]", index);
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *name_field = g_strconcat(inside, "name", NULL);
    g_autofree char *role_field = g_strconcat(inside, "role", NULL);
    if (!json_is_object(json)) {
        invalid(error, "%s must be {\"name\": {\"ar\", \"en\"}, \"role\": {\"ar\", \"en\"}}",
                field);
        return NULL;
    }
    g_auto(Bilingual) name = {0}, role = {0};
    if (!only_known(json, known, inside, error) ||
        !take_bilingual(json_object_get(json, "name"), name_field, SESSION_MAX_NAME, true, &name,
                        error) ||
        !take_bilingual(json_object_get(json, "role"), role_field, SESSION_MAX_NAME, false, &role,
                        error)) {
        return NULL;
    }
    return json_pack("{s: {s: s, s: s}, s: {s: s, s: s}}", "name", "ar", name.ar, "en", name.en,
                     "role", "ar", role.ar, "en", role.en);
}

static bool take_speakers(StoreSession *row, const json_t *json, GError **error)
{
    if (!json_is_array(json)) {
        return invalid(error, "speakers must be a list");
    }
    if (json_array_size(json) > SESSION_MAX_SPEAKERS) {
        return invalid(error, "speakers has more than %d entries", SESSION_MAX_SPEAKERS);
    }
    g_autoptr(json_t) speakers = json_array();
    for (size_t i = 0; i < json_array_size(json); i++) {
        json_t *speaker = take_speaker(json_array_get(json, i), i, error);
        if (speaker == NULL) {
            return false;
        }
        json_array_append_new(speakers, speaker);
    }
    swap_text(&row->speakers, base_json_text(speakers));
    return true;
}

static bool take_starts(StoreSession *row, const json_t *json, GError **error)
{
    int64_t starts_us;
    const char *text = json_string_value(json);
    bool good = text != NULL && base_time_parse(text, &starts_us) == 0 && starts_us > 0 &&
                starts_us < YEAR_10000_US;
    if (!good) {
        return invalid(error, "starts_at must be an RFC 3339 time, as 2026-11-23T13:00:00+04:00");
    }
    if (starts_us != row->starts_us && g_strcmp0(row->state, "scheduled") != 0) {
        g_set_error(error, BASE_ERROR, BASE_ERROR_CONFLICT,
                    "starts_at cannot be changed: the session is no longer scheduled");
        return false;
    }
    row->starts_us = starts_us;
    return true;
}

static bool take_duration(StoreSession *row, const json_t *json, GError **error)
{
    json_int_t minutes = json_integer_value(json);
    if (!json_is_integer(json) || minutes < 1 || minutes > SESSION_MAX_MINUTES) {
        return invalid(error, "duration_minutes must be a whole number from 1 to %d",
                       SESSION_MAX_MINUTES);
    }
    row->duration_minutes = (int)minutes;
    return true;
}

static bool take_access(StoreSession *row, const json_t *json, GError **error)
{
    const char *access = json_string_value(json);
    if (g_strcmp0(access, "open") != 0 && g_strcmp0(access, "invited") != 0) {
        return invalid(error, "access must be \"open\" or \"invited\"");
    }
    swap_text(&row->access, g_strdup(access));
    return true;
}

typedef struct {
    const char *name;
    bool (*take)(StoreSession *row, const json_t *json, GError **error);
} Field;

static const Field fields[] = {
    {"title", take_title},
    {"series", take_series},
    {"speakers", take_speakers},
    {"starts_at", take_starts},
    {"duration_minutes", take_duration},
    {"access", take_access},
};

static bool take_fields(StoreSession *row, const json_t *body, GError **error)
{
    static const char *const known[] = {
        "title", "series", "speakers", "starts_at", "duration_minutes", "access", NULL};
    G_STATIC_ASSERT(G_N_ELEMENTS(known) == G_N_ELEMENTS(fields) + 1);
    if (!json_is_object(body)) {
        return invalid(error, "a session must be a JSON object");
    }
    if (!only_known(body, known, "", error)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const json_t *json = json_object_get(body, fields[i].name);
        if (json != NULL && !fields[i].take(row, json, error)) {
            return false;
        }
    }
    return true;
}

bool session_check(StoreSession *row, const json_t *body, GError **error)
{
    g_autoptr(StoreSession) next = store_session_copy(row);
    if (!take_fields(next, body, error)) {
        return false;
    }
    StoreSession old = *row;
    *row = *next;
    *next = old; // freed with the copy
    return true;
}

StoreSession *session_new(const json_t *body, int64_t now_us, GError **error)
{
    g_autoptr(StoreSession) row = g_new0(StoreSession, 1);
    row->id = base_id_new(BASE_ID_LENGTH);
    row->series = g_strdup("");
    row->speakers = g_strdup("[]");
    row->access = g_strdup("invited");
    row->state = g_strdup(session_state_name(SESSION_SCHEDULED));
    row->duration_minutes = SESSION_DEFAULT_MINUTES;
    row->created_us = now_us;
    if (!take_fields(row, body, error)) {
        return NULL;
    }
    if (row->title_ar == NULL) {
        invalid(error, "title is missing");
        return NULL;
    }
    if (row->starts_us == 0) {
        invalid(error, "starts_at is missing");
        return NULL;
    }
    return g_steal_pointer(&row);
}

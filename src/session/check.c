// SPDX-License-Identifier: GPL-3.0-or-later
// Checks requests for sessions.
#include "base/clock.h"
#include "base/id.h"
#include "session/private.h"

#include <string.h>

#define YEAR_10000_US INT64_C(253402300800000000)

static void swap_text(char **place, char *text)
{
    g_free(*place);
    *place = text;
}

static bool take_title(StoreSession *row, const json_t *json, GError **error)
{
    SessionText title;
    if (!session_take_bilingual(json, "title", SESSION_MAX_TITLE, true, &title, error)) {
        return false;
    }
    swap_text(&row->title_ar, title.ar);
    swap_text(&row->title_en, title.en);
    return true;
}

static bool take_series(StoreSession *row, const json_t *json, GError **error)
{
    char *series = session_take_text(json, "series", SESSION_MAX_SERIES, error);
    if (series != NULL) {
        swap_text(&row->series, series);
    }
    return series != NULL;
}

/* {"name": {…}, "role": {…}} or NULL. */
static json_t *take_speaker(const json_t *json, size_t index, GError **error)
{
    static const char *const known[] = {"name", "role", NULL};
    g_autofree char *field = g_strdup_printf("speakers[%zu]", index);
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *name_field = g_strconcat(inside, "name", NULL);
    g_autofree char *role_field = g_strconcat(inside, "role", NULL);
    if (!json_is_object(json)) {
        session_bad_value(error, field, "{\"name\": {\"ar\", \"en\"}, \"role\": {\"ar\", \"en\"}}");
        return NULL;
    }
    g_auto(SessionText) name = {0}, role = {0};
    if (!session_only_known(json, known, inside, error) ||
        !session_take_bilingual(json_object_get(json, "name"), name_field, SESSION_MAX_NAME, true,
                                &name, error) ||
        !session_take_bilingual(json_object_get(json, "role"), role_field, SESSION_MAX_NAME, false,
                                &role, error)) {
        return NULL;
    }
    return json_pack("{s: {s: s, s: s}, s: {s: s, s: s}}", "name", "ar", name.ar, "en", name.en,
                     "role", "ar", role.ar, "en", role.en);
}

/* Full ownership; NULL: invalid. */
static json_t *take_list(const json_t *json, const char *field, size_t max,
                         json_t *(*take)(const json_t *json, size_t index, GError **error),
                         GError **error)
{
    if (!json_is_array(json)) {
        session_bad_value(error, field, "a list");
        return NULL;
    }
    if (json_array_size(json) > max) {
        base_refuse(error, BASE_CODE_TOO_MANY_ITEMS, field,
                    json_pack("{s:I}", "max", (json_int_t)max), "%s has more than %zu entries",
                    field, max);
        return NULL;
    }
    g_autoptr(json_t) list = json_array();
    for (size_t i = 0; i < json_array_size(json); i++) {
        json_t *entry = take(json_array_get(json, i), i, error);
        if (entry == NULL) {
            return NULL;
        }
        json_array_append_new(list, entry);
    }
    return g_steal_pointer(&list);
}

static bool take_speakers(StoreSession *row, const json_t *json, GError **error)
{
    json_t *speakers = take_list(json, "speakers", SESSION_MAX_SPEAKERS, take_speaker, error);
    if (speakers == NULL) {
        return false;
    }
    swap_text(&row->speakers, base_json_text(speakers));
    json_decref(speakers);
    return true;
}

/* {"title": {…}} or NULL. */
static json_t *take_point(const json_t *json, size_t index, GError **error)
{
    static const char *const known[] = {"title", NULL};
    g_autofree char *field = g_strdup_printf("agenda[%zu]", index);
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *title_field = g_strconcat(inside, "title", NULL);
    if (!json_is_object(json)) {
        session_bad_value(error, field, "{\"title\": {\"ar\", \"en\"}}");
        return NULL;
    }
    g_auto(SessionText) title = {0};
    if (!session_only_known(json, known, inside, error) ||
        !session_take_bilingual(json_object_get(json, "title"), title_field, SESSION_MAX_TITLE,
                                true, &title, error)) {
        return NULL;
    }
    return json_pack("{s: {s: s, s: s}}", "title", "ar", title.ar, "en", title.en);
}

static bool take_agenda(StoreSession *row, const json_t *json, GError **error)
{
    json_t *agenda = take_list(json, "agenda", SESSION_MAX_AGENDA, take_point, error);
    if (agenda == NULL) {
        return false;
    }
    swap_text(&row->agenda, base_json_text(agenda));
    json_decref(agenda);
    return true;
}

static bool take_starts(StoreSession *row, const json_t *json, GError **error)
{
    int64_t starts_us;
    const char *text = json_string_value(json);
    bool good = text != NULL && base_time_parse(text, &starts_us) == 0 && starts_us > 0 &&
                starts_us < YEAR_10000_US;
    if (!good) {
        return base_refuse(error, BASE_CODE_BAD_TIME, "starts_at", NULL,
                           "starts_at must be an RFC 3339 time like 2026-11-23T13:00:00+04:00");
    }
    if (starts_us != row->starts_us && row->state != SESSION_SCHEDULED) {
        return base_refuse(error, BASE_CODE_STARTED, "starts_at",
                           json_pack("{s:s}", "state", store_state_name(row->state)),
                           "starts_at cannot be changed: the session is no longer scheduled");
    }
    row->starts_us = starts_us;
    return true;
}

static bool take_duration(StoreSession *row, const json_t *json, GError **error)
{
    json_int_t minutes = json_integer_value(json);
    if (!json_is_integer(json) || minutes < 1 || minutes > SESSION_MAX_MINUTES) {
        return session_out_of_range(error, "duration_minutes", 1, SESSION_MAX_MINUTES);
    }
    row->duration_minutes = (int)minutes;
    return true;
}

static bool take_access(StoreSession *row, const json_t *json, GError **error)
{
    const char *access = json_string_value(json);
    if (g_strcmp0(access, "open") != 0 && g_strcmp0(access, "invited") != 0) {
        return session_bad_value(error, "access", "open, invited");
    }
    swap_text(&row->access, g_strdup(access));
    return true;
}

static bool take_show_names(StoreSession *row, const json_t *json, GError **error)
{
    if (!json_is_boolean(json)) {
        return session_bad_value(error, "show_names", "true or false");
    }
    row->show_names = json_is_true(json);
    return true;
}

typedef struct {
    const char *name;
    bool (*take)(StoreSession *row, const json_t *json, GError **error);
} Field;

static const Field fields[] = {
    {"title", take_title},   {"series", take_series},         {"speakers", take_speakers},
    {"agenda", take_agenda}, {"starts_at", take_starts},      {"duration_minutes", take_duration},
    {"access", take_access}, {"show_names", take_show_names},
};

static bool take_fields(StoreSession *row, const json_t *body, GError **error)
{
    static const char *const known[] = {"title",  "series",     "speakers",
                                        "agenda", "starts_at",  "duration_minutes",
                                        "access", "show_names", NULL};
    G_STATIC_ASSERT(G_N_ELEMENTS(known) == G_N_ELEMENTS(fields) + 1);
    if (!json_is_object(body)) {
        return session_bad_value(error, "session", "a JSON object");
    }
    if (!session_only_known(body, known, "", error)) {
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

static bool calendar_equal(const StoreSession *a, const StoreSession *b)
{
    return a->starts_us == b->starts_us && a->duration_minutes == b->duration_minutes &&
           g_strcmp0(a->title_ar, b->title_ar) == 0 && g_strcmp0(a->title_en, b->title_en) == 0 &&
           g_strcmp0(a->speakers, b->speakers) == 0 && g_strcmp0(a->agenda, b->agenda) == 0;
}

bool session_check(StoreSession *row, const json_t *body, GError **error)
{
    g_autoptr(StoreSession) next = store_session_copy(row);
    if (!take_fields(next, body, error)) {
        return false;
    }
    next->revision += !calendar_equal(row, next);
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
    row->agenda = g_strdup("[]");
    row->access = g_strdup("invited");
    row->state = SESSION_SCHEDULED;
    row->duration_minutes = SESSION_DEFAULT_MINUTES;
    row->created_us = now_us;
    if (!take_fields(row, body, error)) {
        return NULL;
    }
    if (row->title_ar == NULL) {
        session_required(error, "title", "is missing");
        return NULL;
    }
    if (row->starts_us == 0) {
        session_required(error, "starts_at", "is missing");
        return NULL;
    }
    return g_steal_pointer(&row);
}

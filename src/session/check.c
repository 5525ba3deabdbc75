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
    const char *id = json_string_value(json);
    if (!json_is_null(json) && (id == NULL || !base_id_valid(id, SESSION_MAX_ID))) {
        return base_refuse_value(error, "series", "the id of a series, or null");
    }
    swap_text(&row->series, g_strdup(id));
    return true;
}

static bool take_number(StoreSession *row, const json_t *json, GError **error)
{
    json_int_t number = json_integer_value(json);
    if (!json_is_null(json) &&
        (!json_is_integer(json) || number < 1 || number > SESSION_MAX_NUMBER)) {
        return session_out_of_range(error, "number", 1, SESSION_MAX_NUMBER);
    }
    row->number = (int)number;
    return true;
}

static bool take_list(char **place, json_t *list)
{
    if (list != NULL) {
        swap_text(place, base_json_text(list));
        json_decref(list);
    }
    return list != NULL;
}

static bool take_speakers(StoreSession *row, const json_t *json, GError **error)
{
    return take_list(&row->speakers, session_take_speakers(json, error));
}

static bool take_agenda(StoreSession *row, const json_t *json, GError **error)
{
    return take_list(&row->agenda, session_take_agenda(json, error));
}

static bool take_tags(StoreSession *row, const json_t *json, GError **error)
{
    return take_list(&row->tags, session_take_tags(json, error));
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
    return session_take_minutes(json, "duration_minutes", &row->duration_minutes, error);
}

static bool take_access(StoreSession *row, const json_t *json, GError **error)
{
    return session_take_access(json, &row->access, error);
}

static bool take_show_names(StoreSession *row, const json_t *json, GError **error)
{
    return session_take_bool(json, "show_names", &row->show_names, error);
}

static bool take_retention(StoreSession *row, const json_t *json, GError **error)
{
    return session_take_retention(json, &row->retention_days, error);
}

static bool take_source(StoreSession *row, const json_t *json, GError **error)
{
    const char *name = json_string_value(json), *text = NULL;
    if (name == NULL || !session_source_find(name, &text)) {
        return base_refuse_value(error, "source",
                                 "configured, speaker, screen, guest, screen_with_speaker, "
                                 "speaker_with_guest");
    }
    g_free(row->source);
    row->source = g_strdup(text);
    return true;
}

typedef struct {
    const char *name;
    bool (*take)(StoreSession *row, const json_t *json, GError **error);
} Field;

static const Field fields[] = {
    {"title", take_title},
    {"series", take_series},
    {"number", take_number},
    {"speakers", take_speakers},
    {"agenda", take_agenda},
    {"tags", take_tags},
    {"starts_at", take_starts},
    {"duration_minutes", take_duration},
    {"access", take_access},
    {"show_names", take_show_names},
    {"retention_days", take_retention},
    {"source", take_source},
};

/* A session that joins a series gets the next number, unless the request has one. */
static bool settle_number(StoreSession *row, const char *former, bool given, GError **error)
{
    if (row->series == NULL && given && row->number > 0) {
        return session_required(error, "series", "is missing: the number counts within a series");
    }
    if (row->series == NULL) {
        row->number = 0;
    } else if (!given && g_strcmp0(row->series, former) != 0) {
        row->number = STORE_NUMBER_NEXT;
    }
    return true;
}

static bool take_fields(StoreSession *row, const json_t *body, GError **error)
{
    const char *known[G_N_ELEMENTS(fields) + 1] = {NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        known[i] = fields[i].name;
    }
    if (!json_is_object(body)) {
        return base_refuse_value(error, "session", "a JSON object");
    }
    if (!session_only_known(body, known, "", error)) {
        return false;
    }
    g_autofree char *former = g_strdup(row->series);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const json_t *json = json_object_get(body, fields[i].name);
        if (json != NULL && !fields[i].take(row, json, error)) {
            return false;
        }
    }
    return settle_number(row, former, json_object_get(body, "number") != NULL, error);
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
    row->speakers = g_strdup("[]");
    row->agenda = g_strdup("[]");
    row->tags = g_strdup("[]");
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

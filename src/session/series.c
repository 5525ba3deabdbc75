// SPDX-License-Identifier: GPL-3.0-or-later
// Checks requests for series, writes them as JSON, gives their defaults to new sessions.
#include "base/clock.h"
#include "base/id.h"
#include "session/private.h"

static void swap_text(char **place, char **text)
{
    g_free(*place);
    *place = g_steal_pointer(text);
}

static bool take_name(StoreSeries *row, const json_t *json, GError **error)
{
    g_auto(SessionText) text = {0};
    if (!session_take_bilingual(json, "name", SESSION_MAX_NAME, true, &text, error)) {
        return false;
    }
    swap_text(&row->name_ar, &text.ar);
    swap_text(&row->name_en, &text.en);
    return true;
}

static bool take_description(StoreSeries *row, const json_t *json, GError **error)
{
    g_auto(SessionText) text = {0};
    if (!session_take_paragraphs(json, "description", SESSION_MAX_DESCRIPTION, &text, error)) {
        return false;
    }
    swap_text(&row->description_ar, &text.ar);
    swap_text(&row->description_en, &text.en);
    return true;
}

static bool take_agenda(StoreSeries *row, const json_t *json, GError **error)
{
    g_autoptr(json_t) list = session_take_agenda(json, error);
    g_autofree char *text = list != NULL ? base_json_text(list) : NULL;
    if (text != NULL) {
        swap_text(&row->agenda, &text);
    }
    return list != NULL;
}

static bool take_fields(StoreSeries *row, const json_t *body, GError **error)
{
    static const char *const known[] = {
        "name",           "description", "duration_minutes", "access",    "show_names", "agenda",
        "retention_days", "colour",      "languages",        "reminders", NULL};
    const json_t *name = json_object_get(body, "name");
    const json_t *description = json_object_get(body, "description");
    const json_t *minutes = json_object_get(body, "duration_minutes");
    const json_t *access = json_object_get(body, "access");
    const json_t *names = json_object_get(body, "show_names");
    const json_t *agenda = json_object_get(body, "agenda");
    const json_t *days = json_object_get(body, "retention_days");
    const json_t *colour = json_object_get(body, "colour");
    const json_t *languages = json_object_get(body, "languages");
    const json_t *reminders = json_object_get(body, "reminders");
    return session_only_known(body, known, "", error) &&
           (name == NULL || take_name(row, name, error)) &&
           (description == NULL || take_description(row, description, error)) &&
           (minutes == NULL ||
            session_take_minutes(minutes, "duration_minutes", &row->duration_minutes, error)) &&
           (access == NULL || session_take_access(access, &row->access, error)) &&
           (names == NULL || session_take_bool(names, "show_names", &row->show_names, error)) &&
           (agenda == NULL || take_agenda(row, agenda, error)) &&
           (days == NULL || session_take_retention(days, &row->retention_days, error)) &&
           (colour == NULL || session_take_colour(colour, &row->colour, error)) &&
           (languages == NULL || session_take_languages(languages, &row->languages, error)) &&
           (reminders == NULL || session_take_reminders(reminders, &row->reminders, error));
}

StoreSeries *session_series_new(const json_t *body, int64_t now_us, GError **error)
{
    g_autoptr(StoreSeries) row = g_new0(StoreSeries, 1);
    row->id = base_id_new(BASE_ID_LENGTH);
    row->description_ar = g_strdup("");
    row->description_en = g_strdup("");
    row->duration_minutes = SESSION_DEFAULT_MINUTES;
    row->access = g_strdup("invited");
    row->agenda = g_strdup("[]");
    row->colour = g_strdup("");
    row->languages = g_strdup("[\"ar\",\"en\"]");
    row->created_us = now_us;
    if (!take_fields(row, body, error)) {
        return NULL;
    }
    if (row->name_ar == NULL) {
        session_required(error, "name", "is missing");
        return NULL;
    }
    return g_steal_pointer(&row);
}

bool session_series_check(StoreSeries *row, const json_t *body, GError **error)
{
    g_autoptr(StoreSeries) next = store_series_copy(row);
    if (!take_fields(next, body, error)) {
        return false;
    }
    next->revision++;
    StoreSeries old = *row;
    *row = *next;
    *next = old; // freed with the copy
    return true;
}

json_t *session_series_json(const StoreSeries *row, bool all)
{
    json_t *json = json_pack(
        "{s:o, s:{s:o, s:o}, s:{s:o, s:o}, s:o, s:o}", "id", base_json_string(row->id), "name",
        "ar", base_json_string(row->name_ar), "en", base_json_string(row->name_en), "description",
        "ar", base_json_string(row->description_ar), "en", base_json_string(row->description_en),
        "colour", *row->colour != '\0' ? base_json_string(row->colour) : json_null(), "languages",
        session_list_json(row->languages));
    if (all) {
        g_autofree char *created = base_time_format(row->created_us);
        g_autofree char *version = g_strdup_printf("%d", row->revision);
        int days = row->retention_days;
        json_t *rest =
            json_pack("{s:i, s:o, s:b, s:o, s:o, s:o, s:s, s:s}", "duration_minutes",
                      row->duration_minutes, "access", base_json_string(row->access), "show_names",
                      (int)row->show_names, "agenda", session_list_json(row->agenda),
                      "retention_days", days > 0 ? json_integer(days) : json_null(), "reminders",
                      row->reminders != NULL ? session_list_json(row->reminders) : json_null(),
                      "created_at", created, "version", version);
        json_object_update(json, rest);
        json_decref(rest);
    }
    return json;
}

void session_fill_copy(json_t *body, const StoreSession *row)
{
    g_autoptr(json_t) copy = json_pack(
        "{s:{s:o, s:o}, s:o, s:o, s:o, s:i, s:o, s:b, s:s*}", "title", "ar",
        base_json_string(row->title_ar), "en", base_json_string(row->title_en), "speakers",
        session_list_json(row->speakers), "agenda", session_list_json(row->agenda), "tags",
        session_list_json(row->tags), "duration_minutes", row->duration_minutes, "access",
        base_json_string(row->access), "show_names", (int)row->show_names, "series", row->series);
    json_object_update_missing(body, copy);
}

void session_fill_defaults(json_t *body, const StoreSeries *row)
{
    g_autoptr(json_t) all = session_series_json(row, true);
    static const char *const given[] = {"duration_minutes", "access", "show_names", "agenda",
                                        "retention_days"};
    for (size_t i = 0; i < G_N_ELEMENTS(given); i++) {
        if (json_object_get(body, given[i]) == NULL) {
            json_object_set(body, given[i], json_object_get(all, given[i]));
        }
    }
}

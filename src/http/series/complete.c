// SPDX-License-Identifier: GPL-3.0-or-later
// Completes a session's series and speakers in requests and answers.
#include "http/resources.h"

#include <string.h>

static bool unknown(GError **error, const char *field, const char *what)
{
    return base_refuse(error, BASE_CODE_UNKNOWN_REFERENCE, field, NULL,
                       "%s names no %s that exists. Choose another one.", field, what);
}

/* Names and roles of known speakers. What is not well formed is left to session_check(). */
static bool fill_speakers(const Http *http, json_t *body, GError **error)
{
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get(body, "speakers"), i, entry) {
        const char *id = json_string_value(json_object_get(entry, "id"));
        const StoreSpeaker *speaker = series_speaker(http->services.series, id);
        if (id != NULL && speaker == NULL) {
            g_autofree char *field = g_strdup_printf("speakers[%zu].id", i);
            return unknown(error, field, "speaker");
        }
        if (speaker != NULL) {
            session_fill_speaker(entry, speaker);
        }
    }
    return true;
}

static bool fill_copy(const Http *http, json_t *body, GError **error)
{
    const json_t *from = json_object_get(body, "copy_of");
    const char *id = json_string_value(from);
    const StoreSession *row = id != NULL ? live_session(http->services.live, id) : NULL;
    if (from == NULL) {
        return true;
    }
    if (row == NULL) {
        return unknown(error, "copy_of", "session");
    }
    session_fill_copy(body, row);
    json_object_del(body, "copy_of");
    return true;
}

static bool fill_series(const Http *http, json_t *body, bool defaults, GError **error)
{
    const char *id = json_string_value(json_object_get(body, "series"));
    const StoreSeries *row = series_find(http->services.series, id);
    if (id != NULL && row == NULL) {
        return unknown(error, "series", "series");
    }
    if (row != NULL && defaults) {
        session_fill_defaults(body, row);
    }
    return true;
}

bool http_complete_session(const Http *http, json_t *body, bool create, GError **error)
{
    return fill_speakers(http, body, error) && (!create || fill_copy(http, body, error)) &&
           fill_series(http, body, create, error);
}

bool http_number_is_free(const Http *http, const StoreSession *row, GError **error)
{
    g_autoptr(GPtrArray) rows = live_sessions(http->services.live);
    for (guint i = 0; row->number > 0 && i < rows->len; i++) {
        const StoreSession *other = rows->pdata[i];
        if (other->number == row->number && g_strcmp0(other->series, row->series) == 0 &&
            strcmp(other->id, row->id) != 0) {
            return base_refuse(error, BASE_CODE_NUMBER_TAKEN, "number",
                               json_pack("{s:i}", "number", row->number),
                               "Another session of the series has the number %d.", row->number);
        }
    }
    return true;
}

void http_name_series(const Http *http, const StoreSession *row, json_t *json)
{
    const StoreSeries *series = series_find(http->services.series, row->series);
    if (series != NULL) {
        json_object_set_new(json, "series",
                            json_pack("{s:s, s:{s:s, s:s}}", "id", series->id, "name", "ar",
                                      series->name_ar, "en", series->name_en));
    }
    size_t i;
    json_t *entry;
    json_array_foreach (json_object_get(json, "speakers"), i, entry) {
        const char *id = json_string_value(json_object_get(entry, "id"));
        if (id != NULL && series_speaker(http->services.series, id) == NULL) {
            json_object_del(entry, "id"); // deleted since
        }
    }
}

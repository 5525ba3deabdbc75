// SPDX-License-Identifier: GPL-3.0-or-later
// Which series and speakers a person sees: staff all, others those of their sessions.
#include "base/clock.h"
#include "http/resources.h"

bool http_plays(const AuthIdentity *who, const StoreSession *row)
{
    AuthObject object = http_session_object(row);
    bool over = row->state == SESSION_ENDED || row->state == SESSION_PUBLISHED;
    return over && row->deleted_us == 0 && auth_may(who, AUTH_SEE_RECORDING, &object);
}

json_t *http_session_brief(const AuthIdentity *who, const StoreSession *row)
{
    g_autofree char *starts = base_time_format(row->starts_us);
    return json_pack("{s:o, s:{s:o, s:o}, s:o, s:s, s:s, s:b}", "id", base_json_string(row->id),
                     "title", "ar", base_json_string(row->title_ar), "en",
                     base_json_string(row->title_en), "number",
                     row->number > 0 ? json_integer(row->number) : json_null(), "starts_at", starts,
                     "state", store_state_name(row->state), "recording", (int)http_plays(who, row));
}

void http_add_of_session(const StoreSession *row, json_t *out)
{
    g_auto(GStrv) speakers = session_speaker_ids(row);
    if (row->series != NULL) {
        json_object_set_new(out, row->series, json_integer(1));
    }
    for (char **id = speakers; *id != NULL; id++) {
        json_object_set_new(out, *id, json_integer(1));
    }
}

bool http_is_of(const StoreSession *row, const char *id)
{
    g_auto(GStrv) speakers = session_speaker_ids(row);
    return g_strcmp0(row->series, id) == 0 || g_strv_contains((const char *const *)speakers, id);
}

json_t *http_seen(const Http *http, const AuthIdentity *who)
{
    if (auth_may(who, AUTH_EDIT_SESSION, NULL)) {
        return NULL;
    }
    g_autoptr(GPtrArray) rows = live_sessions(http->services.live);
    json_t *seen = json_object();
    for (guint i = 0; i < rows->len; i++) {
        AuthObject object = http_session_object(rows->pdata[i]);
        if (auth_may(who, AUTH_SEE_SESSION, &object)) {
            http_add_of_session(rows->pdata[i], seen);
        }
    }
    return seen;
}

json_t *http_sessions_of(const Http *http, const AuthIdentity *who, const char *id)
{
    g_autoptr(GPtrArray) rows = live_sessions(http->services.live);
    json_t *list = json_array();
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        AuthObject object = http_session_object(row);
        if (auth_may(who, AUTH_SEE_SESSION, &object) && http_is_of(row, id)) {
            json_array_append_new(list, http_session_brief(who, row));
        }
    }
    return list;
}

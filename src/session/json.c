// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"
#include "session/session.h"

#include <string.h>

static json_t *text_json(const char *text)
{
    json_t *json = json_string(text != NULL ? text : "");
    return json != NULL ? json : json_string(""); // not UTF-8: only in a damaged database
}

static json_t *time_json(int64_t wall_us)
{
    if (wall_us <= 0) {
        return json_null();
    }
    g_autofree char *text = base_time_format(wall_us);
    return json_string(text);
}

static json_t *list_json(const char *text)
{
    json_t *list = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!json_is_array(list)) {
        json_decref(list);
        list = json_array();
    }
    return list;
}

static json_t *path_json(const char *before, const char *id, const char *after)
{
    g_autofree char *path = g_strconcat(before, id, after, NULL);
    return text_json(path);
}

// clang-format off
/* Paths on the server the answer came from, so they hold whatever name it is reached by. */
static json_t *urls_json(const char *id)
{
    return json_pack("{s: o, s: o, s: o, s: o, s: s}",
                     "page", path_json("/ar/s/", id, ""),
                     "whep", path_json("/sessions/", id, "/whep"),
                     "hls", path_json("/sessions/", id, "/hls/main.m3u8"),
                     "recording", path_json("/recordings/", id, "/main.m3u8"),
                     "websocket", "/ws");
}

json_t *session_json(const StoreSession *row)
{
    json_t *json = json_pack(
        "{s: o, s: o, s: {s: o, s: o}, s: o, s: o, s: o, s: i, s: o, s: o, s: o, s: o, s: o, s: o}",
        "id", text_json(row->id),
        "series", text_json(row->series),
        "title", "ar", text_json(row->title_ar), "en", text_json(row->title_en),
        "speakers", list_json(row->speakers),
        "agenda", list_json(row->agenda),
        "starts_at", time_json(row->starts_us),
        "duration_minutes", row->duration_minutes,
        "access", text_json(row->access),
        "state", text_json(row->state),
        "urls", urls_json(row->id != NULL ? row->id : ""),
        "epoch", time_json(row->epoch_us),
        "live_at", time_json(row->live_us),
        "ended_at", time_json(row->ended_us));
    g_assert(json != NULL);
    return json;
}
// clang-format on

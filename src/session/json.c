// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a session as the API's JSON object.
#include "base/clock.h"
#include "session/session.h"

#include <string.h>

#define VERSION_CHARACTERS 20

static json_t *text_json(const char *text)
{
    json_t *json = json_string(text != NULL ? text : "");
    return json != NULL ? json : json_string(""); // NULL: bad UTF-8
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

char *session_version(const StoreSession *row)
{
    g_autofree char *numbers = g_strdup_printf("%" G_GINT64_FORMAT " %d %d", row->starts_us,
                                               (int)row->duration_minutes, (int)row->show_names);
    const char *const texts[] = {row->title_ar, row->title_en, row->series, row->speakers,
                                 row->agenda,   row->access,   numbers};
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *text = texts[i] != NULL ? texts[i] : "";
        g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text) + 1);
    }
    return g_strndup(g_checksum_get_string(sum), VERSION_CHARACTERS);
}

static json_t *version_json(const StoreSession *row)
{
    g_autofree char *version = session_version(row);
    return json_string(version);
}

// clang-format off
/* Relative, for any host. */
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
        "{s: o, s: o, s: {s: o, s: o}, s: o, s: o, s: o, s: i, s: o, s: b, s: o, s: o, s: o, s: o, "
        "s: o, s: o}",
        "id", text_json(row->id),
        "series", text_json(row->series),
        "title", "ar", text_json(row->title_ar), "en", text_json(row->title_en),
        "speakers", list_json(row->speakers),
        "agenda", list_json(row->agenda),
        "starts_at", time_json(row->starts_us),
        "duration_minutes", row->duration_minutes,
        "access", text_json(row->access),
        "show_names", row->show_names,
        "state", json_string(store_state_name(row->state)),
        "urls", urls_json(row->id != NULL ? row->id : ""),
        "epoch", time_json(row->epoch_us),
        "live_at", time_json(row->live_us),
        "ended_at", time_json(row->ended_us),
        "version", version_json(row));
    g_assert(json != NULL);
    return json;
}
// clang-format on

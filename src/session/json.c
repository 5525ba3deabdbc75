// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a session as the API's JSON object.
#include "base/clock.h"
#include "session/private.h"

#include <string.h>

#define VERSION_CHARACTERS 20

static json_t *time_json(int64_t wall_us)
{
    if (wall_us <= 0) {
        return json_null();
    }
    g_autofree char *text = base_time_format(wall_us);
    return json_string(text);
}

/* null before `wall_us`. */
static json_t *media_json(int64_t wall_us, int64_t media_us)
{
    return wall_us > 0 ? json_integer(media_us / BASE_US_PER_MS) : json_null();
}

json_t *session_list_json(const char *text)
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
    return base_json_string(path);
}

char *session_version(const StoreSession *row)
{
    g_autofree char *numbers =
        g_strdup_printf("%" G_GINT64_FORMAT " %d %d %d %d", row->starts_us, row->duration_minutes,
                        (int)row->show_names, row->number, row->retention_days);
    const char *const texts[] = {row->title_ar, row->title_en, row->series, row->speakers,
                                 row->agenda,   row->tags,     row->access, numbers};
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

static json_t *number_json(int number)
{
    return number > 0 ? json_integer(number) : json_null();
}

static const struct {
    const char *name, *text; // of the capture child
} sources[] = {
    {"configured", NULL},
    {"speaker", "whip:speaker"},
    {"screen", "whip:screen"},
    {"guest", "whip:guest"},
    {"screen_with_speaker", "scene:corner\nwhip:screen\nwhip:speaker"},
    {"speaker_with_guest", "scene:two\nwhip:speaker\nwhip:guest"},
};

bool session_source_find(const char *name, const char **out_text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        if (strcmp(sources[i].name, name) == 0) {
            *out_text = sources[i].text;
            return true;
        }
    }
    return false;
}

/* A demo's own is the configured one. */
static const char *source_of(const StoreSession *row)
{
    for (size_t i = 1; i < G_N_ELEMENTS(sources); i++) {
        if (g_strcmp0(sources[i].text, row->source) == 0) {
            return sources[i].name;
        }
    }
    return sources[0].name;
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
        "{s: o, s: o, s: o, s: {s: o, s: o}, s: o, s: o, s: o, s: o, s: i, s: o, s: b, s: o, s: s, "
        "s: o, s: o, s: o, s: o, s: o, s: o, s: o, s: o}",
        "id", base_json_string(row->id),
        "series", row->series != NULL ? base_json_string(row->series) : json_null(),
        "number", number_json(row->number),
        "title", "ar", base_json_string(row->title_ar), "en", base_json_string(row->title_en),
        "speakers", session_list_json(row->speakers),
        "agenda", session_list_json(row->agenda),
        "tags", session_list_json(row->tags),
        "starts_at", time_json(row->starts_us),
        "duration_minutes", row->duration_minutes,
        "access", base_json_string(row->access),
        "show_names", row->show_names,
        "retention_days", number_json(row->retention_days),
        "source", source_of(row),
        "state", json_string(store_state_name(row->state)),
        "urls", urls_json(row->id != NULL ? row->id : ""),
        "epoch", time_json(row->epoch_us),
        "live_at", time_json(row->live_us),
        "ended_at", time_json(row->ended_us),
        "live_ms", media_json(row->live_us, row->live_media_us),
        "ended_ms", media_json(row->ended_us, row->ended_media_us),
        "version", version_json(row));
    g_assert(json != NULL);
    return json;
}
// clang-format on

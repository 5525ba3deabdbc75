// SPDX-License-Identifier: GPL-3.0-or-later
// Checks the lists of a session: speakers, agenda, topics.
#include "base/id.h"
#include "session/private.h"

#include <string.h>

typedef json_t *(*TakeItem)(const json_t *json, const char *field, GError **error);

/* NULL: invalid. */
static json_t *take_list(const json_t *json, const char *field, size_t max, TakeItem take,
                         GError **error)
{
    if (!json_is_array(json)) {
        base_refuse_value(error, field, "a list");
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
        g_autofree char *at = g_strdup_printf("%s[%zu]", field, i);
        json_t *entry = take(json_array_get(json, i), at, error);
        if (entry == NULL) {
            return NULL;
        }
        json_array_append_new(list, entry);
    }
    return g_steal_pointer(&list);
}

/* Of a known speaker; absent or null: a name alone. */
static bool take_id(const json_t *json, const char *field, GError **error)
{
    const char *id = json_string_value(json);
    if (json == NULL || json_is_null(json) || (id != NULL && base_id_valid(id, SESSION_MAX_ID))) {
        return true;
    }
    return base_refuse_value(error, field, "the id of a speaker, or null");
}

static json_t *take_speaker(const json_t *json, const char *field, GError **error)
{
    static const char *const known[] = {"id", "name", "role", NULL};
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *id_field = g_strconcat(inside, "id", NULL);
    g_autofree char *name_field = g_strconcat(inside, "name", NULL);
    g_autofree char *role_field = g_strconcat(inside, "role", NULL);
    if (!json_is_object(json)) {
        base_refuse_value(error, field, "{\"name\": {\"ar\", \"en\"}, \"role\": {\"ar\", \"en\"}}");
        return NULL;
    }
    json_t *id = json_object_get(json, "id");
    g_auto(SessionText) name = {0}, role = {0};
    if (!session_only_known(json, known, inside, error) || !take_id(id, id_field, error) ||
        !session_take_bilingual(json_object_get(json, "name"), name_field, SESSION_MAX_NAME, true,
                                &name, error) ||
        !session_take_bilingual(json_object_get(json, "role"), role_field, SESSION_MAX_NAME, false,
                                &role, error)) {
        return NULL;
    }
    return json_pack("{s:s*, s: {s: s, s: s}, s: {s: s, s: s}}", "id", json_string_value(id),
                     "name", "ar", name.ar, "en", name.en, "role", "ar", role.ar, "en", role.en);
}

json_t *session_take_speakers(const json_t *json, GError **error)
{
    return take_list(json, "speakers", SESSION_MAX_SPEAKERS, take_speaker, error);
}

static json_t *take_point(const json_t *json, const char *field, GError **error)
{
    static const char *const known[] = {"title", "minutes", NULL};
    g_autofree char *inside = g_strconcat(field, ".", NULL);
    g_autofree char *title_field = g_strconcat(inside, "title", NULL);
    g_autofree char *minutes_field = g_strconcat(inside, "minutes", NULL);
    if (!json_is_object(json)) {
        base_refuse_value(error, field, "{\"title\": {\"ar\", \"en\"}, \"minutes\": NUMBER}");
        return NULL;
    }
    g_auto(SessionText) title = {0};
    const json_t *minutes = json_object_get(json, "minutes");
    int count = 0;
    if (!session_only_known(json, known, inside, error) ||
        !session_take_bilingual(json_object_get(json, "title"), title_field, SESSION_MAX_TITLE,
                                true, &title, error) ||
        (minutes != NULL && !json_is_null(minutes) &&
         !session_take_minutes(minutes, minutes_field, &count, error))) {
        return NULL;
    }
    json_t *point = json_pack("{s: {s: s, s: s}}", "title", "ar", title.ar, "en", title.en);
    if (count > 0) {
        json_object_set_new(point, "minutes", json_integer(count));
    }
    return point;
}

json_t *session_take_agenda(const json_t *json, GError **error)
{
    return take_list(json, "agenda", SESSION_MAX_AGENDA, take_point, error);
}

static json_t *take_tag(const json_t *json, const char *field, GError **error)
{
    g_autofree char *tag = session_take_text(json, field, SESSION_MAX_TAG, error);
    if (tag != NULL && tag[0] == '\0') {
        session_required(error, field, "is empty");
        return NULL;
    }
    return tag != NULL ? json_string(tag) : NULL;
}

static bool has_text(const json_t *list, const char *text)
{
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        if (strcmp(json_string_value(item), text) == 0) {
            return true;
        }
    }
    return false;
}

json_t *session_take_tags(const json_t *json, GError **error)
{
    g_autoptr(json_t) list = take_list(json, "tags", SESSION_MAX_TAGS, take_tag, error);
    json_t *once = list != NULL ? json_array() : NULL;
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        if (!has_text(once, json_string_value(item))) {
            json_array_append(once, item);
        }
    }
    return once;
}

char **session_speaker_ids(const StoreSession *row)
{
    g_autoptr(GStrvBuilder) ids = g_strv_builder_new();
    bool some = row->speakers != NULL && strstr(row->speakers, "\"id\"") != NULL;
    g_autoptr(json_t) list = some ? json_loads(row->speakers, 0, NULL) : NULL;
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        const char *id = json_string_value(json_object_get(item, "id"));
        if (id != NULL) {
            g_strv_builder_add(ids, id);
        }
    }
    return g_strv_builder_end(ids);
}

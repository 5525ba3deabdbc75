// SPDX-License-Identifier: GPL-3.0-or-later
// Checks requests for speakers, writes them as JSON.
#include "base/clock.h"
#include "base/id.h"
#include "session/private.h"

typedef struct {
    const char *name;
    size_t max;
    bool lines; // several
    size_t ar, en;
} Field;

#define FIELD(name, max, lines)                                                                    \
    {                                                                                              \
#name, max, lines, offsetof(StoreSpeaker, name##_ar), offsetof(StoreSpeaker, name##_en)    \
    }

/* The name is first, and required. */
static const Field fields[] = {
    FIELD(name, SESSION_MAX_NAME, false),
    FIELD(title, SESSION_MAX_NAME, false),
    FIELD(organisation, SESSION_MAX_NAME, false),
    FIELD(biography, SESSION_MAX_BIOGRAPHY, true),
};

static char **at(const StoreSpeaker *row, size_t offset)
{
    return (char **)((char *)row + offset);
}

static void swap_text(char **place, char **text)
{
    g_free(*place);
    *place = g_steal_pointer(text);
}

static bool take_field(StoreSpeaker *row, const Field *field, const json_t *json, GError **error)
{
    g_auto(SessionText) text = {0};
    bool good = field->lines ? session_take_paragraphs(json, field->name, field->max, &text, error)
                             : session_take_bilingual(json, field->name, field->max,
                                                      field == fields, &text, error);
    if (good) {
        swap_text(at(row, field->ar), &text.ar);
        swap_text(at(row, field->en), &text.en);
    }
    return good;
}

/* `fresh`: absent fields too. */
static bool take_fields(StoreSpeaker *row, const json_t *body, bool fresh, GError **error)
{
    static const char *const known[] = {"name", "title", "organisation", "biography", NULL};
    G_STATIC_ASSERT(G_N_ELEMENTS(known) == G_N_ELEMENTS(fields) + 1);
    if (!session_only_known(body, known, "", error)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const json_t *json = json_object_get(body, fields[i].name);
        if ((json != NULL || fresh) && !take_field(row, &fields[i], json, error)) {
            return false;
        }
    }
    return true;
}

StoreSpeaker *session_speaker_new(const json_t *body, int64_t now_us, GError **error)
{
    g_autoptr(StoreSpeaker) row = g_new0(StoreSpeaker, 1);
    row->id = base_id_new(BASE_ID_LENGTH);
    row->created_us = now_us;
    return take_fields(row, body, true, error) ? g_steal_pointer(&row) : NULL;
}

bool session_speaker_check(StoreSpeaker *row, const json_t *body, GError **error)
{
    g_autoptr(StoreSpeaker) next = store_speaker_copy(row);
    if (!take_fields(next, body, false, error)) {
        return false;
    }
    next->revision++;
    StoreSpeaker old = *row;
    *row = *next;
    *next = old; // freed with the copy
    return true;
}

static json_t *both_json(const char *ar, const char *en)
{
    return json_pack("{s:o, s:o}", "ar", base_json_string(ar), "en", base_json_string(en));
}

json_t *session_speaker_json(const StoreSpeaker *row)
{
    json_t *json = json_pack("{s:o}", "id", base_json_string(row->id));
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        json_object_set_new(json, fields[i].name,
                            both_json(*at(row, fields[i].ar), *at(row, fields[i].en)));
    }
    g_autofree char *version = g_strdup_printf("%d", row->revision);
    json_object_set_new(json, "version", json_string(version));
    return json;
}

void session_fill_speaker(json_t *entry, const StoreSpeaker *row)
{
    if (json_object_get(entry, "name") == NULL) {
        json_object_set_new(entry, "name", both_json(row->name_ar, row->name_en));
    }
    if (json_object_get(entry, "role") == NULL) {
        json_object_set_new(entry, "role", both_json(row->title_ar, row->title_en));
    }
}

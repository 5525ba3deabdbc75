// SPDX-License-Identifier: GPL-3.0-or-later
// Judges which sessions a list shows, and their order.
#include "base/fold.h"
#include "session/private.h"

#include <string.h>

static void add_text(GString *out, const json_t *text)
{
    if (json_is_string(text)) {
        g_string_append_printf(out, " %s", json_string_value(text));
    }
}

static void add_bilingual(GString *out, const json_t *text)
{
    add_text(out, json_object_get(text, "ar"));
    add_text(out, json_object_get(text, "en"));
}

/* Folded. */
static char *text_of(const StoreSession *row)
{
    g_autoptr(GString) text = g_string_new(row->title_ar);
    g_autoptr(json_t) speakers = session_list_json(row->speakers);
    g_autoptr(json_t) tags = session_list_json(row->tags);
    size_t i;
    json_t *item;
    g_string_append_printf(text, " %s", row->title_en != NULL ? row->title_en : "");
    json_array_foreach (tags, i, item) {
        add_text(text, item);
    }
    json_array_foreach (speakers, i, item) {
        add_bilingual(text, json_object_get(item, "name"));
    }
    return base_fold(text->str);
}

static bool has_words(const StoreSession *row, const GArray *words)
{
    if (words == NULL || words->len == 0) {
        return true;
    }
    g_autofree char *text = text_of(row);
    for (guint i = 0; i < words->len; i++) {
        if (strstr(text, g_array_index(words, BaseFoldWord, i).text) == NULL) {
            return false;
        }
    }
    return true;
}

static bool has_speaker(const StoreSession *row, const char *id)
{
    g_auto(GStrv) ids = id != NULL ? session_speaker_ids(row) : NULL;
    return id == NULL || g_strv_contains((const char *const *)ids, id);
}

bool session_is_found(const StoreSession *row, const SessionFind *find)
{
    return (find->states == 0 || (find->states >> row->state & 1) != 0) &&
           (find->from_us == 0 || row->starts_us >= find->from_us) &&
           (find->to_us == 0 || row->starts_us < find->to_us) &&
           (find->series == NULL || g_strcmp0(row->series, find->series) == 0) &&
           has_speaker(row, find->speaker) && has_words(row, find->words);
}

int session_compare(const StoreSession *one, int64_t starts_us, const char *id)
{
    if (one->starts_us != starts_us) {
        return one->starts_us < starts_us ? -1 : 1;
    }
    return strcmp(one->id, id);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Checks chapters, writes them as JSON.
#include "base/clock.h"
#include "base/id.h"
#include "session/private.h"

#include <string.h>

/* Catches wrong units. */
#define MAX_MEDIA_MS (INT64_C(7) * 24 * 3600 * 1000)

static bool take_title(StoreChapter *chapter, const json_t *json, GError **error)
{
    g_auto(SessionText) title = {0};
    if (!session_take_bilingual(json, "title", SESSION_MAX_TITLE, true, &title, error)) {
        return false;
    }
    g_free(chapter->title_ar);
    g_free(chapter->title_en);
    chapter->title_ar = g_steal_pointer(&title.ar);
    chapter->title_en = g_steal_pointer(&title.en);
    return true;
}

static bool take_moment(StoreChapter *chapter, const json_t *json, GError **error)
{
    json_int_t media_ms = json_integer_value(json);
    if (!json_is_integer(json) || media_ms < 0 || media_ms > MAX_MEDIA_MS) {
        return session_out_of_range(error, "media_ms", 0, MAX_MEDIA_MS);
    }
    chapter->media_us = media_ms * BASE_US_PER_MS;
    return true;
}

static bool take_fields(StoreChapter *chapter, const json_t *body, GError **error)
{
    static const char *const known[] = {"title", "media_ms", NULL};
    const json_t *title = json_object_get(body, "title");
    const json_t *moment = json_object_get(body, "media_ms");
    if (!json_is_object(body)) {
        return base_refuse_value(error, "chapter", "a JSON object");
    }
    return session_only_known(body, known, "", error) &&
           (title == NULL || take_title(chapter, title, error)) &&
           (moment == NULL || take_moment(chapter, moment, error));
}

StoreChapter *session_chapter_new(const StoreSession *row, const json_t *body, int64_t now_us,
                                  int64_t wall_us, GError **error)
{
    g_autoptr(StoreChapter) chapter = g_new0(StoreChapter, 1);
    chapter->id = base_id_new(BASE_ID_LENGTH);
    chapter->session = g_strdup(row->id);
    chapter->media_us = now_us;
    chapter->created_us = wall_us;
    if (!take_fields(chapter, body, error)) {
        return NULL;
    }
    if (chapter->title_ar == NULL) {
        session_required(error, "title", "is missing");
        return NULL;
    }
    if (chapter->media_us < 0) {
        base_refuse(error, BASE_CODE_NOT_ON, "media_ms", NULL,
                    "media_ms is missing: the session is not running, so there is no default");
        return NULL;
    }
    return g_steal_pointer(&chapter);
}

bool session_chapter_check(StoreChapter *chapter, const json_t *body, GError **error)
{
    g_autoptr(StoreChapter) next = store_chapter_copy(chapter);
    if (!take_fields(next, body, error)) {
        return false;
    }
    StoreChapter old = *chapter;
    *chapter = *next;
    *next = old; // freed with the copy
    return true;
}

json_t *session_chapter_json(const StoreChapter *chapter, bool question, int64_t at_us)
{
    return json_pack("{s:o, s:s, s:{s:o, s:o}, s:I, s:o}", "id", base_json_string(chapter->id),
                     "kind", question ? "question" : "agenda", "title", "ar",
                     base_json_string(chapter->title_ar), "en", base_json_string(chapter->title_en),
                     "media_ms", (json_int_t)(chapter->media_us / BASE_US_PER_MS), "at_ms",
                     at_us >= 0 ? json_integer(at_us / BASE_US_PER_MS) : json_null());
}

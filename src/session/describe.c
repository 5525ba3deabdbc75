// SPDX-License-Identifier: GPL-3.0-or-later
// A session in words, for calendars and podcasts.
#include "session/private.h"

#include <string.h>

/* Other language if missing; or "". */
static const char *pick(const json_t *text, const char *lang)
{
    const char *wanted = json_string_value(json_object_get(text, lang));
    const char *other =
        json_string_value(json_object_get(text, strcmp(lang, "ar") == 0 ? "en" : "ar"));
    return wanted != NULL && *wanted != '\0' ? wanted : other != NULL ? other : "";
}

/* A line per array item. */
static void describe(GString *out, const char *stored, const char *key, const char *bullet,
                     const char *lang)
{
    g_autoptr(json_t) list = stored != NULL ? json_loads(stored, 0, NULL) : NULL;
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        const char *text = pick(json_object_get(item, key), lang);
        const char *role = pick(json_object_get(item, "role"), lang);
        g_string_append_printf(out, "%s%s%s%s\n", bullet, text, *role != '\0' ? " - " : "", role);
    }
}

void session_describe(GString *out, const StoreSession *row, const char *lang)
{
    describe(out, row->speakers, "name", "", lang);
    describe(out, row->agenda, "title", "- ", lang);
}

char *session_title(const StoreSession *row, const char *lang)
{
    g_autoptr(json_t) title =
        json_pack("{s:s, s:s}", "ar", row->title_ar != NULL ? row->title_ar : "", "en",
                  row->title_en != NULL ? row->title_en : "");
    return g_strdup(pick(title, lang));
}

/* Of all rows, or NULL. */
static const char *series_of(const GPtrArray *rows)
{
    const StoreSession *first = rows->len > 0 ? rows->pdata[0] : NULL;
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        if (row->series == NULL || *row->series == '\0' ||
            strcmp(row->series, first->series) != 0) {
            return NULL;
        }
    }
    return first != NULL ? first->series : NULL;
}

char *session_feed_name(const GPtrArray *rows, const char *lang, bool recordings)
{
    bool arabic = strcmp(lang, "ar") == 0;
    const char *what = recordings ? (arabic ? "تسجيلات الجلسات" : "Session recordings")
                                  : (arabic ? "الجلسات" : "Sessions");
    const char *series = series_of(rows);
    return series != NULL ? g_strdup_printf("%s – %s", series, what) : g_strdup(what);
}

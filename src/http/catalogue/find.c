// SPDX-License-Identifier: GPL-3.0-or-later
// Narrows sessions down by a request's parameters, page by page. A cursor is start and id of a
// page's last row: it stays good when that row goes.
#include "http/catalogue/catalogue.h"

#include "base/id.h"
#include "http/fields/query.h"

#include <string.h>

static bool take_states(const char *text, const char *const *names, unsigned *out, GError **error)
{
    g_auto(GStrv) list = g_strsplit(text != NULL ? text : "", ",", -1);
    for (size_t i = 0; list[i] != NULL; i++) {
        unsigned bit = 0;
        while (names[bit] != NULL && strcmp(names[bit], list[i]) != 0) {
            bit++;
        }
        if (names[bit] == NULL) {
            g_autofree char *allowed = g_strjoinv(", ", (char **)names);
            return http_query_refuse("state", allowed, error);
        }
        *out |= 1U << bit;
    }
    return true;
}

/* "1894698000000000.s7k2m4x9qbvz" */
static bool take_cursor(HttpFind *find, const char *text, GError **error)
{
    g_auto(GStrv) parts = text != NULL ? g_strsplit(text, ".", 2) : NULL;
    gint64 us;
    if (text == NULL) {
        return true;
    }
    if (parts[0] == NULL || parts[1] == NULL ||
        !g_ascii_string_to_signed(parts[0], 10, INT64_MIN, INT64_MAX, &us, NULL) ||
        !base_id_valid(parts[1], SESSION_MAX_ID)) {
        return http_query_refuse("cursor", "`next` of the answer before", error);
    }
    find->after_us = us;
    find->after = g_strdup(parts[1]);
    return true;
}

static bool take_order(HttpFind *find, const char *text, GError **error)
{
    find->earliest = g_strcmp0(text, "earliest") == 0;
    return text == NULL || find->earliest || strcmp(text, "latest") == 0 ||
           http_query_refuse("order", "latest or earliest", error);
}

bool http_find_take(HttpFind *find, const char *query, const char *const *names, GError **error)
{
    g_autoptr(GHashTable) values = http_query_new(query);
    const char *cursor = g_hash_table_lookup(values, "cursor");
    if (!http_query_words(values, &find->words, error) ||
        !http_query_id(values, "series", SESSION_MAX_ID, &find->series, error) ||
        !http_query_id(values, "speaker", SESSION_MAX_ID, &find->speaker, error) ||
        !http_query_time(values, "from", &find->find.from_us, error) ||
        !http_query_time(values, "to", &find->find.to_us, error) ||
        !take_states(g_hash_table_lookup(values, "state"), names, &find->states, error) ||
        !take_order(find, g_hash_table_lookup(values, "order"), error) ||
        !take_cursor(find, cursor, error) ||
        !http_query_limit(values, cursor != NULL ? HTTP_QUERY_PAGE : HTTP_QUERY_MOST, &find->limit,
                          error)) {
        return false;
    }
    find->find.series = find->series;
    find->find.speaker = find->speaker;
    find->find.words = find->words;
    return true;
}

void http_find_clear(HttpFind *find)
{
    g_clear_pointer(&find->words, g_array_unref);
    g_clear_pointer(&find->series, g_free);
    g_clear_pointer(&find->speaker, g_free);
    g_clear_pointer(&find->after, g_free);
}

GPtrArray *http_find_all(const HttpRequest *request, const HttpFind *find, HttpFindJudge judge)
{
    g_autoptr(GPtrArray) rows = live_sessions(request->http->services.live);
    GPtrArray *found = g_ptr_array_new();
    for (guint i = 0; i < rows->len; i++) {
        StoreSession *row = rows->pdata[find->earliest ? rows->len - 1 - i : i];
        if (judge(request, row, find) && session_is_found(row, &find->find)) {
            g_ptr_array_add(found, row);
        }
    }
    return found;
}

static bool is_after(const StoreSession *row, const HttpFind *find)
{
    int order = find->after != NULL ? session_compare(row, find->after_us, find->after) : 0;
    return find->after == NULL || (find->earliest ? order > 0 : order < 0);
}

GPtrArray *http_find_page(const GPtrArray *all, const HttpFind *find, char **out_next)
{
    GPtrArray *page = g_ptr_array_new();
    *out_next = NULL;
    for (guint i = 0; i < all->len; i++) {
        StoreSession *row = all->pdata[i];
        if (!is_after(row, find)) {
            continue;
        }
        if (page->len == find->limit) {
            const StoreSession *last = page->pdata[page->len - 1];
            *out_next = g_strdup_printf("%" G_GINT64_FORMAT ".%s", last->starts_us, last->id);
            break;
        }
        g_ptr_array_add(page, row);
    }
    return page;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Indexes the words of rows that triggers noted in search_stale.
#include "base/fold.h"
#include "store/search/private.h"

#include <string.h>

#define FIRST_OF_OTHERS (INT64_C(1) << 40) // titles are ranked before questions

typedef struct {
    char *kind, *id;
} Stale;

static void *read_stale(StoreQuery *query)
{
    Stale *stale = g_new(Stale, 1);
    stale->kind = store_take_text(query);
    stale->id = store_take_text(query);
    return stale;
}

static void free_stale(void *data)
{
    Stale *stale = data;
    g_free(stale->kind);
    g_free(stale->id);
    g_free(stale);
}

static void *read_number(StoreQuery *query)
{
    int64_t *n = g_new(int64_t, 1);
    *n = store_take_int(query);
    return n;
}

static bool delete_row(StoreDb *db, int64_t n, GError **error)
{
    StoreQuery words = store_query(db, "DELETE FROM search_words WHERE rowid = ?");
    StoreQuery row = store_query(db, "DELETE FROM search_rows WHERE n = ?");
    store_put_int(&words, n);
    store_put_int(&row, n);
    return store_query_run(&words, NULL, error) && store_query_run(&row, NULL, error);
}

/* One by one: FTS5 writes all it holds before each statement that changes several rows. */
static bool forget(StoreDb *db, const char *id, GError **error)
{
    StoreQuery query = store_query(db, "SELECT n FROM search_rows WHERE id = ?");
    store_put_text(&query, id);
    g_autoptr(GPtrArray) list = store_query_list(&query, read_number, g_free, error);
    bool good = list != NULL;
    for (guint i = 0; good && i < list->len; i++) {
        good = delete_row(db, *(const int64_t *)list->pdata[i], error);
    }
    return good;
}

/* Each word, then its stems. */
static void add_words(GString *out, const char *text)
{
    g_autoptr(GArray) words = base_fold_words(text);
    for (guint i = 0; i < words->len; i++) {
        const char *word = g_array_index(words, BaseFoldWord, i).text;
        g_autoptr(GArray) stems = base_fold_stems(word);
        g_string_append(out, out->len > 0 ? " " : "");
        g_string_append(out, word);
        for (guint n = 0; n < stems->len; n++) {
            g_string_append_c(out, ' ');
            g_string_append(out, g_array_index(stems, BaseFoldStem, n).text);
        }
    }
}

static char *words_of(const GPtrArray *texts)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < texts->len; i++) {
        add_words(out, texts->pdata[i]);
    }
    return g_string_free(out, FALSE);
}

/* As qa_question_seen(). */
static StoreSees need_of(const SearchTexts *texts)
{
    static const char *const seen[] = {"approved", "on_air", "answered", NULL};
    if (texts->state == NULL) {
        return STORE_SEES_SESSION;
    }
    return g_strv_contains(seen, texts->state) ? STORE_SEES_PUBLIC : STORE_SEES_ALL;
}

static bool add_words_row(StoreDb *db, const SearchTexts *texts, GError **error)
{
    g_autofree char *title = words_of(texts->columns[SEARCH_TITLE]);
    g_autofree char *heading = words_of(texts->columns[SEARCH_HEADING]);
    g_autofree char *text = words_of(texts->columns[SEARCH_TEXT]);
    g_autofree char *asker = words_of(texts->columns[SEARCH_ASKER]);
    StoreQuery query = store_query(db, "INSERT INTO search_words (rowid, title, heading, text, "
                                       "asker) VALUES (last_insert_rowid(), ?, ?, ?, ?)");
    store_put_text(&query, title);
    store_put_text(&query, heading);
    store_put_text(&query, text);
    store_put_text(&query, asker);
    return store_query_run(&query, NULL, error);
}

static bool add_row(StoreDb *db, const char *kind, const char *id, int part,
                    const SearchTexts *texts, GError **error)
{
    StoreQuery query =
        store_query(db, "INSERT INTO search_rows (n, kind, id, part, session, need, person) "
                        "VALUES ((SELECT coalesce(max(n), ?1) + 1 FROM search_rows "
                        "WHERE n >= ?1 AND n < ?2), ?3, ?4, ?5, ?6, ?7, ?8)");
    int64_t first = texts->state != NULL ? 0 : FIRST_OF_OTHERS;
    store_put_int(&query, first);
    store_put_int(&query, first + FIRST_OF_OTHERS);
    store_put_text(&query, kind);
    store_put_text(&query, id);
    store_put_int(&query, part);
    store_put_text(&query, texts->session);
    store_put_int(&query, need_of(texts));
    store_put_text(&query, texts->person);
    return store_query_run(&query, NULL, error) && add_words_row(db, texts, error);
}

static bool add_agenda(StoreDb *db, const char *session, int parts, GError **error)
{
    for (int part = 0; part < parts; part++) {
        g_auto(SearchTexts) texts = {0};
        if (!search_texts_read(db, "agenda", session, part, &texts, error) ||
            !add_row(db, "agenda", session, part, &texts, error)) {
            return false;
        }
    }
    return true;
}

static bool refresh_one(StoreDb *db, const Stale *stale, GError **error)
{
    g_auto(SearchTexts) texts = {0};
    if (!forget(db, stale->id, error) ||
        !search_texts_read(db, stale->kind, stale->id, 0, &texts, error)) {
        return false;
    }
    if (texts.session != NULL && (!add_row(db, stale->kind, stale->id, 0, &texts, error) ||
                                  !add_agenda(db, stale->id, texts.parts, error))) {
        return false;
    }
    StoreQuery query = store_query(db, "DELETE FROM search_stale WHERE kind = ? AND id = ?");
    store_put_text(&query, stale->kind);
    store_put_text(&query, stale->id);
    return store_query_run(&query, NULL, error);
}

bool store_search_refresh(StoreDb *db, GError **error)
{
    StoreQuery query = store_query(db, "SELECT s.kind, s.id FROM search_stale s "
                                       "LEFT JOIN questions q ON q.id = s.id ORDER BY q.at_us");
    g_autoptr(GPtrArray) list = store_query_list(&query, read_stale, free_stale, error);
    bool good = list != NULL;
    for (guint i = 0; good && i < list->len; i++) {
        good = refresh_one(db, list->pdata[i], error);
    }
    return good;
}

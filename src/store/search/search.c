// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the moments that have all words of a query.
#include "store/search/search.h"

#include "base/fold.h"
#include "store/search/private.h"

#include <string.h>

#define LEAST_TO_PREFIX 2 // letters
#define MOST_RANKED 3000

/* A spelling of one word of the query. */
typedef struct {
    char *text;
    bool prefix; // words that begin with it count too
} Form;

static void clear_form(void *form)
{
    g_free(((Form *)form)->text);
}

static void add_form(GArray *forms, const char *text, bool prefix)
{
    bool long_enough = g_utf8_strlen(text, -1) >= LEAST_TO_PREFIX;
    Form form = {.text = g_strdup(text),
                 .prefix = prefix && long_enough && !base_fold_is_article(text)};
    g_array_append_val(forms, form);
}

static GArray *forms_of(const char *word, bool last)
{
    GArray *forms = g_array_new(FALSE, FALSE, sizeof(Form));
    g_array_set_clear_func(forms, clear_form);
    g_autoptr(GArray) stems = base_fold_stems(word);
    add_form(forms, word, last);
    for (guint i = 0; i < stems->len; i++) {
        const BaseFoldStem *stem = &g_array_index(stems, BaseFoldStem, i);
        add_form(forms, stem->text, last && stem->article);
    }
    return forms;
}

static void free_forms(void *forms)
{
    g_array_unref(forms);
}

/* A GArray of Form per word; the last may be unfinished. */
static GPtrArray *parse(const char *query)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(free_forms);
    g_autoptr(GArray) folded = base_fold_words(query);
    guint count = MIN(folded->len, STORE_SEARCH_WORDS);
    for (guint i = 0; i < count; i++) {
        const char *word = g_array_index(folded, BaseFoldWord, i).text;
        g_ptr_array_add(words, forms_of(word, i + 1 == count));
    }
    return words;
}

/* Forms have letters and digits only, no syntax of FTS5. */
static char *expression_of(const GPtrArray *words, bool askers)
{
    GString *out = g_string_new(askers ? "(" : "{title heading text} : (");
    for (guint i = 0; i < words->len; i++) {
        const GArray *forms = words->pdata[i];
        g_string_append(out, i > 0 ? " AND (" : "(");
        for (guint n = 0; n < forms->len; n++) {
            const Form *form = &g_array_index(forms, Form, n);
            g_string_append_printf(out, "%s\"%s\"%s", n > 0 ? " OR " : "", form->text,
                                   form->prefix ? " *" : "");
        }
        g_string_append_c(out, ')');
    }
    g_string_append_c(out, ')');
    return g_string_free(out, FALSE);
}

/* --- Hits ------------------------------------------------------------------------------------- */

static bool is_form(const char *word, const GArray *forms)
{
    for (guint i = 0; i < forms->len; i++) {
        const Form *form = &g_array_index(forms, Form, i);
        if (form->prefix ? g_str_has_prefix(word, form->text) : strcmp(word, form->text) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_hit(const char *word, const GArray *stems, const GArray *forms)
{
    bool hit = is_form(word, forms);
    for (guint i = 0; i < stems->len && !hit; i++) {
        hit = is_form(g_array_index(stems, BaseFoldStem, i).text, forms);
    }
    return hit;
}

static void add_range(GArray *ranges, unsigned from, unsigned to)
{
    StoreRange range = {.from = from, .to = to};
    g_array_append_val(ranges, range);
}

/* How many words of the query are in `text`. */
static unsigned find_ranges(const char *text, const GPtrArray *query, GArray *ranges)
{
    unsigned found = 0; // a bit each
    g_autoptr(GArray) words = base_fold_words(text);
    for (guint i = 0; i < words->len; i++) {
        const BaseFoldWord *word = &g_array_index(words, BaseFoldWord, i);
        g_autoptr(GArray) stems = base_fold_stems(word->text);
        unsigned hits = 0;
        for (guint n = 0; n < query->len; n++) {
            hits |= is_hit(word->text, stems, query->pdata[n]) ? 1u << n : 0;
        }
        found |= hits;
        if (hits != 0) {
            add_range(ranges, word->from, word->to);
        }
    }
    return (unsigned)__builtin_popcount(found);
}

/* The text with the most words of the query. */
static void choose_text(StoreHit *hit, const SearchTexts *texts, const GPtrArray *query)
{
    unsigned most = 0;
    for (int column = 0; column < SEARCH_ASKER; column++) {
        for (guint i = 0; i < texts->columns[column]->len; i++) {
            const char *text = texts->columns[column]->pdata[i];
            g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(StoreRange));
            unsigned found = find_ranges(text, query, ranges);
            if (hit->text == NULL || found > most) {
                most = found;
                g_free(hit->text);
                hit->text = g_strdup(text);
                g_clear_pointer(&hit->ranges, g_array_unref);
                hit->ranges = g_steal_pointer(&ranges);
            }
        }
    }
    if (hit->text == NULL) {
        hit->text = g_strdup("");
        hit->ranges = g_array_new(FALSE, FALSE, sizeof(StoreRange));
    }
}

void store_hit_free(StoreHit *hit)
{
    if (hit == NULL) {
        return;
    }
    g_free(hit->kind);
    g_free(hit->id);
    g_free(hit->session);
    g_free(hit->text);
    g_clear_pointer(&hit->ranges, g_array_unref);
    g_free(hit->state);
    g_free(hit->name);
    g_free(hit->entity);
    g_free(hit);
}

static void free_hit(void *hit)
{
    store_hit_free(hit);
}

static void *read_hit(StoreQuery *query)
{
    StoreHit *hit = g_new0(StoreHit, 1);
    hit->kind = store_take_text(query);
    hit->id = store_take_text(query);
    hit->part = (int)store_take_int(query);
    hit->session = store_take_text(query);
    return hit;
}

static bool complete(StoreDb *db, StoreHit *hit, const GPtrArray *query, GError **error)
{
    g_auto(SearchTexts) texts = {0};
    if (!search_texts_read(db, hit->kind, hit->id, hit->part, &texts, error)) {
        return false;
    }
    choose_text(hit, &texts, query);
    hit->state = g_steal_pointer(&texts.state);
    hit->name = g_steal_pointer(&texts.name);
    hit->entity = g_steal_pointer(&texts.entity);
    hit->anonymous = texts.anonymous;
    hit->media_us = texts.media_us;
    return true;
}

/* Rights come before order and limit. Ranks the newest if very many match. */
static GPtrArray *find(StoreDb *db, const char *expression, const StoreSearch *search,
                       GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT kind, id, part, session FROM ("
            "SELECT r.n, r.kind, r.id, r.part, r.session,"
            "  bm25(search_words, 10.0, 4.0, 1.0, 1.0) AS worth "
            "FROM search_words CROSS JOIN search_rows r ON r.n = search_words.rowid "
            "WHERE search_words MATCH ?1 AND (?2 IS NULL"
            "  OR (r.need = 1 AND r.session IN (SELECT key FROM json_each(?2) WHERE value >= 1))"
            "  OR ((r.need = 2 OR r.person = ?3)"
            "      AND r.session IN (SELECT key FROM json_each(?2) WHERE value >= 2))"
            "  OR r.session IN (SELECT key FROM json_each(?2) WHERE value >= 3)) "
            "AND (?4 IS NULL OR r.kind = ?4) "
            "ORDER BY search_words.rowid DESC LIMIT " G_STRINGIFY(
                MOST_RANKED) ") "
                             "ORDER BY worth, n DESC LIMIT ?5 OFFSET ?6");
    store_put_text(&query, expression);
    store_put_text(&query, search->sees);
    store_put_text(&query, search->person);
    store_put_text(&query, search->kind);
    store_put_int(&query, search->limit);
    store_put_int(&query, search->offset);
    return store_query_list(&query, read_hit, free_hit, error);
}

GPtrArray *store_search(StoreDb *db, const StoreSearch *search, GError **error)
{
    g_autoptr(GPtrArray) words = parse(search->query);
    if (words->len == 0) {
        return g_ptr_array_new_with_free_func(free_hit);
    }
    g_autofree char *expression = expression_of(words, search->askers);
    g_autoptr(GPtrArray) hits = find(db, expression, search, error);
    for (guint i = 0; hits != NULL && i < hits->len; i++) {
        if (!complete(db, hits->pdata[i], words, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&hits);
}

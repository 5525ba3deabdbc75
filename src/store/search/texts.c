// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the texts of sessions, agenda items, chapters, questions, slides, series, speakers.
#include "base/json.h"
#include "store/search/private.h"

#include <string.h>

static void add(SearchTexts *texts, int column, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        g_ptr_array_add(texts->columns[column], g_strdup(text));
    }
}

/* Takes `text` (nullable). */
static void take(SearchTexts *texts, int column, char *text)
{
    add(texts, column, text);
    g_free(text);
}

static const char *text_in(const json_t *object, const char *field, const char *lang)
{
    const char *text = json_string_value(json_object_get(json_object_get(object, field), lang));
    return text != NULL ? text : "";
}

static void add_speaker(SearchTexts *texts, const json_t *speaker, const char *lang,
                        const char *comma)
{
    const char *name = text_in(speaker, "name", lang), *role = text_in(speaker, "role", lang);
    bool both = name[0] != '\0' && role[0] != '\0';
    take(texts, SEARCH_TEXT, g_strconcat(name, both ? comma : "", role, NULL));
}

static void add_speakers(SearchTexts *texts, const char *json)
{
    g_autoptr(json_t) list = json_loads(json, 0, NULL);
    size_t i;
    json_t *speaker;
    json_array_foreach (list, i, speaker) {
        add_speaker(texts, speaker, "ar", "، ");
        add_speaker(texts, speaker, "en", ", ");
    }
}

static void add_tags(SearchTexts *texts, const char *json)
{
    g_autoptr(json_t) list = json_loads(json, 0, NULL);
    size_t i;
    json_t *tag;
    json_array_foreach (list, i, tag) {
        add(texts, SEARCH_TEXT, json_string_value(tag));
    }
}

static void add_agenda(SearchTexts *texts, const char *json, int part)
{
    g_autoptr(json_t) list = json_loads(json, 0, NULL);
    const json_t *item = part >= 0 ? json_array_get(list, (size_t)part) : NULL;
    texts->parts = (int)json_array_size(list);
    add(texts, SEARCH_HEADING, text_in(item, "title", "ar"));
    add(texts, SEARCH_HEADING, text_in(item, "title", "en"));
}

static int read_session(StoreDb *db, const char *id, int part, SearchTexts *out, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT id, title_ar, title_en, speakers, agenda, tags FROM sessions WHERE id = ?");
    store_put_text(&query, id);
    int stepped = store_query_step(&query, error);
    if (stepped > 0) {
        out->session = store_take_text(&query);
        g_autofree char *ar = store_take_text(&query);
        g_autofree char *en = store_take_text(&query);
        g_autofree char *speakers = store_take_text(&query);
        g_autofree char *agenda = store_take_text(&query);
        g_autofree char *tags = store_take_text(&query);
        add_agenda(out, agenda, part);
        if (part < 0) {
            add(out, SEARCH_TITLE, ar);
            add(out, SEARCH_TITLE, en);
            add_speakers(out, speakers);
            add_tags(out, tags);
        }
    }
    store_query_end(&query);
    return stepped;
}

static int read_chapter(StoreDb *db, const char *id, SearchTexts *out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT session, title_ar, title_en FROM chapters WHERE id = ?");
    store_put_text(&query, id);
    int stepped = store_query_step(&query, error);
    if (stepped > 0) {
        out->session = store_take_text(&query);
        take(out, SEARCH_HEADING, store_take_text(&query));
        take(out, SEARCH_HEADING, store_take_text(&query));
    }
    store_query_end(&query);
    return stepped;
}

/* Each line is a text: a hit shows the best one. */
static int read_slide(StoreDb *db, const char *id, SearchTexts *out, GError **error)
{
    StoreQuery query =
        store_query(db, "SELECT session, text, media_us FROM slide_turns WHERE id = ?");
    store_put_text(&query, id);
    int stepped = store_query_step(&query, error);
    if (stepped > 0) {
        out->session = store_take_text(&query);
        g_autofree char *text = store_take_text(&query);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line != NULL; line++) {
            add(out, SEARCH_TEXT, *line);
        }
        out->media_us = store_take_int(&query);
    }
    store_query_end(&query);
    return stepped;
}

static int read_question(StoreDb *db, const char *id, SearchTexts *out, GError **error)
{
    StoreQuery query = store_query(
        db, "SELECT q.session, q.text, q.person, q.state, q.anonymous, p.name, p.entity "
            "FROM questions q JOIN people p ON p.id = q.person WHERE q.id = ?");
    store_put_text(&query, id);
    int stepped = store_query_step(&query, error);
    if (stepped > 0) {
        out->session = store_take_text(&query);
        take(out, SEARCH_TEXT, store_take_text(&query));
        out->person = store_take_text(&query);
        out->state = store_take_text(&query);
        out->anonymous = store_take_int(&query) != 0;
        out->name = store_take_text(&query);
        out->entity = store_take_text(&query);
        add(out, SEARCH_ASKER, out->name);
        add(out, SEARCH_ASKER, out->entity);
    }
    store_query_end(&query);
    return stepped;
}

/* Its id, two names, then `count` texts. */
static int read_named(StoreQuery query, const char *id, int count, SearchTexts *out, GError **error)
{
    store_put_text(&query, id);
    int stepped = store_query_step(&query, error);
    if (stepped > 0) {
        out->session = store_take_text(&query);
        take(out, SEARCH_TITLE, store_take_text(&query));
        take(out, SEARCH_TITLE, store_take_text(&query));
        for (int i = 0; i < count; i++) {
            take(out, SEARCH_TEXT, store_take_text(&query));
        }
    }
    store_query_end(&query);
    return stepped;
}

static int read_series(StoreDb *db, const char *id, SearchTexts *out, GError **error)
{
    return read_named(store_query(db, "SELECT id, name_ar, name_en, description_ar, description_en "
                                      "FROM series WHERE id = ?"),
                      id, 2, out, error);
}

static int read_speaker(StoreDb *db, const char *id, SearchTexts *out, GError **error)
{
    return read_named(store_query(db, "SELECT id, name_ar, name_en, title_ar, title_en, "
                                      "organisation_ar, organisation_en, biography_ar, "
                                      "biography_en FROM speakers WHERE id = ?"),
                      id, 6, out, error);
}

bool search_texts_read(StoreDb *db, const char *kind, const char *id, int part, SearchTexts *out,
                       GError **error)
{
    *out = (SearchTexts){.media_us = -1};
    for (int i = 0; i < SEARCH_COLUMNS; i++) {
        out->columns[i] = g_ptr_array_new_with_free_func(g_free);
    }
    if (strcmp(kind, "question") == 0) {
        return read_question(db, id, out, error) >= 0;
    }
    if (strcmp(kind, "chapter") == 0) {
        return read_chapter(db, id, out, error) >= 0;
    }
    if (strcmp(kind, "slide") == 0) {
        return read_slide(db, id, out, error) >= 0;
    }
    if (strcmp(kind, "series") == 0) {
        return read_series(db, id, out, error) >= 0;
    }
    if (strcmp(kind, "speaker") == 0) {
        return read_speaker(db, id, out, error) >= 0;
    }
    return read_session(db, id, strcmp(kind, "agenda") == 0 ? part : -1, out, error) >= 0;
}

void search_texts_clear(SearchTexts *texts)
{
    for (int i = 0; i < SEARCH_COLUMNS; i++) {
        g_clear_pointer(&texts->columns[i], g_ptr_array_unref);
    }
    g_clear_pointer(&texts->session, g_free);
    g_clear_pointer(&texts->person, g_free);
    g_clear_pointer(&texts->state, g_free);
    g_clear_pointer(&texts->name, g_free);
    g_clear_pointer(&texts->entity, g_free);
}

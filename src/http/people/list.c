// SPDX-License-Identifier: GPL-3.0-or-later
// People found by words and entity, page by page; all as a table.
#include "base/fold.h"
#include "base/id.h"
#include "http/fields/query.h"
#include "http/resources.h"
#include "people/people.h"

#include <string.h>

typedef struct {
    HttpRequest *request;
    StorePeopleFind find; // borrows from the rest
    GArray *words;        // BaseFoldWord; nullable
    char *entity, *after;
    char *text; // the answer; nullable
} List;

static void list_free(List *list)
{
    g_clear_pointer(&list->words, g_array_unref);
    g_free(list->entity);
    g_free(list->after);
    g_free(list->text);
    g_free(list);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(List, list_free)

static bool take_parameters(List *list, const char *text, GError **error)
{
    g_autoptr(GHashTable) query = http_query_new(text);
    if (!http_query_words(query, &list->words, error) ||
        !http_query_id(query, "entity", BASE_ID_LENGTH, &list->entity, error) ||
        !http_query_id(query, "cursor", BASE_ID_LENGTH, &list->after, error) ||
        !http_query_limit(query, HTTP_QUERY_PAGE, &list->find.limit, error)) {
        return false;
    }
    for (guint i = 0; i < MIN(list->words->len, STORE_PEOPLE_WORDS); i++) {
        list->find.words[i] = g_array_index(list->words, BaseFoldWord, i).text;
    }
    list->find.entity = list->entity;
    list->find.after = list->after;
    return true;
}

/* Reader thread. */
static bool list_job(StoreDb *db, void *data, GError **error)
{
    List *list = data;
    StorePeopleFind find = list->find;
    find.limit++; // is there a next page?
    g_autoptr(GPtrArray) rows = store_people_find(db, &find, error);
    if (rows == NULL) {
        return false;
    }
    json_t *items = json_array();
    guint count = MIN(rows->len, list->find.limit);
    for (guint i = 0; i < count; i++) {
        json_array_append_new(items, people_person_json(rows->pdata[i]));
    }
    const StorePerson *last = rows->len > count ? rows->pdata[count - 1] : NULL;
    g_autoptr(json_t) answer =
        json_pack("{s:o, s:s?}", "items", items, "next", last != NULL ? last->id : NULL);
    list->text = base_json_text(answer);
    return true;
}

/* Reader thread. */
static bool export_job(StoreDb *db, void *data, GError **error)
{
    List *list = data;
    g_autoptr(GPtrArray) people = store_people_list(db, error);
    g_autoptr(GPtrArray) entities = people != NULL ? store_entities_list(db, error) : NULL;
    if (entities == NULL) {
        return false;
    }
    list->text = g_string_free(people_csv(people, entities), FALSE);
    return true;
}

static void reply(List *list, const GError *failed, const char *type)
{
    if (http_still_allowed(list->request, failed)) {
        size_t size = strlen(list->text);
        http_reply(list->request, 200, type, g_bytes_new_take(g_steal_pointer(&list->text), size));
    }
    list_free(list);
}

static void on_listed(void *data, const GError *error)
{
    reply(data, error, "application/json");
}

static void on_exported(void *data, const GError *error)
{
    List *list = data;
    http_header(list->request, "Content-Disposition", "attachment; filename=\"people.csv\"");
    reply(list, error, "text/csv; charset=utf-8");
}

void http_on_people(Http *http, HttpRequest *request)
{
    g_autoptr(List) list = g_new0(List, 1);
    g_autoptr(GError) error = NULL;
    if (!take_parameters(list, request->query, &error)) {
        http_reply_error(request, error);
        return;
    }
    list->request = request;
    store_submit_read(http->services.store, list_job, on_listed, g_steal_pointer(&list));
}

void http_on_people_export(Http *http, HttpRequest *request)
{
    List *list = g_new0(List, 1);
    list->request = request;
    store_submit_read(http->services.store, export_job, on_exported, list);
}

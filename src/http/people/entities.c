// SPDX-License-Identifier: GPL-3.0-or-later
// Entities in the API.
#include "people/people.h"

#include "base/clock.h"
#include "http/people/private.h"
#include "http/resources.h"

#include <string.h>

/* The only constraint: `code`. */
static bool is_written(bool written, GError *failed, GError **error)
{
    if (g_error_matches(failed, BASE_ERROR, BASE_ERROR_CONFLICT)) {
        g_error_free(failed);
        return base_refuse(error, BASE_CODE_CODE_TAKEN, "code", NULL,
                           "Another entity has this code.");
    }
    if (failed != NULL) {
        g_propagate_error(error, failed);
    }
    return written;
}

static bool read_again(StoreDb *db, HttpWrite *write, GError **error)
{
    StoreEntity *row = store_entity_get(db, write->entity->id, error);
    store_entity_free(write->entity);
    write->entity = row;
    return row != NULL;
}

static bool insert_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    GError *failed = NULL;
    g_clear_pointer(&write->entity, store_entity_free);
    write->entity = people_entity_new(write->body, base_wall_us(), error);
    if (write->entity == NULL) {
        return false;
    }
    bool written = store_entity_insert(db, write->entity, &failed);
    return is_written(written, failed, error) && read_again(db, write, error);
}

static bool find(StoreDb *db, HttpWrite *write, GError **error)
{
    g_autoptr(GError) none = NULL;
    g_clear_pointer(&write->entity, store_entity_free);
    write->entity = store_entity_get(db, write->request->params[0], &none);
    if (g_error_matches(none, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        return base_refuse(error, BASE_CODE_NO_ENTITY, NULL, NULL, "There is no such entity.");
    }
    if (none != NULL) {
        g_propagate_error(error, g_steal_pointer(&none));
        return false;
    }
    return http_write_is_current(write, write->entity->revision);
}

static bool update_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    GError *failed = NULL;
    g_clear_pointer(&write->people, g_ptr_array_unref);
    if (!find(db, write, error) || !people_entity_check(write->entity, write->body, error)) {
        return false;
    }
    bool written = store_entity_update(db, write->entity, &failed);
    if (!is_written(written, failed, error) || !read_again(db, write, error)) {
        return false;
    }
    write->people = store_people_of(db, write->entity->id, error);
    return write->people != NULL;
}

static bool delete_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    if (!find(db, write, error)) {
        return false;
    }
    if (write->entity->people > 0) {
        return base_refuse(error, BASE_CODE_ENTITY_HAS_PEOPLE, NULL,
                           json_pack("{s:i}", "count", write->entity->people),
                           "%d people belong to the entity: move them to another one first.",
                           write->entity->people);
    }
    return store_entity_delete(db, write->entity->id, error);
}

static void reply(HttpWrite *write)
{
    HttpRequest *request = write->request;
    const char *method = request->route->method;
    bool created = strcmp(method, "POST") == 0;
    if (write->people != NULL) {
        http_people_changed(request->http, write->people);
    }
    if (strcmp(method, "DELETE") == 0) {
        http_reply(request, 204, NULL, NULL);
    } else {
        http_reply_version(request, created ? 201 : 200, people_entity_json(write->entity));
    }
}

static void on_written(void *data, const GError *error)
{
    HttpWrite *write = data;
    if (!http_write_failed(write, error)) {
        reply(write);
    }
    http_write_free(write);
}

void http_on_entity_post(Http *http, HttpRequest *request)
{
    (void)http;
    http_write_by(request, insert_job, on_written);
}

void http_on_entity_patch(Http *http, HttpRequest *request)
{
    (void)http;
    http_write_by(request, update_job, on_written);
}

void http_on_entity_delete(Http *http, HttpRequest *request)
{
    (void)http;
    http_write_by(request, delete_job, on_written);
}

/* Reader thread. */
static bool list_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *list = data;
    g_autoptr(GPtrArray) rows = store_entities_list(db, error);
    list->items = json_array();
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        json_array_append_new(list->items, people_entity_json(rows->pdata[i]));
    }
    return rows != NULL;
}

static void on_listed(void *data, const GError *failed)
{
    HttpWrite *list = data;
    if (http_still_allowed(list->request, failed)) {
        json_t *items = g_steal_pointer(&list->items);
        http_reply_json(list->request, 200, json_pack("{s:o, s:n}", "items", items, "next"));
    }
    http_write_free(list);
}

void http_on_entities(Http *http, HttpRequest *request)
{
    HttpWrite *list = g_new0(HttpWrite, 1);
    list->request = request;
    store_submit_read(http->services.store, list_job, on_listed, list);
}

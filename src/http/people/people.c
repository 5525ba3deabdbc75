// SPDX-License-Identifier: GPL-3.0-or-later
// One person: reading, adding, changing, disabling, role.
#include "people/people.h"

#include "base/clock.h"
#include "http/people/private.h"
#include "http/resources.h"

#include <string.h>

static bool is_free_email(StoreDb *db, const StorePerson *row, GError **error)
{
    g_autoptr(GError) none = NULL;
    g_autoptr(StorePerson) other =
        row->email != NULL ? store_person_by_email(db, row->email, &none) : NULL;
    if (none != NULL && !g_error_matches(none, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&none));
        return false;
    }
    return other == NULL || strcmp(other->id, row->id) == 0 ||
           base_refuse(error, BASE_CODE_EMAIL_TAKEN, "email",
                       json_pack("{s:s}", "name", other->name), "%s has this mail address.",
                       other->name);
}

static bool has_entity(StoreDb *db, const StorePerson *row, GError **error)
{
    g_autoptr(StoreEntity) entity =
        row->entity_id != NULL ? store_entity_get(db, row->entity_id, NULL) : NULL;
    return row->entity_id == NULL || entity != NULL ||
           base_refuse(error, BASE_CODE_UNKNOWN_ENTITY, "entity_id", NULL,
                       "There is no such entity.");
}

static bool insert_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    g_clear_pointer(&write->row, store_person_free);
    write->row = people_person_new(write->body, base_wall_us(), error);
    return write->row != NULL && is_free_email(db, write->row, error) &&
           has_entity(db, write->row, error) &&
           (write->row->role[0] == '\0' || http_person_administers(write, error)) &&
           store_person_insert(db, write->row, error) && http_person_read_again(db, write, error);
}

/* Staff may correct each other's names; roles and disabling are the admin's. */
static bool check(StoreDb *db, HttpWrite *write, GError **error)
{
    StorePerson *row = write->row;
    g_autofree char *role = g_strdup(row->role);
    bool disabled = row->disabled;
    bool own = strcmp(row->id, write->request->who->person) == 0;
    if (!people_person_check(row, write->body, error)) {
        return false;
    }
    if (row->disabled && own) {
        return base_refuse(error, BASE_CODE_OWN_PERSON, "disabled", NULL,
                           "You cannot disable yourself.");
    }
    bool other_role = strcmp(role, row->role) != 0;
    bool of_staff = other_role || (role[0] != '\0' && disabled != row->disabled);
    return (!of_staff || http_person_administers(write, error)) && is_free_email(db, row, error) &&
           has_entity(db, row, error);
}

static bool update_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    if (!http_person_find(db, write, error)) {
        return false;
    }
    g_autofree char *role = g_strdup(write->row->role);
    if (!check(db, write, error) || !store_person_update(db, write->row, error)) {
        return false;
    }
    return (!write->row->disabled || store_token_delete_person(db, write->row->id, error)) &&
           http_keeps_admin(db, role, error) && http_person_read_again(db, write, error);
}

static bool read_job(StoreDb *db, void *data, GError **error)
{
    return http_person_find(db, data, error);
}

static void on_written(void *data, const GError *error)
{
    HttpWrite *write = data;
    HttpRequest *request = write->request;
    bool created = strcmp(request->route->method, "POST") == 0;
    if (!http_write_failed(write, error)) {
        const StorePerson *row = write->row;
        http_person_changed(request->http, row);
        if (created) {
            g_autofree char *location = g_strdup_printf("/api/v1/people/%s", row->id);
            http_header(request, "Location", location);
        }
        http_reply_version(request, created ? 201 : 200, people_person_json(row));
    }
    http_write_free(write);
}

static void on_read(void *data, const GError *error)
{
    HttpWrite *write = data;
    if (!http_write_failed(write, error)) {
        http_reply_version(write->request, 200, people_person_json(write->row));
    }
    http_write_free(write);
}

void http_on_person_post(Http *http, HttpRequest *request)
{
    (void)http;
    http_write_by(request, insert_job, on_written);
}

void http_on_person_patch(Http *http, HttpRequest *request)
{
    (void)http;
    http_write_by(request, update_job, on_written);
}

void http_on_person(Http *http, HttpRequest *request)
{
    HttpWrite *write = g_new0(HttpWrite, 1);
    write->request = request;
    store_submit_read(http->services.store, read_job, on_read, write);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Acts that end a person's entry: merging, erasing.
#include "base/clock.h"
#include "base/text.h"
#include "http/people/private.h"
#include "http/resources.h"
#include "people/people.h"

#include <string.h>

static bool is_other(const HttpWrite *write, GError **error)
{
    return strcmp(write->request->params[0], write->request->who->person) != 0 ||
           base_refuse(error, BASE_CODE_OWN_PERSON, NULL, NULL,
                       "You cannot merge or erase yourself.");
}

/* The person of the path goes, the one of the body stays. */
static bool merge_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    const char *from = write->request->params[0];
    const char *into = json_string_value(json_object_get(write->body, "into"));
    g_autoptr(StorePerson) other = into != NULL ? store_person_get(db, into, NULL) : NULL;
    if (!http_person_find(db, write, error) || !is_other(write, error)) {
        return false;
    }
    if (other == NULL || strcmp(from, into) == 0) {
        return base_refuse(error, BASE_CODE_BAD_VALUE, "into",
                           json_pack("{s:s}", "allowed", "another person"),
                           "\"into\" is the id of another person.");
    }
    g_autofree char *role = g_strdup(write->row->role);
    bool of_staff = role[0] != '\0' || other->role[0] != '\0';
    if ((of_staff && !http_person_administers(write, error)) ||
        !store_person_merge(db, from, into, error) || !http_keeps_admin(db, role, error)) {
        return false;
    }
    g_free(write->row->id);
    write->row->id = g_strdup(into);
    return http_person_read_again(db, write, error);
}

static void on_merged(void *data, const GError *error)
{
    HttpWrite *write = data;
    HttpRequest *request = write->request;
    if (!http_write_failed(write, error)) {
        http_end_sign_ins(request->http, request->params[0]);
        qa_person_changed(request->http->services.qa, request->params[0], true);
        http_person_changed(request->http, write->row);
        http_reply_version(request, 200, people_person_json(write->row));
    }
    http_write_free(write);
}

/* The name is typed: no erasing by a wrong click. */
static bool is_named(const HttpWrite *write, GError **error)
{
    const char *typed = json_string_value(json_object_get(write->body, "name"));
    g_autofree char *clean = base_text_clean(typed != NULL ? typed : "");
    g_autofree char *name = base_text_clean(write->row->name);
    return strcmp(clean, name) == 0 ||
           base_refuse(error, BASE_CODE_NAME_DIFFERS, "name", NULL,
                       "This is not the name of the person to be erased.");
}

static bool erase_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    return http_person_find(db, write, error) && is_other(write, error) && is_named(write, error) &&
           store_person_erase(db, write->row->id, base_wall_us(), error) &&
           http_keeps_admin(db, write->row->role, error);
}

static void on_erased(void *data, const GError *error)
{
    HttpWrite *write = data;
    HttpRequest *request = write->request;
    if (!http_write_failed(write, error)) {
        http_end_sign_ins(request->http, write->row->id);
        qa_person_changed(request->http->services.qa, write->row->id, true);
        qa_person_changed(request->http->services.qa, NULL, false); // messages name their sender
        http_reply(request, 204, NULL, NULL);
    }
    http_write_free(write);
}

void http_on_person_merge(Http *http, HttpRequest *request)
{
    (void)http;
    http_write_by(request, merge_job, on_merged);
}

void http_on_person_delete(Http *http, HttpRequest *request)
{
    (void)http;
    http_write_by(request, erase_job, on_erased);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Changes of entities and people: body, If-Match, refusals.
#include "http/people/private.h"
#include "http/resources.h"

void http_write_free(HttpWrite *write)
{
    json_decref(write->body);
    json_decref(write->items);
    g_free(write->seen);
    g_free(write->text);
    store_person_free(write->row);
    store_entity_free(write->entity);
    g_clear_pointer(&write->people, g_ptr_array_unref);
    g_free(write);
}

void http_write_by(HttpRequest *request, StoreJob job, StoreDone done)
{
    json_t *body = http_request_json(request);
    if (body != NULL) {
        HttpWrite *write = g_new0(HttpWrite, 1);
        write->request = request;
        write->body = body;
        write->seen = http_if_match(request);
        write->administers = http_may(request, AUTH_ADMINISTER);
        store_submit(request->http->services.store, job, done, write);
    }
}

bool http_write_is_current(HttpWrite *write, int revision)
{
    g_autofree char *version = g_strdup_printf("%d", revision);
    write->stale = !http_matches(write->seen, version);
    return !write->stale;
}

bool http_write_failed(HttpWrite *write, const GError *error)
{
    return http_change_failed(write->request, write->stale, error);
}

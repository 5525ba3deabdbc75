// SPDX-License-Identifier: GPL-3.0-or-later
// All that is kept about a person, for staff and for the person.
#include "http/people/private.h"
#include "http/resources.h"

/* Reader thread. */
static bool data_job(StoreDb *db, void *data, GError **error)
{
    HttpWrite *write = data;
    const HttpRequest *request = write->request;
    const char *id = request->params[0] != NULL ? request->params[0] : request->who->person;
    g_autoptr(GError) none = NULL;
    g_clear_pointer(&write->text, g_free);
    write->text = store_person_data(db, id, &none);
    if (g_error_matches(none, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        return base_refuse(error, BASE_CODE_NO_PERSON, NULL, NULL, "There is no such person.");
    }
    if (none != NULL) {
        g_propagate_error(error, g_steal_pointer(&none));
    }
    return write->text != NULL;
}

static void on_data(void *data, const GError *failed)
{
    HttpWrite *write = data;
    if (http_still_allowed(write->request, failed)) {
        http_header(write->request, "Content-Disposition", "attachment; filename=\"person.json\"");
        http_reply_json_text(write->request, 200, g_steal_pointer(&write->text));
    }
    http_write_free(write);
}

void http_on_person_data(Http *http, HttpRequest *request)
{
    HttpWrite *write = g_new0(HttpWrite, 1);
    write->request = request;
    store_submit_read(http->services.store, data_job, on_data, write);
}

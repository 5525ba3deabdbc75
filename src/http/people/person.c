// SPDX-License-Identifier: GPL-3.0-or-later
// Shared by requests about one person: rights, effects of a change. Main thread.
#include "http/people/private.h"

#include "http/resources.h"

#include <string.h>

bool http_person_find(StoreDb *db, HttpWrite *write, GError **error)
{
    g_autoptr(GError) none = NULL;
    g_clear_pointer(&write->row, store_person_free);
    write->row = store_person_get(db, write->request->params[0], &none);
    if (g_error_matches(none, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        return base_refuse(error, BASE_CODE_NO_PERSON, NULL, NULL, "There is no such person.");
    }
    if (none != NULL) {
        g_propagate_error(error, g_steal_pointer(&none));
        return false;
    }
    return http_write_is_current(write, write->row->revision);
}

bool http_person_read_again(StoreDb *db, HttpWrite *write, GError **error)
{
    StorePerson *row = store_person_get(db, write->row->id, error);
    store_person_free(write->row);
    write->row = row;
    return row != NULL;
}

bool http_person_administers(const HttpWrite *write, GError **error)
{
    return write->administers ||
           base_refuse(error, BASE_CODE_ADMIN_ONLY, NULL, NULL,
                       "Only an admin changes moderators of the server, staff and admins.");
}

bool http_keeps_admin(StoreDb *db, const char *role, GError **error)
{
    int left = 0;
    if (strcmp(role, auth_role_name(AUTH_ADMIN)) != 0) {
        return true;
    }
    return store_admins_count(db, &left, error) &&
           (left > 0 || base_refuse(error, BASE_CODE_LAST_ADMIN, NULL, NULL,
                                    "This is the last admin who can sign in: make somebody else "
                                    "admin first, with a personal link."));
}

void http_end_sign_ins(Http *http, const char *person)
{
    const HttpServices *services = &http->services;
    auth_tokens_remove_person(services->tokens, person);
    qa_sign_ins_ended(services->qa);
    rtc_viewer_remove_owner(services->rtc, person);
}

bool http_follow_person(Http *http, const StorePerson *row)
{
    const HttpServices *services = &http->services;
    AuthRole role = AUTH_NOBODY;
    auth_role_parse(row->role, &role);
    bool changed = row->disabled ? auth_tokens_remove_person(services->tokens, row->id)
                                 : auth_tokens_change_person(services->tokens, row->id, row->name,
                                                             row->entity, role);
    if (changed) {
        qa_sign_ins_ended(services->qa);
        rtc_viewer_remove_owner(services->rtc, row->id);
    }
    return changed;
}

void http_person_changed(Http *http, const StorePerson *row)
{
    http_follow_person(http, row);
    qa_sign_ins_ended(http->services.qa);
    qa_person_changed(http->services.qa, row->id, row->disabled);
}

void http_people_changed(Http *http, const GPtrArray *rows)
{
    for (guint i = 0; i < rows->len; i++) {
        http_follow_person(http, rows->pdata[i]);
    }
    if (rows->len > 0) {
        qa_sign_ins_ended(http->services.qa);
        qa_person_changed(http->services.qa, NULL, false);
    }
}

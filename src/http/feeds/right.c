// SPDX-License-Identifier: GPL-3.0-or-later
// Whose feed a token names, and what that person may see now.
#include "http/feeds/feeds.h"

typedef struct {
    HttpRequest *request;
    HttpFeedThen then;
    char *person;
    GPtrArray *grants; // AuthIdentity
} Ask;

static void unref_identity(void *who)
{
    auth_identity_unref(who);
}

static GPtrArray *grants_of(StoreDb *db, const char *id, GError **error)
{
    g_autoptr(StorePerson) person = store_person_get(db, id, error);
    g_autoptr(GPtrArray) rows = person != NULL ? store_invitations_of(db, id, error) : NULL;
    if (rows == NULL) {
        return NULL;
    }
    GPtrArray *grants = g_ptr_array_new_with_free_func(unref_identity);
    for (guint i = 0; i < rows->len; i++) {
        const StoreInvitation *row = rows->pdata[i];
        AuthRole role;
        if (auth_role_parse(store_role_of(person, row->session, row->role), &role)) {
            g_ptr_array_add(grants, auth_identity_new(person->id, person->name, person->entity,
                                                      role, row->session));
        }
    }
    return grants;
}

/* Reader thread. */
static bool ask_job(StoreDb *db, void *data, GError **error)
{
    Ask *ask = data;
    const HttpRequest *request = ask->request;
    int64_t issued_us;
    g_clear_pointer(&ask->grants, g_ptr_array_unref);
    if (!store_feeds_issued(db, ask->person, &issued_us, error)) {
        return false;
    }
    if (auth_feed_check(request->http->services.paths, request->params[0], ask->person,
                        issued_us)) {
        ask->grants = grants_of(db, ask->person, error);
        return ask->grants != NULL;
    }
    return true;
}

static void refuse(HttpRequest *request)
{
    http_reply_problem(request, BASE_CODE_PATH_EXPIRED,
                       "This feed's address was replaced or revoked. Your page has the new one.");
}

static void on_asked(void *data, const GError *error)
{
    Ask *ask = data;
    HttpRequest *request = ask->request;
    if (error != NULL && !g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        http_reply_error(request, error);
    } else if (error != NULL || ask->grants == NULL || ask->grants->len == 0) {
        refuse(request);
    } else {
        g_clear_pointer(&request->who, auth_identity_unref);
        request->who = auth_identity_ref(ask->grants->pdata[0]);
        ask->then(request, ask->grants);
    }
    g_clear_pointer(&ask->grants, g_ptr_array_unref);
    g_free(ask->person);
    g_free(ask);
}

void http_feed_ask(HttpRequest *request, HttpFeedThen then)
{
    char *person = auth_feed_person(request->params[0]);
    if (person == NULL) {
        refuse(request);
        return;
    }
    Ask *ask = g_new(Ask, 1);
    *ask = (Ask){.request = request, .then = then, .person = person};
    store_submit_read(request->http->services.store, ask_job, on_asked, ask);
}

bool http_feed_may(const GPtrArray *grants, AuthAction action, const AuthObject *object,
                   AuthIdentity **out_who)
{
    *out_who = NULL;
    if (grants == NULL) {
        return auth_may(NULL, action, object);
    }
    for (guint i = 0; i < grants->len; i++) {
        if (auth_may(grants->pdata[i], action, object)) {
            *out_who = grants->pdata[i];
            return true;
        }
    }
    return false;
}

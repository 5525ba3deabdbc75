// SPDX-License-Identifier: GPL-3.0-or-later
// The public page for registering without a link. Its answers never depend on whether the address
// is known, so that nobody can find that out. A link goes to the address alone.
#include "base/clock.h"
#include "http/invite/private.h"
#include "http/resources.h"
#include "people/registration.h"

#include <string.h>

/* An office may register from one address. */
static const BaseRate rate = {.every_us = 10 * BASE_US_PER_S, .burst = 30};

typedef struct {
    HttpRequest *request;
    json_t *body;
    StoreRegistrationPage *page; // nullable
    bool mailed;                 // a link goes to the address by itself
} Register;

static void register_free(Register *data)
{
    json_decref(data->body);
    store_registration_page_free(data->page);
    g_free(data);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Register, register_free)

static bool refuse_off(GError **error)
{
    return base_refuse(error, BASE_CODE_REGISTRATION_OFF, NULL, NULL,
                       "Nobody can register under this address. Check the link, or ask the "
                       "organisers.");
}

static bool take_page(StoreDb *db, Register *data, GError **error)
{
    const char *session = data->request->params[0];
    g_clear_pointer(&data->page, store_registration_page_free);
    return store_registration_page_get(db, session, &data->page, error) &&
           (data->page != NULL || refuse_off(error));
}

/* Reader thread. */
static bool page_job(StoreDb *db, void *data, GError **error)
{
    return take_page(db, data, error);
}

/* NULL: refused; an unknown session is as one without the page. */
static const StoreSession *check_session(const Http *http, const char *id, GError **error)
{
    const StoreSession *row = live_session(http->services.live, id);
    if (row == NULL) {
        refuse_off(error);
    } else if (!session_is_ahead(row->state)) {
        base_refuse(error, BASE_CODE_REGISTRATION_OVER, NULL, NULL,
                    "The session is over or was cancelled: nobody can register any more.");
        return NULL;
    }
    return row;
}

static void on_page(void *data, const GError *failed)
{
    g_autoptr(Register) asked = data;
    HttpRequest *request = asked->request;
    g_autoptr(GError) error = NULL;
    const StoreSession *row =
        failed == NULL ? check_session(request->http, request->params[0], &error) : NULL;
    if (row == NULL) {
        http_reply_error(request, failed != NULL ? failed : error);
        return;
    }
    g_autofree char *starts = base_time_format(row->starts_us);
    json_t *json = json_pack("{s:s, s:{s:s, s:s}, s:s, s:i, s:b, s:o}", "session", row->id, "title",
                             "ar", row->title_ar != NULL ? row->title_ar : "", "en",
                             row->title_en != NULL ? row->title_en : "", "starts_at", starts,
                             "duration_minutes", row->duration_minutes, "mailed",
                             mail_is_on(request->http->services.mail), "page",
                             people_registration_page_json(asked->page));
    http_reply_json(request, 200, json);
}

void http_on_registration(Http *http, HttpRequest *request)
{
    Register *data = g_new0(Register, 1);
    data->request = request;
    store_submit_read(http->services.store, page_job, on_page, data);
}

/* Others wait for staff; the answer is the same. */
static bool admit(StoreDb *db, const Register *data, StoreRegistration *row, GError **error)
{
    Mail *mail = data->request->http->services.mail;
    g_autofree char *invitation = NULL;
    unsigned queued;
    if (!people_registration_approve(db, row, false, row->created_us, &invitation, error)) {
        return false;
    }
    if (invitation == NULL) {
        return true;
    }
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_add(ids, invitation);
    return mail_queue_invitations(mail, db, row->session, ids, false, &queued, error);
}

static bool register_job(StoreDb *db, void *data, GError **error)
{
    Register *asked = data;
    bool fresh = false;
    if (!take_page(db, asked, error)) {
        return false;
    }
    g_autoptr(StoreRegistration) row =
        people_registration_new(asked->page, asked->body, base_wall_us(), error);
    if (row == NULL || !people_register(db, row, &fresh, error)) {
        return false;
    }
    asked->mailed = strcmp(asked->page->mode, "open") == 0 && row->email != NULL &&
                    mail_is_on(asked->request->http->services.mail);
    return !fresh || !asked->mailed || admit(db, asked, row, error);
}

static void on_registered(void *data, const GError *error)
{
    g_autoptr(Register) asked = data;
    HttpRequest *request = asked->request;
    if (error != NULL) {
        http_reply_error(request, error);
        return;
    }
    if (asked->mailed) {
        mail_wake(request->http->services.mail);
    }
    http_reply_json(request, 202, json_pack("{s:s}", "next", asked->mailed ? "mail" : "approval"));
}

static bool check(const Register *asked, GError **error)
{
    static const char *const known[] = {"name", "email", "entity", "job_title", NULL};
    const HttpRequest *request = asked->request;
    if (check_session(request->http, request->params[0], error) == NULL ||
        !session_only_known(asked->body, known, "", error)) {
        return false;
    }
    g_autoptr(StoreRegistration) row =
        people_registration_new(asked->page, asked->body, base_wall_us(), error);
    return row != NULL;
}

/* Only what would be saved is counted. */
static void on_page_to_register(void *data, const GError *failed)
{
    g_autoptr(Register) asked = data;
    HttpRequest *request = asked->request;
    Http *http = request->http;
    const char *whose = request->address != NULL ? request->address : "";
    g_autoptr(GError) error = NULL;
    if (failed != NULL || !check(asked, &error)) {
        http_reply_error(request, failed != NULL ? failed : error);
    } else if (base_rates_wait(http->registrations, whose, rate, base_clock_us()) > 0) {
        http_reply_problem(request, BASE_CODE_REGISTRATION_TOO_OFTEN,
                           "Too many registrations came from your address. Wait a minute and try "
                           "again.");
    } else {
        store_submit(http->services.store, register_job, on_registered, g_steal_pointer(&asked));
    }
}

void http_on_register(Http *http, HttpRequest *request)
{
    json_t *body = http_request_json(request);
    if (body != NULL) {
        Register *data = g_new0(Register, 1);
        data->request = request;
        data->body = body;
        store_submit_read(http->services.store, page_job, on_page_to_register, data);
    }
}

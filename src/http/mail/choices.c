// SPDX-License-Identifier: GPL-3.0-or-later
// A person's choice of reminders and follow-up mails, by such a mail's token.
#include "base/clock.h"
#include "http/resources.h"

#define ONE_CLICK "One-Click" // the value of List-Unsubscribe (RFC 8058 3.1)

typedef struct {
    HttpRequest *request;
    char *person;
    bool put, reminders;
} Choice;

static bool choice_job(StoreDb *db, void *data, GError **error)
{
    Choice *choice = data;
    g_autoptr(StorePerson) person = store_person_get(db, choice->person, error);
    return person != NULL &&
           (!choice->put ||
            store_mail_choose(db, choice->person, choice->reminders, base_wall_us(), error)) &&
           store_mail_choice(db, choice->person, &choice->reminders, error);
}

static void refuse(HttpRequest *request)
{
    http_reply_problem(request, BASE_CODE_CHOICE_UNKNOWN,
                       "This link is not of a mail of this server. Open the link of a newer mail.");
}

static void on_chosen(void *data, const GError *error)
{
    Choice *choice = data;
    HttpRequest *request = choice->request;
    if (g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        refuse(request);
    } else if (error != NULL) {
        http_reply_error(request, error);
    } else {
        if (choice->put) {
            mail_wake(request->http->services.mail); // something may be due by now
        }
        http_reply_json(request, 200, json_pack("{s:b}", "reminders", choice->reminders));
    }
    g_free(choice->person);
    g_free(choice);
}

/* NULL: replied. */
static Choice *choice_new(HttpRequest *request)
{
    char *person = auth_choice_check(request->http->services.paths, request->params[0]);
    if (person == NULL) {
        refuse(request);
        return NULL;
    }
    Choice *choice = g_new0(Choice, 1);
    *choice = (Choice){.request = request, .person = person};
    return choice;
}

static void choose(Choice *choice, bool reminders)
{
    choice->put = true;
    choice->reminders = reminders;
    store_submit(choice->request->http->services.store, choice_job, on_chosen, choice);
}

static void refuse_value(Choice *choice, const char *field, const char *allowed)
{
    g_autoptr(GError) error = NULL;
    base_refuse(&error, BASE_CODE_BAD_VALUE, field, json_pack("{s:s}", "allowed", allowed),
                "\"%s\" is one of: %s.", field, allowed);
    on_chosen(choice, error);
}

void http_on_choice(Http *http, HttpRequest *request)
{
    Choice *choice = choice_new(request);
    if (choice != NULL) {
        store_submit_read(http->services.store, choice_job, on_chosen, choice);
    }
}

void http_on_choice_put(Http *http, HttpRequest *request)
{
    (void)http;
    g_autoptr(json_t) body = http_request_json(request);
    Choice *choice = body != NULL ? choice_new(request) : NULL;
    const json_t *reminders = json_object_get(body, "reminders");
    if (choice == NULL) {
        return;
    }
    if (json_is_boolean(reminders)) {
        choose(choice, json_is_true(reminders));
    } else {
        refuse_value(choice, "reminders", "true, false");
    }
}

void http_on_unsubscribe(Http *http, HttpRequest *request)
{
    (void)http;
    const GByteArray *body = request->body; // of a form, either kind
    Choice *choice = choice_new(request);
    if (choice == NULL) {
        return;
    }
    if (body->len > 0 &&
        g_strstr_len((const char *)body->data, (gssize)body->len, ONE_CLICK) != NULL) {
        choose(choice, false);
    } else {
        refuse_value(choice, "List-Unsubscribe", ONE_CLICK);
    }
}

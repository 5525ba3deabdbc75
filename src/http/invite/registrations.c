// SPDX-License-Identifier: GPL-3.0-or-later
// Registrations for staff: the page's settings, who registered, approving or refusing many at once.
#include "base/clock.h"
#include "base/json.h"
#include "http/invite/private.h"
#include "http/people/private.h"
#include "http/resources.h"
#include "people/registration.h"

#define PAGE_ROWS 100

typedef struct {
    HttpRequest *request;
    StoreRegistrationPage *page; // nullable: off
    int64_t after;
    bool approve;
    HttpChosen chosen;
    GHashTable *ids; // invitations to mail; nullable
    json_t *links;   // nullable
    unsigned done, left_out, mails;
    char *text; // the answer; nullable
} Write;

static void write_free(Write *write)
{
    store_registration_page_free(write->page);
    http_chosen_clear(&write->chosen);
    g_clear_pointer(&write->ids, g_hash_table_unref);
    json_decref(write->links);
    g_free(write->text);
    g_free(write);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Write, write_free)

static Write *write_new(HttpRequest *request)
{
    Write *write = g_new0(Write, 1);
    write->request = request;
    return write;
}

static void reply(void *data, const GError *failed)
{
    g_autoptr(Write) write = data;
    HttpRequest *request = write->request;
    if (!http_still_allowed(request, failed)) {
        return;
    }
    if (write->mails > 0) {
        mail_wake(request->http->services.mail);
    }
    http_reply_json_text(request, 200, g_steal_pointer(&write->text));
}

/* List */

static json_t *page_json(const StoreRegistrationPage *page)
{
    return page != NULL ? people_registration_page_json(page) : json_null();
}

static json_t *list_json(const Write *list, const GPtrArray *rows,
                         const StoreRegistrationCounts *counts)
{
    const HttpRequest *request = list->request;
    json_t *items = json_array();
    bool more = rows->len > PAGE_ROWS;
    for (guint i = 0; i < MIN(rows->len, PAGE_ROWS); i++) {
        json_array_append_new(items, people_registration_json(rows->pdata[i]));
    }
    const StoreRegistration *last = more ? rows->pdata[PAGE_ROWS - 1] : NULL;
    g_autofree char *next = more ? g_strdup_printf("%" G_GINT64_FORMAT, last->n) : NULL;
    g_autofree char *url =
        g_strdup_printf("%s/ar/register/%s", request->http->public_url, request->params[0]);
    return json_pack("{s:o, s:s, s:b, s:{s:I, s:I, s:I}, s:o, s:s?}", "page", page_json(list->page),
                     "url", url, "mailed", mail_is_on(request->http->services.mail), "counts",
                     "waiting", (json_int_t)counts->waiting, "approved",
                     (json_int_t)counts->approved, "refused", (json_int_t)counts->refused, "items",
                     items, "next", next);
}

static bool list_job(StoreDb *db, void *data, GError **error)
{
    Write *list = data;
    const char *session = list->request->params[0];
    StoreRegistrationCounts counts;
    g_clear_pointer(&list->page, store_registration_page_free);
    g_autoptr(GPtrArray) rows =
        store_registrations_list(db, session, list->after, PAGE_ROWS + 1, error);
    if (rows == NULL || !store_registration_page_get(db, session, &list->page, error) ||
        !store_registrations_count(db, session, &counts, error)) {
        return false;
    }
    g_autoptr(json_t) answer = list_json(list, rows, &counts);
    g_free(list->text);
    list->text = base_json_text(answer);
    return true;
}

void http_on_registrations(Http *http, HttpRequest *request)
{
    g_autoptr(GHashTable) query = request->query != NULL ? soup_form_decode(request->query) : NULL;
    const char *cursor = query != NULL ? g_hash_table_lookup(query, "cursor") : NULL;
    guint64 after = 0;
    if (cursor != NULL &&
        !g_ascii_string_to_unsigned(cursor, 10, 1, (guint64)INT64_MAX, &after, NULL)) {
        g_autoptr(GError) error = NULL;
        base_refuse_value(&error, "cursor", "the \"next\" of a list");
        http_reply_error(request, error);
        return;
    }
    Write *list = write_new(request);
    list->after = (int64_t)after;
    store_submit_read(http->services.store, list_job, reply, list);
}

/* Settings */

static bool put_job(StoreDb *db, void *data, GError **error)
{
    Write *write = data;
    g_autoptr(StoreRegistrationPage) page = g_steal_pointer(&write->page);
    bool put = page != NULL ? store_registration_page_put(db, page, error)
                            : store_registration_page_delete(db, write->request->params[0], error);
    bool listed = put && list_job(db, write, error);
    g_clear_pointer(&write->page, store_registration_page_free);
    write->page = g_steal_pointer(&page); // for a second time
    return listed;
}

void http_on_registration_put(Http *http, HttpRequest *request)
{
    static const char *const known[] = {"mode", "email", "entity", "job_title", NULL};
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(Write) write = write_new(request);
    g_autoptr(GError) error = NULL;
    bool off = g_strcmp0(json_string_value(json_object_get(body, "mode")), "off") == 0;
    if (session_only_known(body, known, "", &error) && !off) {
        write->page = people_registration_page_new(request->params[0], body, &error);
    }
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        store_submit(http->services.store, put_job, reply, g_steal_pointer(&write));
    }
}

/* Decisions */

static bool refuse(StoreDb *db, StoreRegistration *row, GError **error)
{
    g_free(row->state);
    row->state = g_strdup("refused");
    row->decided_us = base_wall_us();
    return store_registration_update(db, row, error);
}

/* Staff hand it out where no mail goes. */
static bool add_link(StoreDb *db, Write *write, const StoreRegistration *row, char *invitation,
                     GError **error)
{
    const StoreInvitee invitee = {.id = invitation,
                                  .role = (char *)"attendee",
                                  .person = row->person,
                                  .name = row->name,
                                  .entity = row->entity,
                                  .email = row->email};
    json_t *link = http_link_new(db, write->request->http, &invitee, false, error);
    return link != NULL && json_array_append_new(write->links, link) == 0;
}

static bool approve(StoreDb *db, Write *write, StoreRegistration *row, GError **error)
{
    g_autofree char *invitation = NULL;
    if (!people_registration_approve(db, row, true, base_wall_us(), &invitation, error)) {
        return false;
    }
    if (invitation == NULL) {
        write->left_out++;
        return true;
    }
    write->done++;
    if (row->email != NULL && mail_is_on(write->request->http->services.mail)) {
        g_hash_table_add(write->ids, g_steal_pointer(&invitation));
        return true;
    }
    return add_link(db, write, row, invitation, error);
}

static bool decide_all(StoreDb *db, Write *write, GError **error)
{
    g_autoptr(GPtrArray) rows =
        store_registrations_pick(db, write->request->params[0], write->chosen.ids, error);
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        bool good = write->approve ? approve(db, write, rows->pdata[i], error)
                                   : refuse(db, rows->pdata[i], error);
        if (!good) {
            return false;
        }
        write->done += !write->approve;
    }
    return rows != NULL;
}

static bool decide_job(StoreDb *db, void *data, GError **error)
{
    Write *write = data;
    const HttpRequest *request = write->request;
    write->done = write->left_out = write->mails = 0;
    json_decref(write->links);
    write->links = json_array();
    g_clear_pointer(&write->ids, g_hash_table_unref);
    write->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!decide_all(db, write, error) ||
        (g_hash_table_size(write->ids) > 0 &&
         !mail_queue_invitations(request->http->services.mail, db, request->params[0], write->ids,
                                 false, &write->mails, error))) {
        return false;
    }
    g_autoptr(json_t) answer =
        json_pack("{s:s, s:i, s:i, s:i, s:O}", "act", write->approve ? "approve" : "refuse", "done",
                  (int)write->done, "left_out", (int)write->left_out, "mails", (int)write->mails,
                  "links", write->links);
    g_free(write->text);
    write->text = base_json_text(answer);
    return true;
}

static bool take_decision(const Http *http, const json_t *body, Write *write, GError **error)
{
    static const char *const known[] = {"act", "of", NULL};
    const char *act = json_string_value(json_object_get(body, "act"));
    const json_t *of = json_object_get(body, "of");
    unsigned count;
    write->approve = g_strcmp0(act, "approve") == 0;
    if (!session_only_known(body, known, "", error)) {
        return false;
    }
    if (!write->approve && g_strcmp0(act, "refuse") != 0) {
        return base_refuse_value(error, "act", "approve, refuse");
    }
    if (g_strcmp0(json_string_value(of), "waiting") != 0 &&
        !http_take_ids(of, "of", &write->chosen.ids, &count, error)) {
        return false;
    }
    return !write->approve || http_may_invite_to(http, write->request->params[0],
                                                 mail_is_on(http->services.mail), error);
}

void http_on_registrations_post(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(Write) write = write_new(request);
    g_autoptr(GError) error = NULL;
    if (take_decision(http, body, write, &error)) {
        store_submit(http->services.store, decide_job, reply, g_steal_pointer(&write));
    } else {
        http_reply_error(request, error);
    }
}

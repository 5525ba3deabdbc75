// SPDX-License-Identifier: GPL-3.0-or-later
// Mails of a session: queueing, listing, deciding.
#include "base/json.h"
#include "http/invite/private.h"
#include "http/resources.h"
#include "store/mail/mails.h"

#define PAGE_ROWS 100
#define SHOWS (1U << STORE_SHOW_UNOPENED | 1U << STORE_SHOW_UNANSWERED)

json_t *http_mail_json(const StoreMail *row)
{
    MailKind kind = MAIL_INVITATION;
    mail_kind_parse(row->kind, &kind);
    bool gone = row->state == STORE_MAIL_SENT || row->state == STORE_MAIL_DOUBT;
    bool waits = row->state == STORE_MAIL_QUEUED;
    return json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s, s:s, s:s?, s:s?, s:i, s:o, s:o, s:o}", "id",
                     row->id, "kind", mail_kind_name(kind), "invitation", row->invitation, "person",
                     row->person, "name", row->name, "address", row->address, "state",
                     store_mail_state_name(row->state), "reason", row->reason, "error", row->error,
                     "attempts", row->attempts, "next_at", base_json_time(waits ? row->next_us : 0),
                     "created_at", base_json_time(row->created_us), "sent_at",
                     base_json_time(gone ? row->sent_us : 0));
}

/* Queue */

typedef struct {
    HttpRequest *request;
    bool all, not_sent;
    HttpChosen chosen; // else
    unsigned queued;
} Queue;

static void queue_free(Queue *queue)
{
    http_chosen_clear(&queue->chosen);
    g_free(queue);
}

/* NULL: failed. */
static GHashTable *pick(StoreDb *db, const Queue *queue, GError **error)
{
    g_autoptr(GPtrArray) rows = store_invitees_pick(db, queue->request->params[0],
                                                    queue->chosen.show, queue->chosen.ids, error);
    GHashTable *ids =
        rows != NULL ? g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) : NULL;
    for (guint i = 0; rows != NULL && i < rows->len; i++) {
        g_hash_table_add(ids, g_strdup(((const StoreInvitee *)rows->pdata[i])->id));
    }
    return ids;
}

static bool queue_job(StoreDb *db, void *data, GError **error)
{
    Queue *queue = data;
    g_autoptr(GHashTable) ids = queue->all ? NULL : pick(db, queue, error);
    return (queue->all || ids != NULL) &&
           mail_queue_invitations(queue->request->http->services.mail, db,
                                  queue->request->params[0], ids, queue->not_sent, &queue->queued,
                                  error);
}

static void on_queued(void *data, const GError *error)
{
    Queue *queue = data;
    HttpRequest *request = queue->request;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        mail_wake(request->http->services.mail);
        http_reply_json(request, 202, json_pack("{s:i}", "queued", (int)queue->queued));
    }
    queue_free(queue);
}

static bool take_to(const json_t *json, Queue *queue, GError **error)
{
    const char *word = json_string_value(json);
    queue->not_sent = g_strcmp0(word, "not-sent") == 0;
    queue->all = queue->not_sent || g_strcmp0(word, "all") == 0;
    return queue->all || http_take_chosen(json, "to", SHOWS, &queue->chosen, error);
}

void http_on_mails_post(Http *http, HttpRequest *request)
{
    static const char *const known[] = {"kind", "to", NULL};
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(GError) error = NULL;
    Queue *queue = g_new0(Queue, 1);
    queue->request = request;
    const char *kind = json_string_value(json_object_get(body, "kind"));
    bool good = session_only_known(body, known, "", &error) &&
                take_to(json_object_get(body, "to"), queue, &error);
    if (good && g_strcmp0(kind, mail_kind_name(MAIL_INVITATION)) != 0) {
        good = base_refuse(&error, BASE_CODE_BAD_VALUE, "kind",
                           json_pack("{s:s}", "allowed", "invitation"), "\"kind\" is invitation.");
    }
    if (good && http_may_invite_to(http, request->params[0], true, &error)) {
        store_submit(http->services.store, queue_job, on_queued, queue);
    } else {
        http_reply_error(request, error);
        queue_free(queue);
    }
}

/* List */

typedef struct {
    HttpRequest *request;
    int64_t before;
    GPtrArray *rows;
    int64_t counts[STORE_MAIL_STATES];
} List;

static bool list_job(StoreDb *db, void *data, GError **error)
{
    List *list = data;
    const char *session = list->request->params[0];
    g_clear_pointer(&list->rows, g_ptr_array_unref);
    list->rows = store_mails_list(db, session, list->before, PAGE_ROWS + 1, error);
    return list->rows != NULL && store_mails_count(db, session, list->counts, error);
}

static json_t *list_json(const List *list)
{
    json_t *items = json_array(), *counts = json_object();
    bool more = list->rows->len > PAGE_ROWS;
    for (guint i = 0; i < MIN(list->rows->len, PAGE_ROWS); i++) {
        json_array_append_new(items, http_mail_json(list->rows->pdata[i]));
    }
    for (int i = 0; i < STORE_MAIL_STATES; i++) {
        json_object_set_new(counts, store_mail_state_name((StoreMailState)i),
                            json_integer(list->counts[i]));
    }
    const StoreMail *last = more ? list->rows->pdata[PAGE_ROWS - 1] : NULL;
    g_autofree char *next = more ? g_strdup_printf("%" G_GINT64_FORMAT, last->n) : NULL;
    Mail *mail = list->request->http->services.mail;
    MailStats stats;
    mail_stats(mail, &stats);
    return json_pack("{s:o, s:s?, s:o, s:{s:b, s:s?}}", "items", items, "next", next, "counts",
                     counts, "relay", "configured", mail_is_on(mail), "trouble", stats.trouble);
}

static void on_listed(void *data, const GError *error)
{
    List *list = data;
    if (error != NULL) {
        http_reply_error(list->request, error);
    } else {
        http_reply_json(list->request, 200, list_json(list));
    }
    g_clear_pointer(&list->rows, g_ptr_array_unref);
    g_free(list);
}

void http_on_mails(Http *http, HttpRequest *request)
{
    g_autoptr(GHashTable) query = request->query != NULL ? soup_form_decode(request->query) : NULL;
    const char *cursor = query != NULL ? g_hash_table_lookup(query, "cursor") : NULL;
    guint64 before = 0;
    if (cursor != NULL &&
        !g_ascii_string_to_unsigned(cursor, 10, 1, (guint64)INT64_MAX, &before, NULL)) {
        g_autoptr(GError) error = NULL;
        base_refuse(&error, BASE_CODE_BAD_VALUE, "cursor",
                    json_pack("{s:s}", "allowed", "the \"next\" of a list"),
                    "\"cursor\" is the \"next\" of a list.");
        http_reply_error(request, error);
        return;
    }
    List *list = g_new0(List, 1);
    list->request = request;
    list->before = (int64_t)before;
    store_submit(http->services.store, list_job, on_listed, list);
}

/* Decide */

typedef struct {
    HttpRequest *request;
    bool retry;
    StoreMail *row;
} Decide;

static bool decide_job(StoreDb *db, void *data, GError **error)
{
    Decide *decide = data;
    const char *id = decide->request->params[0];
    g_clear_pointer(&decide->row, store_mail_free);
    bool good = decide->retry ? mail_retry(db, id, &decide->row, error)
                              : mail_cancel(db, id, &decide->row, error);
    if (!good && error != NULL && g_error_matches(*error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        g_clear_error(error);
        base_refuse(error, BASE_CODE_NO_MAIL, NULL, NULL, "There is no such mail.");
    }
    return good;
}

static void on_decided(void *data, const GError *error)
{
    Decide *decide = data;
    HttpRequest *request = decide->request;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        mail_wake(request->http->services.mail);
        http_reply_json(request, 200, http_mail_json(decide->row));
    }
    g_clear_pointer(&decide->row, store_mail_free);
    g_free(decide);
}

void http_on_mail_post(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    const char *act = json_string_value(json_object_get(body, "act"));
    bool retry = g_strcmp0(act, "retry") == 0;
    g_autoptr(GError) error = NULL;
    if (!retry && g_strcmp0(act, "cancel") != 0) {
        base_refuse(&error, BASE_CODE_BAD_VALUE, "act",
                    json_pack("{s:s}", "allowed", "retry, cancel"), "\"act\" is retry or cancel.");
    } else if (retry && !mail_is_on(http->services.mail)) {
        base_refuse(&error, BASE_CODE_MAIL_OFF, NULL, NULL,
                    "Mail is not set up on this server: [mail] relay.");
    }
    if (error != NULL) {
        http_reply_error(request, error);
        return;
    }
    Decide *decide = g_new0(Decide, 1);
    *decide = (Decide){.request = request, .retry = retry};
    store_submit(http->services.store, decide_job, on_decided, decide);
}

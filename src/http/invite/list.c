// SPDX-License-Identifier: GPL-3.0-or-later
// The invitations of a session, or of staff, page by page, with states and counts.
#include "base/clock.h"
#include "base/fold.h"
#include "base/id.h"
#include "base/json.h"
#include "http/fields/query.h"
#include "http/invite/private.h"
#include "http/people/private.h"
#include "http/resources.h"

#define PAGE 100

typedef struct {
    HttpRequest *request;
    StoreInviteeFind find; // borrows from the rest
    GArray *words;         // BaseFoldWord; nullable
    char *after;           // nullable
    char *text;            // the answer; nullable
} List;

static void list_free(List *list)
{
    g_clear_pointer(&list->words, g_array_unref);
    g_free(list->after);
    g_free(list->text);
    g_free(list);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(List, list_free)

/* Reader thread. NULL: failed. */
static json_t *row_json(StoreDb *db, const StoreInvitee *row, GError **error)
{
    g_autoptr(StoreMail) mail = NULL;
    if (!store_mail_newest(db, row->id, &mail, error)) {
        return NULL;
    }
    g_autofree char *created = base_time_format(row->created_us);
    g_autofree char *opened = row->opened_us != 0 ? base_time_format(row->opened_us) : NULL;
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:o, s:s?, s:b, s:b, s:s?, s:s}", "id",
                     row->id, "role", row->role, "person", row->person, "name", row->name, "entity",
                     row->entity, "email", row->email, "mail",
                     mail != NULL ? http_mail_json(mail) : json_null(), "coming", row->coming,
                     "disabled", row->disabled, "revoked", row->revoked, "opened_at", opened,
                     "created_at", created);
}

static json_t *counts_json(const StoreInviteeCounts *counts)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "all", (json_int_t)counts->all,
                     "valid", (json_int_t)counts->valid, "opened", (json_int_t)counts->opened,
                     "without_address", (json_int_t)counts->without_address, "attendees",
                     (json_int_t)counts->attendees, "speakers", (json_int_t)counts->speakers,
                     "mailable", (json_int_t)counts->mailable, "unmailed",
                     (json_int_t)counts->unmailed);
}

/* Reader thread. */
static bool list_job(StoreDb *db, void *data, GError **error)
{
    List *list = data;
    StoreInviteeFind find = list->find;
    StoreInviteeCounts counts = {0};
    find.limit++; // is there a next page?
    g_autoptr(GPtrArray) rows = store_invitees_find(db, &find, error);
    if (rows == NULL || !store_invitees_count(db, find.session, &counts, error)) {
        return false;
    }
    guint count = MIN(rows->len, list->find.limit);
    const StoreInvitee *last = rows->len > count ? rows->pdata[count - 1] : NULL;
    json_t *items = json_array();
    g_autoptr(json_t) answer =
        json_pack("{s:o, s:s?, s:o}", "items", items, "next", last != NULL ? last->id : NULL,
                  "counts", counts_json(&counts));
    for (guint i = 0; i < count; i++) {
        json_t *item = row_json(db, rows->pdata[i], error);
        if (item == NULL) {
            return false;
        }
        json_array_append_new(items, item);
    }
    g_free(list->text);
    list->text = base_json_text(answer);
    return true;
}

static void on_listed(void *data, const GError *failed)
{
    g_autoptr(List) list = data;
    if (http_still_allowed(list->request, failed)) {
        http_reply_json_text(list->request, 200, g_steal_pointer(&list->text));
    }
}

static bool take_parameters(List *list, const char *text, GError **error)
{
    g_autoptr(GHashTable) query = http_query_new(text);
    const char *show = g_hash_table_lookup(query, "show");
    if (show != NULL && !store_show_parse(show, &list->find.show)) {
        return base_refuse_value(error, "show",
                                 "all, valid, unopened, unmailed, unanswered, revoked");
    }
    if (!http_query_words(query, &list->words, error) ||
        !http_query_id(query, "cursor", BASE_ID_LENGTH, &list->after, error) ||
        !http_query_limit(query, PAGE, &list->find.limit, error)) {
        return false;
    }
    for (guint i = 0; i < MIN(list->words->len, STORE_PEOPLE_WORDS); i++) {
        list->find.words[i] = g_array_index(list->words, BaseFoldWord, i).text;
    }
    list->find.after = list->after;
    return true;
}

void http_on_invitations(Http *http, HttpRequest *request)
{
    g_autoptr(List) list = g_new0(List, 1);
    g_autoptr(GError) error = NULL;
    list->request = request;
    list->find.session = request->route->object == HTTP_OF_SESSION ? request->params[0] : NULL;
    if (!take_parameters(list, request->query, &error)) {
        http_reply_error(request, error);
        return;
    }
    store_submit_read(http->services.store, list_job, on_listed, g_steal_pointer(&list));
}

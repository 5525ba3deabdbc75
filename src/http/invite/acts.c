// SPDX-License-Identifier: GPL-3.0-or-later
// One act on many invitations: revoking, new links beside the old ones or in their place.
#include "base/clock.h"
#include "base/json.h"
#include "http/invite/private.h"
#include "http/resources.h"

#include <string.h>

#define AT_ONCE 200 // people signed out in one turn of main
#define SHOWS                                                                                      \
    (1U << STORE_SHOW_VALID | 1U << STORE_SHOW_UNOPENED | 1U << STORE_SHOW_UNMAILED |              \
     1U << STORE_SHOW_UNANSWERED)

typedef enum { REVOKE, LINKS, REPLACE, KINDS } Kind;

static const char *const kinds[KINDS] = {
    [REVOKE] = "revoke", [LINKS] = "links", [REPLACE] = "replace"};

typedef struct {
    HttpRequest *request;
    Kind kind;
    HttpChosen chosen;
    GPtrArray *people; // char *: to sign out; nullable
    guint signed_out;  // of them
    char *text;        // the answer, with links; nullable
} Acts;

static void clear_text(Acts *acts)
{
    if (acts->text != NULL) {
        explicit_bzero(acts->text, strlen(acts->text));
        g_clear_pointer(&acts->text, g_free);
    }
}

static void acts_free(Acts *acts)
{
    clear_text(acts);
    http_chosen_clear(&acts->chosen);
    g_clear_pointer(&acts->people, g_ptr_array_unref);
    g_free(acts);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Acts, acts_free)

/* Store thread. */
static bool end_invitation(StoreDb *db, Acts *acts, const StoreInvitee *row, GError **error)
{
    g_ptr_array_add(acts->people, g_strdup(row->person));
    return store_token_delete_person(db, row->person, error);
}

/* Store thread. */
static bool make_link(StoreDb *db, Acts *acts, const StoreInvitee *row, json_t *items,
                      GError **error)
{
    bool replace = acts->kind == REPLACE;
    json_t *link = http_link_new(db, acts->request->http, row, replace, error);
    if (link == NULL) {
        return false;
    }
    json_array_append_new(items, link);
    return !replace || end_invitation(db, acts, row, error);
}

/* Store thread. Disabled people get no link: it would open nothing. */
static bool act_job(StoreDb *db, void *data, GError **error)
{
    Acts *acts = data;
    g_clear_pointer(&acts->people, g_ptr_array_unref);
    clear_text(acts);
    g_autoptr(GPtrArray) rows = store_invitees_pick(db, acts->request->params[0], acts->chosen.show,
                                                    acts->chosen.ids, error);
    if (rows == NULL) {
        return false;
    }
    acts->people = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(json_t) items = json_array();
    int done = 0;
    for (guint i = 0; i < rows->len; i++) {
        const StoreInvitee *row = rows->pdata[i];
        if (acts->kind != REVOKE && row->disabled) {
            continue;
        }
        bool good = acts->kind == REVOKE ? store_invitation_revoke(db, row->id, error) &&
                                               end_invitation(db, acts, row, error)
                                         : make_link(db, acts, row, items, error);
        if (!good) {
            return false;
        }
        done++;
    }
    g_autoptr(json_t) answer =
        json_pack("{s:s, s:i, s:O}", "act", kinds[acts->kind], "done", done, "items", items);
    acts->text = base_json_text(answer);
    return true;
}

/* A part in each turn of main, then the answer. */
static void sign_out_some(void *data)
{
    g_autoptr(Acts) acts = data;
    HttpRequest *request = acts->request;
    const HttpServices *services = &request->http->services;
    guint until = MIN(acts->signed_out + AT_ONCE, acts->people->len);
    for (; acts->signed_out < until; acts->signed_out++) {
        const char *person = acts->people->pdata[acts->signed_out];
        auth_tokens_remove_person(services->tokens, person);
        rtc_viewer_remove_owner(services->rtc, person);
    }
    if (until < acts->people->len) {
        base_post(NULL, sign_out_some, g_steal_pointer(&acts));
        return;
    }
    if (until > 0) {
        qa_sign_ins_ended(services->qa);
    }
    http_reply_json_text(request, 200, g_steal_pointer(&acts->text));
}

static void on_acted(void *data, const GError *error)
{
    Acts *acts = data;
    if (error != NULL) {
        http_reply_error(acts->request, error);
        acts_free(acts);
    } else {
        sign_out_some(acts);
    }
}

static bool take_act(const json_t *json, Kind *out, GError **error)
{
    const char *word = json_string_value(json);
    for (int i = 0; word != NULL && i < KINDS; i++) {
        if (strcmp(word, kinds[i]) == 0) {
            *out = (Kind)i;
            return true;
        }
    }
    return base_refuse_value(error, "act", "revoke, links, replace");
}

void http_on_invitation_acts(Http *http, HttpRequest *request)
{
    static const char *const known[] = {"act", "of", NULL};
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(Acts) acts = g_new0(Acts, 1);
    g_autoptr(GError) error = NULL;
    acts->request = request;
    if (!session_only_known(body, known, "", &error) ||
        !take_act(json_object_get(body, "act"), &acts->kind, &error) ||
        !http_take_chosen(json_object_get(body, "of"), "of", SHOWS, &acts->chosen, &error)) {
        http_reply_error(request, error);
        return;
    }
    store_submit(http->services.store, act_job, on_acted, g_steal_pointer(&acts));
}

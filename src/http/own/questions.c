// SPDX-License-Identifier: GPL-3.0-or-later
// A person's own questions in all sessions.
#include "http/resources.h"

#include "base/clock.h"

#define PAGE 20

typedef struct {
    HttpRequest *request;
    char *sessions; // JSON: what the asker may see
    int64_t before, next;
    GPtrArray *rows;    // StoreQuestion
    GPtrArray *targets; // StoreQuestion or NULL, of merged `rows`
} Own;

static void free_question(void *row)
{
    store_question_free(row);
}

static void own_clear(Own *own)
{
    g_clear_pointer(&own->rows, g_ptr_array_unref);
    g_clear_pointer(&own->targets, g_ptr_array_unref);
}

/* Reader thread. */
static bool own_job(StoreDb *db, void *data, GError **error)
{
    Own *own = data;
    own_clear(own);
    own->rows = store_questions_of(db, own->request->who->person, own->sessions, own->before, PAGE,
                                   &own->next, error);
    own->targets = g_ptr_array_new_with_free_func(free_question);
    for (guint i = 0; own->rows != NULL && i < own->rows->len; i++) {
        const StoreQuestion *row = own->rows->pdata[i];
        g_ptr_array_add(own->targets, row->merged_into != NULL
                                          ? store_question_get(db, row->merged_into, NULL)
                                          : NULL);
    }
    return own->rows != NULL;
}

static json_t *own_json(const HttpRequest *request, const StoreSession *session,
                        const StoreQuestion *row, const StoreQuestion *target)
{
    const Live *live = request->http->services.live;
    const char *id = target != NULL ? target->id : row->id;
    AuthObject object = http_session_object(session);
    bool plays = session->deleted_us == 0 && auth_may(request->who, AUTH_SEE_RECORDING, &object);
    int64_t at_us = plays ? live_chapter_at_us(live, session->id, id) : -1;
    g_autofree char *at = base_time_format(row->at_us);
    return json_pack("{s:o, s:{s:o, s:{s:o, s:o}, s:s}, s:o, s:s, s:s?, s:s, s:o}", "id",
                     base_json_string(row->id), "session", "id", base_json_string(session->id),
                     "title", "ar", base_json_string(session->title_ar), "en",
                     base_json_string(session->title_en), "state", store_state_name(session->state),
                     "text", base_json_string(row->text), "state", row->state, "merged_state",
                     target != NULL ? target->state : NULL, "at", at, "at_ms",
                     at_us >= 0 ? json_integer(at_us / BASE_US_PER_MS) : json_null());
}

static bool sees(const HttpRequest *request, const StoreSession *session)
{
    AuthObject object = session != NULL ? http_session_object(session) : (AuthObject){0};
    return session != NULL && auth_may(request->who, AUTH_SEE_QUESTIONS, &object);
}

static void reply_own(const Own *own)
{
    HttpRequest *request = own->request;
    json_t *items = json_array();
    for (guint i = 0; i < own->rows->len; i++) {
        const StoreQuestion *row = own->rows->pdata[i];
        const StoreSession *session = live_session(request->http->services.live, row->session);
        if (sees(request, session)) {
            json_array_append_new(items, own_json(request, session, row, own->targets->pdata[i]));
        }
    }
    g_autofree char *next = own->next > 0 ? g_strdup_printf("%" G_GINT64_FORMAT, own->next) : NULL;
    http_reply_json(request, 200, json_pack("{s:o, s:s?}", "items", items, "next", next));
}

static void on_own(void *data, const GError *failed)
{
    Own *own = data;
    if (http_still_allowed(own->request, failed)) {
        reply_own(own);
    }
    own_clear(own);
    g_free(own->sessions);
    g_free(own);
}

static char *seen_sessions(const HttpRequest *request)
{
    g_autoptr(GPtrArray) rows = live_sessions(request->http->services.live);
    g_autoptr(json_t) ids = json_array();
    for (guint i = 0; i < rows->len; i++) {
        const StoreSession *row = rows->pdata[i];
        if (sees(request, row)) {
            json_array_append_new(ids, json_string(row->id));
        }
    }
    return base_json_text(ids);
}

void http_on_own_questions(Http *http, HttpRequest *request)
{
    g_autoptr(GHashTable) query = request->query != NULL ? soup_form_decode(request->query) : NULL;
    const char *cursor = query != NULL ? g_hash_table_lookup(query, "cursor") : NULL;
    guint64 before = 0;
    if (cursor != NULL && !g_ascii_string_to_unsigned(cursor, 10, 1, INT64_MAX, &before, NULL)) {
        http_reply_problem(request, BASE_CODE_INVALID,
                           "\"cursor\" is the \"next\" of an earlier answer.");
        return;
    }
    Own *own = g_new0(Own, 1);
    own->request = request;
    own->before = (int64_t)before;
    own->sessions = seen_sessions(request);
    store_submit_read(http->services.store, own_job, on_own, own);
}

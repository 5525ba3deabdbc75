// SPDX-License-Identifier: GPL-3.0-or-later
// Changes of many recordings, one after another in the background. The newest acts stay in memory
// with the outcome of each recording.
#include "base/clock.h"
#include "base/id.h"
#include "base/loop.h"
#include "http/resources.h"

#define KEPT 20   // acts
#define WAITING 5 // acts that are not done

typedef enum { WAITS, WORKS, DONE, REFUSED } Outcome;

static const char *const outcomes[] = {
    [WAITS] = "waiting", [WORKS] = "working", [DONE] = "done", [REFUSED] = "refused"};

typedef struct {
    char *id;
    char *title_ar, *title_en; // nullable: no such session
    Outcome outcome;
    BaseCode code; // of REFUSED
    json_t *params;
} Item;

typedef struct {
    HttpActs *acts;
    char *id, *person, *name;
    SessionAct what;
    GPtrArray *items;           // Item
    guint at;                   // the item that works, or waits next
    int64_t begun_us, ended_us; // wall clock; 0: not yet
} Act;

struct HttpActs {
    Http *http;
    GQueue list; // Act, the newest first
    bool working;
};

static void item_free(void *data)
{
    Item *item = data;
    g_free(item->id);
    g_free(item->title_ar);
    g_free(item->title_en);
    json_decref(item->params);
    g_free(item);
}

static void act_free(void *data)
{
    Act *act = data;
    g_free(act->id);
    g_free(act->person);
    g_free(act->name);
    session_act_clear(&act->what);
    g_ptr_array_unref(act->items);
    g_free(act);
}

HttpActs *http_acts_new(void)
{
    HttpActs *acts = g_new0(HttpActs, 1);
    g_queue_init(&acts->list);
    return acts;
}

void http_acts_free(HttpActs *acts)
{
    g_queue_clear_full(&acts->list, act_free);
    g_free(acts);
}

/* --- Work ------------------------------------------------------------------------------------- */

static void next_step(void *data);

static void finish_item(Act *act, const GError *error)
{
    Item *item = act->items->pdata[act->at];
    const json_t *params = error != NULL ? base_error_params(error) : NULL;
    item->outcome = error != NULL ? REFUSED : DONE;
    item->code = error != NULL ? base_error_code(error) : BASE_CODE_NONE;
    item->params = params != NULL ? json_deep_copy(params) : NULL;
    act->at++;
    act->ended_us = act->at == act->items->len ? base_wall_us() : 0;
}

static void on_done(void *data, const GError *error)
{
    Act *act = data;
    finish_item(act, error);
    act->acts->working = false;
    base_post(NULL, next_step, act->acts);
}

static void retain(Live *live, const StoreSession *row, int days, Act *act)
{
    StoreSession *copy = store_session_copy(row);
    copy->retention_days = days;
    live_save(live, copy, on_done, act);
}

static void hold(Live *live, const StoreSession *row, bool on, Act *act)
{
    SessionRecording want = {0};
    live_recording_ends(live, row->id, &want);
    want.hold = on;
    live_change_recording(live, row->id, &want, act->person, act->what.why, on_done, act);
}

/* What is as asked already counts as done. */
static void carry_out(Act *act, Live *live, const StoreSession *row)
{
    bool published = row->state == SESSION_PUBLISHED;
    switch (act->what.kind) {
    case SESSION_ACT_PUBLISH:
    case SESSION_ACT_UNPUBLISH:
        if (published == (act->what.kind == SESSION_ACT_PUBLISH)) {
            on_done(act, NULL);
        } else {
            live_set_state(live, row->id, published ? SESSION_ENDED : SESSION_PUBLISHED, on_done,
                           act);
        }
        break;
    case SESSION_ACT_HOLD:
    case SESSION_ACT_RELEASE:
        hold(live, row, act->what.kind == SESSION_ACT_HOLD, act);
        break;
    case SESSION_ACT_RETAIN:
        retain(live, row, act->what.days, act);
        break;
    case SESSION_ACT_EXPORT: {
        const HttpServices *services = &act->acts->http->services;
        services->export_begin(services->export_data, row, on_done, act);
        break;
    }
    case SESSION_ACTS:
        g_assert_not_reached();
    }
}

static void work_on(Act *act)
{
    Live *live = act->acts->http->services.live;
    Item *item = act->items->pdata[act->at];
    const StoreSession *row = live_session(live, item->id);
    g_autoptr(GError) error = NULL;
    item->outcome = WORKS;
    act->acts->working = true;
    if (row == NULL) {
        base_refuse(&error, BASE_CODE_NO_SESSION, NULL, NULL, "There is no such session.");
        on_done(act, error);
    } else if (!session_recording_is_there(row, &error)) {
        on_done(act, error);
    } else {
        carry_out(act, live, row);
    }
}

/* The oldest act that is not done. */
static void next_step(void *data)
{
    HttpActs *acts = data;
    for (GList *link = acts->list.tail; link != NULL && !acts->working; link = link->prev) {
        Act *act = link->data;
        if (act->ended_us == 0) {
            work_on(act);
            return;
        }
    }
}

/* --- Requests --------------------------------------------------------------------------------- */

static json_t *title_json(const Item *item)
{
    return json_pack("{s:o, s:o}", "ar", base_json_string(item->title_ar), "en",
                     base_json_string(item->title_en));
}

static json_t *act_json(const Act *act)
{
    json_t *items = json_array();
    for (guint i = 0; i < act->items->len; i++) {
        const Item *item = act->items->pdata[i];
        json_array_append_new(
            items, json_pack("{s:s, s:o, s:s, s:s?, s:o}", "recording", item->id, "title",
                             title_json(item), "outcome", outcomes[item->outcome], "code",
                             item->outcome == REFUSED ? base_code_text(item->code) : NULL, "params",
                             item->params != NULL ? json_incref(item->params) : json_object()));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:o}", "id", act->id, "act",
                     session_act_name(act->what.kind), "by", base_json_string(act->name),
                     "begun_at", base_json_time(act->begun_us), "ended_at",
                     base_json_time(act->ended_us), "done", (int)act->at, "items", items);
}

void http_on_acts(Http *http, HttpRequest *request)
{
    json_t *items = json_array();
    for (GList *link = http->acts->list.head; link != NULL; link = link->next) {
        json_array_append_new(items, act_json(link->data));
    }
    http_reply_json(request, 200, json_pack("{s:o, s:n}", "items", items, "next"));
}

static void add_item(Act *act, const char *id, const StoreSession *row)
{
    Item *item = g_new0(Item, 1);
    item->id = g_strdup(id);
    item->title_ar = row != NULL ? g_strdup(row->title_ar) : NULL;
    item->title_en = row != NULL ? g_strdup(row->title_en) : NULL;
    g_ptr_array_add(act->items, item);
}

/* Takes `what`. */
static Act *act_new(HttpRequest *request, const SessionAct *what)
{
    Http *http = request->http;
    Act *act = g_new0(Act, 1);
    *act = (Act){.acts = http->acts,
                 .id = base_id_new(BASE_ID_LENGTH),
                 .person = g_strdup(request->who->person),
                 .name = g_strdup(request->who->name),
                 .what = *what,
                 .items = g_ptr_array_new_with_free_func(item_free),
                 .begun_us = base_wall_us()};
    for (char **id = what->recordings; *id != NULL; id++) {
        add_item(act, *id, live_session(http->services.live, *id));
    }
    return act;
}

/* Forgets the oldest, which is done: acts are worked on in order. */
static bool has_room(HttpActs *acts)
{
    unsigned open = 0;
    for (GList *link = acts->list.head; link != NULL; link = link->next) {
        open += ((const Act *)link->data)->ended_us == 0;
    }
    if (open < WAITING && acts->list.length == KEPT) {
        act_free(g_queue_pop_tail(&acts->list));
    }
    return open < WAITING;
}

void http_on_act_post(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    SessionAct what;
    if (body == NULL) {
        return;
    }
    const HttpServices *services = &http->services;
    if (!session_act_check(body, &what, &error)) {
        http_reply_error(request, error);
    } else if (what.kind == SESSION_ACT_EXPORT &&
               !services->export_ready(services->export_data, &error)) {
        session_act_clear(&what);
        http_reply_error(request, error);
    } else if (!has_room(http->acts)) {
        session_act_clear(&what);
        http_reply_problem(request, BASE_CODE_BUSY,
                           "Several acts wait already. Try again when one of them is done.");
    } else {
        Act *act = act_new(request, &what);
        http->acts->http = http;
        g_queue_push_head(&http->acts->list, act);
        http_reply_json(request, 202, act_json(act));
        base_post(NULL, next_step, http->acts);
    }
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Who comes to a session: a person's answer; counts for staff.
#include "base/clock.h"
#include "http/resources.h"

static const char *const answers[] = {"yes", "maybe", "no", NULL};

typedef struct {
    HttpRequest *request;
    char *put; // nullable
    bool counts;
    char *coming;        // nullable
    GPtrArray *entities; // StorePlans; nullable
} Plan;

static void plan_free(Plan *plan)
{
    g_free(plan->put);
    g_free(plan->coming);
    g_clear_pointer(&plan->entities, g_ptr_array_unref);
    g_free(plan);
}

static json_t *counts_json(const GPtrArray *entities)
{
    int64_t yes = 0, maybe = 0, no = 0;
    json_t *list = json_array();
    for (guint i = 0; i < entities->len; i++) {
        const StorePlans *one = entities->pdata[i];
        yes += one->yes;
        maybe += one->maybe;
        no += one->no;
        json_array_append_new(list, json_pack("{s:s?, s:I, s:I, s:I}", "entity", one->entity, "yes",
                                              (json_int_t)one->yes, "maybe", (json_int_t)one->maybe,
                                              "no", (json_int_t)one->no));
    }
    return json_pack("{s:I, s:I, s:I, s:o}", "yes", (json_int_t)yes, "maybe", (json_int_t)maybe,
                     "no", (json_int_t)no, "entities", list);
}

static bool plan_job(StoreDb *db, void *data, GError **error)
{
    Plan *plan = data;
    const HttpRequest *request = plan->request;
    const char *session = request->params[0], *person = request->who->person;
    g_clear_pointer(&plan->coming, g_free);
    g_clear_pointer(&plan->entities, g_ptr_array_unref);
    if (plan->put != NULL &&
        !store_plan_put(db, session, person, plan->put, base_wall_us(), error)) {
        return false;
    }
    if (!store_plan_get(db, session, person, &plan->coming, error)) {
        return false;
    }
    plan->entities = plan->counts ? store_plans_count(db, session, error) : NULL;
    return !plan->counts || plan->entities != NULL;
}

static void on_planned(void *data, const GError *error)
{
    Plan *plan = data;
    HttpRequest *request = plan->request;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        json_t *json = json_pack("{s:s?}", "coming", plan->coming);
        if (plan->entities != NULL) {
            json_object_set_new(json, "counts", counts_json(plan->entities));
        }
        http_reply_json(request, 200, json);
    }
    plan_free(plan);
}

static Plan *plan_new(HttpRequest *request)
{
    Plan *plan = g_new0(Plan, 1);
    plan->request = request;
    plan->counts = http_may(request, AUTH_INVITE);
    return plan;
}

void http_on_plan(Http *http, HttpRequest *request)
{
    store_submit_read(http->services.store, plan_job, on_planned, plan_new(request));
}

static bool take_answer(const json_t *body, const StoreSession *row, char **out, GError **error)
{
    const char *coming = json_string_value(json_object_get(body, "coming"));
    if (coming == NULL || !g_strv_contains(answers, coming)) {
        return base_refuse(error, BASE_CODE_BAD_VALUE, "coming",
                           json_pack("{s:s}", "allowed", "yes, maybe, no"),
                           "\"coming\" is one of yes, maybe, no.");
    }
    if (!session_is_ahead(row->state)) {
        return base_refuse(error, BASE_CODE_PLANS_CLOSED, NULL, NULL,
                           "The session is over or was cancelled: nothing is planned any more.");
    }
    *out = g_strdup(coming);
    return true;
}

void http_on_plan_put(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autofree char *coming = NULL;
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    if (!take_answer(body, row, &coming, &error)) {
        http_reply_error(request, error);
        return;
    }
    Plan *plan = plan_new(request);
    plan->put = g_steal_pointer(&coming);
    store_submit(http->services.store, plan_job, on_planned, plan);
}

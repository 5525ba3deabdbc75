// SPDX-License-Identifier: GPL-3.0-or-later
// Questions: qa_request(), as over the websocket.
#include "http/resources.h"

#include <string.h>

static void refuse(HttpRequest *request, const json_t *reply)
{
    const char *detail = json_string_value(json_object_get(reply, "detail"));
    const char *field = json_string_value(json_object_get(reply, "field"));
    BaseCode code = base_code_find(json_string_value(json_object_get(reply, "code")));
    g_autoptr(GError) error = NULL;
    base_refuse(&error, code != BASE_CODE_NONE ? code : BASE_CODE_FAILED, field,
                json_deep_copy(json_object_get(reply, "params")), "%s",
                detail != NULL ? detail : "The question could not be changed.");
    http_reply_error(request, error);
}

static void on_reply(void *data, const json_t *reply)
{
    HttpRequest *request = data;
    const char *op = json_string_value(json_object_get(reply, "op"));
    if (g_strcmp0(op, "ok") != 0) {
        refuse(request, reply);
        return;
    }
    json_t *question = json_object_get(reply, "question");
    bool created = strcmp(request->route->method, "POST") == 0;
    http_reply_json(request, created ? 201 : 200,
                    question != NULL ? json_incref(question) : json_object());
}

/* Takes `message`. */
static void operate(Http *http, HttpRequest *request, const char *session, json_t *message)
{
    json_object_set_new(message, "ref", json_string(request->id));
    qa_request(http->services.qa, session, request->who, message, on_reply, request);
    json_decref(message);
}

static void operate_on_question(Http *http, HttpRequest *request, json_t *message)
{
    const char *id = request->params[0];
    json_object_set_new(message, "question", json_string(id));
    operate(http, request, request->session, message);
}

static void on_list(void *data, const char *questions)
{
    HttpRequest *request = data;
    if (questions == NULL) {
        http_reply_problem(request, BASE_CODE_UNAVAILABLE,
                           "The questions cannot be read at the moment. Try again shortly.");
        return;
    }
    char *text = g_strdup_printf("{\"items\":%s,\"next\":null}", questions);
    http_reply_json_text(request, 200, text);
}

void http_on_questions(Http *http, HttpRequest *request)
{
    qa_list(http->services.qa, request->params[0], request->who, on_list, request);
}

void http_on_question_post(Http *http, HttpRequest *request)
{
    json_t *body = http_request_json(request);
    if (body != NULL) {
        json_object_set_new(body, "op", json_string("ask"));
        operate(http, request, request->params[0], body);
    }
}

/* An undo or a withdrawal stands alone in its request. */
static bool check_patch(const json_t *body, GError **error)
{
    static const char *const all[] = {"state", "text", "starred", "merge_into", "undo", NULL};
    static const char *const undo[] = {"undo", NULL}, *const state[] = {"state", NULL};
    const char *to = json_string_value(json_object_get(body, "state"));
    bool undoes = json_object_get(body, "undo") != NULL;
    bool withdraws = g_strcmp0(to, "withdrawn") == 0;
    return session_only_known(body, undoes ? undo : withdraws ? state : all, "", error);
}

void http_on_question_patch(Http *http, HttpRequest *request)
{
    json_t *body = http_request_json(request);
    if (body == NULL) {
        return;
    }
    g_autoptr(GError) error = NULL;
    if (!check_patch(body, &error)) {
        http_reply_error(request, error);
        json_decref(body);
        return;
    }
    json_t *act = json_object_get(body, "undo");
    if (act != NULL) {
        operate_on_question(http, request, json_pack("{s:s, s:O}", "op", "undo", "act", act));
        json_decref(body);
        return;
    }
    json_t *state = json_incref(json_object_get(body, "state"));
    json_object_del(body, "state");
    bool withdraw = g_strcmp0(json_string_value(state), "withdrawn") == 0;
    json_object_set_new(body, "op", json_string(withdraw ? "withdraw" : "moderate"));
    if (state != NULL && !withdraw) {
        json_object_set(body, "to", state);
    }
    json_decref(state);
    operate_on_question(http, request, body);
}

static void vote(Http *http, HttpRequest *request, bool on)
{
    operate_on_question(http, request, json_pack("{s:s, s:b}", "op", "vote", "on", on));
}

void http_on_vote_put(Http *http, HttpRequest *request)
{
    vote(http, request, true);
}

void http_on_vote_delete(Http *http, HttpRequest *request)
{
    vote(http, request, false);
}

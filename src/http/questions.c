// SPDX-License-Identifier: GPL-3.0-or-later
// The API's questions: the same operations as over the websocket (qa_request()), in HTTP's clothes.
// Main thread.
#include "http/private.h"

#include <string.h>

static unsigned status_of(const char *type)
{
    static const struct {
        const char *type;
        BaseError code;
    } types[] = {
        {"invalid", BASE_ERROR_INVALID},       {"denied", BASE_ERROR_DENIED},
        {"not_found", BASE_ERROR_NOT_FOUND},   {"conflict", BASE_ERROR_CONFLICT},
        {"limit", BASE_ERROR_LIMIT},           {"unavailable", BASE_ERROR_UNAVAILABLE},
        {"signed_out", BASE_ERROR_SIGNED_OUT}, {"full", BASE_ERROR_FULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_strcmp0(types[i].type, type) == 0) {
            return types[i].code;
        }
    }
    return BASE_ERROR_FAILED;
}

static void on_reply(void *data, const json_t *reply)
{
    HttpRequest *request = data;
    const char *op = json_string_value(json_object_get(reply, "op"));
    if (g_strcmp0(op, "ok") != 0) {
        const char *detail = json_string_value(json_object_get(reply, "detail"));
        http_reply_problem(request, status_of(json_string_value(json_object_get(reply, "type"))),
                           detail != NULL ? detail : "The question could not be changed.");
        return;
    }
    json_t *question = json_object_get(reply, "question");
    bool created = strcmp(request->route->method, "POST") == 0;
    http_reply_json(request, created ? 201 : 200,
                    question != NULL ? json_incref(question) : json_object());
}

/* Sends `message` (full ownership) on its way. */
static void operate(Http *http, HttpRequest *request, const char *session, json_t *message)
{
    json_object_set_new(message, "ref", json_string(request->id));
    qa_request(http->rooms.qa, session, request->who, message, on_reply, request);
    json_decref(message);
}

static void operate_on_question(Http *http, HttpRequest *request, json_t *message)
{
    const char *id = request->params[0];
    json_object_set_new(message, "question", json_string(id));
    operate(http, request, qa_question_session(http->rooms.qa, id), message);
}

static void on_list(void *data, const char *questions)
{
    HttpRequest *request = data;
    if (questions == NULL) {
        http_reply_problem(request, BASE_ERROR_UNAVAILABLE,
                           "The questions cannot be read at the moment. Try again shortly.");
        return;
    }
    char *text = g_strdup_printf("{\"items\":%s,\"next\":null}", questions);
    http_reply(request, 200, "application/json", g_bytes_new_take(text, strlen(text)));
}

void http_on_questions(Http *http, HttpRequest *request)
{
    qa_list(http->rooms.qa, request->params[0], request->who, on_list, request);
}

void http_on_question_post(Http *http, HttpRequest *request)
{
    json_t *body = http_request_json(request);
    if (body != NULL) {
        json_object_set_new(body, "op", json_string("ask"));
        operate(http, request, request->params[0], body);
    }
}

void http_on_question_patch(Http *http, HttpRequest *request)
{
    json_t *body = http_request_json(request);
    if (body == NULL) {
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

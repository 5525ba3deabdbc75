// SPDX-License-Identifier: GPL-3.0-or-later
// A session's inputs for staff: where encoders publish, and their keys.
#include "http/rtc/whep.h"

#include "base/clock.h"

/* Of `row`. */
static int64_t *issued_us(StoreSession *row, int input)
{
    int64_t *const fields[MEDIA_INPUTS] = {&row->speaker_key_us, &row->screen_key_us,
                                           &row->guest_key_us};
    return fields[input];
}

static json_t *input_json(Http *http, const StoreSession *row, int input)
{
    const char *name = media_input_name((unsigned)input);
    int64_t us = *issued_us((StoreSession *)row, input);
    g_autofree char *path = g_strdup_printf("/sessions/%s/whip/%s", row->id, name);
    g_autofree char *key =
        us != 0 ? auth_input_sign(http->services.paths, row->id, name, us) : NULL;
    return json_pack("{s:s, s:s, s:s?, s:o}", "input", name, "path", path, "key", key, "issued_at",
                     base_json_time(us));
}

static void reply_no_session(HttpRequest *request)
{
    http_reply_problem(request, BASE_CODE_NO_SESSION, "There is no such session.");
}

void http_on_inputs(Http *http, HttpRequest *request)
{
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    if (row == NULL) {
        reply_no_session(request);
        return;
    }
    json_t *items = json_array();
    for (int i = 0; i < MEDIA_INPUTS; i++) {
        json_array_append_new(items, input_json(http, row, i));
    }
    http_reply_json(request, 200, json_pack("{s:o}", "items", items));
}

/* Who publishes with the key before ends within a second. */
static void on_saved(void *data, const GError *error)
{
    HttpRequest *request = data;
    const HttpServices *services = &request->http->services;
    const StoreSession *row = live_session(services->live, request->params[0]);
    if (error != NULL || row == NULL) {
        http_reply_error(request, error);
        return;
    }
    g_autofree char *owner = http_encoder(row->id, request->params[1]);
    auth_tokens_take_back(services->tokens, owner);
    http_reply_json(request, 200,
                    input_json(request->http, row, media_input_find(request->params[1])));
}

/* PUT: another one. DELETE: none. */
void http_on_input_key(Http *http, HttpRequest *request)
{
    const StoreSession *row = live_session(http->services.live, request->params[0]);
    int input = media_input_find(request->params[1]);
    if (row == NULL) {
        reply_no_session(request);
        return;
    }
    if (input < 0) {
        http_reply_problem(request, BASE_CODE_NO_INPUT,
                           "There is no such input: there are speaker, screen and guest.");
        return;
    }
    StoreSession *copy = store_session_copy(row);
    int64_t *us = issued_us(copy, input);
    *us = strcmp(request->route->method, "PUT") == 0 ? MAX(base_wall_us(), *us + 1) : 0;
    live_save(http->services.live, copy, on_saved, request);
}

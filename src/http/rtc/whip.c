// SPDX-License-Identifier: GPL-3.0-or-later
// WHIP (RFC 9725): publishes an input. PATCH, DELETE: as WHEP.
#include "http/rtc/whep.h"

static void on_answer(void *data, RtcAnswer *answer, const GError *error)
{
    HttpRequest *request = data;
    if (answer == NULL) {
        http_reply_error(request, error);
        return;
    }
    g_autofree char *place = g_strdup_printf("whip/%s", request->params[1]);
    http_rtc_created(request, place, answer);
}

void http_on_whip_post(Http *http, HttpRequest *request)
{
    int input = media_input_find(request->params[1]);
    if (!http_has_type(request, "application/sdp")) {
        return;
    }
    if (input < 0) {
        http_reply_problem(request, BASE_CODE_NO_INPUT,
                           "There is no such input: publish speaker, screen or guest.");
        return;
    }
    LivePublish publish = {
        .input = (unsigned)input,
        .owner = request->who->person,
        .right = http_rtc_right(request, AUTH_PUBLISH),
        .takeover = http_may(request, AUTH_RUN_SESSION),
    };
    live_publish(http->services.live, request->params[0], (const char *)request->body->data,
                 request->body->len, &publish, on_answer, request);
}

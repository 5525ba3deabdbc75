// SPDX-License-Identifier: GPL-3.0-or-later
// WHIP (RFC 9725): publishes an input. PATCH, DELETE: as WHEP.
#include "http/rtc/whep.h"

#include "base/clock.h"

#define KEY_US (24 * 3600 * BASE_US_PER_S)

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

/* Of a key: what it publishes stays while this does. */
static void lend(HttpRequest *request)
{
    uint8_t hash[AUTH_HASH_BYTES];
    int64_t now_us = base_wall_us();
    auth_secret_hash(request->token, hash);
    auth_tokens_lend(request->http->services.tokens, hash, auth_identity_ref(request->who), now_us,
                     now_us + KEY_US);
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
    if (request->who->role == AUTH_ENCODER) {
        lend(request);
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

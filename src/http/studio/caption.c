// SPDX-License-Identifier: GPL-3.0-or-later
// What staff show over the picture: a speaker's name, or the question on air.
#include "http/resources.h"

static const char *const fields[] = {"show", "speaker", "question", NULL};

static bool take_speaker(const json_t *body, LiveCaption *out, GError **error)
{
    const json_t *place = json_object_get(body, "speaker");
    json_int_t value = json_is_integer(place) ? json_integer_value(place) : -1;
    if (value < 0 || value >= SESSION_MAX_SPEAKERS) {
        return base_refuse_value(error, "speaker",
                                 "a place in the session's list of speakers, from 0");
    }
    out->speaker = (unsigned)value;
    return true;
}

static bool take_question(const json_t *body, LiveCaption *out, GError **error)
{
    out->question = json_string_value(json_object_get(body, "question"));
    return out->question != NULL || base_refuse_value(error, "question", "the question's id");
}

/* Borrows from `body`. */
static bool take_caption(const json_t *body, LiveCaption *out, GError **error)
{
    static const char *const names[] = {"none", "speaker", "question", NULL};
    const char *show = json_string_value(json_object_get(body, "show"));
    if (!session_only_known(body, fields, "", error)) {
        return false;
    }
    *out = (LiveCaption){.show = LIVE_CAPTION_NONE};
    for (int i = 0; show != NULL && names[i] != NULL; i++) {
        if (g_str_equal(show, names[i])) {
            out->show = i;
            return i == LIVE_CAPTION_NONE ||
                   (i == LIVE_CAPTION_SPEAKER ? take_speaker(body, out, error)
                                              : take_question(body, out, error));
        }
    }
    return base_refuse_value(error, "show", "none, speaker, question");
}

static void on_set(void *data, const GError *error)
{
    HttpRequest *request = data;
    if (error != NULL) {
        http_reply_error(request, error);
    } else {
        http_reply_json(request, 200,
                        live_caption(request->http->services.live, request->params[0]));
    }
}

void http_on_caption_put(Http *http, HttpRequest *request)
{
    g_autoptr(json_t) body = http_request_json(request);
    g_autoptr(GError) error = NULL;
    LiveCaption caption;
    if (body == NULL) {
        return;
    }
    if (!take_caption(body, &caption, &error)) {
        http_reply_error(request, error);
        return;
    }
    live_set_caption(http->services.live, request->params[0], &caption, on_set, request);
}

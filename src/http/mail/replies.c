// SPDX-License-Identifier: GPL-3.0-or-later
// Answers of calendars that staff hand in.
#include "base/clock.h"
#include "http/resources.h"
#include "mail/reply/reply.h"

typedef struct {
    HttpRequest *request;
    MailReply *reply;
    MailReplied replied;
} Answer;

static void answer_free(Answer *answer)
{
    mail_reply_free(answer->reply);
    mail_replied_clear(&answer->replied);
    g_free(answer);
}

static bool apply_job(StoreDb *db, void *data, GError **error)
{
    Answer *answer = data;
    mail_replied_clear(&answer->replied);
    return mail_reply_apply(db, answer->reply, base_wall_us(), &answer->replied, error);
}

static void on_applied(void *data, const GError *error)
{
    Answer *answer = data;
    const MailReplied *replied = &answer->replied;
    if (error != NULL) {
        http_reply_error(answer->request, error);
    } else {
        http_reply_json(answer->request, 200,
                        json_pack("{s:s, s:s, s:s, s:s, s:b}", "session", replied->session,
                                  "person", replied->person, "name", replied->name, "coming",
                                  answer->reply->coming, "taken", replied->taken));
    }
    answer_free(answer);
}

void http_on_calendar_reply(Http *http, HttpRequest *request)
{
    static const char *const types[] = {"text/calendar", "message/rfc822", NULL};
    g_autoptr(GError) error = NULL;
    const GByteArray *body = request->body;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(request->message);
    const char *type = soup_message_headers_get_content_type(headers, NULL);
    if (type == NULL || !g_strv_contains(types, type)) { // and no form of another site
        http_reply_status(request, 415, "Content-Type must be text/calendar or message/rfc822.");
        return;
    }
    MailReply *reply = mail_reply_read(body->data, body->len, &error);
    if (reply == NULL) {
        http_reply_error(request, error);
        return;
    }
    Answer *answer = g_new0(Answer, 1);
    *answer = (Answer){.request = request, .reply = reply};
    store_submit(http->services.store, apply_job, on_applied, answer);
}

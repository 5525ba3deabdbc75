// SPDX-License-Identifier: GPL-3.0-or-later
// majlis reply: takes a calendar's answer from standard input, for a mail server's pipe.
#include "mail/reply/reply.h"

#include "base/clock.h"
#include "base/error.h"
#include "options.h"

#include <glib.h>
#include <stdio.h>

typedef struct {
    const MailReply *reply;
    MailReplied replied;
} Answer;

static bool apply_job(StoreDb *db, void *data, GError **error)
{
    Answer *answer = data;
    mail_replied_clear(&answer->replied);
    return mail_reply_apply(db, answer->reply, base_wall_us(), &answer->replied, error);
}

static bool apply(const Conf *conf, Answer *answer, GError **error)
{
    Store *store = options_restored(conf, error) ? store_new(conf->store_url, error) : NULL;
    bool done = store != NULL && store_run(store, apply_job, answer, error);
    store_free(store);
    return done;
}

/* Judged, so that the same mail again says the same: no reason to send it back or to keep it. */
static bool is_judged(const GError *error)
{
    switch (base_error_code(error)) {
    case BASE_CODE_REPLY_UNREADABLE:
    case BASE_CODE_REPLY_UNKNOWN:
    case BASE_CODE_REPLY_NOT_INVITED:
    case BASE_CODE_REPLY_OLD:
    case BASE_CODE_PLANS_CLOSED:
        return true;
    default:
        return false;
    }
}

int reply_main(const Conf *conf)
{
    g_autoptr(GByteArray) mail = g_byte_array_new();
    guint8 bytes[16 * 1024];
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, stdin)) > 0;) {
        if (mail->len <= MAIL_REPLY_BYTES) { // the rest is read and left, or the pipe would break
            g_byte_array_append(mail, bytes, (guint)got);
        }
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(MailReply) reply = mail_reply_read(mail->data, mail->len, &error);
    Answer answer = {.reply = reply};
    if (reply == NULL || !apply(conf, &answer, &error)) {
        options_complain(error->message);
        return is_judged(error) ? EXIT_OK : EXIT_FAILED;
    }
    printf("%s\t%s\t%s\t%s\n", answer.replied.session, answer.replied.person, reply->coming,
           answer.replied.taken ? "taken" : "older than the last answer");
    mail_replied_clear(&answer.replied);
    return EXIT_OK;
}

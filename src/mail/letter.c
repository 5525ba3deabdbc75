// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the mail of a turn: words, calendar, headers.
#include "base/clock.h"
#include "mail/message.h"
#include "mail/private.h"
#include "session/session.h"

static MailKind kind_of(const MailTurn *turn)
{
    MailKind kind = MAIL_INVITATION;
    mail_kind_parse(turn->row->kind, &kind);
    return kind;
}

/* Leads to the recording, or to the answer in it. */
static char *query_of(const MailTurn *turn, MailKind kind)
{
    if (kind == MAIL_ANSWER && turn->answered != NULL) {
        return g_strconcat("?question=", turn->answered, NULL);
    }
    return g_strdup(kind == MAIL_RECORDING || kind == MAIL_ANSWER ? "?recording" : "");
}

static void make_texts(const MailTurn *turn, MailKind kind, const char *stop, MailTexts *out)
{
    g_autofree char *query = query_of(turn, kind);
    MailLetter letter = {.kind = mail_text_kind(kind, turn->role),
                         .session = turn->session,
                         .series = turn->series,
                         .name = turn->person->name,
                         .question = turn->question,
                         .site = turn->mail->config.public_url,
                         .code = turn->linked ? turn->code : NULL,
                         .query = query,
                         .stop = stop};
    for (guint i = 0; i < turn->edited->len; i++) {
        const StoreMailText *row = turn->edited->pdata[i];
        for (int lang = 0; lang < MAIL_LANGUAGES; lang++) {
            if (g_str_equal(row->kind, mail_text_kind_name(letter.kind)) &&
                g_str_equal(row->lang, mail_languages[lang])) {
                letter.templates[lang] = (MailTemplate){row->subject, row->body};
            }
        }
    }
    mail_texts_make(&letter, out);
}

/* Nullable. */
static char *make_calendar(const MailTurn *turn, MailKind kind, const char *replies, int64_t now_us)
{
    if (mail_kind_stops(kind)) {
        return NULL;
    }
    const MailConfig *config = &turn->mail->config;
    g_autofree char *page = g_strdup_printf("%s/ar/s/%s", config->public_url, turn->session->id);
    SessionInvite invite = {.organizer = replies,
                            .organizer_name = config->from_name,
                            .attendee = turn->row->address,
                            .attendee_name = turn->person->name};
    return session_invite(turn->session, page, &invite, now_us);
}

GString *mail_letter(const MailTurn *turn)
{
    const MailConfig *config = &turn->mail->config;
    MailKind kind = kind_of(turn);
    bool signs = config->paths != NULL && mail_kind_stops(kind);
    g_autofree char *stop = signs ? auth_choice_sign(config->paths, turn->person->id) : NULL;
    g_autofree char *page =
        stop != NULL ? g_strdup_printf("%s/ar/unsubscribe/%s", config->public_url, stop) : NULL;
    const char *replies = config->reply_to[0] != '\0' ? config->reply_to : config->from;
    int64_t now_us = base_wall_us();
    g_autofree char *calendar = make_calendar(turn, kind, replies, now_us);
    g_auto(MailTexts) texts = {0};
    make_texts(turn, kind, stop, &texts);
    MailMessage message = {.id = turn->row->message_id,
                           .date_us = now_us,
                           .from = config->from,
                           .from_name = config->from_name,
                           .reply_to = config->reply_to[0] != '\0' ? config->reply_to : NULL,
                           .to = turn->row->address,
                           .to_name = turn->person->name,
                           .subject = texts.subject,
                           .unsubscribe =
                               mail_kind_stops(kind) || kind == MAIL_INVITATION ? replies : NULL,
                           .unsubscribe_page = page,
                           .text = texts.text,
                           .html = texts.html,
                           .calendar = calendar,
                           .method = kind == MAIL_CANCELLATION ? "CANCEL" : "REQUEST"};
    return mail_message(&message);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Headers and parts of a mail.
#include "mail/message.h"

#include "mail/encode.h"

#include <string.h>
#include <time.h>

#define ZONE_AHEAD_S (4 * 3600) // Asia/Dubai

/* RFC 5322 3.3; not by strftime(), which follows the locale. */
static void append_date(GString *out, int64_t date_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(date_us / G_USEC_PER_SEC) + ZONE_AHEAD_S;
    struct tm time = {0};
    gmtime_r(&seconds, &time);
    g_string_append_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0400\r\n",
                           days[time.tm_wday], time.tm_mday, months[time.tm_mon],
                           time.tm_year + 1900, time.tm_hour, time.tm_min, time.tm_sec);
}

static void append_part(GString *out, const char *boundary, const char *type, const char *body)
{
    g_string_append_printf(out,
                           "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n",
                           boundary, type);
    mail_append_body(out, body);
}

static void append_unsubscribe(GString *out, const MailMessage *message)
{
    const char *page = message->unsubscribe_page;
    if (message->unsubscribe == NULL) {
        return;
    }
    g_string_append(out, "List-Unsubscribe:");
    if (page != NULL) {
        g_string_append_printf(out, "\r\n <%s>,", page);
    }
    g_string_append_printf(out, "\r\n <mailto:%s?subject=unsubscribe>\r\n", message->unsubscribe);
    if (page != NULL && g_str_has_prefix(page, "https:")) { // RFC 8058 3.1
        g_string_append(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    }
}

static void append_head(GString *out, const MailMessage *message)
{
    append_date(out, message->date_us);
    mail_append_mailbox(out, "From", message->from_name, message->from);
    if (message->reply_to != NULL) {
        mail_append_mailbox(out, "Reply-To", NULL, message->reply_to);
    }
    mail_append_mailbox(out, "To", message->to_name, message->to);
    mail_append_text(out, "Subject", message->subject);
    g_string_append_printf(out, "Message-ID:\r\n <%s>\r\n", message->id);
    g_string_append(out, "Auto-Submitted: auto-generated\r\n"); // RFC 3834: no vacation notices
    append_unsubscribe(out, message);
    g_string_append(out, "Content-Language: ar, en\r\nMIME-Version: 1.0\r\n");
}

GString *mail_message(const MailMessage *message)
{
    GString *out = g_string_new(NULL);
    // no line of base 64 begins with "--"
    g_autofree char *name = g_compute_checksum_for_string(G_CHECKSUM_SHA256, message->id, -1);
    g_autofree char *boundary = g_strndup(name, 32);
    append_head(out, message);
    g_string_append_printf(out, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
                           boundary);
    append_part(out, boundary, "text/plain; charset=utf-8", message->text);
    append_part(out, boundary, "text/html; charset=utf-8", message->html);
    if (message->calendar != NULL) {
        g_autofree char *type =
            g_strdup_printf("text/calendar; charset=utf-8; method=%s", message->method);
        append_part(out, boundary, type, message->calendar);
    }
    g_string_append_printf(out, "--%s--\r\n", boundary);
    return out;
}

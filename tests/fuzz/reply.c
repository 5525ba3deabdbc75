// SPDX-License-Identifier: GPL-3.0-or-later
// A mail with a calendar's answer. Whatever the bytes: bounded, valid UTF-8, and an answer names one of three
// choices.
#include "fuzz.h"

#include "base/id.h"
#include "mail/reply/reply.h"

#include <string.h>

int target(const uint8_t *data, size_t size)
{
    g_autofree char *text = mail_reply_calendar(data, size);
    if (text != NULL) {
        g_assert_true(g_utf8_validate(text, -1, NULL));
        g_assert_cmpuint(strlen(text), <=, 3 * MAIL_CALENDAR_BYTES); // each bad byte is U+FFFD
    }
    g_autoptr(MailReply) reply = mail_reply_read(data, size, NULL);
    if (reply != NULL) {
        static const char *const answers[] = {"yes", "maybe", "no", NULL};
        g_assert_nonnull(text);
        g_assert_true(g_strv_contains(answers, reply->coming));
        g_assert_true(base_id_valid(reply->session, BASE_ID_LENGTH));
        g_assert_nonnull(reply->address);
    }
    return 0;
}

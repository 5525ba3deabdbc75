// SPDX-License-Identifier: GPL-3.0-or-later
// A websocket's text message: refused with a reason that may be shown and nothing written, or read
// within its bounds; a text that was cleaned once is clean.
#include "fuzz.h"

#include "base/json.h"
#include "base/text.h"
#include "qa/message.h"
#include "qa/qa.h"

#include <string.h>

static void check_text(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(g_utf8_validate(text, -1, NULL) && text[0] != '\0');
    g_assert_cmpint(g_utf8_strlen(text, -1), <=, QA_MAX_QUESTION_CHARACTERS);
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        g_assert_true(c >= 0x20 && c != 0x7f);
        g_assert_false((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
    }
    g_autofree char *again = base_text_take(text, "text", QA_MAX_QUESTION_CHARACTERS, true, &error);
    g_assert_cmpstr(again, ==, text);
}

static void check_message(const json_t *json)
{
    g_autoptr(GError) error = NULL;
    g_auto(QaMessage) message = {0};
    bool ok = qa_message_parse(json, &message, &error);
    g_assert_true(ok == (error == NULL));
    if (!ok) {
        g_assert_null(message.text);
        g_assert_true(error->message[0] != '\0' && g_utf8_validate(error->message, -1, NULL));
        return;
    }
    g_assert_cmpint(message.op, <, QA_OPS);
    g_assert_true(message.ref == NULL || g_utf8_strlen(message.ref, -1) <= QA_MAX_REF_CHARACTERS);
    g_assert_true(message.question == NULL ||
                  g_utf8_strlen(message.question, -1) <= QA_MAX_ID_CHARACTERS);
    g_assert_true(message.op != QA_OP_JOIN || message.session != NULL);
    g_assert_true(message.op != QA_OP_ASK || message.text != NULL);
    g_assert_true(
        message.op != QA_OP_ACKNOWLEDGE ||
        (message.message != NULL && g_utf8_strlen(message.message, -1) <= QA_MAX_ID_CHARACTERS));
    if (message.text != NULL) {
        check_text(message.text);
    }
}

int target(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) json = base_json_parse_object((const char *)data, size, &error);
    g_assert_true((json != NULL) == (error == NULL));
    if (json != NULL) {
        check_message(json);
    } else {
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
    }
    return 0;
}

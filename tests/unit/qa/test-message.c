// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of the websocket's messages, good, bad and mutated.
#include "qa/message.h"
#include "qa/qa.h"

#include <string.h>

static bool parses(const char *text, QaMessage *out, json_t **json)
{
    *json = base_json_parse_object(text, strlen(text), NULL);
    g_assert_nonnull(*json);
    g_autoptr(GError) error = NULL;
    bool ok = qa_message_parse(*json, out, &error);
    g_assert_true(ok == (error == NULL));
    return ok;
}

static void test_good(void)
{
    json_t *json = NULL;
    g_auto(QaMessage) ask = {0};
    g_assert_true(parses("{\"op\":\"ask\",\"ref\":\"1\",\"text\":\"  a\\n b \",\"anonymous\":true}",
                         &ask, &json));
    g_assert_cmpstr(ask.text, ==, "a b");
    g_assert_cmpstr(ask.ref, ==, "1");
    g_assert_true(ask.anonymous);
    json_decref(json);
    g_auto(QaMessage) merge = {0};
    g_assert_true(
        parses("{\"op\":\"moderate\",\"question\":\"q\",\"merge_into\":\"r\"}", &merge, &json));
    g_assert_cmpint(merge.to, ==, QA_MERGED);
    g_assert_cmpint(merge.starred, ==, -1);
    json_decref(json);
}

static void test_bad(void)
{
    const char *bad[] = {
        "{}",
        "{\"op\":1}",
        "{\"op\":\"drop\"}",
        "{\"op\":\"join\"}",
        "{\"op\":\"join\",\"session\":\"\"}",
        "{\"op\":\"join\",\"session\":{}}",
        "{\"op\":\"ask\",\"ref\":\"1\"}",
        "{\"op\":\"ask\",\"ref\":7,\"text\":\"x\"}",
        "{\"op\":\"ask\",\"text\":\"\\u200d \\u202e\",\"anonymous\":true}",
        "{\"op\":\"ask\",\"text\":\"x\",\"anonymous\":\"yes\"}",
        "{\"op\":\"vote\",\"question\":\"q\"}",
        "{\"op\":\"vote\",\"on\":true}",
        "{\"op\":\"moderate\",\"question\":\"q\"}",
        "{\"op\":\"moderate\",\"question\":\"q\",\"to\":\"unborn\"}",
        "{\"op\":\"moderate\",\"question\":\"q\",\"to\":\"approved\",\"merge_into\":\"r\"}",
        "{\"op\":\"presence\",\"via\":\"udp\"}",
        "{\"op\":\"presence\",\"via\":\"whep\",\"road\":\"dust\"}",
        "{\"op\":\"presence\",\"via\":\"whep\",\"road\":7}",
        "{\"op\":\"message\",\"to\":\"everybody\",\"text\":\"x\"}",
        "{\"op\":\"acknowledge\"}",
        "{\"op\":\"acknowledge\",\"message\":\"\"}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        json_t *json = NULL;
        QaMessage message = {.text = NULL};
        if (parses(bad[i], &message, &json)) {
            g_error("accepted: %s", bad[i]);
        }
        g_assert_null(message.text);
        json_decref(json);
    }
}

/* Messages with some bytes changed: refused or taken, never more than the bounds allow. */
static void test_mutated(void)
{
    const char *seeds[] = {
        "{\"op\":\"join\",\"session\":\"s1\",\"since\":\"k3:41\"}",
        "{\"op\":\"ask\",\"ref\":\"1\",\"text\":\"\\u0644\\u0645\",\"anonymous\":true}",
        "{\"op\":\"vote\",\"ref\":\"2\",\"question\":\"q7\",\"on\":false}",
        "{\"op\":\"moderate\",\"question\":\"q7\",\"to\":\"merged\",\"merge_into\":\"q8\"}",
        "{\"op\":\"presence\",\"playhead_ms\":1.5e3,\"via\":\"whep\",\"road\":\"tcp\"}",
        "{\"op\":\"message\",\"ref\":\"3\",\"to\":\"presenter\",\"text\":\"now\"}",
        "{\"op\":\"acknowledge\",\"ref\":\"4\",\"message\":\"Q3wZ8mKd2xTn\"}",
    };
    const char bytes[] = "{}[]\",:\\u0269tfn-e. \xd9\x80\xff\x01";
    unsigned taken = 0, refused = 0;
    for (int i = 0; i < 60000; i++) {
        const char *seed = seeds[i % G_N_ELEMENTS(seeds)];
        size_t size = strlen(seed);
        g_autofree char *text = g_memdup2(seed, size); // exactly so long: a read past it shows
        for (int change = g_test_rand_int_range(0, 3); change > 0; change--) {
            text[g_test_rand_int_range(0, (gint)size)] =
                bytes[g_test_rand_int_range(0, sizeof bytes - 1)];
        }
        g_autoptr(json_t) json = base_json_parse_object(text, size, NULL);
        g_auto(QaMessage) message = {0};
        g_autoptr(GError) error = NULL;
        if (json == NULL || !qa_message_parse(json, &message, &error)) {
            g_assert_true(json == NULL || error != NULL);
            refused++;
            continue;
        }
        taken++;
        g_assert_true(message.text == NULL ||
                      (g_utf8_validate(message.text, -1, NULL) &&
                       g_utf8_strlen(message.text, -1) <= QA_MAX_QUESTION_CHARACTERS));
        g_assert_true(message.ref == NULL ||
                      g_utf8_strlen(message.ref, -1) <= QA_MAX_REF_CHARACTERS);
        g_assert_true(message.op != QA_OP_MODERATE || !message.has_to || message.to < QA_STATES);
    }
    g_assert_cmpuint(taken, >, 1000);
    g_assert_cmpuint(refused, >, 1000);
}

static void test_foreign_text(void)
{
    g_autoptr(json_t) broken = qa_write_text("caf\xe9"); // a name from a Latin-1 shell
    g_assert_true(g_utf8_validate(json_string_value(broken), -1, NULL));
    g_autoptr(json_t) none = qa_write_text(NULL);
    g_assert_true(json_is_null(none));
}

/* Limits are of characters: 64 Arabic letters are 128 bytes. */
static void test_limits(void)
{
    g_autoptr(GString) most = g_string_new(NULL);
    for (int i = 0; i < QA_MAX_REF_CHARACTERS; i++) {
        g_string_append(most, "م");
    }
    g_autofree char *over = g_strconcat(most->str, "م", NULL);
    g_autofree char *blank = g_strnfill(2 * QA_MAX_MESSAGE_BYTES, ' ');
    g_autofree char *padded = g_strconcat(blank, "x", NULL);
    const struct {
        const char *ref, *text, *field;
        int max;
    } cases[] = {
        {most->str, "x", NULL, 0},
        {over, "x", "ref", QA_MAX_REF_CHARACTERS},
        {"1", padded, NULL, 0}, // only what is left of it counts
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) json =
            json_pack("{s:s, s:s, s:s}", "op", "ask", "ref", cases[i].ref, "text", cases[i].text);
        g_auto(QaMessage) message = {0};
        g_autoptr(GError) error = NULL;
        g_assert_true(qa_message_parse(json, &message, &error) == (cases[i].field == NULL));
        bool fits = g_utf8_strlen(cases[i].ref, -1) <= QA_MAX_REF_CHARACTERS;
        g_assert_cmpstr(qa_message_ref(json), ==,
                        fits ? cases[i].ref : NULL); // of an error's reply
        if (cases[i].field != NULL) {
            g_assert_cmpint(base_error_code(error), ==, BASE_CODE_TOO_LONG);
            g_assert_cmpstr(base_error_field(error), ==, cases[i].field);
            g_assert_nonnull(strstr(error->message, "64 characters"));
        }
    }
}

/* One function judges every text (base/text.h); this holds that a question goes through it. */
static void test_texts(void)
{
    g_autoptr(GString) most = g_string_new("   ");
    for (int i = 0; i < QA_MAX_QUESTION_CHARACTERS; i++) {
        g_string_append(most, "م");
    }
    g_autofree char *over = g_strconcat(most->str, "م", NULL);
    const struct {
        const char *text, *clean;
        BaseCode code;
    } texts[] = {
        {"  متى؟\t غدًا ", "متى؟ غدًا", BASE_CODE_NONE},
        {"a\u202eb", "ab", BASE_CODE_NONE},
        {most->str, most->str + 3, BASE_CODE_NONE}, // characters, not bytes, without the blanks
        {over, NULL, BASE_CODE_TOO_LONG},
        {"", NULL, BASE_CODE_REQUIRED},
        {"\u2800\u2800", NULL, BASE_CODE_BLANK},
        {"\u3164\u3164", NULL, BASE_CODE_BLANK},
        {"\u0301", NULL, BASE_CODE_BLANK},
        {"\ufe0f", NULL, BASE_CODE_BLANK},
        {"a\u0301\u0301\u0301\u0301\u0301", NULL, BASE_CODE_TOO_MANY_MARKS},
    };
    const char *ops[] = {"{s:s, s:s}", "{s:s, s:s, s:s}", "{s:s, s:s, s:s}"};
    const char *extra[] = {NULL, "question", "to"}, *names[] = {"ask", "moderate", "message"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts) * G_N_ELEMENTS(ops); i++) {
        size_t op = i % G_N_ELEMENTS(ops), at = i / G_N_ELEMENTS(ops);
        g_autoptr(json_t) json =
            json_pack(ops[op], "op", names[op], "text", texts[at].text, extra[op], "presenter");
        if (op == 0) {
            json_object_set_new(json, "anonymous", json_true());
        }
        g_auto(QaMessage) message = {0};
        g_autoptr(GError) error = NULL;
        bool taken = qa_message_parse(json, &message, &error);
        g_assert_true(taken == (texts[at].code == BASE_CODE_NONE));
        g_assert_cmpstr(message.text, ==, texts[at].clean);
        g_assert_true(taken || base_error_code(error) == texts[at].code);
        g_assert_true(taken || strcmp(base_error_field(error), "text") == 0);
    }
}

/* What is wrong with a field is told as it is. */
static void test_codes(void)
{
    const struct {
        const char *text;
        BaseCode code;
    } bad[] = {
        {"{\"op\":\"acknowledge\"}", BASE_CODE_REQUIRED},
        {"{\"op\":\"acknowledge\",\"message\":\"\"}", BASE_CODE_BAD_VALUE},
        {"{\"op\":\"acknowledge\",\"message\":7}", BASE_CODE_BAD_VALUE},
        {"{\"op\":\"acknowledge\",\"message\":"
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
         BASE_CODE_TOO_LONG},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(json_t) json = json_loads(bad[i].text, 0, NULL);
        g_auto(QaMessage) message = {0};
        g_autoptr(GError) error = NULL;
        g_assert_false(qa_message_parse(json, &message, &error));
        g_assert_cmpint(base_error_code(error), ==, bad[i].code);
        g_assert_cmpstr(base_error_field(error), ==, "message");
    }
}

static void test_cursor(void)
{
    g_autofree char *cursor = qa_cursor_format("k3", 41);
    uint64_t sequence = 0;
    g_assert_cmpstr(cursor, ==, "k3:41");
    g_assert_true(qa_cursor_parse(cursor, "k3", &sequence));
    g_assert_cmpuint(sequence, ==, 41);
    const char *bad[] = {"k3",    "k3:",  "k3:-1", "k3:4x",
                         "k31:4", "k:41", "",      "k3:99999999999999999999"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(qa_cursor_parse(bad[i], "k3", &sequence));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qa/message/good", test_good);
    g_test_add_func("/qa/message/bad", test_bad);
    g_test_add_func("/qa/message/mutated", test_mutated);
    g_test_add_func("/qa/message/foreign-text", test_foreign_text);
    g_test_add_func("/qa/message/texts", test_texts);
    g_test_add_func("/qa/message/limits", test_limits);
    g_test_add_func("/qa/message/codes", test_codes);
    g_test_add_func("/qa/message/cursor", test_cursor);
    return g_test_run();
}

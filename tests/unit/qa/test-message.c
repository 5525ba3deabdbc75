// SPDX-License-Identifier: GPL-3.0-or-later
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
        "{\"op\":\"ask\",\"text\":\"\\u200d \\u202e\"}",
        "{\"op\":\"ask\",\"text\":\"x\",\"anonymous\":\"yes\"}",
        "{\"op\":\"vote\",\"question\":\"q\"}",
        "{\"op\":\"vote\",\"on\":true}",
        "{\"op\":\"moderate\",\"question\":\"q\"}",
        "{\"op\":\"moderate\",\"question\":\"q\",\"to\":\"unborn\"}",
        "{\"op\":\"moderate\",\"question\":\"q\",\"to\":\"approved\",\"merge_into\":\"r\"}",
        "{\"op\":\"presence\",\"via\":\"udp\"}",
        "{\"op\":\"message\",\"to\":\"everybody\",\"text\":\"x\"}",
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
        "{\"op\":\"presence\",\"playhead_ms\":1.5e3,\"via\":\"whep\"}",
        "{\"op\":\"message\",\"ref\":\"3\",\"to\":\"presenter\",\"text\":\"now\"}",
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
        g_assert_true(message.ref == NULL || strlen(message.ref) <= QA_MAX_REF_BYTES);
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

static void test_clean(void)
{
    const struct {
        const char *in, *out;
    } texts[] = {
        {"  متى؟\t\r\nغدًا  ", "متى؟ غدًا"},
        {"a\xe2\x80\xae"
         "b\xe2\x81\xa6"
         "c",
         "abc"},                                            // RLO, LRI
        {"\xd8\xa7\xe2\x80\x8f.", "\xd8\xa7\xe2\x80\x8f."}, // RLM stays
        {"a\x01\x7f\xc2\x85z", "a z"},
        {"\xe2\x80\xa8x", "x"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *clean = qa_text_clean(texts[i].in, 300, NULL);
        g_assert_cmpstr(clean, ==, texts[i].out);
    }
    /* Characters are counted, not bytes, and after trimming. */
    g_autoptr(GString) text = g_string_new("   ");
    for (int i = 0; i < QA_MAX_QUESTION_CHARACTERS; i++) {
        g_string_append(text, "م");
    }
    g_string_append(text, "\n");
    g_autofree char *fits = qa_text_clean(text->str, QA_MAX_QUESTION_CHARACTERS, NULL);
    g_assert_nonnull(fits);
    g_string_append(text, "م");
    g_autoptr(GError) error = NULL;
    g_assert_null(qa_text_clean(text->str, QA_MAX_QUESTION_CHARACTERS, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
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
    g_test_add_func("/qa/message/clean", test_clean);
    g_test_add_func("/qa/message/cursor", test_cursor);
    return g_test_run();
}

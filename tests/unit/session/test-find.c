// SPDX-License-Identifier: GPL-3.0-or-later
// Which sessions a list shows, their order, and requests for one change of many recordings.
#include "base/fold.h"
#include "session/session.h"

#include <string.h>

#define START_US INT64_C(1763888400000000)

static StoreSession row = {
    .id = "s7k2m4x9qbvz",
    .series = "e5r2s7k4m9qb",
    .title_ar = "الاتصال في الأزمات",
    .title_en = "Crisis communication",
    .speakers = "[{\"id\": \"p4q8w2m6z9xk\", \"name\": {\"ar\": \"مريم الكتبي\", \"en\": "
                "\"Mariam\"}, \"role\": {\"ar\": \"خبيرة\", \"en\": \"Expert\"}}]",
    .tags = "[\"الإعلام\"]",
    .state = SESSION_LIVE,
    .starts_us = START_US,
};

static void test_fields(void)
{
    static const struct {
        SessionFind find;
        bool found;
    } cases[] = {
        {{0}, true},
        {{.states = 1U << SESSION_LIVE}, true},
        {{.states = 1U << SESSION_LIVE | 1U << SESSION_ENDED}, true},
        {{.states = 1U << SESSION_SCHEDULED}, false},
        {{.series = "e5r2s7k4m9qb"}, true},
        {{.series = "e5r2s7k4m9qc"}, false},
        {{.speaker = "p4q8w2m6z9xk"}, true},
        {{.speaker = "e5r2s7k4m9qb"}, false},
        {{.from_us = START_US}, true},
        {{.from_us = START_US + 1}, false},
        {{.to_us = START_US + 1}, true},
        {{.to_us = START_US}, false},
        {{.from_us = START_US - 5, .to_us = START_US + 5, .series = "e5r2s7k4m9qb"}, true},
        {{.from_us = START_US - 5, .to_us = START_US + 5, .series = "other"}, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %zu", i);
        g_assert_cmpint(session_is_found(&row, &cases[i].find), ==, cases[i].found);
    }
}

static void test_words(void)
{
    static const struct {
        const char *text;
        bool found;
    } cases[] = {
        {"", true},          {"الازمات", true},       {"crisis", true},
        {"CRIS مريم", true}, {"مريم الكتبى", true},   {"الاعلام اتصال", true},
        {"expert", false}, // a role is no name
        {"name", false},     {"crisis other", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) words = base_fold_words(cases[i].text);
        SessionFind find = {.words = words};
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(session_is_found(&row, &find), ==, cases[i].found);
    }
}

static void test_order(void)
{
    g_assert_cmpint(session_compare(&row, START_US, row.id), ==, 0);
    g_assert_cmpint(session_compare(&row, START_US + 1, "a"), <, 0);
    g_assert_cmpint(session_compare(&row, START_US - 1, "z"), >, 0);
    g_assert_cmpint(session_compare(&row, START_US, "z"), <, 0);
}

static json_t *parse(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    g_assert_nonnull(json);
    return json;
}

static void test_act(void)
{
    g_autoptr(json_t) body =
        parse("{\"act\": \"hold\", \"recordings\": [\"aa\", \"bb\", \"aa\"], \"reason\": \"x\"}");
    g_autoptr(GError) error = NULL;
    SessionAct act;
    g_assert_true(session_act_check(body, &act, &error));
    g_assert_no_error(error);
    g_assert_cmpint(act.kind, ==, SESSION_ACT_HOLD);
    g_assert_cmpstr(act.why, ==, "x");
    g_assert_cmpuint(g_strv_length(act.recordings), ==, 2); // each once
    session_act_clear(&act);

    g_autoptr(json_t) retain = parse("{\"act\": \"retain\", \"recordings\": [\"a\"], \"days\": 9}");
    g_assert_true(session_act_check(retain, &act, &error));
    g_assert_cmpint(act.days, ==, 9);
    g_assert_null(act.why);
    session_act_clear(&act);
}

static void test_bad_acts(void)
{
    static const struct {
        const char *text, *field;
        BaseCode code;
    } cases[] = {
        {"[]", "act", BASE_CODE_BAD_VALUE},
        {"{}", "act", BASE_CODE_BAD_VALUE},
        {"{\"act\": \"delete\"}", "act", BASE_CODE_BAD_VALUE},
        {"{\"act\": \"publish\"}", "recordings", BASE_CODE_REQUIRED},
        {"{\"act\": \"publish\", \"recordings\": []}", "recordings", BASE_CODE_REQUIRED},
        {"{\"act\": \"publish\", \"recordings\": [\"a\", \"../b\"]}", "recordings[1]",
         BASE_CODE_BAD_VALUE},
        {"{\"act\": \"publish\", \"recordings\": [5]}", "recordings[0]", BASE_CODE_BAD_VALUE},
        {"{\"act\": \"publish\", \"recordings\": [\"a\"], \"days\": 5}", "days",
         BASE_CODE_UNKNOWN_FIELD},
        {"{\"act\": \"retain\", \"recordings\": [\"a\"]}", "days", BASE_CODE_REQUIRED},
        {"{\"act\": \"retain\", \"recordings\": [\"a\"], \"days\": 0}", "days",
         BASE_CODE_OUT_OF_RANGE},
        {"{\"act\": \"retain\", \"recordings\": [\"a\"], \"days\": 3651}", "days",
         BASE_CODE_OUT_OF_RANGE},
        {"{\"act\": \"hold\", \"recordings\": [\"a\"], \"reason\": 5}", "reason",
         BASE_CODE_BAD_VALUE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) body = parse(cases[i].text);
        g_autoptr(GError) error = NULL;
        SessionAct act;
        g_test_message("%s", cases[i].text);
        g_assert_false(session_act_check(body, &act, &error));
        g_assert_cmpstr(base_error_field(error), ==, cases[i].field);
        g_assert_cmpint(base_error_code(error), ==, cases[i].code);
    }
}

static void test_too_many(void)
{
    g_autoptr(json_t) ids = json_array();
    g_autoptr(GError) error = NULL;
    SessionAct act;
    for (int i = 0; i < SESSION_MAX_ACT + 1; i++) {
        json_array_append_new(ids, json_string("a"));
    }
    g_autoptr(json_t) body = json_pack("{s:s, s:O}", "act", "publish", "recordings", ids);
    g_assert_false(session_act_check(body, &act, &error));
    g_assert_cmpint(base_error_code(error), ==, BASE_CODE_TOO_MANY_ITEMS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/find/fields", test_fields);
    g_test_add_func("/session/find/words", test_words);
    g_test_add_func("/session/find/order", test_order);
    g_test_add_func("/session/act/good", test_act);
    g_test_add_func("/session/act/bad", test_bad_acts);
    g_test_add_func("/session/act/too-many", test_too_many);
    return g_test_run();
}

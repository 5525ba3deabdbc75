// SPDX-License-Identifier: GPL-3.0-or-later
// Series and speakers: their fields, and what a new session takes from them and from an earlier one.
#include "session/session.h"

#include <string.h>

#define NOW_US INT64_C(1763888400000000)

static json_t *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_t *json = base_json_parse_object(text, strlen(text), &error);
    g_assert_no_error(error);
    return json;
}

static StoreSeries *make_series(const char *text)
{
    g_autoptr(json_t) body = parse(text);
    g_autoptr(GError) error = NULL;
    StoreSeries *row = session_series_new(body, NOW_US, &error);
    g_assert_no_error(error);
    return row;
}

#define SERIES                                                                                      \
    "{\"name\": {\"ar\": \" سلسلة \"}, \"description\": {\"en\": \"One\\n\\n  two \\u0007\"}," \
    " \"duration_minutes\": 45, \"access\": \"open\", \"show_names\": true, \"retention_days\": "   \
    "30,"                                                                                           \
    " \"agenda\": [{\"title\": {\"en\": \"Talk\"}, \"minutes\": 40}]}"

static void test_series(void)
{
    g_autoptr(StoreSeries) row = make_series(SERIES);
    g_assert_cmpstr(row->name_ar, ==, "سلسلة");
    g_assert_cmpstr(row->description_en, ==, "One\ntwo"); // lines stay, empty ones go
    g_assert_cmpint(row->retention_days, ==, 30);
    g_autoptr(json_t) all = session_series_json(row, true);
    g_autoptr(json_t) some = session_series_json(row, false);
    g_assert_cmpstr(json_string_value(json_object_get(all, "version")), ==, "0");
    g_assert_cmpuint(json_object_size(some), ==, 5); // id, name, description, colour, languages

    g_autoptr(json_t) change = parse("{\"access\": \"invited\", \"retention_days\": null}");
    g_assert_true(session_series_check(row, change, NULL));
    g_assert_cmpint(row->revision, ==, 1);
    g_assert_cmpint(row->retention_days, ==, 0);
    g_assert_cmpstr(row->name_ar, ==, "سلسلة");
    g_autoptr(json_t) half = parse("{\"access\": \"open\", \"duration_minutes\": 0}");
    g_autoptr(GError) error = NULL;
    g_assert_false(session_series_check(row, half, &error));
    g_assert_cmpstr(base_error_field(error), ==, "duration_minutes");
    g_assert_cmpstr(row->access, ==, "invited"); // all or nothing
}

static void test_look(void)
{
    g_autoptr(StoreSeries) row = make_series("{\"name\": {\"en\": \"x\"}}");
    g_assert_cmpstr(row->colour, ==, "");
    g_assert_cmpstr(row->languages, ==, "[\"ar\",\"en\"]");
    g_assert_null(row->reminders);
    // #767676 is the lightest grey that white text of 4.5:1 can stand on
    g_autoptr(json_t) change = parse("{\"colour\": \"#767676\", \"languages\": [\"en\"],"
                                     " \"reminders\": [30, 1440]}");
    g_assert_true(session_series_check(row, change, NULL));
    g_assert_cmpstr(row->colour, ==, "#767676");
    g_assert_cmpstr(row->languages, ==, "[\"en\"]");
    g_assert_cmpstr(row->reminders, ==, "[1440,30]");
    g_autoptr(json_t) none = parse("{\"reminders\": [], \"colour\": \"#1F4E79\"}");
    g_assert_true(session_series_check(row, none, NULL));
    g_assert_cmpstr(row->reminders, ==, "[]");
    g_assert_cmpstr(row->colour, ==, "#1f4e79");
    g_autoptr(json_t) usual = parse("{\"reminders\": null, \"colour\": null}");
    g_assert_true(session_series_check(row, usual, NULL));
    g_assert_null(row->reminders);
    g_assert_cmpstr(row->colour, ==, "");
    g_autoptr(json_t) lighter = parse("{\"colour\": \"#777777\"}");
    g_autoptr(GError) error = NULL;
    g_assert_false(session_series_check(row, lighter, &error));
    g_assert_cmpint(base_error_code(error), ==, BASE_CODE_COLOUR_TOO_LIGHT);
}

static void test_bad(void)
{
    g_autofree char *longest = g_strnfill(SESSION_MAX_BIOGRAPHY + 1, 'x');
    g_autofree char *biography =
        g_strdup_printf("{\"name\": {\"en\": \"x\"}, \"biography\": {\"ar\": \"%s\"}}", longest);
    const struct {
        bool speaker;
        const char *body, *field;
    } cases[] = {
        {false, "{}", "name"},
        {false, "{\"name\": {\"en\": \" \"}}", "name"},
        {false, "{\"name\": {\"en\": \"x\"}, \"colour\": 1}", "colour"},
        {false, "{\"name\": {\"en\": \"x\"}, \"colour\": \"red\"}", "colour"},
        {false, "{\"name\": {\"en\": \"x\"}, \"colour\": \"#fff00\"}", "colour"},
        {false, "{\"name\": {\"en\": \"x\"}, \"colour\": \"#ffdd00\"}", "colour"},
        {false, "{\"name\": {\"en\": \"x\"}, \"languages\": []}", "languages"},
        {false, "{\"name\": {\"en\": \"x\"}, \"languages\": \"ar\"}", "languages"},
        {false, "{\"name\": {\"en\": \"x\"}, \"languages\": [\"ar\", \"ar\"]}", "languages"},
        {false, "{\"name\": {\"en\": \"x\"}, \"languages\": [\"fr\"]}", "languages"},
        {false, "{\"name\": {\"en\": \"x\"}, \"reminders\": 60}", "reminders"},
        {false, "{\"name\": {\"en\": \"x\"}, \"reminders\": [4]}", "reminders"},
        {false, "{\"name\": {\"en\": \"x\"}, \"reminders\": [60, 60]}", "reminders"},
        {false, "{\"name\": {\"en\": \"x\"}, \"reminders\": [5, 6, 7, 8, 9, 10]}", "reminders"},
        {false, "{\"name\": {\"en\": \"x\"}, \"retention_days\": 0}", "retention_days"},
        {false, "{\"name\": {\"en\": \"x\"}, \"agenda\": [{}]}", "agenda[0].title"},
        {true, "{}", "name"},
        {true, "{\"name\": {\"en\": \"x\"}, \"title\": \"x\"}", "title"},
        {true, "{\"name\": {\"en\": \"x\"}, \"role\": {}}", "role"},
        {true, biography, "biography.ar"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_t) body = parse(cases[i].body);
        g_autoptr(GError) error = NULL;
        g_autoptr(StoreSpeaker) speaker =
            cases[i].speaker ? session_speaker_new(body, NOW_US, &error) : NULL;
        g_autoptr(StoreSeries) series =
            cases[i].speaker ? NULL : session_series_new(body, NOW_US, &error);
        g_assert_true(speaker == NULL && series == NULL);
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
        g_assert_cmpstr(base_error_field(error), ==, cases[i].field);
    }
}

static void test_speaker(void)
{
    g_autoptr(json_t) body =
        parse("{\"name\": {\"ar\": \"مريم\"}, \"title\": {\"en\": \"Expert\"}}");
    g_autoptr(StoreSpeaker) row = session_speaker_new(body, NOW_US, NULL);
    g_assert_cmpstr(row->title_en, ==, "Expert");
    g_assert_cmpstr(row->biography_en, ==, "");
    g_autoptr(json_t) change = parse("{\"title\": {\"en\": \"Adviser\"}}");
    g_assert_true(session_speaker_check(row, change, NULL));
    g_assert_cmpint(row->revision, ==, 1);
    g_assert_cmpstr(row->name_ar, ==, "مريم");

    g_autoptr(json_t) bare = parse("{\"id\": \"k1\"}");
    g_autoptr(json_t) named = parse("{\"name\": {\"en\": \"M.\"}}");
    session_fill_speaker(bare, row);
    session_fill_speaker(named, row);
    g_autofree char *filled = base_json_text(bare), *kept = base_json_text(named);
    g_assert_cmpstr(filled, ==,
                    "{\"id\":\"k1\",\"name\":{\"ar\":\"مريم\",\"en\":\"\"},"
                    "\"role\":{\"ar\":\"\",\"en\":\"Adviser\"}}");
    g_assert_cmpstr(kept, ==,
                    "{\"name\":{\"en\":\"M.\"},\"role\":{\"ar\":\"\",\"en\":\"Adviser\"}}");
}

/* What the request says comes first, then the earlier session, then the series. */
static void test_defaults(void)
{
    g_autoptr(StoreSeries) series = make_series(SERIES);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) body = parse(
        "{\"starts_at\": \"2031-01-01T09:00:00Z\", \"series\": \"e1\", \"access\": \"invited\"}");
    StoreSession earlier = {.title_ar = (char *)"عنوان",
                            .title_en = (char *)"",
                            .series = (char *)"e0",
                            .number = 6,
                            .speakers =
                                (char *)"[{\"id\":\"k1\",\"name\":{\"ar\":\"م\",\"en\":\"\"}}]",
                            .agenda = (char *)"[]",
                            .tags = (char *)"[\"a\"]",
                            .access = (char *)"open",
                            .starts_us = 5,
                            .duration_minutes = 90};
    session_fill_copy(body, &earlier);
    session_fill_defaults(body, series);
    g_autoptr(StoreSession) row = session_new(body, NOW_US, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(row->title_ar, ==, "عنوان");
    g_assert_cmpstr(row->series, ==, "e1");
    g_assert_cmpint(row->number, ==, STORE_NUMBER_NEXT);
    g_assert_cmpstr(row->access, ==, "invited");
    g_assert_cmpint(row->duration_minutes, ==, 90);
    g_assert_cmpstr(row->agenda, ==, "[]");
    g_assert_cmpstr(row->tags, ==, "[\"a\"]");
    g_assert_cmpint(row->retention_days, ==, 30);
    g_auto(GStrv) ids = session_speaker_ids(row);
    g_assert_cmpuint(g_strv_length(ids), ==, 1);
    g_assert_cmpstr(ids[0], ==, "k1");

    g_autoptr(json_t) bare =
        parse("{\"title\": {\"en\": \"x\"}, \"starts_at\": \"2031-01-01T09:00:00Z\"}");
    session_fill_defaults(bare, series);
    g_autoptr(StoreSession) fresh = session_new(bare, NOW_US, &error);
    g_assert_no_error(error);
    g_assert_cmpint(fresh->duration_minutes, ==, 45);
    g_assert_true(fresh->show_names);
    g_assert_nonnull(strstr(fresh->agenda, "\"minutes\":40"));
}

static void check_number(StoreSession *row, const char *change, int number)
{
    g_autoptr(json_t) body = parse(change);
    g_assert_true(session_check(row, body, NULL));
    g_assert_cmpint(row->number, ==, number);
}

static void test_number(void)
{
    g_autoptr(json_t) body =
        parse("{\"title\": {\"en\": \"x\"}, \"starts_at\": \"2031-01-01T09:00:00Z\"}");
    g_autoptr(StoreSession) row = session_new(body, NOW_US, NULL);
    g_autofree char *before = session_version(row);
    g_assert_cmpint(row->number, ==, 0);
    check_number(row, "{\"series\": \"e1\", \"number\": 7}", 7);
    g_autofree char *after = session_version(row);
    g_assert_cmpstr(before, !=, after);
    check_number(row, "{\"series\": \"e1\"}", 7); // as it was
    check_number(row, "{\"series\": \"e2\"}", STORE_NUMBER_NEXT);
    check_number(row, "{\"number\": null}", 0);
    check_number(row, "{\"number\": 8}", 8);
    check_number(row, "{\"series\": null}", 0);
    g_assert_null(row->series);
    row->tags[0] = '?'; // damaged
    g_autoptr(json_t) json = session_json(row);
    g_assert_cmpuint(json_array_size(json_object_get(json, "tags")), ==, 0);
}

static void test_tags(void)
{
    g_autoptr(json_t) body = parse("{\"title\": {\"en\": \"x\"}, \"starts_at\":"
                                   " \"2031-01-01T09:00:00Z\", \"tags\": [\" a\", \"b\", \"a \"]}");
    g_autoptr(StoreSession) row = session_new(body, NOW_US, NULL);
    g_assert_cmpstr(row->tags, ==, "[\"a\",\"b\"]");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/series", test_series);
    g_test_add_func("/session/series/look", test_look);
    g_test_add_func("/session/series/bad", test_bad);
    g_test_add_func("/session/series/speaker", test_speaker);
    g_test_add_func("/session/series/defaults", test_defaults);
    g_test_add_func("/session/series/number", test_number);
    g_test_add_func("/session/series/tags", test_tags);
    return g_test_run();
}

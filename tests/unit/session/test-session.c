// SPDX-License-Identifier: GPL-3.0-or-later
// Session states, fields, JSON, chapters, recordings and retention.
#include "base/clock.h"
#include "calendar-session.h"
#include "session/session.h"

#include <string.h>

#define NOW_US INT64_C(1763888400000000)
#define MINUTE_US INT64_C(60000000)

static json_t *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_t *json = base_json_parse_object(text, strlen(text), &error);
    g_assert_no_error(error);
    return json;
}

static StoreSession *make(const char *text)
{
    g_autoptr(json_t) body = parse(text);
    g_autoptr(GError) error = NULL;
    StoreSession *row = session_new(body, NOW_US, &error);
    g_assert_no_error(error);
    return row;
}

#define MINIMAL "\"title\": {\"ar\": \"عنوان\"}, \"starts_at\": \"2026-11-23T13:00:00+04:00\""

/* ---- states ---- */

static void test_names(void)
{
    static const char *const names[] = {"scheduled", "lobby",     "live",     "paused",
                                        "ended",     "published", "cancelled"};
    g_assert_cmpint(G_N_ELEMENTS(names), ==, SESSION_STATES);
    for (int i = 0; i < SESSION_STATES; i++) {
        SessionState state;
        g_assert_true(store_state_parse(names[i], &state));
        g_assert_cmpint(state, ==, i);
        g_assert_cmpstr(store_state_name(state), ==, names[i]);
    }
    SessionState state;
    g_assert_false(store_state_parse("Live", &state));
    g_assert_false(store_state_parse("", &state));
    g_assert_false(store_state_parse(NULL, &state));
}

static void test_moves(void)
{
    /* rows: from; columns: to, in the states' order */
    static const char *const expected[SESSION_STATES] = {
        "-1----1", // scheduled
        "--1---1", // lobby
        "---11--", // live
        "--1-1--", // paused
        "-----1-", // ended
        "----1--", // published
        "-------", // cancelled
    };
    for (int from = 0; from < SESSION_STATES; from++) {
        for (int to = 0; to < SESSION_STATES; to++) {
            g_assert_cmpint(session_can(from, to), ==, expected[from][to] == '1');
        }
        g_assert_false(session_can(from, SESSION_STATES));
        g_assert_false(session_can(SESSION_STATES, from));
    }
    g_assert_true(session_is_running(SESSION_LOBBY));
    g_assert_true(session_is_running(SESSION_PAUSED));
    g_assert_false(session_is_running(SESSION_SCHEDULED));
    g_assert_false(session_is_running(SESSION_ENDED));
}

static void move(StoreSession *row, SessionState to, int64_t now_us)
{
    g_autoptr(GError) error = NULL;
    bool good = session_move(row, to, now_us, now_us / 2, &error);
    g_assert_no_error(error);
    g_assert_true(good);
    g_assert_cmpint(row->state, ==, to);
}

static void test_marks(void)
{
    g_autoptr(StoreSession) row = make("{" MINIMAL "}");
    g_autoptr(GError) error = NULL;
    g_assert_false(session_move(row, SESSION_LIVE, 5, 0, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "scheduled"));
    g_assert_nonnull(strstr(error->message, "lobby, cancelled")); // names the allowed moves
    g_assert_cmpint(row->live_us, ==, 0);
    g_assert_cmpint(row->state, ==, SESSION_SCHEDULED);

    move(row, SESSION_LOBBY, 10);
    move(row, SESSION_LIVE, 20);
    move(row, SESSION_PAUSED, 30);
    move(row, SESSION_LIVE, 40); // the first live time stays
    move(row, SESSION_ENDED, 50);
    move(row, SESSION_PUBLISHED, 60);
    g_assert_cmpint(row->epoch_us, ==, 10);
    g_assert_cmpint(row->live_us, ==, 20);
    g_assert_cmpint(row->ended_us, ==, 50);
    g_assert_cmpint(row->live_media_us, ==, 10);
    g_assert_cmpint(row->ended_media_us, ==, 25);
}

static void test_over(void)
{
    StoreSession row = {.starts_us = NOW_US, .duration_minutes = 60};
    g_assert_false(session_is_over(&row, NOW_US + 90 * MINUTE_US - 1));
    g_assert_true(session_is_over(&row, NOW_US + 90 * MINUTE_US));
    row.epoch_us = NOW_US - 60 * MINUTE_US; // an early lobby changes nothing
    g_assert_false(session_is_over(&row, NOW_US + 90 * MINUTE_US - 1));
    row.live_us = NOW_US - 24 * 60 * MINUTE_US; // of a wall clock that leapt in the lobby
    row.live_media_us = 120 * MINUTE_US;        // a late start moves the end
    g_assert_false(session_is_over(&row, NOW_US + 150 * MINUTE_US - 1));
    g_assert_true(session_is_over(&row, NOW_US + 150 * MINUTE_US));

    StoreSession demo = {.demo = true,
                         .duration_minutes = 60,
                         .starts_us = 1,
                         .epoch_us = NOW_US,
                         .live_us = NOW_US + MINUTE_US,
                         .live_media_us = MINUTE_US};
    g_assert_false(session_is_over(&demo, NOW_US + 61 * MINUTE_US - 1));
    g_assert_true(session_is_over(&demo, NOW_US + 61 * MINUTE_US));
}

/* ---- what may be written ---- */

static void test_new(void)
{
    g_autoptr(StoreSession) row = make("{" MINIMAL "}");
    g_autoptr(StoreSession) other = make("{" MINIMAL "}");
    g_assert_cmpstr(row->id, !=, other->id);
    g_assert_cmpstr(row->title_ar, ==, "عنوان");
    g_assert_cmpstr(row->title_en, ==, "");
    g_assert_cmpstr(row->access, ==, "invited"); // the narrower default
    g_assert_false(row->show_names);             // likewise
    g_assert_cmpint(row->state, ==, SESSION_SCHEDULED);
    g_assert_cmpstr(row->speakers, ==, "[]");
    g_assert_cmpint(row->duration_minutes, ==, 60);
    g_assert_cmpint(row->created_us, ==, NOW_US);
    g_autofree char *starts = base_time_format(row->starts_us);
    g_assert_cmpstr(starts, ==, "2026-11-23T09:00:00.000Z");

    g_autoptr(StoreSession) full =
        make("{\"title\": {\"ar\": \"  عنوان \", \"en\": \"Title\"}, \"series\": \"e1\","
             " \"starts_at\": \"2026-11-23T09:00:00Z\", \"duration_minutes\": 480,"
             " \"access\": \"open\", \"show_names\": true, \"source\": \"screen\", \"speakers\": ["
             "{\"name\": {\"ar\": \"د. نورة\", \"en\": null}, \"role\": {\"en\": \"Adviser\"}},"
             "{\"name\": {\"en\": \"Ali\"}}]}");
    g_assert_cmpstr(full->title_ar, ==, "عنوان");
    g_assert_cmpstr(full->series, ==, "e1");
    g_assert_cmpint(full->number, ==, STORE_NUMBER_NEXT);
    g_assert_cmpstr(full->access, ==, "open");
    g_assert_true(full->show_names);
    g_assert_cmpstr(full->source, ==, "whip:screen");
    g_assert_cmpint(full->duration_minutes, ==, 480);
    g_assert_cmpstr(full->speakers, ==,
                    "[{\"name\":{\"ar\":\"د. نورة\",\"en\":\"\"},"
                    "\"role\":{\"ar\":\"\",\"en\":\"Adviser\"}},"
                    "{\"name\":{\"ar\":\"\",\"en\":\"Ali\"},\"role\":{\"ar\":\"\",\"en\":\"\"}}]");
}

typedef struct {
    const char *body;
    const char *words[2]; // in the message
} Bad;

static const Bad bad[] = {
    {"{\"starts_at\": \"2026-11-23T09:00:00Z\"}", {"title", "missing"}},
    {"{\"title\": {\"ar\": \"x\"}}", {"starts_at", "missing"}},
    {"{" MINIMAL ", \"titel\": 1}", {"titel", "duration_minutes"}},
    {"{" MINIMAL ", \"xمممممممممممممممممممممممممممممممممممممممممممممممممممممممممممم\": 1}",
     {"cannot be set"}},
    {"{" MINIMAL ", \"state\": \"live\"}", {"state", "cannot be set"}},
    {"{" MINIMAL ", \"id\": \"x\"}", {"id", "cannot be set"}},
    {"{\"title\": \"x\", \"starts_at\": \"2026-11-23T09:00:00Z\"}", {"title must be"}},
    {"{\"title\": {}, \"starts_at\": \"2026-11-23T09:00:00Z\"}", {"title needs"}},
    {"{\"title\": null, \"starts_at\": \"2026-11-23T09:00:00Z\"}", {"title needs"}},
    {"{\"title\": {\"ar\": \" \", \"en\": \"\"}}", {"title needs"}},
    {"{\"title\": {\"ar\": 5}}", {"title.ar"}},
    {"{\"title\": {\"ar\": \"x\", \"fr\": \"x\"}}", {"title.fr", "ar, en"}},
    {"{\"title\": {\"ar\": \"   \", \"en\": \"\\u200b\"}}", {"title needs"}},
    {"{\"title\": {\"en\": \"\\u3164\"}}", {"title needs"}},
    {"{\"title\": {\"en\": \"a\\u0301\\u0301\\u0301\\u0301\\u0301\"}}", {"title.en", "4 marks"}},
    {"{\"title\": {\"en\": \"x\"}, \"starts_at\": \"tomorrow\"}", {"starts_at", "RFC 3339"}},
    {"{\"title\": {\"en\": \"x\"}, \"starts_at\": \"2026-11-23T09:00:00\"}", {"starts_at"}},
    {"{\"title\": {\"en\": \"x\"}, \"starts_at\": \"1900-01-01T09:00:00Z\"}", {"starts_at"}},
    {"{\"title\": {\"en\": \"x\"}, \"starts_at\": 5}", {"starts_at"}},
    {"{" MINIMAL ", \"duration_minutes\": 0}", {"duration_minutes", "1 to 480"}},
    {"{" MINIMAL ", \"duration_minutes\": 481}", {"duration_minutes"}},
    {"{" MINIMAL ", \"duration_minutes\": 4294967297}", {"duration_minutes"}},
    {"{" MINIMAL ", \"duration_minutes\": 60.5}", {"duration_minutes"}},
    {"{" MINIMAL ", \"duration_minutes\": \"60\"}", {"duration_minutes"}},
    {"{" MINIMAL ", \"access\": \"public\"}", {"access", "invited"}},
    {"{" MINIMAL ", \"access\": null}", {"access"}},
    {"{" MINIMAL ", \"show_names\": 1}", {"show_names"}},
    {"{" MINIMAL ", \"source\": \"/etc/passwd\"}", {"source", "configured"}},
    {"{" MINIMAL ", \"source\": null}", {"source"}},
    {"{" MINIMAL ", \"series\": [1]}", {"series"}},
    {"{" MINIMAL ", \"series\": \"A series\"}", {"series"}},
    {"{" MINIMAL ", \"series\": \"e1\", \"number\": 0}", {"number", "1 to 9999"}},
    {"{" MINIMAL ", \"number\": 7}", {"series"}},
    {"{" MINIMAL ", \"tags\": [\" \"]}", {"tags[0]"}},
    {"{" MINIMAL ", \"tags\": [\"a\", 2]}", {"tags[1]"}},
    {"{" MINIMAL ", \"retention_days\": 3651}", {"retention_days"}},
    {"{" MINIMAL ", \"agenda\": [{\"title\": {\"en\": \"x\"}, \"minutes\": 481}]}",
     {"agenda[0].minutes"}},
    {"{" MINIMAL ", \"speakers\": [{\"id\": 5, \"name\": {\"en\": \"x\"}}]}", {"speakers[0].id"}},
    {"{" MINIMAL ", \"speakers\": {}}", {"speakers must be a list"}},
    {"{" MINIMAL ", \"agenda\": 1}", {"agenda must be a list"}},
    {"{" MINIMAL ", \"agenda\": [{\"title\": {\"en\": \"x\"}}, \"y\"]}", {"agenda[1]"}},
    {"{" MINIMAL ", \"agenda\": [{\"title\": {}}]}", {"agenda[0].title"}},
    {"{" MINIMAL ", \"agenda\": [{\"title\": {\"en\": \"x\"}, \"at\": 1}]}", {"agenda[0].at"}},
    {"{" MINIMAL ", \"speakers\": [\"Ali\"]}", {"speakers[0]"}},
    {"{" MINIMAL ", \"speakers\": [{\"name\": {\"en\": \"x\"}}, {}]}", {"speakers[1].name"}},
    {"{" MINIMAL ", \"speakers\": [{\"name\": {\"en\": \"x\"}, \"role\": {\"en\": 1}}]}",
     {"speakers[0].role.en"}},
    {"{" MINIMAL ", \"speakers\": [{\"name\": {\"en\": \"x\"}, \"photo\": 1}]}",
     {"speakers[0].photo"}},
};

static void test_bad(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%s", bad[i].body);
        g_autoptr(json_t) body = parse(bad[i].body);
        g_autoptr(GError) error = NULL;
        g_assert_null(session_new(body, NOW_US, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
        g_assert_true(g_utf8_validate(error->message, -1, NULL)); // it becomes part of an answer
        for (size_t j = 0; j < G_N_ELEMENTS(bad[i].words) && bad[i].words[j] != NULL; j++) {
            g_test_message("wanted: %s, said: %s", bad[i].words[j], error->message);
            g_assert_nonnull(strstr(error->message, bad[i].words[j]));
        }
    }
}

static bool fits(size_t characters, size_t speakers)
{
    g_autoptr(GString) title = g_string_new(NULL);
    for (size_t i = 0; i < characters; i++) {
        g_string_append(title, "م"); // two bytes: the limit counts characters
    }
    g_autoptr(json_t) list = json_array();
    for (size_t i = 0; i < speakers; i++) {
        json_array_append_new(list, json_pack("{s: {s: s}}", "name", "en", "x"));
    }
    g_autoptr(json_t) body = json_pack("{s: {s: s}, s: s, s: O}", "title", "ar", title->str,
                                       "starts_at", "2026-11-23T09:00:00Z", "speakers", list);
    g_autoptr(StoreSession) row = session_new(body, NOW_US, NULL);
    return row != NULL;
}

static void test_limits(void)
{
    g_assert_true(fits(SESSION_MAX_TITLE, SESSION_MAX_SPEAKERS));
    g_assert_false(fits(SESSION_MAX_TITLE + 1, SESSION_MAX_SPEAKERS));
    g_assert_false(fits(SESSION_MAX_TITLE, SESSION_MAX_SPEAKERS + 1));
}

static void test_patch(void)
{
    g_autoptr(StoreSession) row = make("{" MINIMAL "}");
    g_autofree char *id = g_strdup(row->id);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) half_bad = parse("{\"title\": {\"en\": \"New\"}, \"access\": \"public\"}");
    g_assert_false(session_check(row, half_bad, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_cmpstr(row->title_ar, ==, "عنوان"); // all or nothing
    g_assert_cmpstr(row->title_en, ==, "");

    g_autoptr(json_t) good = parse("{\"title\": {\"en\": \"New\"}, \"duration_minutes\": 90}");
    g_assert_true(session_check(row, good, &error));
    g_assert_cmpstr(row->id, ==, id);
    g_assert_cmpstr(row->title_ar, ==, ""); // replaces the whole title
    g_assert_cmpstr(row->title_en, ==, "New");
    g_assert_cmpint(row->duration_minutes, ==, 90);
    g_assert_cmpstr(row->access, ==, "invited");

    move(row, SESSION_LOBBY, NOW_US);
    g_autoptr(json_t) later = parse("{\"starts_at\": \"2026-11-24T09:00:00Z\"}");
    g_assert_false(session_check(row, later, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    g_autoptr(json_t) longer = parse("{\"duration_minutes\": 120}");
    g_assert_true(session_check(row, longer, &error)); // may be extended while running
    g_autoptr(json_t) nothing = parse("{}");
    g_assert_true(session_check(row, nothing, &error));
}

/* ---- what is shown ---- */

static const char *text_at(const json_t *json, const char *first, const char *second)
{
    const json_t *found = json_object_get(json, first);
    return json_string_value(second != NULL ? json_object_get(found, second) : found);
}

static void test_json(void)
{
    g_autoptr(StoreSession) row =
        make("{" MINIMAL ", \"speakers\": [{\"name\": {\"en\": \"Ali\"}}]}");
    g_autoptr(json_t) before = session_json(row);
    g_assert_true(json_is_null(json_object_get(before, "epoch")));
    g_assert_true(json_is_null(json_object_get(before, "live_at")));
    g_assert_true(json_is_null(json_object_get(before, "ended_at")));
    move(row, SESSION_LOBBY, NOW_US);
    g_autoptr(json_t) json = session_json(row);
    g_assert_cmpstr(text_at(json, "id", NULL), ==, row->id);
    g_assert_true(json_is_null(json_object_get(json, "series")));
    g_assert_cmpstr(text_at(json, "title", "ar"), ==, "عنوان");
    g_assert_cmpstr(text_at(json, "title", "en"), ==, "");
    g_assert_cmpstr(text_at(json, "starts_at", NULL), ==, "2026-11-23T09:00:00.000Z");
    g_assert_cmpint(json_integer_value(json_object_get(json, "duration_minutes")), ==, 60);
    g_assert_cmpstr(text_at(json, "access", NULL), ==, "invited");
    g_assert_cmpstr(text_at(json, "state", NULL), ==, "lobby");
    g_assert_cmpstr(text_at(json, "epoch", NULL), ==, "2025-11-23T09:00:00.000Z");
    json_t *speakers = json_object_get(json, "speakers");
    g_assert_cmpuint(json_array_size(speakers), ==, 1);
    g_assert_cmpstr(text_at(json_array_get(speakers, 0), "name", "en"), ==, "Ali");

    g_autofree char *whep = g_strdup_printf("/sessions/%s/whep", row->id);
    g_autofree char *hls = g_strdup_printf("/sessions/%s/hls/main.m3u8", row->id);
    g_autofree char *recording = g_strdup_printf("/recordings/%s/main.m3u8", row->id);
    g_autofree char *page = g_strdup_printf("/ar/s/%s", row->id);
    g_assert_cmpstr(text_at(json, "urls", "whep"), ==, whep);
    g_assert_cmpstr(text_at(json, "urls", "hls"), ==, hls);
    g_assert_cmpstr(text_at(json, "urls", "recording"), ==, recording);
    g_assert_cmpstr(text_at(json, "urls", "page"), ==, page);
    g_assert_cmpstr(text_at(json, "urls", "websocket"), ==, "/ws");
}

/* Damaged rows are shown as far as possible. */
static void test_json_damaged(void)
{
    StoreSession row = {.id = (char *)"s1", .title_ar = (char *)"\xff", .speakers = (char *)"{]"};
    g_autoptr(json_t) json = session_json(&row);
    g_assert_cmpstr(text_at(json, "title", "ar"), ==, "");
    g_assert_true(json_is_array(json_object_get(json, "speakers")));
}

/* ---- agenda and chapters ---- */

static void test_agenda(void)
{
    g_autoptr(StoreSession) row =
        make("{" MINIMAL ", \"agenda\": [{\"title\": {\"ar\": \" مقدمة \"}},"
             "{\"title\": {\"en\": \"Questions\"}}]}");
    g_autoptr(json_t) json = session_json(row);
    json_t *agenda = json_object_get(json, "agenda");
    g_assert_cmpuint(json_array_size(agenda), ==, 2);
    g_assert_cmpstr(text_at(json_array_get(agenda, 0), "title", "ar"), ==, "مقدمة");
    g_assert_cmpstr(text_at(json_array_get(agenda, 0), "title", "en"), ==, "");
    g_assert_cmpstr(text_at(json_array_get(agenda, 1), "title", "en"), ==, "Questions");

    for (size_t count = SESSION_MAX_AGENDA; count <= SESSION_MAX_AGENDA + 1; count++) {
        g_autoptr(json_t) list = json_array();
        for (size_t i = 0; i < count; i++) {
            json_array_append_new(list, json_pack("{s:{s:s}}", "title", "en", "x"));
        }
        g_autoptr(json_t) body = json_pack("{s:O}", "agenda", list);
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(session_check(row, body, &error), ==, count <= SESSION_MAX_AGENDA);
    }
}

static StoreChapter *make_chapter(const char *text, int64_t now_us, GError **error)
{
    StoreSession row = {.id = (char *)"s1"};
    g_autoptr(json_t) body = parse(text);
    return session_chapter_new(&row, body, now_us, NOW_US, error);
}

static void test_chapter(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(StoreChapter) now =
        make_chapter("{\"title\": {\"ar\": \"مقدمة\"}}", 12345678, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(now->session, ==, "s1");
    g_assert_cmpint(now->media_us, ==, 12345678);
    g_assert_cmpint(now->created_us, ==, NOW_US);
    g_autoptr(StoreChapter) named =
        make_chapter("{\"title\": {\"en\": \"x\"}, \"media_ms\": 2000}", -1, &error);
    g_assert_no_error(error);
    g_assert_cmpint(named->media_us, ==, 2000000);

    g_autoptr(json_t) patch = parse("{\"media_ms\": 0}");
    g_assert_true(session_chapter_check(named, patch, &error));
    g_assert_cmpint(named->media_us, ==, 0);
    g_assert_cmpstr(named->title_en, ==, "x");
    g_autoptr(json_t) empty = parse("{\"media_ms\": 5, \"title\": {\"ar\": \"\"}}");
    g_assert_false(session_chapter_check(named, empty, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    g_assert_cmpint(named->media_us, ==, 0); // all or nothing

    g_autoptr(json_t) shown = session_chapter_json(now, false, -1);
    g_assert_cmpstr(json_string_value(json_object_get(shown, "kind")), ==, "agenda");
    g_assert_cmpstr(text_at(shown, "title", "ar"), ==, "مقدمة");
    g_assert_cmpint(json_integer_value(json_object_get(shown, "media_ms")), ==, 12345);
    g_assert_true(json_is_null(json_object_get(shown, "at_ms")));
    g_autoptr(json_t) asked = session_chapter_json(now, true, 1500000);
    g_assert_cmpstr(json_string_value(json_object_get(asked, "kind")), ==, "question");
    g_assert_cmpint(json_integer_value(json_object_get(asked, "at_ms")), ==, 1500);
}

static void test_chapter_bad(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"title\": {\"en\": \"x\"}}", // not running
        "{\"title\": {\"en\": \"\"}, \"media_ms\": 1}",
        "{\"title\": {\"en\": \"x\"}, \"media_ms\": -1}",
        "{\"title\": {\"en\": \"x\"}, \"media_ms\": 1.5}",
        "{\"title\": {\"en\": \"x\"}, \"media_ms\": 9223372036854775807}",
        "{\"title\": {\"en\": \"x\"}, \"media_ms\": null}",
        "{\"title\": {\"en\": \"x\"}, \"media_ms\": 1, \"kind\": \"question\"}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", texts[i]);
        g_assert_null(make_chapter(texts[i], -1, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    }
}

/* ---- the recording ---- */

static StoreSession *make_over(const char *state, int64_t ended_us)
{
    StoreSession *row = make("{" MINIMAL "}");
    g_assert_true(store_state_parse(state, &row->state));
    row->starts_us = row->ended_us = ended_us;
    return row;
}

static bool check_recording(const StoreSession *row, SessionRecording *recording, const char *text,
                            GError **error)
{
    g_autoptr(json_t) body = parse(text);
    g_autofree char *why = NULL;
    return session_recording_check(row, body, recording, &why, error);
}

static void test_ends(void)
{
    g_autoptr(StoreSession) row = make_over("ended", 5);
    g_autoptr(GError) error = NULL;
    SessionRecording ends = {.in_us = INT64_MIN, .out_us = INT64_MAX};
    g_assert_true(check_recording(row, &ends, "{\"in_ms\": 4000, \"out_ms\": 9000}", &error));
    g_assert_cmpint(ends.out_us, ==, 9000000);
    g_assert_true(check_recording(row, &ends, "{\"out_ms\": null, \"hold\": true}", &error));
    g_assert_no_error(error);
    g_assert_cmpint(ends.in_us, ==, 4000000);
    g_assert_cmpint(ends.out_us, ==, INT64_MAX);
    g_assert_true(ends.hold);
    g_autoptr(json_t) shown = json_object();
    session_recording_json(&ends, shown);
    g_assert_cmpint(json_integer_value(json_object_get(shown, "in_ms")), ==, 4000);
    g_assert_true(json_is_null(json_object_get(shown, "out_ms")));
    g_assert_true(json_is_true(json_object_get(shown, "hold")));

    g_assert_true(check_recording(row, &ends, "{\"out_ms\": 9000}", &error));
    static const char *const texts[] = {
        "{\"out_ms\": 4000}", // after its end
        "{\"in_ms\": 5000, \"out_ms\": 4000}",
        "{\"in_ms\": -1}",
        "{\"in_ms\": \"0\"}",
        "{\"in_ms\": 9223372036854775807}",
        "{\"hold\": 1}",
        "{\"hold\": false, \"keep\": 1}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) refused = NULL;
        g_test_message("%s", texts[i]);
        g_assert_false(check_recording(row, &ends, texts[i], &refused));
        g_assert_error(refused, BASE_ERROR, BASE_ERROR_INVALID);
        g_assert_cmpint(ends.in_us, ==, 4000000);
        g_assert_true(ends.hold);
    }

    g_autoptr(StoreSession) live = make_over("live", 0);
    g_assert_false(check_recording(live, &ends, "{\"in_ms\": 1}", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_true(check_recording(live, &ends, "{\"hold\": true}", &error)); // may come first
    session_note_deleted(row, "p1", "by mistake", NOW_US);
    g_assert_false(check_recording(row, &ends, "{\"hold\": true}", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "by mistake"));
}

#define DAY_US INT64_C(86400000000)

/* Minutes, and nights without server, are fine; a leap puts the clock in doubt for a day; a
 * corrected clock is trusted at once. */
static void test_clock(void)
{
    StoreClock clock = {.seen_us = NOW_US};
    g_assert_true(session_clock_is_good(&clock, NOW_US));
    g_assert_true(session_clock_is_good(&clock, NOW_US + DAY_US / 24));
    g_assert_true(session_clock_is_good(&clock, NOW_US + DAY_US));
    g_assert_true(session_clock_is_good(&clock, NOW_US)); // set back: less has expired
    int64_t ahead_us = NOW_US + 3650 * DAY_US;
    g_assert_false(session_clock_is_good(&clock, ahead_us));
    g_assert_false(session_clock_is_good(&clock, ahead_us + DAY_US / 24));
    g_assert_false(session_clock_is_good(&clock, ahead_us + DAY_US - 1));
    g_assert_true(session_clock_is_good(&clock, ahead_us + DAY_US)); // it was right
    g_assert_false(session_clock_is_good(&clock, ahead_us + 30 * DAY_US));
    g_assert_true(session_clock_is_good(&clock, NOW_US + 2 * DAY_US)); // it was wrong
    g_assert_true(session_clock_is_good(&clock, NOW_US + 3 * DAY_US));
    StoreClock never = {.seen_us = 0};
    g_assert_false(session_clock_is_good(&never, NOW_US));
    g_assert_true(session_clock_is_good(&never, NOW_US + DAY_US));
}

static void test_retention(void)
{
    g_autoptr(StoreSession) row = make_over("published", NOW_US);
    g_assert_cmpint(session_keep_until(row, 0), ==, 0); // forever
    g_assert_cmpint(session_keep_until(row, 30), ==, NOW_US + 30 * DAY_US);
    g_assert_false(session_is_expired(row, 0, INT64_MAX));
    g_assert_false(session_is_expired(row, 30, NOW_US + 30 * DAY_US - 1));
    g_assert_true(session_is_expired(row, 30, NOW_US + 30 * DAY_US));
    g_assert_true(session_is_expired(row, 36500, NOW_US + 36500 * DAY_US));
    row->ended_us = NOW_US - 1000 * DAY_US; // the clock was behind
    row->created_us = NOW_US;
    row->starts_us = 0;
    g_assert_cmpint(session_keep_until(row, 30), ==, NOW_US + 30 * DAY_US);
    row->created_us = row->ended_us - DAY_US;
    row->starts_us = NOW_US;
    g_assert_cmpint(session_keep_until(row, 30), ==, NOW_US + 29 * DAY_US);
    row->ended_us = NOW_US;
    row->hold = true;
    g_assert_false(session_is_expired(row, 1, INT64_MAX));
    g_assert_cmpint(session_keep_until(row, 1), ==, 0);
    row->hold = false;
    session_note_deleted(row, NULL, "retention", NOW_US + 1);
    g_assert_null(row->deleted_by);
    g_assert_false(session_is_expired(row, 1, INT64_MAX)); // only once

    // never while running or in the future, whatever its times
    static const char *const on[] = {"scheduled", "lobby", "live", "paused"};
    for (size_t i = 0; i < G_N_ELEMENTS(on); i++) {
        g_autoptr(StoreSession) running = make_over(on[i], NOW_US);
        g_assert_false(session_is_expired(running, 1, INT64_MAX));
    }
    g_autoptr(StoreSession) never = make_over("cancelled", 0);
    g_assert_false(session_is_expired(never, 1, INT64_MAX));
    g_autoptr(StoreSession) lobby = make_over("cancelled", NOW_US);
    g_assert_true(session_is_expired(lobby, 1, NOW_US + DAY_US)); // its lobby was recorded
}

static SessionResume resume_of(const StoreSession *row, int64_t now_us, SessionState *out_to)
{
    *out_to = SESSION_STATES;
    BaseNow now = {.wall_us = now_us, .boot_us = 7, .boot = "this"};
    return session_resume(row, 30, &now, out_to);
}

/* A session of 60 minutes, 40 minutes after its start. */
static void test_leap(void)
{
    SessionState to;
    g_autoptr(StoreSession) row = make_over("live", 0);
    row->starts_us = row->epoch_us = row->live_us = NOW_US;
    row->duration_minutes = 60;
    BaseNow began = {.wall_us = NOW_US, .boot_us = 5 * MINUTE_US, .boot = "one"};
    g_assert_true(session_note_boot(row, &began, 0));
    g_assert_false(session_note_boot(row, &began, 0));

    static const int64_t leaps[] = {0, DAY_US, -60 * MINUTE_US};
    for (size_t i = 0; i < G_N_ELEMENTS(leaps); i++) {
        BaseNow now = {NOW_US + 40 * MINUTE_US + leaps[i], 45 * MINUTE_US, "one"};
        g_assert_cmpint(session_now_us(row, &now), ==, NOW_US + 40 * MINUTE_US);
        g_assert_cmpint(session_resume(row, 30, &now, &to), ==, SESSION_GOES_ON);
        now.boot_us += DAY_US; // a day without server
        g_assert_cmpint(session_resume(row, 30, &now, &to), ==, SESSION_ENDS);
    }
    // after a reboot only the wall clock remains
    BaseNow other = {NOW_US + 40 * MINUTE_US, 1 * MINUTE_US, "two"};
    g_assert_cmpint(session_resume(row, 30, &other, &to), ==, SESSION_GOES_ON);
    g_assert_true(session_note_boot(row, &other, 40 * MINUTE_US));
    g_assert_cmpint(row->boot_us, ==, -39 * MINUTE_US);
    other = (BaseNow){NOW_US + DAY_US, 2 * MINUTE_US, "two"};
    g_assert_cmpint(session_now_us(row, &other), ==, NOW_US + 41 * MINUTE_US);
    other.boot = "three";
    g_assert_cmpint(session_resume(row, 30, &other, &to), ==, SESSION_ENDS);
    // a system without boot id, and an older row
    row->boot[0] = other.boot_us = 0;
    other.boot = "";
    g_assert_cmpint(session_now_us(row, &other), ==, NOW_US + DAY_US);
    g_clear_pointer(&row->boot, g_free);
    g_assert_cmpint(session_now_us(row, &other), ==, NOW_US + DAY_US);
}

static void test_resume(void)
{
    SessionState to;
    static const struct {
        const char *state;
        SessionResume in_time, late;
        SessionState to;
    } cases[] = {
        {"scheduled", SESSION_RESTS, SESSION_RESTS, SESSION_STATES},
        {"lobby", SESSION_GOES_ON, SESSION_ENDS, SESSION_CANCELLED},
        {"live", SESSION_GOES_ON, SESSION_ENDS, SESSION_ENDED},
        {"paused", SESSION_GOES_ON, SESSION_ENDS, SESSION_ENDED},
        {"ended", SESSION_FINISHES, SESSION_EXPIRES, SESSION_STATES},
        {"published", SESSION_FINISHES, SESSION_EXPIRES, SESSION_STATES},
        {"cancelled", SESSION_RESTS, SESSION_EXPIRES, SESSION_STATES},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(StoreSession) row = make_over(cases[i].state, 0);
        row->starts_us = NOW_US;
        row->ended_us = i >= 4 ? NOW_US : 0;
        g_test_message("%s", cases[i].state);
        g_assert_cmpint(resume_of(row, NOW_US, &to), ==, cases[i].in_time);
        g_assert_cmpint(to, ==, cases[i].to);
        g_assert_cmpint(resume_of(row, NOW_US + 31 * DAY_US, &to), ==, cases[i].late);
        row->hold = true;
        g_assert_cmpint(resume_of(row, NOW_US + 31 * DAY_US, &to), !=, SESSION_EXPIRES);
    }
    g_autoptr(StoreSession) row = make_over("ended", NOW_US);
    session_note_deleted(row, NULL, "x", NOW_US);
    g_assert_cmpint(resume_of(row, NOW_US + 31 * DAY_US, &to), ==, SESSION_IS_DELETED);
}

static void test_reason(void)
{
    g_autoptr(json_t) good = parse("{\"reason\": \" The speaker asked for it \"}");
    g_autofree char *reason = session_reason(good, NULL);
    g_assert_cmpstr(reason, ==, "The speaker asked for it");
    static const char *const texts[] = {"{}", "{\"reason\": \" \"}", "{\"reason\": 1}",
                                        "{\"reason\": \"x\", \"force\": true}"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(json_t) body = parse(texts[i]);
        g_autoptr(GError) error = NULL;
        g_assert_null(session_reason(body, &error));
        g_assert_error(error, BASE_ERROR, BASE_ERROR_INVALID);
    }
}

static void test_calendar(void)
{
    g_autoptr(StoreSession) row = calendar_session("One, two; three\\four\nfive\x01");
    g_autofree char *text =
        session_calendar(row, "en", "https://m.ae/en/s/abc", CALENDAR_START_US - 1);
    g_assert_cmpstr(text, ==,
                    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//majlis//majlis//EN\r\n"
                    "BEGIN:VEVENT\r\nUID:abc@majlis\r\nDTSTAMP:20261201T065959Z\r\n"
                    "DTSTART:20261201T070000Z\r\nDTEND:20261201T083000Z\r\nSEQUENCE:0\r\n"
                    "STATUS:CONFIRMED\r\nSUMMARY:One\\, two\\; three\\\\four\\nfive\r\n"
                    "DESCRIPTION:S\\; the first - expert\\n- Opening\\nhttps://m.ae/en/s/abc\r\n"
                    "URL:https://m.ae/en/s/abc\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\n"
                    "TRIGGER:-PT10M\r\nDESCRIPTION:One\\, two\\; three\\\\four\\nfive\r\n"
                    "END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

/* What a calendar needs to answer: method, time zone, organizer, attendee. No parameter by a name. */
static void test_invite(void)
{
    g_autoptr(StoreSession) row = calendar_session("عنوان");
    g_free(row->title_en);
    row->title_en = g_strdup("Title");
    row->revision = 7;
    SessionInvite invite = {.organizer = "office@m.ae",
                            .organizer_name = "60 دقيقة",
                            .attendee = "noura@a.ae",
                            .attendee_name = "N\";X=Y:\r\nATTENDEE:z"};
    const char *page = "https://m.ae/ar/s/abc";
    g_autofree char *text = session_invite(row, page, &invite, CALENDAR_START_US - 1);
    g_auto(GStrv) pieces = g_strsplit(text, "\r\n ", -1);
    g_autofree char *whole = g_strjoinv("", pieces);
    static const char *const lines[] = {
        "METHOD:REQUEST",
        "UID:abc@majlis",
        "SEQUENCE:7",
        "SUMMARY:عنوان | Title",
        "DTSTART;TZID=Asia/Dubai:20261201T110000",
        "DTEND;TZID=Asia/Dubai:20261201T123000",
        "BEGIN:VTIMEZONE\r\nTZID:Asia/Dubai",
        "ORGANIZER;CN=\"60 دقيقة\":mailto:office@m.ae",
        ("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"N';X=Y:ATTENDEE:z\""
         ":mailto:noura@a.ae"),
        "TRIGGER:-PT10M"};
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *line = g_strconcat("\r\n", lines[i], "\r\n", NULL);
        g_test_message("%s", lines[i]);
        g_assert_nonnull(strstr(whole, line));
    }
    g_auto(GStrv) folded = g_strsplit(text, "\r\n", -1);
    for (char **line = folded; *line != NULL; line++) {
        g_assert_cmpuint(strlen(*line), <=, 75);
        g_assert_true(g_utf8_validate(*line, -1, NULL));
    }
    g_assert_true(session_move(row, SESSION_CANCELLED, 1, 0, NULL));
    g_autofree char *off = session_invite(row, page, &invite, 1);
    g_assert_nonnull(strstr(off, "\r\nMETHOD:CANCEL\r\n"));
    g_assert_nonnull(strstr(off, "\r\nSEQUENCE:8\r\nSTATUS:CANCELLED\r\n"));
    g_assert_null(strstr(off, "VALARM"));
}

/* Folds lines at 75 octets of valid UTF-8; unfolding restores them, for every length. */
static void test_calendar_folds(void)
{
    static const char *const letters[] = {"x", "ش", "€", "🙂"};
    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autoptr(GString) title = g_string_new("");
        for (int length = 1; length <= 200; length++) {
            g_string_append(title, letters[i]);
            g_autoptr(StoreSession) row = calendar_session(title->str);
            g_autofree char *text = session_calendar(row, "ar", "https://m.ae/ar/s/abc", 1);
            g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
            for (char **line = lines; *line != NULL; line++) {
                g_assert_cmpuint(strlen(*line), <=, 75);
                g_assert_true(g_utf8_validate(*line, -1, NULL));
            }
            g_auto(GStrv) pieces = g_strsplit(text, "\r\n ", -1);
            g_autofree char *whole = g_strjoinv("", pieces);
            g_autofree char *summary = g_strconcat("\r\nSUMMARY:", title->str, "\r\n", NULL);
            g_assert_nonnull(strstr(whole, summary));
        }
    }
}

static void test_calendar_changes(void)
{
    g_autoptr(StoreSession) row = calendar_session("T");
    struct {
        const char *body;
        int revision;
    } steps[] = {
        {"{\"duration_minutes\": 60}", 1},
        {"{\"duration_minutes\": 60}", 1}, // unchanged
        {"{\"show_names\": true}", 1},     // invisible in calendars
        {"{\"starts_at\": \"2026-12-02T07:00:00Z\"}", 2},
        {"{\"title\": {\"ar\": \"U\", \"en\": \"\"}}", 3},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(json_t) body = json_loads(steps[i].body, 0, NULL);
        g_autoptr(GError) error = NULL;
        g_assert_true(session_check(row, body, &error));
        g_assert_cmpint(row->revision, ==, steps[i].revision);
    }
    g_assert_true(session_move(row, SESSION_CANCELLED, 1, 0, NULL));
    g_autofree char *text = session_calendar(row, "ar", "https://m.ae/ar/s/abc", 1);
    g_assert_nonnull(strstr(text, "\r\nSEQUENCE:4\r\nSTATUS:CANCELLED\r\n"));
    g_assert_null(strstr(text, "VALARM")); // no reminder
}

/* A damaged row still gives a calendar. */
static void test_calendar_damaged(void)
{
    g_autoptr(StoreSession) row = calendar_session("\xff\xfe");
    g_free(row->speakers);
    row->speakers = g_strdup("{]");
    g_free(row->agenda);
    row->agenda = NULL;
    row->starts_us = INT64_MAX / 2;
    g_autofree char *text = session_calendar(row, "ar", "https://m.ae/ar/s/abc", 1);
    g_assert_true(g_utf8_validate(text, -1, NULL));
    g_assert_true(g_str_has_suffix(text, "END:VCALENDAR\r\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/names", test_names);
    g_test_add_func("/session/moves", test_moves);
    g_test_add_func("/session/marks", test_marks);
    g_test_add_func("/session/over", test_over);
    g_test_add_func("/session/new", test_new);
    g_test_add_func("/session/bad", test_bad);
    g_test_add_func("/session/limits", test_limits);
    g_test_add_func("/session/patch", test_patch);
    g_test_add_func("/session/json", test_json);
    g_test_add_func("/session/json-damaged", test_json_damaged);
    g_test_add_func("/session/agenda", test_agenda);
    g_test_add_func("/session/chapter", test_chapter);
    g_test_add_func("/session/chapter-bad", test_chapter_bad);
    g_test_add_func("/session/ends", test_ends);
    g_test_add_func("/session/retention", test_retention);
    g_test_add_func("/session/clock", test_clock);
    g_test_add_func("/session/resume", test_resume);
    g_test_add_func("/session/leap", test_leap);
    g_test_add_func("/session/calendar", test_calendar);
    g_test_add_func("/session/invite", test_invite);
    g_test_add_func("/session/calendar-folds", test_calendar_folds);
    g_test_add_func("/session/calendar-changes", test_calendar_changes);
    g_test_add_func("/session/calendar-damaged", test_calendar_damaged);
    g_test_add_func("/session/reason", test_reason);
    return g_test_run();
}

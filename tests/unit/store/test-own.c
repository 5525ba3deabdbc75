// SPDX-License-Identifier: GPL-3.0-or-later
// What a person's own page and feeds read: answers, questions by page, the feeds' time of issue.
#include "fixture.h"

#include <string.h>

static bool add_session(StoreDb *db, const char *id, GError **error)
{
    StoreSession row = {.id = (char *)id,
                        .title_ar = (char *)"",
                        .title_en = (char *)"Talk",
                        .speakers = (char *)"[]",
                        .access = (char *)"open",
                        .duration_minutes = 60};
    return store_session_insert(db, &row, error);
}

static bool add_person(StoreDb *db, const char *id, const char *entity, GError **error)
{
    StorePerson row = {
        .id = (char *)id, .name = (char *)id, .role = (char *)"", .entity = (char *)entity};
    return store_person_insert(db, &row, error);
}

static bool plans_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    static const char *const people[][3] = {{"p1", "Economy", "yes"},
                                            {"p2", "Economy", "maybe"},
                                            {"p3", NULL, "no"},
                                            {"p4", "Health", "yes"}};
    g_assert_true(add_session(db, "s1", error));
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++) {
        g_assert_true(add_person(db, people[i][0], people[i][1], error));
        g_assert_true(store_plan_put(db, "s1", people[i][0], "no", 1, error));
        g_assert_true(store_plan_put(db, "s1", people[i][0], people[i][2], 2, error));
    }
    StorePerson gone = {
        .id = (char *)"p4", .name = (char *)"x", .role = (char *)"", .disabled = true};
    g_assert_true(store_person_update(db, &gone, error));
    g_autofree char *coming = NULL;
    g_assert_true(store_plan_get(db, "s1", "p2", &coming, error));
    g_assert_cmpstr(coming, ==, "maybe");
    g_free(g_steal_pointer(&coming));
    g_assert_true(store_plan_get(db, "s1", "nobody", &coming, error));
    g_assert_null(coming);
    g_assert_false(store_plan_put(db, "s1", "p1", "perhaps", 3, NULL));
    g_autoptr(GPtrArray) counts = store_plans_count(db, "s1", error);
    g_assert_cmpuint(counts->len, ==, 2);
    const StorePlans *economy = counts->pdata[0], *none = counts->pdata[1];
    g_assert_cmpstr(economy->entity, ==, "Economy");
    g_assert_cmpint(economy->yes, ==, 1);
    g_assert_cmpint(economy->maybe, ==, 1);
    g_assert_null(none->entity);
    g_assert_cmpint(none->no, ==, 1);
    return true;
}

static void test_plans(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, plans_job, NULL);
}

static bool add_question(StoreDb *db, const char *id, const char *session, const char *person,
                         GError **error)
{
    StoreQuestion row = {.id = (char *)id,
                         .session = (char *)session,
                         .person = (char *)person,
                         .text = (char *)id,
                         .state = (char *)"pending",
                         .at_us = 1};
    return store_question_insert(db, &row, error);
}

static void check_page(StoreDb *db, const char *sessions, const char *wanted)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int64_t next = 0;
    do {
        g_autoptr(GPtrArray) rows = store_questions_of(db, "p1", sessions, next, 2, &next, NULL);
        g_assert_nonnull(rows);
        for (guint i = 0; i < rows->len; i++) {
            g_string_append(text, ((StoreQuestion *)rows->pdata[i])->id);
        }
        g_string_append_c(text, '|');
    } while (next != 0);
    g_assert_cmpstr(text->str, ==, wanted);
}

static bool questions_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    static const char *const questions[][3] = {
        {"a", "s1", "p1"}, {"b", "s2", "p1"}, {"c", "s1", "p2"},
        {"d", "s1", "p1"}, {"e", "s2", "p1"}, {"f", "s1", "p1"},
    };
    g_assert_true(add_session(db, "s1", error) && add_session(db, "s2", error));
    g_assert_true(add_person(db, "p1", NULL, error) && add_person(db, "p2", NULL, error));
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_assert_true(add_question(db, questions[i][0], questions[i][1], questions[i][2], error));
    }
    check_page(db, NULL, "fe|db|a|");
    check_page(db, "[\"s1\"]", "fd|a|");
    check_page(db, "[\"s1\", \"s2\", \"s3\"]", "fe|db|a|");
    check_page(db, "[\"s2\"]", "eb|"); // the last page is full
    check_page(db, "[]", "|");
    g_autoptr(StoreQuestion) one = store_question_get(db, "c", error);
    g_assert_cmpstr(one->person, ==, "p2");
    return true;
}

static void test_questions(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, questions_job, NULL);
}

static bool feeds_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    int64_t first = -1, second, third;
    g_assert_true(add_person(db, "p1", NULL, error));
    g_assert_true(store_feeds_issued(db, "p1", &first, error));
    g_assert_cmpint(first, ==, 0);
    g_assert_true(store_feeds_issue(db, "p1", 100, &second, error));
    g_assert_cmpint(second, ==, 100);
    g_assert_true(store_feeds_issue(db, "p1", 50, &third, error)); // the clock was set back
    g_assert_cmpint(third, ==, 101);
    StorePerson gone = {
        .id = (char *)"p1", .name = (char *)"x", .role = (char *)"", .disabled = true};
    g_autoptr(GError) refused = NULL;
    g_assert_true(store_person_update(db, &gone, error));
    g_assert_false(store_feeds_issued(db, "p1", &first, &refused));
    g_assert_error(refused, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    return true;
}

static void test_feeds(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, feeds_job, NULL);
}

void add_own_tests(void)
{
    FIXTURE_ADD("plans", test_plans);
    FIXTURE_ADD("questions-of", test_questions);
    FIXTURE_ADD("feeds", test_feeds);
}

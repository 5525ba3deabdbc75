// SPDX-License-Identifier: GPL-3.0-or-later
// Mail addresses, and what staff write about people and entities.
#include "base/json.h"
#include "tests.h"

#include <string.h>

static void test_email(void)
{
    static const char *const good[] = {
        "n@example.ae",
        " noura.alshamsi+x@mail.example.gov.ae ",
        "a@b-c.example",
        "1@2.example",
    };
    static const char *const bad[] = {
        "",
        "noura",
        "@example.ae",
        "n@",
        "n@example",
        "n@@example.ae",
        "n m@example.ae",
        "n@exa mple.ae",
        ".n@example.ae",
        "n..m@example.ae",
        "n.@example.ae",
        "n@-example.ae",
        "n@example-.ae",
        "n@example..ae",
        "n@example.ae.",
        "n@10.0.0.1",
        "n@example.ae,m@example.ae",
        "نورة@example.ae",
        "n@مثال.امارات",
        "n@example.ae\r\nBcc: m@example.ae",
        "\"n\"@example.ae",
        "<n@example.ae>",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.ae", // 65
    };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *email = people_email_take(good[i], "email", NULL);
        g_assert_nonnull(email);
        g_assert_null(strchr(email, ' '));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", bad[i]);
        g_assert_null(people_email_take(bad[i], "email", &error));
        g_assert_cmpint(base_error_code(error), ==, BASE_CODE_BAD_EMAIL);
        g_assert_cmpstr(base_error_field(error), ==, "email");
    }
}

typedef struct {
    const char *body;
    BaseCode code; // NONE: taken
    const char *field;
} Case;

static void check(const Case *one, bool taken, const GError *error)
{
    g_test_message("%s", one->body);
    g_assert_cmpint(taken, ==, one->code == BASE_CODE_NONE);
    if (!taken) {
        g_assert_cmpint(base_error_code(error), ==, one->code);
        g_assert_cmpstr(base_error_field(error), ==, one->field);
    }
}

static void test_person(void)
{
    static const Case cases[] = {
        {"{\"name\": \" Noura \\n Ali \"}", BASE_CODE_NONE, NULL},
        {"{}", BASE_CODE_REQUIRED, "name"},
        {"{\"name\": \"\"}", BASE_CODE_REQUIRED, "name"},
        {"{\"name\": \"\\u200b\"}", BASE_CODE_BLANK, "name"},
        {"{\"name\": 7}", BASE_CODE_BAD_VALUE, "name"},
        {"{\"name\": \"a\", \"email\": \"b\"}", BASE_CODE_BAD_EMAIL, "email"},
        {"{\"name\": \"a\", \"email\": null}", BASE_CODE_NONE, NULL},
        {"{\"name\": \"a\", \"email\": []}", BASE_CODE_BAD_VALUE, "email"},
        {"{\"name\": \"a\", \"entity_id\": \"no id\"}", BASE_CODE_UNKNOWN_ENTITY, "entity_id"},
        {"{\"name\": \"a\", \"disabled\": 1}", BASE_CODE_BAD_VALUE, "disabled"},
        {"{\"name\": \"a\", \"role\": \"staff\"}", BASE_CODE_NONE, NULL},
        {"{\"name\": \"a\", \"role\": \"attendee\"}", BASE_CODE_BAD_VALUE, "role"},
        {"{\"name\": \"a\", \"role\": null}", BASE_CODE_BAD_VALUE, "role"},
        {"{\"name\": \"a\", \"id\": \"b\"}", BASE_CODE_UNKNOWN_FIELD, "id"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) body = json_loads(cases[i].body, 0, NULL);
        g_autoptr(StorePerson) row = people_person_new(body, 7, &error);
        check(&cases[i], row != NULL, error);
        g_assert_true(row == NULL || row->created_us == 7);
        g_assert_true(i > 0 || strcmp(row->name, "Noura Ali") == 0);
    }
}

static void test_entity(void)
{
    static const Case cases[] = {
        {"{\"code\": \"MOEC\", \"name\": {\"ar\": \"وزارة\"}}", BASE_CODE_NONE, NULL},
        {"{\"code\": \"M\", \"name\": {\"en\": \"x\"}, \"domains\": [\"A.example\"]}",
         BASE_CODE_NONE, NULL},
        {"{\"name\": {\"ar\": \"وزارة\"}}", BASE_CODE_REQUIRED, "code"},
        {"{\"code\": \"M\"}", BASE_CODE_REQUIRED, "name.ar"},
        {"{\"code\": \"M\", \"name\": {\"ar\": \"\", \"en\": \" \"}}", BASE_CODE_REQUIRED,
         "name.ar"},
        {"{\"code\": \"M\", \"name\": \"x\"}", BASE_CODE_BAD_VALUE, "name"},
        {"{\"code\": \"وزارة\", \"name\": {\"en\": \"x\"}}", BASE_CODE_BAD_VALUE, "code"},
        {"{\"code\": \"123456789012345678901\", \"name\": {\"en\": \"x\"}}", BASE_CODE_BAD_VALUE,
         "code"},
        {"{\"code\": \"M\", \"name\": {\"en\": \"x\"}, \"domains\": [\"x\"]}", BASE_CODE_BAD_VALUE,
         "domains"},
        {"{\"code\": \"M\", \"name\": {\"en\": \"x\"}, \"domains\": \"a.example\"}",
         BASE_CODE_BAD_VALUE, "domains"},
        {"{\"code\": \"M\", \"name\": {\"en\": \"x\"}, \"people\": 3}", BASE_CODE_UNKNOWN_FIELD,
         "people"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) body = json_loads(cases[i].body, 0, NULL);
        g_autoptr(StoreEntity) row = people_entity_new(body, 7, &error);
        check(&cases[i], row != NULL, error);
        g_assert_true(i != 1 || strcmp(row->domains, "[\"a.example\"]") == 0);
    }
}

/* A spreadsheet runs what begins like a formula. */
static void test_csv(void)
{
    StoreEntity entity = {.id = (char *)"e1", .code = (char *)"MOEC"};
    StorePerson plain = {.name = (char *)"نورة \"ن\"",
                         .email = (char *)"n@example.ae",
                         .entity = (char *)"وزارة",
                         .entity_id = (char *)"e1"};
    StorePerson evil = {.name = (char *)"=HYPERLINK(\"x\")", .disabled = true};
    g_autoptr(GPtrArray) people = g_ptr_array_new();
    g_autoptr(GPtrArray) entities = g_ptr_array_new();
    g_ptr_array_add(people, &plain);
    g_ptr_array_add(people, &evil);
    g_ptr_array_add(entities, &entity);
    GString *csv = people_csv(people, entities);
    g_assert_true(g_str_has_prefix(csv->str, "\xef\xbb\xbf\"Name الاسم\","));
    g_assert_nonnull(strstr(csv->str, "\"نورة \"\"ن\"\"\",\"n@example.ae\",\"وزارة\",\"MOEC\","));
    g_assert_nonnull(strstr(csv->str, "\r\n\"'=HYPERLINK(\"\"x\"\")\",\"\",\"\",\"\","));
    g_string_free(csv, TRUE);
}

void add_check_tests(void)
{
    g_test_add_func("/people/email", test_email);
    g_test_add_func("/people/person", test_person);
    g_test_add_func("/people/entity", test_entity);
    g_test_add_func("/people/csv", test_csv);
}

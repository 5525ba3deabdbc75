// SPDX-License-Identifier: GPL-3.0-or-later
// What a roster's lines would change, each by its reason; the same file again; files of random bytes.
#include "base/json.h"
#include "tests.h"

#include <glib/gstdio.h>
#include <string.h>

static StoreEntity entities[] = {
    {.id = (char *)"e1",
     .code = (char *)"MOEC",
     .name_ar = (char *)"وزارة الاقتصاد",
     .name_en = (char *)"Ministry of Economy",
     .domains = (char *)"[\"economy.example\"]"},
    {.id = (char *)"e2",
     .code = (char *)"MOE",
     .name_ar = (char *)"وزارة التربية والتعليم",
     .name_en = (char *)"",
     .domains = (char *)"[]"},
};
static StorePerson people[] = {
    {.id = (char *)"p1",
     .name = (char *)"نورة الشامسي",
     .email = (char *)"Noura@economy.example",
     .entity = (char *)"وزارة الاقتصاد",
     .entity_id = (char *)"e1",
     .role = (char *)""},
    {.id = (char *)"p2",
     .name = (char *)"خالد",
     .entity = (char *)"وزارة الاقتصاد",
     .role = (char *)""},
    {.id = (char *)"p3",
     .name = (char *)"Ali",
     .email = (char *)"ali@other.example",
     .role = (char *)""},
};

typedef struct {
    GPtrArray *people, *entities;
    PeopleKnown known;
} Known;

static void known_begin(Known *known)
{
    known->people = g_ptr_array_new();
    known->entities = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(people); i++) {
        g_ptr_array_add(known->people, &people[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(entities); i++) {
        g_ptr_array_add(known->entities, &entities[i]);
    }
    known->known = (PeopleKnown){.people = known->people, .entities = known->entities};
}

static void known_end(Known *known)
{
    g_ptr_array_unref(known->people);
    g_ptr_array_unref(known->entities);
}

static PeoplePlan *plan_of(const char *text, const PeopleKnown *known)
{
    g_autoptr(PeopleTable) table = read_text(text);
    PeopleColumns columns;
    people_columns_find(table, &columns);
    return people_plan_new(table, &columns, known);
}

typedef struct {
    const char *line;
    PeopleOutcome outcome;
    BaseCode code;  // of a refusal
    const char *of; // id of the person
    unsigned changes;
    const char *entity_id; // as it would be
} Case;

#define CHANGED(column) (1U << (column))

/* Columns: name, email, entity, code. Each line alone in its file. */
static const Case cases[] = {
    {"مريم,m@new.example,,", PEOPLE_NEW, 0, NULL, 0, NULL},
    {"مريم,m@x.economy.example,,", PEOPLE_NEW, 0, NULL, 0, "e1"}, // by its domain
    {"مريم,,وزاره الإقتصاد,", PEOPLE_NEW, 0, NULL, 0, "e1"},      // folded
    {"مريم,,ministry of economy,", PEOPLE_NEW, 0, NULL, 0, "e1"},
    {"مريم,,moe,", PEOPLE_NEW, 0, NULL, 0, "e2"}, // a code in the entity's column
    {"مريم,,whatever,MOE", PEOPLE_NEW, 0, NULL, 0, "e2"},
    {"'=1+1,,,", PEOPLE_NEW, 0, NULL, 0, NULL},
    {"نورة الشامسي,noura@ECONOMY.example,,MOEC", PEOPLE_UNCHANGED, 0, "p1", 0, "e1"},
    {"نورة الشامسي,noura@economy.example,,", PEOPLE_UNCHANGED, 0, "p1", 0, "e1"},
    {"نورة,noura@economy.example,,", PEOPLE_CHANGED, 0, "p1", CHANGED(PEOPLE_NAME), "e1"},
    {"نورة الشامسي,noura@economy.example,,MOE", PEOPLE_CHANGED, 0, "p1", CHANGED(PEOPLE_ENTITY),
     "e2"},
    {"نورة الشامسي,,,MOEC", PEOPLE_UNCHANGED, 0, "p1", 0, "e1"}, // by name and entity
    {"نوره الشامسي,other@economy.example,,", PEOPLE_DUPLICATE, 0, "p1", 0, "e1"},
    {"خالد,khalid@economy.example,,", PEOPLE_CHANGED, 0, "p2", CHANGED(PEOPLE_EMAIL), NULL},
    {"خالد,,,MOEC", PEOPLE_CHANGED, 0, "p2", CHANGED(PEOPLE_ENTITY), "e1"}, // had its name
    {"Ali,ali@other.example,,", PEOPLE_UNCHANGED, 0, "p3", 0, NULL},
    {"Ali,,,", PEOPLE_UNCHANGED, 0, "p3", 0, NULL},
    {"Ali,,,MOE", PEOPLE_NEW, 0, NULL, 0, "e2"}, // another Ali
    {",m@new.example,,", PEOPLE_REFUSED, BASE_CODE_REQUIRED, NULL, 0, NULL},
    {"\"\u200b\",m@new.example,,", PEOPLE_REFUSED, BASE_CODE_BLANK, NULL, 0, NULL},
    {"مريم,m@new,,", PEOPLE_REFUSED, BASE_CODE_BAD_EMAIL, NULL, 0, NULL},
    {"مريم,m@new.example,هيئة غير معروفة,", PEOPLE_REFUSED, BASE_CODE_UNKNOWN_ENTITY, NULL, 0,
     NULL},
    {"مريم,m@new.example,,NONE", PEOPLE_REFUSED, BASE_CODE_UNKNOWN_ENTITY, NULL, 0, NULL},
    {"مر\001يم,m@new.example,,", PEOPLE_REFUSED, BASE_CODE_ROSTER_CONTROLS, NULL, 0, NULL},
    {"مريم,\"m@new.example,,", PEOPLE_REFUSED, BASE_CODE_ROSTER_UNCLOSED, NULL, 0, NULL},
    {"مريم", PEOPLE_NEW, 0, NULL, 0, NULL}, // fewer fields
};

static void test_outcomes(void)
{
    Known known;
    known_begin(&known);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *one = &cases[i];
        g_test_message("%s", one->line);
        g_autofree char *text = g_strconcat("name,email,entity,code\r\n", one->line, NULL);
        g_autoptr(PeoplePlan) plan = plan_of(text, &known.known);
        g_assert_cmpuint(plan->lines->len, ==, 1);
        g_assert_cmpuint(plan->counts[one->outcome], ==, 1);
        const PeopleLine *line = plan->lines->pdata[0];
        g_assert_cmpuint(line->line, ==, 2);
        g_assert_cmpint(line->outcome, ==, one->outcome);
        g_assert_cmpstr(line->of != NULL ? line->of->id : NULL, ==, one->of);
        g_assert_cmpuint(line->changes, ==, one->changes);
        g_assert_true((line->row == NULL) == (one->outcome == PEOPLE_REFUSED));
        if (line->refused != NULL) {
            g_assert_cmpint(base_error_code(line->refused), ==, one->code);
        } else if (one->of == NULL || one->entity_id != NULL) {
            g_assert_cmpstr(line->row->entity_id, ==, one->entity_id);
        }
    }
    known_end(&known);
}

/* Lines of one file: the second is refused, or not. */
static void test_twice(void)
{
    static const struct {
        const char *first, *second;
        unsigned of_line; // 0: both are taken
    } twice[] = {
        {"مريم,m@new.example,,", "Maryam,M@NEW.example,,", 2},
        {"مريم,,,MOE", "مريم,,,MOE", 2},
        {"مريم,,,MOE", "مريم,,,MOEC", 0},
        {"مريم,,,MOE", "مريم,m@new.example,,MOE", 2},
        {"مريم,m@new.example,,MOE", "مريم,,,MOE", 2},
        {"مريم,m@new.example,,MOE", "مريم,n@new.example,,MOE", 0},
        {"نورة الشامسي,,,MOEC", "نورة,noura@economy.example,,", 2},
        {"خالد,,,MOEC", "خالد,k@economy.example,,MOEC", 2},
        {"x@,x@,,", "x@,x@,,", 0}, // refused by itself
    };
    Known known;
    known_begin(&known);
    for (size_t i = 0; i < G_N_ELEMENTS(twice); i++) {
        g_autofree char *text =
            g_strdup_printf("name,email,entity,code\n%s\n%s\n", twice[i].first, twice[i].second);
        g_test_message("%s", text);
        g_autoptr(PeoplePlan) plan = plan_of(text, &known.known);
        const PeopleLine *line = plan->lines->pdata[1];
        g_assert_cmpuint(line->of_line, ==, twice[i].of_line);
        g_assert_cmpint(line->refused != NULL &&
                            base_error_code(line->refused) == BASE_CODE_ROSTER_TWICE,
                        ==, twice[i].of_line != 0);
    }
    known_end(&known);
}

static void test_taken(void)
{
    static const char text[] = "name,email\nنورة الشامسي,other@economy.example\n";
    Known known;
    known_begin(&known);
    g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
    g_hash_table_add(taken, GUINT_TO_POINTER(2));
    known.known.taken = taken;
    g_autoptr(PeoplePlan) plan = plan_of(text, &known.known);
    g_assert_cmpuint(plan->counts[PEOPLE_NEW], ==, 1);
    known_end(&known);
}

static void test_no_names(void)
{
    Known known;
    known_begin(&known);
    g_autoptr(PeoplePlan) plan = plan_of("Email\nn@example.ae\n", &known.known);
    g_assert_cmpuint(plan->lines->len, ==, 0);
    known_end(&known);
}

/* --- In a store ------------------------------------------------------------------------------- */

static bool entities_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_entity_insert(db, &entities[0], error) &&
           store_entity_insert(db, &entities[1], error);
}

typedef struct {
    const char *text;
    unsigned counts[PEOPLE_OUTCOMES];
} Import;

static bool import_job(StoreDb *db, void *data, GError **error)
{
    Import *import = data;
    g_autoptr(GPtrArray) rows = store_people_list(db, error);
    g_autoptr(GPtrArray) all = store_entities_list(db, error);
    PeopleKnown known = {.people = rows, .entities = all};
    g_autoptr(PeoplePlan) plan = plan_of(import->text, &known);
    memcpy(import->counts, plan->counts, sizeof import->counts);
    return people_plan_apply(plan, db, 7, error);
}

static bool shown_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    const StorePeopleFind find = {.words = {"مريم", "ministry"}, .limit = 10};
    g_autoptr(GPtrArray) rows = store_people_find(db, &find, error);
    g_assert_cmpuint(rows->len, ==, 1);
    const StorePerson *row = rows->pdata[0];
    g_assert_cmpstr(row->entity, ==, "وزارة الاقتصاد");
    g_autoptr(StoreEntity) entity = store_entity_get(db, "e1", error);
    g_assert_cmpint(entity->people, ==, 2);
    return true;
}

static void test_again(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("majlis-people-XXXXXX", &error);
    g_autofree char *file = g_build_filename(folder, "majlis.db", NULL);
    g_autofree char *url = g_strconcat("sqlite:", file, NULL);
    Store *store = store_new(url, &error);
    g_assert_no_error(error);
    g_assert_true(store_run(store, entities_job, NULL, &error));
    Import import = {.text = "name,email,entity\n"
                             "مريم,m@new.example,وزارة الاقتصاد\n"
                             "سالم,,\n"
                             "خالد,k@economy.example,\n"
                             "خالد,k2@economy.example,\n"
                             "بدون,bad,\n"};
    for (int i = 0; i < 2; i++) {
        g_assert_true(store_run(store, import_job, &import, &error));
        g_assert_cmpuint(import.counts[PEOPLE_NEW], ==, i == 0 ? 4 : 0);
        g_assert_cmpuint(import.counts[PEOPLE_CHANGED], ==, 0);
        g_assert_cmpuint(import.counts[PEOPLE_UNCHANGED], ==, i == 0 ? 0 : 4);
        g_assert_cmpuint(import.counts[PEOPLE_REFUSED], ==, 1);
        g_assert_cmpuint(import.counts[PEOPLE_DUPLICATE], ==, 0);
    }
    import.text = "name,email,entity\nخالد,k2@economy.example,MOE\n";
    g_assert_true(store_run(store, import_job, &import, &error));
    g_assert_cmpuint(import.counts[PEOPLE_CHANGED], ==, 1);
    g_assert_true(store_run(store, shown_job, NULL, &error));
    store_free(store);
    g_unlink(file);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

/* --- Anything --------------------------------------------------------------------------------- */

/* Whatever the bytes, each line has one outcome and its JSON can be written. */
static void check_anything(const uint8_t *bytes, size_t size, const PeopleKnown *known)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PeopleTable) table = people_table_read(bytes, size, &error);
    g_assert_true((table == NULL) == (error != NULL));
    if (table == NULL) {
        return;
    }
    PeopleColumns columns;
    g_assert_true(people_columns_take(table, "name,email,entity,code", "false", &columns, &error));
    g_autoptr(PeoplePlan) plan = people_plan_new(table, &columns, known);
    unsigned sum = 0;
    for (int i = 0; i < PEOPLE_OUTCOMES; i++) {
        sum += plan->counts[i];
    }
    g_assert_cmpuint(sum, ==, table->rows->len);
    g_autoptr(json_t) json = people_plan_json(table, &columns, plan, false);
    g_autofree char *text = base_json_text(json);
    g_assert_true(g_utf8_validate(text, -1, NULL));
}

static void test_anything(void)
{
    static const char pieces[] = "a@.,;\t\"\"\r\n\n'=\0\001\xff\xfe\xd8\xa7\xd9\x86\xc8\xcaMOEC";
    Known known;
    known_begin(&known);
    g_autoptr(GRand) dice = g_rand_new_with_seed(13);
    for (int i = 0; i < 3000; i++) {
        uint8_t bytes[200];
        size_t size = (size_t)g_rand_int_range(dice, 0, sizeof bytes);
        for (size_t n = 0; n < size; n++) {
            bool any = g_rand_int_range(dice, 0, 8) == 0;
            int at = g_rand_int_range(dice, 0, sizeof pieces - 1);
            bytes[n] = any ? (uint8_t)g_rand_int_range(dice, 0, 256) : (uint8_t)pieces[at];
        }
        g_autofree uint8_t *exact = g_memdup2(bytes, size); // for the sanitizer
        check_anything(exact, size, &known.known);
    }
    known_end(&known);
}

void add_plan_tests(void)
{
    g_test_add_func("/people/outcomes", test_outcomes);
    g_test_add_func("/people/twice", test_twice);
    g_test_add_func("/people/taken", test_taken);
    g_test_add_func("/people/no-names", test_no_names);
    g_test_add_func("/people/again", test_again);
    g_test_add_func("/people/anything", test_anything);
}

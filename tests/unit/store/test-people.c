// SPDX-License-Identifier: GPL-3.0-or-later
// Roles of the server, a person's data, what is left of an erased person, and who changed a setting.
#include "fixture.h"
#include "store/mail/mails.h"
#include "store/mail/texts.h"
#include "store/people/people.h"
#include "store/people/registrations.h"
#include "store/settings/settings.h"

#include <string.h>

#define NAME "Noura Al Shamsi"
#define EMAIL "noura@economy.example"

static bool add_person(StoreDb *db, const char *id, const char *name, const char *role,
                       GError **error)
{
    StorePerson row = {.id = (char *)id,
                       .name = (char *)name,
                       .email = strcmp(id, "p1") == 0 ? (char *)EMAIL : NULL,
                       .entity = (char *)"Economy",
                       .role = (char *)role,
                       .created_us = 5000000};
    return store_person_insert(db, &row, error);
}

static bool add_invitation(StoreDb *db, const char *id, const char *person, const char *session,
                           GError **error)
{
    StoreInvitation row = {.id = (char *)id,
                           .person = (char *)person,
                           .role = (char *)"attendee",
                           .session = (char *)session,
                           .created_us = 6000000};
    memset(row.code_hash, id[1], sizeof row.code_hash);
    return store_invitation_insert(db, &row, error);
}

static bool add_of(StoreDb *db, const char *person, GError **error)
{
    StoreToken token = {.person = (char *)person,
                        .role = (char *)"attendee",
                        .session = (char *)"s1",
                        .created_us = 7000000,
                        .expires_us = 9000000};
    StoreQuestion question = {.id = (char *)"q1",
                              .session = (char *)"s1",
                              .person = (char *)person,
                              .text = (char *)"Why?",
                              .named = true,
                              .state = (char *)"approved",
                              .at_us = 8000000,
                              .media_us = -1,
                              .on_air_us = -1,
                              .answered_us = -1};
    StorePresenterMessage message = {.session = (char *)"s1",
                                     .id = (char *)"m1",
                                     .text = (char *)"Louder",
                                     .sender = (char *)NAME,
                                     .at_us = 1};
    StoreMail mail = {.id = (char *)"n1",
                      .kind = (char *)"invitation",
                      .person = (char *)person,
                      .session = (char *)"s1",
                      .invitation = (char *)"i1",
                      .message_id = (char *)"<n1>",
                      .address = (char *)EMAIL,
                      .state = STORE_MAIL_QUEUED,
                      .created_us = 1};
    StoreRegistration registration = {.id = (char *)"r1",
                                      .session = (char *)"s1",
                                      .name = (char *)"Noura",
                                      .email = (char *)EMAIL,
                                      .job_title = (char *)"Editor",
                                      .state = (char *)"waiting",
                                      .created_us = 2000000};
    StoreSetting setting = {.section = (char *)"mail",
                            .name = (char *)"per_minute",
                            .value = (char *)"30",
                            .person = (char *)person,
                            .changed_us = 3000000};
    bool new;
    return store_setting_put(db, &setting, error) &&
           store_registration_insert(db, &registration, &new, error) &&
           store_mail_choose(db, person, false, 9, error) &&
           store_token_insert(db, &token, 20, error) &&
           store_question_insert(db, &question, error) &&
           store_vote_set(db, "q1", person, STORE_VOTE_FOR, error) &&
           store_plan_put(db, "s1", person, "yes", 9, error) &&
           store_presenter_message_put(db, &message, error) && store_mail_insert(db, &mail, error);
}

static bool fill_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSession session = {.id = (char *)"s1",
                            .title_ar = (char *)"",
                            .title_en = (char *)"Talk",
                            .speakers = (char *)"[]",
                            .access = (char *)"open",
                            .duration_minutes = 60};
    return store_session_insert(db, &session, error) &&
           add_person(db, "p1", NAME, "staff", error) &&
           add_person(db, "p2", "Salem", "admin", error) &&
           add_person(db, "p3", "Hind", "admin", error) &&
           add_invitation(db, "i1", "p1", "s1", error) && add_of(db, "p1", error);
}

static bool data_job(StoreDb *db, void *data, GError **error)
{
    char **text = data;
    *text = store_person_data(db, "p1", error);
    return *text != NULL;
}

static void test_data(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autofree char *text = NULL;
    fixture_run(fixture->store, fill_job, NULL);
    fixture_run(fixture->store, data_job, &text);
    g_assert_cmpstr(
        text, ==,
        "{\"person\":{\"id\":\"p1\",\"name\":\"" NAME "\",\"email\":\"" EMAIL
        "\",\"entity\":\"Economy\",\"role\":\"staff\",\"disabled\":false,"
        "\"created_at\":\"1970-01-01T00:00:05Z\"},"
        "\"invitations\":[{\"id\":\"i1\",\"session\":\"s1\",\"role\":\"attendee\","
        "\"revoked\":false,\"created_at\":\"1970-01-01T00:00:06Z\",\"opened_at\":null}],"
        "\"answers\":[{\"session\":\"s1\",\"coming\":\"yes\",\"at\":\"1970-01-01T00:00:00Z\"}],"
        "\"questions\":[{\"id\":\"q1\",\"session\":\"s1\",\"text\":\"Why?\",\"original\":null,"
        "\"state\":\"approved\",\"anonymous\":false,\"at\":\"1970-01-01T00:00:08Z\"}],"
        "\"votes\":1,\"moderated\":0,"
        "\"sign_ins\":[{\"session\":\"s1\",\"created_at\":\"1970-01-01T00:00:07Z\","
        "\"expires_at\":\"1970-01-01T00:00:09Z\"}],"
        "\"mails\":[{\"id\":\"n1\",\"session\":\"s1\",\"kind\":\"invitation\",\"address\":\"" EMAIL
        "\",\"state\":\"queued\",\"created_at\":\"1970-01-01T00:00:00Z\",\"sent_at\":null}],"
        "\"registrations\":[{\"id\":\"r1\",\"session\":\"s1\",\"name\":\"Noura\","
        "\"email\":\"" EMAIL "\",\"entity\":null,\"job_title\":\"Editor\","
        "\"state\":\"waiting\",\"created_at\":\"1970-01-01T00:00:02Z\"}],"
        "\"reminders\":false,\"settings\":[{\"section\":\"mail\",\"name\":\"per_minute\","
        "\"at\":\"1970-01-01T00:00:03Z\"}]}");
}

static bool erase_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_person_erase(db, "p1", 11, error);
}

static bool erased_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(GError) none = NULL;
    g_assert_null(store_person_get(db, "p1", &none));
    g_assert_error(none, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    g_assert_null(store_person_data(db, "p1", NULL));
    g_assert_false(store_person_erase(db, "p1", 12, NULL));
    g_autoptr(GPtrArray) people = store_people_list(db, error);
    g_assert_cmpuint(people->len, ==, 2);
    const StorePeopleFind find = {.limit = 9};
    g_autoptr(GPtrArray) found = store_people_find(db, &find, error);
    g_assert_cmpuint(found->len, ==, 2);
    g_autoptr(GPtrArray) questions = store_questions_list(db, "s1", error);
    const StoreQuestion *question = questions->pdata[0];
    g_assert_cmpstr(question->text, ==, "Why?");
    g_assert_cmpstr(question->name, ==, "");
    g_assert_null(question->entity);
    g_assert_false(question->named);
    int64_t issued_us;
    g_assert_false(store_feeds_issued(db, "p1", &issued_us, NULL));
    return true;
}

static void test_erase(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    fixture_run(fixture->store, erase_job, NULL);
    fixture_run(fixture->store, erased_job, NULL);
    static const char *const gone[] = {"tokens",           "mails",        "invitations",
                                       "attendance_plans", "mail_choices", "registrations"};
    for (size_t i = 0; i < G_N_ELEMENTS(gone); i++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", gone[i]);
        g_assert_cmpint(fixture_look(fixture->file, sql), ==, 0);
    }
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM votes"), ==, 1);
    g_assert_cmpint(
        fixture_look(fixture->file, "SELECT count(*) FROM presenter_messages WHERE sender IS NULL"),
        ==, 1);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM search_words "
                                                "WHERE search_words MATCH 'noura'"),
                    ==, 0);
}

static void check_admins(StoreDb *db, int wanted)
{
    int count = -1;
    g_assert_true(store_admins_count(db, &count, NULL));
    g_assert_cmpint(count, ==, wanted);
}

/* An admin counts with a link that opens. */
static bool admins_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    check_admins(db, 0);
    g_assert_true(add_invitation(db, "i2", "p2", NULL, error));
    g_assert_true(add_invitation(db, "i3", "p3", "s1", error)); // to a session
    check_admins(db, 1);
    g_autoptr(StorePerson) row = store_person_get(db, "p2", error);
    g_assert_cmpstr(store_role_of(row, NULL, "staff"), ==, "admin");
    g_assert_cmpstr(store_role_of(row, "s1", "speaker"), ==, "speaker");
    row->disabled = true;
    g_assert_true(store_person_update(db, row, error));
    check_admins(db, 0);
    row->disabled = false;
    g_assert_true(store_person_update(db, row, error));
    check_admins(db, 1);
    g_assert_true(store_server_links_revoke(db, "p2", error));
    check_admins(db, 0);
    return true;
}

static void test_admins(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    fixture_run(fixture->store, admins_job, NULL);
}

/* The one row of the settings. */
static void check_setting(StoreDb *db, const char *value, const char *by, int64_t version)
{
    g_autoptr(GPtrArray) rows = store_settings_list(db, NULL);
    g_assert_cmpuint(rows->len, ==, 1);
    const StoreSetting *row = rows->pdata[0];
    g_assert_cmpstr(row->section, ==, "mail");
    g_assert_cmpstr(row->name, ==, "per_minute");
    g_assert_cmpstr(row->value, ==, value);
    g_assert_cmpstr(row->by, ==, by);
    g_assert_cmpint(store_settings_version(rows), ==, version);
}

static bool settings_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    check_setting(db, "30", NAME, 1);
    StoreSetting row = {.section = "mail", .name = "per_minute", .person = "p2"};
    g_assert_true(store_setting_put(db, &row, error)); // the file's again: the row stays
    check_setting(db, NULL, "Salem", 2);
    row.value = "7";
    g_assert_true(store_setting_put(db, &row, error));
    g_assert_true(store_person_merge(db, "p2", "p3", error));
    check_setting(db, "7", "Hind", 3);
    g_assert_true(store_person_erase(db, "p3", 11, error));
    check_setting(db, "7", NULL, 3);
    return true;
}

static void test_settings(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    fixture_run(fixture->store, settings_job, NULL);
}

void add_people_tests(void)
{
    FIXTURE_ADD("people/settings", test_settings);
    FIXTURE_ADD("people/data", test_data);
    FIXTURE_ADD("people/erase", test_erase);
    FIXTURE_ADD("people/admins", test_admins);
}

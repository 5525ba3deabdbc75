// SPDX-License-Identifier: GPL-3.0-or-later
// Who is invited by one act and who is left out; what approval makes of a registration.
#include "base/json.h"
#include "people/registration.h"
#include "tests.h"

#include <glib/gstdio.h>
#include <string.h>

#define NOW_US 1000

static void test_outcome(void)
{
    static const struct {
        StoreCandidate one;
        PeopleInviteOutcome group, named;
    } cases[] = {
        {{.person = NULL}, PEOPLE_INVITE_NEW, PEOPLE_INVITE_NEW},
        {{.invited = STORE_INVITED}, PEOPLE_INVITE_ALREADY, PEOPLE_INVITE_ALREADY},
        {{.invited = STORE_INVITED, .disabled = true},
         PEOPLE_INVITE_ALREADY,
         PEOPLE_INVITE_ALREADY},
        {{.disabled = true}, PEOPLE_INVITE_DISABLED, PEOPLE_INVITE_DISABLED},
        {{.staff = true}, PEOPLE_INVITE_STAFF, PEOPLE_INVITE_STAFF},
        {{.invited = STORE_INVITATION_REVOKED}, PEOPLE_INVITE_REVOKED, PEOPLE_INVITE_NEW},
        {{.invited = STORE_INVITATION_REVOKED, .disabled = true},
         PEOPLE_INVITE_DISABLED,
         PEOPLE_INVITE_DISABLED},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(people_invite_outcome(&cases[i].one, false), ==, cases[i].group);
        g_assert_cmpint(people_invite_outcome(&cases[i].one, true), ==, cases[i].named);
    }
}

static void add_person(StoreDb *db, const char *id, const char *email, const char *entity,
                       const char *role, bool disabled)
{
    g_autoptr(GError) error = NULL;
    StorePerson row = {.id = (char *)id,
                       .name = (char *)id,
                       .email = (char *)email,
                       .entity_id = (char *)entity,
                       .role = (char *)role,
                       .disabled = disabled,
                       .created_us = 1};
    store_person_insert(db, &row, &error);
    g_assert_no_error(error);
}

static void add_session(StoreDb *db, const char *id)
{
    g_autoptr(GError) error = NULL;
    StoreSession row = {.id = (char *)id,
                        .speakers = (char *)"[]",
                        .access = (char *)"invited",
                        .state = SESSION_SCHEDULED,
                        .duration_minutes = 60};
    store_session_insert(db, &row, &error);
    g_assert_no_error(error);
}

static char *invite_one(StoreDb *db, const char *session, const char *person)
{
    g_autoptr(GError) error = NULL;
    char *id = NULL;
    people_invite_one(db, session, person, 1, &id, &error);
    g_assert_no_error(error);
    return id;
}

static void set_up(StoreDb *db)
{
    g_autoptr(GError) error = NULL;
    StoreEntity entity = {.id = (char *)"e1",
                          .code = (char *)"MOEC",
                          .name_ar = (char *)"وزارة",
                          .name_en = (char *)"",
                          .domains = (char *)"[\"moec.ae\"]"};
    store_entity_insert(db, &entity, &error);
    g_assert_no_error(error);
    add_session(db, "s1");
    add_session(db, "s0");
    add_person(db, "new", "new@moec.ae", "e1", "", false);
    add_person(db, "bare", NULL, "e1", "", false);
    add_person(db, "old", "old@moec.ae", "e1", "", false);
    add_person(db, "gone", "gone@moec.ae", "e1", "", true);
    add_person(db, "staff", "staff@moec.ae", NULL, "staff", false);
    add_person(db, "out", "out@moec.ae", NULL, "", false);
    g_autofree char *old = invite_one(db, "s1", "old"), *out = invite_one(db, "s1", "out");
    g_autofree char *before = invite_one(db, "s0", "new"), *other = invite_one(db, "s0", "out");
    store_invitation_revoke(db, out, &error);
    g_assert_no_error(error);
}

/* Each count, in the order of PeopleInviteOutcome, then those without an address. */
static void expect(StoreDb *db, StoreInviteWhom whom, const char *of, unsigned named, bool dry,
                   const unsigned wanted[PEOPLE_INVITE_OUTCOMES + 1])
{
    const PeopleInvite ask = {
        .session = "s1", .whom = whom, .of = of, .named = named, .now_us = NOW_US};
    PeopleInvited invited = {0};
    g_autoptr(GError) error = NULL;
    people_invite(db, &ask, dry, &invited, &error);
    g_assert_no_error(error);
    for (int i = 0; i < PEOPLE_INVITE_OUTCOMES; i++) {
        g_assert_cmpuint(invited.counts[i], ==, wanted[i]);
    }
    g_assert_cmpuint(invited.without_address, ==, wanted[PEOPLE_INVITE_OUTCOMES]);
    g_assert_cmpuint(invited.ids != NULL ? g_hash_table_size(invited.ids) : 0, ==,
                     dry ? 0 : wanted[PEOPLE_INVITE_NEW]);
    people_invited_clear(&invited);
}

static bool invite_job(StoreDb *db, void *data, GError **error)
{
    (void)data, (void)error;
    set_up(db);
    expect(db, STORE_INVITE_EVERYBODY, NULL, 0, true, (unsigned[]){2, 1, 1, 1, 1, 0, 1});
    expect(db, STORE_INVITE_SESSION, "s0", 0, true, (unsigned[]){1, 0, 0, 0, 1, 0, 0});
    expect(db, STORE_INVITE_PEOPLE, "[\"out\",\"nobody\"]", 2, true,
           (unsigned[]){1, 0, 0, 0, 0, 1, 0});
    expect(db, STORE_INVITE_ENTITIES, "[\"e1\",\"e2\"]", 2, true,
           (unsigned[]){2, 1, 1, 0, 0, 1, 1});
    expect(db, STORE_INVITE_ENTITIES, "[\"e1\"]", 1, false, (unsigned[]){2, 1, 1, 0, 0, 0, 1});
    expect(db, STORE_INVITE_ENTITIES, "[\"e1\"]", 1, false, (unsigned[]){0, 3, 1, 0, 0, 0, 0});
    return true;
}

static StoreRegistration *registered(StoreDb *db, const char *email, bool fresh)
{
    static const StoreRegistrationPage page = {.session = (char *)"s1",
                                               .mode = (char *)"open",
                                               .email = (char *)"optional",
                                               .entity = (char *)"optional",
                                               .job_title = (char *)"off"};
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) body = json_pack("{s:s, s:s?, s:s, s:s}", "name", "Somebody", "email", email,
                                       "entity", "Typed", "job_title", "Not asked");
    StoreRegistration *row = people_registration_new(&page, body, NOW_US, &error);
    g_assert_no_error(error);
    g_assert_null(row->job_title);
    bool is_new = false;
    people_register(db, row, &is_new, &error);
    g_assert_no_error(error);
    g_assert_cmpint(is_new, ==, fresh);
    return row;
}

/* Full ownership; NULL: left waiting. */
static char *approve(StoreDb *db, const char *email, bool by_staff)
{
    g_autoptr(StoreRegistration) row = registered(db, email, true);
    g_autoptr(GError) error = NULL;
    char *invitation = NULL;
    people_registration_approve(db, row, by_staff, NOW_US, &invitation, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(row->state, ==, invitation != NULL ? "approved" : "waiting");
    return invitation;
}

static bool register_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    set_up(db);
    g_autofree char *stranger = approve(db, "Stranger@MOEC.ae", false);
    g_autoptr(StoreInvitation) invitation = store_invitation_get(db, stranger, error);
    g_autoptr(StorePerson) person = store_person_get(db, invitation->person, error);
    g_assert_cmpstr(person->entity_id, ==, "e1"); // by the mail domain
    g_assert_cmpstr(person->entity, ==, "وزارة");
    g_autoptr(StoreRegistration) again = registered(db, "stranger@moec.ae", false);
    g_autofree char *nobody = approve(db, NULL, true), *elsewhere = approve(db, "a@b.ae", true);
    g_assert_nonnull(nobody);
    g_assert_nonnull(elsewhere);
    g_autofree char *known = approve(db, "new@moec.ae", false);
    g_autoptr(StoreInvitation) of_known = store_invitation_get(db, known, error);
    g_assert_cmpstr(of_known->person, ==, "new"); // nobody becomes two people
    g_autofree char *invited = approve(db, "old@moec.ae", false);
    g_autoptr(StoreInvitation) kept = store_invitation_get(db, invited, error);
    g_assert_cmpint(kept->created_us, ==, 1);
    g_assert_null(approve(db, "gone@moec.ae", true));
    g_assert_null(approve(db, "staff@moec.ae", true));
    g_assert_null(approve(db, "out@moec.ae", false)); // staff revoked it
    g_autoptr(GPtrArray) waiting = store_registrations_pick(db, "s1", NULL, error);
    g_assert_cmpuint(waiting->len, ==, 3);
    const StoreRegistration *out = waiting->pdata[2];
    g_autofree char *let_in = NULL;
    g_assert_true(people_registration_approve(db, waiting->pdata[2], true, NOW_US, &let_in, error));
    g_assert_cmpstr(out->person, ==, "out");
    StoreRegistrationCounts counts;
    g_assert_true(store_registrations_count(db, "s1", &counts, error));
    g_assert_cmpint(counts.waiting, ==, 2);
    g_assert_cmpint(counts.approved, ==, 6);
    return true;
}

static void run_job(gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("majlis-invite-XXXXXX", NULL);
    g_autofree char *url = g_strdup_printf("sqlite:%s/majlis.db", folder);
    g_autofree char *file = g_build_filename(folder, "majlis.db", NULL);
    Store *store = store_new(url, &error);
    g_assert_no_error(error);
    g_assert_true(store_run(store, *(const StoreJob *)data, NULL, &error));
    g_assert_no_error(error);
    store_free(store);
    g_unlink(file);
    g_rmdir(folder);
}

static void test_page(void)
{
    static const char *const bad[] = {"{}", "{\"mode\":\"off\"}",
                                      "{\"mode\":\"open\",\"email\":\"maybe\"}",
                                      "{\"mode\":\"open\",\"email\":\"off\",\"entity\":\"off\"}"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) body = json_loads(bad[i], 0, NULL);
        g_assert_null(people_registration_page_new("s1", body, &error));
        g_assert_cmpint(base_error_code(error), ==, BASE_CODE_BAD_VALUE);
    }
}

void add_invite_tests(void)
{
    static const StoreJob many = invite_job, registration = register_job;
    g_test_add_func("/people/invite/outcome", test_outcome);
    g_test_add_data_func("/people/invite/many", &many, run_job);
    g_test_add_data_func("/people/registration/approve", &registration, run_job);
    g_test_add_func("/people/registration/page", test_page);
}

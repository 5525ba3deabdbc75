// SPDX-License-Identifier: GPL-3.0-or-later
// Typed statements: reads back what was written, and tests constraints.
#include "fixture.h"
#include "store/people/people.h"

#include <string.h>

static bool people_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StorePerson row = {.id = "p1",
                       .name = "مريم الهاشمي",
                       .email = "M@example.ae",
                       .entity = "Ministry",
                       .role = "staff",
                       .created_us = 7};
    StorePerson plain = {.id = "p2", .name = "x", .role = "", .created_us = 8};
    if (!store_person_insert(db, &row, error) || !store_person_insert(db, &plain, error)) {
        return false;
    }
    row.name = "Maryam";
    row.disabled = true;
    if (!store_person_update(db, &row, error)) {
        return false;
    }
    g_autoptr(StorePerson) read = store_person_get(db, "p1", error);
    if (read == NULL) {
        return false;
    }
    g_assert_cmpstr(read->name, ==, "Maryam");
    g_assert_cmpstr(read->email, ==, "M@example.ae");
    g_assert_cmpstr(read->entity, ==, "Ministry");
    g_assert_cmpstr(read->role, ==, "staff");
    g_assert_true(read->disabled);
    g_assert_cmpint(read->created_us, ==, 7);
    g_autoptr(StorePerson) other = store_person_get(db, "p2", error);
    g_assert_nonnull(other);
    g_assert_null(other->email);
    g_assert_null(other->entity);
    g_autoptr(GPtrArray) list = store_people_list(db, error);
    g_assert_cmpuint(list->len, ==, 2);
    g_assert_cmpstr(((StorePerson *)list->pdata[0])->id, ==, "p1");

    g_autoptr(GError) missing = NULL;
    g_assert_null(store_person_get(db, "nobody", &missing));
    g_assert_error(missing, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    g_clear_error(&missing);
    plain.id = "nobody";
    g_assert_false(store_person_update(db, &plain, &missing));
    g_assert_error(missing, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    return true;
}

static bool same_email_job(StoreDb *db, void *data, GError **error)
{
    StorePerson first = {.id = "p8", .name = "a", .role = ""};
    StorePerson second = {.id = "p9", .name = "a", .email = data, .role = ""};
    return store_person_insert(db, &first, error) && store_person_insert(db, &second, error);
}

static void test_people(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, people_job, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(fixture->store, same_email_job, (void *)"m@example.AE", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    // the whole job rolled back
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM people"), ==, 2);
}

static unsigned count_found(StoreDb *db, const char *word, const char *entity)
{
    const StorePeopleFind find = {.words = {word}, .entity = entity, .limit = 10};
    g_autoptr(GPtrArray) rows = store_people_find(db, &find, NULL);
    return rows->len;
}

static StoreEntity entity = {.id = (char *)"e1",
                             .code = (char *)"MOEC",
                             .name_ar = (char *)"وزارة الاقتصاد",
                             .name_en = (char *)"Economy",
                             .domains = (char *)"[]",
                             .created_us = 3};

static bool entities_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StorePerson row = {
        .id = "p1", .name = "مريم", .entity = "Free text", .entity_id = "e1", .role = ""};
    StorePerson other = {.id = "p2", .name = "أحمد", .entity = "Free text", .role = ""};
    g_assert_true(store_entity_insert(db, &entity, error));
    g_assert_true(store_person_insert(db, &row, error));
    g_assert_true(store_person_insert(db, &other, error));
    g_autoptr(StorePerson) read = store_person_get(db, "p1", error);
    g_assert_cmpstr(read->entity, ==, "وزارة الاقتصاد");
    g_assert_cmpint(read->revision, ==, 0);
    g_assert_true(store_person_update(db, read, error));
    g_autoptr(StorePerson) again = store_person_get(db, "p1", error);
    g_assert_cmpint(again->revision, ==, 1);
    g_autoptr(GPtrArray) list = store_entities_list(db, error);
    g_assert_cmpuint(list->len, ==, 1);
    g_assert_cmpint(((StoreEntity *)list->pdata[0])->people, ==, 1);
    return true;
}

static bool renamed_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_assert_cmpuint(count_found(db, "economy", NULL), ==, 1); // its other name
    g_assert_cmpuint(count_found(db, "moec", NULL), ==, 1);
    g_assert_cmpuint(count_found(db, "free", NULL), ==, 1);
    g_assert_cmpuint(count_found(db, NULL, "e1"), ==, 1);
    entity.name_ar = (char *)"";
    entity.name_en = (char *)"Tourism";
    return store_entity_update(db, &entity, error);
}

static bool found_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(StorePerson) read = store_person_get(db, "p1", error);
    g_assert_cmpstr(read->entity, ==, "Tourism");
    g_assert_cmpuint(count_found(db, "tourism", NULL), ==, 1);
    g_assert_cmpuint(count_found(db, "economy", NULL), ==, 0);
    StorePeopleFind find = {.limit = 1};
    g_autoptr(GPtrArray) first = store_people_find(db, &find, error);
    g_assert_cmpstr(((StorePerson *)first->pdata[0])->id, ==, "p2"); // by name
    find.after = "p2";
    g_autoptr(GPtrArray) second = store_people_find(db, &find, error);
    g_assert_cmpstr(((StorePerson *)second->pdata[0])->id, ==, "p1");
    find.after = "p1";
    g_autoptr(GPtrArray) none = store_people_find(db, &find, error);
    g_assert_cmpuint(none->len, ==, 0);
    return true;
}

static bool same_code_job(StoreDb *db, void *data, GError **error)
{
    StoreEntity other = entity;
    other.id = (char *)"e2";
    other.code = data;
    return store_entity_insert(db, &other, error);
}

static bool used_entity_job(StoreDb *db, void *data, GError **error)
{
    return store_entity_delete(db, data, error);
}

static void test_entities(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    fixture_run(fixture->store, entities_job, NULL);
    fixture_run(fixture->store, renamed_job, NULL);
    fixture_run(fixture->store, found_job, NULL);
    g_assert_false(store_run(fixture->store, same_code_job, (void *)"moec", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_false(store_run(fixture->store, used_entity_job, (void *)"e1", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
}

static StoreSession some_session(const char *id, int64_t starts_us)
{
    return (StoreSession){.id = (char *)id,
                          .title_ar = (char *)"عنوان",
                          .speakers = (char *)"[]",
                          .access = (char *)"open",
                          .state = SESSION_SCHEDULED,
                          .starts_us = starts_us,
                          .duration_minutes = 60,
                          .created_us = 3};
}

static StoreSeries some_series(const char *id)
{
    return (StoreSeries){.id = (char *)id,
                         .name_ar = (char *)"سلسلة",
                         .name_en = (char *)"Series",
                         .description_ar = (char *)"وصف",
                         .description_en = (char *)"About",
                         .duration_minutes = 45,
                         .access = (char *)"open",
                         .show_names = true,
                         .agenda = (char *)"[{}]",
                         .retention_days = 30,
                         .colour = (char *)"#1f4e79",
                         .languages = (char *)"[\"ar\"]",
                         .reminders = (char *)"[60]",
                         .created_us = 5};
}

static bool series_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSeries one = some_series("e1"), two = some_series("e2");
    StoreSpeaker speaker = {.id = (char *)"k1",
                            .name_ar = (char *)"مريم",
                            .name_en = (char *)"Mariam",
                            .title_ar = (char *)"",
                            .title_en = (char *)"Expert",
                            .organisation_ar = (char *)"",
                            .organisation_en = (char *)"Office",
                            .biography_ar = (char *)"",
                            .biography_en = (char *)"One\nTwo",
                            .created_us = 6};
    StoreSession session = some_session("s1", 1000);
    session.series = (char *)"e1";
    int number = 0;
    g_assert_true(store_series_insert(db, &one, error) && store_series_insert(db, &two, error));
    g_assert_true(store_session_next_number(db, "e1", &number, error));
    g_assert_cmpint(number, ==, 1);
    session.number = 41;
    g_assert_true(store_session_insert(db, &session, error));
    g_assert_true(store_session_next_number(db, "e1", &number, error));
    g_assert_cmpint(number, ==, 42);
    one.name_en = (char *)"Another";
    one.revision = 1;
    g_assert_true(store_series_update(db, &one, error) && store_series_delete(db, "e2", error));
    g_autoptr(GPtrArray) list = store_series_list(db, error);
    g_assert_cmpuint(list->len, ==, 1);
    g_autoptr(StoreSeries) row = store_series_copy(list->pdata[0]);
    g_assert_cmpstr(row->name_en, ==, "Another");
    g_assert_cmpstr(row->description_ar, ==, "وصف");
    g_assert_cmpstr(row->agenda, ==, "[{}]");
    g_assert_true(row->show_names);
    g_assert_cmpint(row->retention_days, ==, 30);
    g_assert_cmpstr(row->colour, ==, "#1f4e79");
    g_assert_cmpstr(row->languages, ==, "[\"ar\"]");
    g_assert_cmpstr(row->reminders, ==, "[60]");
    g_assert_cmpint(row->revision, ==, 1);
    g_assert_true(store_speaker_insert(db, &speaker, error));
    speaker.title_en = (char *)"Adviser";
    g_assert_true(store_speaker_update(db, &speaker, error));
    g_autoptr(GPtrArray) speakers = store_speakers_list(db, error);
    g_autoptr(StoreSpeaker) known = store_speaker_copy(speakers->pdata[0]);
    g_assert_cmpstr(known->title_en, ==, "Adviser");
    g_assert_cmpstr(known->biography_en, ==, "One\nTwo");
    g_autoptr(StoreSpeaker) found = NULL, nobody = NULL;
    g_assert_true(store_speaker_find(db, "k1", &found, error));
    g_assert_cmpstr(found->title_en, ==, "Adviser");
    g_assert_true(store_speaker_find(db, "k2", &nobody, error));
    g_assert_null(nobody);
    return store_speaker_delete(db, "k1", error);
}

static bool delete_series_job(StoreDb *db, void *data, GError **error)
{
    return store_series_delete(db, data, error);
}

static bool same_number_job(StoreDb *db, void *data, GError **error)
{
    StoreSession session = some_session("s2", 1000);
    session.series = (char *)"e1";
    session.number = *(const int *)data;
    return store_session_insert(db, &session, error);
}

/* Who belongs to a series keeps it; a number is there once, none as often as one likes. */
static void test_series(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int taken = 41, none = 0;
    fixture_run(fixture->store, series_job, NULL);
    g_autoptr(GError) kept = NULL, twice = NULL;
    g_assert_false(store_run(fixture->store, delete_series_job, (void *)"e1", &kept));
    g_assert_error(kept, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_assert_false(store_run(fixture->store, same_number_job, &taken, &twice));
    g_assert_error(twice, BASE_ERROR, BASE_ERROR_CONFLICT);
    fixture_run(fixture->store, same_number_job, &none);
}

static void change_all(StoreSession *row)
{
    row->series = (char *)"e1";
    row->number = 7;
    row->tags = (char *)"[\"أزمات\"]";
    row->retention_days = 30;
    row->title_en = (char *)"Title";
    row->source = (char *)"test";
    row->access = (char *)"invited";
    row->show_names = true;
    row->revision = 3;
    row->state = SESSION_LIVE;
    row->duration_minutes = 45;
    row->epoch_us = 11;
    row->boot = (char *)"boot";
    row->boot_us = -5;
    row->live_us = 12;
    row->ended_us = 13;
    row->live_media_us = 14;
    row->ended_media_us = 15;
    row->agenda = (char *)"[{}]";
    row->hold = true;
    row->hold_us = 21;
    row->hold_by = (char *)"p2";
    row->hold_why = (char *)"asked";
    row->deleted_us = 23;
    row->deleted_by = (char *)"p1";
    row->deleted_why = (char *)"ends";
    row->demo = true;
    row->inputs_hash = row->caption = (char *)"not by this statement";
}

static bool sessions_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSession early = some_session("s1", 1000);
    StoreSession late = some_session("s2", 2000);
    StoreSeries series = some_series("e1");
    if (!store_session_insert(db, &early, error) || !store_session_insert(db, &late, error) ||
        !store_series_insert(db, &series, error)) {
        return false;
    }
    change_all(&early);
    if (!store_session_note_inputs(db, "s1", "abc", error) ||
        !store_session_note_caption(db, "s1", "speaker:0", error) ||
        !store_session_update(db, &early, error)) {
        return false;
    }
    g_autoptr(StoreSession) row = fixture_session(db, "s1", error);
    g_assert_nonnull(row);
    g_assert_cmpstr(row->series, ==, "e1");
    g_assert_cmpint(row->number, ==, 7);
    g_assert_cmpstr(row->tags, ==, "[\"أزمات\"]");
    g_assert_cmpint(row->retention_days, ==, 30);
    g_assert_cmpstr(row->title_ar, ==, "عنوان");
    g_assert_cmpstr(row->title_en, ==, "Title");
    g_assert_cmpstr(row->speakers, ==, "[]");
    g_assert_cmpstr(row->source, ==, "test");
    g_assert_cmpstr(row->access, ==, "invited");
    g_assert_true(row->show_names);
    g_assert_cmpint(row->revision, ==, 3);
    g_assert_cmpint(row->state, ==, SESSION_LIVE);
    g_assert_cmpint(row->starts_us, ==, 1000);
    g_assert_cmpint(row->duration_minutes, ==, 45);
    g_assert_cmpint(row->epoch_us, ==, 11);
    g_assert_cmpstr(row->boot, ==, "boot");
    g_assert_cmpint(row->boot_us, ==, -5);
    g_assert_cmpint(row->live_us, ==, 12);
    g_assert_cmpint(row->ended_us, ==, 13);
    g_assert_cmpint(row->live_media_us, ==, 14);
    g_assert_cmpint(row->ended_media_us, ==, 15);
    g_assert_cmpstr(row->agenda, ==, "[{}]");
    g_assert_true(row->hold);
    g_assert_cmpint(row->hold_us, ==, 21);
    g_assert_cmpstr(row->hold_by, ==, "p2");
    g_assert_cmpstr(row->hold_why, ==, "asked");
    g_assert_cmpint(row->deleted_us, ==, 23);
    g_assert_cmpstr(row->deleted_by, ==, "p1");
    g_assert_cmpstr(row->deleted_why, ==, "ends");
    g_assert_true(row->demo);
    g_assert_cmpint(row->created_us, ==, 3);
    g_assert_cmpstr(row->inputs_hash, ==, "abc");
    g_autoptr(StoreSession) copy = store_session_copy(row);
    g_assert_cmpstr(copy->inputs_hash, ==, "abc");
    g_assert_cmpstr(copy->caption, ==, "speaker:0");
    g_assert_false(store_session_note_caption(db, "unknown", NULL, NULL));
    g_assert_cmpstr(copy->agenda, ==, "[{}]");
    g_assert_true(copy->deleted_why != row->deleted_why);
    g_assert_cmpstr(copy->hold_why, ==, "asked");
    g_autoptr(GPtrArray) list = store_sessions_list(db, error);
    g_assert_cmpuint(list->len, ==, 2);
    g_assert_cmpstr(((StoreSession *)list->pdata[0])->id, ==, "s2");
    return true;
}

static void test_sessions(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, sessions_job, NULL);
}

static bool list_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(GPtrArray) rows = store_sessions_list(db, error);
    return rows != NULL;
}

/* A damaged state fails the read. */
static void test_unknown_state(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, sessions_job, NULL);
    fixture_look(fixture->file, "UPDATE sessions SET state = 'lime' WHERE id = 's1'");
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(fixture->store, list_job, NULL, &error));
    g_assert_nonnull(error);
}

static void fill_hash(uint8_t *hash, uint8_t value)
{
    memset(hash, value, STORE_HASH_BYTES);
}

static bool sign_in_job(StoreDb *db, void *data, GError **error)
{
    StoreSession session = some_session("s1", 1);
    StoreInvitation invitation = {.id = (char *)"i1",
                                  .person = (char *)"p1",
                                  .role = (char *)"attendee",
                                  .session = (char *)"s1"};
    StoreInvitation staff = {.id = (char *)"i2", .person = (char *)"p1", .role = (char *)"staff"};
    StoreToken old = {.person = (char *)"p1", .role = (char *)"staff", .expires_us = 100};
    StoreToken young = {.person = (char *)"p1",
                        .role = (char *)"attendee",
                        .session = (char *)"s1",
                        .created_us = 5,
                        .expires_us = 200};
    fill_hash(invitation.code_hash, 1);
    fill_hash(staff.code_hash, 2);
    fill_hash(old.hash, 3);
    fill_hash(young.hash, 4);
    if (!fixture_insert_person(db, (void *)"p1", error) ||
        !store_session_insert(db, &session, error) ||
        !store_invitation_insert(db, &invitation, error) ||
        !store_invitation_insert(db, &staff, error) || !store_token_insert(db, &old, 20, error) ||
        !store_token_insert(db, &young, 20, error)) {
        return false;
    }
    (void)data;
    return store_invitation_revoke(db, "i1", error);
}

static bool check_sign_in_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    uint8_t hash[STORE_HASH_BYTES];
    fill_hash(hash, 1);
    g_autoptr(StoreInvitation) revoked = store_invitation_by_hash(db, hash, error);
    g_assert_nonnull(revoked);
    g_assert_true(revoked->revoked);
    g_assert_cmpstr(revoked->session, ==, "s1");
    g_assert_cmpmem(revoked->code_hash, STORE_HASH_BYTES, hash, STORE_HASH_BYTES);
    fill_hash(hash, 9);
    g_autoptr(GError) missing = NULL;
    g_assert_null(store_invitation_by_hash(db, hash, &missing));
    g_assert_error(missing, BASE_ERROR, BASE_ERROR_NOT_FOUND);

    g_autoptr(GPtrArray) invitations = store_invitations_list(db, "s1", error);
    g_assert_cmpuint(invitations->len, ==, 1);
    g_autoptr(GPtrArray) everywhere = store_invitations_list(db, NULL, error);
    g_assert_cmpuint(everywhere->len, ==, 1);
    g_assert_cmpstr(((StoreInvitation *)everywhere->pdata[0])->id, ==, "i2");

    g_autoptr(GPtrArray) tokens = store_tokens_list(db, 100, error);
    g_assert_cmpuint(tokens->len, ==, 1); // expires at 100, so ended at 100
    const StoreToken *token = tokens->pdata[0];
    fill_hash(hash, 4);
    g_assert_cmpmem(token->hash, STORE_HASH_BYTES, hash, STORE_HASH_BYTES);
    g_assert_cmpstr(token->session, ==, "s1");
    g_assert_cmpint(token->expires_us, ==, 200);
    bool first = store_token_delete(db, hash, error);
    return first && store_token_delete(db, hash, error);
}

static bool sign_in_later_job(StoreDb *db, void *data, GError **error)
{
    StoreToken row = {
        .person = data, .role = (char *)"staff", .created_us = 100, .expires_us = 300};
    fill_hash(row.hash, 5);
    return store_token_insert(db, &row, 20, error);
}

static void test_sign_in(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, sign_in_job, NULL);
    fixture_reopen(fixture);
    fixture_run(fixture->store, check_sign_in_job, NULL);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT min(expires_us) FROM tokens"), ==, 100);
    fixture_run(fixture->store, sign_in_later_job, (void *)"p1"); // the old one has expired
    g_assert_cmpint(fixture_look(fixture->file, "SELECT min(expires_us) FROM tokens"), ==, 300);
}

#define MOST 3 // sign-ins per person

static bool put_token(StoreDb *db, const char *person, int n, unsigned most, GError **error)
{
    StoreToken row = {.person = (char *)person,
                      .role = (char *)"attendee",
                      .created_us = 1000 + n,
                      .expires_us = 2000 + n};
    fill_hash(row.hash, (uint8_t)n);
    return store_token_insert(db, &row, most, error);
}

static bool many_sign_ins_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    bool good = fixture_insert_person(db, (void *)"p1", error) &&
                fixture_insert_person(db, (void *)"p2", error);
    for (int n = 1; good && n <= 5; n++) {
        good = put_token(db, "p1", n, MOST, error);
    }
    for (int n = 11; good && n <= 50; n++) { // as left by an older majlis
        good = put_token(db, "p2", n, 1000, error);
    }
    uint8_t third[STORE_HASH_BYTES];
    fill_hash(third, 3);
    return good && store_token_extend(db, third, 4000, error);
}

static bool trim_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_tokens_trim(db, 2004, MOST, error);
}

/* Keeps the newest ones. */
static void test_sign_ins_trimmed(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, many_sign_ins_job, NULL);
    g_assert_cmpint(
        fixture_look(fixture->file, "SELECT sum(created_us) FROM tokens WHERE person = 'p1'"), ==,
        1003 + 1004 + 1005);
    fixture_run(fixture->store, trim_job, NULL);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT sum(created_us) FROM tokens"), ==,
                    1003 + 1005 + 1048 + 1049 + 1050);
}

typedef struct {
    const char *id, *session, *person;
} Ask;

static bool ask_job(StoreDb *db, void *data, GError **error)
{
    const Ask *ask = data;
    StoreQuestion row = {.id = (char *)ask->id,
                         .session = (char *)ask->session,
                         .person = (char *)ask->person,
                         .text = (char *)"لماذا؟",
                         .state = (char *)"pending",
                         .anonymous = true,
                         .named = strcmp(ask->id, "q1") == 0,
                         .at_us = 5,
                         .media_us = -1,
                         .on_air_us = -1,
                         .answered_us = -1};
    return store_question_insert(db, &row, error);
}

static bool room_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSession one = some_session("s1", 1), two = some_session("s2", 2);
    return fixture_insert_person(db, (void *)"p1", error) &&
           fixture_insert_person(db, (void *)"p2", error) &&
           store_session_insert(db, &one, error) && store_session_insert(db, &two, error) &&
           ask_job(db, &(Ask){"q1", "s1", "p1"}, error) &&
           ask_job(db, &(Ask){"q2", "s1", "p2"}, error) &&
           ask_job(db, &(Ask){"q3", "s2", "p1"}, error);
}

static bool vote_job(StoreDb *db, void *data, GError **error)
{
    static const struct {
        const char *question, *person;
        StoreVote value;
    } votes[] = {
        {"q1", "p1", STORE_VOTE_FOR},     {"q1", "p1", STORE_VOTE_FOR},
        {"q1", "p2", STORE_VOTE_FOR},     {"q2", "p2", STORE_VOTE_FOR},
        {"q3", "p2", STORE_VOTE_FOR},     {"q2", "p2", STORE_VOTE_NONE},
        {"q2", "p2", STORE_VOTE_NONE},    {"q2", "p1", STORE_VOTE_FOR},
        {"q2", "p1", STORE_VOTE_AGAINST},
    };
    (void)data;
    bool ok = true;
    for (unsigned i = 0; ok && i < G_N_ELEMENTS(votes); i++) {
        ok = store_vote_set(db, votes[i].question, votes[i].person, votes[i].value, error);
    }
    return ok;
}

static bool vote_nowhere_job(StoreDb *db, void *data, GError **error)
{
    return store_vote_set(db, data, "p1", STORE_VOTE_FOR, error);
}

static void on_vote(void *data, const char *question, const char *person, StoreVote vote)
{
    g_string_append_printf(data, "%s%s:%s ", vote == STORE_VOTE_AGAINST ? "!" : "", question,
                           person);
}

static bool check_room_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(GPtrArray) list = store_questions_list(db, "s1", error);
    g_assert_nonnull(list);
    g_assert_cmpuint(list->len, ==, 2);
    StoreQuestion *first = list->pdata[0], *second = list->pdata[1];
    g_assert_cmpstr(first->id, ==, "q1");
    g_assert_cmpstr(first->name, ==, "مريم");
    g_assert_null(first->entity);
    g_assert_cmpstr(first->text, ==, "لماذا؟");
    g_assert_true(first->anonymous);
    g_assert_true(first->named && !second->named);
    g_autofree char *session = NULL, *none = NULL;
    g_assert_true(store_question_session(db, "q2", &session, error));
    g_assert_cmpstr(session, ==, "s1");
    g_assert_true(store_question_session(db, "q9", &none, error));
    g_assert_null(none);
    g_assert_cmpint(first->media_us, ==, -1);
    g_autoptr(GString) votes = g_string_new(NULL);
    if (!store_votes_each(db, "s1", on_vote, votes, error)) {
        return false;
    }
    g_assert_cmpstr(votes->str, ==, "q1:p1 q1:p2 !q2:p1 "); // one vote per person
    g_free(second->state);
    g_free(second->text);
    second->state = g_strdup("merged");
    second->text = g_strdup("متى؟");
    second->original = g_strdup("لماذا؟");
    second->merged_into = g_strdup("q1");
    second->starred = true;
    second->on_air_us = 10;
    second->answered_us = 20;
    second->act = g_strdup("a1");
    if (!store_question_update(db, second, error)) {
        return false;
    }
    g_autoptr(GPtrArray) again = store_questions_list(db, "s1", error);
    const StoreQuestion *changed = again->pdata[1];
    g_assert_cmpstr(changed->state, ==, "merged");
    g_assert_cmpstr(changed->text, ==, "متى؟");
    g_assert_cmpstr(changed->original, ==, "لماذا؟");
    g_assert_cmpstr(changed->merged_into, ==, "q1");
    g_assert_true(changed->starred);
    g_assert_cmpint(changed->on_air_us, ==, 10);
    g_assert_cmpint(changed->answered_us, ==, 20);
    g_assert_cmpstr(changed->act, ==, "a1");
    g_autoptr(StoreQuestion) copy = store_question_copy(changed);
    g_assert_cmpstr(copy->act, ==, "a1");
    g_assert_cmpstr(copy->original, ==, "لماذا؟");
    return true;
}

/* Two rows of one act, one of another, which is deleted. */
static bool acts_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(GPtrArray) list = store_questions_list(db, "s1", error);
    g_assert_nonnull(list);
    StoreAct rows[] = {{(char *)"a2", (char *)"p2", list->pdata[1]},
                       {(char *)"a2", (char *)"p2", list->pdata[0]},
                       {(char *)"a3", (char *)"p1", list->pdata[0]}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!store_act_insert(db, &rows[i], error)) {
            return false;
        }
    }
    if (!store_act_delete(db, "a3", error) || !store_act_delete(db, "a9", error)) {
        return false;
    }
    g_autoptr(GPtrArray) acts = store_acts_list(db, "s1", error);
    g_assert_nonnull(acts);
    g_assert_cmpuint(acts->len, ==, 2);
    const StoreAct *first = acts->pdata[0], *second = acts->pdata[1];
    g_assert_cmpstr(first->act, ==, "a2");
    g_assert_cmpstr(first->person, ==, "p2");
    g_assert_cmpstr(first->before->id, ==, "q2");
    g_assert_cmpstr(first->before->text, ==, "متى؟");
    g_assert_cmpstr(first->before->original, ==, "لماذا؟");
    g_assert_cmpstr(first->before->state, ==, "merged");
    g_assert_cmpstr(first->before->merged_into, ==, "q1");
    g_assert_cmpstr(first->before->act, ==, "a1");
    g_assert_true(first->before->starred);
    g_assert_cmpint(first->before->on_air_us, ==, 10);
    g_assert_cmpint(first->before->answered_us, ==, 20);
    g_assert_cmpstr(second->before->id, ==, "q1");
    g_assert_null(second->before->act);
    return true;
}

static bool delete_session_job(StoreDb *db, void *data, GError **error)
{
    return store_session_delete(db, data, error);
}

static void test_questions(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, room_job, NULL);
    fixture_run(fixture->store, vote_job, NULL);
    fixture_run(fixture->store, check_room_job, NULL);
    fixture_run(fixture->store, acts_job, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(fixture->store, vote_nowhere_job, (void *)"q9", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    // the constraint itself, for programs that do not ask first
    g_assert_cmpint(
        fixture_look(fixture->file, "INSERT OR IGNORE INTO votes VALUES ('q1', 'p1', 0)"), ==, -1);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM votes"), ==, 4);
    fixture_run(fixture->store, delete_session_job, (void *)"s1");
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM questions"), ==, 1);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM votes"), ==, 1);
    g_assert_false(store_run(fixture->store, delete_session_job, (void *)"s1", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
}

static bool answered_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    static const struct {
        const char *id, *state;
        int64_t on_air_us;
    } rows[] = {{"q7", "answered", 30},
                {"q8", "answered", -1},
                {"q9", "on_air", 10},
                {"q6", "answered", 20}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        StoreQuestion row = {.id = (char *)rows[i].id,
                             .session = (char *)"s1",
                             .person = (char *)"p1",
                             .text = (char *)"x",
                             .state = (char *)rows[i].state,
                             .on_air_us = rows[i].on_air_us};
        if (!store_question_insert(db, &row, error)) {
            return false;
        }
    }
    g_autoptr(GPtrArray) list = store_questions_answered(db, "s1", error);
    g_assert_nonnull(list);
    g_assert_cmpuint(list->len, ==, 2); // without those on air or never answered
    g_assert_cmpstr(((StoreQuestion *)list->pdata[0])->id, ==, "q6");
    g_assert_cmpstr(((StoreQuestion *)list->pdata[1])->id, ==, "q7");
    g_assert_cmpint(((StoreQuestion *)list->pdata[1])->on_air_us, ==, 30);
    g_autoptr(GPtrArray) none = store_questions_answered(db, "s2", error);
    g_assert_cmpuint(none->len, ==, 0);
    g_autoptr(StoreQuestion) on_air = NULL, nothing = NULL;
    g_assert_true(store_question_on_air(db, "s1", &on_air, error));
    g_assert_cmpstr(on_air->id, ==, "q9");
    g_assert_true(store_question_on_air(db, "s2", &nothing, error));
    g_assert_null(nothing);
    return true;
}

static bool chapters_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreChapter late = {.id = (char *)"c1",
                         .session = (char *)"s1",
                         .title_ar = (char *)"مقدمة",
                         .title_en = (char *)"",
                         .media_us = 90,
                         .created_us = 1};
    StoreChapter early = {.id = (char *)"c2",
                          .session = (char *)"s1",
                          .title_ar = (char *)"",
                          .title_en = (char *)"Start",
                          .media_us = 10,
                          .created_us = 2};
    if (!store_chapter_insert(db, &late, error) || !store_chapter_insert(db, &early, error)) {
        return false;
    }
    g_autoptr(GPtrArray) list = store_chapters_list(db, "s1", error);
    g_assert_cmpuint(list->len, ==, 2);
    const StoreChapter *first = list->pdata[0];
    g_assert_cmpstr(first->id, ==, "c2");
    g_assert_cmpstr(first->session, ==, "s1");
    g_assert_cmpstr(first->title_ar, ==, "");
    g_assert_cmpstr(first->title_en, ==, "Start");
    g_assert_cmpint(first->media_us, ==, 10);
    g_assert_cmpint(first->created_us, ==, 2);
    early.media_us = 100;
    early.title_ar = (char *)"بداية";
    if (!store_chapter_update(db, &early, error) || !store_chapter_delete(db, "c1", error)) {
        return false;
    }
    g_autoptr(GPtrArray) left = store_chapters_list(db, "s1", error);
    g_assert_cmpuint(left->len, ==, 1);
    g_assert_cmpstr(((StoreChapter *)left->pdata[0])->title_ar, ==, "بداية");
    g_assert_cmpint(((StoreChapter *)left->pdata[0])->media_us, ==, 100);
    g_autoptr(GError) missing = NULL;
    g_assert_false(store_chapter_delete(db, "c1", &missing));
    g_assert_error(missing, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    return true;
}

static bool chapter_nowhere_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreChapter row = {.id = (char *)"c9",
                        .session = (char *)"s9",
                        .title_ar = (char *)"",
                        .title_en = (char *)"x"};
    return store_chapter_insert(db, &row, error);
}

static void test_chapters(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, room_job, NULL);
    fixture_run(fixture->store, answered_job, NULL);
    fixture_run(fixture->store, chapters_job, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(fixture->store, chapter_nowhere_job, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    fixture_run(fixture->store, delete_session_job, (void *)"s1"); // with its chapters
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM chapters"), ==, 0);
}

static bool clock_job(StoreDb *db, void *data, GError **error)
{
    StoreClock clock = {.seen_us = 1, .doubted_until_us = 2};
    const StoreClock *last = data;
    if (!store_clock_get(db, &clock, error)) {
        return false;
    }
    g_assert_cmpint(clock.seen_us, ==, last->seen_us);
    g_assert_cmpint(clock.doubted_until_us, ==, last->doubted_until_us);
    clock = (StoreClock){.seen_us = last->seen_us + 5, .doubted_until_us = 9};
    return store_clock_put(db, &clock, error);
}

static void test_clock(Fixture *fixture, gconstpointer data)
{
    (void)data;
    StoreClock first = {.seen_us = 0}, second = {.seen_us = 5, .doubted_until_us = 9},
               third = {.seen_us = 10, .doubted_until_us = 9};
    fixture_run(fixture->store, clock_job, &first);
    fixture_run(fixture->store, clock_job, &second);
    fixture_reopen(fixture);
    fixture_run(fixture->store, clock_job, &third);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM clock"), ==, 1);
}

static bool message_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StorePresenterMessage row = {.session = "s1", .id = "m1", .text = "one", .at_us = 5};
    StorePresenterMessage last = {.session = "s1",
                                  .id = "m2",
                                  .text = "خمس دقائق",
                                  .sender = "مريم",
                                  .at_us = 6,
                                  .acknowledged_us = 7};
    g_autoptr(StorePresenterMessage) none = NULL, read = NULL;
    if (!store_presenter_message_get(db, "s1", &none, error) ||
        !store_presenter_message_put(db, &row, error) ||
        !store_presenter_message_put(db, &last, error) ||
        !store_presenter_message_get(db, "s1", &read, error)) {
        return false;
    }
    g_assert_null(none);
    g_assert_cmpstr(read->session, ==, "s1");
    g_assert_cmpstr(read->id, ==, "m2");
    g_assert_cmpstr(read->text, ==, last.text);
    g_assert_cmpstr(read->sender, ==, last.sender);
    g_assert_cmpint(read->at_us, ==, 6);
    g_assert_cmpint(read->acknowledged_us, ==, 7);
    return true;
}

static void test_presenter_message(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, room_job, NULL);
    fixture_run(fixture->store, message_job, NULL);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM presenter_messages"), ==, 1);
    fixture_run(fixture->store, delete_session_job, (void *)"s1"); // with its message
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM presenter_messages"), ==, 0);
}

void add_rows_tests(void)
{
    FIXTURE_ADD("people", test_people);
    FIXTURE_ADD("entities", test_entities);
    FIXTURE_ADD("sessions", test_sessions);
    FIXTURE_ADD("series", test_series);
    FIXTURE_ADD("unknown-state", test_unknown_state);
    FIXTURE_ADD("sign-in", test_sign_in);
    FIXTURE_ADD("sign-ins-trimmed", test_sign_ins_trimmed);
    FIXTURE_ADD("questions", test_questions);
    FIXTURE_ADD("chapters", test_chapters);
    FIXTURE_ADD("presenter-message", test_presenter_message);
    FIXTURE_ADD("clock", test_clock);
}

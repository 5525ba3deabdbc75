// SPDX-License-Identifier: GPL-3.0-or-later
// The database through a store in a folder of its own; where it matters, looked at with a second
// connection. With the arguments "--child FILE" the program is the one that gets killed.
#include "base/clock.h"
#include "store/db.h"
#include "store/rows.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *program;

typedef struct {
    char *folder, *file, *url;
    Store *store;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    fixture->folder = g_dir_make_tmp("majlis-store-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->file = g_build_filename(fixture->folder, "majlis.db", NULL);
    fixture->url = g_strconcat("sqlite:", fixture->file, NULL);
    fixture->store = store_new(fixture->url, &error);
    g_assert_no_error(error);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    store_free(fixture->store);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *path = g_strconcat(fixture->file, ends[i], NULL);
        g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(fixture->folder), ==, 0); // nothing else was left behind
    g_free(fixture->folder);
    g_free(fixture->file);
    g_free(fixture->url);
}

static void reopen(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    store_free(fixture->store);
    fixture->store = store_new(fixture->url, &error);
    g_assert_no_error(error);
}

/* Runs a statement on a second connection; the first column of its first row, or -1. */
static int64_t look(const char *file, const char *sql)
{
    sqlite3 *other;
    g_assert_cmpint(sqlite3_open(file, &other), ==, SQLITE_OK);
    sqlite3_stmt *statement;
    g_assert_cmpint(sqlite3_prepare_v2(other, sql, -1, &statement, NULL), ==, SQLITE_OK);
    int result = sqlite3_step(statement);
    g_assert_true(result == SQLITE_ROW || result == SQLITE_DONE);
    int64_t value = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    sqlite3_close(other);
    return value;
}

static void run_ok(Store *store, StoreJob job, void *data)
{
    g_autoptr(GError) error = NULL;
    bool good = store_run(store, job, data, &error);
    g_assert_no_error(error);
    g_assert_true(good);
}

static bool insert_person(StoreDb *db, void *data, GError **error)
{
    StorePerson row = {.id = data, .name = "مريم", .role = "", .created_us = 1};
    return store_person_insert(db, &row, error);
}

/* ---- rows ---- */

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
    g_autoptr(StorePerson) read = store_person_by_email(db, "m@EXAMPLE.ae", error);
    if (read == NULL) {
        return false;
    }
    g_assert_cmpstr(read->id, ==, "p1");
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
    run_ok(fixture->store, people_job, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(fixture->store, same_email_job, (void *)"m@example.AE", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    // the job failed as a whole: its first row is not there either
    g_assert_cmpint(look(fixture->file, "SELECT count(*) FROM people"), ==, 2);
}

static StoreSession some_session(const char *id, int64_t starts_us)
{
    return (StoreSession){.id = (char *)id,
                          .title_ar = (char *)"عنوان",
                          .speakers = (char *)"[]",
                          .access = (char *)"open",
                          .state = (char *)"scheduled",
                          .starts_us = starts_us,
                          .duration_minutes = 60,
                          .created_us = 3};
}

static bool sessions_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSession early = some_session("s1", 1000);
    StoreSession late = some_session("s2", 2000);
    if (!store_session_insert(db, &early, error) || !store_session_insert(db, &late, error)) {
        return false;
    }
    early.series = (char *)"سلسلة";
    early.title_en = (char *)"Title";
    early.source = (char *)"test";
    early.access = (char *)"invited";
    early.state = (char *)"live";
    early.duration_minutes = 45;
    early.epoch_us = 11;
    early.live_us = 12;
    early.ended_us = 13;
    early.demo = true;
    if (!store_session_update(db, &early, error)) {
        return false;
    }
    g_autoptr(StoreSession) row = store_session_get(db, "s1", error);
    g_assert_nonnull(row);
    g_assert_cmpstr(row->series, ==, "سلسلة");
    g_assert_cmpstr(row->title_ar, ==, "عنوان");
    g_assert_cmpstr(row->title_en, ==, "Title");
    g_assert_cmpstr(row->speakers, ==, "[]");
    g_assert_cmpstr(row->source, ==, "test");
    g_assert_cmpstr(row->access, ==, "invited");
    g_assert_cmpstr(row->state, ==, "live");
    g_assert_cmpint(row->starts_us, ==, 1000);
    g_assert_cmpint(row->duration_minutes, ==, 45);
    g_assert_cmpint(row->epoch_us, ==, 11);
    g_assert_cmpint(row->live_us, ==, 12);
    g_assert_cmpint(row->ended_us, ==, 13);
    g_assert_true(row->demo);
    g_assert_cmpint(row->created_us, ==, 3);
    g_autoptr(GPtrArray) list = store_sessions_list(db, error);
    g_assert_cmpuint(list->len, ==, 2);
    g_assert_cmpstr(((StoreSession *)list->pdata[0])->id, ==, "s2");
    return true;
}

static void test_sessions(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run_ok(fixture->store, sessions_job, NULL);
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
    if (!insert_person(db, (void *)"p1", error) || !store_session_insert(db, &session, error) ||
        !store_invitation_insert(db, &invitation, error) ||
        !store_invitation_insert(db, &staff, error) || !store_token_insert(db, &old, error) ||
        !store_token_insert(db, &young, error)) {
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
    g_assert_cmpuint(tokens->len, ==, 1); // what expires at 100 is over at 100
    const StoreToken *token = tokens->pdata[0];
    fill_hash(hash, 4);
    g_assert_cmpmem(token->hash, STORE_HASH_BYTES, hash, STORE_HASH_BYTES);
    g_assert_cmpstr(token->session, ==, "s1");
    g_assert_cmpint(token->expires_us, ==, 200);
    return store_token_delete(db, hash, error) && store_token_delete(db, hash, error);
}

static void test_sign_in(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run_ok(fixture->store, sign_in_job, NULL);
    reopen(fixture);
    run_ok(fixture->store, check_sign_in_job, NULL);
    g_assert_cmpint(look(fixture->file, "SELECT count(*) FROM tokens"), ==, 1);
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
    return insert_person(db, (void *)"p1", error) && insert_person(db, (void *)"p2", error) &&
           store_session_insert(db, &one, error) && store_session_insert(db, &two, error) &&
           ask_job(db, &(Ask){"q1", "s1", "p1"}, error) &&
           ask_job(db, &(Ask){"q2", "s1", "p2"}, error) &&
           ask_job(db, &(Ask){"q3", "s2", "p1"}, error);
}

static bool vote_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_vote_set(db, "q1", "p1", true, error) &&
           store_vote_set(db, "q1", "p1", true, error) &&
           store_vote_set(db, "q1", "p2", true, error) &&
           store_vote_set(db, "q2", "p2", true, error) &&
           store_vote_set(db, "q3", "p2", true, error) &&
           store_vote_set(db, "q2", "p2", false, error) &&
           store_vote_set(db, "q2", "p2", false, error);
}

static bool vote_nowhere_job(StoreDb *db, void *data, GError **error)
{
    return store_vote_set(db, data, "p1", true, error);
}

static void on_vote(void *data, const char *question, const char *person)
{
    g_string_append_printf(data, "%s:%s ", question, person);
}

static bool check_room_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(GPtrArray) list = store_questions_list(db, "s1", error);
    g_assert_nonnull(list);
    g_assert_cmpuint(list->len, ==, 2);
    StoreQuestion *first = list->pdata[0], *second = list->pdata[1];
    g_assert_cmpstr(first->id, ==, "q1");
    g_assert_cmpint(first->votes, ==, 2); // twice by one person counts once
    g_assert_cmpint(second->votes, ==, 0);
    g_assert_cmpstr(first->name, ==, "مريم");
    g_assert_null(first->entity);
    g_assert_cmpstr(first->text, ==, "لماذا؟");
    g_assert_true(first->anonymous);
    g_assert_cmpint(first->media_us, ==, -1);
    g_autoptr(GString) votes = g_string_new(NULL);
    if (!store_votes_each(db, "s1", on_vote, votes, error)) {
        return false;
    }
    g_assert_cmpstr(votes->str, ==, "q1:p1 q1:p2 ");
    g_free(second->state);
    g_free(second->text);
    second->state = g_strdup("merged");
    second->text = g_strdup("متى؟");
    second->original = g_strdup("لماذا؟");
    second->merged_into = g_strdup("q1");
    second->starred = true;
    second->on_air_us = 10;
    second->answered_us = 20;
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
    return true;
}

static bool delete_session_job(StoreDb *db, void *data, GError **error)
{
    return store_session_delete(db, data, error);
}

static void test_questions(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run_ok(fixture->store, room_job, NULL);
    run_ok(fixture->store, vote_job, NULL);
    run_ok(fixture->store, check_room_job, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(fixture->store, vote_nowhere_job, (void *)"q9", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&error);
    // the key itself, against a program that does not ask first
    g_assert_cmpint(look(fixture->file, "INSERT OR IGNORE INTO votes VALUES ('q1', 'p1')"), ==, -1);
    g_assert_cmpint(look(fixture->file, "SELECT count(*) FROM votes"), ==, 3);
    run_ok(fixture->store, delete_session_job, (void *)"s1");
    g_assert_cmpint(look(fixture->file, "SELECT count(*) FROM questions"), ==, 1);
    g_assert_cmpint(look(fixture->file, "SELECT count(*) FROM votes"), ==, 1);
    g_assert_false(store_run(fixture->store, delete_session_job, (void *)"s1", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
}

/* ---- the promise of `done` ---- */

typedef struct {
    const char *id;   // of the person that the job inserts
    const char *file; // looked at in `done`
    GError *error;
    int64_t rows_seen; // by a second connection, in `done`
    int64_t done_us;
    GThread *thread; // that called `done`
    int calls;
} Insert;

static bool insert_job(StoreDb *db, void *data, GError **error)
{
    return insert_person(db, (void *)((Insert *)data)->id, error);
}

static void on_insert(void *data, const GError *error)
{
    Insert *insert = data;
    insert->calls++;
    insert->thread = g_thread_self();
    insert->done_us = base_clock_us();
    insert->error = error != NULL ? g_error_copy(error) : NULL;
    insert->rows_seen = look(insert->file, "SELECT count(*) FROM people");
}

static void wait_for(const Insert *insert)
{
    while (insert->calls == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static void test_done(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Insert good = {.id = "p1", .file = fixture->file}, bad = good;
    store_submit(fixture->store, insert_job, on_insert, &good);
    store_submit(fixture->store, insert_job, on_insert, &bad); // the same id
    g_assert_cmpint(good.calls, ==, 0);                        // never in place
    wait_for(&bad);
    g_assert_cmpint(good.calls, ==, 1);
    g_assert_no_error(good.error);
    g_assert_true(good.thread == g_thread_self());
    g_assert_cmpint(good.rows_seen, ==, 1);
    g_assert_error(bad.error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&bad.error);
}

static void test_free_answers(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Insert inserts[20];
    char ids[G_N_ELEMENTS(inserts)][8];
    for (size_t i = 0; i < G_N_ELEMENTS(inserts); i++) {
        g_snprintf(ids[i], sizeof ids[i], "p%zu", i);
        inserts[i] = (Insert){.id = ids[i], .file = fixture->file};
        store_submit(fixture->store, insert_job, on_insert, &inserts[i]);
    }
    store_free(g_steal_pointer(&fixture->store));
    wait_for(&inserts[G_N_ELEMENTS(inserts) - 1]);
    for (size_t i = 0; i < G_N_ELEMENTS(inserts); i++) {
        g_assert_cmpint(inserts[i].calls, ==, 1);
        g_assert_no_error(inserts[i].error);
    }
}

/* ---- faults ---- */

static sqlite3 *lock(const char *file)
{
    sqlite3 *other;
    g_assert_cmpint(sqlite3_open(file, &other), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
    return other;
}

static void unlock(sqlite3 *other)
{
    g_assert_cmpint(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(other);
}

typedef struct {
    sqlite3 *other;
    Insert *insert;
    int64_t unlocked_us;
} Unlock;

static gboolean on_unlock(gpointer data)
{
    Unlock *state = data;
    g_assert_cmpint(state->insert->calls, ==, 0); // not told before it is true
    state->unlocked_us = base_clock_us();
    unlock(state->other);
    return G_SOURCE_REMOVE;
}

static void test_locked_briefly(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Insert insert = {.id = "p1", .file = fixture->file};
    Unlock state = {.other = lock(fixture->file), .insert = &insert};
    g_timeout_add(1000, on_unlock, &state);
    store_submit(fixture->store, insert_job, on_insert, &insert);
    wait_for(&insert);
    g_assert_no_error(insert.error);
    g_assert_cmpint(state.unlocked_us, >, 0);
    g_assert_cmpint(insert.done_us, >=, state.unlocked_us);
    g_assert_cmpint(insert.rows_seen, ==, 1);
}

static void test_locked_long(Fixture *fixture, gconstpointer data)
{
    (void)data;
    sqlite3 *other = lock(fixture->file);
    Insert inserts[5];
    int64_t start_us = base_clock_us();
    for (size_t i = 0; i < G_N_ELEMENTS(inserts); i++) {
        inserts[i] = (Insert){.id = "p1", .file = fixture->file};
        store_submit(fixture->store, insert_job, on_insert, &inserts[i]);
    }
    wait_for(&inserts[G_N_ELEMENTS(inserts) - 1]);
    for (size_t i = 0; i < G_N_ELEMENTS(inserts); i++) {
        g_assert_error(inserts[i].error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
        g_assert_nonnull(strstr(inserts[i].error->message, "locked"));
        g_clear_error(&inserts[i].error);
        g_assert_cmpint(inserts[i].rows_seen, ==, 0);
        int64_t took_us = inserts[i].done_us - start_us;
        g_assert_cmpint(took_us, >=, 2 * BASE_US_PER_S);
        g_assert_cmpint(took_us, <, 6 * BASE_US_PER_S); // all of them: they do not wait in turn
    }
    unlock(other);
    Insert after = {.id = "p1", .file = fixture->file};
    store_submit(fixture->store, insert_job, on_insert, &after);
    wait_for(&after);
    g_assert_no_error(after.error);
}

static bool no_room_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    // as a full disk looks to SQLite: the file may not grow by another page
    return store_db_exec(db, "PRAGMA max_page_count = 1", error);
}

static bool room_again_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_db_exec(db, "PRAGMA max_page_count = 1000000", error);
}

static bool large_job(StoreDb *db, void *data, GError **error)
{
    g_autofree char *name = g_strnfill(100000, 'x');
    StorePerson row = {.id = data, .name = name, .role = (char *)""};
    return store_person_insert(db, &row, error);
}

static bool careless_job(StoreDb *db, void *data, GError **error)
{
    large_job(db, data, NULL);
    (void)error;
    return true;
}

static void test_disk_full(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    run_ok(fixture->store, no_room_job, NULL);
    g_assert_false(store_run(fixture->store, large_job, (void *)"p1", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FULL);
    g_clear_error(&error);
    // a job that overlooks the failure of its statement is not told that it was committed
    g_assert_false(store_run(fixture->store, careless_job, (void *)"p1", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
    run_ok(fixture->store, room_again_job, NULL);
    run_ok(fixture->store, large_job, (void *)"p1");
}

static bool slow_job(StoreDb *db, void *data, GError **error)
{
    (void)db;
    (void)error;
    GMutex *gate = data;
    g_mutex_lock(gate);
    g_mutex_unlock(gate);
    return true;
}

typedef struct {
    int good, refused;
} Tally;

static bool nothing_job(StoreDb *db, void *data, GError **error)
{
    (void)db;
    (void)data;
    (void)error;
    return true;
}

static void on_tally(void *data, const GError *error)
{
    Tally *tally = data;
    if (error == NULL) {
        tally->good++;
    } else {
        g_assert_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
        tally->refused++;
    }
}

static void test_queue_full(Fixture *fixture, gconstpointer data)
{
    (void)data;
    GMutex gate;
    g_mutex_init(&gate);
    g_mutex_lock(&gate);
    Tally tally = {0};
    store_submit(fixture->store, slow_job, NULL, &gate);
    const int more = 50;
    for (int i = 0; i < STORE_QUEUE_MAX + more; i++) {
        store_submit(fixture->store, nothing_job, on_tally, &tally);
    }
    while (tally.refused < more - 1) { // the slow job itself may still be in the queue
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(tally.good, ==, 0);
    g_mutex_unlock(&gate);
    while (tally.good + tally.refused < STORE_QUEUE_MAX + more) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(tally.good, >=, STORE_QUEUE_MAX - 1);
    g_assert_cmpint(tally.refused, >=, more);
    g_mutex_clear(&gate);
}

/* ---- kill ---- */

static void on_child_insert(void *data, const GError *error)
{
    g_assert_no_error(error);
    char *line = data;
    size_t length = strlen(line);
    g_assert_cmpint(write(STDOUT_FILENO, line, length), ==, length);
    g_free(line);
}

static bool child_job(StoreDb *db, void *data, GError **error)
{
    g_autofree char *id = g_strchomp(g_strdup(data));
    return insert_person(db, id, error);
}

/* Inserts without end and writes the id of what was acknowledged. */
static G_GNUC_NORETURN void run_child(const char *url)
{
    g_autoptr(GError) error = NULL;
    Store *store = store_new(url, &error);
    g_assert_no_error(error);
    for (int i = 0;; i++) {
        store_submit(store, child_job, on_child_insert, g_strdup_printf("p%d\n", i));
        while (i % 8 == 7 && g_main_context_iteration(NULL, FALSE)) {
        }
        g_usleep(100);
    }
}

static bool has_person_job(StoreDb *db, void *data, GError **error)
{
    g_autoptr(StorePerson) row = store_person_get(db, data, error);
    return row != NULL;
}

static void test_killed(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autoptr(GError) error = NULL;
    store_free(g_steal_pointer(&fixture->store));
    g_autoptr(GSubprocess) child = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program,
                                                    "--child", fixture->url, NULL);
    g_assert_no_error(error);
    g_autoptr(GDataInputStream) lines =
        g_data_input_stream_new(g_subprocess_get_stdout_pipe(child));
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    for (char *line; (line = g_data_input_stream_read_line(lines, NULL, NULL, NULL)) != NULL;) {
        g_ptr_array_add(ids, line);
        if (ids->len == 100) {
            g_subprocess_send_signal(child, SIGKILL); // what it still wrote is read to the end
        }
    }
    g_subprocess_wait(child, NULL, NULL);
    g_assert_cmpint(g_subprocess_get_term_sig(child), ==, SIGKILL);
    g_assert_cmpuint(ids->len, >=, 100);
    reopen(fixture);
    for (guint i = 0; i < ids->len; i++) {
        run_ok(fixture->store, has_person_job, ids->pdata[i]);
    }
}

/* ---- opening ---- */

static void test_mode(Fixture *fixture, gconstpointer data)
{
    (void)data;
    run_ok(fixture->store, insert_person, (void *)"p1");
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *path = g_strconcat(fixture->file, ends[i], NULL);
        struct stat info;
        g_assert_cmpint(stat(path, &info), ==, 0);
        g_assert_cmpint(info.st_mode & 0777, ==, 0600);
    }
}

static void assert_refused(const char *url, BaseError code, const char *word)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(store_new(url, &error));
    g_assert_error(error, BASE_ERROR, (int)code);
    g_assert_nonnull(strstr(error->message, word));
    g_assert_null(strstr(error->message, "hunter2"));
}

static void test_refused(Fixture *fixture, gconstpointer data)
{
    (void)data;
    assert_refused("postgresql://majlis:hunter2@db/majlis", BASE_ERROR_INVALID, "postgresql");
    assert_refused("/var/lib/majlis.db", BASE_ERROR_INVALID, "sqlite:PATH");
    assert_refused("sqlite:", BASE_ERROR_INVALID, "sqlite:PATH");
    assert_refused("sqlite::memory:", BASE_ERROR_INVALID, "sqlite:PATH");
    g_autofree char *nowhere = g_strconcat(fixture->url, "-folder/x.db", NULL);
    assert_refused(nowhere, BASE_ERROR_FAILED, "does not exist");

    store_free(g_steal_pointer(&fixture->store));
    look(fixture->file, "PRAGMA user_version = 1000");
    assert_refused(fixture->url, BASE_ERROR_FAILED, "newer");
    look(fixture->file, "PRAGMA application_id = 1");
    assert_refused(fixture->url, BASE_ERROR_FAILED, "another program");

    g_autoptr(GError) error = NULL;
    g_autofree char *noise = g_strnfill(8192, 'n');
    g_file_set_contents(fixture->file, noise, 8192, &error);
    g_assert_no_error(error);
    assert_refused(fixture->url, BASE_ERROR_UNAVAILABLE, "damaged");
}

/* A file of version 1 with a row in it, as the binary of that time left it. */
static void make_version_1(const char *file)
{
    sqlite3 *old;
    g_assert_cmpint(sqlite3_open(file, &old), ==, SQLITE_OK);
    const char *const texts[] = {
        store_migration(1),
        "PRAGMA user_version = 1; PRAGMA application_id = 0x6d616a6c",
        "INSERT INTO people VALUES ('p1', 'Maryam', NULL, NULL, '', 0, 1)",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_assert_cmpint(sqlite3_exec(old, texts[i], NULL, NULL, NULL), ==, SQLITE_OK);
    }
    sqlite3_close(old);
}

static void test_migrates(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int64_t newest = look(fixture->file, "PRAGMA user_version");
    int64_t tables = look(fixture->file, "SELECT count(*) FROM sqlite_schema");
    g_assert_cmpint(newest, >, 1);
    g_assert_null(store_migration((int)newest + 1));
    store_free(g_steal_pointer(&fixture->store));
    g_assert_cmpint(g_unlink(fixture->file), ==, 0);

    make_version_1(fixture->file);
    g_assert_cmpint(look(fixture->file, "SELECT count(*) FROM sqlite_schema"), <, tables);
    for (int i = 0; i < 2; i++) { // the second time nothing is left to do
        reopen(fixture);
        g_assert_cmpint(look(fixture->file, "PRAGMA user_version"), ==, newest);
        g_assert_cmpint(look(fixture->file, "SELECT count(*) FROM sqlite_schema"), ==, tables);
        run_ok(fixture->store, has_person_job, (void *)"p1");
    }
}

#define ADD(name, func) g_test_add("/store/" name, Fixture, NULL, set_up, func, tear_down)

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--child") == 0) {
        run_child(argv[2]);
    }
    program = argv[0];
    g_test_init(&argc, &argv, NULL);
    ADD("people", test_people);
    ADD("sessions", test_sessions);
    ADD("sign-in", test_sign_in);
    ADD("questions", test_questions);
    ADD("done", test_done);
    ADD("free-answers", test_free_answers);
    ADD("locked-briefly", test_locked_briefly);
    ADD("locked-long", test_locked_long);
    ADD("disk-full", test_disk_full);
    ADD("queue-full", test_queue_full);
    ADD("killed", test_killed);
    ADD("mode", test_mode);
    ADD("refused", test_refused);
    ADD("migrates", test_migrates);
    return g_test_run();
}

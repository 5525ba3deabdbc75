// SPDX-License-Identifier: GPL-3.0-or-later
// The store's promises: `done` means committed; faults. With "--child URL" it is the process to be
// killed.
#include "base/clock.h"
#include "fixture.h"
#include "store/db.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *program;

/* ---- the promise of `done` ---- */

typedef struct {
    const char *id;   // id of the inserted person
    const char *file; // read in `done`
    GError *error;
    int64_t rows_seen; // on a second connection, in `done`
    int64_t done_us;
    GThread *thread; // of `done`
    int calls;
} Insert;

static bool insert_job(StoreDb *db, void *data, GError **error)
{
    return fixture_insert_person(db, (void *)((Insert *)data)->id, error);
}

static void on_insert(void *data, const GError *error)
{
    Insert *insert = data;
    insert->calls++;
    insert->thread = g_thread_self();
    insert->done_us = base_clock_us();
    insert->error = error != NULL ? g_error_copy(error) : NULL;
    insert->rows_seen = fixture_look(insert->file, "SELECT count(*) FROM people");
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
    store_submit(fixture->store, insert_job, on_insert, &bad); // duplicate id
    g_assert_cmpint(good.calls, ==, 0);                        // not in place
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
    g_assert_cmpint(state->insert->calls, ==, 0); // not before it is committed
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
    Insert inserts[10];
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
        g_assert_cmpint(took_us, <, 6 * BASE_US_PER_S); // together, not one after the other
    }
    unlock(other);
    Insert after = {.id = "p1", .file = fixture->file};
    store_submit(fixture->store, insert_job, on_insert, &after);
    wait_for(&after);
    g_assert_no_error(after.error);
}

typedef struct {
    bool fails, changed;
} Look;

static bool look_job(StoreDb *db, void *data, GError **error)
{
    Look *look = data;
    return store_changed_elsewhere(db, &look->changed, error) && !look->fails;
}

/* Another program's change is reported until a job that saw it is committed: a person disabled
 * meanwhile must be signed out. */
static void test_changed_elsewhere(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Look look = {0}, fails = {.fails = true};
    fixture_run(fixture->store, look_job, &look);
    fixture_run(fixture->store, look_job, &look);
    g_assert_false(look.changed);
    fixture_look(fixture->file, "CREATE TABLE other(x)");
    g_assert_false(store_run(fixture->store, look_job, &fails, NULL));
    g_assert_true(fails.changed);
    fixture_run(fixture->store, look_job, &look);
    g_assert_true(look.changed);
    fixture_run(fixture->store, look_job, &look);
    g_assert_false(look.changed);
}

static bool gate_job(StoreDb *db, void *data, GError **error)
{
    (void)db, (void)error;
    pthread_mutex_lock(data);
    pthread_mutex_unlock(data);
    return true;
}

/* Jobs share a transaction; a failed one does not affect the others. */
static void test_shared(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char *const ids[] = {"p1", "p2", "p1", "p3"};
    Insert inserts[G_N_ELEMENTS(ids)] = {0};
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&gate);
    store_submit(fixture->store, gate_job, NULL, &gate);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        inserts[i] = (Insert){.id = ids[i], .file = fixture->file};
        store_submit(fixture->store, insert_job, on_insert, &inserts[i]);
    }
    pthread_mutex_unlock(&gate);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        wait_for(&inserts[i]);
    }
    g_assert_error(inserts[2].error, BASE_ERROR, BASE_ERROR_CONFLICT);
    g_clear_error(&inserts[2].error);
    g_assert_no_error(inserts[0].error);
    g_assert_no_error(inserts[1].error);
    g_assert_no_error(inserts[3].error);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM people"), ==, 3);
}

static bool no_room_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    // a full disk for SQLite: no more pages
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
    fixture_run(fixture->store, no_room_job, NULL);
    g_assert_false(store_run(fixture->store, large_job, (void *)"p1", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_FULL);
    g_clear_error(&error);
    // a job that ignores a failed statement is not committed
    g_assert_false(store_run(fixture->store, careless_job, (void *)"p1", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
    fixture_run(fixture->store, room_again_job, NULL);
    fixture_run(fixture->store, large_job, (void *)"p1");
}

static bool insert_large_job(StoreDb *db, void *data, GError **error)
{
    return large_job(db, (void *)((Insert *)data)->id, error);
}

/* Fails unless there are `rows_seen` rows. */
static bool count_job(StoreDb *db, void *data, GError **error)
{
    g_autoptr(GPtrArray) people = store_people_list(db, error);
    g_assert_true(people == NULL || (int)people->len == *(int *)data);
    return people != NULL;
}

static void on_count(void *data, const GError *error)
{
    g_assert_no_error((GError *)error);
    ++*(int *)data;
}

/* Reading needs no space: the result follows the jobs before it. */
static void test_disk_full_read(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Insert small = {.id = "p1", .file = fixture->file}, large = {.id = "p2", .file = fixture->file};
    int before = 0, between = 1;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    fixture_run(fixture->store, no_room_job, NULL);
    pthread_mutex_lock(&gate);
    store_submit(fixture->store, gate_job, NULL, &gate);
    store_submit(fixture->store, count_job, on_count, &before);
    store_submit(fixture->store, insert_job, on_insert, &small);
    store_submit(fixture->store, count_job, on_count, &between);
    store_submit(fixture->store, insert_large_job, on_insert, &large);
    pthread_mutex_unlock(&gate);
    wait_for(&large);
    g_assert_no_error(small.error);
    g_assert_cmpint(before, ==, 1);  // once
    g_assert_cmpint(between, ==, 2); // likewise
    g_assert_error(large.error, BASE_ERROR, BASE_ERROR_FULL);
    g_clear_error(&large.error);
    fixture_run(fixture->store, room_again_job, NULL);
}

/* Only the job without space fails, though jobs share a transaction. */
static void test_disk_full_shared(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char *const ids[] = {"p1", "p2", "p3"};
    Insert inserts[G_N_ELEMENTS(ids)] = {0};
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    fixture_run(fixture->store, no_room_job, NULL);
    pthread_mutex_lock(&gate);
    store_submit(fixture->store, gate_job, NULL, &gate);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        inserts[i] = (Insert){.id = ids[i], .file = fixture->file};
        store_submit(fixture->store, i == 1 ? insert_large_job : insert_job, on_insert,
                     &inserts[i]);
    }
    pthread_mutex_unlock(&gate);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        wait_for(&inserts[i]);
    }
    g_assert_no_error(inserts[0].error);
    g_assert_error(inserts[1].error, BASE_ERROR, BASE_ERROR_FULL);
    g_clear_error(&inserts[1].error);
    g_assert_no_error(inserts[2].error);
    fixture_run(fixture->store, room_again_job, NULL);
    g_assert_cmpint(fixture_look(fixture->file, "SELECT count(*) FROM people"), ==, 2);
}

static bool nothing_job(StoreDb *db, void *data, GError **error)
{
    (void)db;
    (void)data;
    (void)error;
    return true;
}

static bool people_job(StoreDb *db, void *data, GError **error)
{
    g_autoptr(GPtrArray) rows = store_people_list(db, error);
    (void)data;
    return rows != NULL;
}

static bool many_people_job(StoreDb *db, void *data, GError **error)
{
    for (int i = 0; i < 500; i++) {
        g_autofree char *id = g_strdup_printf("p%d", i);
        if (!fixture_insert_person(db, id, error)) {
            return false;
        }
    }
    (void)data;
    return true;
}

/* One damaged page: jobs that read it fail, others succeed. */
static void test_damaged(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, many_people_job, NULL);
    int64_t page =
        fixture_look(fixture->file, "SELECT rootpage FROM sqlite_schema WHERE name = 'people'");
    store_free(g_steal_pointer(&fixture->store));
    FILE *file = fopen(fixture->file, "r+");
    g_assert_nonnull(file);
    char noise[100];
    memset(noise, 0xa5, sizeof noise);
    g_assert_cmpint(fseek(file, (long)(page - 1) * 4096, SEEK_SET), ==, 0);
    g_assert_cmpuint(fwrite(noise, 1, sizeof noise, file), ==, sizeof noise);
    fclose(file);

    fixture_reopen(fixture);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(fixture->store, people_job, NULL, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
    g_clear_error(&error);
    g_assert_false(store_run(fixture->store, fixture_insert_person, (void *)"new", &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
    fixture_run(fixture->store, nothing_job, NULL);
}

typedef struct {
    atomic_bool begun;
    pthread_mutex_t mutex;
} Gate;

static bool slow_job(StoreDb *db, void *data, GError **error)
{
    (void)db;
    (void)error;
    Gate *gate = data;
    atomic_store(&gate->begun, true);
    pthread_mutex_lock(&gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
    return true;
}

typedef struct {
    int good, refused;
} Tally;

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
    Gate gate = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    pthread_mutex_lock(&gate.mutex);
    Tally tally = {0};
    store_submit(fixture->store, slow_job, NULL, &gate);
    while (!atomic_load(&gate.begun)) { // or it would share a batch with later jobs
        g_usleep(1000);
    }
    const int more = 50;
    for (int i = 0; i < STORE_QUEUE_MAX + more; i++) {
        store_submit(fixture->store, nothing_job, on_tally, &tally);
    }
    while (tally.refused < more) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(tally.good, ==, 0);
    pthread_mutex_unlock(&gate.mutex);
    while (tally.good + tally.refused < STORE_QUEUE_MAX + more) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(tally.good, ==, STORE_QUEUE_MAX);
    g_assert_cmpint(tally.refused, ==, more);
    pthread_mutex_destroy(&gate.mutex);
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
    return fixture_insert_person(db, id, error);
}

/* Inserts endlessly and prints the acknowledged ids. */
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
            g_subprocess_send_signal(child, SIGKILL); // its last output is read
        }
    }
    g_subprocess_wait(child, NULL, NULL);
    g_assert_cmpint(g_subprocess_get_term_sig(child), ==, SIGKILL);
    g_assert_cmpuint(ids->len, >=, 100);
    fixture_reopen(fixture);
    for (guint i = 0; i < ids->len; i++) {
        fixture_run(fixture->store, has_person_job, ids->pdata[i]);
    }
}

/* ---- opening ---- */

static void test_mode(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fixture_insert_person, (void *)"p1");
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
    fixture_look(fixture->file, "PRAGMA user_version = 1000");
    assert_refused(fixture->url, BASE_ERROR_FAILED, "newer");
    fixture_look(fixture->file, "PRAGMA application_id = 1");
    assert_refused(fixture->url, BASE_ERROR_FAILED, "another program");

    g_autoptr(GError) error = NULL;
    g_autofree char *noise = g_strnfill(8192, 'n');
    g_file_set_contents(fixture->file, noise, 8192, &error);
    g_assert_no_error(error);
    assert_refused(fixture->url, BASE_ERROR_UNAVAILABLE, "damaged");
}

static void run_text(sqlite3 *old, const char *text)
{
    g_assert_cmpint(sqlite3_exec(old, text, NULL, NULL, NULL), ==, SQLITE_OK);
}

/* A file as an earlier version left it. */
static void make_older(const char *file, int version)
{
    sqlite3 *old;
    g_assert_cmpint(sqlite3_open(file, &old), ==, SQLITE_OK);
    for (int i = 1; i <= version; i++) {
        run_text(old, store_migration(i));
    }
    g_autofree char *mark =
        g_strdup_printf("PRAGMA user_version = %d; PRAGMA application_id = 0x6d616a6c", version);
    run_text(old, mark);
    run_text(old, "INSERT INTO people (id, name, role, disabled, created_us) VALUES "
                  "('p1', 'Maryam', '', 0, 1)");
    run_text(old,
             "INSERT INTO sessions (id, series, title_ar, title_en, speakers, source, access, "
             "state, starts_us, duration_minutes, epoch_us, live_us, ended_us, demo, "
             "created_us) VALUES ('s1', NULL, 'a', '', '[]', NULL, 'open', 'ended', 1, 60, 2, 3, "
             "4, 0, 5)");
    sqlite3_close(old);
}

/* Defaults of an older session. */
static bool has_session_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_autoptr(StoreSession) row = fixture_session(db, "s1", error);
    g_assert_nonnull(row);
    g_assert_cmpint(row->created_us, ==, 5);
    g_assert_cmpstr(row->agenda, ==, "[]");
    g_assert_null(row->inputs_hash);
    g_assert_null(row->boot);
    g_assert_false(row->hold);
    g_assert_cmpint(row->deleted_us, ==, 0);
    g_assert_null(row->deleted_by);
    g_assert_null(row->deleted_why);
    return true;
}

static void test_migrates(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int64_t newest = fixture_look(fixture->file, "PRAGMA user_version");
    static const char schema[] = "SELECT sum(length(sql)) FROM sqlite_schema";
    int64_t length = fixture_look(fixture->file, schema);
    g_assert_cmpint(newest, >, 1);
    g_assert_null(store_migration((int)newest + 1));
    for (int version = 1; version < newest; version++) {
        store_free(g_steal_pointer(&fixture->store));
        g_assert_cmpint(g_unlink(fixture->file), ==, 0);
        make_older(fixture->file, version);
        g_assert_cmpint(fixture_look(fixture->file, schema), <, length);
        for (int i = 0; i < 2; i++) { // the second time does nothing
            fixture_reopen(fixture);
            g_assert_cmpint(fixture_look(fixture->file, "PRAGMA user_version"), ==, newest);
            g_assert_cmpint(fixture_look(fixture->file, schema), ==, length);
            fixture_run(fixture->store, has_person_job, (void *)"p1");
            fixture_run(fixture->store, has_session_job, NULL);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--child") == 0) {
        run_child(argv[2]);
    }
    program = argv[0];
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL); // expects a warning
    add_rows_tests();
    add_own_tests();
    add_people_tests();
    add_migrate_tests();
    add_backup_tests();
    add_search_tests();
    FIXTURE_ADD("done", test_done);
    FIXTURE_ADD("free-answers", test_free_answers);
    FIXTURE_ADD("locked-briefly", test_locked_briefly);
    FIXTURE_ADD("locked-long", test_locked_long);
    FIXTURE_ADD("changed-elsewhere", test_changed_elsewhere);
    FIXTURE_ADD("shared", test_shared);
    FIXTURE_ADD("disk-full", test_disk_full);
    FIXTURE_ADD("disk-full-shared", test_disk_full_shared);
    FIXTURE_ADD("disk-full-read", test_disk_full_read);
    FIXTURE_ADD("damaged", test_damaged);
    FIXTURE_ADD("queue-full", test_queue_full);
    FIXTURE_ADD("killed", test_killed);
    FIXTURE_ADD("mode", test_mode);
    FIXTURE_ADD("refused", test_refused);
    FIXTURE_ADD("migrates", test_migrates);
    return g_test_run();
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Copies and read-only jobs beside an open store.
#include "fixture.h"
#include "store/db.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* Full ownership. */
static char *copy_path(const Fixture *fixture)
{
    return g_strconcat(fixture->file, ".copy", NULL);
}

static void on_inserted(void *data, const GError *error)
{
    (void)data;
    g_assert_no_error((GError *)error);
}

/* Commits wait neither for the copy, nor it for them; it has all that was committed before. */
static void test_live(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autofree char *path = copy_path(fixture);
    g_autoptr(GError) error = NULL;
    char ids[200][8];
    fixture_run(fixture->store, fixture_insert_person, (void *)"first");
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_snprintf(ids[i], sizeof ids[i], "p%zu", i);
        store_submit(fixture->store, fixture_insert_person, on_inserted, ids[i]);
    }
    g_assert_true(store_backup(fixture->url, path, &error));
    g_assert_no_error(error);
    fixture_run(fixture->store, fixture_insert_person, (void *)"last");
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    g_assert_false(g_file_test(wal, G_FILE_TEST_EXISTS));
    g_assert_cmpint(fixture_look(path, "SELECT count(*) FROM people WHERE id = 'first'"), ==, 1);
    g_assert_cmpint(fixture_look(path, "SELECT count(*) FROM people WHERE id = 'last'"), ==, 0);
    g_assert_cmpint(fixture_look(path, "SELECT count(*) FROM pragma_quick_check"), ==, 1);
    while (g_main_context_pending(NULL)) {
        g_main_context_iteration(NULL, FALSE);
    }
    g_unlink(path);
}

static void test_refused(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autofree char *path = copy_path(fixture);
    g_autofree char *none = g_strconcat(fixture->url, ".none", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_backup(none, path, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_true(g_file_set_contents(path, "mine", -1, NULL));
    g_assert_false(store_backup(fixture->url, path, &error)); // overwrites nothing
    g_assert_nonnull(error);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
    g_unlink(path);
}

static bool many_people_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    for (int i = 0; i < 500; i++) {
        g_autofree char *id = g_strdup_printf("p%d", i);
        if (!fixture_insert_person(db, id, error)) {
            return false;
        }
    }
    return true;
}

/* A copy of damage would take the place of a good backup. */
static void test_damaged(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_autofree char *path = copy_path(fixture);
    fixture_run(fixture->store, many_people_job, NULL);
    int64_t page =
        fixture_look(fixture->file, "SELECT rootpage FROM sqlite_schema WHERE name = 'people'");
    store_free(g_steal_pointer(&fixture->store));
    FILE *file = fopen(fixture->file, "r+");
    char noise[100];
    memset(noise, 0xa5, sizeof noise);
    g_assert_cmpint(fseek(file, (long)(page - 1) * 4096, SEEK_SET), ==, 0);
    g_assert_cmpuint(fwrite(noise, 1, sizeof noise, file), ==, sizeof noise);
    fclose(file);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_backup(fixture->url, path, &error));
    g_assert_nonnull(strstr(error->message, "damaged"));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static bool count_job(StoreDb *db, void *data, GError **error)
{
    g_autoptr(GPtrArray) people = store_people_list(db, error);
    *(guint *)data = people != NULL ? people->len : 0;
    return people != NULL;
}

static bool write_job(StoreDb *db, void *data, GError **error)
{
    return fixture_insert_person(db, data, error);
}

static void test_read(Fixture *fixture, gconstpointer data)
{
    (void)data;
    guint count = 0;
    g_autoptr(GError) error = NULL;
    fixture_run(fixture->store, fixture_insert_person, (void *)"p1");
    g_assert_true(store_read(fixture->url, count_job, &count, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(count, ==, 1);
    g_assert_false(store_read(fixture->url, write_job, (void *)"p2", &error));
    g_assert_nonnull(error);
    g_clear_error(&error);
    fixture_look(fixture->file, "PRAGMA user_version = 3");
    g_assert_false(store_read(fixture->url, count_job, &count, &error));
    g_assert_error(error, BASE_ERROR, BASE_ERROR_CONFLICT);
}

void add_backup_tests(void)
{
    FIXTURE_ADD("backup/live", test_live);
    FIXTURE_ADD("backup/refused", test_refused);
    FIXTURE_ADD("backup/damaged", test_damaged);
    FIXTURE_ADD("backup/read", test_read);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Databases of each earlier schema, made with that version's statements and rows: all is there after
// the migration, and the schema is the one of a new database.
#include "fixture.h"
#include "store/db.h"
#include "store/files/files.h"
#include "store/people/people.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

/* SHA-256 of each released migration, first digits: a changed one would leave older databases
 * behind. A new migration adds a line. */
static const char *const released[] = {
    NULL, // version 0: an empty file
    "5467e1b625ea198a",
    "593c080bb6a252e7",
    "01dffe7a173a192b",
    "3b41b125f2eefb50",
    "c0426fc7683899e3",
    "30fa7949869e972c",
    "606ad8cecd70eab9",
    "abdaf52de03d7aaf",
    "87b6343b67a550a7",
    "dcf4b3ab3e061817",
    "3faac113cd2a0e94",
    "5985e73947c8d6cb",
    "eb10f54dc48fab60",
    "7608741e7c652018",
    "b187881747c5a6ab",
    "02dd978a7f7aba35",
    "7036aac2ff9a3223",
    "f130ef1195feb5f3",
    "5b8812d0797efd33",
    "57121b4ae5193630",
    "dade0288fcf4361d",
    "222045715b4315b4",
    "de2ce5885fb4caf3",
    "cb8da0ea21bfe2ed",
    "cec7c240d88b16c1",
    "cd01a1e5f57d1d34",
};

/* Rows that a server of that version wrote. Later statements know the columns of their version. */
static const char *const rows[] = {
    [1] =
        "INSERT INTO people VALUES ('p1', 'مريم', 'm@example.ae', NULL, 'staff', 0, 7),"
        "  ('p2', 'Ali', NULL, 'Ministry', '', 0, 8);"
        "INSERT INTO sessions (id, series, title_ar, title_en, speakers, source, access, state,"
        "  starts_us, duration_minutes, epoch_us, live_us, ended_us, demo, created_us) VALUES"
        "  ('s1', NULL, 'عنوان', 'Title', '[]', NULL, 'invited', 'ended', 1000, 60, 11, 12, 13, 0,"
        "  3);"
        "INSERT INTO invitations VALUES ('i1', 'p2', 'attendee', 's1', zeroblob(32), 0, 9);"
        "INSERT INTO tokens VALUES (zeroblob(32), 'p2', 'attendee', 's1', 10, 2000);",
    [2] = "INSERT INTO questions (id, session, person, text, original, anonymous, starred, state,"
          "  merged_into, at_us, media_us, on_air_us, answered_us) VALUES"
          "  ('q1', 's1', 'p2', 'سؤال', NULL, 0, 1, 'answered', NULL, 20, 21, 22, 23),"
          "  ('q2', 's1', 'p1', 'merged', 'before', 1, 0, 'merged', 'q1', 24, -1, -1, -1);"
          "INSERT INTO votes (question, person) VALUES ('q1', 'p1'), ('q2', 'p2');",
    [3] = "UPDATE sessions SET agenda = '[{}]', deleted_why = 'why' WHERE id = 's1';"
          "INSERT INTO chapters VALUES ('c1', 's1', 'فصل', 'Chapter', 30, 31);",
    [4] = "INSERT INTO clock VALUES (1, 40, 41);",
    [5] = "UPDATE sessions SET boot = 'boot', boot_us = -50 WHERE id = 's1';",
    [6] = "INSERT INTO presenter_messages VALUES ('s1', 'm1', 'Louder', 'p1', 60, 0);",
    [7] = "UPDATE sessions SET show_names = 1; UPDATE questions SET named = 1 WHERE id = 'q1';",
    [8] = "UPDATE votes SET against = 1 WHERE question = 'q2';"
          "INSERT INTO question_acts VALUES (1, 'a1', 'q1', 'p1', 'earlier', NULL, 0, 'pending',"
          "  NULL, -1, -1, NULL);",
    [9] = "UPDATE sessions SET revision = 5;",
    [10] = "UPDATE sessions SET hold = 1, hold_us = 70, hold_by = 'p1', hold_why = 'asked';",
    [11] = "UPDATE sessions SET inputs_hash = 'abc';",
    [12] =
        "UPDATE sessions SET series = 'سلسلة' WHERE id = 's1';"
        "INSERT INTO sessions (id, series, title_ar, title_en, speakers, source, access, state,"
        "  starts_us, duration_minutes, epoch_us, live_us, ended_us, demo, created_us) VALUES"
        "  ('s0', 'سلسلة', '', 'Earlier', '[]', NULL, 'open', 'ended', 900, 60, 1, 2, 3, 0, 2),"
        "  ('s2', 'Talks', '', 'Apart', '[]', NULL, 'open', 'cancelled', 800, 60, 1, 2, 3, 0, 1),"
        "  ('s3', '', '', 'Alone', '[]', NULL, 'open', 'ended', 700, 60, 1, 2, 3, 0, 1);",
    [15] = "INSERT INTO entities VALUES ('e1', 'MOEC', 'وزارة', 'Ministry', '[]', 0, 80);"
           "UPDATE people SET entity_id = 'e1' WHERE id = 'p2';",
    [17] = "INSERT INTO mails VALUES (1, 'm1', 'invitation', 'p2', 's1', 'i1', 'a@b.ae', NULL,"
           "  'x@y.ae', 'sent', 1, 0, NULL, NULL, 0, 0, 90, 91);"
           "INSERT INTO mail_links VALUES (CAST(zeroblob(31) || x'07' AS BLOB), 'i1', 'm1');"
           "INSERT INTO people (id, name, role, disabled, created_us) VALUES"
           "  ('p3', 'Away', 'staff', 1, 1), ('p4', 'First', '', 0, 10),"
           "  ('p5', 'Second', 'staff', 0, 11), ('p6', 'Revoked', 'staff', 0, 2);"
           "INSERT INTO invitations VALUES ('i3', 'p3', 'staff', NULL, randomblob(32), 0, 9),"
           "  ('i4', 'p4', 'staff', NULL, randomblob(32), 0, 9),"
           "  ('i5', 'p5', 'staff', NULL, randomblob(32), 0, 9),"
           "  ('i6', 'p6', 'staff', NULL, randomblob(32), 1, 9);",
    [18] = "INSERT INTO files VALUES ('f1', 's1', NULL, NULL, 0, 'Second', 'https://b', NULL, NULL,"
           "  0, 92), ('f2', 's1', NULL, NULL, 0, 'First', 'https://a', NULL, NULL, 0, 91),"
           "  ('f3', 's1', NULL, NULL, 1, '', NULL, 'd', 'image/png', 1, 90);",
};

static int newest(void)
{
    int version = 1;
    while (store_migration(version) != NULL) {
        version++;
    }
    return version - 1;
}

static void exec(sqlite3 *file, const char *sql)
{
    char *said = NULL;
    sqlite3_exec(file, sql, NULL, NULL, &said);
    g_assert_cmpstr(said, ==, NULL);
}

static void make_old(const char *path, int version)
{
    sqlite3 *file;
    g_assert_cmpint(sqlite3_open(path, &file), ==, SQLITE_OK);
    for (int i = 1; i <= version; i++) {
        exec(file, store_migration(i));
        if (i < (int)G_N_ELEMENTS(rows) && rows[i] != NULL) {
            exec(file, rows[i]);
        }
    }
    if (version >= 3 && version < 11) {
        exec(file, "UPDATE sessions SET made = 'abc'"); // its name until 11
    }
    g_autofree char *mark = g_strdup_printf("PRAGMA user_version = %d; PRAGMA application_id = %d",
                                            version, 0x6d616a6c);
    exec(file, version > 0 ? mark : "");
    sqlite3_close(file);
}

/* All statements of the schema. Full ownership. */
static char *schema(const char *path)
{
    sqlite3 *file;
    sqlite3_stmt *statement;
    g_assert_cmpint(sqlite3_open(path, &file), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_prepare_v2(file,
                                       "SELECT group_concat(sql, x'0a') FROM"
                                       " (SELECT sql FROM sqlite_schema ORDER BY type, name)",
                                       -1, &statement, NULL),
                    ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_step(statement), ==, SQLITE_ROW);
    char *text = g_strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(file);
    return text;
}

static void check_session(StoreDb *db, int version, GError **error)
{
    g_autoptr(StoreSession) row = fixture_session(db, "s1", error);
    g_assert_nonnull(row);
    g_assert_cmpstr(row->title_ar, ==, "عنوان");
    g_assert_cmpint(row->state, ==, SESSION_ENDED);
    g_assert_cmpint(row->ended_us, ==, 13);
    g_assert_cmpint(row->live_media_us, ==, 1);
    g_assert_cmpint(row->ended_media_us, ==, 2);
    g_assert_cmpstr(row->agenda, ==, version >= 3 ? "[{}]" : "[]");
    g_assert_cmpstr(row->deleted_why, ==, version >= 3 ? "why" : NULL);
    g_assert_cmpstr(row->inputs_hash, ==, version >= 3 ? "abc" : NULL);
    g_assert_cmpint(row->boot_us, ==, version >= 5 ? -50 : 0);
    g_assert_cmpint(row->show_names, ==, version >= 7);
    g_assert_cmpint(row->revision, ==, version >= 9 ? 5 : 0);
    g_assert_cmpstr(row->hold_why, ==, version >= 10 ? "asked" : NULL);
}

/* Names of series became series; their sessions are numbered by their start. */
static void check_series(StoreDb *db, int version, GError **error)
{
    g_autoptr(GPtrArray) list = store_series_list(db, error);
    g_assert_cmpuint(list->len, ==, version >= 12 ? 2 : 0);
    g_autoptr(StoreSession) row = fixture_session(db, "s1", error);
    g_assert_cmpint(row->number, ==, version >= 12 ? 2 : 0);
    if (version < 12) {
        g_assert_null(row->series);
        return;
    }
    const StoreSeries *talks = list->pdata[0], *named = list->pdata[1]; // by their first session
    g_assert_cmpstr(talks->name_en, ==, "Talks");
    g_assert_cmpstr(named->name_ar, ==, "سلسلة");
    g_assert_cmpstr(row->series, ==, named->id);
    g_autoptr(StoreSession) cancelled = fixture_session(db, "s2", error);
    g_assert_cmpstr(cancelled->series, ==, talks->id);
    g_assert_cmpint(cancelled->number, ==, 0);
    g_autoptr(StoreSession) alone = fixture_session(db, "s3", error);
    g_assert_null(alone->series);
}

typedef struct {
    int count, against;
} Votes;

static void on_vote(void *data, const char *question, const char *person, StoreVote vote)
{
    (void)question, (void)person;
    Votes *votes = data;
    votes->count++;
    votes->against += vote == STORE_VOTE_AGAINST;
}

static void check_questions(StoreDb *db, int version, GError **error)
{
    Votes votes = {0};
    g_autoptr(GPtrArray) list = store_questions_list(db, "s1", error);
    g_autoptr(GPtrArray) acts = store_acts_list(db, "s1", error);
    g_assert_true(store_votes_each(db, "s1", on_vote, &votes, error));
    g_assert_cmpuint(acts->len, ==, version >= 8 ? 1 : 0);
    g_assert_cmpuint(list->len, ==, version >= 2 ? 2 : 0);
    g_assert_cmpint(votes.count, ==, version >= 2 ? 2 : 0);
    g_assert_cmpint(votes.against, ==, version >= 8 ? 1 : 0);
    if (version >= 2) {
        const StoreQuestion *first = list->pdata[0], *second = list->pdata[1];
        g_assert_cmpstr(first->text, ==, "سؤال");
        g_assert_cmpstr(first->name, ==, "Ali");
        g_assert_cmpint(first->named, ==, version >= 7);
        g_assert_cmpint(first->on_air_us, ==, 22);
        g_assert_cmpstr(second->original, ==, "before");
        g_assert_cmpstr(second->merged_into, ==, "q1");
    }
}

/* Who has a link to the server is staff, and the first of them who is not disabled is admin. */
static void check_roles(StoreDb *db, int version, GError **error)
{
    static const char *const roles[][2] = {{"p1", ""},      {"p2", ""},      {"p3", "staff"},
                                           {"p4", "admin"}, {"p5", "staff"}, {"p6", ""}};
    for (size_t i = 0; i < (version >= 17 ? G_N_ELEMENTS(roles) : 2); i++) {
        g_autoptr(StorePerson) row = store_person_get(db, roles[i][0], error);
        g_assert_nonnull(row);
        g_assert_cmpstr(row->role, ==, roles[i][1]);
    }
}

static void check_others(StoreDb *db, int version, GError **error)
{
    StoreClock clock;
    StorePresenterMessage *message = NULL;
    g_autoptr(GPtrArray) people = store_people_list(db, error);
    g_autoptr(GPtrArray) tokens = store_tokens_list(db, 0, error);
    g_autoptr(GPtrArray) invitations = store_invitations_list(db, "s1", error);
    g_autoptr(GPtrArray) chapters = store_chapters_list(db, "s1", error);
    g_assert_true(store_clock_get(db, &clock, error));
    g_assert_true(store_presenter_message_get(db, "s1", &message, error));
    g_assert_cmpuint(people->len, ==, version >= 17 ? 6 : 2);
    g_autoptr(StorePerson) second = store_person_get(db, "p2", error);
    g_assert_cmpstr(second->entity, ==, version >= 15 ? "وزارة" : "Ministry");
    g_assert_cmpstr(second->entity_id, ==, version >= 15 ? "e1" : NULL);
    const StorePeopleFind find = {.words = {"ministry"}, .limit = 9}; // folded at the start
    g_autoptr(GPtrArray) found = store_people_find(db, &find, error);
    g_assert_cmpuint(found->len, ==, 1);
    g_assert_cmpuint(tokens->len, ==, 1);
    g_assert_cmpuint(invitations->len, ==, 1);
    g_assert_cmpuint(chapters->len, ==, version >= 3 ? 1 : 0);
    g_assert_cmpint(clock.seen_us, ==, version >= 4 ? 40 : 0);
    g_assert_cmpstr(message != NULL ? message->text : NULL, ==, version >= 6 ? "Louder" : NULL);
    store_presenter_message_free(message);
}

/* A mail's link opens its invitation. */
static void check_links(StoreDb *db, int version, GError **error)
{
    const uint8_t hash[STORE_HASH_BYTES] = {[STORE_HASH_BYTES - 1] = 7};
    g_autoptr(GError) none = NULL;
    g_autoptr(StoreInvitation) row = store_invitation_by_hash(db, hash, &none);
    g_assert_cmpstr(row != NULL ? row->id : NULL, ==, version >= 17 ? "i1" : NULL);
    g_autoptr(StoreInvitation) first = store_invitation_get(db, "i1", error);
    g_assert_cmpint(first->opened_us, ==, 0);
}

/* Materials stay in the order in which they were added. */
static void check_files(StoreDb *db, int version, GError **error)
{
    g_autoptr(GPtrArray) list = store_files_list(db, error);
    g_autoptr(GString) order = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        const StoreFile *row = list->pdata[i];
        g_string_append(order, row->picture ? "" : row->name);
    }
    g_assert_cmpstr(order->str, ==, version >= 18 ? "FirstSecond" : "");
}

static bool check_job(StoreDb *db, void *data, GError **error)
{
    int version = GPOINTER_TO_INT(data);
    if (version > 0) {
        check_session(db, version, error);
        check_questions(db, version, error);
        check_others(db, version, error);
        check_series(db, version, error);
        check_links(db, version, error);
        check_roles(db, version, error);
        check_files(db, version, error);
    }
    return true;
}

/* `data`: the version. */
static void test_from(gconstpointer data)
{
    int version = GPOINTER_TO_INT(data);
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("majlis-migrate-XXXXXX", &error);
    g_autofree char *old = g_build_filename(folder, "old.db", NULL);
    g_autofree char *fresh = g_build_filename(folder, "fresh.db", NULL);
    g_autofree char *old_url = g_strconcat("sqlite:", old, NULL);
    g_autofree char *fresh_url = g_strconcat("sqlite:", fresh, NULL);
    make_old(old, version);
    Store *store = store_new(old_url, &error);
    g_assert_no_error(error);
    fixture_run(store, check_job, GINT_TO_POINTER(version));
    store_free(store);
    store_free(store_new(fresh_url, &error));
    g_assert_no_error(error);
    g_autofree char *found = schema(old);
    g_autofree char *wanted = schema(fresh);
    g_assert_cmpstr(found, ==, wanted);
    g_assert_cmpint(fixture_look(old, "PRAGMA user_version"), ==, newest());
    g_assert_cmpint(fixture_look(old, "SELECT count(*) FROM pragma_foreign_key_check"), ==, 0);
    g_unlink(old);
    g_unlink(fresh);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void test_released(void)
{
    g_assert_cmpint(newest(), ==, G_N_ELEMENTS(released) - 1);
    for (int version = 1; version <= newest(); version++) {
        g_autofree char *sum =
            g_compute_checksum_for_string(G_CHECKSUM_SHA256, store_migration(version), -1);
        sum[strlen(released[version])] = '\0';
        g_assert_cmpstr(sum, ==, released[version]);
    }
}

void add_migrate_tests(void)
{
    for (int version = 0; version <= newest(); version++) {
        g_autofree char *name = g_strdup_printf("/store/migrate/from-%d", version);
        g_test_add_data_func(name, GINT_TO_POINTER(version), test_from);
    }
    g_test_add_func("/store/migrate/released", test_released);
}

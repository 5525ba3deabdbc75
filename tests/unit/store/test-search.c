// SPDX-License-Identifier: GPL-3.0-or-later
// The index of words: follows every change in its transaction, and finds what may be seen.
#include "fixture.h"
#include "store/db.h"
#include "store/search/search.h"

#include <glib/gstdio.h>
#include <string.h>

static StoreSession session_row(const char *id)
{
    return (StoreSession){
        .id = (char *)id,
        .title_ar = (char *)"إدارة الأزمات",
        .title_en = (char *)"Crisis communication",
        .speakers = (char *)"[{\"name\":{\"ar\":\"مريم الهاشمي\",\"en\":\"Maryam\"},"
                            "\"role\":{\"ar\":\"خبيرة\",\"en\":\"Expert\"}}]",
        .agenda = (char *)"[{\"title\":{\"ar\":\"الافتتاح\",\"en\":\"Opening\"}},"
                          "{\"title\":{\"ar\":\"الأسئلة\",\"en\":\"Questions\"}}]",
        .access = (char *)"invited",
        .state = SESSION_ENDED,
        .starts_us = 1,
        .duration_minutes = 60};
}

static StoreQuestion question_row(const char *id, const char *session, const char *person,
                                  const char *text, const char *state)
{
    return (StoreQuestion){.id = (char *)id,
                           .session = (char *)session,
                           .person = (char *)person,
                           .text = (char *)text,
                           .state = (char *)state,
                           .media_us = -1,
                           .on_air_us = -1,
                           .answered_us = -1};
}

static bool fill_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StorePerson asker = {
        .id = "p1", .name = "سالم النعيمي", .entity = "وزارة الاقتصاد", .role = ""};
    StorePerson other = {.id = "p2", .name = "Huda", .role = ""};
    StoreSession one = session_row("s1"), two = session_row("s2");
    StoreChapter chapter = {.id = (char *)"c1",
                            .session = (char *)"s1",
                            .title_ar = (char *)"كلمة الافتتاح",
                            .title_en = (char *)"",
                            .media_us = 5};
    StoreQuestion questions[] = {
        question_row("q1", "s1", "p1", "كيف نبني التَّواصُل الحكومي؟", "answered"),
        question_row("q2", "s1", "p1", "ما ميزانية التواصل؟", "pending"),
        question_row("q3", "s2", "p2", "والتواصل في الأزمات؟", "approved"),
    };
    bool good = store_person_insert(db, &asker, error) && store_person_insert(db, &other, error) &&
                store_session_insert(db, &one, error) && store_session_insert(db, &two, error) &&
                store_chapter_insert(db, &chapter, error);
    for (size_t i = 0; i < G_N_ELEMENTS(questions) && good; i++) {
        good = store_question_insert(db, &questions[i], error);
    }
    return good;
}

typedef struct {
    StoreSearch search;
    GString *found; // "kind:id " of each
    char *text;     // of the first
    GArray *ranges;
} Look;

static bool look_job(StoreDb *db, void *data, GError **error)
{
    Look *look = data;
    g_autoptr(GPtrArray) hits = store_search(db, &look->search, error);
    if (hits == NULL) {
        return false;
    }
    for (guint i = 0; i < hits->len; i++) {
        const StoreHit *hit = hits->pdata[i];
        g_string_append_printf(look->found, "%s%s:%s", i > 0 ? " " : "", hit->kind, hit->id);
        if (i == 0) {
            look->text = g_strdup(hit->text);
            look->ranges = g_array_ref(hit->ranges);
        }
    }
    return true;
}

static void clear(Look *look)
{
    g_string_free(look->found, TRUE);
    g_free(look->text);
    g_clear_pointer(&look->ranges, g_array_unref);
}

static void look_for(Store *store, Look *look)
{
    look->search.limit = look->search.limit != 0 ? look->search.limit : 100;
    look->search.person = look->search.person != NULL ? look->search.person : "nobody";
    look->found = g_string_new(NULL);
    fixture_run(store, look_job, look);
}

static void expect(Store *store, StoreSearch search, const char *wanted)
{
    Look look = {.search = search};
    look_for(store, &look);
    g_assert_cmpstr(look.found->str, ==, wanted);
    clear(&look);
}

static StoreSearch all(const char *words)
{
    return (StoreSearch){.query = words};
}

/* Both directions: the words of the query and of the text. */
static void test_spellings(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    static const char *const same[] = {"التواصل الحكومي",   "تواصل حكومي",       "التَّوَاصُلُ الحُكومِيّ",
                                       "للتواصل الحكومى",   "بالتواصل والحكومي", "تواصل حكو",
                                       "التــواصل الحكومي؟"};
    for (size_t i = 0; i < G_N_ELEMENTS(same); i++) {
        expect(fixture->store, all(same[i]), "question:q1");
    }
    expect(fixture->store, all("ادارة الازمات"), "session:s2 session:s1");
    expect(fixture->store, all("أزمات في"), "question:q3");
    expect(fixture->store, all("CRISIS comm"), "session:s2 session:s1");
    expect(fixture->store, all("crisis comm nothing"), "");
    expect(fixture->store, all("تواصل سلام"), "");
}

static void test_kinds(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    expect(fixture->store, all("مريم خبيرة"), "session:s2 session:s1");
    expect(fixture->store, (StoreSearch){.query = "افتتاح", .kind = "chapter"}, "chapter:c1");
    expect(fixture->store, (StoreSearch){.query = "افتتاح", .kind = "agenda"},
           "agenda:s2 agenda:s1");
    expect(fixture->store, (StoreSearch){.query = "تواصل", .kind = "session"}, "");
    expect(fixture->store, (StoreSearch){.query = "تواصل", .limit = 1, .offset = 2, .kind = NULL},
           "question:q1");
}

static bool series_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSeries series = {.id = (char *)"e1",
                          .name_ar = (char *)"ستون دقيقة تواصل",
                          .name_en = (char *)"",
                          .description_ar = (char *)"لقاء شهري",
                          .description_en = (char *)"",
                          .access = (char *)"open",
                          .colour = (char *)""};
    StoreSpeaker speaker = {.id = (char *)"k1",
                            .name_ar = (char *)"نورة",
                            .name_en = (char *)"",
                            .title_ar = (char *)"خبيرة تواصل",
                            .title_en = (char *)"",
                            .organisation_ar = (char *)"",
                            .organisation_en = (char *)"",
                            .biography_ar = (char *)"",
                            .biography_en = (char *)""};
    StoreSession tagged = session_row("s3");
    tagged.tags = (char *)"[\"إعلام\"]";
    return store_series_insert(db, &series, error) && store_speaker_insert(db, &speaker, error) &&
           store_session_insert(db, &tagged, error);
}

static bool series_gone_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_series_delete(db, "e1", error) && store_speaker_delete(db, "k1", error);
}

static void test_series(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Store *store = fixture->store;
    fixture_run(store, series_job, NULL);
    expect(store, all("تواصل"), "series:e1 speaker:k1");
    expect(store, (StoreSearch){.query = "تواصل", .kind = "speaker"}, "speaker:k1");
    expect(store, (StoreSearch){.query = "تواصل", .sees = "{\"k1\":1}"}, "speaker:k1");
    expect(store, (StoreSearch){.query = "تواصل", .sees = "{\"s3\":3}"}, "");
    expect(store, all("الاعلام"), "session:s3"); // its topic
    fixture_run(store, series_gone_job, NULL);
    expect(store, all("تواصل"), "");
}

static void test_rights(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    static const struct {
        const char *sees, *person, *found;
    } cases[] = {
        {"{}", "p1", ""},
        {"{\"s1\":1}", "p2", ""},
        {"{\"s1\":2}", "p2", "question:q1"},
        {"{\"s1\":2}", "p1", "question:q2 question:q1"},
        {"{\"s1\":3}", "p2", "question:q2 question:q1"},
        {"{\"s2\":2}", "p1", "question:q3"},
        {"{\"s2\":1}", "p1", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        expect(fixture->store,
               (StoreSearch){.query = "تواصل", .sees = cases[i].sees, .person = cases[i].person},
               cases[i].found);
    }
    expect(fixture->store, all("سالم"), "");
    expect(fixture->store, (StoreSearch){.query = "سالم الاقتصاد", .askers = true},
           "question:q2 question:q1");
}

static void test_ranges(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    Look look = {.search = {.query = "حكومي تواصل"}};
    look_for(fixture->store, &look);
    g_assert_cmpstr(look.text, ==, "كيف نبني التَّواصُل الحكومي؟");
    g_assert_cmpuint(look.ranges->len, ==, 2);
    const StoreRange *first = &g_array_index(look.ranges, StoreRange, 0);
    g_assert_cmpuint(first->from, ==, 9);
    g_assert_cmpuint(first->to, ==, 19);
    clear(&look);
    Look english = {.search = {.query = "maryam"}};
    look_for(fixture->store, &english);
    g_assert_cmpstr(english.text, ==, "Maryam, Expert");
    clear(&english);
}

/* FTS5's syntax, and nothing at all. */
static void test_syntax(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    static const char *const odd[] = {"\"",   "*",      "(",       ")",    "NEAR(",  "AND",
                                      "-",    "OR OR",  "a NOT b", "^x",   "{title", "title : x",
                                      "\xff", "\"\"\"", "؟،؛",     "' --", "%00",    ""};
    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        expect(fixture->store, all(odd[i]), "");
    }
    expect(fixture->store, all("\"تواصل\" (حكومي*)"), "question:q1");
}

static bool change_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreSession one = session_row("s1");
    one.title_ar = (char *)"عنوان جديد";
    one.agenda = (char *)"[]";
    StoreChapter chapter = {.id = (char *)"c1",
                            .session = (char *)"s1",
                            .title_ar = (char *)"الختام",
                            .title_en = (char *)""};
    StoreQuestion question = question_row("q2", "s1", "p1", "ما ميزانية الإعلام؟", "approved");
    StorePerson asker = {.id = "p1", .name = "راشد", .role = ""};
    return store_session_update(db, &one, error) && store_chapter_update(db, &chapter, error) &&
           store_question_update(db, &question, error) && store_person_update(db, &asker, error);
}

static bool fail_job(StoreDb *db, void *data, GError **error)
{
    change_job(db, data, error);
    g_set_error(error, BASE_ERROR, BASE_ERROR_FAILED, "on purpose");
    return false;
}

static bool delete_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    return store_chapter_delete(db, "c1", error) && store_session_delete(db, "s1", error);
}

static int64_t count(Fixture *fixture, const char *sql)
{
    return fixture_look(fixture->file, sql);
}

static void test_changes(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Store *store = fixture->store;
    fixture_run(store, fill_job, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(store_run(store, fail_job, NULL, &error));
    expect(store, all("ميزانية التواصل"), "question:q2");
    fixture_run(store, change_job, NULL);
    expect(store, all("ميزانية التواصل"), "");
    expect(store, (StoreSearch){.query = "ميزانية الإعلام", .sees = "{\"s1\":2}"}, "question:q2");
    expect(store, all("أزمات إدارة"), "session:s2");
    expect(store, all("عنوان جديد"), "session:s1");
    expect(store, all("افتتاح"), "agenda:s2");
    expect(store, all("ختام"), "chapter:c1");
    expect(store, (StoreSearch){.query = "سالم", .askers = true}, "");
    expect(store, (StoreSearch){.query = "راشد", .askers = true}, "question:q2 question:q1");
    fixture_run(store, delete_job, NULL);
    expect(store, all("تواصل"), "question:q3");
    expect(store, all("ختام"), "");
    g_assert_cmpint(count(fixture, "SELECT count(*) FROM search_stale"), ==, 0);
    g_assert_cmpint(count(fixture, "SELECT count(*) FROM search_rows WHERE session = 's1'"), ==, 0);
    g_assert_cmpint(count(fixture, "SELECT count(*) FROM search_words"), ==,
                    count(fixture, "SELECT count(*) FROM search_rows"));
}

static bool nothing_job(StoreDb *db, void *data, GError **error)
{
    StoreClock clock = {.seen_us = 1};
    (void)data;
    return store_clock_put(db, &clock, error);
}

/* Another program, as sqlite3, knows no folding. The next change or start takes it up. */
static void test_elsewhere(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    count(fixture, "UPDATE questions SET text = 'الميزانية' WHERE id = 'q1'");
    fixture_run(fixture->store, nothing_job, NULL);
    expect(fixture->store, all("ميزانيه"), "question:q1 question:q2");
    count(fixture, "DELETE FROM questions WHERE id = 'q2'");
    fixture_reopen(fixture);
    expect(fixture->store, all("ميزانيه"), "question:q1");
    g_assert_cmpint(count(fixture, "SELECT count(*) FROM search_stale"), ==, 0);
    count(fixture, "INSERT INTO search_words (search_words) VALUES ('integrity-check')");
    g_autofree char *copy = g_build_filename(fixture->folder, "copy.db", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(store_backup(fixture->url, copy, &error));
    g_assert_cmpint(fixture_look(copy, "SELECT count(*) FROM search_words('ميزانيه')"), ==, 1);
    g_unlink(copy);
}

/* --- Beside the store thread ------------------------------------------------------------------ */

typedef struct {
    GMainLoop *loop;
    Look look;
    int left;
    unsigned refused;
} Reads;

static void on_read(void *data, const GError *error)
{
    Reads *reads = data;
    reads->refused += g_error_matches(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
    if (--reads->left == 0) {
        g_main_loop_quit(reads->loop);
    }
}

static bool read_job(StoreDb *db, void *data, GError **error)
{
    Reads *reads = data;
    return look_job(db, &reads->look, error);
}

static bool write_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    g_assert_false(store_clock_put(db, &(StoreClock){.seen_us = 1}, error));
    return false;
}

static void test_reader(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture_run(fixture->store, fill_job, NULL);
    Reads reads = {.loop = g_main_loop_new(NULL, FALSE), .left = 2};
    reads.look.search = (StoreSearch){.query = "تواصل", .person = "p1", .limit = 9};
    reads.look.found = g_string_new(NULL);
    store_submit_read(fixture->store, read_job, on_read, &reads);
    store_submit_read(fixture->store, write_job, on_read, &reads);
    g_main_loop_run(reads.loop);
    g_assert_cmpstr(reads.look.found->str, ==, "question:q3 question:q2 question:q1");
    clear(&reads.look);
    g_main_loop_unref(reads.loop);
}

static bool endless_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StoreQuery query =
        store_query(db, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                        "SELECT count(*) FROM n");
    return store_query_run(&query, NULL, error);
}

static void test_limit(Fixture *fixture, gconstpointer data)
{
    (void)data;
    Reads reads = {.loop = g_main_loop_new(NULL, FALSE), .left = 2 * STORE_READ_QUEUE_MAX};
    for (int i = 0; i < 2 * STORE_READ_QUEUE_MAX; i++) {
        store_submit_read(fixture->store, endless_job, on_read, &reads);
    }
    int64_t begun_us = g_get_monotonic_time();
    g_main_loop_run(reads.loop);
    g_assert_cmpuint(reads.refused, ==, 2 * STORE_READ_QUEUE_MAX);
    g_assert_cmpint(g_get_monotonic_time() - begun_us, <, 5 * STORE_READ_LIMIT_US);
    g_main_loop_unref(reads.loop);
}

void add_search_tests(void)
{
    FIXTURE_ADD("search/spellings", test_spellings);
    FIXTURE_ADD("search/kinds", test_kinds);
    FIXTURE_ADD("search/series", test_series);
    FIXTURE_ADD("search/rights", test_rights);
    FIXTURE_ADD("search/ranges", test_ranges);
    FIXTURE_ADD("search/syntax", test_syntax);
    FIXTURE_ADD("search/changes", test_changes);
    FIXTURE_ADD("search/elsewhere", test_elsewhere);
    FIXTURE_ADD("search/reader", test_reader);
    FIXTURE_ADD("search/limit", test_limit);
}

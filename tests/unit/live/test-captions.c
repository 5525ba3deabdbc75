// SPDX-License-Identifier: GPL-3.0-or-later
// Which caption a session shows, with a real store and no programme: refused, kept over a restart, gone
// with its question and with the session.
#include "base/clock.h"
#include "live/live.h"
#include "live/private.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    char *folder;
    Store *store;
    Live *live;
    unsigned changes;
} Fixture;

static void on_changed(void *data, const char *session)
{
    g_assert_cmpstr(session, ==, "talk");
    ((Fixture *)data)->changes++;
}

static void on_media(void *data, const char *session)
{
    (void)data, (void)session;
}

static void run(Fixture *fixture, StoreJob job, void *data)
{
    g_autoptr(GError) error = NULL;
    store_run(fixture->store, job, data, &error);
    g_assert_no_error(error);
}

static void start(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *url = g_strdup_printf("sqlite:%s/majlis.db", fixture->folder);
    fixture->store = store_new(url, &error);
    g_assert_no_error(error);
    LiveConfig config = {.archive_directory = fixture->folder,
                         .binary = "/nowhere",
                         .pipelines = "/nowhere",
                         .encoder = "software",
                         .source = "test"};
    LiveEvents events = {.changed = on_changed, .media = on_media, .data = fixture};
    fixture->live = live_new(&config, fixture->store, NULL, &events, &error);
    g_assert_no_error(error);
}

static void stop(Fixture *fixture)
{
    g_assert_true(live_free(g_steal_pointer(&fixture->live)));
    store_free(g_steal_pointer(&fixture->store));
}

static bool fill_job(StoreDb *db, void *data, GError **error)
{
    (void)data;
    StorePerson person = {
        .id = (char *)"p1", .name = (char *)"Noura", .role = (char *)"", .created_us = 1};
    StoreSession row = {
        .id = (char *)"talk",
        .title_ar = (char *)"",
        .title_en = (char *)"Talk",
        .speakers = (char *)"[{\"name\":{\"ar\":\"مريم\",\"en\":\"Mariam\"},\"role\":{\"ar\":\"\","
                            "\"en\":\"Expert\"}},{\"name\":{\"ar\":\"علي\",\"en\":\"Ali\"}}]",
        .access = (char *)"open",
        .starts_us = base_wall_us() + 3600 * BASE_US_PER_S,
        .duration_minutes = 60,
        .created_us = 1};
    return store_person_insert(db, &person, error) && store_session_insert(db, &row, error);
}

static bool ask_job(StoreDb *db, void *data, GError **error)
{
    StoreQuestion row = {.id = data,
                         .session = (char *)"talk",
                         .person = (char *)"p1",
                         .text = (char *)"Why?",
                         .state = (char *)"approved",
                         .at_us = 5,
                         .media_us = -1,
                         .on_air_us = -1,
                         .answered_us = -1};
    return store_question_insert(db, &row, error);
}

typedef struct {
    const char *id, *state;
} Move;

static bool move_job(StoreDb *db, void *data, GError **error)
{
    const Move *move = data;
    g_autoptr(StoreQuestion) row = store_question_get(db, move->id, error);
    g_free(row->state);
    row->state = g_strdup(move->state);
    return store_question_update(db, row, error);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture->folder = g_dir_make_tmp("majlis-caption-XXXXXX", NULL);
    start(fixture);
    run(fixture, fill_job, NULL);
    run(fixture, ask_job, (void *)"q1");
    run(fixture, ask_job, (void *)"q2");
    stop(fixture);
    start(fixture);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    stop(fixture);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", fixture->folder);
    g_assert_cmpint(system(command), ==, 0);
    g_free(fixture->folder);
}

static void on_done(void *data, const GError *error)
{
    *(int *)data = error != NULL ? (int)base_error_code(error) : BASE_CODE_NONE;
}

static int set(Fixture *fixture, LiveCaption caption)
{
    int code = -1;
    live_set_caption(fixture->live, "talk", &caption, on_done, &code);
    while (code < 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    return code;
}

static int show_speaker(Fixture *fixture, unsigned place)
{
    return set(fixture, (LiveCaption){.show = LIVE_CAPTION_SPEAKER, .speaker = place});
}

static int show_question(Fixture *fixture, const char *id)
{
    return set(fixture, (LiveCaption){.show = LIVE_CAPTION_QUESTION, .question = id});
}

static void assert_shown(Fixture *fixture, const char *wanted)
{
    json_t *json = live_caption(fixture->live, "talk");
    g_autofree char *text = base_json_text(json);
    json_decref(json);
    g_assert_cmpstr(text, ==, wanted);
}

#define NONE "{\"show\":\"none\",\"speaker\":null,\"question\":null}"
#define SECOND "{\"show\":\"speaker\",\"speaker\":1,\"question\":null}"
#define FIRST_ASKED "{\"show\":\"question\",\"speaker\":null,\"question\":\"q1\"}"

static void move(Fixture *fixture, const char *id, const char *state)
{
    run(fixture, move_job, &(Move){id, state});
    live_on_air(fixture->live, "talk");
    run(fixture, move_job, &(Move){id, state}); // behind what that submitted
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void test_speakers(Fixture *fixture, gconstpointer data)
{
    (void)data;
    assert_shown(fixture, NONE);
    g_assert_cmpint(show_speaker(fixture, 2), ==, BASE_CODE_NO_SPEAKER);
    assert_shown(fixture, NONE);
    g_assert_cmpuint(fixture->changes, ==, 0);
    g_assert_cmpint(show_speaker(fixture, 1), ==, BASE_CODE_NONE);
    assert_shown(fixture, SECOND);
    g_assert_cmpuint(fixture->changes, ==, 1);
    g_assert_cmpint(show_question(fixture, "q1"), ==, BASE_CODE_QUESTION_NOT_ON_AIR);
    assert_shown(fixture, SECOND); // a refusal changes nothing
    stop(fixture);
    start(fixture);
    assert_shown(fixture, SECOND);
    g_assert_cmpint(set(fixture, (LiveCaption){.show = LIVE_CAPTION_NONE}), ==, BASE_CODE_NONE);
    assert_shown(fixture, NONE);
    stop(fixture);
    start(fixture);
    assert_shown(fixture, NONE);
}

/* It goes when it leaves the air, and does not come back by itself. */
static void test_question(Fixture *fixture, gconstpointer data)
{
    (void)data;
    move(fixture, "q1", "on_air");
    assert_shown(fixture, NONE);
    g_assert_cmpint(show_question(fixture, "q2"), ==, BASE_CODE_QUESTION_NOT_ON_AIR);
    g_assert_cmpint(show_question(fixture, "q1"), ==, BASE_CODE_NONE);
    assert_shown(fixture, FIRST_ASKED);
    stop(fixture);
    start(fixture);
    move(fixture, "q1", "on_air");
    assert_shown(fixture, FIRST_ASKED); // the same one, edited
    move(fixture, "q1", "answered");
    assert_shown(fixture, NONE);
    move(fixture, "q1", "on_air");
    assert_shown(fixture, NONE);
    g_assert_cmpint(show_question(fixture, "q1"), ==, BASE_CODE_NONE);
    move(fixture, "q1", "answered");
    move(fixture, "q2", "on_air");
    assert_shown(fixture, NONE);
}

static void on_saved(void *data, const GError *error)
{
    g_assert_no_error(error);
    *(bool *)data = true;
}

static void save(Fixture *fixture, StoreSession *row)
{
    bool saved = false;
    live_save(fixture->live, row, on_saved, &saved);
    while (!saved) {
        g_main_context_iteration(NULL, TRUE);
    }
    int code = set(fixture, (LiveCaption){.show = LIVE_CAPTION_SPEAKER, .speaker = 9});
    g_assert_cmpint(code, !=, BASE_CODE_NONE); // and all before it is done
}

/* A list that became shorter takes the strap along; so does the end. */
static void test_rows(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_assert_cmpint(show_speaker(fixture, 1), ==, BASE_CODE_NONE);
    StoreSession *row = store_session_copy(live_session(fixture->live, "talk"));
    g_free(row->speakers);
    row->speakers = g_strdup("[{\"name\":{\"ar\":\"مريم\",\"en\":\"\"}}]");
    save(fixture, row);
    assert_shown(fixture, NONE);
    g_assert_cmpint(show_speaker(fixture, 0), ==, BASE_CODE_NONE);
    live_set_state(fixture->live, "talk", SESSION_CANCELLED, NULL, NULL);
    while (live_session(fixture->live, "talk")->state != SESSION_CANCELLED) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(show_speaker(fixture, 0), ==, BASE_CODE_CAPTIONS_OVER);
    g_assert_cmpint(set(fixture, (LiveCaption){.show = LIVE_CAPTION_NONE}), ==, BASE_CODE_NONE);
    assert_shown(fixture, NONE);
    stop(fixture);
    start(fixture);
    assert_shown(fixture, NONE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/live/captions/speakers", Fixture, NULL, set_up, test_speakers, tear_down);
    g_test_add("/live/captions/question", Fixture, NULL, set_up, test_question, tear_down);
    g_test_add("/live/captions/rows", Fixture, NULL, set_up, test_rows, tear_down);
    return g_test_run();
}

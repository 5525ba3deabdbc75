// SPDX-License-Identifier: GPL-3.0-or-later
// The module with real recordings and a real store, and no programme: what a start makes of them,
// what retention takes, and a stop at any moment.
#include "clip.h"

#include "base/clock.h"
#include "live/live.h"
#include "live/private.h"

#include <glib/gstdio.h>
#include <libavutil/log.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WAIT_US (30 * BASE_US_PER_S)
#define DAY_US (24 * INT64_C(3600) * BASE_US_PER_S)

typedef struct {
    char *folder, *recordings;
    char *second; // nullable
    int64_t minimum_free;
    Store *store;
    Live *live;
    unsigned changes;
} Fixture;

static Clip *clip;

static void on_changed(void *data, const char *session)
{
    (void)session;
    ((Fixture *)data)->changes++;
}

static void on_media(void *data, const char *session)
{
    (void)data;
    (void)session;
}

static void run(Fixture *fixture, StoreJob job, void *data)
{
    g_autoptr(GError) error = NULL;
    store_run(fixture->store, job, data, &error);
    g_assert_no_error(error);
}

static bool insert_job(StoreDb *db, void *data, GError **error)
{
    return store_session_insert(db, data, error);
}

static bool clock_job(StoreDb *db, void *data, GError **error)
{
    return store_clock_put(db, data, error);
}

static bool clock_read_job(StoreDb *db, void *data, GError **error)
{
    return store_clock_get(db, data, error);
}

static void open_store(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *url = g_strdup_printf("sqlite:%s/majlis.db", fixture->folder);
    fixture->store = store_new(url, &error);
    g_assert_no_error(error);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture->folder = g_dir_make_tmp("majlis-live-XXXXXX", NULL);
    fixture->recordings = g_build_filename(fixture->folder, "recordings", NULL);
    open_store(fixture);
}

static void start(Fixture *fixture, int keep_days)
{
    g_autoptr(GError) error = NULL;
    LiveConfig config = {.archive_directory = fixture->recordings,
                         .archive_second_directory = fixture->second,
                         .archive_minimum_free = fixture->minimum_free,
                         .keep_days = keep_days,
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
    if (fixture->live != NULL) {
        g_assert_true(live_free(g_steal_pointer(&fixture->live)));
    }
    store_free(g_steal_pointer(&fixture->store));
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    stop(fixture);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", fixture->folder);
    g_assert_cmpint(system(command), ==, 0);
    g_free(fixture->recordings);
    g_free(fixture->second);
    g_free(fixture->folder);
}

static void push(void *data, MediaPart *part)
{
    while (!archive_writer_push(data, part)) {
        g_usleep(1000);
    }
}

static void add_session(Fixture *fixture, const char *id, const char *state, int64_t ended_us)
{
    StoreSession row = {.id = (char *)id,
                        .title_ar = (char *)"",
                        .title_en = (char *)"Talk",
                        .speakers = (char *)"[]",
                        .access = (char *)"open",
                        .starts_us = ended_us - 3600 * BASE_US_PER_S,
                        .duration_minutes = 60,
                        .epoch_us = ended_us - 3600 * BASE_US_PER_S,
                        .ended_us = ended_us,
                        .created_us = 1};
    g_assert_true(store_state_parse(state, &row.state));
    run(fixture, insert_job, &row);
    g_autoptr(GError) error = NULL;
    ArchiveWriterConfig config = {.place =
                                      &(ArchivePlace){.directory = fixture->recordings, .id = id},
                                  .epoch_wall_us = row.epoch_us};
    ArchiveWriter *writer = archive_writer_new(&config, NULL, &error);
    g_assert_no_error(error);
    ClipRun all = {.run = 1, .end_us = 8 * BASE_US_PER_S, .open = strcmp(state, "ended") == 0};
    clip_segment(clip, &all, push, writer);
    archive_writer_free(writer);
}

static bool is_whole(Fixture *fixture, const char *id)
{
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        if (!publish_step_done(fixture->recordings, id, (PublishStep)step)) {
            return false;
        }
    }
    return true;
}

static bool is_trace(Fixture *fixture, const char *id)
{
    g_autofree char *trace = g_build_filename(fixture->recordings, id, "deleted.json", NULL);
    g_autofree char *journal = g_build_filename(fixture->recordings, id, "journal", NULL);
    return g_file_test(trace, G_FILE_TEST_EXISTS) && !g_file_test(journal, G_FILE_TEST_EXISTS);
}

static void wait_until(Fixture *fixture, bool (*is)(Fixture *fixture, const char *id),
                       const char *id)
{
    int64_t end_us = base_clock_us() + WAIT_US;
    while (!is(fixture, id)) {
        g_assert_cmpint(base_clock_us(), <, end_us);
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
}

/* The main loop for so long. */
static void run_for(int64_t us)
{
    int64_t end_us = base_clock_us() + us;
    while (base_clock_us() < end_us) {
        g_main_context_iteration(NULL, FALSE);
        g_usleep(1000);
    }
}

static GLogLevelFlags allow_warnings(void)
{
    return g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
}

/* --- Retention -------------------------------------------------------------------------------- */

static void see_clock(Fixture *fixture, int64_t seen_us)
{
    StoreClock clock = {.seen_us = seen_us};
    run(fixture, clock_job, &clock);
}

static void test_expires(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int64_t now_us = base_wall_us();
    add_session(fixture, "old", "ended", now_us - 31 * DAY_US);
    add_session(fixture, "new", "ended", now_us - 29 * DAY_US);
    see_clock(fixture, now_us - DAY_US / 2);
    start(fixture, 30);
    wait_until(fixture, is_trace, "old");
    wait_until(fixture, is_whole, "new");
    StoreClock clock;
    run(fixture, clock_read_job, &clock);
    g_assert_cmpint(clock.seen_us, >=, now_us);
    g_assert_cmpint(clock.doubted_until_us, ==, 0);
}

static atomic_bool held;
static atomic_uint waiting;

/* In place of libc's, by which the archive deletes: a slow disk. */
int unlinkat(int fd, const char *name, int flags)
{
    atomic_fetch_add(&waiting, 1);
    while (atomic_load(&held)) {
        g_usleep(1000);
    }
    atomic_fetch_sub(&waiting, 1);
    return (int)syscall(SYS_unlinkat, fd, name, flags);
}

static void set_true(void *data)
{
    atomic_store((atomic_bool *)data, true);
}

/* Deletions by age on a slow disk: what somebody waits for is not behind them. */
static void test_expires_slowly(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char *const ids[] = {"one", "two", "three"};
    int64_t now_us = base_wall_us();
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        add_session(fixture, ids[i], "ended", now_us - 31 * DAY_US);
    }
    see_clock(fixture, now_us - DAY_US / 2);
    atomic_store(&held, true);
    start(fixture, 30);
    int64_t end_us = base_clock_us() + WAIT_US;
    while (atomic_load(&waiting) < 2) {
        g_assert_cmpint(base_clock_us(), <, end_us);
        g_main_context_iteration(NULL, FALSE);
    }
    atomic_bool done = false;
    recording_workers_run(fixture->live->workers, set_true, &done);
    while (!atomic_load(&done)) {
        g_assert_cmpint(base_clock_us(), <, end_us);
        g_usleep(1000);
    }
    atomic_store(&held, false);
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        wait_until(fixture, is_trace, ids[i]);
    }
}

/* A clock that is years ahead takes nothing; what seems old is looked after as ever. */
static void test_clock_leaps(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int64_t now_us = base_wall_us();
    add_session(fixture, "old", "ended", now_us - 3650 * DAY_US);
    see_clock(fixture, now_us - 3649 * DAY_US);
    for (int i = 0; i < 2; i++) { // a second start is not fooled either
        if (i == 0) {
            g_test_expect_message(NULL, G_LOG_LEVEL_WARNING,
                                  "*no recording is deleted for its age*");
        }
        start(fixture, 30);
        g_test_assert_expected_messages(); // said once
        wait_until(fixture, is_whole, "old");
        run_for(1200 * BASE_US_PER_MS); // past the first sweep
        g_assert_false(is_trace(fixture, "old"));
        g_assert_cmpint(live_session(fixture->live, "old")->deleted_us, ==, 0);
        stop(fixture);
        open_store(fixture);
    }
}

/* --- Stop ------------------------------------------------------------------------------------- */

static void on_done(void *data, const GError *error)
{
    (void)error;
    ++*(unsigned *)data;
}

/* Answers of workers and of the store come while the module is taken apart. */
static void test_stop_amid(Fixture *fixture, gconstpointer data)
{
    (void)data;
    static const char *const ids[] = {"trim", "deletion", "looked"};
    unsigned done = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        add_session(fixture, ids[i], "ended", base_wall_us());
    }
    start(fixture, 0);
    wait_until(fixture, is_whole, "trim");
    wait_until(fixture, is_whole, "deletion");
    run_for(500 * BASE_US_PER_MS); // so that it is told as well
    SessionRecording want = {.in_us = 2 * BASE_US_PER_S, .out_us = INT64_MAX};
    live_change_recording(fixture->live, "trim", &want, NULL, NULL, on_done, &done);
    live_delete_recording(fixture->live, "deletion", "p1", "test", on_done, &done);
    live_retry_recording(fixture->live, "looked", on_done, &done);
    stop(fixture);
    g_assert_cmpuint(done, >=, 1);

    open_store(fixture); // and the next start goes on with all of it
    start(fixture, 0);
    wait_until(fixture, is_whole, "trim");
    wait_until(fixture, is_trace, "deletion");
    ArchiveState state;
    g_assert_true(archive_read_state(fixture->recordings, "trim", &state, NULL));
    g_assert_cmpint(state.in_us, ==, want.in_us);
}

/* --- Deletion --------------------------------------------------------------------------------- */

/* What was recorded in the lobby of a session that never was goes with it. */
static void test_delete_session(Fixture *fixture, gconstpointer data)
{
    (void)data;
    unsigned done = 0;
    add_session(fixture, "lobby", "cancelled", base_wall_us());
    start(fixture, 0);
    live_delete(fixture->live, "lobby", on_done, &done);
    while (done == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_null(live_session(fixture->live, "lobby"));
    g_assert_true(is_trace(fixture, "lobby"));
}

/* As the tick does with a demo whose time is over in the lobby: nobody waits for the answer. */
static void test_refused_unheard(Fixture *fixture, gconstpointer data)
{
    (void)data;
    add_session(fixture, "lobby", "cancelled", base_wall_us());
    start(fixture, 0);
    live_set_state(fixture->live, "lobby", SESSION_ENDED, NULL, NULL);
    g_assert_cmpint(live_session(fixture->live, "lobby")->state, ==, SESSION_CANCELLED);
}

static void on_code(void *data, const GError *error)
{
    *(int *)data = error != NULL ? error->code : -1;
}

/* What was recorded in an earlier lobby is being deleted: the session cannot open meanwhile. */
static void test_open_while_deleted(Fixture *fixture, gconstpointer data)
{
    (void)data;
    unsigned done = 0;
    int code = 0;
    add_session(fixture, "lobby", "scheduled", base_wall_us());
    start(fixture, 0);
    live_delete(fixture->live, "lobby", on_done, &done);
    live_set_state(fixture->live, "lobby", SESSION_LOBBY, on_code, &code);
    g_assert_cmpint(code, ==, BASE_ERROR_CONFLICT);
    while (done == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_null(live_session(fixture->live, "lobby"));
}

static char *mirror_of(Fixture *fixture, const char *name)
{
    return g_build_filename(fixture->folder, name, NULL);
}

static bool is_mirror_trace(Fixture *fixture, const char *id)
{
    g_autofree char *trace = g_build_filename(fixture->second, id, "deleted.json", NULL);
    g_autofree char *journal = g_build_filename(fixture->second, id, "journal", NULL);
    return g_file_test(trace, G_FILE_TEST_EXISTS) && !g_file_test(journal, G_FILE_TEST_EXISTS);
}

static bool is_mirror_cut(Fixture *fixture, const char *id)
{
    ArchiveState state;
    return archive_read_state(fixture->second, id, &state, NULL) &&
           state.in_us == 2 * BASE_US_PER_S;
}

/* A deletion and a trim while the mirror's disk is not mounted: it follows when it is back. */
static void test_mirror_away(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int gone = 0, cut = 0;
    struct stat own, root;
    if (stat(fixture->folder, &own) != 0 || stat("/", &root) != 0 || own.st_dev != root.st_dev) {
        return; // a disk of its own is mounted
    }
    fixture->second = mirror_of(fixture, "second");
    g_autofree char *away = mirror_of(fixture, "away");
    add_session(fixture, "gone", "ended", base_wall_us());
    add_session(fixture, "cut", "ended", base_wall_us());
    g_autofree char *command = g_strdup_printf("cp -a %s %s", fixture->recordings, away);
    g_assert_cmpint(system(command), ==, 0);
    g_assert_cmpint(g_mkdir(fixture->second, 0755), ==, 0);
    GLogLevelFlags fatal = allow_warnings();
    start(fixture, 0);
    wait_until(fixture, is_whole, "gone");
    wait_until(fixture, is_whole, "cut");
    run_for(500 * BASE_US_PER_MS); // so that it is told as well
    SessionRecording want = {.in_us = 2 * BASE_US_PER_S, .out_us = INT64_MAX};
    live_change_recording(fixture->live, "cut", &want, NULL, NULL, on_code, &cut);
    live_delete_recording(fixture->live, "gone", "p1", "test", on_code, &gone);
    while (gone == 0 || cut == 0) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(gone, ==, BASE_ERROR_UNAVAILABLE); // staff are told
    g_assert_cmpint(cut, ==, -1);
    wait_until(fixture, is_trace, "gone");
    wait_until(fixture, is_whole, "cut");
    run_for(500 * BASE_US_PER_MS);

    g_assert_cmpint(g_rmdir(fixture->second), ==, 0);
    g_assert_cmpint(g_rename(away, fixture->second), ==, 0);
    fixture->live->swept_us = 0; // an hour later
    wait_until(fixture, is_mirror_trace, "gone");
    wait_until(fixture, is_mirror_cut, "cut");
    g_log_set_always_fatal(fatal);
}

/* --- Changes ---------------------------------------------------------------------------------- */

/* The source opens the session while an edit is on its way to the store: both are kept. */
static void test_mark_amid_edit(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int code = 0;
    add_session(fixture, "talk", "scheduled", base_wall_us());
    start(fixture, 0);
    LiveSession *session = live_find(fixture->live, "talk");
    StoreSession *row = store_session_copy(session->row);
    row->state = SESSION_LOBBY; // as if its programme were on
    live_set_row(session, row);
    StoreSession *edited = store_session_copy(row);
    g_free(edited->title_en);
    edited->title_en = g_strdup("Another");
    live_save(fixture->live, edited, on_code, &code);
    live_on_marked(session, MEDIA_MARK_OPEN, 0);
    while (code == 0 || live_busy(session)) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(code, ==, -1);
    g_assert_cmpint(session->row->state, ==, SESSION_LIVE);
    g_assert_cmpstr(session->row->title_en, ==, "Another");
}

/* --- Files made anew -------------------------------------------------------------------------- */

static const RecordingStep *chapters_step(Fixture *fixture)
{
    return &live_find(fixture->live, "talk")->recording.steps[PUBLISH_STEP_CHAPTERS];
}

/* A title is corrected where there is no room for an MP4 with the new one: the old one stays. */
static void test_title_without_room(Fixture *fixture, gconstpointer data)
{
    (void)data;
    int code = 0;
    add_session(fixture, "talk", "ended", base_wall_us());
    start(fixture, 0);
    wait_until(fixture, is_whole, "talk");
    run_for(500 * BASE_US_PER_MS); // so that it is told as well
    stop(fixture);

    fixture->minimum_free = INT64_MAX / 2;
    open_store(fixture);
    start(fixture, 0);
    StoreSession *edited = store_session_copy(live_session(fixture->live, "talk"));
    g_free(edited->title_en);
    edited->title_en = g_strdup("Corrected");
    while (live_busy(live_find(fixture->live, "talk"))) {
        g_main_context_iteration(NULL, TRUE);
    }
    GLogLevelFlags fatal = allow_warnings();
    live_save(fixture->live, edited, on_code, &code);
    while (chapters_step(fixture)->state != RECORDING_STEP_FAILED) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpint(chapters_step(fixture)->code, ==, BASE_CODE_STEP_FULL);
    g_assert_true(is_whole(fixture, "talk"));
    const RecordingStep *steps = live_find(fixture->live, "talk")->recording.steps;
    g_assert_cmpint(steps[PUBLISH_STEP_MP4].state, ==, RECORDING_STEP_READY);
    g_log_set_always_fatal(fatal);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    av_log_set_level(AV_LOG_ERROR);
    g_autofree char *folder = g_dir_make_tmp("majlis-clip-XXXXXX", NULL);
    clip = clip_new(folder, "320x180");
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
    g_assert_cmpint(system(command), ==, 0);
    g_test_add("/live/retention/expires", Fixture, NULL, set_up, test_expires, tear_down);
    g_test_add("/live/retention/expires-slowly", Fixture, NULL, set_up, test_expires_slowly,
               tear_down);
    g_test_add("/live/retention/clock-leaps", Fixture, NULL, set_up, test_clock_leaps, tear_down);
    g_test_add("/live/stop-amid", Fixture, NULL, set_up, test_stop_amid, tear_down);
    g_test_add("/live/delete-session", Fixture, NULL, set_up, test_delete_session, tear_down);
    g_test_add("/live/mirror-away", Fixture, NULL, set_up, test_mirror_away, tear_down);
    g_test_add("/live/refused-unheard", Fixture, NULL, set_up, test_refused_unheard, tear_down);
    g_test_add("/live/open-while-deleted", Fixture, NULL, set_up, test_open_while_deleted,
               tear_down);
    g_test_add("/live/mark-amid-edit", Fixture, NULL, set_up, test_mark_amid_edit, tear_down);
    g_test_add("/live/title-without-room", Fixture, NULL, set_up, test_title_without_room,
               tear_down);
    int result = g_test_run();
    clip_free(clip);
    return result;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/recover.h"

#include "base/clock.h"
#include "base/id.h"
#include "session/session.h"

#define ID_MAX 64

typedef struct {
    const LiveRecoverConfig *config;
    Store *store;
    unsigned failed;
} Recovery;

static void say(const Recovery *recovery, const char *id, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void say(const Recovery *recovery, const char *id, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *line = g_strdup_printf("%s: %s", id, text);
    recovery->config->say(recovery->config->data, line);
}

/* The store */

static bool list_job(StoreDb *db, void *data, GError **error)
{
    GPtrArray **rows = data;
    *rows = store_sessions_list(db, error);
    return *rows != NULL;
}

typedef struct {
    const StoreSession *row;
    GPtrArray *chapters;
    const char *made;
} Job;

static bool chapters_job(StoreDb *db, void *data, GError **error)
{
    Job *job = data;
    job->chapters = live_chapters_read(db, job->row->id, error);
    return job->chapters != NULL;
}

static bool end_job(StoreDb *db, void *data, GError **error)
{
    const Job *job = data;
    return store_session_update(db, job->row, error);
}

static bool made_job(StoreDb *db, void *data, GError **error)
{
    const Job *job = data;
    return store_session_note_made(db, job->row->id, job->made, error);
}

/* A recording's files */

static void ignore(void *data, const LiveRecording *recording)
{
    (void)data;
    (void)recording;
}

/* Bit set of the steps that are made. */
static unsigned look(const Recovery *recovery, const char *id)
{
    unsigned done = 0;
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        bool there = archive_step_done(recovery->config->directory, id, (ArchiveStep)step);
        done |= there ? 1U << step : 0;
    }
    return done;
}

static void say_made(const Recovery *recovery, const char *id, unsigned made, const char *known)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        if ((made >> step & 1) != 0) {
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
                                   archive_step_name((ArchiveStep)step));
        }
    }
    if (list->len > 0) {
        say(recovery, id, "%s made%s", list->str, known);
    } else {
        say(recovery, id, "is whole%s", known);
    }
}

static void say_failed(Recovery *recovery, const char *id, const LiveRecording *recording)
{
    recovery->failed++;
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        if (recording->steps[step].state == LIVE_STEP_FAILED) {
            say(recovery, id, "%s could not be made: %s", archive_step_name((ArchiveStep)step),
                recording->steps[step].text);
        }
    }
}

static bool finish(Recovery *recovery, const StoreSession *row, GError **error)
{
    const LiveRecoverConfig *config = recovery->config;
    Job job = {.row = row};
    if (!store_run(recovery->store, chapters_job, &job, error)) {
        return false;
    }
    g_autoptr(GPtrArray) chapters = job.chapters;
    LiveMakingConfig making_config = {.directory = config->directory,
                                      .second_directory = config->second_directory,
                                      .row = row,
                                      .chapters = chapters,
                                      .signer = config->signer,
                                      .reserve_bytes =
                                          (uint64_t)config->minimum_free / LIVE_RESERVE_PART};
    LiveMaking *making = live_making_new(&making_config);
    LiveRecording recording = LIVE_RECORDING_INIT;
    ArchivePlaces *places;
    bool stale = g_strcmp0(row->made, live_making_name(making)) != 0;
    unsigned before = look(recovery, row->id) & (stale ? 1U << ARCHIVE_STEP_PLAYLISTS : ~0U);
    if (live_make_playlists(making, stale, &recording, &places) && recording.any) {
        live_make_files(making, &recording, ignore, NULL);
    }
    archive_places_free(places);
    job.made = live_making_name(making);
    bool good = true;
    if (live_recording_failed(&recording) != NULL) {
        say_failed(recovery, row->id, &recording);
    } else if (!recording.any) {
        say(recovery, row->id, "is whole: nothing of it was public");
    } else {
        say_made(recovery, row->id, look(recovery, row->id) & ~before, "");
        good = !stale || store_run(recovery->store, made_job, &job, error);
    }
    live_recording_clear(&recording);
    live_making_free(making);
    return good;
}

/* Sessions */

/* Ends a session as a server would have; false: it is left as it is. */
static bool end_session(const Recovery *recovery, StoreSession *row, SessionState to,
                        const ArchiveState *state, GError **error)
{
    if (state->epoch_wall_us != 0) {
        row->epoch_us = state->epoch_wall_us;
    }
    Job job = {.row = row};
    if (!session_move(row, to, base_wall_us(), error) ||
        !store_run(recovery->store, end_job, &job, error)) {
        return false;
    }
    say(recovery, row->id, "was interrupted and is %s now", row->state);
    return true;
}

static bool interrupted(Recovery *recovery, StoreSession *row, SessionFate fate, SessionState to,
                        GError **error)
{
    ArchiveState state;
    g_autoptr(GError) unread = NULL;
    if (!archive_read_state(recovery->config->directory, row->id, &state, &unread)) {
        recovery->failed++;
        say(recovery, row->id, "its recording cannot be read: %s", unread->message);
        return true;
    }
    // an end that was on disk and never committed counts
    if (fate == SESSION_GOES_ON && !(state.ended && to == SESSION_ENDED)) {
        say(recovery, row->id, "its time is not over: it goes on when `majlis serve` starts");
        return true;
    }
    return end_session(recovery, row, to, &state, error) &&
           (to != SESSION_ENDED || finish(recovery, row, error));
}

static bool recover_session(Recovery *recovery, StoreSession *row, GError **error)
{
    SessionState to;
    BaseNow now = base_now();
    SessionFate fate = session_fate(row, recovery->config->keep_days, &now, &to);
    switch (fate) {
    case SESSION_GOES_ON:
    case SESSION_ENDS:
        return interrupted(recovery, row, fate, to, error);
    case SESSION_FINISHES:
        return finish(recovery, row, error);
    case SESSION_EXPIRES:
        say(recovery, row->id, "its time is over: `majlis serve` deletes it");
        break;
    case SESSION_IS_DELETED:
    case SESSION_RESTS:
        break;
    }
    return true;
}

/* What the database does not know */

static void finish_unknown(Recovery *recovery, const char *id)
{
    ArchiveFinish what = {.reserve_bytes =
                              (uint64_t)recovery->config->minimum_free / LIVE_RESERVE_PART};
    static const ArchiveStep wanted[] = {ARCHIVE_STEP_PLAYLISTS, ARCHIVE_STEP_MP4};
    const char *directory = recovery->config->directory;
    unsigned before = look(recovery, id);
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autoptr(GError) error = NULL;
        if (archive_finish_step(directory, id, wanted[i], &what, NULL, NULL, &error)) {
            continue;
        }
        if (g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
            break; // nothing was public
        }
        recovery->failed++;
        say(recovery, id, "the database does not know it, and its %s could not be made: %s",
            archive_step_name(wanted[i]), error->message);
        return;
    }
    say_made(recovery, id, look(recovery, id) & ~before, "; the database does not know it");
}

static void recover_unknown(Recovery *recovery, const GPtrArray *rows)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < rows->len; i++) {
        g_hash_table_add(known, ((StoreSession *)rows->pdata[i])->id);
    }
    g_autoptr(GDir) dir = g_dir_open(recovery->config->directory, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *journal =
            g_build_filename(recovery->config->directory, name, "journal", NULL);
        if (!g_hash_table_contains(known, name) && base_id_valid(name, ID_MAX) &&
            g_file_test(journal, G_FILE_TEST_IS_REGULAR)) {
            finish_unknown(recovery, name);
        }
    }
}

bool live_recover(const LiveRecoverConfig *config, Store *store, unsigned *out_failed,
                  GError **error)
{
    Recovery recovery = {.config = config, .store = store};
    g_autoptr(GPtrArray) rows = NULL;
    bool good = store_run(store, list_job, &rows, error);
    for (guint i = 0; good && i < rows->len; i++) {
        good = recover_session(&recovery, rows->pdata[i], error);
    }
    if (good) {
        recover_unknown(&recovery, rows);
    }
    *out_failed = recovery.failed;
    return good;
}

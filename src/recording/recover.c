// SPDX-License-Identifier: GPL-3.0-or-later
// Ends and finishes what a crash left open (majlis recover).
#include "recording/recover.h"

#include "base/clock.h"
#include "base/id.h"
#include "recording/build.h"
#include "recording/chapters.h"
#include "session/session.h"

#define ID_MAX 64

typedef struct {
    const RecordingRecoverConfig *config;
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

static bool list_job(StoreDb *db, void *data, GError **error)
{
    GPtrArray **rows = data;
    *rows = store_sessions_list(db, error);
    return *rows != NULL;
}

typedef struct {
    const StoreSession *row;
    GPtrArray *chapters;
    const char *hash;
} Job;

static bool chapters_job(StoreDb *db, void *data, GError **error)
{
    Job *job = data;
    job->chapters = recording_chapters_read(db, job->row->id, error);
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
    return store_session_note_inputs(db, job->row->id, job->hash, error);
}

static void ignore(void *data, const RecordingStatus *recording)
{
    (void)data;
    (void)recording;
}

/* Bit set of finished steps. */
static unsigned look(const Recovery *recovery, const char *id)
{
    unsigned done = 0;
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        bool there = publish_step_done(recovery->config->directory, id, (PublishStep)step);
        done |= there ? 1U << step : 0;
    }
    return done;
}

static void say_made(const Recovery *recovery, const char *id, unsigned made, const char *known)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        if ((made >> step & 1) != 0) {
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
                                   publish_step_name((PublishStep)step));
        }
    }
    if (list->len > 0) {
        say(recovery, id, "%s made%s", list->str, known);
    } else {
        say(recovery, id, "is whole%s", known);
    }
}

static void say_failed(Recovery *recovery, const char *id, const RecordingStatus *recording)
{
    recovery->failed++;
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        if (recording->steps[step].state == RECORDING_STEP_FAILED) {
            say(recovery, id, "%s could not be made: %s", publish_step_name((PublishStep)step),
                recording->steps[step].text);
        }
    }
}

static bool finish(Recovery *recovery, const StoreSession *row, GError **error)
{
    const RecordingRecoverConfig *config = recovery->config;
    Job job = {.row = row};
    if (!store_run(recovery->store, chapters_job, &job, error)) {
        return false;
    }
    g_autoptr(GPtrArray) chapters = job.chapters;
    g_autoptr(ArchivePlace) place = archive_place_new(config->directory, config->second_directory,
                                                      row->id, (uint64_t)config->minimum_free);
    RecordingInputsConfig inputs_config = {
        .place = place, .row = row, .chapters = chapters, .signer = config->signer};
    RecordingInputs *inputs = recording_inputs_new(&inputs_config);
    RecordingStatus recording = RECORDING_STATUS_INIT;
    ArchiveTimemap *timemap;
    bool stale = g_strcmp0(row->inputs_hash, recording_inputs_hash(inputs)) != 0;
    unsigned before = look(recovery, row->id) & (stale ? 1U << PUBLISH_STEP_PLAYLISTS : ~0U);
    if (recording_make_playlists(inputs, stale, &recording, &timemap) && recording.any) {
        recording_make_files(inputs, &recording, ignore, NULL);
    }
    archive_timemap_free(timemap);
    job.hash = recording_inputs_hash(inputs);
    bool good = true;
    if (recording_status_failed(&recording) != NULL) {
        say_failed(recovery, row->id, &recording);
    } else if (!recording.any) {
        say(recovery, row->id, "is whole: nothing of it was public");
    } else {
        say_made(recovery, row->id, look(recovery, row->id) & ~before, "");
        good = !stale || store_run(recovery->store, made_job, &job, error);
    }
    recording_status_clear(&recording);
    recording_inputs_free(inputs);
    return good;
}

/* False: unchanged. */
static bool end_session(const Recovery *recovery, StoreSession *row, SessionState to,
                        const ArchiveState *state, GError **error)
{
    if (state->epoch_wall_us != 0) {
        row->epoch_us = state->epoch_wall_us;
    }
    Job job = {.row = row};
    int64_t media_us = state->ended ? state->last_us : state->end_us;
    if (!session_move(row, to, base_wall_us(), media_us, error) ||
        !store_run(recovery->store, end_job, &job, error)) {
        return false;
    }
    say(recovery, row->id, "was interrupted and is %s now", store_state_name(row->state));
    return true;
}

static bool interrupted(Recovery *recovery, StoreSession *row, SessionResume what, SessionState to,
                        GError **error)
{
    ArchiveState state;
    g_autoptr(GError) unread = NULL;
    if (!archive_read_state(recovery->config->directory, row->id, &state, &unread)) {
        recovery->failed++;
        say(recovery, row->id, "its recording cannot be read: %s", unread->message);
        return true;
    }
    // an END on disk counts though not committed
    if (what == SESSION_GOES_ON && !(state.ended && to == SESSION_ENDED)) {
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
    SessionResume what = session_resume(row, recovery->config->keep_days, &now, &to);
    switch (what) {
    case SESSION_GOES_ON:
    case SESSION_ENDS:
        return interrupted(recovery, row, what, to, error);
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

static void finish_unknown(Recovery *recovery, const char *id)
{
    const RecordingRecoverConfig *config = recovery->config;
    g_autoptr(ArchivePlace) place = archive_place_new(config->directory, config->second_directory,
                                                      id, (uint64_t)config->minimum_free);
    PublishInputs what = {.reserve_bytes = place->reserve_bytes};
    static const PublishStep wanted[] = {PUBLISH_STEP_PLAYLISTS, PUBLISH_STEP_MP4};
    const char *directory = recovery->config->directory;
    unsigned before = look(recovery, id);
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_autoptr(GError) error = NULL;
        if (publish_make(directory, id, wanted[i], &what, NULL, NULL, &error)) {
            continue;
        }
        if (g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
            break; // nothing was public
        }
        recovery->failed++;
        say(recovery, id, "the database does not know it, and its %s could not be made: %s",
            publish_step_name(wanted[i]), error->message);
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

bool recording_recover(const RecordingRecoverConfig *config, Store *store, unsigned *out_failed,
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

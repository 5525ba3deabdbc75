// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the recording's files, again when their inputs change.
#include "base/log.h"
#include "live/private.h"

#define REBUILD_MS 3000 // collects changes

typedef struct {
    char *id, *hash;
} Note;

static bool note_job(StoreDb *db, void *data, GError **error)
{
    const Note *note = data;
    return store_session_note_inputs(db, note->id, note->hash, error);
}

static void on_noted(void *data, const GError *error)
{
    Note *note = data;
    if (error != NULL) { // the next start makes them again
        base_log(G_LOG_LEVEL_WARNING, note->id,
                 "recording %s: what it was made with could not be saved: %s", note->id,
                 error->message);
    }
    g_free(note->id);
    g_free(note->hash);
    g_free(note);
}

static void note_made(LiveSession *session, const char *hash)
{
    g_free(session->inputs_hash);
    session->inputs_hash = g_strdup(hash);
    Note *note = g_new(Note, 1);
    *note = (Note){.id = g_strdup(session->id), .hash = g_strdup(hash)};
    store_submit(session->live->store, note_job, on_noted, note);
}

static RecordingInputs *make_inputs(const LiveSession *session)
{
    RecordingInputsConfig config = {.place = session->place,
                                    .row = session->row,
                                    .chapters = session->chapters,
                                    .signer = session->live->config.signer,
                                    .mirror_untrimmed = session->recording.mirror_untrimmed,
                                    .mirror_told = session->told_left};
    return recording_inputs_new(&config);
}

static bool is_made_of(const LiveSession *session, const char *hash)
{
    RecordingInputs *inputs = make_inputs(session);
    bool same = g_strcmp0(hash, recording_inputs_hash(inputs)) == 0;
    recording_inputs_free(inputs);
    return same;
}

static void build_over(LiveSession *session, const char *hash)
{
    live_step(session, LIVE_EVENT_DONE);
    live_trim(session->live);
    if (recording_status_whole(&session->recording) && g_strcmp0(session->inputs_hash, hash) != 0) {
        note_made(session, hash);
    }
    if (session->delete_done != NULL) {
        session->live->on_built(session);
    } else if (session->build_timer == 0 && !is_made_of(session, hash)) {
        live_build(session); // changed meanwhile
    }
}

static void on_report(void *data, RecordingReport *report)
{
    LiveSession *session = data;
    recording_status_clear(&session->recording);
    session->recording = report->recording; // takes its texts
    session->told_left = session->recording.mirror_untrimmed;
    if (report->timemap != NULL) {
        archive_timemap_free(session->timemap);
        session->timemap = report->timemap;
        recording_chapters_place(session->chapters, session->timemap);
    }
    if (report->last) {
        build_over(session, report->inputs_hash);
    }
    live_tell_changed(session);
    if (session->recording.steps[PUBLISH_STEP_PLAYLISTS].state == RECORDING_STEP_READY) {
        session->live->on_playlists(session);
    }
}

/* Shows at once that failed steps are repeated. */
static void forget_failures(RecordingStatus *recording)
{
    for (int i = 0; i < PUBLISH_STEPS; i++) {
        RecordingStep *step = &recording->steps[i];
        if (step->state == RECORDING_STEP_FAILED) {
            step->state = RECORDING_STEP_WAITING;
            g_clear_pointer(&step->text, g_free);
            step->code = BASE_CODE_NONE;
        }
    }
}

/* Worker thread. */
static void close_programme(void *data)
{
    live_programme_free(data);
}

static void build(LiveSession *session, bool later)
{
    LiveEvent event = session->activity == LIVE_SETTLING ? LIVE_EVENT_SETTLED : LIVE_EVENT_BUILD;
    if (session->row->deleted_us != 0 || session->live->stopping || !live_step(session, event)) {
        return;
    }
    forget_failures(&session->recording);
    LiveProgramme *programme = g_steal_pointer(&session->programme);
    if (programme != NULL) {
        live_keep_totals(session, programme);
        live_programme_stop(programme);
        live_view_retire(session);
    }
    RecordingInputs *inputs = make_inputs(session);
    RecordingJob job = {.first = programme != NULL ? close_programme : NULL,
                        .first_data = programme,
                        .inputs = inputs,
                        .stale =
                            g_strcmp0(session->inputs_hash, recording_inputs_hash(inputs)) != 0,
                        .later = later,
                        .done = on_report,
                        .data = session};
    recording_build(session->live->workers, &job);
}

void live_build(LiveSession *session)
{
    build(session, false);
}

void live_build_later(LiveSession *session)
{
    build(session, true);
}

static gboolean on_build_timer(gpointer data)
{
    LiveSession *session = data;
    session->build_timer = 0;
    live_build(session);
    return G_SOURCE_REMOVE;
}

void live_build_in(LiveSession *session, unsigned delay_ms)
{
    g_clear_handle_id(&session->build_timer, g_source_remove);
    session->build_timer = g_timeout_add(delay_ms, on_build_timer, session);
}

void live_rebuild(LiveSession *session)
{
    SessionState state = session->row->state;
    bool over = state == SESSION_ENDED || state == SESSION_PUBLISHED;
    bool free = session->activity == LIVE_IDLE || session->activity == LIVE_BUILDING;
    if (over && free && !session->live->stopping && session->row->deleted_us == 0 &&
        !is_made_of(session, session->inputs_hash)) {
        live_build_in(session, REBUILD_MS);
    }
}

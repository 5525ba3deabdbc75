// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the files of a finished recording, step by step.
#include "recording/build.h"

#include "base/json.h"
#include "base/log.h"
#include "recording/edit.h"

#define TOLD_EVERY 0.02 // of a step's progress

const char *recording_step_state_name(RecordingStepState state)
{
    static const char *const names[] = {[RECORDING_STEP_WAITING] = "waiting",
                                        [RECORDING_STEP_WORKING] = "working",
                                        [RECORDING_STEP_READY] = "ready",
                                        [RECORDING_STEP_FAILED] = "failed"};
    return names[state];
}

void recording_status_clear(RecordingStatus *recording)
{
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        g_clear_pointer(&recording->steps[step].text, g_free);
    }
}

void recording_status_copy(const RecordingStatus *recording, RecordingStatus *out)
{
    *out = *recording;
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        out->steps[step].text = g_strdup(recording->steps[step].text);
    }
}

const RecordingStep *recording_status_failed(const RecordingStatus *recording)
{
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        if (recording->steps[step].state == RECORDING_STEP_FAILED) {
            return &recording->steps[step];
        }
    }
    return NULL;
}

bool recording_status_whole(const RecordingStatus *recording)
{
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        if (recording->steps[step].state != RECORDING_STEP_READY) {
            return false;
        }
    }
    return true;
}

static void set_step(RecordingStatus *recording, PublishStep at, RecordingStepState state,
                     const char *text)
{
    RecordingStep *step = &recording->steps[at];
    step->state = state;
    step->progress = state == RECORDING_STEP_READY ? 1 : 0;
    g_free(step->text);
    step->text = g_strdup(text);
    step->code = BASE_CODE_NONE;
}

static void fail_step(const RecordingInputs *inputs, RecordingStatus *recording, PublishStep at,
                      const GError *error)
{
    base_log(G_LOG_LEVEL_WARNING, inputs->place->id,
             "recording %s: cannot make %s (its parts are kept): %s", inputs->place->id,
             publish_step_name(at), error->message);
    set_step(recording, at, RECORDING_STEP_FAILED, error->message);
    recording->steps[at].code = g_error_matches(error, BASE_ERROR, BASE_ERROR_FULL)
                                    ? BASE_CODE_STEP_FULL
                                    : BASE_CODE_STEP_FAILED;
}

/* Keeps existing files unless the playlists are new. */
static void look(const RecordingInputs *inputs, RecordingStatus *recording)
{
    for (int step = 0; step < PUBLISH_STEPS; step++) {
        bool done =
            publish_step_done(inputs->place->directory, inputs->place->id, (PublishStep)step);
        set_step(recording, (PublishStep)step, done ? RECORDING_STEP_READY : RECORDING_STEP_WAITING,
                 NULL);
    }
}

/* Best effort: the first directory suffices. */
static void bring_home(const RecordingInputs *inputs)
{
    g_autoptr(GError) error = NULL;
    if (inputs->place->mirror != NULL &&
        (!recording_second_answers(inputs->place->mirror, &error) ||
         !archive_repair(inputs->place, &error))) {
        base_log(G_LOG_LEVEL_WARNING, inputs->place->id,
                 "recording %s: cannot copy the missing parts from the second directory: %s",
                 inputs->place->id, error->message);
    }
}

static bool read_figures(const RecordingInputs *inputs, RecordingStatus *recording, GError **error)
{
    ArchiveState state;
    if (!archive_read_state(inputs->place->directory, inputs->place->id, &state, error)) {
        return false;
    }
    recording->any = state.public_us > 0;
    recording->duration_ms = state.public_us / 1000;
    recording->in_us = state.in_us;
    recording->out_us = state.out_us;
    archive_size(inputs->place->directory, inputs->place->id, &recording->bytes);
    return true;
}

/* False without an error: nothing to make. */
static bool prepare(const RecordingInputs *inputs, GError **error)
{
    if (publish_step_done(inputs->place->directory, inputs->place->id, PUBLISH_STEP_PLAYLISTS)) {
        return true;
    }
    bring_home(inputs);
    ArchiveState state;
    return archive_read_state(inputs->place->directory, inputs->place->id, &state, error) &&
           state.end_us > 0;
}

static void trim_mirror(const RecordingInputs *inputs, RecordingStatus *recording)
{
    g_autoptr(GError) error = NULL;
    bool trimmed = recording->in_us != INT64_MIN || recording->out_us != INT64_MAX;
    bool good = !(trimmed || inputs->mirror_untrimmed) ||
                recording_trim_mirror(inputs->place, recording->in_us, recording->out_us, &error);
    bool away = g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND);
    if (!good && !away && !inputs->mirror_told) {
        base_log(G_LOG_LEVEL_WARNING, inputs->place->id,
                 "recording %s: cannot trim its copy in the second directory: %s",
                 inputs->place->id, error->message);
    }
    recording->mirror_untrimmed =
        away || g_error_matches(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE);
}

bool recording_make_playlists(const RecordingInputs *inputs, bool stale, RecordingStatus *recording,
                              ArchiveTimemap **out_timemap)
{
    g_autoptr(GError) error = NULL;
    *out_timemap = NULL;
    recording->mirror_untrimmed = inputs->mirror_untrimmed;
    bool wanted = prepare(inputs, &error);
    if (wanted) {
        PublishInputs what = {0};
        wanted = publish_make(inputs->place->directory, inputs->place->id, PUBLISH_STEP_PLAYLISTS,
                              &what, NULL, NULL, &error) &&
                 read_figures(inputs, recording, &error);
    }
    if (error != NULL) {
        recording->any = true;
        fail_step(inputs, recording, PUBLISH_STEP_PLAYLISTS, error);
        return false;
    }
    if (!wanted || !recording->any) {
        recording->duration_ms = 0;
        return true;
    }
    bool fresh =
        !stale || publish_take_back(inputs->place->directory, inputs->place->id,
                                    PUBLISH_STEP_CHAPTERS, inputs->place->reserve_bytes, &error);
    look(inputs, recording);
    *out_timemap = archive_timemap_new(inputs->place->directory, inputs->place->id, NULL);
    trim_mirror(inputs, recording);
    if (!fresh) {
        fail_step(inputs, recording, PUBLISH_STEP_CHAPTERS, error);
    }
    return fresh;
}

typedef struct {
    RecordingStatus *recording;
    PublishStep step;
    RecordingTold told;
    void *data;
} Work;

static void on_progress(void *data, double done)
{
    Work *work = data;
    RecordingStep *step = &work->recording->steps[work->step];
    if (done - step->progress >= TOLD_EVERY) {
        step->progress = done;
        work->told(work->data, work->recording);
    }
}

static bool on_sign(void *data, const uint8_t *bytes, size_t size, uint8_t out[64])
{
    auth_signer_sign(data, bytes, size, out);
    return true;
}

static void make_file(const RecordingInputs *inputs, Work *work)
{
    RecordingStatus *recording = work->recording;
    if (publish_step_done(inputs->place->directory, inputs->place->id,
                          work->step)) {                             // a step before may have
        set_step(recording, work->step, RECORDING_STEP_READY, NULL); // taken it back
        return;
    }
    g_autoptr(GError) error = NULL;
    PublishInputs what = {
        .title = inputs->title,
        .artist = inputs->artist,
        .language = "ar",
        .chapters = (const PublishChapter *)inputs->chapters->data,
        .chapter_count = inputs->chapters->len,
        .sign = inputs->signer != NULL ? on_sign : NULL,
        .sign_data = (void *)inputs->signer,
        .public_key = inputs->signer != NULL ? auth_signer_public(inputs->signer) : NULL,
        .reserve_bytes = inputs->place->reserve_bytes,
    };
    set_step(recording, work->step, RECORDING_STEP_WORKING, NULL);
    work->told(work->data, recording);
    if (publish_make(inputs->place->directory, inputs->place->id, work->step, &what, on_progress,
                     work, &error)) {
        set_step(recording, work->step, RECORDING_STEP_READY, NULL);
    } else if (g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        set_step(recording, work->step, RECORDING_STEP_READY,
                 error->message); // no sound, no pictures
    } else {
        fail_step(inputs, recording, work->step, error);
    }
    work->told(work->data, recording);
}

void recording_make_files(const RecordingInputs *inputs, RecordingStatus *recording,
                          RecordingTold told, void *data)
{
    Work work = {.recording = recording, .told = told, .data = data};
    for (int step = PUBLISH_STEP_CHAPTERS; step < PUBLISH_STEP_MANIFEST; step++) {
        work.step = (PublishStep)step;
        make_file(inputs, &work);
    }
    if (recording_status_failed(recording) == NULL) {
        work.step = PUBLISH_STEP_MANIFEST;
        make_file(inputs, &work);
    }
    archive_size(inputs->place->directory, inputs->place->id, &recording->bytes);
}

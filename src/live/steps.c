// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/steps.h"

#include "base/json.h"

#include <string.h>

#define TOLD_EVERY 0.02 // of a step's progress
#define ANSWER_MS 3000

struct LiveMaking {
    char *directory, *second_directory, *id, *title, *artist;
    GArray *chapters;         // ArchiveChapter
    const AuthSigner *signer; // nullable
    uint64_t reserve_bytes;
    char *name;
};

/* Chapters */

static void chapter_free(void *data)
{
    LiveChapter *chapter = data;
    store_chapter_free(chapter->row);
    g_free(chapter);
}

/* Takes `row`. */
static void add_chapter(GPtrArray *chapters, StoreChapter *row, bool question)
{
    LiveChapter *chapter = g_new(LiveChapter, 1);
    *chapter = (LiveChapter){.row = row, .question = question, .at_us = -1};
    g_ptr_array_add(chapters, chapter);
}

/* A question stands in the language it was asked in, for both. */
static StoreChapter *chapter_of_question(const StoreQuestion *question)
{
    StoreChapter *row = g_new(StoreChapter, 1);
    *row = (StoreChapter){.id = g_strdup(question->id),
                          .session = g_strdup(question->session),
                          .title_ar = g_strdup(question->text),
                          .title_en = g_strdup(question->text),
                          .media_us = question->on_air_us,
                          .created_us = question->at_us};
    return row;
}

static gint by_moment(gconstpointer a, gconstpointer b)
{
    const LiveChapter *one = *(LiveChapter *const *)a, *two = *(LiveChapter *const *)b;
    int64_t apart_us = one->row->media_us - two->row->media_us;
    return apart_us < 0 ? -1 : apart_us > 0 ? 1 : strcmp(one->row->id, two->row->id);
}

GPtrArray *live_chapters_read(StoreDb *db, const char *session, GError **error)
{
    g_autoptr(GPtrArray) rows = store_chapters_list(db, session, error);
    g_autoptr(GPtrArray) questions =
        rows != NULL ? store_questions_answered(db, session, error) : NULL;
    if (questions == NULL) {
        return NULL;
    }
    GPtrArray *chapters = g_ptr_array_new_with_free_func(chapter_free);
    while (rows->len > 0) {
        add_chapter(chapters, g_ptr_array_steal_index(rows, 0), false);
    }
    for (guint i = 0; i < questions->len; i++) {
        add_chapter(chapters, chapter_of_question(questions->pdata[i]), true);
    }
    g_ptr_array_sort(chapters, by_moment);
    return chapters;
}

void live_chapters_place(GPtrArray *chapters, const ArchivePlaces *places)
{
    g_autofree int64_t *media_us = g_new(int64_t, chapters->len);
    g_autofree int64_t *at_us = g_new(int64_t, chapters->len);
    for (guint i = 0; i < chapters->len; i++) {
        media_us[i] = ((LiveChapter *)chapters->pdata[i])->row->media_us;
        at_us[i] = -1;
    }
    if (places != NULL) {
        archive_place_chapters(places, media_us, chapters->len, at_us);
    }
    for (guint i = 0; i < chapters->len; i++) {
        ((LiveChapter *)chapters->pdata[i])->at_us = at_us[i];
    }
}

/* What it is made with */

/* The first speaker's name, Arabic first; nullable. Full ownership. */
static char *first_speaker(const StoreSession *row)
{
    g_autoptr(json_t) speakers = json_loads(row->speakers != NULL ? row->speakers : "[]", 0, NULL);
    json_t *name = json_object_get(json_array_get(speakers, 0), "name");
    const char *text = json_string_value(json_object_get(name, "ar"));
    bool there = text != NULL && text[0] != '\0';
    return g_strdup(there ? text : json_string_value(json_object_get(name, "en")));
}

static void clear_archive_chapter(void *data)
{
    ArchiveChapter *chapter = data;
    g_free((char *)chapter->title_ar);
    g_free((char *)chapter->title_en);
}

static GArray *copy_chapters(const GPtrArray *chapters)
{
    GArray *copies = g_array_new(FALSE, FALSE, sizeof(ArchiveChapter));
    g_array_set_clear_func(copies, clear_archive_chapter);
    for (guint i = 0; i < chapters->len; i++) {
        const LiveChapter *chapter = chapters->pdata[i];
        const StoreChapter *row = chapter->row;
        ArchiveChapter copy = {
            .media_us = row->media_us,
            .question = chapter->question,
            .title_ar = row->title_ar[0] != '\0' ? g_strdup(row->title_ar) : NULL,
            .title_en = row->title_en[0] != '\0' ? g_strdup(row->title_en) : NULL,
        };
        g_array_append_val(copies, copy);
    }
    return copies;
}

static void add_text(GChecksum *sum, const char *text)
{
    g_checksum_update(sum, (const guchar *)(text != NULL ? text : ""),
                      text != NULL ? (gssize)strlen(text) + 1 : 1);
}

static char *name_of(const LiveMaking *making)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    add_text(sum, making->title);
    add_text(sum, making->artist);
    for (guint i = 0; i < making->chapters->len; i++) {
        const ArchiveChapter *chapter = &g_array_index(making->chapters, ArchiveChapter, i);
        g_autofree char *moment =
            g_strdup_printf("%" G_GINT64_FORMAT "%c", chapter->media_us, "aq"[chapter->question]);
        add_text(sum, moment);
        add_text(sum, chapter->title_ar);
        add_text(sum, chapter->title_en);
    }
    return g_strdup(g_checksum_get_string(sum));
}

LiveMaking *live_making_new(const LiveMakingConfig *config)
{
    const StoreSession *row = config->row;
    bool arabic = row->title_ar != NULL && row->title_ar[0] != '\0';
    LiveMaking *making = g_new(LiveMaking, 1);
    *making = (LiveMaking){
        .directory = g_strdup(config->directory),
        .second_directory = g_strdup(config->second_directory),
        .id = g_strdup(row->id),
        .title = g_strdup(arabic ? row->title_ar : row->title_en),
        .artist = first_speaker(row),
        .chapters = copy_chapters(config->chapters),
        .signer = config->signer,
        .reserve_bytes = config->reserve_bytes,
    };
    making->name = name_of(making);
    return making;
}

void live_making_free(LiveMaking *making)
{
    if (making == NULL) {
        return;
    }
    g_array_unref(making->chapters);
    g_free(making->directory);
    g_free(making->second_directory);
    g_free(making->id);
    g_free(making->title);
    g_free(making->artist);
    g_free(making->name);
    g_free(making);
}

const char *live_making_name(const LiveMaking *making)
{
    return making->name;
}

/* What is known of it */

const char *live_step_state_name(LiveStepState state)
{
    static const char *const names[] = {[LIVE_STEP_WAITING] = "waiting",
                                        [LIVE_STEP_WORKING] = "working",
                                        [LIVE_STEP_READY] = "ready",
                                        [LIVE_STEP_FAILED] = "failed"};
    return names[state];
}

void live_recording_clear(LiveRecording *recording)
{
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        g_clear_pointer(&recording->steps[step].text, g_free);
    }
}

void live_recording_copy(const LiveRecording *recording, LiveRecording *out)
{
    *out = *recording;
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        out->steps[step].text = g_strdup(recording->steps[step].text);
    }
}

const LiveStep *live_recording_failed(const LiveRecording *recording)
{
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        if (recording->steps[step].state == LIVE_STEP_FAILED) {
            return &recording->steps[step];
        }
    }
    return NULL;
}

bool live_recording_whole(const LiveRecording *recording)
{
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        if (recording->steps[step].state != LIVE_STEP_READY) {
            return false;
        }
    }
    return true;
}

/* Making */

static void set_step(LiveRecording *recording, ArchiveStep at, LiveStepState state,
                     const char *text)
{
    LiveStep *step = &recording->steps[at];
    step->state = state;
    step->progress = state == LIVE_STEP_READY ? 1 : 0;
    g_free(step->text);
    step->text = g_strdup(text);
}

static void fail_step(const LiveMaking *making, LiveRecording *recording, ArchiveStep at,
                      const GError *error)
{
    g_warning("recording %s: %s could not be made (its parts are kept): %s", making->id,
              archive_step_name(at), error->message);
    set_step(recording, at, LIVE_STEP_FAILED, error->message);
}

/* What was made before stays, where the playlists were not made anew. */
static void look(const LiveMaking *making, LiveRecording *recording)
{
    for (int step = 0; step < ARCHIVE_STEPS; step++) {
        bool done = archive_step_done(making->directory, making->id, (ArchiveStep)step);
        set_step(recording, (ArchiveStep)step, done ? LIVE_STEP_READY : LIVE_STEP_WAITING, NULL);
    }
}

bool live_second_answers(const char *directory, GError **error)
{
    if (archive_answers(directory, ANSWER_MS)) {
        return true;
    }
    g_set_error(error, BASE_ERROR, BASE_ERROR_UNAVAILABLE,
                "the disk of the second directory %s does not answer", directory);
    return false;
}

/* The copy is a help, not a condition: what the first directory has is finished without it. */
static void bring_home(const LiveMaking *making)
{
    g_autoptr(GError) error = NULL;
    if (making->second_directory != NULL &&
        (!live_second_answers(making->second_directory, &error) ||
         !archive_heal(making->directory, making->second_directory, making->id, &error))) {
        g_warning("recording %s: what only the second directory has could not be copied: %s",
                  making->id, error->message);
    }
}

static bool read_figures(const LiveMaking *making, LiveRecording *recording, GError **error)
{
    ArchiveState state;
    if (!archive_read_state(making->directory, making->id, &state, error)) {
        return false;
    }
    recording->any = state.public_us > 0;
    recording->duration_ms = state.public_us / 1000;
    recording->in_us = state.in_us;
    recording->out_us = state.out_us;
    archive_size(making->directory, making->id, &recording->bytes);
    return true;
}

/* False with the error, or without one where there is nothing to be made. */
static bool prepare(const LiveMaking *making, bool stale, GError **error)
{
    bool published = archive_step_done(making->directory, making->id, ARCHIVE_STEP_PLAYLISTS);
    if (!published) {
        bring_home(making);
    }
    if (published) {
        return !stale ||
               archive_unfinish(making->directory, making->id, ARCHIVE_STEP_CHAPTERS, error);
    }
    ArchiveState state;
    return archive_read_state(making->directory, making->id, &state, error) && state.end_us > 0;
}

bool live_make_playlists(const LiveMaking *making, bool stale, LiveRecording *recording,
                         ArchivePlaces **out_places)
{
    g_autoptr(GError) error = NULL;
    *out_places = NULL;
    bool wanted = prepare(making, stale, &error);
    if (wanted) {
        ArchiveFinish what = {0};
        wanted = archive_finish_step(making->directory, making->id, ARCHIVE_STEP_PLAYLISTS, &what,
                                     NULL, NULL, &error) &&
                 read_figures(making, recording, &error);
    }
    if (error != NULL) {
        recording->any = true;
        fail_step(making, recording, ARCHIVE_STEP_PLAYLISTS, error);
        return false;
    }
    if (!wanted || !recording->any) {
        recording->duration_ms = 0;
        return true;
    }
    look(making, recording);
    *out_places = archive_places_new(making->directory, making->id, NULL);
    return true;
}

typedef struct {
    LiveRecording *recording;
    ArchiveStep step;
    LiveTold told;
    void *data;
} Work;

static void on_progress(void *data, double done)
{
    Work *work = data;
    LiveStep *step = &work->recording->steps[work->step];
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

static void make_file(const LiveMaking *making, Work *work)
{
    LiveRecording *recording = work->recording;
    if (archive_step_done(making->directory, making->id, work->step)) { // a step before may have
        set_step(recording, work->step, LIVE_STEP_READY, NULL);         // taken it back
        return;
    }
    g_autoptr(GError) error = NULL;
    ArchiveFinish what = {
        .title = making->title,
        .artist = making->artist,
        .language = "ar",
        .chapters = (const ArchiveChapter *)making->chapters->data,
        .chapter_count = making->chapters->len,
        .sign = making->signer != NULL ? on_sign : NULL,
        .sign_data = (void *)making->signer,
        .public_key = making->signer != NULL ? auth_signer_public(making->signer) : NULL,
        .reserve_bytes = making->reserve_bytes,
    };
    set_step(recording, work->step, LIVE_STEP_WORKING, NULL);
    work->told(work->data, recording);
    if (archive_finish_step(making->directory, making->id, work->step, &what, on_progress, work,
                            &error)) {
        set_step(recording, work->step, LIVE_STEP_READY, NULL);
    } else if (g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
        set_step(recording, work->step, LIVE_STEP_READY, error->message); // no sound, no pictures
    } else {
        fail_step(making, recording, work->step, error);
    }
    work->told(work->data, recording);
}

void live_make_files(const LiveMaking *making, LiveRecording *recording, LiveTold told, void *data)
{
    Work work = {.recording = recording, .told = told, .data = data};
    for (int step = ARCHIVE_STEP_CHAPTERS; step < ARCHIVE_STEP_MANIFEST; step++) {
        work.step = (ArchiveStep)step;
        make_file(making, &work);
    }
    if (live_recording_failed(recording) == NULL) {
        work.step = ARCHIVE_STEP_MANIFEST;
        make_file(making, &work);
    }
    archive_size(making->directory, making->id, &recording->bytes);
}
